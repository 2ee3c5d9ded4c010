//! The shell for HTTP: the API for other systems, the console for people at work, the portal for
//! contacts.
//!
//! A request goes a straight line: token or sign-in → actor → session of the purpose in the path →
//! one call into the session → JSON or HTML; or visit → one call into the portal → HTML. No handler
//! decides anything; `docs/api.md`, `docs/console.md` and `docs/portal.md` are the contracts.

mod api;
mod app;
mod assets;
mod console;
mod cookie;
mod form;
mod limit;
mod page;
mod path;
mod peer;
mod portal;
mod problem;
mod provider;
mod serve;
mod shape;
mod site;
mod watch;

pub use api::{Needs, RouteName, all_routes};
pub use app::{Bounds, app, app_within};
pub use console::{PageName, PageNeeds, all_pages};
pub use provider::{Provider, ProviderError};
pub use serve::serve;
pub use site::{Demo, Site};
