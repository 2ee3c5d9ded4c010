//! The console: pages for people at work, each under a purpose or of the house.
//!
//! `/{purpose}/...` is the room of a purpose, made from what the notice gives it; `/{purpose}.{use}/...`
//! is the same for another of its uses. `/house/...` is of no purpose and shows nobody's data.

mod aliased;
mod contact;
mod contacts;
mod door;
mod federated;
mod find;
mod frame;
mod home;
pub(crate) mod import;
mod insight;
mod narrow;
mod notice;
mod palette;
mod passing;
mod people;
mod query;
mod record;
mod report;
mod rights;
mod routes;
mod sent_file;
mod sign_in;
mod sorting;
mod start;
mod thing;
mod things;
mod trail;
mod why;
mod you;

pub(crate) use passing::passing;
pub(crate) use routes::routes;
pub use routes::{PageName, PageNeeds, all_pages};
