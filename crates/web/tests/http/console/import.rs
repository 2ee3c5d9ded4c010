//! The import wizard: walked with real files of other systems, and with files that mean harm.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use axum::body::Body;
use gantry_web::Site;

use super::browser::{Browser, Shown};
use super::pages::whole;
use crate::support::{House, NOBODY, bundled, small};

const BOUNDARY: &str = "a-line-between-the-parts-of-a-form";
/// So often it is looked whether work is over.
const MOST_LOOKS: usize = 100_000;
/// Markup in every way that a page could take it for its own.
const MARKUP: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>";

/// A file of the shared sample data; none where that folder is not there.
fn shared(name: &str) -> Option<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/customers");
    if !root.exists() {
        eprintln!("skipped: the sample data are not at ../shared");
        return None;
    }
    Some(std::fs::read(root.join(name)).unwrap())
}

fn example_map(name: &str) -> Vec<u8> {
    let maps = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/maps");
    std::fs::read(maps.join(format!("{name}.toml"))).unwrap()
}

/// The body of a form with a file.
fn multipart(fields: &[(&str, &str)], file: Option<(&str, &str, &[u8])>) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(
            format!(
                "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            )
            .bytes(),
        );
    }
    if let Some((name, called, content)) = file {
        let called = called.replace('"', "%22");
        body.extend(format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"{called}\"\r\ncontent-type: application/octet-stream\r\n\r\n").bytes());
        body.extend(content);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    body
}

impl Browser {
    async fn send_parts(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        file: Option<(&str, &str, &[u8])>,
    ) -> Shown {
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let headers = [("sec-fetch-site", "same-origin"), ("content-type", kind.as_str())];
        self.ask("POST", path, &headers, Body::from(multipart(fields, file))).await
    }

    async fn post_parts(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        file: Option<(&str, &str, &[u8])>,
    ) -> Shown {
        let csrf = self.csrf.clone();
        let fields: Vec<_> =
            [("csrf", csrf.as_str())].into_iter().chain(fields.iter().copied()).collect();
        self.send_parts(path, &fields, file).await
    }

    /// Uploads a file to a room; the page of the upload.
    async fn upload(&mut self, room: &str, source: &str, called: &str, content: &[u8]) -> String {
        let file = Some(("file", called, content));
        let sent = self.post_parts(&format!("/{room}/import"), &[("source", source)], file).await;
        sent.to(&format!("/{room}/import/"))
    }

    async fn refused(&mut self, called: &str, content: &[u8]) -> Shown {
        let file = Some(("file", called, content));
        self.post_parts("/crm/import", &[("source", "test")], file).await.expect(422)
    }

    /// Takes an example map for an upload.
    async fn take_map(&mut self, upload: &str, name: &str) {
        let map = example_map(name);
        let sent =
            self.post_parts(upload, &[("how", "file")], Some(("map-file", "map.toml", &map)));
        sent.await.to(upload);
    }

    /// Begins work on an upload, and waits until it is over; the page then.
    async fn work(&mut self, upload: &str, what: &str, keep: &str) -> Shown {
        self.post(&format!("{upload}/{what}"), &[("keep", keep)]).await.to(upload);
        self.wait(upload).await
    }

    /// A page of an upload, which must be whole.
    async fn see(&mut self, path: &str) -> Shown {
        let shown = self.get(path).await.expect(200);
        whole(path, &shown);
        shown
    }

    async fn wait(&mut self, upload: &str) -> Shown {
        for _ in 0..MOST_LOOKS {
            let progress = self.get(&format!("{upload}/progress")).await;
            if progress.header("x-done") == "yes" {
                break;
            }
            progress.expect(200).hides("<html");
            tokio::task::yield_now().await;
        }
        self.see(upload).await.hides("data-refresh")
    }
}

/// A page's text without its tags, with one blank between words.
fn text(shown: &Shown) -> String {
    let mut text = String::new();
    for part in shown.html.split('<') {
        text.push(' ');
        text.push_str(part.split_once('>').map_or(part, |(_, rest)| rest));
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn says(shown: &Shown, words: &str) {
    let text = text(shown);
    assert!(text.contains(words), "`{words}` is not in {text}");
}

const PEOPLE: &str = "Id,First,Last,Mail,Country,Note\n\
    1,Anna,Virta,anna@firm.example,Finland,likes cake\n\
    2,Bo,Berg,not an address,SE,\n\
    3,Cy,Dahl,cy@firm.example,Atlantis,\n\
    4,=1+1,@home,di@firm.example,Norway,-\n\
    ,,,info@firm.example,Norway,\n";

const BY_HAND: [(&str, &str); 7] = [
    ("how", "by-hand"),
    ("dates", "iso"),
    ("becomes.0", "contact.key"),
    ("becomes.1", "profile.identity.given_name"),
    ("becomes.2", "profile.identity.family_name"),
    ("becomes.3", "profile.contact-details.email"),
    ("becomes.4", "contact.country"),
];

#[tokio::test]
async fn northwind_is_imported_with_maps_of_its_own() {
    let (Some(customers), Some(orders)) =
        (shared("northwind/customers.csv"), shared("northwind/orders.csv"))
    else {
        return;
    };
    let house = House::new().await;
    let mut anna = house.at_work("anna", &[]).await;
    let upload = anna.upload("crm", "northwind", "customers.csv", &customers).await;
    let page = anna.see(&upload).await;
    says(&page, "No built-in map fits the columns of this file");
    anna.take_map(&upload, "northwind-customers").await;
    let page = anna.see(&upload).await;
    says(&page, "The first rows as they would be stored");
    says(&page, "Maria Anders");
    let looked = anna.work(&upload, "check", "").await;
    says(&looked, "What would become of 91 rows");
    says(&looked, "Companies 91 0 0");
    assert!(anna.get("/crm/objects/company").await.html.contains("None that the purpose may see"));
    let stored = anna.work(&upload, "run", "all").await;
    says(&stored, "Imported 91 rows.");
    says(&anna.get("/crm/objects/company").await, "Alfreds Futterkiste");
    // The file has gone with the work; what came of it stays for a while.
    let again = anna.post(&format!("{upload}/run"), &[("keep", "all")]).await;
    again.to(&upload);
    says(&anna.get(&upload).await, "Imported 91 rows.");

    let upload = anna.upload("sales", "northwind", "orders.csv", &orders).await;
    anna.take_map(&upload, "northwind-orders").await;
    let looked = anna.work(&upload, "check", "").await;
    says(&looked, "Orders 830 0 0");
    says(&anna.work(&upload, "run", "all").await, "Imported 830 rows.");
}

#[tokio::test]
async fn adventure_works_tells_what_its_contacts_said() {
    let Some(contacts) = shared("adventureworks/Sales_vStoreWithContacts.csv") else { return };
    let house = House::new().await;
    let mut anna = house.at_work("anna", &[]).await;
    let upload = anna.upload("crm", "adventureworks", "contacts.csv", &contacts).await;
    anna.take_map(&upload, "adventureworks-store-contacts").await;
    let looked = anna.work(&upload, "check", "").await;
    says(&looked, "Contacts 753 0 0");
    says(&looked, "not opted in to email 416 times");
    says(&anna.work(&upload, "run", "all").await, "opted in to email 337 times");
}

#[tokio::test]
async fn a_built_in_map_is_recognised_and_columns_without_a_rule_are_named() {
    let house = House::new().await;
    let mut anna = house.at_work("anna", &[]).await;
    let csv = b"FirstName,LastName,MailingCity,Email,Id,Shoe size\nAino,Harju,Turku,aino@harju.example,c1,38\n";
    let upload = anna.upload("crm", "salesforce", "contacts.csv", csv).await;
    let page = anna.see(&upload).await;
    says(&page, "Recognised by its columns: Salesforce contacts");
    says(&page, "Not stored, since the map does not use them: \u{201c}Shoe size\u{201d}");
    says(&page, "Aino");
    page.hides(">38<");
}

#[tokio::test]
async fn the_nearest_map_is_named_with_what_the_file_lacks() {
    let house = House::new().await;
    let mut anna = house.at_work("anna", &[]).await;
    let upload = anna.upload("crm", "x", "a.csv", b"MailingCity,FirstName\nTurku,Anna\n").await;
    let page = anna.see(&upload).await;
    says(&page, "Salesforce contacts comes nearest, but the file lacks \u{201c}LastName\u{201d}");
}

#[tokio::test]
async fn columns_mapped_by_hand_become_a_map_and_bad_rows_can_be_mended() {
    let house = House::new().await;
    let mut anna = house.at_work("anna", &[]).await;
    let upload = anna.upload("crm", "fair", "people.csv", PEOPLE.as_bytes()).await;
    anna.post_parts(&upload, &BY_HAND, None).await.to(&upload);
    let page = anna.see(&upload).await;
    says(&page, "2 1 Finland Anna Virta");
    says(&page, "6 Left out: the address of a shared mailbox is no person's");
    anna.get(&format!("{upload}/map"))
        .await
        .expect(200)
        .shows("value=\"profile.identity.given_name\" selected");
    let map = anna.get(&format!("{upload}/map.toml")).await.expect(200);
    assert!(map.html.contains("identity.given_name = \"First\""), "{}", map.html);
    let looked = anna.work(&upload, "check", "").await;
    says(&looked, "2 bad rows Row Column What is wrong 3 Mail");
    says(&looked, "Contacts 2 0 0");
    assert!(!looked.html.contains("Atlantis"), "values are not repeated");
    let stored = anna.work(&upload, "run", "good").await;
    says(&stored, "Imported 3 rows of 5.");

    let rejects = anna.get(&format!("{upload}/rejects")).await.expect(200);
    assert_eq!(rejects.header("content-disposition"), "attachment; filename=\"rejects.csv\"");
    assert!(
        rejects.html.contains("\"2\",\"Bo\",\"Berg\",\"not an address\",\"SE\",\"\",\"Mail: "),
        "{}",
        rejects.html
    );
    anna.get(&format!("{upload}/rejects")).await.expect(404);
    says(&anna.get(&upload).await, "The bad rows are no longer here.");

    let mended =
        rejects.html.replace("not an address", "bo@firm.example").replace("Atlantis", "DK");
    let upload = anna.upload("crm", "fair", "rejects.csv", mended.as_bytes()).await;
    anna.post_parts(&upload, &BY_HAND, None).await.to(&upload);
    anna.work(&upload, "check", "").await;
    says(&anna.work(&upload, "run", "all").await, "Imported 2 rows.");
}

#[tokio::test]
async fn without_good_rows_to_keep_nothing_is_stored() {
    let house = House::new().await;
    let mut anna = house.at_work("anna", &[]).await;
    let upload = anna.upload("crm", "fair", "people.csv", PEOPLE.as_bytes()).await;
    anna.post_parts(&upload, &BY_HAND, None).await.to(&upload);
    anna.work(&upload, "check", "").await;
    let after = anna.work(&upload, "run", "all").await;
    says(&after, "Nothing is stored yet.");
    says(&anna.get("/crm/contacts").await, "Nobody is here");
}

#[tokio::test]
async fn choices_that_make_no_map_say_why_and_keep_what_was_chosen() {
    let house = House::new().await;
    let mut anna = house.at_work("anna", &[]).await;
    let upload = anna.upload("crm", "fair", "people.csv", PEOPLE.as_bytes()).await;
    let twice = [
        ("how", "by-hand"),
        ("becomes.0", "contact.key"),
        ("becomes.1", "contact.country"),
        ("becomes.2", "contact.country"),
    ];
    let page = anna.post_parts(&upload, &twice, None).await.expect(422);
    says(&page, "Last : another column becomes the same");
    page.shows("value=\"contact.key\" selected");
    for (becomes, fault) in [
        ("profile.identity.shoe_size", "not among what it can become"),
        // The notice has it, and gives it to another purpose.
        ("record.screening.list", "not among what it can become"),
        ("\"><script>", "not among what it can become"),
        ("profile.identity.given_name", "known again"),
    ] {
        let page =
            anna.post_parts(&upload, &[("how", "by-hand"), ("becomes.1", becomes)], None).await;
        says(&page.expect(422), fault);
    }
    let page = anna.post_parts(&upload, &[("how", "built-in"), ("map", "nonsense")], None).await;
    says(&page.expect(422), "choose one");
    let map = Some(("map-file", "m.toml", &b"name = \"x\"\n[company]\nkey = \"number\"\n"[..]));
    let page = anna.post_parts(&upload, &[("how", "file")], map).await;
    says(&page.expect(422), "does not fit its map: the file has no column");
    let map = Some(("map-file", "m.toml", &b"name = \"x\"\n[contact]\nkey = 7\n"[..]));
    let page = anna.post_parts(&upload, &[("how", "file")], map).await;
    says(&page.expect(422), "line 3");
    let large = vec![b'#'; 300 * 1024];
    let map = Some(("map-file", "m.toml", large.as_slice()));
    anna.post_parts(&upload, &[("how", "file")], map).await.expect(413).shows("256 KiB");
}

#[tokio::test]
async fn a_purpose_that_may_collect_nothing_says_so_and_why() {
    let house = House::new().await;
    let mut anna = house.at_work("anna", &[]).await;
    let manufacturing = anna.get("/manufacturing/import").await.expect(200);
    says(&manufacturing, "No data of contacts can be imported here: the notice lets");
    says(&manufacturing, "What it may import: Order, ");
    manufacturing.shows("/notice#purpose-manufacturing").shows("type=\"file\"");
    // Counts and aliases are no place for an import.
    anna.get("/reporting/import").await.expect(403);
    anna.get("/research/import").await.expect(403);
    let file = Some(("file", "people.csv", PEOPLE.as_bytes()));
    anna.post_parts("/reporting/import", &[("source", "x")], file).await.expect(403);

    let nothing = bundled()
        .replace("changes = [\"employment\"]\n\n# No longer than claims", "# No longer than claims")
        .replace("write = [\"archive\"]", "write = [\"claims\"]");
    let house = House::under(&nothing).await;
    let mut anna = house.at_work("anna", &[]).await;
    let archive = anna.get("/archive/import").await.expect(200);
    says(&archive, "so that there is nothing to import");
    archive.hides("type=\"file\"");
    let sent = anna.post_parts("/archive/import", &[("source", "x")], file).await.expect(403);
    says(&sent, "so that there is nothing to import");
}

#[tokio::test]
async fn what_the_notice_keeps_out_is_told_with_its_reason() {
    let house = House::new().await;
    let mut anna = house.at_work("anna", &[]).await;
    let csv = b"name,iban\nAino Harju,FI00\n";
    let map = b"name = \"m\"\n[contact]\nkey = \"name\"\nfields.identity.full_name = \"name\"\n[[record]]\ncategory = \"payment\"\nfields.reference = \"iban\"\n";
    let upload = anna.upload("crm", "x", "a.csv", csv).await;
    let sent = anna.post_parts(&upload, &[("how", "file")], Some(("map-file", "m.toml", map)));
    sent.await.to(&upload);
    let page = anna.see(&upload).await;
    says(&page, "The notice keeps out, whoever the contact is:");
    page.hides(">FI00<");
    says(&anna.work(&upload, "check", "").await, "The notice kept out payment");
}

#[tokio::test]
async fn an_upload_is_there_for_its_owner_in_its_room_alone() {
    let house = House::new().await;
    let mut anna = house.at_work("anna", &[]).await;
    let mut mika = house.at_work("mika", &["account-manager"]).await;
    let upload = anna.upload("crm", "fair", "people.csv", PEOPLE.as_bytes()).await;
    let id = upload.rsplit('/').next().unwrap().to_owned();
    for path in ["", "/map", "/map.toml", "/progress", "/rejects"] {
        mika.get(&format!("/crm/import/{id}{path}")).await.expect(404);
        anna.get(&format!("/sales/import/{id}{path}")).await.expect(404);
        anna.get(&format!("/crm/import/{NOBODY}{path}")).await.expect(404);
    }
    for path in ["/check", "/run", "/leave"] {
        mika.post(&format!("/crm/import/{id}{path}"), &[]).await.expect(404);
        anna.post(&format!("/sales/import/{id}{path}"), &[]).await.expect(404);
    }
    mika.post_parts(&format!("/crm/import/{id}"), &BY_HAND, None).await.expect(404);
    mika.get("/crm/import").await.hides("people.csv");
    anna.get("/sales/import").await.shows("people.csv");
    anna.get(&upload).await.expect(200);
}

#[tokio::test]
async fn an_upload_goes_after_an_hour_when_it_is_left_and_when_its_owner_signs_out() {
    let house = House::new().await;
    let mut anna = house.at_work("anna", &[]).await;
    let upload = anna.upload("crm", "fair", "people.csv", PEOPLE.as_bytes()).await;
    anna.post(&format!("{upload}/leave"), &[]).await.to("/crm/import");
    anna.get(&upload).await.expect(404);
    let upload = anna.upload("crm", "fair", "people.csv", PEOPLE.as_bytes()).await;
    anna.get(&upload).await.expect(200);
    house.clock.advance_hours(1);
    let mut again = anna.clone();
    again.sign_in("anna", super::browser::PASSWORD).await.to("/");
    again.get(&upload).await.expect(404);
    let upload = again.upload("crm", "fair", "people.csv", PEOPLE.as_bytes()).await;
    again.post("/sign-out", &[]).await.to("/sign-in");
    again.sign_in("anna", super::browser::PASSWORD).await.to("/");
    again.get(&upload).await.expect(404);
}

#[tokio::test]
async fn a_form_without_its_token_is_not_read() {
    let house = House::new().await;
    let mut anna = house.at_work("anna", &[]).await;
    let file = Some(("file", "people.csv", PEOPLE.as_bytes()));
    for fields in [
        &[("source", "x")][..],
        &[("csrf", "wrong"), ("source", "x")],
        &[("source", "x"), ("csrf", anna.csrf.clone().leak())],
    ] {
        anna.send_parts("/crm/import", fields, file).await.expect(403);
    }
    anna.get("/crm/import").await.hides("people.csv");
}

#[tokio::test]
async fn only_so_much_waits_in_memory() {
    let house = House::new().await;
    let mut anna = house.at_work("anna", &[]).await;
    let mut mika = house.at_work("mika", &["account-manager"]).await;
    let mut rea = house.at_work("rea", &["account-manager"]).await;
    let mut uploads = Vec::new();
    for _ in 0..2 {
        uploads.push(anna.upload("crm", "fair", "people.csv", PEOPLE.as_bytes()).await);
        mika.upload("crm", "fair", "people.csv", PEOPLE.as_bytes()).await;
    }
    let file = Some(("file", "people.csv", PEOPLE.as_bytes()));
    let more = anna.post_parts("/crm/import", &[("source", "x")], file).await.expect(422);
    says(&more, "two of your files wait already");
    let full = rea.post_parts("/crm/import", &[("source", "x")], file).await.expect(503);
    says(&full, "ther imports fill the places for uploads");
    // What is stored takes no place any more.
    anna.post_parts(&uploads[0], &BY_HAND, None).await.to(&uploads[0]);
    anna.work(&uploads[0], "check", "").await;
    anna.work(&uploads[0], "run", "good").await;
    anna.get(&format!("{}/rejects", uploads[0])).await.expect(200);
    rea.upload("crm", "fair", "people.csv", PEOPLE.as_bytes()).await;
    // Too large by itself, whether it is said beforehand or not.
    anna.post(&format!("{}/leave", uploads[1]), &[]).await.to("/crm/import");
    let large = vec![b'x'; (32 << 20) + 1];
    let file = Some(("file", "large.csv", large.as_slice()));
    let sent = anna.post_parts("/crm/import", &[("source", "x")], file).await.expect(413);
    says(&sent, "file has at most 32 MiB here");
}

#[tokio::test]
async fn files_that_are_no_tables_of_text_are_refused_with_a_hint() {
    let house = House::new().await;
    let mut anna = house.at_work("anna", &[]).await;
    says(
        &anna.refused("people.xlsx", b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00").await,
        "is it a text file?",
    );
    says(&anna.refused("people.csv", b"").await, "choose a file that is not empty");
    says(&anna.refused("people.csv", &vec![0; 4096]).await, "is it a text file?");
    let columns = vec!["a"; 10_000].join(",");
    says(&anna.refused("people.csv", columns.as_bytes()).await, "more than 4096 cells");
    let line = "x".repeat(2 << 20);
    says(&anna.refused("people.csv", line.as_bytes()).await, "longer than");
    let page =
        anna.post_parts("/crm/import", &[("source", "no name!")], Some(("file", "a.csv", b"a\n")));
    says(&page.await.expect(422), "is not a word of at most 64 letters");
}

#[tokio::test]
async fn long_lines_and_many_columns_are_faults_of_their_rows_or_need_a_map_file() {
    let house = House::new().await;
    let mut anna = house.at_work("anna", &[]).await;
    let long = format!(
        "Id,First,Last,Mail,Country,Note\n1,Anna,Virta,a@firm.example,FI,{}\n2,Bo,Berg,b@firm.example,SE,\n",
        "x".repeat(2 << 20)
    );
    let upload = anna.upload("crm", "fair", "long.csv", long.as_bytes()).await;
    anna.post_parts(&upload, &BY_HAND, None).await.to(&upload);
    let looked = anna.work(&upload, "check", "").await;
    says(&looked, "1 bad row");
    says(&looked, "Contacts 1 0 0");
    let columns: Vec<String> = (0..3_000).map(|n| format!("c{n}")).collect();
    let upload = anna.upload("crm", "fair", "wide.csv", columns.join(",").as_bytes()).await;
    let page = anna.see(&upload).await;
    says(&page, "The file has 3000 columns.");
    assert!(page.html.len() < 100_000, "{}", page.html.len());
}

#[tokio::test]
async fn columns_with_one_name_are_not_offered() {
    let house = House::new().await;
    let mut anna = house.at_work("anna", &[]).await;
    let upload =
        anna.upload("crm", "fair", "twice.csv", b"Name,Name,,Mail\na,b,c,d@firm.example\n").await;
    let page = anna.see(&upload).await;
    assert_eq!(page.html.matches("name=\"becomes.").count(), 1, "{}", page.html);
    says(&page, "no other column must have its name");
    let choice = [
        ("how", "by-hand"),
        ("becomes.0", "profile.identity.full_name"),
        ("becomes.3", "contact.key"),
    ];
    says(&anna.post_parts(&upload, &choice, None).await.expect(422), "more than one column");
}

#[tokio::test]
async fn markup_in_cells_columns_and_names_comes_out_as_text() {
    let house = House::new().await;
    let mut anna = house.at_work("anna", &[]).await;
    let cell = MARKUP.replace('"', "\"\"");
    let csv = format!("\"{cell}\",Mail\n\"{cell}\",a@firm.example\n\"{cell}\",wrong\n");
    let upload = anna.upload("crm", "fair", &format!("{MARKUP}.csv"), csv.as_bytes()).await;
    let safe = |shown: &Shown| {
        let html = &shown.html;
        assert!(!html.contains("<script>alert") && !html.contains("<img src=x"), "{html}");
    };
    safe(&anna.get("/crm/import").await.expect(200));
    safe(&anna.get(&upload).await.expect(200));
    let choices = [
        ("how", "by-hand"),
        ("becomes.0", "profile.identity.full_name"),
        ("becomes.1", "profile.contact-details.email"),
    ];
    anna.post_parts(&upload, &choices, None).await.to(&upload);
    let page = anna.see(&upload).await;
    safe(&page);
    page.shows("&lt;script&gt;alert(1)");
    safe(&anna.work(&upload, "check", "").await);
    safe(&anna.work(&upload, "run", "good").await);
    safe(&anna.get("/crm/contacts").await);
    let rejects = anna.get(&format!("{upload}/rejects")).await.expect(200);
    assert!(rejects.header("content-type").starts_with("text/csv"));
    assert_eq!(rejects.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn rejects_hold_nothing_that_a_spreadsheet_takes_for_a_formula() {
    let house = House::new().await;
    let mut anna = house.at_work("anna", &[]).await;
    let csv =
        "=Id,First,Mail\n\"=HYPERLINK(\"\"http://evil.example\"\")\",+1+1,wrong\n@x,-2,wrong\n";
    let upload = anna.upload("crm", "fair", "formulas.csv", csv.as_bytes()).await;
    let choices = [
        ("how", "by-hand"),
        ("becomes.0", "contact.key"),
        ("becomes.1", "profile.identity.given_name"),
        ("becomes.2", "profile.contact-details.email"),
    ];
    anna.post_parts(&upload, &choices, None).await.to(&upload);
    anna.work(&upload, "check", "").await;
    // A run that keeps good rows is offered only where there are some; who sends the form gets it.
    anna.work(&upload, "run", "good").await;
    let rejects = anna.get(&format!("{upload}/rejects")).await.expect(200).html;
    for cell in rejects.trim_start_matches('\u{feff}').split([',', '\n']) {
        let first = cell.trim_start_matches('"').chars().next();
        assert!(!first.is_some_and(|first| "=+-@\t\r".contains(first)), "{cell} in {rejects}");
    }
}

#[tokio::test]
async fn two_runs_of_one_upload_are_one() {
    let house = House::new().await;
    let mut anna = house.at_work("anna", &[]).await;
    let mut csv = String::from("Id,First,Last,Mail,Country,Note\n");
    for n in 0..600 {
        let _ = writeln!(csv, "{n},Anna,Virta,anna{n}@firm.example,FI,");
    }
    let upload = anna.upload("crm", "fair", "many.csv", csv.as_bytes()).await;
    anna.post_parts(&upload, &BY_HAND, None).await.to(&upload);
    anna.post(&format!("{upload}/run"), &[("keep", "all")]).await.to(&upload);
    says(&anna.get(&upload).await, "Look at all rows");
    anna.work(&upload, "check", "").await;
    let (mut one, mut two) = (anna.clone(), anna.clone());
    let path = format!("{upload}/run");
    let fields = [("keep", "all")];
    let (first, second) = futures::join!(one.post(&path, &fields), two.post(&path, &fields));
    first.to(&upload);
    second.to(&upload);
    says(&anna.wait(&upload).await, "Imported 600 rows.");
    anna.post(&path, &fields).await.to(&upload);
    let stored = anna.wait(&upload).await;
    says(&stored, "Contacts 600 0 0");
}

#[tokio::test]
async fn who_only_reads_is_offered_no_import() {
    let house = House::new().await;
    let mut rea = house.at_work("rea", &["account-manager:read"]).await;
    let page = rea.get("/crm/import").await.expect(200);
    says(&page, "Your role lets you read here, and not write");
    page.hides("type=\"file\"");
    let file = Some(("file", "people.csv", PEOPLE.as_bytes()));
    rea.post_parts("/crm/import", &[("source", "x")], file).await.expect(403);
}

#[tokio::test]
async fn another_notice_has_its_own_fields_to_map() {
    let house = House::under(&small()).await;
    let mut anna = house.at_work("anna", &[]).await;
    let policy = house.engine.policy();
    let purposes: Vec<String> = policy.policy().notice().purposes.keys().cloned().collect();
    let mut mapped = 0;
    for purpose in purposes {
        let page = anna.get(&format!("/{purpose}/import")).await;
        if page.html.contains("type=\"file\"") {
            let upload = anna.upload(&purpose, "x", "people.csv", PEOPLE.as_bytes()).await;
            let page = anna.see(&upload).await;
            assert!(page.html.contains("<optgroup"), "{}", page.html);
            anna.post(&format!("{upload}/leave"), &[]).await.to(&format!("/{purpose}/import"));
            mapped += 1;
        }
    }
    assert!(mapped > 0);
}

#[tokio::test]
async fn an_upload_of_one_process_is_unknown_to_another() {
    let house = House::new().await;
    let mut anna = house.at_work("anna", &[]).await;
    let upload = anna.upload("crm", "fair", "people.csv", PEOPLE.as_bytes()).await;
    let mut elsewhere =
        house.browser_at(Site { public_url: "http://gantry.test".into(), ..Site::default() });
    elsewhere.cookies.clone_from(&anna.cookies);
    elsewhere.get(&upload).await.expect(404);
}
