//! `gantry user`: who may come in, with which roles, and how.

mod account;
mod sign_in;

use clap::Subcommand;

pub(crate) use sign_in::ReachedArgs;

use crate::cli::Global;
use crate::failure::Failure;
use crate::names;
use crate::output::Output;
use crate::setup::House;

/// What can be done with accounts of people.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add an account, or change its roles with `--replace`
    Add(account::AddArgs),
    /// Remove an account; its tokens and sign-ins are dead at once
    Remove(account::RemoveArgs),
    /// List accounts: roles, how they sign in, and when they did last
    List,
    /// Set a password, asked for on the terminal; all sign-ins of the account end
    Password(sign_in::PasswordArgs),
    /// Make a link for the first sign-in, or for who forgot a password: good once, for 24 hours
    Link(sign_in::LinkArgs),
    /// List sign-ins that last
    SignIns(sign_in::Name),
    /// End a sign-in, or all of an account
    SignOut(sign_in::SignOutArgs),
    /// Take the second factor away from who has lost it
    NoTotp(sign_in::Name),
    /// Let an account be signed in to by who is vouched for by OpenID Connect
    Subject(sign_in::SubjectArgs),
}

/// Runs a command on accounts.
pub(crate) async fn run(global: &Global, command: &Command, out: Output) -> Result<(), Failure> {
    let house = House::open(global).await?;
    let done = match command {
        Command::Add(args) => account::add(&house, global, args, out).await,
        Command::Remove(args) => account::remove(&house, global, args, out).await,
        Command::List => account::list(&house, out).await,
        Command::Password(args) => sign_in::password(&house, global, args, out).await,
        Command::Link(args) => sign_in::link(&house, global, args, out).await,
        Command::SignIns(args) => sign_in::list(&house, &args.name, out).await,
        Command::SignOut(args) => sign_in::end(&house, global, args, out).await,
        Command::NoTotp(args) => sign_in::no_totp(&house, global, &args.name, out).await,
        Command::Subject(args) => sign_in::subject(&house, global, args, out).await,
    };
    house.end(done).await
}

/// That there is an account of that name.
async fn there(house: &House, name: &str) -> Result<(), Failure> {
    if house.engine.account(name).await?.is_some() {
        return Ok(());
    }
    let accounts = house.engine.accounts().await?;
    let known = accounts.iter().map(|account| account.name.as_str());
    Err(names::unknown("account", name, known))
}
