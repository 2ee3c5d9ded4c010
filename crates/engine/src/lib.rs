//! The door: sessions, contacts, records, objects, the audit trail, a record's life.
//!
//! Nothing returns personal data but a [`Session`], and a session has an actor, a purpose and one
//! of its uses, under one version of the notice. Deciding gives a refusal or a
//! [`Permit`](door::Permit), which only this crate can make; reading takes the permit.

mod accounts;
pub mod actor;
pub mod audit;
mod body;
mod cache;
mod called;
mod clock;
pub mod door;
pub mod draft;
mod engine;
mod error;
pub mod import;
mod notices;
pub mod portal;
mod proposal;
mod record;
pub mod session;
pub mod value;

pub use accounts::{
    Attempt, Granted, MAX_TOKEN_DAYS, Method, PasswordChange, SignInError, SignInShown, SignedIn,
    SignedInNow, WaysIn,
};
pub use called::is_name;
pub use clock::{Clock, Entropy};
pub use door::Cause;
pub use engine::{Engine, Parts, RoomGrant, Work, found};
pub use error::{EngineError, FieldFault, Refusal};
pub use gantry_store::StoreError;
pub use gantry_vault::{PasswordCost, TotpSecret};
pub use proposal::Proposal;
pub use session::{Aggregate, Find, Identified, Pseudonymous, Session};
