//! The audit trail: every access, allowed or denied, in a hash chain within the store.
//!
//! A write carries its entries in its own batch. A read's entry goes to the [spool](spool), a file
//! beside the store, before the answer is released, and is [drained](drain) into the chain soon
//! after. [Checkpoints](checkpoint) of the chain are signed and kept outside the store;
//! [`verify()`] proves the chain against them, and [`show`] reads it.

pub mod checkpoint;
mod drain;
mod entry;
mod error;
mod frame;
mod name;
pub mod show;
mod spool;
mod trail;
mod verify;

#[cfg(test)]
mod tests;

pub use checkpoint::Checkpoint;
pub use entry::{
    About, BadEntry, Cause, Entries, Entry, EntryTooLong, MAX_ENTRY, NO_PURPOSE, NO_USE, Outcome,
    decode,
};
pub use error::AuditError;
pub use show::{Filter, Found, Page, Position};
pub use trail::{Drained, Trail, TrailSetup};
pub use verify::{Fault, Report, verify};
