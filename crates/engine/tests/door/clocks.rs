//! Two nodes on one store, whose clocks are an hour apart.
//!
//! What decides does not depend on a clock: what is acknowledged is there for both at once, versions
//! count, an idempotency key stands for one thing, leases end by the database's clock. What may
//! differ: around midnight the two have different days, so for that hour one of them may see a record
//! that the other's window has closed on, or a consent that begins or ends with the day; a token ends,
//! and a key of idempotency is forgotten, up to an hour earlier at one of them; and an entry of the
//! trail bears the time of whoever wrote it, so that only the entries of one chain are in order.

use gantry_engine::session::{Find, Identified, Made, Scope, Statement};
use gantry_engine::{Clock, Engine, EngineError, StoreError};
use gantry_notice::Reason;

use crate::support::{House, contact, refused, texts};

/// A house whose clock stands an hour before midnight, and a node that has midnight already.
async fn apart() -> (House, Engine) {
    let house = House::new().await;
    house.clock.advance_hours(11);
    let clock = Clock::standing_at(house.clock.now());
    clock.advance_hours(1);
    assert_ne!(clock.today(), house.clock.today());
    let ahead = house.second_at(&clock).await;
    (house, ahead)
}

async fn people(house: &House, engine: &Engine, purpose: &str) -> Identified {
    house.work_on(engine, purpose, None).await.into_identified().unwrap()
}

#[tokio::test]
async fn an_objection_made_at_either_holds_at_both() {
    let (house, ahead) = apart().await;
    for by_ahead in [false, true] {
        let id = house.contact("FI").await;
        let (by, other) = if by_ahead { (&ahead, &house.engine) } else { (&house.engine, &ahead) };
        people(&house, other, "marketing").await.contact(id).await.unwrap();
        let claims = people(&house, by, "claims").await;
        let scope = Scope::Purpose("marketing".into());
        claims.say(id, Statement::Objects, &scope).await.unwrap();
        for engine in [by, other] {
            let marketing = people(&house, engine, "marketing").await;
            assert_eq!(refused(marketing.contact(id).await), Reason::Objected);
        }
    }
}

#[tokio::test]
async fn versions_count_whoever_changes_and_a_stale_one_is_refused() {
    let (house, ahead) = apart().await;
    let mut seen = house.add(contact("FI")).await;
    for round in 0..6 {
        let engine = if round % 2 == 0 { &ahead } else { &house.engine };
        let crm = people(&house, engine, "crm").await;
        let title = texts(&[("job_title", &format!("Title {round}"))]);
        let changed = crm.change_contact(seen.id, "employment", &title, Some(seen.version)).await;
        let changed = changed.unwrap();
        assert_ne!(changed.version, seen.version);
        let stale = crm.change_contact(seen.id, "employment", &title, Some(seen.version)).await;
        assert!(
            matches!(
                stale,
                Err(EngineError::Conflict { .. } | EngineError::Store(StoreError::Conflict { .. }))
            ),
            "{stale:?}"
        );
        seen = changed;
    }
}

#[tokio::test]
async fn a_list_that_was_begun_at_one_goes_on_at_the_other() {
    let (house, ahead) = apart().await;
    let mut all = Vec::new();
    for round in 0..9 {
        let engine = if round % 2 == 0 { &ahead } else { &house.engine };
        all.push(people(&house, engine, "crm").await.add_contact(&contact("FI")).await.unwrap().id);
    }
    let (mut cursor, mut found) = (None, Vec::new());
    for round in 0..9 {
        let engine = if round % 2 == 0 { &house.engine } else { &ahead };
        let crm = people(&house, engine, "crm").await;
        let page = crm.find(&Find::All, cursor.as_deref(), 2).await.unwrap();
        found.extend(page.items.iter().map(|item| item.id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    all.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, all);
}

#[tokio::test]
async fn a_key_of_idempotency_stands_for_one_thing_at_both_over_midnight() {
    let (house, ahead) = apart().await;
    for (round, (first, second)) in
        [(&house.engine, &ahead), (&ahead, &house.engine)].into_iter().enumerate()
    {
        let key = format!("key-{round}");
        let mut one = people(&house, first, "crm").await;
        let mut other = people(&house, second, "crm").await;
        assert_eq!(one.once(&key, b"add").await.unwrap(), None);
        // Asked for at both at once: one of them makes it.
        assert_eq!(other.once(&key, b"add").await.unwrap(), None);
        let id = one.add_contact(&contact("FI")).await.unwrap().id;
        let lost = other.add_contact(&contact("FI")).await;
        assert!(matches!(lost, Err(EngineError::Conflict { .. } | EngineError::Store(_))));
        let made = other.happened().await.unwrap().unwrap();
        assert_eq!(made, Made::Contact(id));
        let mut again = people(&house, second, "crm").await;
        assert_eq!(again.once(&key, b"add").await.unwrap(), Some(made));
    }
}

#[tokio::test]
async fn each_writes_its_own_part_of_the_trail_and_all_of_it_holds() {
    let (house, ahead) = apart().await;
    for engine in [&ahead, &house.engine, &ahead, &house.engine] {
        people(&house, engine, "crm").await.add_contact(&contact("FI")).await.unwrap();
        engine.tick(true).await.unwrap();
    }
    // In files the two share one chain; in a database each has leased its own, by the time of that.
    let chains = house.engine.store().audit_heads().await.unwrap().len();
    assert_eq!(chains, if house.is_shared() { 2 } else { 1 });
    assert_eq!(house.open().await.check().await.unwrap(), [""; 0]);
}
