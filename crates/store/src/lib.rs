//! Rows in, rows out: one narrow interface, and the backends behind it.
//!
//! A [`Store`] keeps [rows](row) of ids, instants and opaque bodies. It knows no policy and can open
//! nothing that is sealed. What a backend must do is said by the types here and held by one suite
//! of conformance tests, so that all backends behave alike.
//!
//! INVARIANT: no SQL outside the backends' folders.

pub mod copy;
mod error;
mod filter;
mod location;
mod pairing;
pub mod postgres;
mod queue;
pub mod row;
pub mod sqlite;
mod store;
mod wait;

pub use error::{Absence, Conflict, StoreError};
pub use filter::{ContactFilter, LOOKUPS_PER_HASH, ObjectFilter};
pub use location::{Location, LocationError};
pub use row::*;
pub use store::{Committed, KeyAndValue, LinkHash, Migrated, Setup, ShardEngine, Store};
