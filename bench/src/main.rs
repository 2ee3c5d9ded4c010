//! Peers side by side: how fast the door is, measured with the others in the same run.

mod decide;
mod door;
mod gdpr;
mod insight;
mod meter;
mod postgres;
mod report;
mod scale;
mod store;
mod timing;
mod web;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use report::Report;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What may go wrong in a measurement: it is told, and the run ends.
type Outcome<T> = Result<T, Failure>;
/// What went wrong.
type Failure = Box<dyn Error + Send + Sync>;

/// Measures Gantry and its peers.
#[derive(Parser)]
struct Arguments {
    /// What to measure; all where none is named.
    suites: Vec<Suite>,
    /// Smaller data of the same shape: under a minute a suite.
    #[arg(long)]
    quick: bool,
    /// The folder into which the curves of `scale` are drawn.
    #[arg(long, value_name = "DIR")]
    pictures: Option<PathBuf>,
    /// How many contacts `scale` goes up to; ten million take 45 GB of disk, and most of an hour.
    #[arg(long, value_name = "N", default_value_t = 10_000_000)]
    contacts: usize,
    /// One JSON object a line instead of a table.
    #[arg(long)]
    json: bool,
}

/// The suites, in the order in which they run.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Suite {
    /// One decision, and the same policy in Cedar, casbin and regorus.
    Decide,
    /// Point reads under a purpose, the bare read of SQLite, and PostgreSQL.
    Read,
    /// Batched imports with sealing.
    Import,
    /// A contact's whole export.
    Export,
    /// The door on PostgreSQL: point reads and imports, beside the bare statements.
    Store,
    /// How cost grows: with contacts, and with nodes. With `--pictures`, drawn.
    Scale,
    /// Pages of the console and answers of the API over HTTP, at a million contacts.
    Web,
    /// How many an audience takes in, of ten million contacts, and DuckDB.
    Audience,
    /// All scores from fifty million reactions, and DuckDB and ClickHouse.
    Interests,
    /// Reactions taken in, one after the other.
    Reactions,
    /// The roles of GDPRbench, on PostgreSQL with and without what the law asks for.
    Gdpr,
    /// The same on a million records: a quarter of an hour, most of it to fill stores.
    GdprMillion,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let named = |suite: &Suite| arguments.suites.is_empty() || arguments.suites.contains(suite);
    let mut report = Report::default();
    for suite in Suite::value_variants().iter().filter(|suite| named(suite)) {
        let outcome = match suite {
            Suite::Decide => decide::run(&mut report, arguments.quick),
            Suite::Read => door::read(&mut report, arguments.quick),
            Suite::Import => door::import(&mut report, arguments.quick),
            Suite::Export => door::export(&mut report, arguments.quick),
            Suite::Store => store::run(&mut report, arguments.quick),
            Suite::Scale => scale::run(
                &mut report,
                arguments.quick,
                arguments.contacts,
                arguments.pictures.as_deref(),
            ),
            Suite::Web => web::run(&mut report, arguments.quick),
            Suite::Audience => insight::run(&mut report, arguments.quick, insight::Which::Audience),
            Suite::Interests => {
                insight::run(&mut report, arguments.quick, insight::Which::Interests)
            }
            Suite::Reactions => {
                insight::run(&mut report, arguments.quick, insight::Which::Reactions)
            }
            Suite::Gdpr => gdpr::run(&mut report, arguments.quick, gdpr::Records::Usual),
            Suite::GdprMillion => gdpr::run(&mut report, arguments.quick, gdpr::Records::Million),
        };
        if let Err(error) = outcome {
            tell(&*error);
            return ExitCode::FAILURE;
        }
    }
    match report.write(arguments.json) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Says what went wrong, and what was behind it.
fn tell(error: &dyn Error) {
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(behind) = cause {
        text.push_str(": ");
        text.push_str(&behind.to_string());
        cause = behind.source();
    }
    eprintln!("error: {text}");
}
