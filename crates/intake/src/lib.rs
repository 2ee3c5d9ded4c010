//! Reads other systems' files (CSV, vCard, LDIF) into mapped rows; pure of policy and storage.
//!
//! A [`Source`] streams the rows of a file in bounded memory. A [`Map`] says which column is which
//! field; bound to a source's header it becomes a [`Mapper`], which turns each [`Row`] into a
//! [`Draft`] or says what is wrong with it. Whether a draft may be stored is the engine's business.

pub mod draft;
pub mod fault;
mod file;
mod mailbox;
pub mod map;
#[cfg(test)]
mod real_data;
mod rejects;
pub mod source;
mod value;

pub use draft::{
    CompanyDraft, ContactDraft, Draft, FieldDraft, Key, ObjectDraft, ObjectRef, RecordDraft,
    Remark, Said, Saying,
};
pub use fault::{Fault, Position, Reason};
pub use file::{FileError, Glance, InputFile, MappedFile};
pub use map::by_hand::{Becomes, ByHand, Misfit, Part};
pub use map::{BindError, MAX_MAP, Map, MapError, Mapped, Mapper, Near, Skip, Target, TargetOf};
pub use rejects::{FAULT, Rejects, guarded};
pub use source::{CsvOptions, Format, Header, OpenError, Rejected, Row, Source};
pub use value::country::country;
pub use value::date::DateForm;
