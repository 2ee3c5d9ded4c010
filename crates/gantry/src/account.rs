//! `gantry account` and `gantry token`: who may come in.

use std::io::Read;

use clap::{Args, Subcommand};
use gantry_engine::audit::Cause;
use gantry_engine::{EngineError, MAX_TOKEN_DAYS};
use gantry_notice::Notice;
use serde_json::json;

use crate::cli::Global;
use crate::failure::Failure;
use crate::names;
use crate::output::{Output, Rows, print_line, print_table, remark};
use crate::setup::House;

/// A token's text is no longer than this.
const MAX_TOKEN: u64 = 1_024;

/// What can be done with accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add an account, or change its roles
    Add(AddArgs),
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
}

/// What can be done with tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token for the API; it is shown once
    Grant(GrantArgs),
    /// End a token
    Revoke(RevokeArgs),
}

/// A new token.
#[derive(Debug, Args)]
pub(crate) struct GrantArgs {
    /// The account that it works for [default: who is working]
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// A purpose granted, as far as the account's roles give it
    #[arg(long = "for", value_name = "PURPOSE", required = true, value_delimiter = ',')]
    purposes: Vec<String>,
    /// For how many days
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_TOKEN_DAYS)))]
    days: u32,
    /// What it is for, in a few words
    #[arg(long, value_name = "WORDS", default_value = "")]
    label: String,
}

/// A token to be ended.
#[derive(Debug, Args)]
pub(crate) struct RevokeArgs {
    /// The token [default: read from standard input]
    token: Option<String>,
}

/// Runs a command on accounts.
pub(crate) async fn run(global: &Global, command: &Command, out: Output) -> Result<(), Failure> {
    let house = House::open(global).await?;
    let done = match command {
        Command::Add(args) => add(&house, global, args, out).await,
        Command::List => list(&house, out).await,
    };
    house.end(done).await
}

async fn add(house: &House, global: &Global, args: &AddArgs, out: Output) -> Result<(), Failure> {
    let notice = house.notice();
    roles_named(&notice, &args.role)?;
    let by = house.actor(global).await?;
    let account = house.engine.put_account(&by, &args.name, &args.role, Cause::Cli).await?;
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

/// Runs a command on tokens.
pub(crate) async fn run_token(
    global: &Global,
    command: &TokenCommand,
    out: Output,
) -> Result<(), Failure> {
    let house = House::open(global).await?;
    let done = match command {
        TokenCommand::Grant(args) => grant(&house, global, args, out).await,
        TokenCommand::Revoke(args) => revoke(&house, global, args, out).await,
    };
    house.end(done).await
}

async fn grant(
    house: &House,
    global: &Global,
    args: &GrantArgs,
    out: Output,
) -> Result<(), Failure> {
    args.purposes.iter().try_for_each(|name| names::purpose(&house.notice(), name))?;
    let by = house.actor(global).await?;
    let account = args.account.as_deref().unwrap_or(&by.name);
    let terms = (args.days, args.label.as_str());
    let token = house.engine.grant_token(&by, account, &args.purposes, terms, Cause::Cli).await?;
    if out.is_json() {
        return out.value(&json!({
            "token": token.as_str(),
            "account": account,
            "purposes": args.purposes,
            "days": args.days,
        }));
    }
    print_line(&token)?;
    remark(&format!(
        "for `{account}` and {}, for {} days; it is shown only now",
        args.purposes.join(", "),
        args.days
    ));
    Ok(())
}

async fn revoke(
    house: &House,
    global: &Global,
    args: &RevokeArgs,
    out: Output,
) -> Result<(), Failure> {
    let by = house.actor(global).await?;
    let mut token = args.token.clone().unwrap_or_default();
    if args.token.is_none() {
        let read = std::io::stdin().lock().take(MAX_TOKEN).read_to_string(&mut token);
        read.map_err(|cause| Failure::Failed(format!("cannot read the token: {cause}")))?;
    }
    let revoked = house.engine.revoke_token(&by, token.trim(), Cause::Cli).await;
    revoked.map_err(|error| match error {
        EngineError::NotFound { .. } => Failure::Failed("there is no such token".to_owned()),
        other => other.into(),
    })?;
    if out.is_json() {
        out.value(&json!({ "revoked": true }))
    } else {
        print_line("the token is ended")
    }
}
