//! Detours that lead past the door by way of objects, imports and reports.

use std::sync::Arc;

use gantry_engine::EngineError;
use gantry_engine::audit::show::Filter;
use gantry_engine::draft::{About, ContactDraft, ObjectDraft};
use gantry_engine::import::ImportReport;
use gantry_engine::session::{Find, Identified, Meaning, ObjectQuery, Scope, Statement};
use gantry_intake::{
    CompanyDraft, ContactDraft as Row, Draft, FieldDraft, Key, Position, RecordDraft, Said, Saying,
};
use gantry_notice::{Country, Reason};
use uuid::Uuid;

use crate::support::{House, contact, event, refused, texts};

fn person(key: Key, fields: &[(&str, &str, &str)]) -> Draft {
    let field = |(category, field, value): &(&str, &str, &str)| FieldDraft {
        category: (*category).into(),
        field: (*field).into(),
        value: (*value).to_owned(),
    };
    Draft {
        position: Position { file: "test.csv".into(), row: 1, line: 1 },
        company: None,
        contact: Some(Row {
            key,
            country: Country::of("FI"),
            company: None,
            fields: fields.iter().map(field).collect(),
            said: Vec::new(),
            consents: Vec::new(),
            sole_trader: false,
        }),
        objects: Vec::new(),
        records: Vec::new(),
        remarks: Vec::new(),
    }
}

fn company(key: &str, fields: &[(&str, &str)]) -> Draft {
    let fields = fields.iter().map(|(name, value)| ((*name).into(), (*value).to_owned()));
    let company = CompanyDraft { key: key.to_owned(), state: None, fields: fields.collect() };
    let nobody = person(Key::ExternalId("none".into()), &[]);
    Draft { company: Some(company), contact: None, ..nobody }
}

fn clicked(at: &str) -> RecordDraft {
    RecordDraft {
        category: "reactions".into(),
        key: None,
        contact: None,
        about: None,
        at: Some(at.to_owned()),
        fields: vec![("reaction".into(), "clicked".into())],
    }
}

async fn bring(session: &Identified, source: &str, rows: &[Draft]) -> ImportReport {
    let mut import = session.import(source, false).await.unwrap();
    import.take(rows).await.unwrap();
    import.finish().await.unwrap()
}

/// A company that is Aino Virtanen, imported for CRM from `erp` as `C1`, with an opportunity.
struct Trade {
    person: Uuid,
    company: Uuid,
    opportunity: Uuid,
}

async fn trade(house: &House) -> Trade {
    let crm = house.people("crm").await;
    bring(&crm, "erp", &[company("C1", &[("name", "Virtanen Hoists"), ("vat_number", "FI77")])])
        .await;
    let found = crm.objects("company", &by("name", "virtanen"), None, 10).await.unwrap().items;
    let company: Uuid = found[0].id.parse().unwrap();
    let draft = ContactDraft { company: Some(company), sole_trader: true, ..contact("FI") };
    let person = house.add(draft).await.id;
    let draft = ObjectDraft {
        company: Some(company),
        fields: texts(&[("number", "V-2"), ("title", "Hoist for Virtanen")]),
        ..ObjectDraft::default()
    };
    let opportunity = crm.add_object("opportunity", &draft).await.unwrap().id.parse().unwrap();
    Trade { person, company, opportunity }
}

fn by(field: &str, text: &str) -> ObjectQuery {
    ObjectQuery { search: Some((field.to_owned(), text.to_owned())), ..ObjectQuery::default() }
}

#[tokio::test]
async fn consent_of_before_does_not_go_on_under_a_restriction_and_is_not_said_to() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let claims = house.people("claims").await;
    let crm = Scope::parse("crm");
    claims.say(id, Statement::Consents, &crm).await.unwrap();
    let effect = claims.say(id, Statement::Restricts, &crm).await.unwrap();
    assert!(!effect.means.contains(&Meaning::WhileRestricted), "{effect:?}");
    assert_eq!(refused(house.people("crm").await.contact(id).await), Reason::Restricted);
}
