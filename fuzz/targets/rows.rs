//! What all importers have in common: a file of any bytes becomes rows, and rows become drafts.

use std::io::Cursor;

use gantry_intake::{CsvOptions, Draft, Format, Map, Mapped, Source};

/// Reads the bytes as a file of that format and maps what comes out.
pub fn read(bytes: &[u8], name: &str, format: Format, options: &CsvOptions, maps: &[&Map]) {
    let input = Box::new(Cursor::new(bytes.to_vec()));
    let Ok(source) = Source::of(name, input, Some(format), options) else { return };
    let maps = maps.iter().filter(|map| map.format().unwrap_or(Format::Csv) == format);
    let mappers: Vec<_> = maps.filter_map(|map| map.bind(source.header()).ok()).collect();
    let width = source.header().columns().len();
    let mut last = 0;
    for row in source {
        let row = match row {
            Ok(row) => row,
            Err(rejected) => {
                assert!(rejected.fault.position.row > last, "rows are counted on");
                last = rejected.fault.position.row;
                assert!(!rejected.fault.to_string().is_empty());
                continue;
            }
        };
        assert!(row.position.row > last, "rows are counted on");
        last = row.position.row;
        assert_eq!(row.cells().count(), width, "a cell for each column");
        for mapper in &mappers {
            match mapper.row(&row) {
                Ok(Mapped::Draft(draft)) => sound(&draft),
                Ok(Mapped::Skipped(_)) => {}
                Err(faults) => assert!(!faults.is_empty(), "a refusal has a reason"),
            }
        }
    }
}

/// Nothing empty and nothing unprintable comes out of a map.
fn sound(draft: &Draft) {
    let contact = draft.contact.iter().flat_map(|contact| &contact.fields);
    let values = contact.map(|field| &field.value);
    let records = draft.records.iter().flat_map(|record| &record.fields).map(|(_, value)| value);
    let company = draft.company.iter().flat_map(|company| &company.fields).map(|(_, value)| value);
    let objects = draft.objects.iter().flat_map(|object| &object.fields).map(|(_, value)| value);
    for value in values.chain(records).chain(company).chain(objects) {
        assert!(!value.is_empty(), "empty values are left out");
        assert!(!value.contains('\0'), "nothing holds a zero character");
    }
}
