//! Links by which somebody signs in once.

use gantry_engine::{Cause, EngineError, Method, PasswordChange, SignInError, Work};
use gantry_notice::Reason;

use super::{OTHER, PASSWORD, account, is_right, is_wrong, told};
use crate::support::{House, anna, refused};

async fn link(house: &House) -> String {
    house.engine.sign_in_link(&anna(), "ben", Cause::Test).await.unwrap().to_string()
}

fn change<'a>(token: &'a str, code: Option<&'a str>) -> PasswordChange<'a> {
    PasswordChange { token, current: None, code, new: OTHER }
}

#[tokio::test]
async fn a_link_signs_in_once_and_then_a_password_is_set() {
    let house = House::new().await;
    let engine = &house.engine;
    engine.add_account(&anna(), "ben", &["seller".to_owned()], Cause::Test).await.unwrap();
    let link = link(&house).await;
    let now = engine.sign_in_by_link(&link, "Test/1.0").await.unwrap();
    assert!(now.must_set_password);
    assert!(is_wrong(&engine.sign_in_by_link(&link, "Test/1.0").await), "once");
    let there = engine.signed_in(&now.token).await.unwrap().unwrap();
    assert_eq!((there.method, there.must_set_password), (Method::Link, true));
    let set = engine.change_password(&change(&now.token, None)).await.unwrap();
    assert!(!set.must_set_password);
    assert_eq!(engine.signed_in(&now.token).await.unwrap(), None);
    let there = engine.signed_in(&set.token).await.unwrap().unwrap();
    assert_eq!((there.method, there.must_set_password), (Method::Password, false));
    assert!(is_right(engine, "ben", OTHER).await);
    let told = told(&house, "ben").await;
    assert!(told.iter().any(|(what, done)| what.starts_with("sign-in link ") && *done), "{told:?}");
    let of_nobody = super::told(&house, "").await;
    assert_eq!(
        of_nobody,
        [("sign-in unknown-link".to_owned(), false)],
        "whose it was is forgotten"
    );
}

#[tokio::test]
async fn until_a_password_is_set_nothing_else_can_be_done() {
    let house = House::new().await;
    let engine = &house.engine;
    let link = engine.sign_in_link(&anna(), "anna", Cause::Test).await.unwrap();
    let now = engine.sign_in_by_link(&link, "").await.unwrap();
    let there = engine.signed_in(&now.token).await.unwrap().unwrap();
    for actor in [&now.actor, &there.actor] {
        assert!(engine.rooms(actor).iter().all(|room| room.level.is_none()));
        let session = engine.session(actor, &Work::on("crm", Cause::Test)).await;
        assert_eq!(refused(session), Reason::RoleLacksPurpose);
        let add = engine.add_account(actor, "cleo", &["*".to_owned()], Cause::Test).await;
        assert!(matches!(add, Err(EngineError::OnlyKeeper(_))));
        let set = engine.set_password(actor, "anna", OTHER, Cause::Test).await;
        assert!(matches!(set, Err(EngineError::OnlyKeeper(_))));
    }
    assert!(engine.begin_totp(&now.token, OTHER).await.is_err());
    let set = engine.change_password(&change(&now.token, None)).await.unwrap();
    assert!(engine.rooms(&set.actor).iter().all(|room| room.level.is_some()));
}

#[tokio::test]
async fn a_link_is_over_after_a_day_and_with_the_next_one() {
    let house = House::new().await;
    account(&house, "ben").await;
    let engine = &house.engine;
    let (first, second) = (link(&house).await, link(&house).await);
    assert!(is_wrong(&engine.sign_in_by_link(&first, "").await));
    house.clock.advance_hours(24);
    assert!(is_wrong(&engine.sign_in_by_link(&second, "").await));
    let third = link(&house).await;
    house.clock.advance_seconds(24 * 3_600 - 1);
    assert!(engine.sign_in_by_link(&third, "").await.is_ok());
    let fourth = link(&house).await;
    engine.set_password(&anna(), "ben", PASSWORD, Cause::Test).await.unwrap();
    assert!(is_wrong(&engine.sign_in_by_link(&fourth, "").await), "nor after a password is set");
    let fifth = link(&house).await;
    engine.remove_account(&anna(), "ben", Cause::Test).await.unwrap();
    engine.add_account(&anna(), "ben", &["seller".to_owned()], Cause::Test).await.unwrap();
    assert!(is_wrong(&engine.sign_in_by_link(&fifth, "").await), "nor for another of that name");
    for nonsense in ["", "gsl_", &format!("gsi_{}", &fifth[4..])] {
        assert!(is_wrong(&engine.sign_in_by_link(nonsense, "").await));
    }
    assert!(told(&house, "").await.contains(&("sign-in unknown-link".to_owned(), false)));
    assert!(told(&house, "ben").await.contains(&("sign-in used-or-over".to_owned(), false)));
}

#[tokio::test]
async fn only_who_looks_after_the_house_makes_links() {
    let house = House::new().await;
    account(&house, "ben").await;
    let ben = house.engine.actor("ben").await.unwrap();
    let own = house.engine.sign_in_link(&ben, "ben", Cause::Test).await;
    assert!(matches!(own, Err(EngineError::OnlyKeeper(_))), "it would get round the password");
    let nobody = house.engine.sign_in_link(&anna(), "nobody", Cause::Test).await;
    assert!(matches!(nobody, Err(EngineError::Setup(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_nodes_that_take_one_link_only_one_does() {
    let house = House::new().await;
    account(&house, "ben").await;
    let engines = [house.engine.clone(), house.second().await];
    for round in 0..10 {
        let link = link(&house).await;
        let taken = (0..6).map(|n| {
            let (engine, link) = (engines[n % 2].clone(), link.clone());
            tokio::spawn(async move {
                match engine.sign_in_by_link(&link, "").await {
                    Ok(_) => true,
                    Err(SignInError::Wrong) => false,
                    Err(other) => panic!("{other:?}"),
                }
            })
        });
        let mut won = 0;
        for one in taken.collect::<Vec<_>>() {
            won += usize::from(one.await.unwrap());
        }
        assert_eq!(won, 1, "{round}");
    }
}

#[tokio::test]
async fn a_link_does_not_get_round_a_second_factor() {
    let house = House::new().await;
    account(&house, "ben").await;
    let secret = super::second_factor::enrolled(&house, "ben").await;
    let engine = &house.engine;
    let now = engine.sign_in_by_link(&link(&house).await, "").await.unwrap();
    house.clock.advance_seconds(30);
    let without = engine.change_password(&change(&now.token, None)).await;
    assert!(matches!(without, Err(SignInError::CodeNeeded)));
    assert!(is_wrong(&engine.change_password(&change(&now.token, Some("000000"))).await));
    let code = super::second_factor::code(&secret, &house);
    let set = engine.change_password(&change(&now.token, Some(&code))).await.unwrap();
    let there = engine.signed_in(&set.token).await.unwrap().unwrap();
    assert_eq!(there.method, Method::PasswordAndCode);
    let again = engine.sign_in_by_link(&link(&house).await, "").await.unwrap();
    assert!(is_wrong(&engine.change_password(&change(&again.token, Some(&code))).await), "once");
    // Guesses at the code are counted.
    for _ in 0..5 {
        assert!(is_wrong(&engine.change_password(&change(&again.token, Some("000000"))).await));
    }
    house.clock.advance_seconds(29);
    let code = super::second_factor::code(&secret, &house);
    assert!(is_wrong(&engine.change_password(&change(&again.token, Some(&code))).await));
}
