//! Who works at the demo's company: an account for each kind of work, so that one can see the same
//! contact under different purposes. Their password is told, since everybody here is invented.

use gantry_engine::Engine;
use gantry_engine::actor::Actor;
use gantry_engine::audit::Cause;
use gantry_web::Demo;

use super::stage::ACTOR;
use crate::failure::Failure;

/// The password of all accounts of a demo.
const PASSWORD: &str = "harju hoist lantern 1910";

/// Accounts, their roles, and what they are for.
const STAFF: [(&str, &str, &str); 8] = [
    ("account-manager", "account-manager", "keeps in touch with customers (CRM)"),
    ("marketer", "marketer", "writes to contacts (marketing)"),
    ("planner", "production-planner", "plans production (manufacturing)"),
    ("analyst", "analyst", "reports: counts and sums, never a person"),
    ("developer", "developer", "research: aliases, never a person"),
    ("security", "security-analyst", "watches the audit trail (integrity)"),
    ("privacy", "privacy-owner:approve", "answers contacts, and writes the notice"),
    ("counsel", "privacy-owner:approve", "approves what the privacy owner proposes"),
];

/// Makes the accounts, where they are not there yet, and gives all of them the password.
pub(super) async fn hire(engine: &Engine, by: &Actor) -> Result<Demo, Failure> {
    let mut accounts = vec![(ACTOR.to_owned(), "has every role".to_owned())];
    engine.set_password(by, ACTOR, PASSWORD, Cause::Cli).await?;
    for (name, role, what) in STAFF {
        engine.put_account(by, name, &[role.to_owned()], Cause::Cli).await?;
        engine.set_password(by, name, PASSWORD, Cause::Cli).await?;
        accounts.push((name.to_owned(), what.to_owned()));
    }
    Ok(Demo { accounts, password: PASSWORD.to_owned() })
}
