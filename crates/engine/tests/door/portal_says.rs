//! The portal: what a contact sees, says and asks for, of itself alone.

use gantry_engine::audit::Filter;
use gantry_engine::draft::ObjectDraft;
use gantry_engine::portal::{
    Act, By, Choice, Consenting, Correction, MAX_OPEN, Objecting, Portal, PortalError,
    PurposeShown, RequestDraft, RequestKind, UsedPage,
};
use gantry_engine::session::{Find, Meaning, ObjectQuery, Scope};
use gantry_engine::{Cause, EngineError};
use gantry_notice::{Channel, Reason};
use indexmap::IndexMap;

use crate::portal::{AINO, BROWSER, visit};
use crate::support::{House, anna, event, refused, texts};

const EEVA: &str = "eeva@harbour.example";

fn asks(kind: RequestKind, words: &str) -> RequestDraft {
    RequestDraft { kind, words: words.to_owned(), correction: None }
}

fn corrects(field: &str, value: &str) -> RequestDraft {
    let (category, field) = field.split_once('.').unwrap();
    let (category, field, value) = (category.to_owned(), field.to_owned(), value.to_owned());
    let correction = Some(Correction { category, field, value });
    RequestDraft { correction, ..asks(RequestKind::Rectification, "It changed in May.") }
}

fn purpose<'p>(purposes: &'p [PurposeShown], id: &str) -> &'p PurposeShown {
    purposes.iter().find(|purpose| purpose.id == id).unwrap()
}

async fn purposes(portal: &Portal) -> Vec<PurposeShown> {
    portal.purposes(&portal.held().await.unwrap())
}

#[tokio::test]
async fn an_objection_in_the_portal_acts_at_once_on_a_session_that_is_open() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let marketing = house.people("marketing").await;
    assert!(marketing.contact(id).await.is_ok());
    let portal = visit(&house.engine, AINO).await;
    let effect = portal.object(&Scope::parse("marketing")).await.unwrap();
    assert!(effect.means.contains(&Meaning::MarketingStops));
    assert_eq!(refused(marketing.contact(id).await), Reason::Objected);
    let shown = purposes(&portal).await;
    assert_eq!(purpose(&shown, "marketing").objecting, Objecting::Stands);
    portal.withdraw_objection(&Scope::parse("marketing")).await.unwrap();
    assert!(marketing.contact(id).await.is_ok());
}

#[tokio::test]
async fn each_purpose_says_what_can_be_said_to_it() {
    let house = House::new().await;
    house.contact("FI").await;
    let portal = visit(&house.engine, AINO).await;
    let shown = purposes(&portal).await;
    assert_eq!(shown.len(), 16);
    assert_eq!(purpose(&shown, "marketing").objecting, Objecting::AtOnce);
    assert!(purpose(&shown, "marketing").direct_marketing);
    assert_eq!(purpose(&shown, "crm").objecting, Objecting::Weighed);
    assert_eq!(purpose(&shown, "invoicing").objecting, Objecting::No);
    assert!(shown.iter().all(|purpose| purpose.consenting == Consenting::NotNeeded));
    let crm = purpose(&shown, "crm");
    let details = crm.categories.iter().find(|seen| seen.category == "contact-details").unwrap();
    assert!(details.allowed && details.records == Some(1));
    assert_eq!(details.until.as_deref(), Some("2028-11-01"));
    assert_eq!(crm.uses[0].basis.as_ref().unwrap().id, "legitimate-interest");

    portal.object(&Scope::parse("crm")).await.unwrap();
    let shown = purposes(&portal).await;
    assert_eq!(purpose(&shown, "crm").objecting, Objecting::BeingWeighed);
    assert_eq!(purpose(&shown, "crm").uses[0].reason, Some("objection-being-weighed"));
    let said = portal.object(&Scope::parse("invoicing")).await;
    assert!(matches!(said, Err(PortalError::Engine(EngineError::Refused(_)))));
}

#[tokio::test]
async fn consent_is_withdrawn_as_easily_as_it_is_given() {
    let house = House::new().await;
    let id = house.contact("CN").await;
    let portal = visit(&house.engine, AINO).await;
    let marketing = house.people("marketing").await;
    assert_eq!(purpose(&purposes(&portal).await, "marketing").consenting, Consenting::Missing);
    assert_eq!(refused(marketing.contact(id).await), Reason::NoConsent);
    portal.consent(&Scope::parse("marketing")).await.unwrap();
    assert!(marketing.contact(id).await.is_ok());
    assert_eq!(purpose(&purposes(&portal).await, "marketing").consenting, Consenting::Given);
    let effect = portal.withdraw_consent(&Scope::parse("marketing")).await.unwrap();
    assert!(effect.means.contains(&Meaning::Stops));
    assert_eq!(refused(marketing.contact(id).await), Reason::NoConsent);
}

#[tokio::test]
async fn channels_and_profiling_are_closed_at_once_and_what_needs_judgement_is_not_said_here() {
    let house = House::new().await;
    house.contact("FI").await;
    let portal = visit(&house.engine, AINO).await;
    portal.object(&Scope::Channel(Channel::Email)).await.unwrap();
    portal.object(&Scope::Profiling).await.unwrap();
    let said = portal.held().await.unwrap().said;
    assert!(said.objects_to_profiling);
    assert_eq!(said.channels[0].said, "closed");
    for scope in ["all", "category:identity", "record:orders/x/y"] {
        let said = portal.object(&Scope::parse(scope)).await;
        let unknown = matches!(said, Err(PortalError::Engine(EngineError::Invalid(_))));
        assert!(matches!(said, Err(PortalError::NotOffered(_))) || unknown, "{scope}");
    }
}

#[tokio::test]
async fn a_request_is_an_object_with_the_contacts_part_and_words_about_it() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let portal = visit(&house.engine, AINO).await;
    assert_eq!(portal.request_kinds(), RequestKind::ALL);
    let number = portal.open_request(&corrects("contact-details.phone", "+358 9 123 4567")).await;
    let number = number.unwrap().unwrap();
    assert!(number.starts_with("R-20261101-"), "{number}");

    let listed = portal.requests().await.unwrap();
    assert_eq!(listed.len(), 1);
    let request = &listed[0];
    assert_eq!(request.number.as_deref(), Some(&*number));
    assert_eq!((request.kind.as_deref(), request.is_open), (Some("rectification"), true));
    assert_eq!(request.received.as_deref(), Some("2026-11-01"));
    assert_eq!(request.due.as_deref(), Some("2026-12-01"));
    let words = request.words.as_deref().unwrap();
    assert_eq!(words, "contact-details.phone: +358 9 123 4567\n\nIt changed in May.");

    let claims = house.people("claims").await;
    let (parts, _) = claims.records(id, Some("claims"), None, 10).await.unwrap();
    assert_eq!(parts.items[0].fields["part"], "requester");
    assert_eq!(parts.items[0].about.as_ref().unwrap().kind, "request");
    let (talk, _) = claims.records(id, Some("communications"), None, 10).await.unwrap();
    assert_eq!(talk.items[0].fields["channel"], "portal");
    let query = ObjectQuery { search: Some(("number".into(), number)), ..Default::default() };
    let found = claims.objects("request", &query, None, 10).await.unwrap();
    assert_eq!(found.items[0].fields["way"], "portal");
    assert_eq!(found.items[0].state, "received");

    let answer = ObjectDraft {
        state: Some("answered".into()),
        fields: texts(&[("answered", "2026-11-03")]),
        ..ObjectDraft::default()
    };
    let object = found.items[0].id.parse().unwrap();
    claims.change_object("request", object, &answer, None).await.unwrap();
    let outcome = texts(&[("outcome", "granted")]);
    let part = parts.items[0].id.parse().unwrap();
    claims.change_record(id, "claims", part, &outcome, None).await.unwrap();
    let request = portal.requests().await.unwrap().remove(0);
    assert!(!request.is_open);
    assert_eq!(request.outcome.as_deref(), Some("granted"));
    assert_eq!(request.answered.as_deref(), Some("2026-11-03"));
}

#[tokio::test]
async fn requests_that_are_open_at_once_are_bounded_also_when_they_come_together() {
    let house = House::new().await;
    house.contact("FI").await;
    let portal = visit(&house.engine, AINO).await;
    for _ in 0..MAX_OPEN - 1 {
        portal.open_request(&asks(RequestKind::Access, "")).await.unwrap();
    }
    let draft = asks(RequestKind::Erasure, "All of it, please.");
    let (one, other) = tokio::join!(portal.open_request(&draft), portal.open_request(&draft));
    let full = |opened: &Result<_, PortalError>| matches!(opened, Err(PortalError::TooManyOpen));
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    assert!(full(&one) || full(&other));
    assert_eq!(portal.requests().await.unwrap().len(), MAX_OPEN);
}

#[tokio::test]
async fn a_request_that_does_not_fit_leaves_nothing_behind() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let portal = visit(&house.engine, AINO).await;
    let bad = [
        (asks(RequestKind::Rectification, "wrong"), "field"),
        (corrects("contact-details.birthday", "1980-01-01"), "field"),
        (corrects("espionage.phone", "1"), "field"),
        (corrects("contact-details.email", "no address"), "value"),
        (corrects("identity.language", "Finnish, please"), "value"),
        (corrects("employment.role", "spy"), "value"),
        (corrects("identity.given_name", &"a".repeat(5_000)), "value"),
        (asks(RequestKind::Access, &"a".repeat(4_001)), "words"),
        (asks(RequestKind::Access, "bell\u{7}"), "words"),
    ];
    for (draft, field) in bad {
        match portal.open_request(&draft).await {
            Err(PortalError::Engine(EngineError::Invalid(faults))) => {
                assert_eq!(faults[0].field, field, "{draft:?}");
            }
            other => panic!("{other:?}"),
        }
    }
    let claims = house.people("claims").await;
    assert!(claims.records(id, Some("claims"), None, 10).await.unwrap().0.items.is_empty());
    let all = claims.objects("request", &ObjectQuery::default(), None, 10).await.unwrap();
    assert!(all.items.is_empty());
}

#[tokio::test]
async fn a_notice_that_has_no_place_for_requests_says_so() {
    let notice = crate::support::bundled().replace("\"human-review\", ", "");
    let house = House::under(&without_words(&notice, "human-review")).await;
    house.contact("FI").await;
    let portal = visit(&house.engine, AINO).await;
    assert!(!portal.request_kinds().contains(&RequestKind::HumanReview));
    let opened = portal.open_request(&asks(RequestKind::HumanReview, "")).await;
    assert!(matches!(opened, Err(PortalError::NotOffered(_))));
    assert!(portal.open_request(&asks(RequestKind::Access, "")).await.is_ok());

    let notice = crate::support::bundled()
        .replace(
            "write = [\"claims\"]\n\n[objects.request.fields]",
            "write = [\"archive\"]\n\n[objects.request.fields]",
        )
        .replace(
            "read = [\"claims\"]\nwrite = [\"archive\"]",
            "read = [\"claims\", \"archive\"]\nwrite = [\"archive\"]",
        );
    let house = House::under(&notice).await;
    house.contact("FI").await;
    let portal = visit(&house.engine, AINO).await;
    assert!(portal.request_kinds().is_empty());
    let opened = portal.open_request(&asks(RequestKind::Access, "")).await;
    assert!(matches!(opened, Err(PortalError::NotOffered(_))));
}

/// The notice without what it calls a code in other languages, which it then has no more.
fn without_words(notice: &str, code: &str) -> String {
    let lines = notice.lines().filter(|line| !line.starts_with(&format!("{code} = ")));
    lines.fold(String::new(), |text, line| text + line + "\n")
}

#[tokio::test]
async fn one_contact_reaches_nothing_of_another_by_any_method() {
    let house = House::new().await;
    let aino = house.contact("FI").await;
    let eeva = house.other("Eeva", EEVA).await;
    let crm = house.people("crm").await;
    for (id, subject) in [(aino, "Hoist of Aino"), (eeva, "Crane of Eeva")] {
        let talk = event("communications", "2026-10-30", &[("subject", subject)]);
        crm.add_record(id, &talk).await.unwrap();
    }
    let of_aino = visit(&house.engine, AINO).await;
    let of_eeva = visit(&house.engine, EEVA).await;
    of_eeva.open_request(&asks(RequestKind::Access, "Words of Eeva")).await.unwrap();
    // Aino's own dealings come between, so that pages of both have more behind them.
    for _ in 0..60 {
        of_aino.held().await.unwrap();
        of_eeva.held().await.unwrap();
    }
    let held = of_aino.held().await.unwrap();
    assert_eq!(held.contact.id, aino);
    let copy = serde_json::to_string(&of_aino.copy().await.unwrap()).unwrap();
    assert!(copy.contains("Hoist of Aino"));
    for secret in ["Eeva", EEVA, &eeva.to_string()] {
        assert!(!copy.contains(secret), "{secret}");
    }
    assert!(of_aino.requests().await.unwrap().is_empty());

    let page = of_eeva.used(None).await.unwrap();
    let cursor = page.next.unwrap();
    assert!(of_aino.used(Some(&cursor)).await.is_err(), "a cursor of somebody else");
    assert!(of_aino.used(Some("nonsense")).await.is_err());

    of_aino.object(&Scope::parse("marketing")).await.unwrap();
    let chosen = IndexMap::from([(("preferences".into(), "ports".into()), "yes".into())]);
    of_aino.set_preferences(&chosen).await.unwrap();
    of_aino.open_request(&corrects("identity.family_name", "Laine")).await.unwrap();
    let held = of_eeva.held().await.unwrap();
    assert!(held.said.objections.is_empty());
    assert!(!held.contact.data.contains_key("preferences"));
    assert_eq!(of_eeva.requests().await.unwrap().len(), 1);
    assert_eq!(of_aino.requests().await.unwrap().len(), 1);
}

async fn all_used(portal: &Portal) -> Vec<UsedPage> {
    let (mut pages, mut before) = (Vec::new(), None);
    loop {
        let page = portal.used(before.as_deref()).await.unwrap();
        before.clone_from(&page.next);
        pages.push(page);
        if before.is_none() {
            return pages;
        }
    }
}

#[tokio::test]
async fn who_used_it_is_told_by_purpose_and_role_and_never_by_name() {
    let house = House::new().await;
    house
        .engine
        .put_account(&anna(), "matti.meikalainen", &["seller".into()], Cause::Test)
        .await
        .unwrap();
    house.engine.put_account(&anna(), "liisa-l", &["trainer".into()], Cause::Test).await.unwrap();
    let id = house.contact("FI").await;
    for account in ["matti.meikalainen", "liisa-l"] {
        let actor = house.engine.actor(account).await.unwrap();
        for name in ["crm", "delivery"] {
            let work = gantry_engine::Work::on(name, Cause::Request);
            if let Ok(session) = house.engine.session(&actor, &work).await {
                session.identified().unwrap().contact(id).await.unwrap();
                session.identified().unwrap().find(&Find::All, None, 10).await.unwrap();
            }
        }
    }
    house.engine.remove_account(&anna(), "liisa-l", Cause::Test).await.unwrap();
    house.people("marketing").await.contact(id).await.unwrap();
    let refused_look = house.work("crm").await.into_identified().unwrap();
    refused_look.records(id, Some("payment"), None, 1).await.unwrap_err();
    let portal = visit(&house.engine, AINO).await;
    let pages = all_used(&portal).await;
    let told = format!("{pages:?}");
    for name in ["matti", "liisa", "anna"] {
        assert!(!told.contains(name), "{name}: {told}");
    }
    let items: Vec<_> = pages.iter().flat_map(|page| &page.items).collect();
    assert!(items.is_sorted_by_key(|used| std::cmp::Reverse(used.at)));
    let by = |purpose: &str, roles: &[&str], act: Act| {
        let roles = By::Roles(roles.iter().map(|role| (*role).to_owned()).collect());
        items
            .iter()
            .filter(|used| {
                used.purpose.as_deref() == Some(purpose) && used.by == roles && used.act == act
            })
            .count()
    };
    assert_eq!(by("crm", &["seller"], Act::Looked), 2, "{told}");
    assert_eq!(by("delivery", &[], Act::Looked), 2, "whose account is gone has no role");
    assert_eq!(by("marketing", &["marketer"], Act::Looked), 1);
    assert_eq!(by("crm", &["account-manager", "seller", "service-coordinator"], Act::Added), 1);
    assert!(items.iter().any(|used| used.by == By::You && used.act == Act::Entered));
    let details = items.iter().find(|used| used.purpose.as_deref() == Some("marketing")).unwrap();
    assert!(details.categories.iter().any(|name| name == "contact-details"));
    assert_eq!((details.count, details.used.as_deref()), (Some(1), Some("campaigns")));
}

#[tokio::test]
async fn looking_at_who_used_it_goes_back_page_by_page_and_leaves_nothing_out() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    house.other("Eeva", EEVA).await;
    let crm = house.people("crm").await;
    for number in 0..250 {
        crm.contact(id).await.unwrap();
        if number % 10 == 0 {
            crm.find(&Find::Email(EEVA.into()), None, 1).await.unwrap();
            house.engine.tick(false).await.unwrap();
        }
    }
    let portal = visit(&house.engine, AINO).await;
    let pages = all_used(&portal).await;
    assert!(pages.len() > 2);
    let crm = pages.iter().flat_map(|page| &page.items);
    let looks =
        crm.filter(|used| used.purpose.as_deref() == Some("crm") && used.act == Act::Looked);
    assert_eq!(looks.count(), 250);
}

#[tokio::test]
async fn preferences_are_chosen_as_far_as_the_notice_lets_them_be() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let portal = visit(&house.engine, AINO).await;
    let offered = portal.preferences().await.unwrap();
    let names: Vec<&str> = offered.iter().map(|one| one.field.as_str()).collect();
    let expected =
        ["language", "lifting", "ports", "service", "modernisation", "training", "frequency"];
    assert_eq!(names, expected);
    assert_eq!(offered[0].choice, Choice::Language);
    let choose = async |field: (&str, &str), value: &str| {
        let chosen = ((field.0.to_owned(), field.1.to_owned()), value.to_owned());
        portal.set_preferences(&IndexMap::from([chosen])).await
    };
    choose(("preferences", "ports"), "yes").await.unwrap();
    choose(("preferences", "frequency"), "quarterly").await.unwrap();
    choose(("identity", "language"), "zh").await.unwrap();
    let view = house.people("marketing").await.contact(id).await.unwrap();
    assert_eq!(view.data["preferences"]["ports"], true);
    assert_eq!(view.data["identity"]["language"], "zh");
    choose(("preferences", "ports"), "").await.unwrap();
    let view = house.people("marketing").await.contact(id).await.unwrap();
    assert_eq!(view.data["preferences"].get("ports"), None);
    for field in [("identity", "given_name"), ("contact-details", "email"), ("x", "y")] {
        let chosen = choose(field, "Eve").await;
        assert!(matches!(chosen, Err(PortalError::NotOffered(_))), "{field:?}");
    }
    let bad = choose(("preferences", "frequency"), "hourly").await;
    assert!(matches!(bad, Err(PortalError::Engine(EngineError::Invalid(_)))));
}

#[tokio::test]
async fn the_copy_says_under_which_notice_it_was_made_and_is_itself_in_the_trail() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let portal = visit(&house.engine, AINO).await;
    let copied = serde_json::to_value(portal.copy().await.unwrap()).unwrap();
    assert_eq!(copied["notice"], "customer-contacts");
    assert_eq!(copied["made"], "2026-11-01T12:00:00Z");
    assert_eq!(copied["contact"]["id"], id.to_string());
    let filter = Filter { contact: Some(*id.as_bytes()), ..Filter::default() };
    let entries = house.people("integrity").await.trail_newest(&filter, 5).await.unwrap();
    assert_eq!(entries[0].actor, "portal");
    assert!(house.engine.portal_form(BROWSER).len() > 20);
}

#[tokio::test]
async fn looking_around_is_told_as_one_look_so_that_it_does_not_hide_what_others_did() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let portal = visit(&house.engine, AINO).await;
    let own_looks = async || {
        let items = portal.used(None).await.unwrap().items;
        items.iter().filter(|used| used.by == By::You && used.act == Act::Looked).count()
    };
    for _ in 0..5 {
        portal.held().await.unwrap();
    }
    assert_eq!(own_looks().await, 1);
    house.people("crm").await.contact(id).await.unwrap();
    house.pass_minutes(5);
    portal.held().await.unwrap();
    assert_eq!(own_looks().await, 2, "somebody else looked between them");
    house.pass_minutes(31);
    portal.held().await.unwrap();
    assert_eq!(own_looks().await, 3);
}
