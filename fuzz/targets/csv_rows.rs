//! A CSV file of any bytes becomes rows and drafts, under every map that fits its header.
#![no_main]

mod rows;

use std::sync::LazyLock;

use gantry_intake::{CsvOptions, Format, Map};
use libfuzzer_sys::fuzz_target;

static OWN: LazyLock<Map> = LazyLock::new(|| {
    Map::parse(include_str!("every-rule.toml"), "every-rule.toml").expect("our own map holds")
});

fuzz_target!(|bytes: &[u8]| {
    let [choice, bytes @ ..] = bytes else { return };
    let own = &*OWN;
    let maps: Vec<&Map> = Map::all_built_in().iter().chain([own]).collect();
    let options = CsvOptions {
        delimiter: [None, Some(b';')][usize::from(choice & 1)],
        encoding: (choice & 2 != 0).then(|| "windows-1252".to_owned()),
        short_rows: choice & 4 != 0,
        surplus: (choice & 8 != 0).then(|| "Last".to_owned()),
        nulls: if choice & 16 != 0 { vec!["NULL".to_owned()] } else { Vec::new() },
        columns: None,
    };
    if choice & 32 == 0 {
        return rows::read(bytes, "rows.csv", Format::Csv, &options, &maps);
    }
    // With the header of a map, so that the rows are mapped whatever they are.
    let header: Vec<String> =
        own.targets().iter().flat_map(|of| &of.columns).map(|c| c.to_string()).collect();
    let mut text = header.join(if choice & 1 == 0 { "," } else { ";" }).into_bytes();
    text.push(b'\n');
    text.extend_from_slice(bytes);
    rows::read(&text, "rows.csv", Format::Csv, &options, &[own]);
});
