//! People whom another house vouches for.

use gantry_engine::{Cause, EngineError, Method, PasswordChange};
use gantry_store::Space;

use super::{PASSWORD, account, fault, is_wrong, told};
use crate::support::{House, anna};

const ISSUER: &str = "https://id.example/realms/harbour";

async fn link(house: &House, account: &str, subject: &str) -> Result<(), EngineError> {
    house.engine.link_subject(&anna(), account, ISSUER, subject, Cause::Test).await
}

#[tokio::test]
async fn a_subject_that_is_known_signs_in_and_no_other_does() {
    let house = House::new().await;
    let engine = &house.engine;
    engine.add_account(&anna(), "ben", &["seller".to_owned()], Cause::Test).await.unwrap();
    assert!(is_wrong(&engine.sign_in_federated(ISSUER, "248289761001", "").await));
    link(&house, "ben", "248289761001").await.unwrap();
    link(&house, "ben", "248289761001").await.unwrap();
    let now = engine.sign_in_federated(ISSUER, "248289761001", "").await.unwrap();
    assert!(!now.must_set_password);
    let there = engine.signed_in(&now.token).await.unwrap().unwrap();
    assert_eq!((&*there.actor.name, there.method), ("ben", Method::Federated));
    let first = PasswordChange { token: &now.token, current: None, code: None, new: PASSWORD };
    assert!(is_wrong(&engine.change_password(&first).await), "it would outlive the voucher");
    for (issuer, subject) in [
        ("https://id.example/realms/other", "248289761001"),
        (ISSUER, "24828976100"),
        (ISSUER, ""),
        ("", "248289761001"),
        ("https://id.example/realms/harbour\n248289761001", ""),
        ("https://id.example/realms", "harbour\n248289761001"),
    ] {
        assert!(
            is_wrong(&engine.sign_in_federated(issuer, subject, "").await),
            "{issuer} {subject}"
        );
    }
    let of_nobody = told(&house, "").await;
    assert_eq!(of_nobody, vec![("sign-in unknown-subject".to_owned(), false); 7]);
    assert!(told(&house, "anna").await.contains(&("subject-link ben".to_owned(), true)));
}

#[tokio::test]
async fn a_subject_is_of_one_account_and_goes_with_it() {
    let house = House::new().await;
    account(&house, "ben").await;
    account(&house, "cleo").await;
    link(&house, "ben", "one").await.unwrap();
    assert!(fault(link(&house, "cleo", "one").await).contains("another account"));
    let engine = &house.engine;
    let now = engine.sign_in_federated(ISSUER, "one", "").await.unwrap();
    engine.unlink_subject(&anna(), "ben", ISSUER, "one", Cause::Test).await.unwrap();
    assert_eq!(engine.signed_in(&now.token).await.unwrap(), None);
    assert!(is_wrong(&engine.sign_in_federated(ISSUER, "one", "").await));
    let again = engine.unlink_subject(&anna(), "ben", ISSUER, "one", Cause::Test).await;
    assert!(matches!(again, Err(EngineError::NotFound { .. })));
    link(&house, "cleo", "one").await.unwrap();
    engine.remove_account(&anna(), "cleo", Cause::Test).await.unwrap();
    assert!(is_wrong(&engine.sign_in_federated(ISSUER, "one", "").await));
    let rows = engine.store().entries(Space::Subject, &[], None, 10).await.unwrap();
    assert_eq!(rows, []);
}

#[tokio::test]
async fn only_who_looks_after_the_house_says_who_is_vouched_for() {
    let house = House::new().await;
    account(&house, "ben").await;
    let ben = house.engine.actor("ben").await.unwrap();
    let own = house.engine.link_subject(&ben, "ben", ISSUER, "one", Cause::Test).await;
    assert!(matches!(own, Err(EngineError::OnlyKeeper(_))));
    for n in 0..10 {
        link(&house, "ben", &format!("s{n}")).await.unwrap();
    }
    assert!(fault(link(&house, "ben", "one too many").await).contains("10 at most"));
    assert!(fault(link(&house, "ben", "with\nline").await).starts_with("subject is not"));
    assert_eq!(house.engine.ways_in("ben").await.unwrap().subjects, 10);
}
