//! `gantry contact`, `record`, `why`, `export`, `report`: people, as purposes see them.

use serde_json::Value as Json;

use crate::support::{House, Ran, text};

use super::rows::names;

#[test]
fn a_contact_is_added_found_shown_and_changed() {
    let house = House::new();
    let id = house.somebody("Anna", "FI");
    for by in [["--name", "ann"], ["--email", "ANNA@firm.example"]] {
        let found = house.json(&["contact", "find", "--for", "crm", by[0], by[1]]);
        assert_eq!(names(&found["items"], "id"), [&*id], "{by:?}");
    }
    let change = ["contact", "change", "--for", "crm", &id, "--set", "identity.title=Dr."];
    let changed = house.json(&change);
    assert_eq!(changed["data"]["identity"]["title"], "Dr.");
    let shown = house.json(&["contact", "show", "--for", "crm", &id]);
    assert_eq!(shown["data"], changed["data"]);
    let table = house.done(&["contact", "show", "--for", "crm", &id]).out;
    assert!(table.contains("given_name") && table.contains("WITHHELD"), "{table}");
}

#[test]
fn contacts_are_put_in_order_narrowed_down_and_given_a_company() {
    let house = House::new();
    let (zoe, anna) = (house.somebody("Zoe", "FI"), house.somebody("Anna", "SE"));
    let found = |more: &[&str]| {
        let list = house.json(&[&["contact", "find", "--for", "crm"], more].concat());
        names(&list["items"], "id").iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(found(&["--sort", "name"]), [anna.clone(), zoe.clone()]);
    assert_eq!(found(&["--sort", "-name"]), [zoe.clone(), anna.clone()]);
    assert_eq!(found(&["--country", "SE"])[..], *std::slice::from_ref(&anna));
    house.done(&["contact", "change", "--for", "crm", &zoe, "--set", "employment.role=sales"]);
    assert_eq!(found(&["--having", "employment.role=sales"])[..], *std::slice::from_ref(&zoe));
    let add = ["company", "add", "--for", "crm", "--set", "name=Harbour Ltd"];
    let company = house.json(&add)["id"].as_str().unwrap().to_owned();
    let change = ["contact", "change", "--for", "crm", &zoe];
    house.done(&[&change[..], &["--company", &company]].concat());
    assert_eq!(found(&["--company", &company])[..], *std::slice::from_ref(&zoe));
    house.done(&[&change[..], &["--no-company"]].concat());
    assert!(found(&["--company", &company]).is_empty());
    house.ends(&change, 2);
    house.ends(&["contact", "find", "--for", "crm", "--sort", "shoe"], 2);
}

#[test]
fn a_change_of_another_version_is_not_made() {
    let house = House::new();
    let id = house.somebody("Anna", "FI");
    let shown = house.json(&["contact", "show", "--for", "crm", &id]);
    let version = shown["version"].to_string();
    let change = |version: &str| {
        let args = ["contact", "change", "--for", "crm", &id, "--version", version, "--set"];
        house.run(&[&args[..], &["identity.title=Dr."]].concat())
    };
    assert_eq!(change("77").code, Some(1));
    assert_eq!(change(&version).code, Some(0));
}

#[test]
fn what_the_notice_does_not_list_is_refused_and_what_does_not_fit_is_invalid() {
    let house = House::new();
    let id = house.somebody("Anna", "FI");
    let set = |value: &str| house.run(&["contact", "change", "--for", "crm", &id, "--set", value]);
    let refused = set("identity.shoe_size=43");
    assert_eq!(refused.code, Some(3));
    assert!(refused.err.contains("does not list"), "{}", refused.err);
    assert!(refused.err.contains("hint: `identity` has the fields given_name"), "{}", refused.err);
    assert_eq!(set("hobbies.sport=golf").code, Some(4));
    let invalid = set("contact-details.email=nonsense-address");
    assert_eq!(invalid.code, Some(4));
    assert!(!invalid.err.contains("nonsense-address"), "values are not repeated: {}", invalid.err);
    assert_eq!(set("identity=Anna").code, Some(2));
    let add = ["contact", "add", "--for", "manufacturing", "--set", "identity.given_name=Eve"];
    house.ends(&add, 3);
    let add = ["contact", "add", "--for", "crm", "--country", "XYZ", "--set"];
    house.ends(&[&add[..], &["identity.given_name=Eve"]].concat(), 4);
}

#[test]
fn two_purposes_see_two_sets_of_fields_and_an_unknown_purpose_nothing() {
    let house = House::new();
    let id = house.somebody("Anna", "FI");
    let fields = |purpose: &str| -> Json {
        house.json(&["contact", "show", "--for", purpose, &id])["data"].clone()
    };
    assert_eq!(fields("crm")["contact-details"]["email"], "anna@firm.example");
    assert!(fields("manufacturing")["contact-details"].get("email").is_none());
    let said = house.ends(&["contact", "show", "--for", "reporting", &id], 3);
    assert!(said.contains("only counts and sums"), "{said}");
    assert!(said.contains("hint: `reporting` counts and shows nobody: `gantry report"), "{said}");
    let said = house.ends(&["contact", "show", "--for", "research", &id], 3);
    assert!(said.contains("aliases: `gantry record find --for research"), "{said}");
    let said = house.ends(&["contact", "show", "--for", "markting", &id], 4);
    assert!(said.contains("there is no purpose `markting`"), "{said}");
    assert!(said.contains("did you mean `marketing`? there are: reporting, "), "{said}");
    house.ends(&["contact", "show", "--for", "crm", "--use", "no-such-use", &id], 4);
    let nobody = "01900000-0000-7000-8000-000000000000";
    house.ends(&["contact", "show", "--for", "crm", nobody], 1);
    house.ends(&["contact", "show", "--for", "crm", "not-an-id"], 2);
}

#[test]
fn records_are_added_listed_shown_and_changed() {
    let house = House::new();
    let id = house.somebody("Anna", "FI");
    let added = house.json(&[
        "record",
        "add",
        "--for",
        "crm",
        "--contact",
        &id,
        "--category",
        "communications",
        "--at",
        "2026-01-15",
        "--set",
        "channel=phone",
        "--set",
        "subject=Inspection in spring",
    ]);
    assert_eq!(added["fields"]["subject"], "Inspection in spring");
    let record = text(&added, "id");
    let place = ["--for", "crm", "--contact", &id, "--category", "communications", &record];
    let shown = house.json(&[&["record", "show"][..], &place].concat());
    assert_eq!(shown["at"], "2026-01-15T00:00:00Z");
    let args = [&["record", "change"][..], &place, &["--set", "subject=Inspection in May"]];
    assert_eq!(house.json(&args.concat())["fields"]["subject"], "Inspection in May");
    let found = house.json(&["record", "find", "--for", "crm", "--contact", &id]);
    assert!(names(&found["items"], "category").contains(&"communications"));
    // Manufacturing reads no communications.
    let args = ["record", "find", "--for", "manufacturing", "--contact", &id, "--category"];
    house.ends(&[&args[..], &["communications"]].concat(), 3);
    house.ends(&["record", "find", "--for", "crm"], 2);
}

#[test]
fn research_lists_aliases_and_reporting_counts() {
    let house = House::new();
    for n in 0..12 {
        let id = house.somebody(&format!("Person{n}"), if n < 10 { "FI" } else { "SE" });
        house.done(&[
            "record",
            "add",
            "--for",
            "crm",
            "--contact",
            &id,
            "--category",
            "orders",
            "--set",
            "role=orderer",
        ]);
    }
    let found = house.json(&["record", "find", "--for", "research", "--category", "orders"]);
    let aliases = names(&found["items"], "contact");
    assert_eq!(aliases.len(), 12);
    assert!(aliases.iter().all(|alias| alias.starts_with("P-")), "{aliases:?}");
    assert_eq!(found["items"][0]["at"].as_str().unwrap().len(), "2026-11".len());
    let report = ["report", "--for", "reporting", "--of", "records:orders"];
    let total = house.json(&report);
    assert_eq!(total["lines"][0][1][0]["contacts"], 12, "{total}");
    let by_country = house.json(&[&report[..], &["--by", "country"]].concat());
    let cells: Vec<&Json> =
        by_country["lines"].as_array().unwrap().iter().map(|line| &line[1][0]).collect();
    // Two in Sweden are too few, and with the total they could be worked out from those in Finland.
    assert!(cells.iter().filter(|cell| cell["suppressed"] == true).count() >= 2, "{by_country}");
    house.ends(&["report", "--for", "crm", "--of", "records:orders"], 3);
    house.ends(&["report", "--for", "reporting", "--of", "orders"], 2);
    house.ends(
        &["report", "--for", "reporting", "--of", "records:contact-details", "--by", "email"],
        3,
    );
}

#[test]
fn why_explains_and_ends_by_the_answer() {
    let house = House::new();
    let id = house.somebody("Anna", "FI");
    let allowed = house.json(&["why", "--for", "crm", "--contact", &id, "--category", "identity"]);
    assert_eq!(allowed["allowed"], true);
    assert_eq!(allowed["basis"]["id"], "legitimate-interest");
    let args = ["why", "--for", "crm", "--contact", &id, "--category", "payment"];
    let ran = house.run(&[&args[..], &["--json"]].concat());
    assert_eq!(ran.code, Some(3));
    let denied: Json = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(denied["reason"]["id"], "not-in-notice");
    let all = house.json(&["why", "--for", "crm", "--contact", &id]);
    assert!(all.as_array().unwrap().len() > 10);
    let args = ["why", "--for", "crm", "--contact", &id, "--category", "identity", "--operation"];
    house.ends(&[&args[..], &["disclose"]].concat(), 3);
    house.ends(&[&args[..], &["steal"]].concat(), 2);
}

#[test]
fn an_export_holds_the_profile_and_the_records() {
    let house = House::new();
    let id = house.somebody("Anna", "FI");
    house.done(&[
        "record",
        "add",
        "--for",
        "crm",
        "--contact",
        &id,
        "--category",
        "orders",
        "--set",
        "role=user",
    ]);
    let export = house.json(&["export", "--for", "claims", "--contact", &id]);
    assert_eq!(export["contact"]["data"]["identity"]["given_name"], "Anna");
    assert!(names(&export["records"], "category").contains(&"orders"));
    let export = house.json(&["export", "--for", "crm", "--contact", &id]);
    assert!(export["records"].is_array() && export.get("said").is_none(), "{export}");
}

#[test]
fn whoever_asks_what_is_held_and_why_is_told_everything() {
    let house = House::new();
    let company = house.json(&["company", "add", "--for", "crm", "--set", "name=Harbour Works"]);
    let company = text(&company, "id");
    let add = ["contact", "add", "--for", "crm", "--country", "FI", "--company", &company, "--set"];
    let id = text(&house.json(&[&add[..], &["identity.given_name=Aino"]].concat()), "id");
    house.done(&["objection", "add", "--contact", &id, "marketing"]);
    house.done(&["objection", "add", "--contact", &id, "crm"]);
    house.done(&["objection", "add", "--contact", &id, "profiling"]);
    house.done(&["objection", "add", "--contact", &id, "email"]);
    house.done(&["consent", "give", "--contact", &id, "sales"]);
    house.done(&["restriction", "set", "--contact", &id, "category:contact-details.phone"]);
    let ask = ["export", "--for", "claims", "--contact", &id];
    let told = house.json(&ask);
    let said = &told["said"];
    assert_eq!(names(&said["objections"], "purpose"), ["marketing", "crm"]);
    assert_eq!(names(&said["objections"], "state"), ["stands", "being-weighed"]);
    assert_eq!(
        (&said["objects_to_profiling"], &said["consents"][0]),
        (&true.into(), &"sales".into())
    );
    assert_eq!(said["restrictions"][0], "category:contact-details.phone");
    assert_eq!(
        (&said["channels"][0]["said"], &said["channels"][0]["open"]),
        (&"closed".into(), &false.into())
    );
    assert_eq!((&said["told"], &told["standing"]["regime"]), (&"2026-11".into(), &"gdpr".into()));
    assert_eq!(told["company"]["fields"]["name"], "Harbour Works");
    let categories = told["categories"].as_array().unwrap();
    let identity = categories.iter().find(|held| held["category"] == "identity").unwrap();
    assert_eq!(
        (&identity["records"], identity["sources"].as_object().unwrap().len()),
        (&1.into(), 1)
    );
    let uses = identity["uses"].as_array().unwrap();
    let of = |purpose: &str| uses.iter().find(|one| one["purpose"]["id"] == purpose).unwrap();
    assert_eq!(of("invoicing")["basis"]["id"], "legal-obligation");
    assert!(of("invoicing")["until"].as_str().unwrap().starts_with("20"));
    assert_eq!(of("marketing")["reason"]["id"], "objected");
    assert_eq!(of("crm")["reason"]["id"], "objection-being-weighed");
    assert_eq!(of("sales")["window"], "24 months after last activity");
    let shown = house.done(&ask).out;
    for words in [
        "Harbour Works",
        "legal obligation",
        "objection, which is being weighed",
        "told of version 2026-11",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    // The answer is in the trail.
    assert!(
        house
            .trail()
            .iter()
            .any(|entry| entry["purpose"] == "claims" && entry["operation"] == "read")
    );
}

#[test]
fn somebody_with_the_same_address_is_not_added_by_oversight() {
    let house = House::new();
    let id = house.somebody("Anna", "FI");
    let add = ["contact", "add", "--for", "crm", "--set", "identity.given_name=Anna", "--set"];
    let add = [&add[..], &["contact-details.email=ANNA@firm.example"]].concat();
    let said = house.ends(&add, 4);
    assert!(said.contains(&id) && said.contains("--anyway"), "{said}");
    house.done(&[&add[..], &["--anyway"]].concat());
    // A purpose that may not see the address learns nothing of it.
    let add = ["contact", "add", "--for", "events", "--set", "identity.given_name=Anna", "--set"];
    house.ends(&["objection", "add", "--contact", &id, "events"], 0);
    let found = house.json(&["contact", "find", "--for", "events", "--email", "anna@firm.example"]);
    let told = house.run(&[&add[..], &["contact-details.email=anna@firm.example"]].concat());
    assert_eq!(told.code == Some(4), !names(&found["items"], "id").is_empty(), "{told:?}");
    assert!(!told.err.contains(&id), "{told:?}");
}

#[test]
fn on_a_narrow_screen_ids_and_addresses_stay_whole() {
    let house = House::new();
    let id = house.somebody("Annamariakristiina", "FI");
    for columns in ["60", "80", "200"] {
        for args in [
            &["contact", "find", "--for", "crm"][..],
            &["audit", "show"],
            &["record", "find", "--for", "crm", "--contact", &id],
        ] {
            let ran = Ran::of(house.command(args).env("COLUMNS", columns).output().unwrap());
            assert!(ran.out.contains(&id), "{columns} {args:?}: {ran:?}");
            let width = columns.parse().unwrap();
            assert!(
                ran.out.lines().all(|line| line.chars().count() <= width),
                "{columns}: {ran:?}"
            );
        }
    }
}

#[test]
fn long_lists_go_on_where_they_ended() {
    let house = House::new();
    for n in 0..5 {
        house.somebody(&format!("Person{n}"), "FI");
    }
    let (mut seen, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let mut args = vec!["contact", "find", "--for", "crm", "--limit", "2"];
        if let Some(cursor) = &cursor {
            args.extend(["--cursor", cursor]);
        }
        let page = house.json(&args);
        seen.extend(names(&page["items"], "id").into_iter().map(str::to_owned));
        cursor = page["next"].as_str().map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
    house.ends(&["contact", "find", "--for", "crm", "--cursor", "nonsense"], 4);
}

#[test]
fn a_contact_without_any_value_is_none() {
    let house = House::new();
    let add = ["contact", "add", "--for", "crm", "--set", "identity.given_name="];
    let said = house.ends(&add, 4);
    assert!(said.contains("at least a name"), "{said}");
    let add = [&add[..], &["--set", "identity.family_name=Virta"]].concat();
    house.done(&[&add[..], &["--set", "employment.job_title="]].concat());
}
