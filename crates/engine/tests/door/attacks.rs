//! What a purpose must not learn or do by detours.

use std::sync::Arc;

use gantry_engine::audit::show::Filter;
use gantry_engine::audit::{About as Whom, Entry, Outcome};
use gantry_engine::draft::{About, ContactDraft, ObjectDraft, RecordDraft};
use gantry_engine::session::{Cell, Find, Report, Scope, Statement, Subject};
use gantry_engine::{Cause, EngineError, Session};
use gantry_intake::{
    ContactDraft as Row, Draft, FieldDraft, Key, Position, RecordDraft as RowRecord,
};
use gantry_notice::{Country, Operation, Reason};
use uuid::Uuid;

use crate::support::{House, anna, bundled, contact, event, refused, texts};

async fn screened(house: &House, times: usize) -> Uuid {
    let id = house.contact("FI").await;
    let background = house.people("background").await;
    for _ in 0..times {
        let study = event("screening", "2026-10-01", &[("outcome", "possible")]);
        background.add_record(id, &study).await.unwrap();
    }
    id
}

fn row(n: usize, email: &str) -> Draft {
    Draft {
        position: Position { file: "test.csv".into(), row: n as u64, line: n as u64 },
        company: None,
        contact: Some(Row {
            key: Key::Email(email.to_owned()),
            country: Country::of("FI"),
            company: None,
            fields: vec![FieldDraft {
                category: "identity".into(),
                field: "title".into(),
                value: "Dr".into(),
            }],
            said: Vec::new(),
            consents: Vec::new(),
            sole_trader: false,
        }),
        objects: Vec::new(),
        records: vec![RowRecord {
            category: "reactions".into(),
            key: None,
            contact: None,
            about: None,
            at: Some("2026-10-01".into()),
            fields: vec![("reaction".into(), "clicked".into())],
        }],
        remarks: Vec::new(),
    }
}

#[tokio::test]
async fn records_out_of_sight_are_neither_counted_nor_felt_in_pages() {
    let house = House::new().await;
    let (seen, clean) = (screened(&house, 3).await, screened(&house, 0).await);
    let marketing = house.people("marketing").await;
    for limit in [1, 2, 50] {
        let (mut after, mut other) = (None::<String>, None::<String>);
        loop {
            let a = marketing.records(seen, None, after.as_deref(), limit).await.unwrap();
            let b = marketing.records(clean, None, other.as_deref(), limit).await.unwrap();
            assert_eq!(a.0.items.len(), b.0.items.len());
            assert_eq!(a.1, b.1, "the remarks are the same");
            assert_eq!(a.0.next.is_some(), b.0.next.is_some());
            (after, other) = (a.0.next, b.0.next);
            if after.is_none() {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_record_does_not_name_an_object_of_a_kind_that_the_purpose_does_not_work_with() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let claims = house.people("claims").await;
    let case = ObjectDraft { fields: texts(&[("number", "L-1")]), ..ObjectDraft::default() };
    let case = claims.add_object("case", &case).await.unwrap();
    let call = RecordDraft {
        about: Some(About { kind: "case".into(), id: case.id.clone() }),
        ..event("communications", "2026-10-01", &[("channel", "phone")])
    };
    let told = claims.add_record(id, &call).await.unwrap();
    assert_eq!(told.about.unwrap().id, case.id);
    let crm = house.people("crm").await;
    let (page, _) = crm.records(id, Some("communications"), None, 10).await.unwrap();
    assert_eq!((page.items.len(), &page.items[0].about), (1, &None));
}

#[tokio::test]
async fn a_version_is_not_told_to_who_may_not_change() {
    let house = House::new().await;
    let id = screened(&house, 1).await;
    let background = house.people("background").await;
    let (page, _) = background.records(id, Some("screening"), None, 1).await.unwrap();
    let study = page.items[0].id.parse().unwrap();
    let crm = house.people("crm").await;
    let change = texts(&[("outcome", "clear")]);
    for version in [None, Some(1), Some(77)] {
        let changed = crm.change_record(id, "screening", study, &change, version).await;
        assert_eq!(refused(changed), Reason::NotInNotice, "{version:?}");
    }
    let requests = house.people("claims").await;
    requests.say(id, Statement::Restricts, &Scope::Whole).await.unwrap();
    let change = texts(&[("given_name", "Eetu")]);
    for version in [None, Some(77)] {
        let changed = crm.change_contact(id, "identity", &change, version).await;
        assert_eq!(refused(changed), Reason::Restricted, "{version:?}");
    }
}

#[tokio::test]
async fn a_profile_changed_as_a_record_is_a_change_of_the_contact() {
    let house = House::new().await;
    let before = house.add(contact("FI")).await;
    let crm = house.people("crm").await;
    let change = texts(&[("phone", "+358 40 555 9999")]);
    crm.change_record(before.id, "contact-details", before.id, &change, None).await.unwrap();
    let change = texts(&[("phone", "+358 40 555 1111")]);
    let stale = Some(before.version);
    let lost = crm.change_contact(before.id, "contact-details", &change, stale).await;
    assert!(matches!(lost, Err(EngineError::Conflict { .. })));
}

#[tokio::test]
async fn an_objection_to_marketing_outlives_the_withdrawal_of_another() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let requests = house.people("claims").await;
    let purpose = |name: &str| Scope::Purpose(name.to_owned());
    requests.say(id, Statement::Objects, &purpose("marketing")).await.unwrap();
    requests.say(id, Statement::Objects, &purpose("sales")).await.unwrap();
    requests.say(id, Statement::WithdrawsObjection, &purpose("sales")).await.unwrap();
    let promotion = house.people_for("events", "promotion").await;
    assert_eq!(refused(promotion.contact(id).await), Reason::Objected);
    requests.say(id, Statement::WithdrawsObjection, &purpose("marketing")).await.unwrap();
    assert!(promotion.contact(id).await.is_ok());
}

#[tokio::test]
async fn an_address_erased_elsewhere_shows_only_to_who_gives_it() {
    let house = House::new().await;
    let (first, second) = (house.contact("FI").await, house.contact("FI").await);
    house.people("claims").await.erase(first).await.unwrap();
    let crm = house.people("crm").await;
    let change = texts(&[("city", "Kotka")]);
    assert!(crm.change_contact(second, "contact-details", &change, None).await.is_ok());
    let again = texts(&[("email", "aino.virtanen@harbour.example")]);
    let third = house.add(without_address()).await.id;
    let given = crm.change_contact(third, "contact-details", &again, None).await;
    assert_eq!(refused(given), Reason::Erased);
}

fn without_address() -> ContactDraft {
    let mut draft = contact("FI");
    draft.data.shift_remove("contact-details");
    draft
}

#[tokio::test]
async fn a_sole_traders_company_says_nothing_of_an_erased_person() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let crm = house.people("crm").await;
    let draft = ObjectDraft {
        person: Some(id),
        fields: texts(&[("name", "Virtanen Hoists")]),
        ..ObjectDraft::default()
    };
    let company: Uuid = crm.add_object("company", &draft).await.unwrap().id.parse().unwrap();
    house.people("claims").await.erase(id).await.unwrap();
    let kind = house.engine.policy().policy().lexicon().kind("company").unwrap();
    let rows = house.engine.store().objects(kind.0, &[*company.as_bytes()]).await.unwrap().value;
    let body = &rows[0].as_ref().unwrap().body;
    assert!(!body.windows(8).any(|bytes| bytes == b"Virtanen"));
}

#[tokio::test]
async fn the_order_of_aliases_does_not_follow_the_order_of_contacts() {
    let house = House::new().await;
    for n in 0..12 {
        let role = ["management", "purchasing", "finance", "sales"][n % 4];
        let mut draft = contact("FI");
        draft.data["employment"].insert("role".into(), role.into());
        house.add(draft).await;
    }
    let Session::Pseudonymous(research) = house.work("research").await else { panic!() };
    let whole = research.records("employment", None, 50).await.unwrap().items;
    let (mut single, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = research.records("employment", after.as_deref(), 1).await.unwrap();
        single.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(single.len(), 12);
    assert_eq!(single, whole, "by alias, however small the pages");
    assert!(whole.iter().all(|row| row.record.version == 0));
}

fn by(field: &str, sum: Option<&str>) -> Report {
    let subject = Subject::Records("survey-answers".into());
    Report { subject, by: vec![field.to_owned()], sum: sum.map(str::to_owned) }
}

#[tokio::test]
async fn a_report_names_no_text_that_too_few_share_and_adds_up_no_few() {
    let house = House::new().await;
    let quality = house.people_for("quality", "surveys").await;
    for n in 0..14 {
        let id = house.contact("FI").await;
        let choice = if n == 0 { "Call Aino" } else { "Good" };
        let mut answer = event("survey-answers", "2026-10-01", &[("choice", choice)]);
        if n < 2 {
            answer.fields.insert("score".into(), "7".into());
        }
        quality.add_record(id, &answer).await.unwrap();
    }
    let Session::Aggregate(reporting) = house.work("reporting").await else { panic!() };
    let table = reporting.report(&by("choice", None)).await.unwrap();
    let names: Vec<&str> = table.lines.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["(other)", "Good", "total"]);
    let table = reporting.report(&by("year", Some("score"))).await.unwrap();
    for (_, cells) in &table.lines {
        let Cell::Shown(amount) = &cells[0] else { panic!() };
        assert!(amount.sums.is_empty(), "the score of two");
    }
}

#[tokio::test]
async fn an_objection_during_an_import_is_heard_before_the_import_is_seen() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let marketing = house.people("marketing").await;
    let mut import = marketing.import("list", false).await.unwrap();
    import.take(&[row(1, "aino.virtanen@harbour.example")]).await.unwrap();
    let requests = house.people("claims").await;
    let scope = Scope::Purpose("marketing".into());
    requests.say(id, Statement::Objects, &scope).await.unwrap();
    assert!(matches!(import.finish().await, Err(EngineError::Conflict { .. })));
    let (page, _) = requests.records(id, Some("reactions"), None, 10).await.unwrap();
    assert!(page.items.is_empty());
}

#[tokio::test]
async fn an_import_is_in_the_trail_even_where_it_writes_nothing() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let crm = house.people("crm").await;
    let mut import = crm.import("list", true).await.unwrap();
    import.take(&[row(1, "aino.virtanen@harbour.example")]).await.unwrap();
    import.finish().await.unwrap();
    let overseer = house.people("integrity").await;
    let filter =
        gantry_engine::audit::show::Filter { contact: Some(*id.as_bytes()), ..Default::default() };
    let page = overseer.trail(&filter, None, 100).await.unwrap();
    assert_eq!(page.entries.len(), 2, "added, and held against a row");
}

#[tokio::test]
async fn the_company_represented_is_written_only_by_who_may_collect_it() {
    let house = House::new().await;
    let company = house.company().await;
    let notice = bundled().replace(
        "collects = [\"identity\", \"employment\", \"contact-details\", \"safety\"",
        "collects = [\"identity\", \"contact-details\", \"safety\"",
    );
    assert_ne!(notice, bundled());
    let notice = notice.replace("version = \"2026-11\"", "version = \"2026-12\"");
    house.engine.publish_notice(&anna(), notice.as_bytes(), Cause::Test).await.unwrap();
    let mut draft = ContactDraft { company: Some(company), ..contact("FI") };
    draft.data.retain(|name, _| name == "identity");
    let safety = house.people("safety").await;
    assert!(safety.add_contact(&draft).await.is_err());
    draft.company = None;
    assert!(safety.add_contact(&draft).await.is_ok());
}

#[tokio::test]
async fn nothing_is_written_on_a_notice_that_is_no_longer_in_force() {
    let house = House::new().await;
    let crm = house.people("crm").await;
    let notice = bundled().replace("version = \"2026-11\"", "version = \"2026-12\"");
    house.engine.publish_notice(&anna(), notice.as_bytes(), Cause::Test).await.unwrap();
    assert!(crm.add_contact(&contact("FI")).await.is_err());
    assert!(house.people("crm").await.add_contact(&contact("FI")).await.is_ok());
}

#[tokio::test]
async fn a_date_to_come_does_not_make_windows_longer() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let crm = house.people("crm").await;
    let late = event("communications", "2999-01-01", &[("channel", "phone")]);
    assert!(matches!(crm.add_record(id, &late).await, Err(EngineError::Invalid(_))));
    let now = event("communications", "2026-11-02T11:00:00Z", &[("channel", "phone")]);
    crm.add_record(id, &now).await.unwrap();
    house.clock.advance_days(366 * 4);
    let crm = house.people("crm").await;
    let view = crm.contact(id).await.unwrap();
    assert!(view.data.is_empty(), "all windows after the last activity are over");
}

/// Denied entries about somebody or something, newest last, and how many there are in all.
async fn denied(house: &House, about: &Whom) -> Vec<Entry> {
    let overseer = house.people("integrity").await;
    let filter = Filter { denied: Some(true), ..Filter::default() };
    let page = overseer.trail(&filter, None, 1_000).await.unwrap();
    let entries = page.entries.into_iter().map(|found| found.entry);
    entries.filter(|entry| entry.about == *about).collect()
}

#[tokio::test]
async fn every_refusal_is_in_the_trail_with_the_id_as_it_was_asked_for() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let (about, nobody) = (Whom::One(*id.as_bytes()), Uuid::from_u128(404));
    let (crm, claims) = (house.people("crm").await, house.people("claims").await);
    let city = texts(&[("city", "Kotka")]);
    let odd = texts(&[("shoe_size", "38")]);
    let call = event("communications", "2026-10-01", &[("shoe_size", "38")]);
    let mut attempts = 0;
    let mut more = async |refused: bool, what: &str| {
        assert!(refused, "{what}");
        attempts += 1;
        assert_eq!(denied(&house, &about).await.len(), attempts, "{what}");
    };
    more(crm.change_contact(id, "contact-details", &odd, None).await.is_err(), "a field").await;
    more(crm.change_contact(id, "astrology", &city, None).await.is_err(), "a category").await;
    more(crm.add_record(id, &call).await.is_err(), "a field of a record").await;
    more(crm.records(id, Some("astrology"), None, 1).await.is_err(), "a list").await;
    more(crm.record(id, "astrology", nobody).await.is_err(), "a record of it").await;
    more(crm.record(id, "communications", nobody).await.is_err(), "no record").await;
    let change = crm.change_record(id, "communications", nobody, &city, None).await;
    more(change.is_err(), "no record to change").await;
    more(crm.why(id, "astrology", Operation::Read).await.is_err(), "why").await;
    let objection = claims.say(id, Statement::Objects, &Scope::parse("invoicing")).await;
    more(objection.is_err(), "a duty").await;

    let stranger = Whom::One(*nobody.as_bytes());
    assert!(crm.contact(nobody).await.is_err());
    assert!(crm.change_contact(nobody, "contact-details", &city, None).await.is_err());
    assert!(claims.erase(nobody).await.is_err());
    let entries = denied(&house, &stranger).await;
    let operations: Vec<&str> = entries.iter().map(|entry| &*entry.operation).collect();
    assert_eq!(operations, ["read", "change", "change"]);
    assert!(entries.iter().all(|e| e.outcome == Outcome::Denied(Reason::Unknown as u8)));

    let kind = house.engine.policy().policy().lexicon().kind("company").unwrap();
    assert!(crm.object("company", nobody).await.is_err());
    assert_eq!(denied(&house, &Whom::Object(kind.0, *nobody.as_bytes())).await.len(), 1);
    let before = denied(&house, &Whom::Nobody).await.len();
    let Session::Aggregate(reporting) = house.work("reporting").await else { panic!() };
    let subject = Subject::Records("astrology".into());
    let report = Report { subject, by: Vec::new(), sum: None };
    assert!(reporting.report(&report).await.is_err());
    let Session::Pseudonymous(research) = house.work("research").await else { panic!() };
    assert!(research.records("astrology", None, 10).await.is_err());
    assert_eq!(denied(&house, &Whom::Nobody).await.len(), before + 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_that_meet_an_erasure_are_made_before_it_or_refused() {
    let house = House::new().await;
    let (crm, claims) = (Arc::new(house.people("crm").await), house.people("claims").await);
    let invoicing = house.people("invoicing").await;
    for _ in 0..20 {
        let mut draft = contact("FI");
        draft.data.shift_remove("contact-details");
        let id = house.add(draft).await.id;
        let part = event("orders", "2026-10-30", &[("role", "orderer")]);
        let part: Uuid = invoicing.add_record(id, &part).await.unwrap().id.parse().unwrap();
        let crm = Arc::clone(&crm);
        let changes = tokio::spawn(async move {
            let mut last = "orderer";
            for role in ["decider", "adviser"].into_iter().cycle() {
                let change = texts(&[("role", role)]);
                match crm.change_record(id, "orders", part, &change, None).await {
                    Ok(_) => last = role,
                    Err(EngineError::Conflict { .. }) => {}
                    Err(error) => return (last, error),
                }
            }
            unreachable!("the roles have no end")
        });
        let kept = loop {
            match claims.erase(id).await {
                Err(EngineError::Conflict { .. }) => {}
                done => break done.unwrap().kept.len(),
            }
        };
        let (last, end) = changes.await.unwrap();
        assert_eq!(end.reason(), Some(Reason::Erased), "{end}");
        let record = invoicing.record(id, "orders", part).await.unwrap();
        assert_eq!((kept, record.fields["role"].as_str()), (1, Some(last)));
    }
}

#[tokio::test]
async fn a_change_does_not_take_away_what_a_record_must_have() {
    let house = House::new().await;
    let id = screened(&house, 1).await;
    let background = house.people("background").await;
    let (page, _) = background.records(id, Some("screening"), None, 1).await.unwrap();
    let study: Uuid = page.items[0].id.parse().unwrap();
    let change = texts(&[("outcome", " ")]);
    match background.change_record(id, "screening", study, &change, None).await {
        Err(EngineError::Invalid(faults)) => assert_eq!(faults[0].field, "screening.outcome"),
        other => panic!("{other:?}"),
    }
    let view = background.record(id, "screening", study).await.unwrap();
    assert_eq!(view.fields["outcome"], "possible");
}

#[tokio::test]
async fn a_question_of_many_words_is_not_asked() {
    let house = House::new().await;
    let crm = house.people("crm").await;
    let long = Find::Words("ab ".repeat(5_000));
    assert!(matches!(crm.find(&long, None, 10).await, Err(EngineError::Invalid(_))));
}

#[tokio::test]
async fn what_a_duty_keeps_is_read_before_the_old_key_is_destroyed_and_after() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let (invoicing, claims) = (house.people("invoicing").await, house.people("claims").await);
    let voucher = event("payment", "2026-10-30", &[("name_on_document", "Aino Virtanen")]);
    let voucher: Uuid = invoicing.add_record(id, &voucher).await.unwrap().id.parse().unwrap();
    let Some(database) = house.database() else {
        eprintln!("on a file, keys cannot be put back: this test was left out");
        return;
    };
    database.remember_keys();
    claims.erase(id).await.unwrap();
    // Whoever erased was stopped before the key was destroyed.
    database.put_keys_back();
    let second = house.second().await;
    let invoicing = house.work_on(&second, "invoicing", None).await.into_identified().unwrap();
    let record = invoicing.record(id, "payment", voucher).await.unwrap();
    assert_eq!(record.fields["name_on_document"], "Aino Virtanen");
    database.destroy_key(&id.to_string());
    let record = invoicing.record(id, "payment", voucher).await.unwrap();
    assert_eq!(record.fields["name_on_document"], "Aino Virtanen");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_duty_collects_while_the_contact_is_erased_is_kept_or_refused() {
    let house = House::new().await;
    let claims = house.people("claims").await;
    let invoicing = Arc::new(house.people("invoicing").await);
    for _ in 0..20 {
        let id = house.add(without_address()).await.id;
        let adding = Arc::clone(&invoicing);
        let added = tokio::spawn(async move {
            let part = event("orders", "2026-10-30", &[("role", "orderer")]);
            // Not without end: each makes the erasure begin anew.
            for count in 0..12 {
                match adding.add_record(id, &part).await {
                    Ok(_) => {}
                    Err(EngineError::Conflict { .. }) => return count,
                    Err(error) => {
                        assert_eq!(error.reason(), Some(Reason::Erased), "{error}");
                        return count;
                    }
                }
            }
            12
        });
        let kept = loop {
            match claims.erase(id).await {
                Err(EngineError::Conflict { .. }) => {}
                done => break done.unwrap().kept,
            }
        };
        let kept: usize = kept.iter().map(|kept| kept.records).sum();
        assert_eq!(kept, added.await.unwrap());
    }
}
