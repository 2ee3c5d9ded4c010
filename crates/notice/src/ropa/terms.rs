//! The record as JSON-LD with terms of the W3C Data Privacy Vocabulary.

use serde_json::{Value, json};

use super::{DATA_SUBJECTS, MEASURES, all_operations, role_titles};
use crate::id::Operation;
use crate::model::{Basis, Category, Mode, Notice, Purpose};
use crate::policy::basis_under;

/// The record of processing activities as JSON-LD 1.1, with DPV 2 terms.
pub fn ropa_json_ld(notice: &Notice) -> Value {
    json!({
        "@context": {
            "dpv": "https://w3id.org/dpv#",
            "pd": "https://w3id.org/dpv/pd#",
            "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
            "dct": "http://purl.org/dc/terms/",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@id": "#record",
        "@type": "dpv:RecordsOfActivities",
        "dct:title": text(notice, &notice.title),
        "dct:identifier": notice.id,
        "dct:hasVersion": notice.version,
        "dct:valid": { "@type": "xsd:date", "@value": notice.effective.to_string() },
        "dpv:hasDataController": controller(notice),
        "dpv:hasDataSubject": { "@type": "dpv:Customer", "dct:description": DATA_SUBJECTS },
        "dpv:hasTechnicalOrganisationalMeasure": MEASURES
            .map(|(term, words)| json!({ "@type": term, "dct:description": words })),
        "dpv:hasPersonalData": notice
            .categories
            .iter()
            .map(|(id, category)| personal_data(notice, id, category))
            .collect::<Vec<_>>(),
        "dpv:hasProcess": notice
            .purposes
            .iter()
            .map(|(id, purpose)| process(notice, id, purpose))
            .collect::<Vec<_>>(),
    })
}

fn text(notice: &Notice, words: &str) -> Value {
    json!({ "@language": notice.language, "@value": words })
}

fn controller(notice: &Notice) -> Value {
    let controller = &notice.controller;
    json!({
        "@id": "#controller",
        "@type": "dpv:DataController",
        "dpv:hasName": controller.name,
        "dpv:hasAddress": controller.address,
        "dpv:hasContact": format!("mailto:{}", controller.email),
        "dpv:hasJurisdiction": controller.country,
    })
}

fn personal_data(notice: &Notice, id: &str, category: &Category) -> Value {
    let mut types = vec![category.dpv.as_str()];
    if category.special {
        types.push("dpv:SpecialCategoryPersonalData");
    }
    json!({
        "@id": format!("#category-{id}"),
        "@type": types,
        "dct:title": text(notice, &category.title),
        "dct:description": text(notice, &category.description),
        "dpv:hasDataSource": text(notice, &category.source),
    })
}

fn process(notice: &Notice, id: &str, purpose: &Purpose) -> Value {
    let recipients = role_titles(notice, purpose).into_iter().chain(purpose.recipients.clone());
    let recipients = recipients
        .map(|title| json!({ "@type": "dpv:Recipient", "dpv:hasName": text(notice, &title) }));
    let mut process = json!({
        "@id": format!("#purpose-{id}"),
        "@type": "dpv:PersonalDataProcess",
        "dct:identifier": purpose.number,
        "dct:title": text(notice, &purpose.title),
        "dct:description": text(notice, &purpose.description),
        "dpv:hasPurpose": { "@type": purpose.dpv, "dct:title": text(notice, &purpose.title) },
        "dpv:hasLegalBasis": legal_bases(notice, purpose),
        "dpv:hasPersonalData": purpose
            .reads
            .keys()
            .map(|category| json!({ "@id": format!("#category-{category}") }))
            .collect::<Vec<_>>(),
        "dpv:hasProcessing": processing(purpose),
        "dpv:hasRecipient": recipients.collect::<Vec<_>>(),
        "dpv:hasStorageCondition": purpose
            .reads
            .iter()
            .map(|(category, read)| json!({
                "@type": "dpv:StorageDuration",
                "dpv:hasPersonalData": { "@id": format!("#category-{category}") },
                "dpv:hasDuration": read.window.to_string(),
            }))
            .collect::<Vec<_>>(),
    });
    if let (Some(interest), Value::Object(process)) = (&purpose.interest, &mut process) {
        process.insert("dpv:hasContext".to_owned(), text(notice, interest));
    }
    process
}

/// Every basis that any regime or use gives the purpose, once.
fn legal_bases(notice: &Notice, purpose: &Purpose) -> Vec<Value> {
    let mut terms = vec![term(purpose.basis)];
    for (id, regime) in &notice.regimes {
        for used in purpose.uses.values() {
            terms.push(term(basis_under(id, regime, purpose, used)));
        }
    }
    terms.extend(purpose.basis_for_sole_trader.map(term));
    let mut once: Vec<Value> = Vec::new();
    for term in terms {
        let node = json!({ "@id": term });
        if !once.contains(&node) {
            once.push(node);
        }
    }
    once
}

const fn term(basis: Basis) -> &'static str {
    match basis {
        Basis::Consent => "eu-gdpr:A6-1-a",
        Basis::Contract => "eu-gdpr:A6-1-b",
        Basis::LegalObligation => "eu-gdpr:A6-1-c",
        Basis::VitalInterests => "eu-gdpr:A6-1-d",
        Basis::LegitimateInterest => "eu-gdpr:A6-1-f",
    }
}

fn processing(purpose: &Purpose) -> Vec<Value> {
    let operations = all_operations(purpose).into_iter().map(|operation| match operation {
        Operation::Read => "dpv:Consult",
        Operation::Collect => "dpv:Collect",
        Operation::Change => "dpv:Modify",
        Operation::Derive => "dpv:Derive",
        Operation::Disclose => "dpv:Disclose",
    });
    let mode = match purpose.mode {
        Mode::Identified => None,
        Mode::Pseudonymous => Some("dpv:Pseudonymise"),
        Mode::Aggregate => Some("dpv:Aggregate"),
    };
    operations.chain(mode).map(|term| json!({ "@type": term })).collect()
}
