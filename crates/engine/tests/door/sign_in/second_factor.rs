//! Codes of an authenticator.

use gantry_engine::{Attempt, Cause, Engine, EngineError, Method, SignInError, SignedInNow};
use totp_rs::{Builder, Secret};

use super::{OTHER, PASSWORD, account, attempt, begun, fault, is_right, is_wrong, signed_in, told};
use crate::support::{House, anna};

/// An account gets a second factor. Answers its secret. Its first code is used.
pub(super) async fn enrolled(house: &House, name: &str) -> String {
    let actor = house.engine.actor(name).await.unwrap();
    let secret = begun(&house.engine, name).await.secret.to_string();
    house.engine.confirm_totp(&actor, &code(&secret, house)).await.unwrap();
    secret
}

/// What the authenticator shows now.
pub(super) fn code(secret: &str, house: &House) -> String {
    code_at(secret, house.clock.now())
}

fn code_at(secret: &str, millis: i64) -> String {
    let secret = Secret::try_from_base32(secret).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    totp.generate(u64::try_from(millis / 1_000).unwrap()).to_string()
}

async fn with_code(engine: &Engine, code: &str) -> Result<SignedInNow, SignInError> {
    engine.sign_in(&Attempt { code: Some(code), ..attempt("ben", PASSWORD) }).await
}

#[tokio::test]
async fn a_second_factor_is_in_force_once_a_code_was_shown() {
    let house = House::new().await;
    account(&house, "ben").await;
    let engine = &house.engine;
    let ben = engine.actor("ben").await.unwrap();
    let made = begun(engine, "ben").await;
    assert!(made.url.starts_with("otpauth://totp/"), "{}", made.url.as_str());
    assert!(made.url.contains(made.secret.as_str()) && made.url.contains("ben"));
    assert!(!engine.has_totp("ben").await.unwrap());
    assert!(is_right(engine, "ben", PASSWORD).await);
    let wrong = engine.confirm_totp(&ben, "000000").await;
    assert!(fault(wrong).starts_with("code is not what"));
    engine.confirm_totp(&ben, &code(&made.secret, &house)).await.unwrap();
    assert!(engine.has_totp("ben").await.unwrap());
    let without = engine.sign_in(&attempt("ben", PASSWORD)).await;
    assert!(matches!(without, Err(SignInError::CodeNeeded)));
    assert!(
        is_wrong(&engine.sign_in(&attempt("ben", OTHER)).await),
        "who has not the password learns nothing"
    );
    house.clock.advance_seconds(30);
    let now = with_code(engine, &code(&made.secret, &house)).await.unwrap();
    let there = engine.signed_in(&now.token).await.unwrap().unwrap();
    assert_eq!(there.method, Method::PasswordAndCode);
    let told = told(&house, "ben").await;
    for what in ["totp-begin", "totp-confirm", "sign-in code-needed"] {
        assert!(told.iter().any(|(told, _)| told == what), "{what}: {told:?}");
    }
}

#[tokio::test]
async fn no_second_factor_is_begun_without_the_password_and_guesses_shut_the_account() {
    let house = House::new().await;
    account(&house, "ben").await;
    let engine = &house.engine;
    let now = signed_in(engine, "ben").await;
    assert!(matches!(engine.begin_totp(&now.token, OTHER).await, Err(SignInError::Wrong)));
    assert!(matches!(engine.begin_totp("nonsense", PASSWORD).await, Err(SignInError::Wrong)));
    // A right one takes nothing from the tries that are left, a few wrong ones take them all.
    for _ in 0..8 {
        engine.begin_totp(&now.token, PASSWORD).await.unwrap();
    }
    for _ in 0..5 {
        assert!(engine.begin_totp(&now.token, OTHER).await.is_err());
    }
    assert!(matches!(engine.begin_totp(&now.token, PASSWORD).await, Err(SignInError::Wrong)));
    assert!(told(&house, "ben").await.iter().any(|(told, _)| told.starts_with("lock-out")));
}

#[tokio::test]
async fn a_secret_that_is_not_confirmed_in_time_is_over() {
    let house = House::new().await;
    account(&house, "ben").await;
    let ben = house.engine.actor("ben").await.unwrap();
    let secret = begun(&house.engine, "ben").await.secret;
    house.clock.advance_hours(1);
    let late = house.engine.confirm_totp(&ben, &code(&secret, &house)).await;
    assert!(fault(late).contains("begin with a new one"));
    let (first, second) =
        (begun(&house.engine, "ben").await.secret, begun(&house.engine, "ben").await.secret);
    assert_ne!(*first, *second);
    assert!(house.engine.confirm_totp(&ben, &code(&first, &house)).await.is_err());
    house.engine.confirm_totp(&ben, &code(&second, &house)).await.unwrap();
}

#[tokio::test]
async fn each_code_is_good_once() {
    let house = House::new().await;
    account(&house, "ben").await;
    let secret = enrolled(&house, "ben").await;
    let engine = &house.engine;
    let used = code(&secret, &house);
    assert!(is_wrong(&with_code(engine, &used).await), "it confirmed the secret");
    house.clock.advance_seconds(30);
    let next = code(&secret, &house);
    with_code(engine, &next).await.unwrap();
    assert!(is_wrong(&with_code(engine, &next).await));
    assert!(is_wrong(&with_code(engine, &used).await), "nor one of before");
    house.clock.advance_seconds(30);
    assert!(is_wrong(&with_code(engine, &next).await), "nor within the skew");
    let spaced = code(&secret, &house);
    let spaced = format!(" {} {} ", &spaced[..3], &spaced[3..]);
    with_code(engine, &spaced).await.unwrap();
}

#[tokio::test]
async fn a_clock_may_be_half_a_minute_wrong_and_no_more() {
    let house = House::new().await;
    account(&house, "ben").await;
    let secret = enrolled(&house, "ben").await;
    for (seconds, good) in [(-60, false), (60, false), (-30, true), (30, true)] {
        house.clock.advance_seconds(120);
        let shown = code_at(&secret, house.clock.now() + seconds * 1_000);
        assert_eq!(with_code(&house.engine, &shown).await.is_ok(), good, "{seconds}");
    }
    for nonsense in ["", "12345", "1234567", "abcdef", "+12345", "１２３４５６"] {
        house.clock.advance_seconds(900);
        assert!(is_wrong(&with_code(&house.engine, nonsense).await), "{nonsense}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_nodes_that_take_one_code_only_one_does() {
    let house = House::new().await;
    account(&house, "ben").await;
    let secret = enrolled(&house, "ben").await;
    let engines = [house.engine.clone(), house.second().await];
    for round in 0..8 {
        house.clock.advance_seconds(60);
        let shown = code(&secret, &house);
        let taken = (0..4).map(|n| {
            let (engine, shown) = (engines[n % 2].clone(), shown.clone());
            tokio::spawn(async move {
                match with_code(&engine, &shown).await {
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
        // Those that lost may have been failures enough.
        house.clock.advance_seconds(900);
    }
}

#[tokio::test]
async fn guesses_at_the_code_shut_the_account_and_asking_for_it_does_not() {
    let house = House::new().await;
    account(&house, "ben").await;
    let secret = enrolled(&house, "ben").await;
    let engine = &house.engine;
    for _ in 0..12 {
        let without = engine.sign_in(&attempt("ben", PASSWORD)).await;
        assert!(matches!(without, Err(SignInError::CodeNeeded)));
    }
    for _ in 0..5 {
        assert!(is_wrong(&with_code(engine, "000000").await));
        // Whoever has the password does not get the guesses back by it.
        let _ = engine.sign_in(&attempt("ben", PASSWORD)).await;
    }
    house.clock.advance_seconds(29);
    assert!(is_wrong(&with_code(engine, &code(&secret, &house)).await));
    assert!(
        is_wrong(&engine.sign_in(&attempt("ben", PASSWORD)).await),
        "it says no more that it was right"
    );
    house.clock.advance_seconds(1);
    with_code(engine, &code(&secret, &house)).await.unwrap();
}

#[tokio::test]
async fn who_has_lost_it_is_let_in_by_who_looks_after_the_house() {
    let house = House::new().await;
    account(&house, "ben").await;
    account(&house, "cleo").await;
    enrolled(&house, "ben").await;
    let engine = &house.engine;
    let cleo = engine.actor("cleo").await.unwrap();
    let by_cleo = engine.remove_totp(&cleo, "ben", Cause::Test).await;
    assert!(matches!(by_cleo, Err(EngineError::OnlyKeeper(_))));
    engine.remove_totp(&anna(), "ben", Cause::Test).await.unwrap();
    assert!(is_right(engine, "ben", PASSWORD).await);
    let again = engine.remove_totp(&anna(), "ben", Cause::Test).await;
    assert!(matches!(again, Err(EngineError::NotFound { .. })));
    assert!(told(&house, "anna").await.contains(&("totp-remove ben".to_owned(), true)));
}

#[tokio::test]
async fn a_secret_moved_to_another_account_opens_nothing() {
    let house = House::new().await;
    account(&house, "ben").await;
    account(&house, "cleo").await;
    let secret = enrolled(&house, "ben").await;
    let store = house.engine.store();
    let read = async |name: &str| {
        let space = gantry_store::Space::Credential;
        let bytes = store.entry(space, name.as_bytes()).await.unwrap().unwrap();
        serde_json::from_slice::<serde_json::Value>(&bytes).unwrap()
    };
    let mut of_cleo = read("cleo").await;
    of_cleo["second_factor"] = read("ben").await["second_factor"].clone();
    let write = gantry_store::Write::Entry(
        gantry_store::Space::Credential,
        b"cleo".to_vec(),
        serde_json::to_vec(&of_cleo).unwrap(),
    );
    let batch = gantry_store::Batch { writes: vec![write], ..Default::default() };
    store.commit(batch).await.unwrap();
    house.clock.advance_seconds(30);
    let shown = code(&secret, &house);
    let given = Attempt { code: Some(&shown), ..attempt("cleo", PASSWORD) };
    let tried = house.engine.sign_in(&given).await;
    assert!(matches!(tried, Err(SignInError::Engine(EngineError::Unreadable { .. }))));
}
