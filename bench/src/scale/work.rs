//! What is done at each step: reading, finding and changing contacts at random, by eight clients.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use gantry_engine::Engine;
use gantry_engine::session::{Find, Identified};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::task::coop::consume_budget;
use uuid::Uuid;

use crate::Outcome;
use crate::door::house::{House, address, people};
use crate::door::readers::READERS;
use crate::meter::Meter;
use crate::postgres::Server;
use crate::timing::{count_as_f64, median};

/// Contacts of which one is chosen at random: enough that their pages are many.
const CHOICE: usize = 20_000;

/// A kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    Read,
    Find,
    Change,
}

pub(super) const WORKS: [Work; 3] = [Work::Read, Work::Find, Work::Change];

impl Work {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Work::Read => "point read",
            Work::Find => "find by e-mail",
            Work::Change => "change",
        }
    }
}

/// What it took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Done {
    /// Microseconds of CPU time each, of nodes and server.
    pub(super) cpu: f64,
    /// Microseconds, median.
    pub(super) latency: f64,
    /// How many in a second.
    pub(super) rate: f64,
}

/// Where it is done.
pub(super) struct Doing<'h> {
    house: &'h House,
    server: Option<&'h Server>,
    contacts: usize,
    time: Duration,
}

impl<'h> Doing<'h> {
    pub(super) fn new(
        house: &'h House,
        server: Option<&'h Server>,
        contacts: usize,
        quick: bool,
    ) -> Doing<'h> {
        Doing { house, server, contacts, time: Duration::from_secs(if quick { 1 } else { 5 }) }
    }

    /// Does work on nodes, with eight clients over all of them.
    pub(super) async fn by(&self, nodes: &[Engine], work: Work) -> Outcome<Done> {
        let chosen: Arc<[(usize, Uuid)]> = self.choose().await?.into();
        let stop = Arc::new(AtomicBool::new(false));
        let (meter, before) = (Meter::start(), self.of_server()?);
        let mut clients = Vec::new();
        for (client, node) in (0..READERS).zip(nodes.iter().cycle()) {
            let session = people(node, "crm").await?;
            let (chosen, stop) = (Arc::clone(&chosen), Arc::clone(&stop));
            clients.push(tokio::spawn(async move {
                let mut random = StdRng::seed_from_u64(u64::try_from(client).unwrap_or(0));
                let mut times = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let at = random.random_range(0..chosen.len());
                    let Some((n, contact)) = chosen.get(at).copied() else { break };
                    let begun = Instant::now();
                    once(&session, work, n, contact).await?;
                    times.push(begun.elapsed().as_secs_f64() * 1e6);
                    // A read in a file never waits, and so would let nobody else have the thread.
                    consume_budget().await;
                }
                Outcome::Ok(times)
            }));
        }
        tokio::time::sleep(self.time).await;
        stop.store(true, Ordering::Relaxed);
        let mut times = Vec::new();
        for client in clients {
            times.extend(client.await??);
        }
        let spent = meter.stop(times.len());
        let theirs = (self.of_server()? - before) * 1e6 / count_as_f64(times.len());
        Ok(Done { cpu: spent.cpu + theirs, latency: median(times), rate: spent.rate })
    }

    fn of_server(&self) -> Outcome<f64> {
        self.server.map_or(Ok(0.0), Server::cpu_seconds)
    }

    async fn choose(&self) -> Outcome<Vec<(usize, Uuid)>> {
        let mut random = StdRng::seed_from_u64(1);
        let mut chosen = Vec::new();
        for _ in 0..CHOICE.min(self.contacts) {
            let n = random.random_range(0..self.contacts);
            let contact = self.house.contact(n).await?.ok_or("a contact is missing")?;
            chosen.push((n, Uuid::from_bytes(contact)));
        }
        Ok(chosen)
    }
}

async fn once(session: &Identified, work: Work, n: usize, contact: Uuid) -> Outcome<()> {
    match work {
        Work::Read => {
            session.record(contact, "contact-details", contact).await?;
        }
        Work::Find => {
            let found = session.find(&Find::Email(address(n)), None, 1).await?;
            if found.items.len() != 1 {
                return Err("somebody was not found".into());
            }
        }
        Work::Change => {
            let texts = [("city".to_owned(), format!("Hamina {n}"))].into_iter().collect();
            match session.change_contact(contact, "contact-details", &texts, None).await {
                // Two clients may choose the same one.
                Ok(_) | Err(gantry_engine::EngineError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}
