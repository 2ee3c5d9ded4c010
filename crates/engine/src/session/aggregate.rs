//! A session that sees only counts and sums. It has no method that returns a row.

use std::collections::BTreeMap;

use gantry_notice::model::FieldKind;
use gantry_notice::{CategoryId, KindId, Operation, Reason};
use gantry_store::{Id, ObjectFilter, RecordRow};

use crate::audit::About as Whom;
use crate::body;
use crate::cache::Known;
use crate::door::{Denial, Desk};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::record::{OpenRecord, state_of};
use crate::session::identified::time_text;
use crate::session::report::{
    Period, Report, Subject, Sum, Table, Tallies, fold_rare, of_people, of_things,
};
use crate::value::Money;

/// A session of a purpose that works with counts and sums.
pub struct Aggregate {
    pub(crate) engine: Engine,
    pub(crate) desk: Desk,
}

/// Rows read at a time.
const BATCH: usize = 1_000;
/// A report has at most this many cells.
const MAX_CELLS: usize = 10_000;
/// The cells of a report remember at most so many contacts together: about a hundred megabytes. A
/// contact counts once in each cell that it is in.
const MAX_COUNTED: usize = 3_000_000;

impl Aggregate {
    pub(crate) fn new(engine: Engine, desk: Desk) -> Aggregate {
        Aggregate { engine, desk }
    }

    /// Counts, and adds up. A report of more than 10,000 cells, or about more contacts than
    /// 3,000,000 over all its cells, is refused as invalid; about people, cells are those of months
    /// where any period is asked for.
    pub async fn report(&self, report: &Report) -> Result<Table, EngineError> {
        if report.by.len() > 2 {
            return Err(EngineError::invalid("by", "names more than two dimensions"));
        }
        if report.by.iter().filter(|name| Period::of_word(name).is_some()).count() > 1 {
            return Err(EngineError::invalid("by", "names two periods, of which one is enough"));
        }
        let smallest = self.desk.policy.policy().notice().smallest_cell;
        match &report.subject {
            Subject::Records(category) => {
                let Some(category) = self.desk.policy.policy().lexicon().category(category) else {
                    return self.refuse(Reason::Unknown, None);
                };
                let tallies = self.people(category, report).await?;
                let open = [0, 1].map(|at| self.is_open(category, report.by.get(at)));
                let tallies = bounded(fold_rare(tallies, open, smallest))?;
                let (by, inner) = (report.by.clone(), self.engine.inner.clone());
                // A second or so for ten thousand small cells.
                let laid_out = tokio::task::spawn_blocking(move || {
                    of_people(&by, tallies, smallest, |line, column| inner.vault.lot(line, column))
                });
                laid_out
                    .await
                    .map_err(|_| EngineError::Setup("a report could not be made".to_owned()))
            }
            Subject::Objects(kind) => {
                let tallies = bounded(self.things(kind, report).await?)?;
                Ok(of_things(&report.by, &tallies))
            }
        }
    }

    async fn people(&self, category: CategoryId, report: &Report) -> Result<Tallies, EngineError> {
        if let Err(reason) = self.desk.listed(category, Operation::Read) {
            return self.refuse(reason, Some(category));
        }
        self.dimensions(category, report)?;
        let inner = &self.engine.inner;
        let (mut tallies, mut after, mut counted) = (Tallies::new(), None, 0);
        let mut remembered = Remembered { left: MAX_COUNTED };
        loop {
            let seen = inner.store.record_scan(category.0, after, BATCH).await?;
            let mut ids: Vec<_> = seen.value.iter().map(|row| row.key.contact).collect();
            ids.dedup();
            let known = inner.known_many(&ids, &seen.standing).await?;
            for row in &seen.value {
                let at = ids.iter().position(|id| *id == row.key.contact);
                if let Some(Some(known)) = at.and_then(|at| known.get(at)) {
                    let cells = (&mut tallies, &mut remembered);
                    counted += usize::from(self.count(category, row, known, report, cells)?);
                }
            }
            after = seen.value.last().map(|row| row.key);
            if seen.value.len() < BATCH {
                break;
            }
        }
        self.note(vec![category.0], counted)?;
        Ok(tallies)
    }

    /// A report names only fields that the purpose may see, and `country`, which it may see where it
    /// may see anything of the contact.
    fn dimensions(&self, category: CategoryId, report: &Report) -> Result<(), EngineError> {
        let ask = self.desk.ask(category, Operation::Read);
        let lexicon = self.desk.policy.policy().lexicon();
        let gantry_notice::Decision::Allow { fields, .. } = self.desk.policy.decide_notice(&ask)
        else {
            return self.refuse(Reason::NotInNotice, Some(category));
        };
        for name in report.by.iter().chain(&report.sum) {
            if matches!(name.as_str(), "month" | "quarter" | "year" | "country") {
                continue;
            }
            if !lexicon.field(category, name).is_some_and(|place| fields.has(place)) {
                return self.refuse(Reason::NotInNotice, Some(category));
            }
        }
        Ok(())
    }

    /// Whether a dimension's names are anything that somebody wrote, and no list of the notice.
    fn is_open(&self, category: CategoryId, dimension: Option<&String>) -> bool {
        let Some(name) = dimension else { return false };
        let declared = self.desk.policy.policy().category(category);
        let field = declared.and_then(|declared| declared.fields.get(name));
        field.is_some_and(|field| {
            !matches!(field.kind, FieldKind::Code { .. } | FieldKind::Country | FieldKind::Flag)
        })
    }

    fn count(
        &self,
        category: CategoryId,
        row: &RecordRow,
        known: &Known,
        report: &Report,
        (tallies, remembered): (&mut Tallies, &mut Remembered),
    ) -> Result<bool, EngineError> {
        let permit = self.desk.permit(
            category,
            Operation::Read,
            &known.state,
            &state_of(row, self.engine.inner.clock.now()),
        );
        let Ok(permit) = permit else { return Ok(false) };
        let opened = OpenRecord::of(row, known.key.as_ref(), &permit)?;
        let fields = permit.release(&self.desk.policy, opened.fields()?)?;
        let text = |name: &str| match fields.get(name) {
            Some(serde_json::Value::String(text)) => Some(text.clone()),
            Some(other) => Some(other.to_string()),
            None => None,
        };
        let place = |name: &String| match name.as_str() {
            "country" => Some(known.state.country.code().to_owned()),
            // Whichever period is asked for: they are decided together.
            other if Period::of_word(other).is_some() => month_of(row.at),
            other => text(other),
        };
        let cell = cell(tallies, report, place)?;
        cell.count += 1;
        remembered.note(cell.contacts.insert(row.key.contact))?;
        if let Some(sum) = &report.sum
            && let Some(value) = text(sum)
        {
            remembered.note(add(&mut cell.sums, &value, Some(row.key.contact)))?;
        }
        Ok(true)
    }

    async fn things(&self, kind: &str, report: &Report) -> Result<Tallies, EngineError> {
        let policy = self.desk.policy.policy();
        let declared = policy.notice().objects.get(kind);
        let purpose = self.desk.purpose_name();
        let (Some(id), Some(declared)) = (policy.lexicon().kind(kind), declared) else {
            return self.refuse(Reason::Unknown, None);
        };
        if !declared.read.iter().any(|name| name == purpose) {
            return self.refuse(Reason::NotInNotice, None);
        }
        let known = |name: &String| {
            matches!(name.as_str(), "month" | "quarter" | "year" | "state")
                || declared.fields.get(name).is_some_and(|field| by_group(&field.kind))
        };
        if let Some(unknown) = report.by.iter().find(|name| !known(name)) {
            let fault = "is not a field by which this kind can be grouped";
            return Err(EngineError::invalid(unknown.as_str(), fault));
        }
        let (mut tallies, mut after, mut counted) = (Tallies::new(), None, 0);
        let filter = ObjectFilter { kind: KindId(id.0).0, ..ObjectFilter::default() };
        loop {
            let rows = self.engine.inner.store.object_page(&filter, after, BATCH).await?.value;
            // What is a sole trader's is about a person, and no person is told of here.
            let traders = self.engine.inner.traders(policy, &rows).await?;
            let things = rows.iter().zip(traders).filter(|(_, trader)| trader.is_none());
            for (row, _) in things {
                let fields =
                    body::decode(&row.body).ok_or(EngineError::Corrupt("the body of an object"))?;
                let text = |name: &str| {
                    let found = fields.iter().find(|(field, _)| *field == name);
                    found.map(|(_, value)| (*value).to_owned())
                };
                let place = |name: &String| match name.as_str() {
                    "state" => Some(row.state.clone()),
                    other => match Period::of_word(other) {
                        Some(period) => month_of(row.at).map(|month| period.around(&month)),
                        None => text(other),
                    },
                };
                let cell = cell(&mut tallies, report, place)?;
                cell.count += 1;
                counted += 1;
                if let Some(sum) = &report.sum
                    && let Some(value) = text(sum)
                {
                    add(&mut cell.sums, &value, None);
                }
            }
            after = rows.last().map(|row| row.id);
            if rows.len() < BATCH {
                break;
            }
        }
        self.note(Vec::new(), counted)?;
        Ok(tallies)
    }

    fn note(&self, categories: Vec<u8>, count: usize) -> Result<(), EngineError> {
        let inner = &self.engine.inner;
        let now = inner.clock.now();
        let entry = self.desk.entry(now, Operation::Read, categories, Whom::Nobody, count);
        inner.trail.append(&entry)
    }

    fn refuse<T>(&self, reason: Reason, category: Option<CategoryId>) -> Result<T, EngineError> {
        let (operation, about) = (Operation::Read, Whom::Nobody);
        let denial = Denial { reason, operation, about, category, field: None };
        Err(self.desk.deny(&self.engine.inner, denial))
    }
}

fn cell<'a>(
    tallies: &'a mut Tallies,
    report: &Report,
    place: impl Fn(&String) -> Option<String>,
) -> Result<&'a mut crate::session::report::Tally, EngineError> {
    let name = |n: usize| report.by.get(n).and_then(&place).unwrap_or_default();
    let key = (name(0), name(1));
    if tallies.len() >= MAX_CELLS && !tallies.contains_key(&key) {
        return Err(too_many());
    }
    Ok(tallies.entry(key).or_default())
}

/// Grouping by a free number or name would make a list out of a report.
fn by_group(kind: &FieldKind) -> bool {
    matches!(
        kind,
        FieldKind::Code { .. }
            | FieldKind::Country
            | FieldKind::Language
            | FieldKind::Flag
            | FieldKind::Label
            | FieldKind::Integer
    )
}

/// The month of an instant (UTC), such as `2026-02`.
fn month_of(at: i64) -> Option<String> {
    time_text(at).get(..7).map(str::to_owned)
}

/// A table has every line in every column, so that few cells may make a large one.
fn bounded(tallies: Tallies) -> Result<Tallies, EngineError> {
    let names = |of: fn(&(String, String)) -> &String| {
        tallies.keys().map(of).collect::<std::collections::BTreeSet<_>>().len()
    };
    if names(|key| &key.0).saturating_mul(names(|key| &key.1)) > MAX_CELLS {
        return Err(too_many());
    }
    Ok(tallies)
}

fn too_many() -> EngineError {
    EngineError::invalid("by", "makes more than 10,000 cells (periods counted by month)")
}

/// How many more contacts the cells of a report may remember.
struct Remembered {
    left: usize,
}

impl Remembered {
    fn note(&mut self, new: bool) -> Result<(), EngineError> {
        let fault =
            "is about too many contacts for one report; hint: leave a dimension or the sum out";
        let left = self.left.checked_sub(usize::from(new));
        self.left = left.ok_or_else(|| EngineError::invalid("by", fault))?;
        Ok(())
    }
}

/// Adds a value up. Says whether a contact is remembered for it that was not before.
fn add(sums: &mut BTreeMap<String, Sum>, value: &str, of: Option<Id>) -> bool {
    let (unit, amount) = match (value.parse::<i64>(), Money::parse(value)) {
        (Ok(number), _) => (String::new(), number),
        (_, Ok(money)) => (money.currency, money.minor),
        _ => return false,
    };
    let sum = sums.entry(unit).or_default();
    sum.total = sum.total.saturating_add(amount);
    of.is_some_and(|contact| sum.contacts.insert(contact))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_remembers_so_many_contacts_and_no_more() {
        let mut remembered = Remembered { left: 2 };
        let mut sums = BTreeMap::new();
        for (contact, new) in [(1, true), (1, false), (2, true)] {
            let added = add(&mut sums, "3", Some([contact; 16]));
            assert_eq!(added, new);
            assert!(remembered.note(added).is_ok());
        }
        assert!(remembered.note(false).is_ok());
        assert!(matches!(remembered.note(true), Err(EngineError::Invalid(_))));
    }
}
