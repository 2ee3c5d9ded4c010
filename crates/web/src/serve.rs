//! Serving: connections with bounds, and an end that lets running requests finish.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use gantry_engine::Engine;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

use crate::app::app;
use crate::peer::{Crowd, Peer, is_proxy};
use crate::site::Site;

/// Connections open at once; more wait in the system's queue.
const MAX_CONNECTIONS: usize = 1_024;
/// Of these, from one place of the network that is no trusted proxy: nobody alone fills the house.
const MAX_OF_ONE: usize = 256;
/// A connection must have sent the head of a request after this long.
const HEAD_WITHIN: Duration = Duration::from_secs(15);
/// Streams of one HTTP/2 connection.
const MAX_STREAMS: u32 = 64;
/// Running requests have this long to finish at the end.
const FINISH_WITHIN: Duration = Duration::from_secs(20);
/// How long to wait where no connection can be accepted, as when files run out.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// Serves the API and the pages until `shutdown` is done; then accepts nothing more, and returns when the running
/// requests have been answered, or after 20 seconds. Whoever calls closes the engine afterwards, and
/// keeps calling [`Engine::tick`] meanwhile.
pub async fn serve(
    engine: Engine,
    site: Site,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let (proxies, crowd) = (Arc::new(site.proxies.clone()), Crowd::of(MAX_OF_ONE));
    let app = app(engine, site);
    let (builder, graceful) = (connections(), GracefulShutdown::new());
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut shutdown = pin!(shutdown);
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            () = &mut shutdown => break,
            next = next => next,
        };
        let Ok((stream, peer)) = accepted else {
            tokio::time::sleep(ACCEPT_AGAIN).await;
            continue;
        };
        // Answers are small and come at once; on an error there is nobody to tell.
        let _ = stream.set_nodelay(true);
        let connected = peer.ip();
        let there = crowd.enter(Some(connected));
        if there.is_none() && !is_proxy(connected, &proxies) {
            continue;
        }
        let proxies = Arc::clone(&proxies);
        let service = app.clone().map_request(move |mut request: hyper::Request<Incoming>| {
            let peer = Peer::of(connected, request.headers(), &proxies);
            request.extensions_mut().insert(peer);
            request
        });
        let service = TowerToHyperService::new(service);
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection.into_owned());
        tokio::spawn(async move {
            // A connection that breaks is the client's affair.
            let _ = connection.await;
            drop((place, there));
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(FINISH_WITHIN, graceful.shutdown()).await;
    Ok(())
}

fn connections() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .keep_alive_interval(HEAD_WITHIN)
        .keep_alive_timeout(HEAD_WITHIN);
    builder
}
