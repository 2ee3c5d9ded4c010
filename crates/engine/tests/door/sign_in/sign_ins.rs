//! Being signed in, and how it ends.

use gantry_engine::{Cause, EngineError, Method};
use gantry_store::Space;

use super::{OTHER, PASSWORD, account, attempt, signed_in, told};
use crate::support::{House, anna};

async fn lasts(house: &House, token: &str) -> bool {
    house.engine.signed_in(token).await.unwrap().is_some()
}

async fn rows(house: &House, space: Space) -> usize {
    house.engine.store().entries(space, &[], None, 1_000).await.unwrap().len()
}

#[tokio::test]
async fn a_ticket_says_who_and_is_another_one_each_time() {
    let house = House::new().await;
    account(&house, "ben").await;
    let (one, two) = (signed_in(&house.engine, "ben").await, signed_in(&house.engine, "ben").await);
    assert_ne!(*one.token, *two.token);
    let first = house.engine.signed_in(&one.token).await.unwrap().unwrap();
    let second = house.engine.signed_in(&two.token).await.unwrap().unwrap();
    assert_eq!((&*first.actor.name, first.method), ("ben", Method::Password));
    assert_eq!(first.actor.roles, ["seller"]);
    assert_eq!(first.actor.purposes, None);
    assert_eq!(first.created, house.clock.now());
    assert_ne!(first.id, second.id);
    assert_ne!(first.csrf, second.csrf);
    let again = house.engine.signed_in(&one.token).await.unwrap().unwrap();
    assert_eq!(again.csrf, first.csrf);
    assert!(!one.token.contains(&first.csrf) && !first.csrf.contains(&one.token[4..20]));
    for nonsense in ["", "gsi_", &one.token[..40], &format!("gtr_{}", &one.token[4..]), &first.id] {
        assert!(!lasts(&house, nonsense).await, "{nonsense}");
    }
    let other = house.second().await;
    assert!(other.signed_in(&one.token).await.unwrap().is_some());
}

#[tokio::test]
async fn a_sign_in_ends_an_hour_after_it_was_used_last() {
    let house = House::new().await;
    account(&house, "ben").await;
    let now = signed_in(&house.engine, "ben").await;
    house.clock.advance_seconds(59 * 60);
    assert!(lasts(&house, &now.token).await);
    house.clock.advance_seconds(59 * 60);
    assert!(lasts(&house, &now.token).await);
    house.clock.advance_seconds(60 * 60);
    assert!(!lasts(&house, &now.token).await);
    assert!(!lasts(&house, &now.token).await, "and does not come back");
}

#[tokio::test]
async fn a_sign_in_ends_after_twelve_hours_however_much_it_is_used() {
    let house = House::new().await;
    account(&house, "ben").await;
    let now = signed_in(&house.engine, "ben").await;
    for _ in 0..(12 * 60 / 30 - 1) {
        house.clock.advance_seconds(30 * 60);
        assert!(lasts(&house, &now.token).await);
    }
    house.clock.advance_seconds(30 * 60);
    assert!(!lasts(&house, &now.token).await);
}

#[tokio::test]
async fn that_it_is_used_is_written_once_a_minute_at_most() {
    let house = House::new().await;
    account(&house, "ben").await;
    let now = signed_in(&house.engine, "ben").await;
    let seen = async || house.engine.sign_ins("ben").await.unwrap()[0].seen;
    let begun = seen().await;
    house.clock.advance_seconds(59);
    assert!(lasts(&house, &now.token).await);
    assert_eq!(seen().await, begun);
    house.clock.advance_seconds(1);
    assert!(lasts(&house, &now.token).await);
    assert_eq!(seen().await, begun + 60_000);
}

#[tokio::test]
async fn sign_ins_are_listed_and_each_can_be_ended() {
    let house = House::new().await;
    account(&house, "ben").await;
    account(&house, "cleo").await;
    let mut given = attempt("ben", PASSWORD);
    let agent = format!("Browser\r\n/2.0 {}", "x".repeat(500));
    given.agent = &agent;
    let one = house.engine.sign_in(&given).await.unwrap();
    house.clock.advance_seconds(60);
    let two = signed_in(&house.engine, "ben").await;
    let listed = house.engine.sign_ins("ben").await.unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[1].ends, house.clock.now() + 3_600_000);
    assert_eq!(listed[0].agent.chars().count(), 160);
    assert!(listed[0].agent.starts_with("Browser/2.0 x"));
    let ben = house.engine.actor("ben").await.unwrap();
    let cleo = house.engine.actor("cleo").await.unwrap();
    let by_cleo = house.engine.revoke_sign_in(&cleo, "ben", &listed[0].id, Cause::Test).await;
    assert!(matches!(by_cleo, Err(EngineError::OnlyKeeper(_))));
    let of_cleo = house.engine.revoke_sign_in(&anna(), "cleo", &listed[0].id, Cause::Test).await;
    assert!(matches!(of_cleo, Err(EngineError::NotFound { .. })));
    house.engine.revoke_sign_in(&ben, "ben", &listed[0].id, Cause::Test).await.unwrap();
    assert!(!lasts(&house, &one.token).await && lasts(&house, &two.token).await);
    house.engine.revoke_sign_in(&anna(), "ben", &listed[1].id, Cause::Test).await.unwrap();
    assert!(!lasts(&house, &two.token).await);
    assert_eq!(rows(&house, Space::SignIn).await, 0);
    let three = [signed_in(&house.engine, "ben").await, signed_in(&house.engine, "ben").await];
    assert_eq!(house.engine.revoke_sign_ins(&ben, "ben", Cause::Test).await.unwrap(), 2);
    assert!(!lasts(&house, &three[0].token).await);
    let told = [told(&house, "ben").await, told(&house, "anna").await].concat();
    for what in [
        format!("sign-in-revoke {} ben", listed[0].id),
        format!("sign-in-revoke {} ben", listed[1].id),
        "sign-in-revoke all ben".to_owned(),
    ] {
        assert!(told.contains(&(what.clone(), true)), "{what}");
    }
}

#[tokio::test]
async fn whoever_signs_out_has_signed_out_on_every_node() {
    let house = House::new().await;
    account(&house, "ben").await;
    let (one, two) = (signed_in(&house.engine, "ben").await, signed_in(&house.engine, "ben").await);
    let other = house.second().await;
    assert!(other.signed_in(&one.token).await.unwrap().is_some());
    house.engine.sign_out(&one.token).await.unwrap();
    assert_eq!(other.signed_in(&one.token).await.unwrap(), None);
    assert!(other.signed_in(&two.token).await.unwrap().is_some());
    house.engine.sign_out(&one.token).await.unwrap();
    house.engine.sign_out("nonsense").await.unwrap();
    assert_eq!(house.engine.sign_ins("ben").await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_sign_in_that_is_used_while_it_is_ended_stays_ended() {
    let house = House::new().await;
    account(&house, "ben").await;
    let other = house.second().await;
    for _ in 0..10 {
        let now = signed_in(&house.engine, "ben").await;
        house.clock.advance_seconds(61);
        let (used, ended) =
            tokio::join!(other.signed_in(&now.token), house.engine.sign_out(&now.token));
        used.unwrap();
        ended.unwrap();
        assert!(!lasts(&house, &now.token).await);
    }
    assert_eq!(rows(&house, Space::SignIn).await, 0);
}

#[tokio::test]
async fn other_roles_another_password_and_removal_end_all_sign_ins() {
    let house = House::new().await;
    account(&house, "ben").await;
    let engine = &house.engine;
    let now = signed_in(engine, "ben").await;
    engine.put_account(&anna(), "ben", &["seller:write".to_owned()], Cause::Test).await.unwrap();
    assert!(lasts(&house, &now.token).await, "these are the same roles");
    engine.put_account(&anna(), "ben", &["seller:read".to_owned()], Cause::Test).await.unwrap();
    assert!(!lasts(&house, &now.token).await);
    let now = signed_in(engine, "ben").await;
    engine.set_password(&anna(), "ben", OTHER, Cause::Test).await.unwrap();
    assert!(!lasts(&house, &now.token).await);
    let now = engine.sign_in(&attempt("ben", OTHER)).await.unwrap();
    engine.remove_account(&anna(), "ben", Cause::Test).await.unwrap();
    assert!(!lasts(&house, &now.token).await);
    assert_eq!((rows(&house, Space::SignIn).await, rows(&house, Space::Credential).await), (0, 0));
    engine.add_account(&anna(), "ben", &["seller".to_owned()], Cause::Test).await.unwrap();
    assert!(!lasts(&house, &now.token).await, "another one of that name is another one");
    assert!(!super::is_right(engine, "ben", OTHER).await);
}

#[tokio::test]
async fn the_oldest_of_too_many_ends() {
    let house = House::new().await;
    account(&house, "ben").await;
    let mut tokens = Vec::new();
    for _ in 0..23 {
        tokens.push(signed_in(&house.engine, "ben").await.token);
        house.clock.advance_seconds(1);
    }
    assert_eq!(rows(&house, Space::SignIn).await, 20);
    for (n, token) in tokens.iter().enumerate() {
        assert_eq!(lasts(&house, token).await, n >= 3, "{n}");
    }
}

#[tokio::test]
async fn what_is_over_is_forgotten_now_and_then() {
    let house = House::new().await;
    account(&house, "ben").await;
    let engine = &house.engine;
    engine.tick(true).await.unwrap();
    signed_in(engine, "ben").await;
    engine.sign_in_link(&anna(), "ben", Cause::Test).await.unwrap();
    house.clock.advance_seconds(59 * 60);
    let now = signed_in(engine, "ben").await;
    engine.tick(true).await.unwrap();
    assert_eq!((rows(&house, Space::SignIn).await, rows(&house, Space::Link).await), (2, 1));
    house.clock.advance_seconds(20 * 60);
    engine.tick(true).await.unwrap();
    assert_eq!((rows(&house, Space::SignIn).await, rows(&house, Space::Link).await), (1, 1));
    assert!(lasts(&house, &now.token).await);
    house.clock.advance_hours(24);
    engine.tick(true).await.unwrap();
    assert_eq!((rows(&house, Space::SignIn).await, rows(&house, Space::Link).await), (0, 0));
    assert!(engine.sign_ins("ben").await.unwrap().is_empty());
    assert!(super::is_right(engine, "ben", PASSWORD).await);
}

#[tokio::test]
async fn how_an_account_is_signed_in_to_can_be_told() {
    let house = House::new().await;
    let engine = &house.engine;
    account(&house, "ben").await;
    let ways = engine.ways_in("anna").await.unwrap();
    assert!(!ways.password && ways.last_sign_in.is_none() && ways.link_until.is_none());
    engine.sign_in_link(&anna(), "ben", Cause::Test).await.unwrap();
    signed_in(engine, "ben").await;
    let ways = engine.ways_in("ben").await.unwrap();
    assert!(ways.password && !ways.second_factor && ways.shut_until.is_none());
    assert_eq!(ways.last_sign_in, Some(house.clock.now()));
    assert_eq!(ways.link_until, Some(house.clock.now() + 24 * 3_600_000));
    for _ in 0..5 {
        assert!(!super::is_right(engine, "ben", OTHER).await);
    }
    let ways = engine.ways_in("ben").await.unwrap();
    assert_eq!(ways.shut_until, Some(house.clock.now() + 30_000));
}
