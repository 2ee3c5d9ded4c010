//! Names and passwords.

use std::sync::Arc;

use gantry_engine::{Attempt, Cause, EngineError, PasswordChange, SignInError};
use gantry_store::Space;

use super::{OTHER, PASSWORD, account, attempt, fault, is_right, is_wrong, signed_in, told};
use crate::support::{House, anna};

async fn fail(house: &House, name: &str, times: usize) {
    for _ in 0..times {
        assert!(is_wrong(&house.engine.sign_in(&attempt(name, OTHER)).await));
    }
}

#[tokio::test]
async fn a_right_password_signs_in_and_anything_else_gets_one_answer() {
    let house = House::new().await;
    account(&house, "ben").await;
    let now = signed_in(&house.engine, "ben").await;
    assert_eq!((&*now.actor.name, now.actor.roles.len(), now.must_set_password), ("ben", 1, false));
    let long = "x".repeat(2_000);
    let mut answers = Vec::new();
    for (name, password) in [
        ("ben", OTHER),
        ("ben", ""),
        ("ben", &*long),
        ("Ben", PASSWORD),
        ("nobody", PASSWORD),
        ("not a name", PASSWORD),
        ("", ""),
        ("anna", PASSWORD),
        (&long, PASSWORD),
    ] {
        let failed = house.engine.sign_in(&attempt(name, password)).await;
        assert!(is_wrong(&failed), "{name} {password}");
        answers.push(failed.unwrap_err().to_string());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
}

#[tokio::test]
async fn every_sign_in_is_in_the_trail_and_what_was_typed_for_a_name_is_not() {
    let house = House::new().await;
    account(&house, "ben").await;
    let now = signed_in(&house.engine, "ben").await;
    fail(&house, "ben", 5).await;
    fail(&house, "ben", 1).await;
    fail(&house, "anna", 1).await;
    fail(&house, "my password in the wrong field", 1).await;
    fail(&house, "nobody.of.that.name", 1).await;
    house.engine.sign_out(&now.token).await.unwrap();
    let of_ben = told(&house, "ben").await;
    // What was done goes to the chain at once, what was refused within seconds.
    assert!(of_ben[0].0.starts_with("sign-in password ") && of_ben[0].1, "{of_ben:?}");
    assert!(of_ben[1].0.starts_with("sign-out ") && of_ben[1].1, "{of_ben:?}");
    assert_eq!(of_ben[2..7], vec![("sign-in wrong-password".to_owned(), false); 5]);
    assert_eq!(
        of_ben[7..],
        [("lock-out ben".to_owned(), true), ("sign-in shut".to_owned(), false)]
    );
    let of_anna = told(&house, "anna").await;
    assert!(of_anna.contains(&("sign-in no-password".to_owned(), false)));
    assert!(of_anna.contains(&("password-set ben".to_owned(), true)));
    let of_nobody = told(&house, "").await;
    assert_eq!(of_nobody, vec![("sign-in unknown-account".to_owned(), false); 2]);
}

#[tokio::test]
async fn a_name_that_nobody_has_is_noted_in_as_many_entries() {
    let house = House::new().await;
    account(&house, "ben").await;
    fail(&house, "ben", 7).await;
    fail(&house, "nobody", 7).await;
    let (of_ben, of_nobody) = (told(&house, "ben").await, told(&house, "").await);
    assert_eq!(of_ben.len(), of_nobody.len());
    assert_eq!((&*of_ben[5].0, &*of_nobody[5].0), ("lock-out ben", "lock-out"));
}

#[tokio::test]
async fn failures_shut_an_account_for_a_while_that_doubles_and_not_for_ever() {
    let house = House::new().await;
    account(&house, "ben").await;
    fail(&house, "ben", 5).await;
    assert!(!is_right(&house.engine, "ben", PASSWORD).await, "the right one neither");
    // Who goes on trying keeps nobody out for longer.
    fail(&house, "ben", 20).await;
    house.clock.advance_seconds(29);
    assert!(!is_right(&house.engine, "ben", PASSWORD).await);
    house.clock.advance_seconds(1);
    assert!(is_right(&house.engine, "ben", PASSWORD).await);
    fail(&house, "ben", 4).await;
    assert!(is_right(&house.engine, "ben", PASSWORD).await, "what went before is forgotten");
    fail(&house, "ben", 5).await;
    house.clock.advance_seconds(30);
    fail(&house, "ben", 1).await;
    house.clock.advance_seconds(31);
    assert!(!is_right(&house.engine, "ben", PASSWORD).await, "it is a minute now");
    for _ in 0..20 {
        house.clock.advance_seconds(15 * 60);
        fail(&house, "ben", 1).await;
    }
    house.clock.advance_seconds(15 * 60);
    assert!(is_right(&house.engine, "ben", PASSWORD).await, "a quarter of an hour at most");
}

#[tokio::test]
async fn failures_count_on_all_nodes_and_after_a_restart() {
    let house = House::new().await;
    account(&house, "ben").await;
    let other = house.second().await;
    fail(&house, "ben", 3).await;
    for _ in 0..2 {
        assert!(!is_right(&other, "ben", OTHER).await);
    }
    drop(other);
    let third = house.second().await;
    for engine in [&house.engine, &third] {
        assert!(!is_right(engine, "ben", PASSWORD).await);
    }
    house.clock.advance_seconds(30);
    assert!(is_right(&third, "ben", PASSWORD).await);
    assert!(is_right(&house.engine, "ben", PASSWORD).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_tries_at_once_are_no_more_than_one_after_the_other() {
    let house = House::new().await;
    account(&house, "ben").await;
    let engines = [house.engine.clone(), house.second().await];
    let tries = (0..40).map(|n| {
        let engine = engines[n % 2].clone();
        tokio::spawn(async move { engine.sign_in(&attempt("ben", OTHER)).await.is_ok() })
    });
    for tried in tries.collect::<Vec<_>>() {
        assert!(!tried.await.unwrap());
    }
    for engine in &engines {
        engine.tick(false).await.unwrap();
    }
    let told = told(&house, "ben").await;
    let compared = told.iter().filter(|(what, _)| what == "sign-in wrong-password").count();
    let shut = told.iter().filter(|(what, _)| what == "sign-in shut").count();
    assert_eq!((compared, shut), (5, 35), "{told:?}");
}

#[tokio::test]
async fn names_that_no_account_has_take_a_bounded_room_and_the_same_steps() {
    let house = House::new().await;
    for n in 0..300 {
        fail(&house, &format!("nobody-{n}"), 1).await;
    }
    let rows = house.engine.store().entries(Space::Credential, b"?", None, 1_000).await.unwrap();
    assert!(!rows.is_empty() && rows.len() <= 256, "{}", rows.len());
    let all = house.engine.store().entries(Space::Credential, b"", None, 1_000).await.unwrap();
    assert_eq!(all.len(), rows.len());
    let text = String::from_utf8(rows.concat_values()).unwrap();
    assert!(!text.contains("nobody"), "{text}");
    // Another's failures in the same place are felt by nobody who has an account.
    account(&house, "ben").await;
    assert!(is_right(&house.engine, "ben", PASSWORD).await);
}

trait Values {
    fn concat_values(&self) -> Vec<u8>;
}

impl Values for Vec<(Vec<u8>, Vec<u8>)> {
    fn concat_values(&self) -> Vec<u8> {
        self.iter().flat_map(|(_, value)| value.clone()).collect()
    }
}

#[tokio::test]
async fn failures_of_strangers_do_not_keep_out_a_browser_that_is_known() {
    let house = House::new().await;
    account(&house, "ben").await;
    account(&house, "cleo").await;
    let known = signed_in(&house.engine, "ben").await.browser;
    let of_cleo = signed_in(&house.engine, "cleo").await.browser;
    fail(&house, "ben", 30).await;
    let from = |browser| Attempt { browser: Some(browser), ..attempt("ben", PASSWORD) };
    for stranger in ["", "nonsense", &of_cleo, &known[1..]] {
        assert!(is_wrong(&house.engine.sign_in(&from(stranger)).await), "{stranger}");
    }
    assert!(house.engine.sign_in(&from(&known)).await.is_ok());
    // It opens nothing, and guesses with it are counted, too.
    for _ in 0..5 {
        let guess = Attempt { browser: Some(&known), ..attempt("ben", OTHER) };
        assert!(is_wrong(&house.engine.sign_in(&guess).await));
    }
    assert!(is_wrong(&house.engine.sign_in(&from(&known)).await));
    house.clock.advance_seconds(900);
    let now = house.engine.sign_in(&from(&known)).await.unwrap();
    assert_eq!(now.browser, known);
    house.engine.set_password(&anna(), "ben", PASSWORD, Cause::Test).await.unwrap();
    house.clock.advance_seconds(1);
    house.engine.set_password(&anna(), "ben", PASSWORD, Cause::Test).await.unwrap();
    fail(&house, "ben", 5).await;
    let stranger = house.engine.sign_in(&from(&known)).await;
    assert!(is_wrong(&stranger), "with another password it is a stranger");
}

#[tokio::test]
async fn a_password_that_will_not_do_is_not_set() {
    let house = House::new().await;
    account(&house, "ben").await;
    for weak in ["short", "passwordpassword", &"long ".repeat(80)] {
        let set = house.engine.set_password(&anna(), "ben", weak, Cause::Test).await;
        assert!(fault(set).starts_with("password is too "), "{weak}");
    }
    assert!(is_right(&house.engine, "ben", PASSWORD).await);
    let nobody = house.engine.set_password(&anna(), "nobody", PASSWORD, Cause::Test).await;
    assert!(matches!(nobody, Err(EngineError::Setup(_))));
}

#[tokio::test]
async fn only_ones_own_password_is_set_or_anybodys_by_who_looks_after_the_house() {
    let house = House::new().await;
    account(&house, "ben").await;
    account(&house, "cleo").await;
    let ben = house.engine.actor("ben").await.unwrap();
    let set = house.engine.set_password(&ben, "cleo", OTHER, Cause::Test).await;
    assert!(matches!(set, Err(EngineError::OnlyKeeper(_))));
    assert!(told(&house, "ben").await.contains(&("password-set".to_owned(), false)));
    house.engine.set_password(&ben, "ben", OTHER, Cause::Test).await.unwrap();
    assert!(is_right(&house.engine, "ben", OTHER).await);
    assert!(is_right(&house.engine, "cleo", PASSWORD).await);
    let of_token = gantry_engine::actor::Actor { purposes: Some(vec!["crm".into()]), ..ben };
    let set = house.engine.set_password(&of_token, "ben", PASSWORD, Cause::Test).await;
    assert!(matches!(set, Err(EngineError::OnlyKeeper(_))), "a token owns no account");
    let add = house.engine.add_account(&of_token, "dora", &[], Cause::Test).await;
    assert!(matches!(add, Err(EngineError::OnlyKeeper(_))));
}

#[tokio::test]
async fn whoever_changes_a_password_gives_the_one_of_before_and_goes_on_under_a_new_ticket() {
    let house = House::new().await;
    account(&house, "ben").await;
    let (here, there) =
        (signed_in(&house.engine, "ben").await, signed_in(&house.engine, "ben").await);
    let change = |current, new| PasswordChange { token: &here.token, current, code: None, new };
    for current in [None, Some(OTHER)] {
        let changed = house.engine.change_password(&change(current, OTHER)).await;
        assert!(is_wrong(&changed));
    }
    let weak = house.engine.change_password(&change(Some(PASSWORD), "weak")).await;
    assert!(matches!(weak, Err(SignInError::Engine(EngineError::Invalid(_)))));
    let now = house.engine.change_password(&change(Some(PASSWORD), OTHER)).await.unwrap();
    for ended in [&here.token, &there.token] {
        assert_eq!(house.engine.signed_in(ended).await.unwrap(), None);
    }
    let still = house.engine.signed_in(&now.token).await.unwrap().unwrap();
    assert_eq!((&*still.actor.name, still.must_set_password), ("ben", false));
    assert!(is_right(&house.engine, "ben", OTHER).await);
    assert!(!is_right(&house.engine, "ben", PASSWORD).await);
    let told = told(&house, "ben").await;
    assert!(told.contains(&("password-change wrong-password".to_owned(), false)), "{told:?}");
    assert!(told.iter().any(|(what, done)| what.starts_with("password-change ") && *done));
}

#[tokio::test]
async fn guesses_at_the_password_from_within_a_sign_in_are_counted() {
    let house = House::new().await;
    account(&house, "ben").await;
    let now = signed_in(&house.engine, "ben").await;
    let guess = PasswordChange { token: &now.token, current: Some(OTHER), code: None, new: OTHER };
    for _ in 0..5 {
        assert!(is_wrong(&house.engine.change_password(&guess).await));
    }
    let right = PasswordChange { current: Some(PASSWORD), ..guess };
    assert!(is_wrong(&house.engine.change_password(&right).await));
    house.clock.advance_seconds(30);
    house.engine.change_password(&right).await.unwrap();
    let ended = PasswordChange { token: &now.token, ..right };
    assert!(is_wrong(&house.engine.change_password(&ended).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_does_not_outlive_a_password_that_is_changed_in_the_same_moment() {
    let house = House::new().await;
    account(&house, "ben").await;
    let other = Arc::new(house.second().await);
    for round in 0..10 {
        let (old, new) = if round % 2 == 0 { (PASSWORD, OTHER) } else { (OTHER, PASSWORD) };
        let keeper = anna();
        let (now, set) = tokio::join!(
            async { other.sign_in(&attempt("ben", old)).await },
            house.engine.set_password(&keeper, "ben", new, Cause::Test)
        );
        set.unwrap();
        if let Ok(now) = now {
            assert_eq!(house.engine.signed_in(&now.token).await.unwrap(), None, "{round}");
        }
    }
}

#[tokio::test]
async fn when_too_many_wait_to_be_checked_the_next_one_is_sent_away() {
    let house = House::new().await;
    account(&house, "ben").await;
    let given = attempt("ben", PASSWORD);
    let many = (0..100).map(|_| house.engine.sign_in(&given));
    let done = futures::future::join_all(many).await;
    let busy = done
        .iter()
        .filter(|one| matches!(one, Err(SignInError::Engine(EngineError::Busy))))
        .count();
    assert_eq!(busy, 36);
    assert!(is_right(&house.engine, "ben", PASSWORD).await);
}
