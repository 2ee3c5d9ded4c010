//! How cost grows: with the number of contacts, on a file and on PostgreSQL, and with the number of
//! nodes on one database. Costs are CPU time of all processes, as nodes and server share the machine.

mod picture;
mod work;

use std::path::Path;

use crate::Outcome;
use crate::door::house::House;
use crate::postgres::{MISSING, Server};
use crate::report::{Report, Row};
use crate::timing::{count_as_f64, runtime, tell_load};
use picture::Curve;
use work::{Doing, Done, WORKS};

const SUITE: &str = "scale";
const SETTINGS: [&str; 2] = ["shared_buffers=1GB", "max_wal_size=4GB"];
/// Nodes at once, at most.
const NODES: usize = 4;

/// Fills stores step by step, and does the same work at each step.
pub(crate) fn run(
    report: &mut Report,
    quick: bool,
    most: usize,
    pictures: Option<&Path>,
) -> Outcome<()> {
    tell_load(SUITE);
    let runtime = runtime()?;
    let Some(server) = Server::start(&SETTINGS)? else {
        let (measure, peer) = ("the door on PostgreSQL".to_owned(), Some(MISSING.to_owned()));
        report.add(Row { suite: SUITE, measure, peer, met: Some(false), ..Row::default() });
        return Ok(());
    };
    let sizes: &[usize] = if quick { &[2_000, 10_000] } else { &[100_000, 1_000_000, 10_000_000] };
    let sizes: Vec<usize> = sizes.iter().copied().filter(|size| *size <= most).collect();
    // A file of ten million contacts would show SQLite's cache, and no more.
    let sizes_of_file = sizes.get(..sizes.len().min(2)).unwrap_or_default();
    let mut scale = Scale { report, quick, curves: Vec::new() };
    runtime.block_on(async {
        let file = House::new().await?;
        scale.grow("a file", &file, None, sizes_of_file).await?;
        drop(file);
        let house = House::at(server.location(SUITE)?).await?;
        scale.grow("PostgreSQL", &house, Some(&server), &sizes).await?;
        scale.nodes(&house, &server, sizes.last().copied().unwrap_or(0)).await
    })?;
    match pictures {
        Some(folder) => picture::draw(folder, &scale.curves),
        None => Ok(()),
    }
}

struct Scale<'r> {
    report: &'r mut Report,
    quick: bool,
    curves: Vec<Curve>,
}

impl Scale<'_> {
    async fn grow(
        &mut self,
        place: &'static str,
        house: &House,
        server: Option<&Server>,
        sizes: &[usize],
    ) -> Outcome<()> {
        let mut there = 0;
        for size in sizes.iter().copied() {
            let begun = std::time::Instant::now();
            house.fill_people(there..size).await?;
            let rate = count_as_f64(size - there) / begun.elapsed().as_secs_f64();
            there = size;
            self.add(place, "import", "contacts", size, rate, "contacts/s");
            if let Some(server) = server {
                let tidying = server.connect(crate::postgres::OWNER, SUITE).await?;
                for statement in ["VACUUM ANALYZE", "CHECKPOINT"] {
                    tidying.batch_execute(statement).await?;
                }
                let bytes = server.size(SUITE).await? / count_as_f64(size);
                self.add(place, "size", "contacts", size, bytes, "bytes a contact");
            }
            let doing = Doing::new(house, server, size, self.quick);
            let sessions = vec![house.again(false).await?];
            for work in WORKS {
                let done: Done = doing.by(&sessions, work).await?;
                self.add(place, work.name(), "contacts", size, done.cpu, "µs CPU");
                let name = format!("{}, median", work.name());
                self.row(place, &name, size, "contacts", done.latency, "µs");
            }
        }
        Ok(())
    }

    /// The same work by one node and by several, on one database.
    async fn nodes(&mut self, house: &House, server: &Server, size: usize) -> Outcome<()> {
        let doing = Doing::new(house, Some(server), size, self.quick);
        let mut nodes = Vec::new();
        for count in 1..=NODES {
            nodes.push(house.again(false).await?);
            for work in WORKS {
                let done = doing.by(&nodes, work).await?;
                self.add("PostgreSQL", work.name(), "nodes", count, done.cpu, "µs CPU");
                let name = format!("{}, in a second", work.name());
                self.row("PostgreSQL", &name, count, "nodes", done.rate, "/s");
            }
        }
        Ok(())
    }

    /// A measure that is a point of a curve, too.
    fn add(
        &mut self,
        place: &'static str,
        what: &'static str,
        of: &'static str,
        count: usize,
        value: f64,
        unit: &'static str,
    ) {
        self.row(place, what, count, of, value, unit);
        let point = (count_as_f64(count), value);
        let same = |curve: &&mut Curve| (curve.place, curve.what, curve.of) == (place, what, of);
        match self.curves.iter_mut().find(same) {
            Some(curve) => curve.points.push(point),
            None => self.curves.push(Curve { place, what, of, unit, points: vec![point] }),
        }
    }

    fn row(
        &mut self,
        place: &str,
        what: &str,
        count: usize,
        of: &str,
        value: f64,
        unit: &'static str,
    ) {
        let measure = format!("{what}, {place}, {count} {of}");
        self.report.add(Row { suite: SUITE, measure, value, unit, ..Row::default() });
    }
}
