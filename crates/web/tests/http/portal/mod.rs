//! The portal, as a contact's browser meets it.

mod attacks;
mod browser;
mod languages;
mod sign_in;
mod visits;
