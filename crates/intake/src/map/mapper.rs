//! A map at work on the rows of one file.

use std::sync::Arc;

use gantry_notice::Country;

use super::columns::Cells;
use super::condition;
use super::plan::{
    CompanyPlan, ContactPlan, ObjectPlan, Plan, RecordPlan, ReferencePlan, SaidPlan,
};
use super::rule::{Rule, Wrong};
use super::{EMAIL, Map};
use crate::draft::{
    CompanyDraft, ContactDraft, Draft, FieldDraft, Key, ObjectDraft, ObjectRef, RecordDraft,
    Remark, Said,
};
use crate::fault::{Fault, Position, Reason};
use crate::source::Row;

/// At most this many bytes in a key.
const MAX_KEY: usize = 200;

/// A map bound to the header of a file.
#[derive(Clone, Debug)]
pub struct Mapper {
    map: Map,
    places: Vec<Option<usize>>,
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mapped {
    /// This is what it says.
    Draft(Box<Draft>),
    /// The map says to leave it.
    Skipped(Skip),
}

/// A row that the map leaves out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// Where it stands.
    pub position: Position,
    /// Why, in the map's words: `deleted in the source`.
    pub because: Arc<str>,
}

impl Mapper {
    pub(super) fn new(map: Map, places: Vec<Option<usize>>) -> Mapper {
        Mapper { map, places }
    }

    /// The map it came from.
    pub fn map(&self) -> &Map {
        &self.map
    }

    /// What a row says, or everything that is wrong with it.
    pub fn row(&self, row: &Row) -> Result<Mapped, Vec<Fault>> {
        let plan = &*self.map.plan;
        let cells = Cells::new(row, &self.places, &plan.csv.nulls);
        let mut reading = Reading { plan, cells, position: &row.position, faults: Vec::new() };
        for (when, because) in &plan.skip {
            if reading.holds(when) {
                let (position, because) = (row.position.clone(), Arc::clone(because));
                return Ok(Mapped::Skipped(Skip { position, because }));
            }
        }
        let draft = reading.draft();
        if reading.faults.is_empty() {
            Ok(Mapped::Draft(Box::new(draft)))
        } else {
            Err(reading.faults)
        }
    }
}

/// One row being read; what is wrong gathers in `faults`.
struct Reading<'a> {
    plan: &'a Plan,
    cells: Cells<'a>,
    position: &'a Position,
    faults: Vec<Fault>,
}

impl Reading<'_> {
    fn draft(&mut self) -> Draft {
        let plan = self.plan;
        let mut remarks = Vec::new();
        let company = plan.company.as_ref().and_then(|company| self.company(company));
        let contact = plan.contact.as_ref().and_then(|contact| self.contact(contact, &mut remarks));
        let objects = plan.objects.iter().filter_map(|object| self.object(object)).collect();
        let has_contact = contact.is_some();
        let records = plan.records.iter();
        let records = records.filter_map(|record| self.record(record, has_contact, &mut remarks));
        let records = records.collect();
        Draft { position: self.position.clone(), company, contact, objects, records, remarks }
    }

    fn company(&mut self, plan: &CompanyPlan) -> Option<CompanyDraft> {
        if !self.holds(&plan.when) {
            return None;
        }
        let key = self.key(&plan.key);
        let state = self.optional(plan.state.as_ref());
        let fields = self.fields(&plan.fields);
        Some(CompanyDraft { key: key?, state, fields, same: Arc::clone(&plan.same) })
    }

    fn contact(&mut self, plan: &ContactPlan, remarks: &mut Vec<Remark>) -> Option<ContactDraft> {
        if !self.holds(&plan.when) {
            return None;
        }
        let country = self.optional(plan.country.as_ref());
        let company = plan.company.as_ref().and_then(|company| self.key(company));
        let external = plan.key.as_ref().and_then(|key| self.key(key));
        let mut email = None;
        let mut shared = None;
        let mut fields = Vec::new();
        for (category, field, rule) in &plan.fields {
            let Some(value) = self.value(rule) else { continue };
            if (&**category, &**field) == EMAIL {
                if self.plan.mailboxes.is_shared(&value) {
                    shared = Some(self.column(rule));
                    continue;
                }
                email = Some(value.to_lowercase());
            }
            let (category, field) = (Arc::clone(category), Arc::clone(field));
            fields.push(FieldDraft { category, field, value });
        }
        let key = if plan.by_email {
            email.map(Key::Email).or(external.map(Key::ExternalId))
        } else {
            external.map(Key::ExternalId)
        };
        if let Some(column) = shared {
            let names_person = fields.iter().any(is_name);
            let contact_kept = !plan.by_email && key.is_some() && names_person;
            remarks.push(Remark::SharedMailbox { column, contact_kept });
            if !contact_kept {
                return None;
            }
        }
        let Some(key) = key else {
            // A row that says nothing of a person has no contact; it need not have a key.
            if fields.iter().any(names_somebody) {
                let column = plan.key.as_ref().map(|key| self.column(key));
                self.fault(column.filter(|column| !column.is_empty()), Reason::NoKey);
            } else if !fields.is_empty() {
                remarks.push(Remark::Nobody);
            }
            return None;
        };
        let country = country.and_then(|code| Country::of(&code));
        let plans = self.plan;
        let said = plans.said.iter().filter_map(|said| self.said(said)).collect();
        let consents = plans.consents.iter().filter(|consent| self.holds(&consent.when));
        let consents = consents.map(|consent| Arc::clone(&consent.purpose)).collect();
        let sole_trader = self.optional(plan.sole_trader.as_ref()).as_deref() == Some("yes");
        Some(ContactDraft { key, country, company, fields, said, consents, sole_trader })
    }

    fn said(&mut self, plan: &SaidPlan) -> Option<Said> {
        if !self.holds(&plan.when) {
            return None;
        }
        let at = self.optional(plan.at.as_ref());
        let column = plan.evidence.map(|column| self.plan.columns.name(column));
        Some(Said { what: plan.what, at, column: column.unwrap_or_default() })
    }

    fn object(&mut self, plan: &ObjectPlan) -> Option<ObjectDraft> {
        if !self.holds(&plan.when) {
            return None;
        }
        let object = self.reference(&plan.object);
        let company = plan.company.as_ref().and_then(|company| self.key(company));
        let part_of = plan.part_of.as_ref().and_then(|whole| self.reference(whole));
        let state = self.optional(plan.state.as_ref());
        let at = self.optional(plan.at.as_ref());
        let closed = self.optional(plan.closed.as_ref());
        let fields = self.fields(&plan.fields);
        if object.is_none() && !fields.is_empty() {
            let column = self.column(&plan.object.key);
            self.fault(Some(column).filter(|column| !column.is_empty()), Reason::NoKey);
        }
        Some(ObjectDraft { object: object?, company, part_of, state, at, closed, fields })
    }

    fn record(
        &mut self,
        plan: &RecordPlan,
        has_contact: bool,
        remarks: &mut Vec<Remark>,
    ) -> Option<RecordDraft> {
        if !self.holds(&plan.when) {
            return None;
        }
        let contact = if let Some(rule) = &plan.contact_email {
            let address = self.value(rule)?;
            if self.plan.mailboxes.is_shared(&address) {
                let column = self.column(rule);
                remarks.push(Remark::SharedMailbox { column, contact_kept: false });
                return None;
            }
            Some(Key::Email(address.to_lowercase()))
        } else if let Some(rule) = &plan.contact {
            Some(Key::ExternalId(self.key(rule)?))
        } else if has_contact {
            None
        } else {
            return None;
        };
        let key = plan.key.as_ref().and_then(|key| self.key(key));
        let about = plan.about.as_ref().and_then(|about| self.reference(about));
        let at = self.optional(plan.at.as_ref());
        let fields = self.fields(&plan.fields);
        if fields.is_empty() && about.is_none() {
            return None;
        }
        Some(RecordDraft { category: Arc::clone(&plan.category), key, contact, about, at, fields })
    }

    fn reference(&mut self, plan: &ReferencePlan) -> Option<ObjectRef> {
        let key = self.key(&plan.key)?;
        Some(ObjectRef { kind: Arc::clone(&plan.kind), key })
    }

    fn fields(&mut self, fields: &[(Arc<str>, Rule)]) -> Vec<(Arc<str>, String)> {
        let values = fields.iter().map(|(name, rule)| (name, self.value(rule)));
        values.filter_map(|(name, value)| Some((Arc::clone(name), value?))).collect()
    }

    fn optional(&mut self, rule: Option<&Rule>) -> Option<String> {
        rule.and_then(|rule| self.value(rule))
    }

    /// A value that names something: one short line.
    fn key(&mut self, rule: &Rule) -> Option<String> {
        let key = self.value(rule)?;
        if key.len() > MAX_KEY || key.contains('\n') {
            let column = self.column(rule);
            let what = "a key of one line and at most 200 bytes";
            self.fault(Some(column), Reason::NotA { what });
            return None;
        }
        Some(key)
    }

    fn value(&mut self, rule: &Rule) -> Option<String> {
        match rule.value(&self.cells) {
            Ok(value) => value,
            Err(wrong) => {
                self.wrong(wrong);
                None
            }
        }
    }

    fn holds(&mut self, conditions: &[condition::Condition]) -> bool {
        condition::all_hold(conditions, &self.cells).unwrap_or_else(|wrong| {
            self.wrong(wrong);
            false
        })
    }

    fn column(&self, rule: &Rule) -> Arc<str> {
        rule.column().map(|column| self.plan.columns.name(column)).unwrap_or_default()
    }

    fn wrong(&mut self, wrong: Wrong) {
        let column = wrong.column.map(|column| self.plan.columns.name(column));
        self.fault(column, wrong.reason);
    }

    fn fault(&mut self, column: Option<Arc<str>>, reason: Reason) {
        let fault = Fault { position: self.position.clone(), column, reason };
        // One cell may serve several fields.
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }
}

fn is_name(field: &FieldDraft) -> bool {
    &*field.category == "identity" && field.field.ends_with("_name")
}

fn names_somebody(field: &FieldDraft) -> bool {
    is_name(field) || matches!(&*field.field, "email" | "phone" | "mobile")
}
