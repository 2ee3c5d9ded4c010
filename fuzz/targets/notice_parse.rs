//! A notice of any bytes is read, or refused with its faults; one that holds compiles and renders.
#![no_main]

use std::sync::Arc;

use gantry_notice::{DatedPolicy, Day, Diff, Matrix, Notice, Policy, render, ropa_csv, show};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match Notice::parse_bytes(bytes, "notice.toml") {
        Ok(notice) => used(notice),
        Err(faults) => {
            assert!(!faults.to_text().is_empty());
            faults.to_json();
        }
    }
});

/// All that is made from a notice is made without a fault.
fn used(notice: Notice) {
    assert!(!render(&notice).is_empty());
    assert!(!ropa_csv(&notice).is_empty());
    let notice = Arc::new(notice);
    assert!(Diff::of(&notice, &notice).changes.is_empty(), "nothing changes into itself");
    let policy = Policy::compile(std::slice::from_ref(&notice)).expect("what was checked compiles");
    show(&policy);
    let _ = Matrix::of(&policy).to_string();
    let _ = DatedPolicy::new(Arc::new(policy), Day(20_000));
}
