//! `gantry insight`: what reactions tell, worked out, explained, and gone on objection.

use gantry_engine::Clock;
use jiff::{Timestamp, ToSpan as _};

use crate::support::{House, text};

/// So many days ago.
fn ago(days: i64) -> String {
    let at = Timestamp::from_millisecond(Clock::System.now()).unwrap();
    (at - (days * 24).hours()).to_string()
}

fn reacts(house: &House, contact: &str, reaction: &str, topic: &str, days: i64) {
    let (reaction, topic) = (format!("reaction={reaction}"), format!("topic={topic}"));
    let at = ago(days);
    let add = ["record", "add", "--for", "marketing", "--category", "reactions", "--at", &at];
    let what = ["--contact", contact, "--set", &reaction, "--set", &topic];
    house.done(&[&add[..], &what].concat());
}

#[test]
fn reactions_make_interests_and_categories_that_explain_themselves_and_go_on_objection() {
    let house = House::new();
    let (anna, ben) = (house.somebody("Anna", "FI"), house.somebody("Ben", "DE"));
    reacts(&house, &anna, "attended", "training", 2);
    reacts(&house, &anna, "clicked", "ports", 10);
    reacts(&house, &ben, "delivered", "ports", 2);
    let update = ["insight", "update", "--for", "marketing"];
    let done = house.json(&update);
    assert_eq!((&done["contacts"], &done["changed"]), (&2.into(), &1.into()), "{done}");
    assert_eq!(house.json(&update)["changed"], 0, "nothing differs");

    let show = ["insight", "show", "--for", "marketing", &anna];
    let told = house.json(&show);
    let worth = told["scores"]["training"].as_f64().unwrap();
    assert!((worth - 8.0 * (-2.0_f64 / 90.0).exp2()).abs() < 1e-3, "{worth}");
    assert_eq!(told["segments"][0]["segment"], "engaged");
    assert_eq!(told["segments"][1]["segment"], "likes-training");
    assert_eq!(told["segments"].as_array().unwrap().len(), 2);
    let because = text(&told["segments"][0], "because");
    assert!(because.starts_with("the score over all topics is at least 8 (it is 10."), "{because}");
    assert!(told["segments"][0]["until"].is_string());
    let table = house.done(&show).out;
    assert!(table.contains("Engaged, since ") && table.contains("attended"), "{table}");

    // A person decides otherwise, and the rule does not take it back.
    let hand = |segment: &str, to: &str, reason: &str| {
        let shift = ["insight", "move", "--for", "marketing", &anna, segment, to];
        house.run(&[&shift[..], &["--reason", reason]].concat())
    };
    assert_eq!(hand("engaged", "out", "").code, Some(4));
    assert_eq!(hand("rich", "in", "why not").code, Some(4));
    assert_eq!(hand("engaged", "out", "asked for fewer mails").code, Some(0));
    assert_eq!(hand("likes-ports", "in", "works on a quay crane").code, Some(0));
    house.done(&update);
    let told = house.json(&show);
    let segments: Vec<&str> = told["segments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["segment"].as_str().unwrap())
        .collect();
    assert_eq!(segments, ["likes-ports", "likes-training"]);
    assert_eq!(told["segments"][0]["reason"], "works on a quay crane");
    assert_eq!(told["kept_out"][0]["reason"], "asked for fewer mails");
    assert_eq!(hand("engaged", "rule", "").code, Some(0));
    assert_eq!(hand("likes-ports", "rule", "").code, Some(0));
    let told = house.json(&show);
    assert_eq!(told["segments"][0]["segment"], "engaged");
    assert_eq!(told["segments"].as_array().unwrap().len(), 2, "{told}");

    // Only the two lists of the notice read it.
    let list = |purpose: &str, used: &str, category: &str| {
        let list = ["record", "find", "--for", purpose, "--use", used, "--contact", &anna];
        house.run(&[&list[..], &["--category", category]].concat())
    };
    assert_eq!(list("quality", "surveys", "segments").code, Some(0));
    assert_eq!(list("quality", "complaints", "segments").code, Some(3));
    assert_eq!(list("crm", "relations", "interests").code, Some(0));
    assert_eq!(list("crm", "relations", "segments").code, Some(3));
    house.ends(&["insight", "update", "--for", "crm"], 3);

    house.done(&["objection", "add", "--contact", &anna, "profiling"]);
    let interests = ["record", "find", "--for", "sales", "--use", "communications"];
    let of_anna = ["--contact", &anna, "--category", "interests"];
    house.ends(&[&interests[..], &of_anna].concat(), 3);
    house.ends(&show, 3);
    assert_eq!(house.json(&update)["contacts"], 1, "who objected is left out");
}
