//! The HTTP API: JSON for other systems, by token. `docs/api.md` is the contract.

mod audience;
mod body;
mod contacts;
mod health;
mod insight;
mod name;
mod notice;
mod objects;
mod once;
mod openapi;
mod query;
mod records;
mod reports;
mod requests;
mod room;
mod routes;
mod tag;
mod thing;

pub(crate) use openapi::Description;
pub(crate) use routes::{HEALTH, table};
pub use routes::{Needs, RouteName, all_routes};
