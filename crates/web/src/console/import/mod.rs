//! The import wizard: a file of another system, looked at step by step, and stored only when somebody
//! says so.
//!
//! An [upload](upload::Upload) waits in memory, bound to the account and the room that it was brought
//! to. Its map is recognised or chosen; a look at all rows tells what would become of them; a run
//! stores them. Both go on in the background, under the session of whoever began them.

mod ask;
mod by_hand;
mod choose;
mod findings;
mod job;
mod preview;
mod receive;
mod show;
mod take_away;
mod upload;
pub(crate) mod uploads;

pub(super) use ask::ask;
pub(super) use choose::choose;
pub(super) use job::{check, run};
pub(super) use receive::receive;
pub(super) use show::{ask_map, progress, show};
pub(super) use take_away::{leave, map, rejects};
