//! What lies in the store: nothing by which anybody could sign in.

use gantry_engine::audit::Filter;
use gantry_engine::{Cause, Engine};
use gantry_store::Space;

use super::{OTHER, PASSWORD, account, attempt, is_wrong, signed_in};
use crate::support::{House, anna};

const SPACES: [Space; 6] =
    [Space::Meta, Space::Account, Space::Credential, Space::SignIn, Space::Link, Space::Subject];

/// All that the store keeps of accounts, and the trail, and where the store is in files, those.
async fn kept(house: &House, engine: &Engine) -> Vec<u8> {
    engine.tick(true).await.unwrap();
    let mut bytes = Vec::new();
    for space in SPACES {
        for (key, value) in engine.store().entries(space, &[], None, 10_000).await.unwrap() {
            bytes.extend(key);
            bytes.extend(value);
        }
    }
    for head in engine.store().audit_heads().await.unwrap() {
        for link in engine.store().audit_links(&head.chain, 0, 10_000).await.unwrap() {
            bytes.extend(link.body);
        }
    }
    for file in std::fs::read_dir(house.folder.path()).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            bytes.extend(std::fs::read(path).unwrap());
        }
    }
    bytes
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[tokio::test]
async fn neither_password_nor_secret_nor_ticket_nor_link_lies_in_the_store() {
    let house = House::new().await;
    account(&house, "ben").await;
    let engine = &house.engine;
    let ben = engine.actor("ben").await.unwrap();
    let now = signed_in(engine, "ben").await;
    let link = engine.sign_in_link(&anna(), "ben", Cause::Test).await.unwrap();
    let secret = engine.begin_totp(&now.token, PASSWORD).await.unwrap();
    let secret_bytes = totp_rs::Secret::try_from_base32(&secret.secret).unwrap();
    let code = super::second_factor::code(&secret.secret, &house);
    engine.confirm_totp(&ben, &code).await.unwrap();
    // A password that was typed in place of a name, and a wrong one.
    assert!(is_wrong(&engine.sign_in(&attempt(OTHER, OTHER)).await));
    assert!(is_wrong(&engine.sign_in(&attempt("ben", OTHER)).await));
    let kept = kept(&house, engine).await;
    assert!(holds(&kept, b"$argon2id$v=19$"), "there is something to be looked at");
    for (what, part) in [
        ("password", PASSWORD.as_bytes()),
        ("wrong password", OTHER.as_bytes()),
        ("part of a password", b"quay teal"),
        ("ticket", now.token.as_bytes()),
        ("ticket's letters", &now.token.as_bytes()[4..40]),
        ("link", link.as_bytes()),
        ("link's letters", &link.as_bytes()[4..40]),
        ("secret as text", secret.secret.as_bytes()),
        ("secret", secret_bytes.as_bytes()),
        ("browser's mark", now.browser.as_bytes()),
    ] {
        assert!(!holds(&kept, part), "{what}");
    }
    for text in [&now.token, &link] {
        let inside = gantry_vault::decode(&text[4..]).unwrap();
        assert!(!holds(&kept, &inside[..32]), "the bytes that a text stands for");
    }
}

#[tokio::test]
async fn a_password_has_another_hash_each_time_and_costs_what_the_house_says() {
    let house = House::new().await;
    account(&house, "ben").await;
    account(&house, "cleo").await;
    let hash = async |name: &str| {
        let bytes = house.engine.store().entry(Space::Credential, name.as_bytes()).await.unwrap();
        let value: serde_json::Value = serde_json::from_slice(&bytes.unwrap()).unwrap();
        value["password"]["hash"].as_str().unwrap().to_owned()
    };
    let (one, other) = (hash("ben").await, hash("cleo").await);
    assert!(one.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{one}");
    assert_ne!(one, other);
    let filter = Filter::default();
    let all = house.people("integrity").await.trail_newest(&filter, 1_000).await.unwrap();
    assert!(all.iter().all(|entry| !entry.operation.contains("argon2")));
}
