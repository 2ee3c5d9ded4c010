//! Bytes of an audit trail are entries, or are said to be none; what is decoded encodes again.
#![no_main]

use gantry_engine::audit::decode;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut entries = Vec::new();
    for entry in decode(bytes) {
        match entry {
            Ok(entry) => entries.push(entry),
            Err(error) => {
                assert!(!error.to_string().is_empty());
                break;
            }
        }
    }
    let mut again = Vec::new();
    for entry in &entries {
        entry.encode_into(&mut again).expect("what was short enough to be read is");
    }
    let twice: Vec<_> = decode(&again).map(|entry| entry.expect("our own bytes")).collect();
    assert_eq!(twice, entries);
});
