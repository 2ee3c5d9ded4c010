//! The console, as a browser meets it.

mod browser;
mod denial;
mod forms;
mod import;
mod notice;
mod pages;
mod security;
mod sign_in;
