//! The shell for HTTP: the purpose comes from the path, the actor from the token, and what they may
//! do from the engine.
//!
//! A request goes a straight line: token → actor → session of the purpose → one call into the
//! session → JSON. No handler decides anything; `docs/api.md` is the contract.

mod app;
mod body;
mod contacts;
mod health;
mod name;
mod notice;
mod objects;
mod once;
mod openapi;
mod problem;
mod query;
mod records;
mod reports;
mod requests;
mod room;
mod routes;
mod serve;
mod shape;
mod tag;
mod thing;
mod watch;

pub use app::{app, app_with_places};
pub use routes::{Needs, RouteName, all_routes};
pub use serve::serve;
