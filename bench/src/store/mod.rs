//! The suite of the server store: the door on PostgreSQL, beside the bare statements that do the like.

mod import;
mod read;

use crate::Outcome;
use crate::door::house::House;
use crate::postgres::{MISSING, Server};
use crate::report::{Report, Row};
use crate::timing::{runtime, tell_load};

const SUITE: &str = "store";
/// What the server is set up with: memory for the data, and room between checkpoints.
const SETTINGS: [&str; 2] = ["shared_buffers=1GB", "max_wal_size=4GB"];

/// Point reads and imports on PostgreSQL.
pub(crate) fn run(report: &mut Report, quick: bool) -> Outcome<()> {
    tell_load(SUITE);
    let runtime = runtime()?;
    let Some(server) = Server::start(&SETTINGS)? else {
        report.add(Row {
            suite: SUITE,
            measure: "the door on PostgreSQL".to_owned(),
            peer: Some(MISSING.to_owned()),
            met: Some(false),
            ..Row::default()
        });
        return Ok(());
    };
    runtime.block_on(read::run(&server, report, quick))?;
    runtime.block_on(import::run(&server, report, quick))
}

/// A store of its own on the server.
async fn house(server: &Server, database: &str) -> Outcome<House> {
    House::at(server.location(database)?).await
}
