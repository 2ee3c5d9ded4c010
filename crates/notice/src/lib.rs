//! What may be done: parse, check, compile, decide, explain and render a notice.
//!
//! Pure: no I/O, no clock. A [`Notice`] is what a file says; a [`Policy`] is what its versions
//! compile to; a [`DatedPolicy`] answers on one day.

mod check;
pub mod decide;
pub mod diff;
pub mod explain;
pub mod fault;
pub mod id;
pub mod lexicon;
pub mod matrix;
pub mod model;
mod parse;
pub mod policy;
mod render;
mod ropa;
mod show;
pub mod state;
mod texts;
pub mod time;
mod words;

pub use check::{
    RuleError, country_name, is_country, is_language, read_rule, rule_name, rule_path,
};
pub use decide::{Ask, DatedPolicy, Decision, Reason};
pub use diff::Diff;
pub use explain::Explanation;
pub use fault::{Fault, Faults, Rule};
pub use id::{CategoryId, Channel, Fields, KindId, Operation, PurposeId, RoleId, Roles, UseId};
pub use lexicon::Lexicon;
pub use matrix::Matrix;
pub use model::{Mode, Notice};
pub use parse::MAX_FILE;
pub use policy::{CompileError, Policy};
pub use render::render;
pub use ropa::{ropa_csv, ropa_json_ld};
pub use show::show;
pub use state::{ContactState, Country, Flags, Reach, RecordState};
pub use texts::{Text, Texts};
pub use time::{Day, Window};
