//! `gantry company` and `gantry object`: business things.

use crate::support::{House, text};

use super::rows::names;

fn company(house: &House) -> String {
    let args =
        ["company", "add", "--for", "crm", "--set", "name=Testaus Oy", "--set", "country=FI"];
    text(&house.json(&args), "id")
}

#[test]
fn a_company_is_added_found_shown_and_changed() {
    let house = House::new();
    let id = company(&house);
    let found = house.json(&["company", "find", "--for", "sales", "--name", "testaus"]);
    assert_eq!(names(&found["items"], "id"), [&*id]);
    let args =
        ["company", "change", "--for", "crm", &id, "--state", "customer", "--set", "city=Lahti"];
    assert_eq!(house.json(&args)["state"], "customer");
    let shown = house.json(&["company", "show", "--for", "manufacturing", &id]);
    assert_eq!(shown["fields"]["city"], "Lahti");
    house.ends(&["company", "change", "--for", "manufacturing", &id, "--set", "city=Oulu"], 3);
    house.ends(&["company", "add", "--for", "crm", "--set", "city=Oulu"], 4);
}

#[test]
fn an_order_is_seen_by_those_whom_the_notice_names() {
    let house = House::new();
    let company = company(&house);
    let order = house.json(&[
        "object",
        "add",
        "--for",
        "sales",
        "order",
        "--company",
        &company,
        "--at",
        "2026-10-01",
        "--set",
        "number=4711",
        "--set",
        "amount=EUR 120000",
    ]);
    let id = text(&order, "id");
    assert_eq!(order["fields"]["amount"], "EUR 120000.00");
    let found =
        house.json(&["object", "find", "--for", "delivery", "order", "--search", "number=4711"]);
    assert_eq!(names(&found["items"], "id"), [&*id]);
    let found = house.json(&["object", "find", "--for", "crm", "order", "--company", &company]);
    assert_eq!(names(&found["items"], "id"), [&*id]);
    let change = |version: &str| {
        let args = ["object", "change", "--for", "sales", "order", &id, "--version", version];
        house.run(&[&args[..], &["--state", "in-production"]].concat()).code
    };
    assert_eq!(change("9"), Some(1));
    assert_eq!(change("1"), Some(0));
    assert_eq!(house.json(&["object", "show", "--for", "crm", "order", &id])["version"], 2);
    house.ends(&["object", "show", "--for", "events", "order", &id], 3);
    house.ends(&["object", "find", "--for", "sales", "spaceship"], 4);
    house.ends(&["object", "add", "--for", "sales", "order", "--set", "number=1"], 4);
    let args = ["object", "add", "--for", "sales", "order", "--company", &company, "--set"];
    house.ends(&[&args[..], &["number=1", "--set", "remark=call Anna"]].concat(), 4);
}

#[test]
fn a_contact_represents_a_company_and_a_record_is_about_an_object() {
    let house = House::new();
    let company = company(&house);
    let contact = house.json(&[
        "contact",
        "add",
        "--for",
        "crm",
        "--company",
        &company,
        "--country",
        "FI",
        "--customer",
        "--set",
        "identity.given_name=Anna",
        "--set",
        "employment.job_title=Buyer",
    ]);
    let contact = text(&contact, "id");
    let found = house.json(&["contact", "find", "--for", "crm", "--company", &company]);
    assert_eq!(names(&found["items"], "id"), [&*contact]);
    let order = house.json(&[
        "object",
        "add",
        "--for",
        "sales",
        "order",
        "--company",
        &company,
        "--set",
        "number=1",
    ]);
    let about = format!("order:{}", text(&order, "id"));
    let record = house.json(&[
        "record",
        "add",
        "--for",
        "sales",
        "--contact",
        &contact,
        "--category",
        "orders",
        "--about",
        &about,
        "--set",
        "role=orderer",
    ]);
    assert_eq!(record["about"]["kind"], "order");
    let aliased = house.json(&["object", "find", "--for", "research", "order"]);
    assert!(text(&aliased["items"][0], "id").starts_with("O-"), "{aliased}");
    let nowhere = format!("order:{contact}");
    let args = ["record", "add", "--for", "sales", "--contact", &contact, "--category", "orders"];
    house.ends(&[&args[..], &["--about", &nowhere, "--set", "role=user"]].concat(), 1);
}
