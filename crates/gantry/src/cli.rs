//! The command line: what can be asked, and by which words.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};
use clap::{Args, Parser, Subcommand};
use gantry_engine::session::Sort;
use gantry_store::{Location, LocationError};
use uuid::Uuid;

use crate::demo::run as demo;
use crate::failure::{Ending, Failure, misunderstood};
use crate::output::Output;
use crate::{
    audience, audit, contact, export, import, init, insight, notice, object, record, report,
    request, serve, store, token, user, why,
};

/// Customer-contact data on the rails of a company's own privacy notice.
///
/// Everything that touches a contact says for which purpose of the notice (`--for`), and gets what
/// the notice allows that purpose. Exit codes: 0 done, 1 failed, 2 usage, 3 refused by the notice,
/// 4 invalid input, 5 audit trail proved only in part.
#[derive(Debug, Parser)]
#[command(name = "gantry", version, max_term_width = 80)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Global {
    /// Where the store is: `sqlite:PATH` (the path alone will do), or
    /// `postgres://HOST/DATABASE`
    #[arg(
        long,
        global = true,
        env = "GANTRY_STORE",
        value_name = "STORE",
        default_value = "sqlite:gantry.db",
        value_parser = location
    )]
    pub(crate) store: Location,
    /// The file with the master key, mode 0600 [default: PATH.key, of a database `gantry.key`;
    /// not needed with `GANTRY_MASTER_KEY`]
    #[arg(long, global = true, env = "GANTRY_KEY_FILE", value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// Where signed checkpoints of the audit trail go: better on another disk or machine
    /// [default: PATH.checkpoints, of a database DATABASE.checkpoints, beside the key file]
    #[arg(long, global = true, env = "GANTRY_CHECKPOINTS", value_name = "FILE")]
    pub(crate) checkpoints: Option<PathBuf>,
    /// The folder in which audit entries wait until they are in the store; keep it where it outlives
    /// the process [default: beside the store's file, of a database the current folder]
    #[arg(long, global = true, env = "GANTRY_SPOOL", value_name = "DIR")]
    pub(crate) spool: Option<PathBuf>,
    /// Who is working [default: the only account, if there is just one]
    #[arg(long = "as", global = true, env = "GANTRY_AS", value_name = "ACTOR")]
    pub(crate) actor: Option<String>,
    /// Print JSON instead of tables
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// For what somebody works.
#[derive(Clone, Debug, Args)]
pub(crate) struct WorkArgs {
    /// The purpose of the notice
    #[arg(long = "for", value_name = "PURPOSE")]
    pub(crate) purpose: String,
    /// One of its uses [default: its first]
    #[arg(long = "use", value_name = "USE")]
    pub(crate) used: Option<String>,
}

/// Which part of a list.
#[derive(Clone, Debug, Args)]
pub(crate) struct PageArgs {
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=500))]
    pub(crate) limit: u16,
    /// Where the page before said that it goes on
    #[arg(long, value_name = "CURSOR")]
    pub(crate) cursor: Option<String>,
}

impl PageArgs {
    pub(crate) fn limit(&self) -> usize {
        usize::from(self.limit)
    }
}

/// A store as it is given: `sqlite:PATH`, or only the path.
pub(crate) fn location(text: &str) -> Result<Location, LocationError> {
    if text.split_whitespace().any(|word| word.starts_with("dbname=") || word.starts_with("host="))
    {
        return Err(LocationError::Words);
    }
    if text.contains(':') {
        return Location::parse(text);
    }
    Location::parse(&format!("sqlite:{text}"))
}

/// An id as it is given.
pub(crate) fn id(text: &str) -> Result<Uuid, &'static str> {
    const FORM: &str = "not an id (a UUID such as `01950ea1-3200-7595-ab12-de8e6b785fab`)";
    text.parse().map_err(|_| FORM)
}

/// The order of a list as it is given.
pub(crate) fn order(text: &str) -> Result<Sort, &'static str> {
    Sort::of_text(text).ok_or("not a column of a list (such as `name` or `-at`)")
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check, show, render and compare notices
    #[command(subcommand)]
    Notice(notice::Command),
    /// Make a new store, with a key and an account
    Init(init::InitArgs),
    /// Make a demo in one command: an invented company's store, served, with what to try
    Demo(demo::DemoArgs),
    /// Serve the API and the contacts' portal over HTTP
    Serve(serve::ServeArgs),
    /// Import files of other systems: CSV, vCard and LDIF
    Import(import::ImportArgs),
    /// Find, show, add and change contacts
    #[command(subcommand)]
    Contact(contact::Command),
    /// Find, show, add and change companies
    #[command(subcommand)]
    Company(object::CompanyCommand),
    /// Find, show, add and change records: facts about contacts
    #[command(subcommand)]
    Record(record::Command),
    /// Find, show, add and change business objects, such as orders
    #[command(subcommand)]
    Object(object::Command),
    /// Count and add up, for a purpose that sees people only in aggregate
    Report(report::ReportArgs),
    /// What reactions tell of contacts: interests and categories, explained
    #[command(subcommand)]
    Insight(insight::Command),
    /// Count, list and explain audiences: whom an expression takes in, of those a use may reach
    #[command(subcommand)]
    Audience(audience::Command),
    /// Say why a purpose may or may not see data of a contact
    Why(why::WhyArgs),
    /// Print everything that a purpose may see of a contact; for the purpose that answers requests,
    /// also why it is held
    Export(export::ExportArgs),
    /// Note objections of a contact, and what came of them
    #[command(subcommand)]
    Objection(request::Objection),
    /// Note consent of a contact
    #[command(subcommand)]
    Consent(request::Consent),
    /// Note restrictions of processing
    #[command(subcommand)]
    Restriction(request::Restriction),
    /// Erase a contact: its key is destroyed, and only what a law obliges to keep is kept
    Erase(request::EraseArgs),
    /// Show, prove and export the audit trail
    #[command(subcommand)]
    Audit(audit::Command),
    /// Look after stores: bring up to date, check, copy to another place, spread
    #[command(subcommand)]
    Store(store::Command),
    /// Add, list and remove accounts, and look after how people sign in
    #[command(subcommand, alias = "account")]
    User(user::Command),
    /// Make, list and end tokens for the API
    #[command(subcommand)]
    Token(token::Command),
}

/// Reads the command line, does what it says, and ends.
pub(crate) fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return not_understood(&without_addresses(error)),
    };
    let json = cli.global.json;
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(cause) => return Failure::Failed(format!("cannot start: {cause}")).end(json),
    };
    match runtime.block_on(run(cli)) {
        Ok(()) => Ending::Done.into(),
        Err(failure) => failure.end(json),
    }
}

/// What was typed is told again, but for addresses of databases: they may have a password in them.
fn without_addresses(mut error: clap::Error) -> clap::Error {
    let hidden = |text: &String| {
        let (scheme, _) = text.split_once("://")?;
        Some(format!("{scheme}://..."))
    };
    let found: Vec<(ContextKind, ContextValue)> = error
        .context()
        .filter_map(|(kind, value)| {
            let value = match value {
                ContextValue::String(text) => ContextValue::String(hidden(text)?),
                ContextValue::Strings(texts) => {
                    let hidden = |text| hidden(text).unwrap_or_else(|| text.clone());
                    ContextValue::Strings(texts.iter().map(hidden).collect())
                }
                _ => return None,
            };
            Some((kind, value))
        })
        .collect();
    for (kind, value) in found {
        error.insert(kind, value);
    }
    error
}

/// Help, the version, or a command line that cannot be understood: nobody has read yet whether a
/// program asks.
fn not_understood(error: &clap::Error) -> ExitCode {
    if error.use_stderr() && std::env::args_os().any(|argument| argument == "--json") {
        let text = misunderstood(&error.render().to_string());
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    } else {
        let _ = error.print();
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Ending::Usage as u8))
}

async fn run(cli: Cli) -> Result<(), Failure> {
    let out = Output::new(cli.global.json);
    let global = &cli.global;
    match &cli.command {
        Command::Notice(command) => notice::run(global, command, out).await,
        Command::Init(args) => init::run(global, args, out).await,
        Command::Demo(args) => demo::run(args, out).await,
        Command::Serve(args) => serve::run(global, args).await,
        Command::Import(args) => import::run(global, args, out).await,
        Command::Contact(command) => contact::run(global, command, out).await,
        Command::Company(command) => object::run_company(global, command, out).await,
        Command::Record(command) => record::run(global, command, out).await,
        Command::Object(command) => object::run(global, command, out).await,
        Command::Report(args) => report::run(global, args, out).await,
        Command::Audience(command) => audience::run(global, command, out).await,
        Command::Insight(command) => insight::run(global, command, out).await,
        Command::Why(args) => why::run(global, args, out).await,
        Command::Export(args) => export::run(global, args, out).await,
        Command::Objection(said) => request::object(global, said, out).await,
        Command::Consent(said) => request::consent(global, said, out).await,
        Command::Restriction(said) => request::restrict(global, said, out).await,
        Command::Erase(args) => request::erase(global, args, out).await,
        Command::Audit(command) => audit::run(global, command, out).await,
        Command::Store(command) => store::run(global, command, out).await,
        Command::User(command) => user::run(global, command, out).await,
        Command::Token(command) => token::run(global, command, out).await,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_makes_sense() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_store_may_be_given_by_its_path_alone() {
        assert_eq!(location("a/b.db"), Location::parse("sqlite:a/b.db"));
        assert_eq!(location("sqlite:b.db"), Location::parse("sqlite:b.db"));
        assert!(location("oracle:x").is_err());
        assert_eq!(location(""), Err(LocationError::NoPath));
        assert_eq!(location("host=h dbname=shop"), Err(LocationError::Words));
    }
}
