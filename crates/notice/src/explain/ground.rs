//! On what ground each use works with a category of a contact, and until when: what a person who
//! asks what is held, and why, is told (GDPR Art. 15).

use serde::Serialize;

use crate::decide::{Ask, DatedPolicy, Decision};
use crate::explain::{BasisWords, Clause, Named, ReasonWords, named};
use crate::id::{CategoryId, Operation, Roles};
use crate::state::{ContactState, RecordState};
use crate::time::Day;

/// A use that the notice lists for a category, and what it rests on for one contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ground {
    /// The purpose.
    pub purpose: Clause,
    /// Its use.
    #[serde(rename = "use")]
    pub used: Named,
    /// How it sees people.
    pub mode: &'static str,
    /// Whether it may see something of the category now.
    pub allowed: bool,
    /// Why not.
    pub reason: Option<ReasonWords>,
    /// The lawful basis in force for this contact.
    pub basis: Option<BasisWords>,
    /// How long it may see a record, e.g. `24 months after collected`.
    pub window: Option<String>,
    /// The last day on which it may see any of the records: a day, or `open` while nothing has
    /// ended it; none where there are no records, or none that it may see.
    pub until: Option<String>,
}

impl DatedPolicy {
    /// Every use that the notice lists for a category, by the number of its purpose. `records` are
    /// those of the contact in this category.
    pub fn grounds(
        &self,
        category: CategoryId,
        contact: &ContactState,
        records: &[RecordState],
    ) -> Vec<Ground> {
        let uses = self.policy().lexicon().uses();
        let grounds = uses.filter_map(|(use_id, purpose, name)| {
            let roles = Roles(u64::MAX);
            let ask = Ask { use_id, roles, category, operation: Operation::Read, channel: None };
            let Decision::Allow { mode, .. } = self.decide_notice(&ask) else { return None };
            let title = self.policy().declared_use(use_id).map(|used| used.title.as_str());
            let denied = self.denied(&ask, contact, records);
            Some(Ground {
                purpose: self.clause(purpose),
                used: named(name, title),
                mode: mode.word(),
                allowed: denied.is_none(),
                reason: denied,
                basis: self.basis_words(use_id, contact),
                window: self.window_text(use_id, category),
                until: self.until_any(&ask, contact, records),
            })
        });
        let mut grounds: Vec<Ground> = grounds.collect();
        grounds.sort_by_key(|ground| ground.purpose.number);
        grounds
    }

    /// Why nothing may be seen; none where something may.
    fn denied(
        &self,
        ask: &Ask,
        contact: &ContactState,
        records: &[RecordState],
    ) -> Option<ReasonWords> {
        let whole = self.decide_any(ask, contact);
        let each = records.iter().map(|record| self.decide(ask, contact, record));
        let mut last = None;
        for decision in std::iter::once(whole).filter(|_| records.is_empty()).chain(each) {
            match decision {
                Decision::Allow { .. } => return None,
                Decision::Deny(reason) => last = Some(reason),
            }
        }
        last.map(|reason| ReasonWords { id: reason.id(), words: reason.words() })
    }

    fn until_any(
        &self,
        ask: &Ask,
        contact: &ContactState,
        records: &[RecordState],
    ) -> Option<String> {
        let seen = records
            .iter()
            .filter(|record| matches!(self.decide(ask, contact, record), Decision::Allow { .. }));
        let days =
            seen.filter_map(|record| self.last_day(ask.use_id, ask.category, contact, record));
        days.max().filter(|day| *day != Day::NEVER).map(|day| day.to_string())
    }
}
