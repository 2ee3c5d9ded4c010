//! What others send may be anything: a clear error, the right exit code, and nothing left behind.

pub(crate) mod disk;
mod endless;
mod files;
mod notices;
mod requests;
mod words;

use crate::support::{House, Ran};

/// What is in a store, as far as commands tell.
#[derive(Debug, PartialEq, Eq)]
struct Counts {
    contacts: usize,
    companies: usize,
    orders: usize,
}

impl Counts {
    fn of(house: &House) -> Counts {
        let count = |args: &[&str]| {
            let listed = house.json(&[args, &["--for", "crm", "--limit", "500"]].concat());
            listed["items"].as_array().unwrap().len()
        };
        Counts {
            contacts: count(&["contact", "find"]),
            companies: count(&["company", "find"]),
            orders: count(&["object", "find", "order"]),
        }
    }
}

/// Refused in a way that a person understands: an exit code of the list, words on standard error, and
/// no word of the machine's.
fn clear(ran: &Ran, code: i32, what: &str) {
    assert_eq!(ran.code, Some(code), "{what}: {ran:?}");
    assert!(!ran.err.trim().is_empty(), "{what}: no word on standard error: {ran:?}");
    for machine in ["panicked", "unwrap", "RUST_BACKTRACE", "Error {", "Err("] {
        assert!(!ran.err.contains(machine), "{what}: {ran:?}");
    }
}
