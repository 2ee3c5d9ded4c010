//! Real files, written by others, give the counts that their authors say.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::path::{Path, PathBuf};

use crate::{
    ContactDraft, CsvOptions, Draft, Fault, Format, Key, Map, Mapped, Remark, Saying, Skip, Source,
    TargetOf,
};
use gantry_notice::Channel;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A file of the shared data, where it is there.
fn shared(file: &str) -> Option<PathBuf> {
    let path = root().join("../shared/data").join(file);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is not there", path.display());
    None
}

fn example_map(name: &str) -> Map {
    let path = root().join("examples/maps").join(name).with_extension("toml");
    Map::parse(&std::fs::read_to_string(path).unwrap(), name).unwrap()
}

#[derive(Default)]
struct Outcome {
    drafts: Vec<Draft>,
    skipped: Vec<Skip>,
    faults: Vec<Fault>,
}

impl Outcome {
    fn contacts(&self) -> impl Iterator<Item = &ContactDraft> {
        self.drafts.iter().filter_map(|draft| draft.contact.as_ref())
    }

    fn sound(self) -> Outcome {
        assert!(self.faults.is_empty(), "{:?}", self.faults.first().map(ToString::to_string));
        self
    }
}

fn import(map: &Map, source: Source) -> Outcome {
    let mapper = map.bind(source.header()).unwrap();
    let mut outcome = Outcome::default();
    for row in source {
        match row.map_err(|rejected| vec![rejected.fault]).and_then(|row| mapper.row(&row)) {
            Ok(Mapped::Draft(draft)) => outcome.drafts.push(*draft),
            Ok(Mapped::Skipped(skip)) => outcome.skipped.push(skip),
            Err(faults) => outcome.faults.extend(faults),
        }
    }
    outcome
}

fn import_file(map: &Map, path: &Path) -> Outcome {
    import(map, Source::open(path, map.format(), map.csv()).unwrap())
}

/// Imports a file with the built-in map that its header asks for, after checking which that is.
fn recognised(file: &str, map: &str) -> Option<Outcome> {
    let path = shared(file)?;
    let source = Source::open(&path, None, &CsvOptions::default()).unwrap();
    let found = Map::recognise(source.format(), source.header());
    assert_eq!(found.map(Map::name), Some(map), "{file}");
    Some(import_file(found.unwrap(), &path))
}

fn field<'a>(contact: &'a ContactDraft, category: &str, name: &str) -> Option<&'a str> {
    let mut fields = contact.fields.iter();
    let found = fields.find(|field| &*field.category == category && &*field.field == name);
    found.map(|field| &*field.value)
}

fn email(contact: &ContactDraft) -> Option<&str> {
    field(contact, "contact-details", "email")
}

fn says(contact: &ContactDraft, what: Saying) -> bool {
    contact.said.iter().any(|said| said.what == what)
}

fn value<'a>(fields: &'a [(std::sync::Arc<str>, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(field, _)| **field == *name).map(|(_, value)| &**value)
}

#[test]
fn every_map_fills_only_fields_that_the_bundled_notice_lists() {
    let notice = std::fs::read_to_string(root().join("notices/customer-contacts.toml")).unwrap();
    let notice: toml_edit::DocumentMut = notice.parse().unwrap();
    let examples = std::fs::read_dir(root().join("examples/maps")).unwrap();
    let examples = examples.map(|file| file.unwrap().path());
    let examples = examples.filter(|path| path.extension().is_some_and(|ending| ending == "toml"));
    let examples: Vec<Map> =
        examples.map(|path| example_map(path.file_stem().unwrap().to_str().unwrap())).collect();
    assert_eq!(examples.len(), 8);
    for map in Map::all_built_in().iter().chain(&examples) {
        for target in map.targets() {
            let (section, name) = match &target.of {
                TargetOf::Category(name) => ("categories", name),
                TargetOf::Kind(name) => ("objects", name),
            };
            let fields = notice[section].get(&**name).and_then(|of| of.get("fields"));
            let listed = fields.and_then(|fields| fields.get(&*target.field)).is_some();
            assert!(listed, "{}: {section}.{name}.{}", map.name(), target.field);
        }
    }
}

#[test]
fn the_map_in_the_documentation_is_one() {
    let text = std::fs::read_to_string(root().join("examples/maps/README.md")).unwrap();
    let map = text.split_once("```toml\n").unwrap().1.split_once("```").unwrap().0;
    let map = Map::parse(map, "README.md").unwrap();
    assert_eq!(map.name(), "small");
}

#[test]
fn northwind_has_91_customers_in_21_countries() {
    let Some(path) = shared("customers/northwind/customers.csv") else { return };
    let outcome = import_file(&example_map("northwind-customers"), &path).sound();
    assert_eq!(outcome.contacts().count(), 91);
    let companies: BTreeSet<_> =
        outcome.drafts.iter().map(|draft| &draft.company.as_ref().unwrap().key).collect();
    assert_eq!(companies.len(), 91);
    let countries: BTreeSet<_> =
        outcome.contacts().map(|contact| contact.country.unwrap().code().to_owned()).collect();
    assert_eq!(countries.len(), 21, "{countries:?}");
    let bolido = outcome.contacts().find(|one| one.key == Key::ExternalId("BOLID".into())).unwrap();
    assert_eq!(field(bolido, "contact-details", "street"), Some("C/ Araquil, 67"));
    assert_eq!(field(bolido, "identity", "family_name"), Some("Sommer"));
    assert_eq!(field(bolido, "contact-details", "region"), None);
    assert_eq!(field(bolido, "contact-details", "phone"), Some("(91) 555 22 82"));
}

#[test]
fn northwind_has_830_orders_and_2155_lines_worth_1_265_793() {
    let Some(orders) = shared("customers/northwind/orders.csv") else { return };
    let Some(lines) = shared("customers/northwind/order-details.csv") else { return };
    let orders = import_file(&example_map("northwind-orders"), &orders).sound();
    let numbers: BTreeSet<_> =
        orders.drafts.iter().map(|draft| draft.objects[0].object.clone()).collect();
    assert_eq!((orders.drafts.len(), numbers.len()), (830, 830));
    assert!(orders.drafts.iter().all(|draft| draft.records.len() == 1));
    let open =
        orders.drafts.iter().filter(|draft| draft.objects[0].state.as_deref() == Some("open"));
    assert_eq!(open.count(), 21);
    let first = &orders.drafts[0].objects[0];
    assert_eq!(first.at.as_deref(), Some("1996-07-04"));
    assert_eq!(value(&first.fields, "freight"), Some("USD 32.38"));
    assert_eq!(value(&first.fields, "country"), Some("FR"));

    let lines = import_file(&example_map("northwind-order-details"), &lines).sound();
    let keys: BTreeSet<_> = lines.drafts.iter().map(|draft| &draft.objects[0].object.key).collect();
    assert_eq!((lines.drafts.len(), keys.len()), (2155, 2155));
    let cents: i64 = lines
        .drafts
        .iter()
        .map(|draft| {
            assert!(numbers.contains(draft.objects[0].part_of.as_ref().unwrap()));
            let amount = value(&draft.objects[0].fields, "amount").unwrap();
            amount.strip_prefix("USD ").unwrap().replace('.', "").parse::<i64>().unwrap()
        })
        .sum();
    // The published total is 1,265,793.04; each line is rounded here.
    assert!((126_579_304 - cents).abs() < 100, "{cents}");
}

#[test]
fn adventureworks_has_753_contacts_and_416_who_want_no_promotions() {
    let Some(path) = shared("customers/adventureworks/Sales_vStoreWithContacts.csv") else {
        return;
    };
    let outcome = import_file(&example_map("adventureworks-store-contacts"), &path).sound();
    let keys: BTreeSet<_> = outcome.contacts().map(|contact| &contact.key).collect();
    assert_eq!(keys.len(), 753);
    assert!(keys.iter().all(|key| matches!(key, Key::Email(_))));
    let saying = |what| outcome.contacts().filter(|contact| says(contact, what)).count();
    assert_eq!(saying(Saying::NotOptedIn(Channel::Email)), 416);
    assert_eq!(saying(Saying::OptedIn(Channel::Email)), 337);
    assert_eq!(saying(Saying::ObjectsMarketing), 0);
    let companies: BTreeSet<_> =
        outcome.drafts.iter().map(|draft| &draft.company.as_ref().unwrap().key).collect();
    assert_eq!(companies.len(), 701);
}

#[test]
fn adventureworks_has_701_resellers_with_and_without_a_header() {
    let Some(named) = shared("customers/adventureworks/kiet_Resellers.csv") else { return };
    let Some(bare) = shared("customers/adventureworks/DimReseller.csv") else { return };
    let key = |draft: &Draft| draft.company.as_ref().unwrap().key.clone();
    let named = import_file(&example_map("adventureworks-resellers"), &named).sound();
    let bare = import_file(&example_map("adventureworks-reseller-details"), &bare);
    // Streets that a wrong encoding spoilt long ago.
    assert!(bare.faults.iter().all(|fault| fault.column.as_deref() == Some("AddressLine1")));
    let spoilt = bare.faults.len();
    let [named, bare] =
        [named, bare].map(|outcome| outcome.drafts.iter().map(key).collect::<BTreeSet<_>>());
    assert_eq!((named.len(), bare.len() + spoilt), (701, 701));
    assert!(bare.is_subset(&named));
}

#[test]
fn adventureworks_has_57851_sales_lines_in_3616_orders() {
    let Some(path) = shared("customers/adventureworks/kiet_FactResellerSales.csv") else { return };
    let map = example_map("adventureworks-reseller-sales");
    let source = Source::open(&path, map.format(), map.csv()).unwrap();
    let mapper = map.bind(source.header()).unwrap();
    let mut orders = BTreeMap::new();
    let mut lines = 0;
    for row in source {
        let Ok(Mapped::Draft(draft)) = mapper.row(&row.unwrap()) else { panic!("a row at fault") };
        let [order, line] = draft.objects.try_into().unwrap();
        assert_eq!(line.part_of.as_ref(), Some(&order.object));
        assert!(value(&line.fields, "amount").unwrap().starts_with("USD "));
        let before = orders.insert(order.object.clone(), order.clone());
        assert!(before.is_none_or(|before| before == order), "rows of an order say the same of it");
        lines += 1;
    }
    assert_eq!((lines, orders.len()), (57_851, 3616));
}

/// The rows of a table in a MySQL dump as CSV, a quoted cell for each value.
fn table_as_csv(dump: &str, table: &str) -> String {
    let start = format!("INSERT INTO `{table}` (");
    let statement = dump.split_once(&start).unwrap().1;
    let (columns, values) = statement.split_once(") VALUES").unwrap();
    let mut csv = columns.replace(['`', ' '], "") + "\n";
    let mut characters = values.chars();
    let (mut depth, mut quoted) = (0, false);
    while let Some(character) = characters.next() {
        match character {
            '\'' => {
                quoted = !quoted;
                csv.push('"');
            }
            '\\' if quoted => match characters.next().unwrap() {
                'n' => csv.push('\n'),
                'r' => csv.push('\r'),
                '"' => csv.push_str("\"\""),
                other => csv.push(other),
            },
            '"' if quoted => csv.push_str("\"\""),
            other if quoted => csv.push(other),
            '(' => depth += 1,
            ')' => {
                depth -= 1;
                csv.push('\n');
            }
            ';' if depth == 0 => break,
            other if depth > 0 => csv.push(other),
            _ => {}
        }
    }
    csv
}

#[test]
fn civicrm_has_201_contacts_with_what_they_do_not_want() {
    let Some(path) = shared("customers/civicrm_demo/civicrm_generated.mysql") else { return };
    let dump = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    let csv = table_as_csv(&dump, "civicrm_contact");
    // What the dump says, counted without any map.
    let plain: Vec<Vec<&str>> = csv.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let flagged = |column: usize| {
        plain.iter().filter(|row| row[1] == "\"Individual\"" && row[column] == "1").count()
    };

    let map = example_map("civicrm-contacts");
    let source = |options: &CsvOptions| {
        Source::of(
            "civicrm_contact.csv",
            Box::new(Cursor::new(csv.clone())),
            Some(Format::Csv),
            options,
        )
    };
    let source = source(map.csv()).unwrap();
    let outcome = import(&map, source).sound();
    assert_eq!(outcome.drafts.len() + outcome.skipped.len(), 201);
    assert!(
        outcome.skipped.iter().all(|skip| &*skip.because == "deceased"),
        "{:?}",
        outcome.skipped
    );
    let people = plain.iter().filter(|row| row[1] == "\"Individual\"").count();
    assert_eq!(outcome.contacts().count() + outcome.skipped.len(), people);
    let companies = outcome.drafts.iter().filter(|draft| draft.company.is_some()).count();
    assert_eq!(companies, plain.iter().filter(|row| row[1] == "\"Organization\"").count());

    let saying = |what| outcome.contacts().filter(|contact| says(contact, what)).count();
    for (what, column) in [
        (Saying::Closed(Channel::Email), 3),
        (Saying::Closed(Channel::Phone), 4),
        (Saying::Closed(Channel::Post), 5),
        (Saying::NotOptedIn(Channel::Phone), 6),
        (Saying::ObjectsMarketing, 8),
    ] {
        let (found, wanted) = (saying(what), flagged(column));
        assert!(
            found <= wanted && wanted - found <= outcome.skipped.len(),
            "{what:?} {found} {wanted}"
        );
    }
    assert!(saying(Saying::Closed(Channel::Email)) > 10);
    let anonymous = outcome.contacts().find(|one| one.key == Key::ExternalId("2".into())).unwrap();
    assert_eq!(field(anonymous, "identity", "full_name"), None);
}

#[test]
fn every_country_that_civicrm_knows_is_known() {
    let Some(path) = shared("customers/civicrm_demo/civicrm_generated.mysql") else { return };
    let dump = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    let csv = table_as_csv(&dump, "civicrm_country");
    let map = "name = \"countries\"\n[company]\nkey = \"iso_code\"\n[company.fields]\ncountry = \"name\"\n";
    let map = Map::parse(map, "countries.toml").unwrap();
    let source =
        Source::of("countries.csv", Box::new(Cursor::new(csv)), Some(Format::Csv), map.csv());
    let outcome = import(&map, source.unwrap());
    let mut wrong = Vec::new();
    for draft in &outcome.drafts {
        let company = draft.company.as_ref().unwrap();
        if value(&company.fields, "country") != Some(&*company.key) {
            wrong.push(company.key.clone());
        }
    }
    // The Netherlands Antilles are no more.
    let lost: Vec<String> = outcome.faults.iter().map(ToString::to_string).collect();
    assert!(wrong.is_empty() && lost.len() <= 1, "{wrong:?} {lost:?}");
    assert!(outcome.drafts.len() > 240);
}

#[test]
fn salesforce_exports_are_recognised() {
    let Some(contacts) =
        recognised("crm_exports/salesforce/sf_contact_data.csv", "salesforce-contacts")
    else {
        return;
    };
    let contacts = contacts.sound();
    let keys: Vec<_> = contacts.contacts().map(|contact| contact.key.clone()).collect();
    // The first row of four has an id and nothing else.
    assert_eq!(keys.len(), 4);
    let last = contacts.contacts().last().unwrap();
    assert_eq!(email(last), Some("hi@google.com"));
    assert_eq!(last.country.unwrap().code(), "US");
    assert_eq!(last.company.as_deref(), Some("0011G00000eNyiXQAS"));

    let accounts = recognised("crm_exports/salesforce/sf_account_data.csv", "salesforce-accounts");
    let accounts = accounts.unwrap().sound();
    assert_eq!(accounts.drafts.len(), 1);
    assert_eq!(accounts.skipped.len(), 9);
    let leads = recognised("crm_exports/salesforce/sf_lead_data.csv", "salesforce-leads").unwrap();
    assert_eq!(&*leads.sound().skipped[0].because, "converted to a contact in the source");
}

#[test]
fn outlook_is_recognised_and_its_deleted_row_skipped() {
    let Some(outcome) = recognised("crm_exports/outlook/outlook.csv", "outlook") else { return };
    let outcome = outcome.sound();
    assert_eq!((outcome.drafts.len(), outcome.skipped.len()), (2, 1));
    let first = outcome.contacts().next().unwrap();
    assert_eq!(first.key, Key::Email("adam.glacius@anycom.com".into()));
    assert_eq!(first.company.as_deref(), Some("Acme Inc."));
    assert_eq!(field(first, "contact-details", "phone"), Some("+1 555 3227 8547"));
}

#[test]
fn listmonk_and_mautic_are_recognised() {
    let Some(subscribers) = recognised("crm_exports/listmonk/subs.csv", "listmonk") else { return };
    assert_eq!(subscribers.sound().contacts().count(), 100);
    let leads = recognised("crm_exports/mautic/fakeleaddata.csv", "mautic").unwrap().sound();
    // Four visitors of a web site are known by their place alone.
    let nobody = leads.drafts.iter().filter(|draft| draft.remarks == [Remark::Nobody]).count();
    assert_eq!((leads.contacts().count(), nobody), (50, 4));
    assert!(leads.contacts().all(|lead| lead.country.is_some()));
    for (file, count) in [("10contacts", 10), ("contacts", 2)] {
        let file = format!("crm_exports/mautic/{file}.csv");
        assert_eq!(recognised(&file, "mautic").unwrap().sound().contacts().count(), count);
    }
    let companies = recognised("crm_exports/mautic/fakecompanydata.csv", "mautic-companies");
    assert_eq!(companies.unwrap().sound().drafts.len(), 4);
}

#[test]
fn thunderbird_is_recognised_as_csv_and_as_ldif() {
    let files = [
        ("basic_csv_addressbook.csv", "thunderbird", 2, 0),
        ("export.csv", "thunderbird", 2, 0),
        ("export.ldif", "thunderbird-ldif", 2, 1),
    ];
    for (file, map, contacts, skipped) in files {
        let Some(outcome) = recognised(&format!("crm_exports/thunderbird/{file}"), map) else {
            return;
        };
        let outcome = outcome.sound();
        assert_eq!(
            (outcome.contacts().count(), outcome.skipped.len()),
            (contacts, skipped),
            "{file}"
        );
        assert!(outcome.contacts().all(|contact| email(contact).is_some()));
    }
}

#[test]
fn every_card_is_a_contact_a_fault_or_a_shared_mailbox() {
    let Some(folder) = shared("mail/vcards/io/text") else { return };
    let mut names = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let source = Source::open(&path, None, &CsvOptions::default()).unwrap();
        let map = Map::recognise(source.format(), source.header()).unwrap();
        assert_eq!(map.name(), "vcard");
        let outcome = import(map, source);
        let shared = outcome.drafts.iter().flat_map(|draft| &draft.remarks).count();
        assert!(
            outcome.contacts().count() + outcome.faults.len() + shared > 0,
            "{}",
            path.display()
        );
        names.extend(
            outcome
                .contacts()
                .filter_map(|one| field(one, "identity", "full_name").map(str::to_owned)),
        );
    }
    for name in ["Simon Perreault", "Mr. John Richter James Doe Sr.", "Greg Dartmouth", "Tim Howes"]
    {
        assert!(names.iter().any(|found| found == name), "{name}: {names:?}");
    }
}

#[test]
fn lists_of_sanctions_with_an_end_of_file_byte_are_read_to_their_end() {
    // Less than the lines of the files by one: the last holds the end-of-file byte alone.
    for (file, count) in [("add", 18_990), ("alt", 17_091)] {
        let Some(path) = shared(&format!("screening/ofac/static/{file}.csv")) else { return };
        let columns =
            Some((0..if file == "add" { 6 } else { 5 }).map(|at| format!("c{at}")).collect());
        let options = CsvOptions { columns, ..CsvOptions::default() };
        let source = Source::open(&path, None, &options).unwrap();
        assert_eq!(source.map(Result::unwrap).count(), count, "{file}");
    }
}

#[test]
fn a_shared_mailbox_of_a_real_export_is_reported() {
    let csv = "email,name,attributes\nsales@example.com,Sales,{}\n";
    let map = Map::built_in("listmonk").unwrap();
    let source = Source::of("subs.csv", Box::new(Cursor::new(csv)), None, map.csv()).unwrap();
    let outcome = import(map, source).sound();
    assert_eq!(outcome.contacts().count(), 0);
    assert!(matches!(
        outcome.drafts[0].remarks[0],
        Remark::SharedMailbox { contact_kept: false, .. }
    ));
}
