//! `gantry serve`: the API and the contacts' portal over HTTP.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use gantry_engine::Engine;
use gantry_store::Batch;
use gantry_web::Site;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::MissedTickBehavior;

use crate::cli::Global;
use crate::failure::Failure;
use crate::output::remark;
use crate::setup::{House, Opening, Places};
use crate::site::SiteArgs;

/// Where it listens if nobody says otherwise.
pub(crate) const USUAL: &str = "127.0.0.1:8080";
/// How often audit entries are moved into the chain. Every commit to the store makes all who read
/// from it fetch their pages anew, so that doing it more often costs a busy node a tenth of a read.
const TICK: Duration = Duration::from_secs(5);
/// Every so many ticks it is signed where the chain stands.
const TICKS_TO_SIGN: u32 = 12;

/// Where people reach it before it listens anywhere.
const UNKNOWN: &str = "http://localhost";

/// How to serve.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Where to listen; put a proxy with TLS before it
    #[arg(long, value_name = "ADDRESS", default_value = USUAL, value_parser = socket)]
    pub(crate) listen: SocketAddr,
    #[command(flatten)]
    site: SiteArgs,
    /// Answer only when the audit entry is on disk, and not only out of the process
    #[arg(long)]
    strict_audit: bool,
}

/// An address as it is given.
pub(crate) fn socket(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "not an address and a port, such as `127.0.0.1:8080` or `[::1]:8080`")
}

/// Serves until the process is asked to end.
pub(crate) async fn run(global: &Global, args: &ServeArgs) -> Result<(), Failure> {
    // What is wrong with it is heard before anything is opened.
    args.site.at(UNKNOWN)?;
    let opening = Opening { strict: args.strict_audit, ..Opening::usual() };
    let house = House::open_at(&Places::of(global), opening).await?;
    // Whoever may not write, or not sign, hears it now, and not with the first request; and whoever
    // verifies finds the checkpoints of every node that works.
    house.engine.store().commit(Batch::default()).await?;
    house.engine.tick(true).await?;
    let listener = listen(args.listen).await?;
    // Who reads that it listens may ask it to end.
    let asked = asked_to_end()?;
    let at = address(&listener)?;
    remark(&format!("listening on http://{at}"));
    let site = args.site.at(&format!("http://{at}"))?;
    let served = until_asked(&house.engine, site, listener, asked).await;
    house.close().await?;
    served
}

/// Opens a socket.
pub(crate) async fn listen(at: SocketAddr) -> Result<TcpListener, Failure> {
    let listener = TcpListener::bind(at).await;
    listener.map_err(|cause| Failure::Failed(format!("cannot listen on `{at}`: {cause}")))
}

/// Where a socket listens; it may have been asked for any port.
pub(crate) fn address(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener.local_addr().map_err(|cause| Failure::Failed(format!("cannot listen: {cause}")))
}

/// Ends with SIGINT or SIGTERM, also one that comes before it is awaited.
pub(crate) fn asked_to_end() -> Result<impl Future<Output = ()> + Send + 'static, Failure> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|cause| failed(&cause))?;
    let mut terminate = signal(SignalKind::terminate()).map_err(|cause| failed(&cause))?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

fn failed(cause: &std::io::Error) -> Failure {
    Failure::Failed(format!("cannot serve: {cause}"))
}

/// Serves, and keeps the audit trail moving, until it is asked to end.
pub(crate) async fn until_asked(
    engine: &Engine,
    site: Site,
    listener: TcpListener,
    asked: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Failure> {
    let (over, is_over) = oneshot::channel();
    let ticking = tokio::spawn(tick(engine.clone(), is_over));
    let watching = tokio::spawn(watch(engine.clone()));
    let served = gantry_web::serve(engine.clone(), site, listener, asked).await;
    watching.abort();
    // A tick that is under way comes to its end: what it commits would stand in the way of what comes after.
    drop(over);
    let ticked = ticking.await.map_err(io::Error::other);
    ticked.map_err(|cause| failed(&cause))?;
    served.map_err(|cause| failed(&cause))
}

/// Follows what other nodes do; after a failure, again.
async fn watch(engine: Engine) {
    loop {
        if let Err(error) = engine.watch().await {
            remark(&format!("warning: the feed of changes waits: {error}"));
        }
        tokio::time::sleep(TICK).await;
    }
}

/// Moves the audit trail on until it is over.
async fn tick(engine: Engine, mut is_over: oneshot::Receiver<()>) {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut count, mut waits) = (0u32, false);
    loop {
        tokio::select! {
            _ = &mut is_over => return,
            _ = ticks.tick() => {}
        }
        count = count.wrapping_add(1);
        match engine.tick(count.is_multiple_of(TICKS_TO_SIGN)).await {
            Ok(()) if waits => {
                waits = false;
                remark("the audit trail goes on");
            }
            Ok(()) => {}
            Err(error) => {
                // The entries stay where they are; the next tick tries again.
                waits = true;
                remark(&format!("warning: the audit trail waits: {error}"));
            }
        }
    }
}
