//! The application: an engine, the tables of routes, and what is around every request.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use gantry_engine::Engine;
use gantry_insight::{Keeper, Models};
use tokio::sync::Semaphore;
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::api::{Description, table};
use crate::console::import::uploads::Uploads;
use crate::limit::Limits;
use crate::page::Failure;
use crate::peer::Crowd;
use crate::problem::{Kind, Problem};
use crate::site::Site;
use crate::{assets, console, portal, watch};

/// Requests worked on at once. Each may hold a body of 1 MiB and a connection to the store; whoever
/// comes when all places are taken is told so at once, and does not wait in a queue without end.
const MAX_AT_ONCE: usize = 256;
/// One place of the network has at most one in so many of them: what it sends slowly holds up nobody else.
const SHARE: usize = 4;
/// The next piece of a body must come within this time.
const PIECE_WITHIN: Duration = Duration::from_secs(15);

/// What every request has at hand.
#[derive(Clone)]
pub(crate) struct Shell {
    pub(crate) engine: Engine,
    pub(crate) site: Arc<Site>,
    pub(crate) places: Arc<Semaphore>,
    pub(crate) crowd: Crowd,
    /// Requests so far, for their ids.
    pub(crate) count: Arc<AtomicU64>,
    pub(crate) description: Arc<Description>,
    /// How often somebody may try to sign in.
    pub(crate) limits: Arc<Limits>,
    /// Files that wait to be imported.
    pub(crate) uploads: Arc<Uploads>,
    /// What the notice says of profiling, ready to calculate with.
    pub(crate) models: Arc<Models>,
    /// The index of contacts that audiences are answered from.
    pub(crate) keeper: Arc<Keeper>,
}

/// The API, the console and the portal over an engine.
pub fn app(engine: Engine, site: Site) -> Router {
    app_within(engine, site, Bounds::default())
}

/// What keeps one who is slow, or many, from holding up the rest.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Requests worked on at once.
    pub at_once: usize,
    /// The next piece of a body must come within this time.
    pub piece_within: Duration,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { at_once: MAX_AT_ONCE, piece_within: PIECE_WITHIN }
    }
}

/// The same, within other bounds.
pub fn app_within(engine: Engine, site: Site, bounds: Bounds) -> Router {
    let places = bounds.at_once;
    let shell = Shell {
        engine,
        site: Arc::new(site),
        places: Arc::new(Semaphore::new(places)),
        crowd: Crowd::of(places.div_ceil(SHARE)),
        count: Arc::default(),
        description: Arc::default(),
        limits: Arc::default(),
        uploads: Arc::default(),
        models: Arc::default(),
        keeper: Arc::default(),
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
        .layer(from_fn_with_state(shell.clone(), console::passing))
        .layer(RequestBodyTimeoutLayer::new(bounds.piece_within))
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
