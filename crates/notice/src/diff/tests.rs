//! Versions of the small notice.

use super::*;

const SMALL: &str = include_str!("../../fixtures/small.toml");

fn read(text: &str) -> Notice {
    Notice::parse(text, "small.toml").unwrap_or_else(|faults| panic!("{}", faults.to_text()))
}

fn after(edits: &[(&str, &str)]) -> Diff {
    let mut text = SMALL.replace("version = \"2026-11\"", "version = \"2027-03\"");
    for (from, to) in edits {
        assert!(text.contains(from), "the small notice has no `{from}`");
        text = text.replacen(from, to, 1);
    }
    Diff::of(&read(SMALL), &read(&text))
}

fn one(edits: &[(&str, &str)]) -> Change {
    let diff = after(edits);
    let [change] = diff.changes.as_slice() else { panic!("{diff}") };
    change.clone()
}

#[test]
fn a_version_that_changes_nothing_has_no_changes() {
    let diff = after(&[]);
    assert_eq!(diff.changes, []);
    assert_eq!(diff.must_tell(), None);
    assert!(diff.to_string().ends_with("nothing changes"));
}

#[test]
fn a_longer_window_is_a_gain_of_which_contacts_with_such_records_are_told() {
    let edit = ("reactions = { window = \"12 months", "reactions = { window = \"3 years");
    let diff = after(&[edit]);
    assert_eq!(diff.changes[0].kind, "window-longer");
    assert_eq!(diff.changes[0].purpose.as_deref(), Some("marketing"));
    let tell = diff.must_tell().unwrap();
    assert!(!tell.everybody);
    assert_eq!(tell.categories.iter().collect::<Vec<_>>(), ["reactions"]);
}

#[test]
fn a_shorter_window_is_a_loss_and_24_months_are_2_years() {
    let change = one(&[("reactions = { window = \"12 months", "reactions = { window = \"1 month")]);
    assert_eq!((change.kind, change.effect), ("window-shorter", Effect::Loses));
    let same = ("visits = { window = \"24 months", "visits = { window = \"2 years");
    assert_eq!(after(&[same]).must_tell(), None);
}

#[test]
fn a_field_that_is_new_in_a_category_is_gained_by_whoever_reads_all_of_it() {
    let edit = (
        "country = { type = \"country\" }\n\n",
        "country = { type = \"country\" }\nbirth = { type = \"date\" }\n\n",
    );
    let diff = after(&[edit]);
    let gaining = diff.changes.iter().filter(|change| change.kind == "fields-gained");
    let purposes: Vec<&str> = gaining.filter_map(|change| change.purpose.as_deref()).collect();
    assert_eq!(purposes, ["service", "claims"]);
}

#[test]
fn a_field_that_identifies_is_no_gain_for_who_knows_nobody() {
    let list = "visits = { fields = [\"role\"], window = \"24 months after collected\" }";
    let kind = "role = { type = \"code\", values = [\"ordered\", \"present\"] }";
    let without = SMALL.replace("remark = { type = \"text\", max = 500 }\n", "");
    let all = without.replace(list, "visits = { window = \"24 months after collected\" }");
    let more = all.replace(kind, &format!("{kind}\nseen = {{ type = \"flag\" }}"));
    let diff = Diff::of(&read(&all), &read(&more));
    assert!(diff.changes.iter().any(|c| c.purpose.as_deref() == Some("reporting")), "{diff}");
    let identifying = "seen = { type = \"flag\", identifying = true }";
    let more = all.replace(kind, &format!("{kind}\n{identifying}"));
    let listed = more.replace(
        "visits = { window = \"24 months after collected\" }",
        "visits = { fields = [\"role\"], window = \"24 months after collected\" }",
    );
    let diff = Diff::of(&read(&all), &read(&listed));
    assert!(diff.changes.iter().all(|c| c.purpose.as_deref() != Some("reporting")), "{diff}");
}

#[test]
fn a_weaker_objection_and_a_closer_mode_are_gains_for_those_whose_data_is_read() {
    let weaker = one(&[("objection = \"weighed\"", "objection = \"none\"")]);
    assert_eq!((weaker.kind, weaker.effect), ("objection", Effect::Gains));
    let diff = after(&[("mode = \"aggregate\"", "mode = \"pseudonymous\"")]);
    let tell = diff.must_tell().unwrap();
    assert_eq!(tell.categories.iter().collect::<Vec<_>>(), ["identity", "visits"]);
    assert!(!tell.everybody);
}

#[test]
fn asking_for_consent_is_a_loss_and_is_told() {
    let diff = after(&[(
        "basis = \"legitimate-interest\"\ninterest = \"To tell customers what we can do for their lifts.\"",
        "basis = \"consent\"",
    )]);
    let basis = diff.changes.iter().find(|change| change.kind == "basis").unwrap();
    assert_eq!(basis.effect, Effect::Loses);
    assert!(basis.tell);
}

#[test]
fn a_recipient_outside_is_told_and_a_role_within_is_not() {
    let change = one(&[("[\"Parts suppliers\"]", "[\"Parts suppliers\", \"Insurers\"]")]);
    assert_eq!((change.kind, change.tell), ("recipient-gained", true));
    let change = one(&[("roles = [\"technician\"]", "roles = [\"technician\", \"analyst\"]")]);
    assert_eq!((change.kind, change.tell), ("role-gained", false));
}

#[test]
fn a_new_version_is_shown_with_who_gains_and_who_loses() {
    let diff = after(&[
        ("discloses = [\"visits\"]", "discloses = [\"visits\", \"health\"]"),
        ("reactions = { window = \"12 months", "reactions = { window = \"18 months"),
        ("fields = [\"language\", \"country\"]", "fields = [\"country\"]"),
    ]);
    insta::assert_snapshot!(diff.to_string());
    insta::assert_snapshot!(serde_json::to_string_pretty(&diff).unwrap());
}

#[test]
fn a_purpose_that_comes_and_one_that_goes_are_seen_from_both_sides() {
    let extra = "\n[purposes.audits]\nnumber = 5\ntitle = \"Audits\"\ndescription = \"We audit.\"\n\
        dpv = \"dpv:LegalCompliance\"\nbasis = \"legal-obligation\"\nmode = \"identified\"\n\
        roles = [\"analyst\"]\nobjection = \"none\"\n\
        reads.visits.window = \"2 years after collected\"\nuses.audits.title = \"Audits\"\n";
    let (old, new) = (read(SMALL), read(&format!("{SMALL}{extra}")));
    let there = Diff::of(&old, &new);
    let kinds: Vec<&str> = there.changes.iter().map(|change| change.kind).collect();
    assert_eq!(kinds, ["purpose-added", "category-gained"]);
    assert_eq!(there.must_tell().unwrap().categories.len(), 1);
    let back = Diff::of(&new, &old);
    assert_eq!(back.changes[0].kind, "purpose-removed");
    assert_eq!(back.must_tell(), None);
}

#[test]
fn another_controller_is_for_everybody_to_hear() {
    let diff = after(&[("name = \"Lift Care Oy\"", "name = \"Lift Group Oyj\"")]);
    assert!(diff.must_tell().unwrap().everybody);
}

#[test]
fn profiling_that_grows_is_told_to_those_whom_it_touches() {
    let rule = one(&[("score.any >= 3.0", "score.any >= 2.0")]);
    assert_eq!((rule.kind, rule.category.as_deref()), ("segment-rule", Some("segments")));
    assert!(rule.tell);
    let cell = one(&[("smallest_segment = 25", "smallest_segment = 10")]);
    assert_eq!((cell.kind, cell.effect), ("smallest-segment", Effect::Gains));
}
