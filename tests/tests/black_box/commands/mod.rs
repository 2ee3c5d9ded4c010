//! Every command: what it prints, how it ends, and what it leaves behind.

mod demo;
mod doors;
mod halves;
mod houses;
mod imports;
mod insight;
mod notices;
mod people;
mod post;
mod real_data;
mod requests;
mod rows;
mod sign_ins;
mod stores;
mod things;
mod trail;
