//! What lies on disk names nobody: not the store, its log, its keys, its audit trail, before an
//! erasure or after it; and sealed bytes open in their own place and nowhere else.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use gantry_testbed::{Cluster, Database, SMALL_TESTS};
use serde_json::{Value as Json, json};

use crate::client::Asked;
use crate::server::{self, Server};
use crate::support::{House, on_a_server, text};
use crate::tables::Half;

/// Parts of personal data at least this long are looked for.
const PART: usize = 6;

/// A person whose data is like nothing else in a file.
#[derive(Clone, Copy, Debug)]
struct Person {
    given: &'static str,
    family: &'static str,
    email: &'static str,
    phone: &'static str,
    street: &'static str,
}

const BY_COMMAND: Person = Person {
    given: "Zquorvanthia",
    family: "Xylquempthorsson",
    email: "zquorvanthia.k@vexillopraxis.example",
    phone: "+358449173628",
    street: "Kwyjibontie 77",
};
const BY_IMPORT: Person = Person {
    given: "Brömbelküre",
    family: "Ouagadigouxiel",
    email: "brombelkuro@jxfqwvkzim.example",
    phone: "+4930596837142",
    street: "Pfuhlquatschallee 9",
};
const BY_SERVER: Person = Person {
    given: "Γλυφωνίδης",
    family: "Тщеславинский",
    email: "glyfo.tsch@mnyxvarduul.example",
    phone: "+46731849265",
    street: "Snörvlgränd 3",
};

#[test]
fn no_file_of_a_store_holds_a_name_an_address_or_a_number_of_a_contact() {
    // A server of its own, all of whose files are the store's. It logs whatever it is told.
    let cluster = on_a_server().then(|| {
        let logging = [("log_statement", "all"), ("log_checkpoints", "off")];
        Cluster::start_in_memory(&[SMALL_TESTS, &logging].concat())
    });
    let house = House::on(cluster.as_ref().map(Database::of)).init();
    let house = Watched { house, cluster: cluster.as_ref() };
    let people = [BY_COMMAND, BY_IMPORT, BY_SERVER];
    let first = add(&house.house, BY_COMMAND);
    let second = import(&house.house, BY_IMPORT);
    let token = server::token(&house.house);
    let server = Server::start(&house.house, &token);
    let third = serve(&server, BY_SERVER);
    find_all(&server, &people);
    house.has_nothing_of(&people, "while it serves");
    // What is not personal lies there in clear, so this way of looking finds what is there.
    let company = json!({ "fields": { "name": "Hebezeugkontor Wuppertal" } });
    assert_eq!(server.ask(&Asked::send("POST", "/api/v1/crm/companies", &company)).status, 201);
    let found = |file: &PathBuf| contains(&fs::read(file).unwrap(), b"Hebezeugkontor Wuppertal");
    assert!(house.files().iter().any(found));
    server.kill();
    house.has_nothing_of(&people, "after it was killed");
    for id in [&first, &second, &third] {
        house.house.done(&["contact", "show", "--for", "crm", id]);
    }
    house.has_nothing_of(&people, "after it was closed");
    for id in [first, second, third] {
        house.house.done(&["erase", "--contact", &id]);
    }
    house.has_nothing_of(&people, "after the erasure");
    house.house.verify();
    house.has_nothing_of(&people, "in the end");
}

#[test]
fn the_master_key_lies_in_its_file_alone_and_only_its_owner_reads_any() {
    let Some(house) = House::of_files().map(House::init) else { return };
    let id = add(&house, BY_COMMAND);
    house.done(&["erase", "--contact", &id]);
    let key = fs::read_to_string(house.key_file()).unwrap();
    let secret = key.trim().strip_prefix("gantry-master-").unwrap().to_owned();
    for file in files(&house) {
        let (name, bytes) = (file.display().to_string(), fs::read(&file).unwrap());
        if file != house.key_file() {
            assert!(!contains(&bytes, &secret.as_bytes()[..16]), "the key is in {name}");
        }
        let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        let public = name.ends_with(".checkpoints") || name.ends_with(".editions");
        assert!(public || mode == 0o600, "{name} has the mode {mode:o}");
    }
    fs::set_permissions(house.key_file(), fs::Permissions::from_mode(0o644)).unwrap();
    let refused = house.run(&["contact", "find", "--for", "crm"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("hint: `chmod 600"), "{refused:?}");
}

#[test]
fn sealed_bytes_in_another_row_do_not_open() {
    let house = House::new();
    let (one, two) = (add(&house, BY_COMMAND), add(&house, BY_SERVER));
    let three = import(&house, BY_IMPORT);
    let (mine, yours) = (sealed(&house, &one), sealed(&house, &two));
    for (category, bytes) in &mine {
        put(&house, &one, category, &yours[category]);
        put(&house, &two, category, bytes);
    }
    // And of the third two categories, both under its own key.
    let of_one: Vec<(String, String)> = sealed(&house, &three).into_iter().collect();
    put(&house, &three, &of_one[0].0, &of_one[1].1);
    put(&house, &three, &of_one[1].0, &of_one[0].1);
    for (id, whose) in [(&one, BY_SERVER), (&two, BY_COMMAND), (&three, BY_IMPORT)] {
        let shown = house.run(&["contact", "show", "--for", "crm", id]);
        unreadable(&shown.err, shown.code, &shown.out, whose);
        let exported = house.run(&["export", "--for", "claims", "--contact", id]);
        unreadable(&exported.err, exported.code, &exported.out, whose);
    }
}

#[test]
fn keys_in_another_row_open_nothing() {
    let house = House::new();
    let (one, two) = (add(&house, BY_COMMAND), add(&house, BY_SERVER));
    let of = |id: &str| format!("contact = {}", house.literal(id));
    let [mine, yours] = [&one, &two].map(|id| {
        let wrapped = format!("SELECT wrapped FROM key WHERE {}", of(id));
        house.values(Half::Keys, &wrapped).remove(0)
    });
    for (id, wrapped) in [(&one, yours), (&two, mine)] {
        let put = format!("UPDATE key SET wrapped = {} WHERE {}", house.bytes(&wrapped), of(id));
        house.change(Half::Keys, &put);
    }
    for (id, whose) in [(&one, BY_SERVER), (&two, BY_COMMAND)] {
        let shown = house.run(&["contact", "show", "--for", "crm", id]);
        unreadable(&shown.err, shown.code, &shown.out, whose);
    }
}

#[test]
fn a_copy_from_before_an_erasure_does_not_show_who_was_erased() {
    let Some(house) = House::of_files().map(House::init) else { return };
    let (erased, stays) = (add(&house, BY_COMMAND), add(&house, BY_SERVER));
    fs::copy(house.path("store.db"), house.path("copy.db")).unwrap();
    house.done(&["erase", "--contact", &erased]);
    fs::remove_file(house.path("store.db")).unwrap();
    assert!(!house.path("store.db-wal").exists(), "the store was closed");
    fs::rename(house.path("copy.db"), house.path("store.db")).unwrap();
    let shown = house.run(&["contact", "show", "--for", "crm", &erased]);
    assert_eq!(shown.code, Some(3), "{shown:?}");
    let nothing = Parts::of(&[BY_COMMAND]);
    for by in [&["--email", BY_COMMAND.email][..], &["--name", BY_COMMAND.family], &[]] {
        // Nor does it stand in the way of those who stay.
        let found = house.done(&[&["contact", "find", "--for", "crm"], by].concat());
        assert_eq!(nothing.first_in(found.out.as_bytes()), None, "{found:?}");
        assert_eq!(found.out.contains(BY_SERVER.given), by.is_empty(), "{found:?}");
    }
    let shown = house.json(&["contact", "show", "--for", "crm", &stays]);
    assert_eq!(shown["data"]["identity"]["given_name"], BY_SERVER.given);
}

fn add(house: &House, person: Person) -> String {
    let set = |name: &str, value: &str| ["--set".to_owned(), format!("{name}={value}")];
    let mut arguments: Vec<String> =
        ["contact", "add", "--for", "crm", "--country", "FI"].map(str::to_owned).to_vec();
    for (name, value) in [
        ("identity.given_name", person.given),
        ("identity.family_name", person.family),
        ("contact-details.email", person.email),
        ("contact-details.phone", person.phone),
        ("contact-details.street", person.street),
    ] {
        arguments.extend(set(name, value));
    }
    let id = text(&house.json(&arguments.iter().map(String::as_str).collect::<Vec<_>>()), "id");
    let words =
        format!("content=spoke with {} {} on {}", person.given, person.family, person.phone);
    let record =
        ["record", "add", "--for", "crm", "--category", "communications", "--contact", &id];
    house.done(&[&record[..], &["--set", "subject=visit", "--set", &words]].concat());
    id
}

fn import(house: &House, person: Person) -> String {
    // The file is not the store's: it lies elsewhere.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("people.csv");
    let Person { given, family, email, phone, street } = person;
    let rows = format!(
        "Record ID,First Name,Last Name,Email,Phone Number,Street Address,Lifecycle Stage,Country\n{family}-1,{given},{family},{email},{phone},{street},lead,DE\n"
    );
    fs::write(&file, rows).unwrap();
    house.done(&["import", "--for", "crm", "--source", "old-crm", file.to_str().unwrap()]);
    let found = house.json(&["contact", "find", "--for", "crm", "--email", email]);
    text(&found["items"][0], "id")
}

fn serve(server: &Server, person: Person) -> String {
    let Person { given, family, email, phone, street } = person;
    let body = json!({ "country": "SE", "data": {
        "identity": { "given_name": given, "family_name": family },
        "contact-details": { "email": email, "phone": phone, "street": street },
    }});
    let added = server.ask(&Asked::send("POST", "/api/v1/crm/contacts", &body).once(email));
    assert_eq!(added.status, 201, "{added:?}");
    let id = text(&added.json(), "id");
    let body =
        json!({ "category": "communications", "fields": { "subject": family, "content": email } });
    let path = format!("/api/v1/crm/contacts/{id}/records");
    assert_eq!(server.ask(&Asked::send("POST", path, &body).once(phone)).status, 201);
    id
}

/// The sealed bytes of a contact's records, by their category.
fn sealed(house: &House, id: &str) -> BTreeMap<String, String> {
    let of = format!("FROM record WHERE contact = {} ORDER BY category", house.literal(id));
    let column = |name: &str| house.values(Half::Main, &format!("SELECT {name} {of}"));
    let categories = column("category").into_iter();
    let sealed: BTreeMap<String, String> = categories.zip(column("sealed")).collect();
    assert!(sealed.len() >= 2 && sealed.values().all(|digits| digits.len() > 32));
    sealed
}

fn put(house: &House, id: &str, category: &str, sealed: &str) {
    let (bytes, id) = (house.bytes(sealed), house.literal(id));
    let put = format!(
        "UPDATE record SET sealed = {bytes} WHERE contact = {id} AND category = {category}"
    );
    house.change(Half::Main, &put);
}

/// Looks for everybody by everything, so that whatever asking leaves behind is there, too.
fn find_all(server: &Server, people: &[Person]) {
    for person in people {
        for by in [("email", person.email), ("phone", person.phone), ("name", person.family)] {
            let path = format!("/api/v1/crm/contacts?{}={}", by.0, percent(by.1));
            let found: Json = server.ask(&Asked::get(path)).json();
            let items = found["items"].as_array().unwrap();
            assert!(
                items.iter().any(|one| one["data"]["identity"]["given_name"] == person.given),
                "{by:?}: {found}"
            );
        }
    }
}

fn percent(text: &str) -> String {
    let digit = |four: u8| char::from(b"0123456789ABCDEF"[usize::from(four)]);
    text.bytes().flat_map(|byte| ['%', digit(byte >> 4), digit(byte & 15)]).collect()
}

/// A store, and the server that has it, where one has.
struct Watched<'c> {
    house: House,
    cluster: Option<&'c Cluster>,
}

impl Watched<'_> {
    /// No file of the store holds a part of anybody's data, in no form in which it may have been
    /// written.
    fn has_nothing_of(&self, people: &[Person], when: &str) {
        if let Some(cluster) = self.cluster {
            // What only lies in memory is written.
            cluster.sql("postgres", "CHECKPOINT");
        }
        let files = self.files();
        assert!(files.len() >= 4, "{files:?}");
        let parts = Parts::of(people);
        for file in files {
            // A server may have removed it by now.
            let Ok(bytes) = fs::read(&file) else { continue };
            assert_eq!(parts.first_in(&bytes), None, "in {} {when}", file.display());
        }
    }

    /// The files of the store, and those of its server: tables, write-ahead log and log.
    fn files(&self) -> Vec<PathBuf> {
        let mut files = files(&self.house);
        let mut folders = vec![];
        folders.extend(self.cluster.map(|cluster| cluster.folder().to_owned()));
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.is_file() {
                    files.push(path);
                }
            }
        }
        files
    }
}

/// What is looked for: each value and its parts, as UTF-8 and UTF-16, as written, in lower case and
/// in upper case.
fn parts(person: Person) -> Vec<Vec<u8>> {
    let (email, _) = person.email.split_once(".example").unwrap();
    let mut parts = Vec::new();
    for value in [person.given, person.family, email, person.phone, person.street] {
        for form in [value.to_owned(), value.to_lowercase(), value.to_uppercase()] {
            let characters: Vec<char> = form.chars().collect();
            for window in characters.windows(PART) {
                let text: String = window.iter().collect();
                parts.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
                parts.push(text.encode_utf16().flat_map(u16::to_be_bytes).collect());
                parts.push(text.into_bytes());
            }
        }
    }
    parts.sort();
    parts.dedup();
    parts
}

/// Parts by how they begin, so that many are looked for at once.
struct Parts(BTreeMap<[u8; 2], Vec<Vec<u8>>>);

impl Parts {
    fn of(people: &[Person]) -> Parts {
        let mut by_start: BTreeMap<[u8; 2], Vec<Vec<u8>>> = BTreeMap::new();
        for part in people.iter().flat_map(|person| parts(*person)) {
            by_start.entry([part[0], part[1]]).or_default().push(part);
        }
        Parts(by_start)
    }

    /// The first part that stands in the bytes.
    fn first_in(&self, bytes: &[u8]) -> Option<String> {
        let mut begins = vec![false; 1 << 16];
        for start in self.0.keys() {
            begins[usize::from(u16::from_be_bytes(*start))] = true;
        }
        let starts = bytes.windows(2).enumerate();
        let starts =
            starts.filter(|(_, two)| begins[usize::from(two[0]) << 8 | usize::from(two[1])]);
        let mut found = starts.filter_map(|(at, two)| {
            self.0[&[two[0], two[1]]].iter().find(|part| bytes[at..].starts_with(part))
        });
        found.next().map(|part| String::from_utf8_lossy(part).into_owned())
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// All files beside the store.
fn files(house: &House) -> Vec<PathBuf> {
    let listed = fs::read_dir(house.folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = listed.filter(|path: &PathBuf| Path::is_file(path)).collect();
    files.sort();
    files
}

/// A clear error, and nothing of that person.
fn unreadable(err: &str, code: Option<i32>, out: &str, whose: Person) {
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(err.starts_with("error: ") && !err.contains("panicked"), "{err}");
    let shown = format!("{out}{err}");
    assert_eq!(Parts::of(&[whose]).first_in(shown.as_bytes()), None, "{shown}");
}
