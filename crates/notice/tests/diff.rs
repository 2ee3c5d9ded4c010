//! A difference is told, whatever it is: each value of two notices is changed in turn, as far as the
//! notice still holds, and what is another notice must not be told as the same one.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use gantry_notice::{Diff, Notice};
use toml::{Table, Value};

const NOTICES: [&str; 2] = [
    include_str!("../fixtures/small.toml"),
    include_str!("../../../tests/notices/small-service.toml"),
];

/// Places of one kind that are tried, where none comes to anything.
const TRIES: usize = 3;

/// What tells versions apart is in the head of a difference, and no change.
const HEAD: [&str; 3] = ["notice.id", "notice.version", "notice.effective"];

/// Texts that stand somewhere in a notice where only some fit.
const WORDS: [&str; 27] = [
    "exact",
    "words",
    "email",
    "phone",
    "post",
    "identified",
    "pseudonymous",
    "aggregate",
    "consent",
    "contract",
    "legal-obligation",
    "legitimate-interest",
    "vital-interests",
    "absolute",
    "weighed",
    "none",
    "required",
    "optional",
    "opt-in",
    "opt-out",
    "soft-opt-in",
    "date",
    "flag",
    "reference",
    "SE",
    "12 months after collected",
    "03-31",
];

/// Every place with a value, by its keys.
fn places(table: &Table, way: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    for (key, value) in table {
        way.push(key.clone());
        found.push(way.clone());
        if let Value::Table(inner) = value {
            places(inner, way, found);
        }
        way.pop();
    }
}

fn at<'t>(table: &'t mut Table, way: &[String]) -> (&'t mut Table, String) {
    let (last, above) = way.split_last().unwrap();
    let inner =
        above.iter().fold(table, |table, key| table.get_mut(key).unwrap().as_table_mut().unwrap());
    (inner, last.clone())
}

/// Other values for a place; none stands for its absence.
fn others(value: &Value) -> Vec<Option<Value>> {
    let mut others = vec![None];
    match value {
        Value::Boolean(flag) => others.push(Some(Value::Boolean(!flag))),
        Value::Integer(number) => others.push(Some(Value::Integer(number + 1))),
        Value::Float(number) => others.push(Some(Value::Float(number + 0.5))),
        Value::String(text) => {
            others.extend(WORDS.map(|word| Some(Value::String(word.to_owned()))));
            others.push(Some(Value::String(format!("{text} anew"))));
        }
        Value::Array(list) => {
            for at in 0..list.len() {
                let mut fewer = list.clone();
                fewer.remove(at);
                others.push(Some(Value::Array(fewer)));
            }
        }
        _ => {}
    }
    others
}

/// A place with names left out, so that of many alike a few are enough.
fn shape(way: &[String]) -> String {
    let parts = way.iter().enumerate();
    parts.map(|(at, key)| if at % 2 == 1 { "*" } else { key }).collect::<Vec<_>>().join(".")
}

/// What a change of one place came to.
#[derive(PartialEq)]
enum Came {
    /// The notice does not hold, or is the same.
    ToNothing,
    Told,
    Silent,
}

fn change(table: &Table, old: &Notice, way: &[String], other: Option<Value>) -> Came {
    let mut changed = table.clone();
    let (place, name) = at(&mut changed, way);
    match other {
        Some(other) => drop(place.insert(name, other)),
        None => drop(place.remove(&name)),
    }
    match Notice::parse(&toml::to_string(&changed).unwrap(), "new.toml") {
        Ok(new) if new != *old => {
            if Diff::of(old, &new).changes.is_empty() {
                Came::Silent
            } else {
                Came::Told
            }
        }
        _ => Came::ToNothing,
    }
}

#[test]
fn whatever_changes_in_a_notice_is_told() {
    let (mut told, mut silent) = (BTreeSet::new(), BTreeSet::new());
    for text in NOTICES {
        let mut table: Table = text.parse().unwrap();
        // Nothing but texts, and more of them than all else.
        table.remove("translations");
        let text = toml::to_string(&table).unwrap();
        let old = Notice::parse(&text, "old.toml").unwrap();
        let (mut all, mut tried) = (Vec::new(), BTreeMap::new());
        places(&table, &mut Vec::new(), &mut all);
        for way in all.iter().filter(|way| !HEAD.contains(&way.join(".").as_str())) {
            let shape = shape(way);
            let tries = tried.entry(shape.clone()).or_insert(0);
            *tries += 1;
            if told.contains(&shape) || *tries > TRIES {
                continue;
            }
            let value = at(&mut table.clone(), way).0.get(way.last().unwrap()).unwrap().clone();
            for other in others(&value) {
                match change(&table, &old, way, other) {
                    Came::ToNothing => {}
                    Came::Told => drop(told.insert(shape.clone())),
                    Came::Silent => drop(silent.insert(way.join("."))),
                }
            }
        }
    }
    assert!(told.len() > 60, "only {} kinds of change were tried: {told:#?}", told.len());
    assert!(silent.is_empty(), "not told: {silent:#?}");
}
