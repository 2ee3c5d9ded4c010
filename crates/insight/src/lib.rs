//! What reactions tell: a score of each contact for each topic, and the published segments that follow
//! from scores and a few general attributes.
//!
//! A [`Model`] is what a notice says of profiling, a [`Profile`] is what the reactions of one contact
//! come to under it, and a [`Rule`] says of a profile whether it belongs to a segment, why, and until
//! when. [`analyse`] takes them together for one contact, through a session: it sees what the use may
//! see, and the engine decides again on what is held of it.

mod analysis;
mod audience;
mod index;
mod json;
mod keeper;
mod model;
mod profile;
mod read;
mod rule;
mod told;

pub use analysis::{Analysis, Counted, Hand, Membership, analyse};
pub use audience::{Audience, AudienceError, LooksAt};
pub use index::{Among, Found, Index, Person};
pub use json::day_text;
pub use keeper::{Answer, AskError, Count, Explained, Keeper};
pub use model::{Kind, Model, ModelError, Models, Segment, Topic};
pub use profile::{Attribute, Attributes, Features, Profile, Reaction, Score};
pub use rule::{Comparison, MAX_AHEAD, Rule};
pub use told::{Part, Plain, Told, What};
