//! Signing in: passwords, links, second factors, others who vouch; and how it ends.

mod at_rest;
mod links;
mod passwords;
mod second_factor;
mod sign_ins;
mod subjects;

use gantry_engine::audit::show::Filter;
use gantry_engine::audit::{Entry, Outcome};
use gantry_engine::{Attempt, Cause, Engine, EngineError, SignInError, SignedInNow, TotpSecret};

use crate::support::{House, anna};

pub(super) const PASSWORD: &str = "lantern quay teal forty";
pub(super) const OTHER: &str = "mangrove biscuit seven ropes";

/// An account with a role and a password.
pub(super) async fn account(house: &House, name: &str) {
    let roles = ["seller".to_owned()];
    house.engine.add_account(&anna(), name, &roles, Cause::Test).await.unwrap();
    house.engine.set_password(&anna(), name, PASSWORD, Cause::Test).await.unwrap();
}

pub(super) fn attempt<'a>(account: &'a str, password: &'a str) -> Attempt<'a> {
    Attempt { account, password, code: None, browser: None, agent: "Test/1.0" }
}

pub(super) async fn signed_in(engine: &Engine, name: &str) -> SignedInNow {
    engine.sign_in(&attempt(name, PASSWORD)).await.unwrap()
}

/// A secret for a second factor, begun within a sign-in.
pub(super) async fn begun(engine: &Engine, name: &str) -> TotpSecret {
    let now = signed_in(engine, name).await;
    engine.begin_totp(&now.token, PASSWORD).await.unwrap()
}

pub(super) async fn is_right(engine: &Engine, name: &str, password: &str) -> bool {
    match engine.sign_in(&attempt(name, password)).await {
        Ok(now) => now.actor.name == name,
        Err(SignInError::Wrong) => false,
        Err(other) => panic!("{other:?}"),
    }
}

pub(super) fn is_wrong(result: &Result<SignedInNow, SignInError>) -> bool {
    matches!(result, Err(SignInError::Wrong))
}

/// What the trail says of an account, the oldest first: what was done, and whether.
pub(super) async fn told(house: &House, actor: &str) -> Vec<(String, bool)> {
    let filter = Filter { actor: Some(actor.to_owned()), ..Filter::default() };
    let mut entries: Vec<Entry> =
        house.people("integrity").await.trail_newest(&filter, 1_000).await.unwrap();
    entries.reverse();
    let told = entries.into_iter();
    told.map(|entry| (entry.operation.to_string(), entry.outcome == Outcome::Allowed)).collect()
}

/// The field that is at fault.
pub(super) fn fault<T: std::fmt::Debug>(result: Result<T, EngineError>) -> String {
    match result {
        Err(EngineError::Invalid(faults)) => format!("{} {}", faults[0].field, faults[0].fault),
        other => panic!("{other:?}"),
    }
}
