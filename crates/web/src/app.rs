//! The application: an engine, the tables of routes, and what is around every request.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use axum::Router;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use gantry_engine::Engine;
use tokio::sync::Semaphore;

use crate::api::{Description, table};
use crate::console::import::uploads::Uploads;
use crate::limit::Limits;
use crate::page::Failure;
use crate::problem::{Kind, Problem};
use crate::site::Site;
use crate::{assets, console, portal, watch};

/// Requests worked on at once. Each may hold a body of 1 MiB and a connection to the store; whoever
/// comes when all places are taken is told so at once, and does not wait in a queue without end.
const MAX_AT_ONCE: usize = 256;

/// What every request has at hand.
#[derive(Clone)]
pub(crate) struct Shell {
    pub(crate) engine: Engine,
    pub(crate) site: Arc<Site>,
    pub(crate) places: Arc<Semaphore>,
    /// Requests so far, for their ids.
    pub(crate) count: Arc<AtomicU64>,
    pub(crate) description: Arc<Description>,
    /// How often somebody may try to sign in.
    pub(crate) limits: Arc<Limits>,
    /// Files that wait to be imported.
    pub(crate) uploads: Arc<Uploads>,
}

/// The API, the console and the portal over an engine.
pub fn app(engine: Engine, site: Site) -> Router {
    app_with_places(engine, site, MAX_AT_ONCE)
}

/// The same, with another bound on the requests worked on at once.
pub fn app_with_places(engine: Engine, site: Site, places: usize) -> Router {
    let shell = Shell {
        engine,
        site: Arc::new(site),
        places: Arc::new(Semaphore::new(places)),
        count: Arc::default(),
        description: Arc::default(),
        limits: Arc::default(),
        uploads: Arc::default(),
    };
    let router = table()
        .into_iter()
        .fold(Router::new(), |router, (name, methods)| router.route(name.path, methods));
    router
        .merge(console::routes())
        .merge(portal::routes())
        .merge(assets::routes())
        .method_not_allowed_fallback(no_method)
        .fallback(no_path)
        .layer(from_fn_with_state(shell.clone(), watch::place))
        .layer(from_fn_with_state(shell.clone(), watch::watch))
        .with_state(shell)
}

async fn no_method(request: Request) -> Response {
    if is_api(&request) {
        return Problem::new(Kind::Method, "see `Allow` for the methods of this path")
            .into_response();
    }
    Failure::NotFound.into_response()
}

async fn no_path(request: Request) -> Response {
    if is_api(&request) {
        return Problem::new(Kind::NotFound, "there is no such path").into_response();
    }
    Failure::NotFound.into_response()
}

/// Programs are answered with problems, people with pages.
fn is_api(request: &Request) -> bool {
    ["/api/", "/problems/", "/healthz"].iter().any(|path| request.uri().path().starts_with(path))
}
