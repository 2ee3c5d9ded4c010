//! The portal: coming in by a link, and what a visit is.

use std::sync::atomic::Ordering;

use gantry_engine::audit::{Filter, Outcome};
use gantry_engine::portal::{
    KNOWN_DAYS, LINK_MINUTES, LINKS_AN_HOUR, Portal, VISIT_IDLE_MINUTES, VISIT_MINUTES,
};
use gantry_engine::session::{Scope, Statement};
use gantry_engine::{Cause, Clock, Engine};
use gantry_store::Space;
use uuid::Uuid;

use crate::support::{House, anna, contact, texts};

pub(crate) const AINO: &str = "aino.virtanen@harbour.example";
pub(crate) const BROWSER: &str = "a secret of one browser";
const ANOTHER: &str = "a secret of another browser";

/// A visit of whoever has the address.
pub(crate) async fn visit(engine: &Engine, email: &str) -> Portal {
    let link = engine.portal_link(email, BROWSER).await.unwrap().unwrap();
    let token = engine.portal_enter(&link.link, BROWSER).await.unwrap().unwrap();
    engine.portal(&token).await.unwrap().unwrap()
}

impl House {
    pub(crate) fn pass_minutes(&self, minutes: i64) {
        if let Clock::Set(millis) = &self.clock {
            millis.fetch_add(minutes * 60_000, Ordering::SeqCst);
        }
    }

    /// A contact like Aino under another name and address.
    pub(crate) async fn other(&self, name: &str, email: &str) -> Uuid {
        let mut draft = contact("FI");
        draft.data.insert("identity".into(), texts(&[("given_name", name)]));
        draft.data.insert("contact-details".into(), texts(&[("email", email)]));
        self.add(draft).await.id
    }
}

#[tokio::test]
async fn a_link_goes_to_the_address_that_is_known_and_lets_that_contact_in() {
    let house = House::new().await;
    let mut draft = contact("FI");
    draft.data["identity"].insert("language".into(), "fi".into());
    let id = house.add(draft).await.id;
    let typed = "  AINO.VIRTANEN@harbour.EXAMPLE ";
    let link = house.engine.portal_link(typed, BROWSER).await.unwrap().unwrap();
    assert_eq!(link.to, "Aino.Virtanen@harbour.example", "as it is known, not as it was typed");
    assert_eq!(link.language.as_deref(), Some("fi"));
    let token = house.engine.portal_enter(&link.link, BROWSER).await.unwrap().unwrap();
    let portal = house.engine.portal(&token).await.unwrap().unwrap();
    assert_eq!(portal.held().await.unwrap().contact.id, id);
    assert_eq!(portal.language().await.unwrap().as_deref(), Some("fi"));
}

#[tokio::test]
async fn letters_that_only_count_as_the_same_do_not_lead_a_link_elsewhere() {
    let house = House::new().await;
    house.other("Kai", "kai@kone.example").await;
    // The Kelvin sign is a `k` in small letters.
    let typed = "kai@\u{212a}one.example";
    let link = house.engine.portal_link(typed, BROWSER).await.unwrap().unwrap();
    assert_eq!(link.to, "kai@kone.example");
}

#[tokio::test]
async fn a_link_is_good_once() {
    let house = House::new().await;
    house.contact("FI").await;
    let link = house.engine.portal_link(AINO, BROWSER).await.unwrap().unwrap().link;
    assert!(house.engine.portal_enter(&link, BROWSER).await.unwrap().is_some());
    assert!(house.engine.portal_enter(&link, BROWSER).await.unwrap().is_none());
}

#[tokio::test]
async fn of_two_who_use_a_link_at_once_one_comes_in() {
    let house = House::new().await;
    house.contact("FI").await;
    let link = house.engine.portal_link(AINO, BROWSER).await.unwrap().unwrap().link;
    let (one, other) = tokio::join!(
        house.engine.portal_enter(&link, BROWSER),
        house.engine.portal_enter(&link, BROWSER)
    );
    let came = [one, other].into_iter().filter(|entered| matches!(entered, Ok(Some(_))));
    assert_eq!(came.count(), 1);
}

#[tokio::test]
async fn a_link_is_over_after_a_quarter_of_an_hour() {
    let house = House::new().await;
    house.contact("FI").await;
    let link = house.engine.portal_link(AINO, BROWSER).await.unwrap().unwrap().link;
    house.pass_minutes(LINK_MINUTES);
    assert!(house.engine.portal_enter(&link, BROWSER).await.unwrap().is_none());
}

#[tokio::test]
async fn a_link_is_good_in_the_browser_that_asked_and_in_no_other() {
    let house = House::new().await;
    house.contact("FI").await;
    let link = house.engine.portal_link(AINO, BROWSER).await.unwrap().unwrap().link;
    for browser in [ANOTHER, "", "short"] {
        let entered = house.engine.portal_enter(&link, browser).await.unwrap();
        assert!(entered.is_none(), "{browser}");
    }
    // Whoever tried elsewhere has not used it up.
    assert!(house.engine.portal_enter(&link, BROWSER).await.unwrap().is_some());
}

#[tokio::test]
async fn what_is_no_link_and_no_token_leads_nowhere() {
    let house = House::new().await;
    house.contact("FI").await;
    let link = house.engine.portal_link(AINO, BROWSER).await.unwrap().unwrap().link;
    let changed = link.replacen(|letter: char| letter.is_ascii_alphabetic(), "0", 1);
    for text in ["", "x", &"0".repeat(58), &"9".repeat(10_000), "ä".repeat(29).as_str(), &changed]
    {
        assert!(house.engine.portal_enter(text, BROWSER).await.unwrap().is_none());
        assert!(house.engine.portal(text).await.unwrap().is_none());
        house.engine.portal_leave(text).await.unwrap();
    }
    // A link is no token.
    assert!(house.engine.portal(&link).await.unwrap().is_none());
}

#[tokio::test]
async fn an_address_that_is_unknown_or_of_several_contacts_gets_no_link() {
    let house = House::new().await;
    house.contact("FI").await;
    for nobody in ["nobody@harbour.example", "", "@", "aino", "aino.virtanen@harbour.exampl"] {
        assert!(house.engine.portal_link(nobody, BROWSER).await.unwrap().is_none(), "{nobody}");
    }
    let long = format!("{}@harbour.example", "a".repeat(5_000));
    assert!(house.engine.portal_link(&long, BROWSER).await.unwrap().is_none());
    house.other("Eeva", AINO).await;
    assert!(house.engine.portal_link(AINO, BROWSER).await.unwrap().is_none());
}

#[tokio::test]
async fn who_is_erased_gets_no_link_and_comes_in_by_none() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let before = house.engine.portal_link(AINO, BROWSER).await.unwrap().unwrap().link;
    let used = house.engine.portal_link(AINO, BROWSER).await.unwrap().unwrap().link;
    let token = house.engine.portal_enter(&used, BROWSER).await.unwrap().unwrap();
    let portal = house.engine.portal(&token).await.unwrap().unwrap();
    house.people("claims").await.erase(id).await.unwrap();
    assert!(house.engine.portal_enter(&before, BROWSER).await.unwrap().is_none());
    assert!(house.engine.portal(&token).await.unwrap().is_none());
    assert!(house.engine.portal_link(AINO, BROWSER).await.unwrap().is_none());
    // A page that was under way shows nothing any more.
    let held = portal.held().await;
    assert!(held.is_err() || held.unwrap().records.is_empty());
}

#[tokio::test]
async fn an_address_that_was_suppressed_gets_no_link_though_somebody_else_has_it() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    house.other("Eeva", AINO).await;
    house.people("claims").await.erase(id).await.unwrap();
    assert!(house.engine.portal_link(AINO, BROWSER).await.unwrap().is_none());
}

#[tokio::test]
async fn nobodys_mailbox_is_flooded() {
    let house = House::new().await;
    house.contact("FI").await;
    house.other("Eeva", "eeva@harbour.example").await;
    let asks = async || house.engine.portal_link(AINO, BROWSER).await.unwrap().is_some();
    for number in 0..LINKS_AN_HOUR + 3 {
        assert_eq!(asks().await, number < LINKS_AN_HOUR, "{number}");
    }
    let other = house.engine.portal_link("eeva@harbour.example", ANOTHER).await.unwrap();
    assert!(other.is_some(), "somebody else's is not full");
    house.pass_minutes(60);
    assert!(asks().await);
}

#[tokio::test]
async fn strangers_who_ask_do_not_keep_a_contact_out_of_its_own_browser() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let ask = async |browser| house.engine.portal_link(AINO, browser).await.unwrap();
    let link = ask(BROWSER).await.unwrap().link;
    house.engine.portal_enter(&link, BROWSER).await.unwrap().unwrap();
    while ask(ANOTHER).await.is_some() {}
    for number in 0..LINKS_AN_HOUR + 2 {
        assert_eq!(ask(BROWSER).await.is_some(), number < LINKS_AN_HOUR, "{number}");
    }
    // What is known of a browser is known of this contact alone, and not for ever.
    house.pass_minutes(60);
    while ask(ANOTHER).await.is_some() {}
    assert!(ask(BROWSER).await.is_some());
    house.pass_minutes(KNOWN_DAYS * 24 * 60);
    while ask(ANOTHER).await.is_some() {}
    assert!(ask(BROWSER).await.is_none());
    house.people("claims").await.erase(id).await.unwrap();
}

#[tokio::test]
async fn a_visit_ends_by_silence_by_time_and_by_leaving() {
    let house = House::new().await;
    house.contact("FI").await;
    let enter = async || {
        let link = house.engine.portal_link(AINO, BROWSER).await.unwrap().unwrap().link;
        house.engine.portal_enter(&link, BROWSER).await.unwrap().unwrap()
    };
    let goes_on = async |token: &str| house.engine.portal(token).await.unwrap().is_some();

    let silent = enter().await;
    house.pass_minutes(VISIT_IDLE_MINUTES - 1);
    assert!(goes_on(&silent).await);
    house.pass_minutes(VISIT_IDLE_MINUTES - 1);
    assert!(goes_on(&silent).await, "a sign of life counts");
    house.pass_minutes(VISIT_IDLE_MINUTES);
    assert!(!goes_on(&silent).await);

    let long = enter().await;
    for _ in 0..VISIT_MINUTES / 20 - 1 {
        house.pass_minutes(20);
        assert!(goes_on(&long).await);
    }
    house.pass_minutes(20);
    assert!(!goes_on(&long).await);

    let (left, stays) = (enter().await, enter().await);
    house.engine.portal_leave(&left).await.unwrap();
    assert!(!goes_on(&left).await);
    assert!(goes_on(&stays).await);
}

#[tokio::test]
async fn another_process_knows_a_visit_and_its_end() {
    let house = House::new().await;
    house.contact("FI").await;
    let other = house.second().await;
    let link = house.engine.portal_link(AINO, BROWSER).await.unwrap().unwrap().link;
    let token = other.portal_enter(&link, BROWSER).await.unwrap().unwrap();
    assert!(house.engine.portal(&token).await.unwrap().is_some());
    house.engine.portal_leave(&token).await.unwrap();
    assert!(other.portal(&token).await.unwrap().is_none());
}

#[tokio::test]
async fn forms_carry_what_tells_nothing_of_the_token() {
    let house = House::new().await;
    house.contact("FI").await;
    let enter = async || {
        let link = house.engine.portal_link(AINO, BROWSER).await.unwrap().unwrap().link;
        house.engine.portal_enter(&link, BROWSER).await.unwrap().unwrap()
    };
    let (one, other) = (enter().await, enter().await);
    let form =
        async |token: &str| house.engine.portal(token).await.unwrap().unwrap().form().to_owned();
    assert_eq!(form(&one).await, form(&one).await);
    assert_ne!(form(&one).await, form(&other).await);
    assert!(!one.contains(&form(&one).await));
    let guest = house.engine.portal_form(BROWSER);
    assert_ne!(guest, house.engine.portal_form(ANOTHER));
    assert!(house.engine.portal_browser().len() > 40);
}

#[tokio::test]
async fn links_and_visits_lie_in_the_store_as_hashes_without_address_or_secret_and_go() {
    let house = House::new().await;
    house.contact("FI").await;
    let link = house.engine.portal_link(AINO, BROWSER).await.unwrap().unwrap().link;
    let used = house.engine.portal_link(AINO, BROWSER).await.unwrap().unwrap().link;
    let token = house.engine.portal_enter(&used, BROWSER).await.unwrap().unwrap();
    let store = house.engine.store();
    let lying = async || {
        let mut all = store.entries(Space::PortalLink, &[], None, 100).await.unwrap();
        all.extend(store.entries(Space::Visit, &[], None, 100).await.unwrap());
        all
    };
    let seen: Vec<String> = lying()
        .await
        .iter()
        .flat_map(|(key, value)| [key, value])
        .map(|bytes| String::from_utf8_lossy(bytes).to_lowercase())
        .collect();
    assert_eq!(seen.len(), 8, "a link, a count, a visit, a browser that came in");
    for secret in [link.as_str(), token.as_str(), BROWSER, "harbour", "aino"] {
        let secret = secret.to_lowercase();
        assert!(seen.iter().all(|text| !text.contains(&secret)), "{secret}");
    }
    // What is over is taken away by those who come later.
    house.clock.advance_hours(5);
    house.engine.portal_link("nobody@harbour.example", BROWSER).await.unwrap();
    house.engine.portal_link(AINO, BROWSER).await.unwrap();
    assert_eq!(store.entries(Space::PortalLink, &[], None, 100).await.unwrap().len(), 4);
    let link = house.engine.portal_link(AINO, BROWSER).await.unwrap().unwrap().link;
    house.engine.portal_enter(&link, BROWSER).await.unwrap().unwrap();
    assert_eq!(store.entries(Space::Visit, &[], None, 100).await.unwrap().len(), 1);
}

#[tokio::test]
async fn every_look_is_in_the_trail_as_the_portals() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let portal = visit(&house.engine, AINO).await;
    portal.held().await.unwrap();
    let filter = Filter { actor: Some("portal".into()), ..Filter::default() };
    let entries = house.people("integrity").await.trail_newest(&filter, 100).await.unwrap();
    let words: Vec<&str> = entries.iter().map(|entry| &*entry.operation).collect();
    for word in ["portal-link", "portal-enter", "read"] {
        assert!(words.contains(&word), "{words:?}");
    }
    assert!(entries.iter().all(|entry| entry.outcome == Outcome::Allowed));
    assert!(entries.iter().any(|entry| entry.concerns(id.as_bytes())));
    assert!(entries.iter().all(|entry| entry.cause == Cause::Request));
}

#[tokio::test]
async fn no_account_is_called_as_the_portal_is() {
    let house = House::new().await;
    let added = house.engine.add_account(&anna(), "portal", &["*".into()], Cause::Test).await;
    assert!(added.is_err());
}

#[tokio::test]
async fn the_portal_is_there_under_any_notice_while_processing_is_restricted_and_in_the_archive() {
    let house = House::new().await;
    let id = house.contact("CN").await;
    house.people("claims").await.say(id, Statement::Restricts, &Scope::Whole).await.unwrap();
    assert!(visit(&house.engine, AINO).await.held().await.is_ok());

    let small = include_str!("../../../../tests/notices/small-service.toml");
    let house = House::under(small).await;
    let draft = gantry_engine::draft::ContactDraft {
        country: Some("GB".into()),
        data: [
            ("person".to_owned(), texts(&[("name", "Morag Brown")])),
            ("reach".to_owned(), texts(&[("mail", "morag@wynd.example")])),
        ]
        .into_iter()
        .collect(),
        ..Default::default()
    };
    house.people("billing").await.add_contact(&draft).await.unwrap_err();
    let mut telephone = draft.clone();
    telephone.data["reach"] = texts(&[("telephone", "01738 555 010")]);
    let id = house.people("jobs").await.add_contact(&telephone).await.unwrap().id;
    let mail = texts(&[("mail", "morag@wynd.example")]);
    house.people("duties").await.change_contact(id, "reach", &mail, None).await.unwrap();
    let portal = visit(&house.engine, "morag@wynd.example").await;
    assert_eq!(portal.held().await.unwrap().contact.id, id);
    assert!(portal.request_kinds().is_empty());
    assert!(portal.preferences().await.unwrap().is_empty());
    assert!(portal.requests().await.unwrap().is_empty());
}
