//! The console and the portal in a real browser: walks as people take them, accessibility, and pictures.
//! `./test` installs what these tests need; pictures are left in `target/screenshots`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod accessible;
mod axe;
mod browser;
mod driver;
mod look;
mod pages;
mod walks;
