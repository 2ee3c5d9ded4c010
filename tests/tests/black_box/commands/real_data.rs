//! Public sample data of other systems, imported with the maps in `examples/maps`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::support::House;

/// A file of the shared sample data; none where that folder is not there.
pub(super) fn shared(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/customers");
    if !root.exists() {
        eprintln!("skipped: the sample data are not at ../shared");
        return None;
    }
    let path = root.join(name);
    assert!(path.exists(), "the sample data have no `{name}`");
    Some(path)
}

pub(super) fn map(name: &str) -> String {
    let maps = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/maps");
    maps.join(format!("{name}.toml")).display().to_string()
}

impl House {
    pub(super) fn import(&self, purpose: &str, source: &str, map: &str, file: &Path) -> Json {
        let file = file.display().to_string();
        self.json(&["import", "--for", purpose, "--source", source, "--map", map, &file])
    }
}

#[test]
fn northwind_has_91_companies_830_orders_and_2155_lines() {
    let (Some(customers), Some(orders), Some(lines)) = (
        shared("northwind/customers.csv"),
        shared("northwind/orders.csv"),
        shared("northwind/order-details.csv"),
    ) else {
        return;
    };
    let house = House::new();
    let steps = [
        ("crm", "northwind-customers", &customers, "company", 91),
        ("sales", "northwind-orders", &orders, "order", 830),
        ("sales", "northwind-order-details", &lines, "order-line", 2_155),
    ];
    for (purpose, name, file, kind, count) in steps {
        let report = house.import(purpose, "northwind", &map(name), file);
        assert_eq!(report["objects"][kind]["added"], count, "{report}");
        let again = house.import(purpose, "northwind", &map(name), file);
        assert_eq!(again["objects"][kind]["unchanged"], count, "twice changes nothing: {again}");
        assert_eq!(again["objects"][kind]["added"], 0);
    }
    let total =
        house.json(&["report", "--for", "reporting", "--of", "objects:order", "--by", "country"]);
    let germany = total["lines"].as_array().unwrap().iter().find(|line| line[0] == "DE").unwrap();
    assert_eq!(germany[1][0]["count"], 122);
    let found = house.json(&["contact", "find", "--for", "crm", "--name", "maria anders"]);
    let contact = found["items"][0]["id"].as_str().unwrap();
    let records = house.json(&["record", "find", "--for", "claims", "--contact", contact]);
    let orders = records["items"].as_array().unwrap().iter();
    assert_eq!(orders.filter(|record| record["category"] == "orders").count(), 6);
    house.verify();
}

#[test]
fn adventure_works_has_753_contacts_and_what_no_promotion_means_differs_by_country() {
    let (Some(contacts), Some(addresses)) = (
        shared("adventureworks/Sales_vStoreWithContacts.csv"),
        shared("adventureworks/Sales_vStoreWithAddresses.csv"),
    ) else {
        return;
    };
    let house = House::new();
    // The people have no country of their own in the file: their store's is added to each row.
    let file = house.write("contacts.csv", with_countries(&contacts, &addresses));
    let mapped = fs::read_to_string(map("adventureworks-store-contacts")).unwrap();
    let mapped = mapped.replacen(
        "match = \"email\"\n",
        "match = \"email\"\ncountry = { column = \"Country\", as = \"country\" }\n",
        1,
    );
    house.write("map.toml", mapped);
    let report = house.import("crm", "adventureworks", "map.toml", &file);
    assert_eq!(report["contacts"]["added"], 753, "{report}");
    assert_eq!(report["said"]["not opted in to email"], 416, "{report}");
    assert_eq!(report["said"]["opted in to email"], 337, "{report}");
    // Where the law asks for a yes, asked and not said yes is no; where it asks for a no, it is none.
    let opt_out = ["FR", "GB", "US"];
    let mut countries = BTreeMap::new();
    for (address, country, promotion) in examples(&fs::read_to_string(&file).unwrap()) {
        let found = house.json(&["contact", "find", "--for", "crm", "--email", &address]);
        let view = &found["items"][0];
        let code = view["country"].as_str().unwrap_or_else(|| panic!("{country}: {found}"));
        let id = view["id"].as_str().unwrap();
        let args = ["why", "--for", "marketing", "--contact", id, "--category", "contact-details"];
        let why = house.run(&[&args[..], &["--json"]].concat());
        let why: Json = serde_json::from_str(&why.out).unwrap();
        let open = why["fields"].as_array().unwrap().iter().any(|field| field == "email");
        assert_eq!(open, promotion || opt_out.contains(&code), "{country} {promotion}: {why}");
        *countries.entry(code.to_owned()).or_insert(0) += 1;
    }
    let countries: Vec<(&str, i32)> = countries.iter().map(|(code, n)| (&**code, *n)).collect();
    assert_eq!(countries, [("AU", 2), ("CA", 2), ("DE", 2), ("FR", 2), ("GB", 2), ("US", 2)]);
}

/// The rows of stores' contacts, with the country of the store's main office.
fn with_countries(contacts: &Path, addresses: &Path) -> String {
    let addresses = fs::read_to_string(addresses).unwrap();
    let countries: BTreeMap<String, String> = addresses
        .lines()
        .skip(1)
        .map(cells)
        .filter(|cells| cells[2] == "Main Office")
        .map(|cells| (cells[0].clone(), cells.last().unwrap().clone()))
        .collect();
    let contacts = fs::read_to_string(contacts).unwrap();
    let mut lines = contacts.lines();
    let mut joined = format!("{},Country\n", lines.next().unwrap());
    for line in lines {
        let country = countries.get(&cells(line)[0]).map_or("", String::as_str);
        joined += &[line, ",", country, "\n"].concat();
    }
    joined
}

/// For each country somebody who wanted promotions and somebody who did not: address, country, and
/// whether they were wanted.
fn examples(file: &str) -> Vec<(String, String, bool)> {
    let mut examples = BTreeMap::new();
    for line in file.lines().skip(1) {
        let cells = cells(line);
        let (country, wanted) = (cells[12].clone(), cells[11] != "0");
        examples.entry((country, wanted)).or_insert_with(|| cells[10].clone());
    }
    let examples = examples.into_iter();
    examples.map(|((country, wanted), address)| (address, country, wanted)).collect()
}

/// The cells of a line of CSV without line breaks in cells.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => cells.last_mut().unwrap().push(c),
        }
    }
    cells
}

#[test]
fn the_opt_out_flags_of_civicrm_close_what_they_say() {
    let Some(path) = shared("civicrm_demo/civicrm_generated.mysql") else { return };
    let house = House::new();
    let dump = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
    let (csv, rows) = civicrm_contacts(&dump);
    let file = house.write("contacts.csv", csv);
    let mapped = fs::read_to_string(map("civicrm-contacts")).unwrap();
    let mapped = mapped.replacen(
        "company = \"employer_id\"\n",
        "company = \"employer_id\"\ncountry = { value = \"FI\" }\n",
        1,
    );
    house.write("map.toml", mapped);
    let report = house.import("crm", "civicrm", "map.toml", &file);
    assert_eq!(report["rows"], 201, "{report}");
    let companies = rows.iter().filter(|row| row["contact_type"] == "Organization").count();
    assert_eq!(report["objects"]["company"]["added"], companies, "{report}");
    let living = |row: &&BTreeMap<String, String>| {
        row["contact_type"] == "Individual"
            && row["is_deceased"] != "1"
            && row["first_name"] != "NULL"
    };
    let flags = [
        ("is_opt_out", "objects to direct marketing"),
        ("do_not_email", "closes email"),
        ("do_not_phone", "closes phone"),
        ("do_not_mail", "closes post"),
    ];
    for (flag, said) in flags {
        let all = rows.iter().filter(|row| row["contact_type"] == "Individual" && row[flag] == "1");
        let sure = all.clone().filter(living).count();
        let counted = report["said"][said].as_u64().unwrap_or(0);
        let counted = usize::try_from(counted).unwrap();
        assert!((sure..=all.count()).contains(&counted), "{flag}: {counted}, {report}");
    }
    // In a country where no yes is needed, the flag is what decides.
    let single = |row: &&BTreeMap<String, String>| {
        let name = (&row["first_name"], &row["last_name"]);
        rows.iter().filter(|row| (&row["first_name"], &row["last_name"]) == name).count() == 1
    };
    for flag in ["0", "1"] {
        let mut people = rows.iter().filter(living).filter(single);
        let person = people.find(|row| row["do_not_email"] == flag).unwrap();
        let name = format!("{} {}", person["first_name"], person["last_name"]);
        let found = house.json(&["contact", "find", "--for", "crm", "--name", &name]);
        let id = found["items"][0]["id"].as_str().unwrap_or_else(|| panic!("{name}: {found}"));
        let set = format!("contact-details.email=contact-{flag}@firm.example");
        house.done(&["contact", "change", "--for", "crm", id, "--set", &set]);
        let seen = house.json(&["contact", "show", "--for", "marketing", id]);
        let reached = seen["data"]["contact-details"].get("email").is_some();
        assert_eq!(reached, flag == "0", "{flag}: {seen}");
    }
}

/// The table of contacts in a dump, as CSV and as rows by column.
fn civicrm_contacts(dump: &str) -> (String, Vec<BTreeMap<String, String>>) {
    let (_, table) = dump.split_once("INSERT INTO `civicrm_contact` (").unwrap();
    let (head, values) = table.split_once(") VALUES").unwrap();
    let columns: Vec<String> = head.split(',').map(|name| name.trim().replace('`', "")).collect();
    let quoted = |cell: &str| format!("\"{}\"", cell.replace('"', "\"\""));
    let mut csv = columns.join(",") + "\n";
    let mut rows = Vec::new();
    for row in sql_rows(values) {
        assert_eq!(row.len(), columns.len());
        csv += &(row.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",") + "\n");
        rows.push(columns.iter().cloned().zip(row).collect());
    }
    (csv, rows)
}

/// The rows between parentheses until the statement ends, with MySQL's quoting.
fn sql_rows(values: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut inside, mut quoted) = (false, false);
    let mut chars = values.chars();
    while let Some(c) = chars.next() {
        match (inside, quoted, c) {
            (_, true, '\\') => cell.extend(chars.next()),
            (true, _, '\'') => quoted = !quoted,
            (_, true, c) => cell.push(c),
            (false, _, ';') => return rows,
            (false, _, '(') => inside = true,
            (true, _, ',') => row.push(std::mem::take(&mut cell)),
            (true, _, ')') => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
                inside = false;
            }
            (true, _, c) if !c.is_whitespace() => cell.push(c),
            _ => {}
        }
    }
    rows
}
