//! The description of the API: it says what there is, for each notice.

use std::collections::BTreeSet;

use gantry_web::{Needs, all_routes};
use serde_json::Value;

use crate::support::{House, small};

async fn description(house: &House) -> Value {
    let nobody = house.client_of(None);
    nobody.get("/api/openapi.json").await.expect(200).body
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(entries) => {
            if let Some(Value::String(reference)) = entries.get("$ref") {
                found.insert(reference.clone());
            }
            entries.values().for_each(|entry| references(entry, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn every_reference_of_the_description_leads_somewhere() {
    for house in [House::new().await, House::under(&small()).await] {
        let description = description(&house).await;
        assert_eq!(description["openapi"], "3.1.0");
        let mut found = BTreeSet::new();
        references(&description, &mut found);
        assert!(found.len() > 30);
        for reference in found {
            let target = description.pointer(reference.trim_start_matches('#'));
            assert!(target.is_some(), "{reference}");
        }
    }
}

#[tokio::test]
async fn every_route_is_described_for_some_purpose_and_every_operation_has_its_own_id() {
    let house = House::new().await;
    let description = description(&house).await;
    let paths = description["paths"].as_object().unwrap();
    let mut ids = BTreeSet::new();
    let mut operations = 0;
    for item in paths.values() {
        for (method, operation) in item.as_object().unwrap() {
            if method != "parameters" {
                ids.insert(operation["operationId"].as_str().unwrap());
                operations += 1;
            }
        }
    }
    assert_eq!(ids.len(), operations);
    for route in all_routes() {
        let filled = route.path.replace("{purpose}", "claims");
        let options = [
            filled.replace("{kind}", "request"),
            route.path.replace("{purpose}", "crm"),
            route.path.replace("{purpose}", "marketing"),
            route.path.replace("{purpose}", "research"),
            route.path.replace("{purpose}", "reporting"),
        ];
        let method = route.method.to_lowercase();
        let described = options
            .iter()
            .any(|path| paths.get(path).is_some_and(|item| item.get(&method).is_some()));
        assert!(described, "{} {}", route.method, route.path);
        assert!(
            route.needs != Needs::Nothing
                || paths[route.path]["get"]["security"] == Value::Array(vec![])
        );
    }
}

#[tokio::test]
async fn the_description_has_the_fields_that_the_notice_gives_to_a_purpose_and_no_others() {
    let house = House::new().await;
    let description = description(&house).await;
    let schemas = &description["components"]["schemas"];
    let fields = |schema: &str, category: &str| {
        let data = &schemas[schema]["properties"]["data"]["properties"];
        let fields = data[category]["properties"].as_object().unwrap();
        fields.keys().cloned().collect::<BTreeSet<_>>()
    };
    let planner = fields("manufacturing.contact", "contact-details");
    assert_eq!(planner, BTreeSet::from(["mobile".to_owned(), "phone".to_owned()]));
    assert!(fields("crm.contact", "contact-details").contains("email"));
    let paths = description["paths"].as_object().unwrap();
    assert!(!paths.contains_key("/api/v1/reporting/contacts"));
    assert!(paths["/api/v1/manufacturing/contacts"].get("post").is_none());
    assert!(!paths.contains_key("/api/v1/crm/contacts/{contact}/erasure"));
}
