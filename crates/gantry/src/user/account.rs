//! Accounts on the command line: adding, removing, listing.

use clap::Args;
use gantry_engine::WaysIn;
use gantry_engine::actor::Role;
use gantry_engine::audit::Cause;
use gantry_notice::Notice;
use serde_json::{Value as Json, json};

use super::there;
use crate::cli::Global;
use crate::failure::Failure;
use crate::names;
use crate::output::{Output, Rows, counted, instant, print_line, print_table, to_the_minute};
use crate::setup::House;

/// A new account.
#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// Its name; it stands in the audit trail
    name: String,
    /// A role of the notice, or `*` for all; without any, they are listed. With `:read` it only
    /// looks, with `:approve` it is a second person where one is needed
    #[arg(long, value_name = "ROLE[:LEVEL]")]
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

pub(super) async fn add(
    house: &House,
    global: &Global,
    args: &AddArgs,
    out: Output,
) -> Result<(), Failure> {
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
    for text in roles {
        let Some(role) = Role::parse(text) else {
            let hint =
                "hint: a role goes up to `write`; `ROLE:read` and `ROLE:approve` say otherwise";
            return Err(Failure::Invalid(format!("there is no level `{text}`\n{hint}")));
        };
        if !role.is_all() && !notice.roles.contains_key(role.name) {
            let known = notice.roles.keys().map(String::as_str).chain(["*"]);
            return Err(names::unknown("role", role.name, known));
        }
    }
    Ok(())
}

pub(super) async fn remove(
    house: &House,
    global: &Global,
    args: &RemoveArgs,
    out: Output,
) -> Result<(), Failure> {
    let by = house.actor(global).await?;
    there(house, &args.name).await?;
    let tokens = house.engine.remove_account(&by, &args.name, Cause::Cli).await?;
    if out.is_json() {
        return out.value(&json!({ "removed": args.name, "tokens": tokens }));
    }
    let dead = match tokens {
        0 => "it had no token".to_owned(),
        tokens => format!("dead with it: {}", counted(tokens as u64, "token")),
    };
    print_line(&format!("the account `{}` is removed; {dead}", args.name))
}

pub(super) async fn list(house: &House, out: Output) -> Result<(), Failure> {
    let (mut items, mut rows) = (
        Vec::new(),
        Rows::new(&["account", "roles", "signs in with", "last sign-in"]).whole(&[0, 3]),
    );
    for account in house.engine.accounts().await? {
        let ways = house.engine.ways_in(&account.name).await?;
        let last = ways.last_sign_in.map(to_the_minute).unwrap_or_default();
        rows.add([account.name.clone(), account.roles.join(", "), means(&ways), last]);
        items.push(json!({
            "name": account.name,
            "roles": account.roles,
            "created": instant(account.created),
            "password": ways.password,
            "second_factor": ways.second_factor,
            "subjects": ways.subjects,
            "link_until": ways.link_until.map(instant),
            "last_sign_in": ways.last_sign_in.map(instant),
            "shut_until": ways.shut_until.map(instant),
        }));
    }
    if out.is_json() {
        return out.value(&json!({ "items": Json::Array(items) }));
    }
    print_table(&rows)
}

/// By what somebody signs in, in words.
fn means(ways: &WaysIn) -> String {
    let parts = [
        (ways.password && !ways.second_factor, "password"),
        (ways.password && ways.second_factor, "password and code"),
        (ways.subjects > 0, "OpenID Connect"),
        (ways.link_until.is_some(), "a link"),
        (ways.shut_until.is_some(), "shut for now"),
    ];
    let there: Vec<&str> =
        parts.iter().filter(|(there, _)| *there).map(|(_, word)| *word).collect();
    if there.is_empty() { "nothing yet".to_owned() } else { there.join(", ") }
}
