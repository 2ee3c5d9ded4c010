//! Reading notices that hold, that do not, and that are not notices at all.

use proptest::prelude::*;

use super::*;
use crate::fault::Fault;

const SMALL: &str = include_str!("../../fixtures/small.toml");

fn faults(text: &str) -> Vec<Fault> {
    match Notice::parse(text, "small.toml") {
        Ok(_) => Vec::new(),
        Err(faults) => faults.list,
    }
}

#[test]
fn a_notice_that_holds_is_read_whole() {
    let notice = Notice::parse(SMALL, "small.toml").unwrap_or_else(|f| panic!("{}", f.to_text()));
    assert_eq!(notice.id, "lift-care");
    assert_eq!(notice.categories["identity"].fields["given_name"].title, "Given name");
    assert!(notice.categories["identity"].fields["given_name"].sealed);
    assert!(!notice.categories["identity"].fields["country"].sealed);
    assert_eq!(
        notice.purposes["claims"].reads["visits"].window.to_string(),
        "6 years after the end of the financial year of object closed"
    );
    assert_eq!(notice.profiling.unwrap().weights["clicked"].to_string(), "3");
}
