//! Clients that ask over HTTP/1.1 on connections of their own, and a bare server to compare with.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request as Asked, State};
use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use crate::Outcome;
use crate::door::readers::READERS;
use crate::meter::{Meter, Spent};
use crate::timing::median;

/// What is asked for, of whom, and as whom.
#[derive(Clone)]
pub(super) struct Load {
    pub(super) at: SocketAddr,
    pub(super) paths: Vec<String>,
    pub(super) header: (&'static str, String),
}

/// How long answers took one at a time, in microseconds.
pub(super) struct Alone {
    pub(super) median: f64,
    /// 99 of 100 came sooner.
    pub(super) late: f64,
}

/// A client with one connection.
pub(super) struct Client {
    sender: SendRequest<Empty<Bytes>>,
    header: (&'static str, String),
    host: String,
}

impl Client {
    pub(super) async fn to(load: &Load) -> Outcome<Client> {
        let stream = TcpStream::connect(load.at).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Client { sender, header: load.header.clone(), host: load.at.to_string() })
    }

    /// The body of an answer, which must be a good one.
    pub(super) async fn get(&mut self, path: &str) -> Outcome<Vec<u8>> {
        let (name, value) = &self.header;
        let request = Request::get(path).header("host", &self.host).header(*name, value);
        self.sender.ready().await?;
        let answer = self.sender.send_request(request.body(Empty::new())?).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        if !status.is_success() {
            return Err(format!("an answer was {status}").into());
        }
        Ok(body.to_vec())
    }
}

/// Eight clients for a time, each through all paths from another place on.
pub(super) async fn many(load: &Load, time: Duration) -> Outcome<Spent> {
    let stop = Arc::new(AtomicBool::new(false));
    let mut clients = Vec::new();
    for client in 0..READERS {
        clients.push((Client::to(load).await?, client * load.paths.len() / READERS));
    }
    let meter = Meter::start();
    let asking: Vec<_> = clients
        .into_iter()
        .map(|(mut client, first)| {
            let (stop, paths) = (Arc::clone(&stop), load.paths.clone());
            tokio::spawn(async move {
                let mut count = 0;
                for path in paths.iter().cycle().skip(first) {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    client.get(path).await?;
                    count += 1;
                }
                Outcome::Ok(count)
            })
        })
        .collect();
    tokio::time::sleep(time).await;
    stop.store(true, Ordering::Relaxed);
    let mut count = 0;
    for client in asking {
        count += client.await??;
    }
    Ok(meter.stop(count))
}

/// One client alone.
pub(super) async fn alone(load: &Load, time: Duration) -> Outcome<Alone> {
    let mut client = Client::to(load).await?;
    let (begun, mut times) = (Instant::now(), Vec::new());
    for path in load.paths.iter().cycle() {
        if begun.elapsed() > time {
            break;
        }
        let asked = Instant::now();
        client.get(path).await?;
        times.push(asked.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    let late = times.get(times.len() * 99 / 100).copied().unwrap_or(f64::NAN);
    Ok(Alone { median: median(times), late })
}

/// A server that has the same answers ready.
pub(super) async fn bare(load: &Load) -> Outcome<Load> {
    let mut client = Client::to(load).await?;
    let mut answers = HashMap::new();
    for path in &load.paths {
        answers.insert(path.clone(), Bytes::from(client.get(path).await?));
    }
    let router = Router::new().fallback(ready).with_state(Arc::new(answers));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let at = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(Load { at, ..load.clone() })
}

async fn ready(State(answers): State<Arc<HashMap<String, Bytes>>>, asked: Asked) -> Bytes {
    answers.get(asked.uri().path()).cloned().unwrap_or_default()
}
