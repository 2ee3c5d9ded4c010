//! What reactions tell: a score of each contact for each topic, and the published segments that follow
//! from scores and a few general attributes.
//!
//! This room calculates. It holds nobody's data and asks for none: a [`Model`] is what a notice says
//! of profiling, a [`Profile`] is what the reactions of one contact come to under it, and a
//! [`Rule`] says of a profile whether it belongs to a segment, why, and until when.

mod model;
mod profile;
mod rule;
mod told;

pub use model::{Model, ModelError, Segment, Topic};
pub use profile::{Attribute, Attributes, Features, Profile, Reaction, Score};
pub use rule::{Comparison, MAX_AHEAD, Rule};
pub use told::{Part, Plain, Told, What};
