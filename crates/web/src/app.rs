//! The application: an engine, the table of routes, and what is around every request.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use axum::Router;
use axum::middleware::from_fn_with_state;
use gantry_engine::Engine;
use tokio::sync::Semaphore;

use crate::openapi::Description;
use crate::problem::{Kind, Problem};
use crate::routes::table;
use crate::watch;

/// Requests worked on at once. Each may hold a body of 1 MiB and a connection to the store; whoever
/// comes when all places are taken is told so at once, and does not wait in a queue without end.
const MAX_AT_ONCE: usize = 256;

/// What every request has at hand.
#[derive(Clone)]
pub(crate) struct Shell {
    pub(crate) engine: Engine,
    pub(crate) places: Arc<Semaphore>,
    /// Requests so far, for their ids.
    pub(crate) count: Arc<AtomicU64>,
    pub(crate) description: Arc<Description>,
}

/// The HTTP API over an engine. The routes and their rules are in `docs/api.md`.
pub fn app(engine: Engine) -> Router {
    app_with_places(engine, MAX_AT_ONCE)
}

/// The same, with another bound on the requests worked on at once.
pub fn app_with_places(engine: Engine, places: usize) -> Router {
    let shell = Shell {
        engine,
        places: Arc::new(Semaphore::new(places)),
        count: Arc::default(),
        description: Arc::default(),
    };
    let router = table()
        .into_iter()
        .fold(Router::new(), |router, (name, methods)| router.route(name.path, methods));
    router
        .method_not_allowed_fallback(async || {
            Problem::new(Kind::Method, "see `Allow` for the methods of this path")
        })
        .fallback(async || Problem::new(Kind::NotFound, "there is no such path"))
        .layer(from_fn_with_state(shell.clone(), watch::place))
        .layer(from_fn_with_state(shell.clone(), watch::watch))
        .with_state(shell)
}
