//! The bundled notice as the program will decide it.

use std::sync::Arc;

use super::*;

fn bundled() -> Policy {
    let text = include_str!("../../../../notices/customer-contacts.toml");
    let notice = Notice::parse(text, "customer-contacts.toml");
    let notice = notice.unwrap_or_else(|faults| panic!("{}", faults.to_text()));
    Policy::compile(&[Arc::new(notice)]).unwrap()
}

#[test]
fn the_policy_of_the_bundled_notice_is_as_it_was_agreed() {
    insta::assert_snapshot!("customer_contacts", Matrix::of(&bundled()).to_string());
}

#[test]
fn the_shown_notice_has_purposes_categories_and_a_matrix() {
    let shown = show(&bundled());
    assert_eq!(shown["purposes"].as_array().unwrap().len(), 16);
    assert_eq!(shown["purposes"][6]["id"], "crm");
    assert!(shown["categories"].as_array().unwrap().iter().any(|c| c["id"] == "identity"));
    let matrix = shown["matrix"].as_array().unwrap();
    let campaigns = matrix.iter().find(|row| row["use"] == "campaigns").unwrap();
    assert_eq!(campaigns["purpose"], "marketing");
    assert_eq!(campaigns["bases"][1], serde_json::json!(["pipl", "consent"]));
}

#[test]
fn what_is_shown_of_a_use_is_what_is_decided() {
    let policy = bundled();
    let shown = Matrix::of(&policy);
    let dated = crate::DatedPolicy::new(Arc::new(policy.clone()), crate::Day(20_000));
    let lexicon = policy.lexicon();
    for (use_id, purpose, use_name) in lexicon.uses() {
        let purpose_name = lexicon.purpose_name(purpose);
        let row = shown.rows.iter().find(|row| row.purpose == purpose_name && row.used == use_name);
        let row = row.unwrap();
        let roles = policy.roles(row.roles.iter().map(String::as_str));
        for category in lexicon.categories() {
            let cell = row.cells.iter().find(|c| c.category == lexicon.category_name(category));
            for operation in crate::Operation::ALL {
                let ask = crate::Ask { use_id, roles, category, operation, channel: None };
                let allowed = matches!(dated.decide_notice(&ask), crate::Decision::Allow { .. });
                let listed = cell.is_some_and(|cell| cell.operations.contains(&operation.word()));
                assert_eq!(allowed, listed, "{purpose_name}/{use_name} {ask:?}");
            }
        }
    }
}
