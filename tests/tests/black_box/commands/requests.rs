//! `gantry objection`, `consent`, `restriction`, `erase`: what contacts say acts at once.

use crate::support::House;

use super::rows::names;

impl House {
    /// Whether a purpose may read a category of a contact; why not, if not.
    fn may(&self, purpose: &str, contact: &str, category: &str) -> Result<(), String> {
        let args =
            ["why", "--for", purpose, "--contact", contact, "--category", category, "--json"];
        let ran = self.run(&args);
        let answer: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        match ran.code {
            Some(0) => Ok(()),
            Some(3) => Err(answer["reason"]["id"].as_str().unwrap().to_owned()),
            _ => panic!("{ran:?}"),
        }
    }
}

fn not(reason: &str) -> Result<(), String> {
    Err(reason.to_owned())
}

#[test]
fn an_objection_to_marketing_acts_at_once_and_can_be_withdrawn() {
    let house = House::new();
    let id = house.somebody("Anna", "FI");
    assert_eq!(house.may("marketing", &id, "identity"), Ok(()));
    house.done(&["objection", "add", "--contact", &id, "marketing"]);
    assert_eq!(house.may("marketing", &id, "identity"), not("objected"));
    assert_eq!(house.may("crm", &id, "identity"), Ok(()));
    let found = house.json(&["contact", "find", "--for", "marketing"]);
    assert!(names(&found["items"], "id").is_empty());
    house.done(&["objection", "withdraw", "--contact", &id, "marketing"]);
    assert_eq!(house.may("marketing", &id, "identity"), Ok(()));
}

#[test]
fn other_objections_are_weighed_by_a_person_and_some_do_not_count() {
    let house = House::new();
    let id = house.somebody("Anna", "FI");
    house.done(&["objection", "add", "--contact", &id, "crm"]);
    assert_eq!(house.may("crm", &id, "identity"), not("objection-being-weighed"));
    house.done(&["objection", "reject", "--contact", &id, "crm"]);
    assert_eq!(house.may("crm", &id, "identity"), Ok(()));
    house.done(&["objection", "add", "--contact", &id, "crm"]);
    house.done(&["objection", "uphold", "--contact", &id, "crm"]);
    assert_eq!(house.may("crm", &id, "identity"), not("objected"));
    house.ends(&["objection", "uphold", "--contact", &id, "crm"], 4);
    let said = house.ends(&["objection", "add", "--contact", &id, "invoicing"], 3);
    assert!(said.contains("no effect on `invoicing`: it rests on legal obligation"), "{said}");
    house.ends(&["objection", "add", "--contact", &id, "no-such-purpose"], 4);
    house.done(&["objection", "add", "--contact", &id, "profiling"]);
    assert_eq!(house.may("marketing", &id, "interests"), not("objected"));
    assert_eq!(house.may("marketing", &id, "identity"), Ok(()));
}

#[test]
fn a_statement_says_what_it_means_now_and_that_it_changed_nothing() {
    let house = House::new();
    let id = house.somebody("Anna", "FI");
    let say = |words: &str| {
        let args: Vec<&str> = words.split(' ').collect();
        let said = house.json(&[&args[..2], &["--contact", &id], &args[2..]].concat());
        let means = names(&said["means"], "id").into_iter().map(str::to_owned);
        (said["changed"] == true, means.collect::<Vec<_>>())
    };
    let is = |changed: bool, means: &[&str]| {
        (changed, means.iter().map(|&word| word.to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(say("restriction lift all"), is(false, &["not-restricted"]));
    assert_eq!(say("consent withdraw crm"), is(false, &["no-consent", "on-other-ground"]));
    assert_eq!(say("objection withdraw crm"), is(false, &["no-objection"]));
    assert_eq!(say("objection withdraw email"), is(false, &["no-objection", "channel-open"]));
    assert_eq!(say("objection add crm"), is(true, &["being-weighed"]));
    assert_eq!(say("consent give crm"), is(true, &["objection-stands"]));
    assert_eq!(say("objection add marketing"), is(true, &["marketing-stops"]));
    assert_eq!(say("objection add marketing"), is(false, &["already-so", "marketing-stops"]));
    assert_eq!(say("consent give email"), is(true, &["objection-stands"]));
    assert_eq!(say("restriction set all"), is(true, &[]));
    assert_eq!(say("restriction lift crm"), is(false, &["not-restricted", "still-restricted"]));
    let ran = house.done(&["restriction", "lift", "--contact", &id, "marketing"]);
    assert!(ran.out.contains("nothing changed: there was no such restriction"), "{ran:?}");
}

#[test]
fn a_contact_in_china_is_seen_only_with_consent() {
    let house = House::new();
    let add = [
        "contact",
        "add",
        "--for",
        "crm",
        "--country",
        "CN",
        "--set",
        "identity.given_name=Li",
        "--set",
        "contact-details.email=li@firm.example",
    ];
    let said = house.ends(&add, 3);
    assert!(said.contains("consent is needed"), "{said}");
    let added = house.json(&[&add[..], &["--consent", "crm"]].concat());
    let id = added["id"].as_str().unwrap();
    assert_eq!(house.may("crm", id, "identity"), Ok(()));
    assert_eq!(house.may("marketing", id, "identity"), not("no-consent"));
    house.done(&["consent", "give", "--contact", id, "marketing"]);
    assert_eq!(house.may("marketing", id, "identity"), Ok(()));
    house.done(&["consent", "withdraw", "--contact", id, "marketing"]);
    assert_eq!(house.may("marketing", id, "identity"), not("no-consent"));
}

#[test]
fn a_channel_is_opened_and_closed() {
    let house = House::new();
    let id = house.somebody("Anna", "DE");
    let fields = || {
        let args = ["why", "--for", "marketing", "--contact", &id, "--category", "contact-details"];
        let ran = house.run(&[&args[..], &["--json"]].concat());
        let answer: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        answer["fields"].to_string()
    };
    assert!(!fields().contains("email"), "nobody's customer, and never asked: {}", fields());
    house.done(&["consent", "give", "--contact", &id, "email"]);
    assert!(fields().contains("email"), "{}", fields());
    house.done(&["objection", "add", "--contact", &id, "email"]);
    assert!(!fields().contains("email"), "{}", fields());
}

#[test]
fn restriction_leaves_storage_and_covers_a_purpose_a_field_or_all() {
    let house = House::new();
    let id = house.somebody("Anna", "FI");
    house.done(&["restriction", "set", "--contact", &id, "crm"]);
    assert_eq!(house.may("crm", &id, "identity"), not("restricted"));
    assert_eq!(house.may("sales", &id, "identity"), Ok(()));
    house.done(&["restriction", "lift", "--contact", &id, "crm"]);
    house.done(&["restriction", "set", "--contact", &id, "category:contact-details.email"]);
    let shown = house.json(&["contact", "show", "--for", "crm", &id]);
    assert!(shown["data"]["contact-details"].get("email").is_none(), "{shown}");
    house.done(&["restriction", "set", "--contact", &id, "all"]);
    assert_eq!(house.may("sales", &id, "identity"), not("restricted"));
    house.ends(&["restriction", "set", "--contact", &id, "category:nonsense"], 4);
}

#[test]
fn an_erased_contact_is_gone_and_does_not_come_back_by_import() {
    let house = House::new();
    house.people("1,Anna,Virta,anna@firm.example,Finland,\n");
    let import = ["import", "--for", "crm", "--source", "test", "--map", "map.toml", "people.csv"];
    house.done(&import);
    let found = house.json(&["contact", "find", "--for", "crm", "--name", "virta"]);
    let id = found["items"][0]["id"].as_str().unwrap();
    let erased = house.json(&["erase", "--contact", id]);
    assert!(erased["erased"]["suppressed"].as_u64() >= Some(1), "{erased}");
    let said = house.ends(&["contact", "show", "--for", "crm", id], 3);
    assert!(said.contains("erased"), "{said}");
    house.ends(&["erase", "--contact", id], 3);
    house.people("2,Anna,Virta,Anna@Firm.example,Finland,\n");
    let again = house.json(&import);
    assert_eq!(
        (again["erased_before"].as_u64(), again["contacts"]["added"].as_u64()),
        (Some(1), Some(0))
    );
    let add = ["contact", "add", "--for", "crm", "--set", "identity.given_name=Anna", "--set"];
    house.ends(&[&add[..], &["contact-details.email=anna@firm.example"]].concat(), 3);
    for file in std::fs::read_dir(house.folder()).unwrap() {
        let path = file.unwrap().path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("store.db")) {
            let bytes = std::fs::read(&path).unwrap();
            let clear = String::from_utf8_lossy(&bytes).to_lowercase();
            assert!(!clear.contains("virta") && !clear.contains("anna@"), "{}", path.display());
        }
    }
}

#[test]
fn what_the_law_obliges_to_keep_of_an_imported_contact_is_kept_for_that_purpose() {
    let house = House::new();
    house.people("1,Anna,Virta,anna@firm.example,Finland,\n");
    let map = ["--source", "test", "--map", "map.toml", "people.csv"];
    house.done(&[&["import", "--for", "crm"][..], &map].concat());
    house.write(
        "payments.toml",
        "name = \"payments\"\nformat = \"csv\"\n[[record]]\ncategory = \"payment\"\nkey = \"No\"\ncontact = \"Id\"\nat = { column = \"Paid\", as = \"date\" }\nfields.reference = \"No\"\n",
    );
    house.write("payments.csv", "No,Id,Paid\nP-1,1,2026-10-01\n");
    house.done(&[
        "import",
        "--for",
        "invoicing",
        "--source",
        "test",
        "--map",
        "payments.toml",
        "payments.csv",
    ]);
    let found = house.json(&["contact", "find", "--for", "crm", "--name", "virta"]);
    let id = found["items"][0]["id"].as_str().unwrap();
    let erased = house.json(&["erase", "--contact", id]);
    assert_eq!(names(&erased["erased"]["kept"], "purpose"), ["invoicing"], "{erased}");
    let kept = ["record", "find", "--for", "invoicing", "--contact", id, "--category", "payment"];
    assert_eq!(house.json(&kept)["items"].as_array().unwrap().len(), 1);
    house.ends(&["contact", "show", "--for", "crm", id], 3);
}

#[test]
fn a_hint_offers_only_what_the_statement_can_be_about() {
    let house = House::new();
    let id = house.somebody("Anna", "FI");
    let said = house.ends(&["objection", "add", "--contact", &id, "Markting"], 4);
    assert!(said.contains("did you mean `marketing`?"), "{said}");
    assert!(said.contains(" profiling, email") && !said.contains(" all,"), "{said}");
    let said = house.ends(&["restriction", "set", "--contact", &id, "markting"], 4);
    assert!(said.contains(" all, reporting") && !said.contains(" email,"), "{said}");
}
