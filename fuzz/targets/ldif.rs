//! A directory as LDIF of any bytes becomes rows and drafts.
#![no_main]

mod rows;

use gantry_intake::{CsvOptions, Format, Map};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let maps: Vec<&Map> = Map::all_built_in().iter().collect();
    rows::read(bytes, "rows.ldif", Format::Ldif, &CsvOptions::default(), &maps);
});
