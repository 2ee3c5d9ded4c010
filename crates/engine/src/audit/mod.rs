//! The audit trail: every access, allowed or denied, in hash chains within the store: one, or one
//! for each process that works on it.
//!
//! A write carries its entries in its own batch. A read's entry goes to the [spool](spool), a file
//! beside the store, before the answer is released, and is [drained](drain) into the chain soon
//! after. [Checkpoints](checkpoint) join the chains: each signs where they stood, and lies in a
//! [file](lines) outside the store, which [remembers](memory) how many there are. [`verify()`]
//! proves the chains against them, and [`show`] reads them side by side.

mod back;
mod checkpoint;
mod drain;
mod entry;
mod error;
mod frame;
pub(crate) mod latest;
mod lines;
mod look;
mod memory;
mod name;
mod report;
pub mod show;
mod spool;
mod statements;
pub mod told;
mod trail;
mod verify;
mod walk;

#[cfg(test)]
mod tests;

pub use checkpoint::{Checkpoint, Head, Numbered};
pub use entry::{
    About, BadEntry, Cause, Entries, Entry, EntryTooLong, MAX_ENTRY, NO_PURPOSE, NO_USE, Outcome,
    RecordPlace, decode,
};
pub use error::AuditError;
pub use lines::try_to_write;
pub use name::spools;
pub use report::{Chain, Fault, Report, Subject};
pub use show::{Filter, Found, Page, Place, Position};
pub use trail::{Drained, Trail, TrailSetup};
pub use verify::verify;
