//! Passes over files: looked at first and written second, and what a file would fill.

use std::sync::Arc;

use gantry_engine::import::{
    Becomes, FileError, Fillable, Header, InputFile, Map, MappedFile, Onlooker, RowFault, TargetOf,
};
use gantry_engine::session::Find;
use gantry_engine::{EngineError, FieldFault};
use gantry_notice::Reason;

use crate::support::House;

/// Whoever waits for a pass: remembers what it was told, and stops it at a row.
#[derive(Default)]
struct Waiting {
    rejected: Vec<(Vec<String>, String)>,
    opened: usize,
    stop_at: Option<u64>,
    stop_publishing: bool,
}

#[derive(Debug)]
enum Stopped {
    Asked,
    Engine(EngineError),
    File(FileError),
}

impl From<EngineError> for Stopped {
    fn from(error: EngineError) -> Stopped {
        Stopped::Engine(error)
    }
}

impl From<FileError> for Stopped {
    fn from(error: FileError) -> Stopped {
        Stopped::File(error)
    }
}

impl Onlooker for Waiting {
    type Error = Stopped;

    fn reached(&mut self, rows: u64) -> Result<(), Stopped> {
        if self.stop_at.is_some_and(|at| rows >= at) { Err(Stopped::Asked) } else { Ok(()) }
    }

    fn opened(&mut self, _: usize, _: &Header) -> Result<(), Stopped> {
        self.opened += 1;
        Ok(())
    }

    fn rejected<'a>(
        &mut self,
        cells: impl Iterator<Item = &'a str>,
        faults: &[RowFault],
    ) -> Result<(), Stopped> {
        let faults: Vec<String> = faults.iter().map(RowFault::in_row).collect();
        self.rejected.push((cells.map(str::to_owned).collect(), faults.join("; ")));
        Ok(())
    }

    fn publishing(&mut self) -> Result<(), Stopped> {
        if self.stop_publishing { Err(Stopped::Asked) } else { Ok(()) }
    }
}

const MAP: &str = r#"
name = "people"
[contact]
key = "Id"
country = "Country"
[contact.fields]
identity.given_name = "First"
identity.family_name = "Last"
contact-details.email = "Mail"
[[record]]
category = "payment"
fields.reference = "Account"
"#;

const GOOD: &str = "Id,First,Last,Mail,Country,Account\n\
    1,Anna,Virta,anna@firm.example,Finland,\n2,Bo,Berg,bo@firm.example,SE,\n";
const MIXED: &str = "Id,First,Last,Mail,Country,Account\n\
    1,Anna,Virta,anna@firm.example,Finland,\n2,Bo,Berg,not an address,SE,\n\
    3,Cy\n4,Di,Ek,di@firm.example,Norway,\n";

fn file(text: &str) -> [MappedFile; 1] {
    let file = InputFile::in_memory("people.csv", Arc::from(text.as_bytes()));
    [MappedFile { file, map: Map::parse(MAP, "map.toml").unwrap() }]
}

async fn count(house: &House) -> usize {
    house.people("crm").await.find(&Find::All, None, 100).await.unwrap().items.len()
}

#[tokio::test]
async fn a_look_tells_what_would_be_and_writes_nothing() {
    let house = House::new().await;
    let crm = house.people("crm").await;
    let mut waiting = Waiting::default();
    let found = crm.look_at_files("fair", &file(MIXED), 1, &mut waiting).await.unwrap();
    assert_eq!((found.rows, found.done.contacts.added, found.kept), (4, 2, false));
    assert_eq!((found.rejected_rows, found.fault_count, found.faults.len()), (2, 2, 1));
    assert_eq!((found.faults[0].row, found.faults[0].column.as_deref()), (3, Some("Mail")));
    assert_eq!((waiting.opened, waiting.rejected.len()), (1, 2));
    let (cells, fault) = &waiting.rejected[0];
    assert_eq!(cells.join(","), "2,Bo,Berg,not an address,SE,");
    assert!(fault.starts_with("Mail: not "), "{fault}");
    assert_eq!(count(&house).await, 0);
}

#[tokio::test]
async fn one_bad_row_keeps_everything_out_unless_the_good_ones_are_to_be_kept() {
    let house = House::new().await;
    let crm = house.people("crm").await;
    let files = file(MIXED);
    let run = async |keep_good| {
        let mut waiting = Waiting::default();
        crm.import_files("fair", &files, 10, keep_good, &mut waiting).await.unwrap()
    };
    let found = run(false).await;
    assert!(!found.kept && found.rejected_rows == 2);
    assert_eq!(count(&house).await, 0);
    let found = run(true).await;
    assert_eq!((found.kept, found.done.contacts.added), (true, 2));
    assert_eq!(count(&house).await, 2);
}

#[tokio::test]
async fn a_pass_that_is_stopped_leaves_nothing_and_its_source_is_free_again() {
    let house = House::new().await;
    let crm = house.people("crm").await;
    for waiting in [
        Waiting { stop_at: Some(1), ..Waiting::default() },
        Waiting { stop_publishing: true, ..Waiting::default() },
    ] {
        let mut waiting = waiting;
        let stopped = crm.import_files("fair", &file(GOOD), 10, true, &mut waiting).await;
        assert!(matches!(stopped, Err(Stopped::Asked)), "{stopped:?}");
        assert_eq!(count(&house).await, 0);
    }
    let found = crm.import_files("fair", &file(GOOD), 10, true, &mut Waiting::default()).await;
    assert_eq!(found.unwrap().done.contacts.added, 2);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_and_a_source_that_is_no_word_are_told_apart() {
    let house = House::new().await;
    let crm = house.people("crm").await;
    let found = crm.look_at_files("fair", &file("Name\nx\n"), 10, &mut Waiting::default()).await;
    assert!(matches!(found, Err(Stopped::File(FileError::Unfit { .. }))), "{found:?}");
    let found = crm.look_at_files("no name", &file(GOOD), 10, &mut Waiting::default()).await;
    let Err(Stopped::Engine(EngineError::Invalid(faults))) = found else { panic!("{found:?}") };
    assert_eq!(
        faults.iter().map(|fault: &FieldFault| &*fault.field).collect::<Vec<_>>(),
        ["source"]
    );
}

#[tokio::test]
async fn a_preview_shows_what_would_be_stored_and_what_the_notice_keeps_out() {
    let house = House::new().await;
    let crm = house.people("crm").await;
    let text = MIXED.replace("anna@firm.example,Finland,", "Anna@FIRM.example,Finland,FI00");
    let preview = crm.preview(&file(&text)[0], 3).unwrap();
    assert_eq!(preview.rows.len(), 3);
    let shown: Vec<&str> = preview.rows[0].values.iter().map(String::as_str).collect();
    assert_eq!(shown, ["Anna", "Virta", "Anna@firm.example", ""]);
    assert_eq!(preview.rows[0].country.as_deref(), Some("FI"));
    assert_eq!(preview.rows[1].faults[0].column.as_deref(), Some("Mail"));
    assert!(preview.rows[2].values.is_empty() && !preview.rows[2].faults.is_empty());
    let payment = preview.columns.last().unwrap();
    assert_eq!(payment.of, TargetOf::Category("payment".into()));
    assert_eq!(payment.refused, Some(Reason::NotInNotice));
    assert!(preview.columns[0].refused.is_none());
}

#[tokio::test]
async fn what_a_column_may_become_is_what_the_notice_lets_the_session_write() {
    let house = House::new().await;
    let names = |fillable: Vec<Fillable>| -> Vec<String> {
        fillable.iter().map(|one| one.becomes.to_string()).collect()
    };
    let crm = names(house.people("crm").await.fillable());
    for name in
        ["contact.key", "profile.identity.given_name", "object.company.#key", "record.orders.role"]
    {
        assert!(crm.iter().any(|one| one == name), "{name}: {crm:?}");
    }
    assert!(!crm.iter().any(|one| one.contains("payment") || one == "contact.email"), "{crm:?}");
    // Bookkeeping knows a contact by what others have written of it.
    let invoicing = names(house.people("invoicing").await.fillable());
    assert!(invoicing.iter().any(|one| one == "contact.email"), "{invoicing:?}");
    assert!(!invoicing.iter().any(|one| one.starts_with("profile.identity")), "{invoicing:?}");
    let manufacturing = names(house.people("manufacturing").await.fillable());
    assert!(manufacturing.iter().all(|one| one.starts_with("object.")), "{manufacturing:?}");
    let crm = house.people("crm").await.fillable();
    let guess = |column| Fillable::guess(&crm, column).map(Becomes::to_string);
    assert_eq!(guess("E-Mail").as_deref(), Some("profile.contact-details.email"));
    assert_eq!(guess("vorname"), None);
}
