//! The record of the bundled notice.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;

fn bundled() -> Notice {
    Notice::parse(include_str!("../../../../notices/customer-contacts.toml"), "notice.toml")
        .unwrap()
}

#[test]
fn the_table_has_a_row_for_each_purpose_with_every_item_of_the_article() {
    let notice = bundled();
    let table = ropa_csv(&notice);
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let header = reader.headers().unwrap().clone();
    for letter in ["(a)", "(b)", "(c)", "(d)", "(e)", "(f)", "(g)"] {
        assert!(header.iter().any(|column| column.starts_with(letter)), "{letter}");
    }
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 16);
    for (row, purpose) in rows.iter().zip(notice.purposes.values()) {
        assert_eq!(row.get(6), Some(purpose.title.as_str()));
        for (column, cell) in header.iter().zip(row).filter(|(column, _)| column.starts_with('(')) {
            let optional = column == "(d) recipients outside";
            assert!(optional || !cell.is_empty(), "{column} of {}", purpose.title);
        }
    }
}

#[test]
fn a_cell_of_the_table_is_no_formula() {
    let mut notice = bundled();
    notice.purposes[0].title = "=HYPERLINK(\"https://x.example\")".to_owned();
    assert!(ropa_csv(&notice).contains("\"'=HYPERLINK("));
}

#[test]
fn the_linked_data_of_the_small_notice_is_as_it_was_read_once() {
    let text = include_str!("../../fixtures/small.toml");
    let notice = Notice::parse(text, "small.toml").unwrap();
    let record = sorted(ropa_json_ld(&notice));
    insta::assert_snapshot!(serde_json::to_string_pretty(&record).unwrap());
}

/// With keys in the order of the alphabet, whichever map a build of `serde_json` has.
fn sorted(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Object(fields) => {
            let fields: std::collections::BTreeMap<_, _> = fields.into_iter().collect();
            fields.into_iter().map(|(key, value)| (key, sorted(value))).collect()
        }
        serde_json::Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}

#[test]
fn every_term_is_one_of_the_data_privacy_vocabulary() {
    let folder = "../../../shared/data/privacy/dpv/2.3";
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    if !folder.exists() {
        eprintln!("skipped: {} is not there", folder.display());
        return;
    }
    let mut known = BTreeSet::new();
    for file in ["dpv/dpv.csv", "pd/pd.csv", "legal/eu/gdpr/eu-gdpr.csv"] {
        let mut reader = csv::Reader::from_path(folder.join(file)).unwrap();
        for row in reader.records().map(Result::unwrap) {
            known.insert(format!("{}:{}", row.get(11).unwrap(), row.get(0).unwrap()));
        }
    }
    assert!(known.len() > 1_000);
    let mut terms = BTreeSet::new();
    collect_terms(&ropa_json_ld(&bundled()), &mut terms);
    assert!(terms.len() > 30, "{terms:?}");
    let unknown: Vec<&String> = terms.difference(&known).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// Keys, types and ids that look like terms.
fn collect_terms(value: &serde_json::Value, terms: &mut BTreeSet<String>) {
    let is_term = |word: &str| ["dpv:", "pd:", "eu-gdpr:"].iter().any(|v| word.starts_with(v));
    match value {
        serde_json::Value::Object(fields) => {
            for (key, value) in fields {
                terms.extend(is_term(key).then(|| key.clone()));
                collect_terms(value, terms);
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|v| collect_terms(v, terms)),
        serde_json::Value::String(word) if is_term(word) => drop(terms.insert(word.clone())),
        _ => {}
    }
}
