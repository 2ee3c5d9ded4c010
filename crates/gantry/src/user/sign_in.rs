//! Passwords, links, second factors and sign-ins on the command line.

use std::io::{self, Read};

use clap::Args;
use gantry_engine::EngineError;
use gantry_engine::audit::Cause;
use serde_json::json;
use zeroize::Zeroizing;

use super::there;
use crate::cli::Global;
use crate::failure::Failure;
use crate::output::{
    Output, Rows, counted, instant, print_line, print_table, remark, to_the_minute,
};
use crate::serve::USUAL;
use crate::setup::House;
use crate::site::public_url;

/// The path behind which a link's text stands. It is never sent to a server, nor written to its log.
const LINK: &str = "/sign-in/link#";
/// A line with a password is no longer than this, in bytes.
const MAX_LINE: u64 = 1_024;

/// An account.
#[derive(Debug, Args)]
pub(crate) struct Name {
    /// Its name
    pub(super) name: String,
}

/// Where people reach the console.
#[derive(Debug, Args)]
pub(crate) struct ReachedArgs {
    /// Where people reach the console, as `gantry serve` has it [default: the usual address]
    #[arg(long, value_name = "URL", env = "GANTRY_PUBLIC_URL", value_parser = public_url)]
    public_url: Option<String>,
}

impl ReachedArgs {
    /// The whole address of a link.
    pub(crate) fn link(&self, secret: &str) -> Zeroizing<String> {
        let usual = format!("http://{USUAL}");
        let url = self.public_url.as_deref().unwrap_or(&usual);
        Zeroizing::new([url, LINK, secret].concat())
    }
}

/// Who gets a link.
#[derive(Debug, Args)]
pub(crate) struct LinkArgs {
    /// The account's name
    name: String,
    #[command(flatten)]
    reached: ReachedArgs,
}

/// Whose password.
#[derive(Debug, Args)]
pub(crate) struct PasswordArgs {
    /// The account's name
    name: String,
    /// Read it from standard input, one line, in place of asking on the terminal
    #[arg(long)]
    stdin: bool,
}

/// Which sign-in.
#[derive(Debug, Args)]
pub(crate) struct SignOutArgs {
    /// The account's name
    name: String,
    /// Its id from `gantry user sign-ins` [default: all of them]
    id: Option<String>,
}

/// Who is vouched for.
#[derive(Debug, Args)]
pub(crate) struct SubjectArgs {
    /// The account's name
    name: String,
    /// The address of the OpenID provider
    issuer: String,
    /// Its subject (`sub`)
    subject: String,
    /// Take it away again
    #[arg(long)]
    remove: bool,
}

pub(super) async fn password(
    house: &House,
    global: &Global,
    args: &PasswordArgs,
    out: Output,
) -> Result<(), Failure> {
    let by = house.actor(global).await?;
    there(house, &args.name).await?;
    let password = if args.stdin { line()? } else { asked(&args.name)? };
    house.engine.set_password(&by, &args.name, &password, Cause::Cli).await?;
    if out.is_json() {
        return out.value(&json!({ "account": args.name, "password": true }));
    }
    print_line(&format!("the password of `{}` is set; its sign-ins have ended", args.name))
}

/// The password as it is typed, twice, on the terminal.
fn asked(name: &str) -> Result<Zeroizing<String>, Failure> {
    let ask = |prompt: String| {
        let typed = rpassword::prompt_password(prompt).map(Zeroizing::new);
        typed.map_err(|cause| {
            Failure::Usage(format!(
                "there is no terminal to ask on: {cause}\nhint: `--stdin` reads it from standard input"
            ))
        })
    };
    let first = ask(format!("new password of `{name}`: "))?;
    let again = ask("the same again: ".to_owned())?;
    if *first == *again { Ok(first) } else { Err(Failure::Invalid("these were two".to_owned())) }
}

/// The first line of standard input.
fn line() -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::new());
    let read = io::stdin().lock().take(MAX_LINE).read_to_string(&mut text);
    read.map_err(|cause| Failure::Failed(format!("cannot read the password: {cause}")))?;
    Ok(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()))
}

pub(super) async fn link(
    house: &House,
    global: &Global,
    LinkArgs { name, reached }: &LinkArgs,
    out: Output,
) -> Result<(), Failure> {
    let by = house.actor(global).await?;
    there(house, name).await?;
    let link = house.engine.sign_in_link(&by, name, Cause::Cli).await?;
    let link = reached.link(&link);
    if out.is_json() {
        return out.value(&json!({ "account": name, "link": link.as_str() }));
    }
    print_line(&link)?;
    let elsewhere =
        if reached.public_url.is_none() { " (`--public-url` names another place)" } else { "" };
    remark(&format!("for `{name}`, once, within 24 hours{elsewhere}: give it to nobody else"));
    Ok(())
}

pub(super) async fn list(house: &House, name: &str, out: Output) -> Result<(), Failure> {
    there(house, name).await?;
    let sign_ins = house.engine.sign_ins(name).await?;
    if out.is_json() {
        let items = sign_ins.iter().map(|one| {
            json!({
                "id": one.id,
                "since": instant(one.created),
                "seen": instant(one.seen),
                "until": instant(one.ends),
                "method": one.method,
                "agent": one.agent,
            })
        });
        return out.value(&json!({ "items": items.collect::<Vec<_>>() }));
    }
    let mut rows =
        Rows::new(&["id", "since", "seen", "until", "method", "browser"]).whole(&[0, 1, 2, 3]);
    for one in &sign_ins {
        let times = [one.created, one.seen, one.ends].map(to_the_minute);
        let [since, seen, until] = times;
        let (method, agent) = (one.method.word().to_owned(), one.agent.clone());
        rows.add([one.id.clone(), since, seen, until, method, agent]);
    }
    print_table(&rows)
}

pub(super) async fn end(
    house: &House,
    global: &Global,
    args: &SignOutArgs,
    out: Output,
) -> Result<(), Failure> {
    let by = house.actor(global).await?;
    there(house, &args.name).await?;
    let ended = match &args.id {
        Some(id) => {
            let ended = house.engine.revoke_sign_in(&by, &args.name, id, Cause::Cli).await;
            ended.map_err(|error| match error {
                EngineError::NotFound { .. } => Failure::Failed(format!(
                    "there is no such sign-in\nhint: `gantry user sign-ins {}` names those that last",
                    args.name
                )),
                other => other.into(),
            })?;
            1
        }
        None => house.engine.revoke_sign_ins(&by, &args.name, Cause::Cli).await?,
    };
    if out.is_json() {
        return out.value(&json!({ "account": args.name, "ended": ended }));
    }
    print_line(&format!("ended: {} of `{}`", counted(ended as u64, "sign-in"), args.name))
}

pub(super) async fn no_totp(
    house: &House,
    global: &Global,
    name: &str,
    out: Output,
) -> Result<(), Failure> {
    let by = house.actor(global).await?;
    there(house, name).await?;
    let removed = house.engine.remove_totp(&by, name, Cause::Cli).await;
    removed.map_err(|error| match error {
        EngineError::NotFound { .. } => {
            Failure::Failed(format!("the account `{name}` has no second factor"))
        }
        other => other.into(),
    })?;
    if out.is_json() {
        return out.value(&json!({ "account": name, "second_factor": false }));
    }
    print_line(&format!("`{name}` signs in without a code from now on"))
}

pub(super) async fn subject(
    house: &House,
    global: &Global,
    args: &SubjectArgs,
    out: Output,
) -> Result<(), Failure> {
    let by = house.actor(global).await?;
    there(house, &args.name).await?;
    let SubjectArgs { name, issuer, subject, remove } = args;
    let (engine, cause) = (&house.engine, Cause::Cli);
    if *remove {
        let removed = engine.unlink_subject(&by, name, issuer, subject, cause).await;
        removed.map_err(|error| match error {
            EngineError::NotFound { .. } => {
                Failure::Failed(format!("`{name}` is not signed in to by that subject"))
            }
            other => other.into(),
        })?;
    } else {
        engine.link_subject(&by, name, issuer, subject, cause).await?;
    }
    if out.is_json() {
        return out.value(&json!({ "account": name, "subject": !remove }));
    }
    let said = if *remove { "is no longer signed in to by" } else { "is signed in to by" };
    print_line(&format!("`{name}` {said} the subject `{subject}` of `{issuer}`"))
}
