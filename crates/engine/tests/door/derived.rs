//! What is worked out of a contact: who may work it out, who may read it, and when it goes.

use gantry_engine::EngineError;
use gantry_engine::draft::RecordView;
use gantry_engine::session::{Derived, Identified, Scope, Statement};
use gantry_intake::Saying;
use gantry_notice::Reason;
use uuid::Uuid;

use crate::imports;
use crate::support::{House, event, refused, texts};

const AT: i64 = 1_790_000_000_000;

fn interest(topic: &str, score: &str) -> Derived {
    let fields = texts(&[("topic", topic), ("score", score), ("last_reaction", "2026-09-21")]);
    Derived { name: topic.to_owned(), at: AT, fields }
}

fn segment(name: &str) -> Derived {
    let fields = texts(&[("segment", name), ("since", "2026-09-21"), ("by", "rule")]);
    Derived { name: name.to_owned(), at: AT, fields }
}

/// Somebody with an interest in ports, and a segment.
async fn somebody(house: &House) -> Uuid {
    let id = house.contact("FI").await;
    let campaigns = house.people_for("marketing", "campaigns").await;
    let reaction = event("reactions", "2026-09-21", &[("reaction", "replied"), ("topic", "ports")]);
    campaigns.add_record(id, &reaction).await.unwrap();
    let scores = [interest("ports", "8000"), interest("service", "500")];
    assert_eq!(campaigns.derive(id, "interests", &scores).await.unwrap(), 2);
    assert_eq!(campaigns.derive(id, "segments", &[segment("engaged")]).await.unwrap(), 1);
    id
}

async fn of(session: &Identified, id: Uuid, category: &str) -> Vec<RecordView> {
    session.records(id, Some(category), None, 10).await.unwrap().0.items
}

#[tokio::test]
async fn what_is_worked_out_replaces_what_was_and_is_written_only_where_it_differs() {
    let house = House::new().await;
    let id = somebody(&house).await;
    let campaigns = house.people_for("marketing", "campaigns").await;
    let again = [interest("service", "500"), interest("ports", "8000")];
    assert_eq!(campaigns.derive(id, "interests", &again).await.unwrap(), 0);
    let later = [interest("ports", "7000")];
    assert_eq!(campaigns.derive(id, "interests", &later).await.unwrap(), 2, "changed, removed");
    let held = of(&house.people_for("crm", "relations").await, id, "interests").await;
    assert_eq!(held.len(), 1);
    assert_eq!((&held[0].fields["score"], held[0].version), (&7000.into(), 2));
    assert_eq!(held[0].source, "worked-out");
    let nonsense = [interest("astrology", "1")];
    let fault = campaigns.derive(id, "interests", &nonsense).await;
    assert!(matches!(fault, Err(EngineError::Invalid(_))));
    assert_eq!(of(&campaigns, id, "interests").await.len(), 1);
}

#[tokio::test]
async fn nobody_works_it_out_but_whom_the_notice_lets_derive() {
    let house = House::new().await;
    let id = somebody(&house).await;
    for (purpose, used) in [
        ("crm", "relations"),
        ("sales", "communications"),
        ("quality", "surveys"),
        ("invoicing", "invoices"),
        ("claims", "requests"),
        ("marketing", "preferences"),
    ] {
        let session = house.people_for(purpose, used).await;
        let done = session.derive(id, "segments", &[segment("dormant")]).await;
        let reason = refused(done);
        let expected = [Reason::NotInNotice, Reason::OperationNotAllowed, Reason::NotForThisUse];
        assert!(expected.contains(&reason), "{purpose}/{used}: {reason:?}");
    }
    let campaigns = house.people_for("marketing", "campaigns").await;
    let collected = event("segments", "2026-09-21", &[("segment", "engaged")]);
    assert_eq!(refused(campaigns.add_record(id, &collected).await), Reason::OperationNotAllowed);
    let done = campaigns.derive(id, "reactions", &[]).await;
    assert_eq!(refused(done), Reason::OperationNotAllowed);
}

#[tokio::test]
async fn interests_and_segments_are_read_by_the_two_lists_of_the_notice_alone() {
    let house = House::new().await;
    let id = somebody(&house).await;
    let notice = house.engine.policy().policy().notice().clone();
    let profiling = notice.profiling.as_ref().unwrap();
    let (mut interests, mut segments) = (Vec::new(), Vec::new());
    for (purpose, declared) in &notice.purposes {
        for used in declared.uses.keys() {
            let session = house.work_on(&house.engine, purpose, Some(used)).await;
            let Ok(session) = session.into_identified() else { continue };
            let reads = async |category: &str| {
                session
                    .records(id, Some(category), None, 10)
                    .await
                    .is_ok_and(|(page, _)| !page.items.is_empty())
            };
            if reads("interests").await {
                interests.push(format!("{purpose}/{used}"));
            }
            if reads("segments").await {
                segments.push(format!("{purpose}/{used}"));
            }
        }
    }
    segments.sort();
    let mut wanted = profiling.segment_readers.clone();
    wanted.sort();
    assert_eq!(segments, wanted);
    for reader in &interests {
        let purpose = reader.split_once('/').unwrap().0;
        assert!(profiling.interest_readers.iter().any(|one| one == purpose), "{reader}");
    }
    assert!(interests.contains(&"marketing/campaigns".to_owned()), "{interests:?}");
}

#[tokio::test]
async fn who_objects_to_marketing_or_to_profiling_has_no_scores_from_then_on() {
    for scope in ["marketing", "profiling"] {
        let house = House::new().await;
        let id = somebody(&house).await;
        let claims = house.people("claims").await;
        let sales = house.people_for("sales", "communications").await;
        let record: Uuid = of(&sales, id, "interests").await[0].id.parse().unwrap();
        claims.say(id, Statement::Objects, &Scope::parse(scope)).await.unwrap();
        let removal = claims.removed(id, "interests", record).await.unwrap();
        assert!(!removal.held && removal.entry.is_some(), "{scope}: {removal:?}");
        let campaigns = house.people_for("marketing", "campaigns").await;
        let done = campaigns.derive(id, "interests", &[interest("ports", "1")]).await;
        assert_eq!(refused(done), Reason::Objected, "{scope}");
        claims.say(id, Statement::WithdrawsObjection, &Scope::parse(scope)).await.unwrap();
        assert!(of(&sales, id, "interests").await.is_empty(), "{scope}: gone is gone");
        assert!(of(&sales, id, "segments").await.is_empty(), "{scope}");
        assert_eq!(of(&campaigns, id, "reactions").await.len(), 1, "{scope}: not worked out");
    }
}

#[tokio::test]
async fn an_objection_that_came_with_a_file_leaves_nothing_to_come_back() {
    let house = House::new().await;
    let id = somebody(&house).await;
    let email = "aino.virtanen@harbour.example";
    let crm = house.people("crm").await;
    let mut import = crm.import("newsletter", false).await.unwrap();
    import.take(&[imports::says(email, Saying::ObjectsProfiling)]).await.unwrap();
    import.finish().await.unwrap();
    let sales = house.people_for("sales", "communications").await;
    let unseen = sales.records(id, Some("interests"), None, 10).await;
    assert_eq!(refused(unseen), Reason::Objected);
    let claims = house.people("claims").await;
    claims.say(id, Statement::WithdrawsObjection, &Scope::Profiling).await.unwrap();
    assert!(of(&sales, id, "interests").await.is_empty());
}

#[tokio::test]
async fn a_restriction_leaves_what_was_worked_out_where_it_is_unseen() {
    let house = House::new().await;
    let id = somebody(&house).await;
    let claims = house.people("claims").await;
    claims.say(id, Statement::Restricts, &Scope::parse("all")).await.unwrap();
    let campaigns = house.people_for("marketing", "campaigns").await;
    assert_eq!(
        refused(campaigns.records(id, Some("interests"), None, 10).await),
        Reason::Restricted
    );
    claims.say(id, Statement::LiftsRestriction, &Scope::parse("all")).await.unwrap();
    assert_eq!(of(&campaigns, id, "interests").await.len(), 2);
}
