//! A map of any text is read, or refused with the line at fault; one that is read maps any row.
#![no_main]

use std::sync::Arc;

use gantry_intake::{Header, Map, Position, Row};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let map = match Map::parse(text, "map.toml") {
        Ok(map) => map,
        Err(error) => {
            assert!(error.line >= 1 && !error.message.is_empty());
            return;
        }
    };
    let mut columns: Vec<Arc<str>> = map.targets().into_iter().flat_map(|of| of.columns).collect();
    columns.sort();
    columns.dedup();
    let header = Header::new(columns.iter().map(|column| &**column));
    let Ok(mapper) = map.bind(&header) else { return };
    for value in ["", "1", "yes", "2026-02-29", "anna@example.org", "1.234,50 €", "\u{feff}\0"] {
        let cells: Vec<String> = columns.iter().map(|_| value.to_owned()).collect();
        let position = Position { file: Arc::from("rows.csv"), row: 2, line: 2 };
        let _ = mapper.row(&Row::new(position, &cells));
    }
});
