//! `gantry report`: counts and sums for a purpose that sees nothing else.

use std::fmt::Write;

use clap::Args;
use gantry_engine::session::{Amount, Cell, Report, Subject, Table};
use gantry_engine::{EngineError, Refusal, Session};
use gantry_notice::{Notice, Reason};

use crate::cli::{Global, WorkArgs};
use crate::failure::Failure;
use crate::names;
use crate::output::{Output, Rows, print_table, remark};
use crate::setup::House;

/// What to report.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    work: WorkArgs,
    /// What is counted: `records:CATEGORY` or `objects:KIND`
    #[arg(long, value_name = "WHAT", value_parser = subject)]
    of: Subject,
    /// By what lines, and then columns, are made: a field, `country`, `state`, `month`, `quarter`
    /// or `year`
    #[arg(long, value_name = "FIELD[,FIELD]", value_delimiter = ',')]
    by: Vec<String>,
    /// A field of amounts or numbers to add up
    #[arg(long, value_name = "FIELD")]
    sum: Option<String>,
}

fn subject(text: &str) -> Result<Subject, &'static str> {
    match text.split_once(':') {
        Some(("records", category)) => Ok(Subject::Records(category.to_owned())),
        Some(("objects", kind)) => Ok(Subject::Objects(kind.to_owned())),
        _ => Err("not of the form `records:CATEGORY` or `objects:KIND`"),
    }
}

/// Prints a report.
pub(crate) async fn run(global: &Global, args: &ReportArgs, out: Output) -> Result<(), Failure> {
    let house = House::open(global).await?;
    let done = report(&house, global, args, out).await;
    house.end(done).await
}

async fn report(
    house: &House,
    global: &Global,
    args: &ReportArgs,
    out: Output,
) -> Result<(), Failure> {
    let Session::Aggregate(session) = house.session(global, &args.work).await? else {
        let refusal = Refusal {
            reason: Reason::OperationNotAllowed,
            purpose: args.work.purpose.clone(),
            used: args.work.used.clone().unwrap_or_default(),
            category: None,
            level: None,
        };
        return Err(EngineError::from(refusal).into());
    };
    named(&house.notice(), args)?;
    let report = Report { subject: args.of.clone(), by: args.by.clone(), sum: args.sum.clone() };
    print(&session.report(&report).await?, out)
}

/// That the notice has what is counted, and the fields by which.
fn named(notice: &Notice, args: &ReportArgs) -> Result<(), Failure> {
    let times = ["month", "quarter", "year"];
    let fields = args.by.iter().chain(&args.sum).filter(|name| !times.contains(&name.as_str()));
    match &args.of {
        Subject::Records(category) => {
            names::category(notice, category)?;
            let mut fields = fields.filter(|name| *name != "country");
            fields.try_for_each(|name| names::field(notice, category, name))
        }
        Subject::Objects(kind) => {
            names::kind(notice, kind)?;
            let mut fields = fields.filter(|name| *name != "state");
            fields.try_for_each(|name| names::object_field(notice, kind, name))
        }
    }
}

/// Prints a table of a report.
pub(crate) fn print(table: &Table, out: Output) -> Result<(), Failure> {
    if out.is_json() {
        return out.value(table);
    }
    if table.lines.is_empty() {
        remark("nothing to count: no record or object that this purpose may count is like that");
        return Ok(());
    }
    let first = table.by.first().map_or("", String::as_str);
    let names: Vec<&str> = match table.by.get(1) {
        Some(_) => table.columns.iter().map(String::as_str).collect(),
        None => vec!["count"],
    };
    let head: Vec<&str> = [first].into_iter().chain(names).collect();
    let numbers: Vec<usize> = (1..head.len()).collect();
    let mut rows = Rows::new(&head).numbers(&numbers);
    let mut suppressed = false;
    for (name, cells) in &table.lines {
        suppressed |= cells.iter().any(|cell| matches!(cell, Cell::Suppressed { .. }));
        rows.add([name.clone()].into_iter().chain(cells.iter().map(cell)));
    }
    print_table(&rows)?;
    if suppressed {
        let smallest = table.smallest_cell;
        remark(&format!(
            "`*`: not shown, because a cell must stand for at least {smallest} contacts"
        ));
    }
    Ok(())
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Suppressed { .. } => "*".to_owned(),
        Cell::Shown(Amount { count, contacts, sums }) => {
            let mut text = count.to_string();
            if let Some(contacts) = contacts.filter(|contacts| contacts != count) {
                let _ = write!(text, " ({contacts} contacts)");
            }
            for sum in sums.values() {
                let _ = write!(text, "\n{sum}");
            }
            text
        }
    }
}
