//! Loading the demo's dealings, through the same sessions that work with real ones.
//!
//! The clock walks through the two years, so that whoever was met long ago and not seen since is not
//! taken for an acquaintance of today.

use std::collections::BTreeMap;
use std::sync::Arc;

use gantry_engine::draft::{ContactDraft, FieldTexts};
use gantry_engine::session::{ObjectQuery, Scope, Statement};
use gantry_intake as intake;
use gantry_intake::{Draft, FieldDraft, Key, Position, Saying};
use gantry_notice::{Country, Day};

use super::dealings::{Contact, Object, ObjectRef, Record, Said};
use super::stage::{Stage, email};
use crate::failure::Failure;

/// The name by which the dealings' own keys are known.
const SOURCE: &str = "demo";
/// The kind that is the customer itself; whom somebody represents is known when they are met.
const COMPANY: &str = "company";
/// The clock takes steps of about a quarter.
const STEP_DAYS: i32 = 92;
/// It begins so many steps ago.
const STEPS: i32 = 8;

impl Stage {
    /// Loads everything; the clock then stands at today. `step` hears how many steps are done, and of
    /// how many.
    pub(super) async fn load(&self, step: impl Fn(u64, u64)) -> Result<(), Failure> {
        let steps = u64::from(STEPS.unsigned_abs());
        self.set_day(Day(self.today.0 - STEPS * STEP_DAYS));
        self.objects(|object| object.id.kind == COMPANY).await?;
        let mut from = Day::NEVER;
        for (done, n) in (1..).zip((0..STEPS).rev()) {
            let to = Day(self.today.0 - n * STEP_DAYS);
            self.set_day(to);
            self.met(from, to).await?;
            from = to;
            step(done, steps + 2);
        }
        // Nothing is closed on a day that has not come.
        self.objects(|object| object.id.kind != COMPANY).await?;
        self.records().await?;
        step(steps + 1, steps + 2);
        self.statements().await?;
        step(steps + 2, steps + 2);
        Ok(())
    }

    /// Some objects, companies first and a whole before its parts; those of one purpose together.
    async fn objects(&self, wanted: fn(&Object) -> bool) -> Result<(), Failure> {
        let mut depths: BTreeMap<&ObjectRef, usize> = BTreeMap::new();
        let mut groups: BTreeMap<(usize, &str), Vec<Draft>> = BTreeMap::new();
        for object in self.dealings.objects.iter().filter(|object| wanted(object)) {
            let whole = object.part_of.as_ref().and_then(|whole| depths.get(whole));
            let depth = match (object.id.kind, whole) {
                (COMPANY, _) => 0,
                (_, None) => 1,
                (_, Some(depth)) => depth + 1,
            };
            depths.insert(&object.id, depth);
            groups.entry((depth, object.purpose)).or_default().push(object_draft(object));
        }
        for ((_, purpose), drafts) in groups {
            self.import(purpose, &drafts).await?;
        }
        Ok(())
    }

    /// Contacts that were met after a day, and until another one.
    async fn met(&self, from: Day, to: Day) -> Result<(), Failure> {
        let mut by_purpose: BTreeMap<&str, Vec<&Contact>> = BTreeMap::new();
        let met = self.dealings.contacts.iter();
        for contact in met.filter(|contact| from < contact.met && contact.met <= to) {
            by_purpose.entry(contact.purpose).or_default().push(contact);
        }
        for (purpose, contacts) in by_purpose {
            self.contacts(purpose, &contacts).await?;
        }
        Ok(())
    }

    /// All records, each under the use that collected it. Their own days say when they happened.
    async fn records(&self) -> Result<(), Failure> {
        let mut by_use: BTreeMap<&str, Vec<Draft>> = BTreeMap::new();
        for record in &self.dealings.records {
            by_use.entry(record.under).or_default().push(self.record_draft(record)?);
        }
        for (under, drafts) in by_use {
            self.import(under, &drafts).await?;
        }
        Ok(())
    }

    async fn contacts(&self, purpose: &str, contacts: &[&Contact]) -> Result<(), Failure> {
        // Consent comes before the first word is written down, and a file of another system has no
        // place for it.
        let (first, plain): (Vec<&Contact>, Vec<&Contact>) = contacts
            .iter()
            .partition(|contact| contact.sole_trader || !contact.consents.is_empty());
        for contact in first {
            self.add(purpose, contact).await?;
        }
        let drafts: Vec<Draft> = plain.into_iter().map(contact_draft).collect();
        self.import(purpose, &drafts).await
    }

    async fn add(&self, purpose: &str, contact: &Contact) -> Result<(), Failure> {
        let session = self.identified(purpose).await?;
        let query = ObjectQuery {
            search: Some(("number".to_owned(), contact.company.clone())),
            ..ObjectQuery::default()
        };
        let companies = session.objects("company", &query, None, 1).await?;
        let company = companies.items.first().and_then(|company| company.id.parse().ok());
        let texts = |fields: &[(&'static str, String)]| -> FieldTexts {
            fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
        };
        let draft = ContactDraft {
            country: Some(contact.country.clone()),
            company,
            sole_trader: contact.sole_trader,
            customer: contact.customer,
            consents: contact.consents.iter().map(|&purpose| purpose.to_owned()).collect(),
            data: contact.data.iter().map(|(c, fields)| ((*c).to_owned(), texts(fields))).collect(),
        };
        let id = session.add_contact(&draft).await?.id;
        for channel in &contact.opted_in {
            let scope = Scope::Channel(*channel);
            self.requests().await?.say(id, Statement::Consents, &scope).await?;
        }
        Ok(())
    }

    fn record_draft(&self, record: &Record) -> Result<Draft, Failure> {
        let about = record.about.as_ref().map(reference);
        let draft = intake::RecordDraft {
            category: record.category.into(),
            key: Some(record.key.clone()),
            contact: Some(key(self.contact(&record.contact)?)),
            about,
            at: Some(record.at.to_string()),
            fields: fields(&record.fields),
        };
        Ok(Draft { records: vec![draft], ..nothing() })
    }

    /// What contacts said later, in its order.
    async fn statements(&self) -> Result<(), Failure> {
        let requests = self.requests().await?;
        for statement in &self.dealings.statements {
            let id = self.id_of(&statement.contact).await?;
            match statement.said {
                Said::ObjectsTo(purpose) => {
                    let scope = Scope::Purpose(purpose.to_owned());
                    requests.say(id, Statement::Objects, &scope).await?;
                }
                Said::ObjectsToProfiling => {
                    requests.say(id, Statement::Objects, &Scope::Profiling).await?;
                }
                Said::Closes(channel) => {
                    requests.say(id, Statement::Objects, &Scope::Channel(channel)).await?;
                }
                Said::Restricts => {
                    requests.say(id, Statement::Restricts, &Scope::Whole).await?;
                }
                Said::NotOptedIn(channel) => {
                    let said = said(Saying::NotOptedIn(channel));
                    let contact = intake::ContactDraft {
                        fields: Vec::new(),
                        said: vec![said],
                        consents: Vec::new(),
                        sole_trader: false,
                        ..bare(self.contact(&statement.contact)?)
                    };
                    let draft = Draft { contact: Some(contact), ..nothing() };
                    self.import("crm", &[draft]).await?;
                }
                Said::Leaves => {
                    let left = FieldTexts::from([("left".to_owned(), statement.at.to_string())]);
                    requests.change_contact(id, "employment", &left, None).await?;
                }
            }
        }
        Ok(())
    }

    async fn import(&self, under: &str, drafts: &[Draft]) -> Result<(), Failure> {
        if drafts.is_empty() {
            return Ok(());
        }
        let session = self.identified(under).await?;
        let mut import = session.import(SOURCE, false).await?;
        let bad = import.take(drafts).await?;
        let done = import.finish().await?;
        if let Some(fault) = bad.first().and_then(|row| row.faults.first()) {
            let what =
                format!("the demo does not fit under `{under}`: {} {}", fault.field, fault.fault);
            return Err(Failure::Failed(what));
        }
        if let Some((what, _)) = done.refused.iter().chain(&done.unresolved).next() {
            return Err(Failure::Failed(format!("the demo does not fit under `{under}`: {what}")));
        }
        Ok(())
    }
}

fn key(contact: &Contact) -> Key {
    Key::Email(email(contact).to_lowercase())
}

fn reference(object: &ObjectRef) -> intake::ObjectRef {
    intake::ObjectRef { kind: object.kind.into(), key: object.key.clone() }
}

fn fields(texts: &[(&'static str, String)]) -> Vec<(Arc<str>, String)> {
    texts.iter().map(|(name, value)| (Arc::from(*name), value.clone())).collect()
}

fn said(what: Saying) -> intake::Said {
    intake::Said { what, at: None, column: Arc::from("") }
}

fn object_draft(object: &Object) -> Draft {
    let draft = intake::ObjectDraft {
        object: reference(&object.id),
        company: object.company.clone(),
        part_of: object.part_of.as_ref().map(reference),
        state: Some(object.state.to_owned()),
        at: Some(object.at.to_string()),
        closed: None,
        fields: fields(&object.fields),
    };
    Draft { objects: vec![draft], ..nothing() }
}

fn bare(contact: &Contact) -> intake::ContactDraft {
    intake::ContactDraft {
        key: key(contact),
        country: Country::of(&contact.country),
        company: Some(contact.company.clone()),
        fields: Vec::new(),
        said: Vec::new(),
        consents: Vec::new(),
        sole_trader: false,
    }
}

fn contact_draft(contact: &Contact) -> Draft {
    let field = |category: &'static str| {
        move |(name, value): &(&'static str, String)| FieldDraft {
            category: category.into(),
            field: Arc::from(*name),
            value: value.clone(),
        }
    };
    let data =
        contact.data.iter().flat_map(|(category, fields)| fields.iter().map(field(category)));
    let customer = contact.customer.then_some(Saying::CustomerToday);
    let opted_in = contact.opted_in.iter().map(|channel| Saying::OptedIn(*channel));
    let draft = intake::ContactDraft {
        fields: data.collect(),
        said: customer.into_iter().chain(opted_in).map(said).collect(),
        ..bare(contact)
    };
    Draft { contact: Some(draft), ..nothing() }
}

/// A row that says nothing yet.
fn nothing() -> Draft {
    Draft {
        position: Position { file: Arc::from("the demo"), row: 0, line: 0 },
        company: None,
        contact: None,
        objects: Vec::new(),
        records: Vec::new(),
        remarks: Vec::new(),
    }
}
