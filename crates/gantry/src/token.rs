//! `gantry token`: by what programs come in for an account.

use std::io::Read;

use clap::{Args, Subcommand};
use gantry_engine::audit::Cause;
use gantry_engine::{EngineError, Granted, MAX_TOKEN_DAYS};
use serde_json::json;

use crate::cli::Global;
use crate::failure::Failure;
use crate::names;
use crate::output::{Output, Rows, instant, print_line, print_table, remark};
use crate::setup::House;

/// A token's text is no longer than this.
const MAX_TOKEN: u64 = 1_024;

/// What can be done with tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a token for the API; it is shown once
    Grant(GrantArgs),
    /// List tokens: whose, for what, until when; never their text
    List,
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
    /// Its id from `gantry token list`, or the token itself [default: read from standard input]
    #[arg(value_name = "ID")]
    token: Option<String>,
}

/// Runs a command on tokens.
pub(crate) async fn run(global: &Global, command: &Command, out: Output) -> Result<(), Failure> {
    let house = House::open(global).await?;
    let done = match command {
        Command::Grant(args) => grant(&house, global, args, out).await,
        Command::List => list(&house, out).await,
        Command::Revoke(args) => revoke(&house, global, args, out).await,
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
    warn_of_dead(house, account, &args.purposes).await?;
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

/// Says which purposes a token is granted in vain: no role of the account may work under them.
async fn warn_of_dead(house: &House, account: &str, purposes: &[String]) -> Result<(), Failure> {
    let notice = house.notice();
    let actor = house.engine.actor(account).await?;
    for name in purposes {
        let purpose = notice.purposes.get(name);
        let Some(purpose) = purpose.filter(|one| actor.level(name, one).is_none()) else {
            continue;
        };
        remark(&format!(
            "warning: no role of `{account}` may work under `{name}`: the token does nothing there until the account has one of: {}",
            names::listed(&purpose.roles)
        ));
    }
    Ok(())
}

async fn list(house: &House, out: Output) -> Result<(), Failure> {
    let tokens = house.engine.tokens().await?;
    let now = house.engine.clock().now();
    if out.is_json() {
        let items = tokens.iter().map(|Granted { id, grant }| {
            json!({
                "id": id,
                "account": grant.account,
                "purposes": grant.purposes,
                "label": grant.label,
                "since": instant(grant.created),
                "until": instant(grant.expires),
                "over": grant.expires <= now,
            })
        });
        return out.value(&json!({ "items": items.collect::<Vec<_>>() }));
    }
    let mut rows =
        Rows::new(&["id", "account", "purposes", "since", "until", "for"]).whole(&[0, 3, 4]);
    for Granted { id, grant } in &tokens {
        let over = if grant.expires <= now { " (over)" } else { "" };
        let until = format!("{}{over}", day(grant.expires));
        let (account, purposes) = (grant.account.clone(), grant.purposes.join(", "));
        rows.add([id.clone(), account, purposes, day(grant.created), until, grant.label.clone()]);
    }
    print_table(&rows)
}

fn day(millis: i64) -> String {
    instant(millis).chars().take_while(|&c| c != 'T').collect()
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
    let id = revoked.map_err(|error| match error {
        EngineError::NotFound { .. } => Failure::Failed(
            "there is no such token\nhint: `gantry token list` names them by their ids".to_owned(),
        ),
        other => other.into(),
    })?;
    if out.is_json() {
        out.value(&json!({ "revoked": true, "id": id }))
    } else {
        print_line(&format!("the token `{id}` is ended"))
    }
}
