//! `gantry account`: who may come in.

use clap::{Args, Subcommand};
use gantry_engine::EngineError;
use gantry_engine::audit::Cause;
use gantry_notice::Notice;
use serde_json::json;

use crate::cli::Global;
use crate::failure::Failure;
use crate::names;
use crate::output::{Output, Rows, counted, print_line, print_table};
use crate::setup::House;

/// What can be done with accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add an account, or change its roles with `--replace`
    Add(AddArgs),
    /// Remove an account; its tokens are dead at once
    Remove(RemoveArgs),
    /// List accounts
    List,
}

/// A new account.
#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// Its name; it stands in the audit trail
    name: String,
    /// A role of the notice, or `*` for all; without any, they are listed
    #[arg(long, value_name = "ROLE")]
    role: Vec<String>,
    /// If the account is there, give it these roles in place of those it has
    #[arg(long)]
    replace: bool,
}

/// An account to be removed.
#[derive(Debug, Args)]
pub(crate) struct RemoveArgs {
    /// Its name
    name: String,
}

/// Runs a command on accounts.
pub(crate) async fn run(global: &Global, command: &Command, out: Output) -> Result<(), Failure> {
    let house = House::open(global).await?;
    let done = match command {
        Command::Add(args) => add(&house, global, args, out).await,
        Command::Remove(args) => remove(&house, global, args, out).await,
        Command::List => list(&house, out).await,
    };
    house.end(done).await
}

async fn add(house: &House, global: &Global, args: &AddArgs, out: Output) -> Result<(), Failure> {
    let notice = house.notice();
    roles_named(&notice, &args.role)?;
    let by = house.actor(global).await?;
    let (name, roles) = (args.name.as_str(), args.role.as_slice());
    let account = if args.replace {
        house.engine.put_account(&by, name, roles, Cause::Cli).await?
    } else if let Some(there) = house.engine.account(name).await? {
        return Err(Failure::Invalid(format!(
            "the account `{name}` is there, with the roles: {}\nhint: `--replace` gives it others in their place",
            there.roles.join(", ")
        )));
    } else {
        house.engine.add_account(&by, name, roles, Cause::Cli).await?
    };
    if out.is_json() {
        return out.value(&account);
    }
    print_line(&format!("account `{}` has the roles: {}", account.name, account.roles.join(", ")))
}

/// That there are roles, and that the notice has them.
fn roles_named(notice: &Notice, roles: &[String]) -> Result<(), Failure> {
    let all = notice.roles.iter().map(|(name, title)| format!("{name} ({title})"));
    if roles.is_empty() {
        let all: Vec<String> = all.chain(["* (all of them)".to_owned()]).collect();
        let all = all.join(", ");
        return Err(Failure::Usage(format!("which roles?\nhint: name them with `--role`: {all}")));
    }
    let unknown = roles.iter().find(|role| *role != "*" && !notice.roles.contains_key(*role));
    let known = notice.roles.keys().map(String::as_str).chain(["*"]);
    unknown.map_or(Ok(()), |role| Err(names::unknown("role", role, known)))
}

async fn remove(
    house: &House,
    global: &Global,
    args: &RemoveArgs,
    out: Output,
) -> Result<(), Failure> {
    let by = house.actor(global).await?;
    let removed = house.engine.remove_account(&by, &args.name, Cause::Cli).await;
    let tokens = match removed {
        Err(EngineError::NotFound { .. }) => {
            let accounts = house.engine.accounts().await?;
            let known = accounts.iter().map(|account| account.name.as_str());
            return Err(names::unknown("account", &args.name, known));
        }
        other => other?,
    };
    if out.is_json() {
        return out.value(&json!({ "removed": args.name, "tokens": tokens }));
    }
    let dead = match tokens {
        0 => "it had no token".to_owned(),
        tokens => format!("dead with it: {}", counted(tokens as u64, "token")),
    };
    print_line(&format!("the account `{}` is removed; {dead}", args.name))
}

async fn list(house: &House, out: Output) -> Result<(), Failure> {
    let accounts = house.engine.accounts().await?;
    if out.is_json() {
        return out.value(&json!({ "items": accounts }));
    }
    let mut rows = Rows::new(&["account", "roles"]);
    for account in &accounts {
        rows.add([account.name.clone(), account.roles.join(", ")]);
    }
    print_table(&rows)
}
