//! The decision, held to a second reading of the notice's text.
//!
//! `docs/decision.md` says in words what is decided. `naive` follows those words over the notice as
//! it is written, by name and by calendar, with none of the tables of the crate; the tests compare
//! every answer of the two.

#![cfg(test)]

mod bundled;
mod compare;
mod naive;
mod random;
mod world;
