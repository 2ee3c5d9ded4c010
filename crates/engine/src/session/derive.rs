//! What is worked out of a contact: interests, segments. It is held as records that replace each other
//! as a whole, decided as what it is (to derive), and goes where nobody may work it out any more.

use gantry_notice::{Ask, CategoryId, ContactState, Decision, Flags, Operation, Reason, Roles};
use gantry_store::{Batch, Expect, Id, RecordKey, RecordRow, Write};
use gantry_vault::Form;
use uuid::Uuid;

use crate::audit::{About as Whom, RecordPlace};
use crate::cache::Known;
use crate::draft::FieldTexts;
use crate::error::EngineError;
use crate::record::{self, OpenRecord, Seal, Values};
use crate::session::change::{frame_of, pairs};
use crate::session::identified::Identified;

/// Where what was worked out comes from, as records name it.
const WORKED_OUT: &str = "worked-out";
/// Records of a category that one contact may have of it.
pub const MAX_DERIVED: usize = 1_000;

/// Something worked out of a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derived {
    /// What it is, among all of its category: another of that name replaces it.
    pub name: String,
    /// From when on it is so, in milliseconds since 1970 (UTC); its windows count from there.
    pub at: i64,
    /// Its fields.
    pub fields: FieldTexts,
}

impl Identified {
    /// Holds what was worked out of a contact in a category, in place of all that was worked out in it
    /// before. Answers how many records were added, changed or removed; where it is none, nothing is
    /// written.
    pub async fn derive(
        &self,
        contact: Uuid,
        category: &str,
        derived: &[Derived],
    ) -> Result<usize, EngineError> {
        let (id, operation) = (*contact.as_bytes(), Operation::Derive);
        let whom = Whom::One(id);
        let named = category;
        let category = self.category(named, operation, &whom)?;
        self.within_level(operation, whom.clone())?;
        if derived.len() > MAX_DERIVED {
            let fault = format!("has more than {MAX_DERIVED} records of one contact");
            return Err(EngineError::invalid(named, fault));
        }
        self.retried(|| async {
            let inner = &self.engine.inner;
            let seen = inner.store.records(id, Some(category.0), None, MAX_DERIVED).await?;
            let known = self.known_since(id, &seen.standing, operation).await?;
            let rows = self.derived_rows(id, category, &known, &seen.value, derived)?;
            let gone: Vec<&RecordRow> =
                seen.value.iter().filter(|row| !rows.kept.contains(&row.key)).collect();
            let count = rows.written.len() + gone.len();
            if count == 0 {
                return Ok(0);
            }
            let mut batch = self.removal(&known, &gone).await?;
            if gone.is_empty() {
                batch.expects.push(Expect::Contact(id, known.version));
            } else {
                let places = gone.iter().map(|row| RecordPlace::from(row.key)).collect();
                self.note_removal(&mut batch, places)?;
            }
            for row in rows.written {
                batch.expects.push(Expect::Record(row.key, row.version - 1));
                batch.writes.push(Write::Record(row));
            }
            let now = inner.clock.now();
            let entry = self.desk.entry(now, operation, vec![category.0], whom.clone(), count);
            self.commit_as(batch, entry).await?;
            Ok(count)
        })
        .await
    }

    /// The rows to write of what was worked out, and the places of all of them.
    fn derived_rows(
        &self,
        contact: Id,
        category: CategoryId,
        known: &Known,
        before: &[RecordRow],
        derived: &[Derived],
    ) -> Result<Rows, EngineError> {
        let operation = Operation::Derive;
        let whom = Whom::One(contact);
        let unreadable = || EngineError::Unreadable { what: "contact".to_owned() };
        let mut rows = Rows::default();
        if derived.is_empty() {
            if let Err(reason) = self.desk.permit_any(category, operation, &known.state) {
                return self.refuse(reason, Some(category), operation, whom);
            }
            return Ok(rows);
        }
        let key = known.key.as_ref().ok_or_else(unreadable)?;
        for one in derived {
            let id = self.derived_id(contact, category, &one.name);
            let frame = frame_of(contact, category, id, one.at, WORKED_OUT);
            let permit =
                self.desk.permit(category, operation, &known.state, &frame.state(&self.desk));
            let permit = match permit {
                Ok(permit) => permit,
                Err(reason) => return self.refuse(reason, Some(category), operation, whom),
            };
            let values =
                record::check(self, &permit, whom.clone(), pairs(&one.fields), Values::new())?;
            let place = RecordKey { contact, category: category.0, id };
            rows.kept.push(place);
            let was = before.iter().find(|row| row.key == place);
            if let Some(was) = was
                && was.at == one.at
                && OpenRecord::of(was, Some(key), &permit)?.values()? == values
            {
                continue;
            }
            let mut random = self.engine.inner.entropy.fork();
            let mut row =
                record::compose(&self.desk, &frame, &values, Seal::Anew(key, &mut random))?;
            row.version = was.map_or(1, |was| was.version + 1);
            rows.written.push(row);
        }
        Ok(rows)
    }

    /// The id of what was worked out: the same name is the same record, on every node.
    fn derived_id(&self, contact: Id, category: CategoryId, name: &str) -> Id {
        let named = self.desk.policy.policy().lexicon().category_name(category);
        let label = format!("worked out {named} {}", Uuid::from_bytes(contact));
        let hash = self.engine.inner.vault.lookup().hash(Form::Exact, &label, name);
        let mut id = [0; 16];
        for (to, from) in id.iter_mut().zip(hash) {
            *to = from;
        }
        *uuid::Builder::from_custom_bytes(id).into_uuid().as_bytes()
    }

    /// What removes, with a change of the contact's state, all that was worked out and may not be
    /// worked out any more because the contact said so: an objection to profiling or to marketing, a
    /// consent withdrawn. What an objection that came with a file has left unseen goes at the latest
    /// when it is taken back. A restriction leaves it where it is, unseen (Art. 18(2)).
    pub(super) async fn no_longer_derived(
        &self,
        contact: Id,
        known: &Known,
        after: &ContactState,
    ) -> Result<(Batch, Vec<RecordPlace>), EngineError> {
        let notice = self.desk.policy.policy().notice();
        let lexicon = self.desk.policy.policy().lexicon();
        let Some(profiling) = &notice.profiling else { return Ok(Default::default()) };
        if known.state.flags.any(Flags::ERASED) {
            return Ok(Default::default());
        }
        let mut rows = Vec::new();
        for name in [&profiling.interests, &profiling.segments] {
            let Some(category) = lexicon.category(name) else { continue };
            if [&known.state, after].iter().any(|state| self.is_said_against(category, state)) {
                let store = &self.engine.inner.store;
                rows.extend(
                    store.records(contact, Some(category.0), None, MAX_DERIVED).await?.value,
                );
            }
        }
        let places = rows.iter().map(|row| RecordPlace::from(row.key)).collect();
        let batch = self.removal(known, &rows.iter().collect::<Vec<_>>()).await?;
        Ok((batch, places))
    }

    /// Whether every use that derives a category is refused for what the contact said.
    fn is_said_against(&self, category: CategoryId, state: &ContactState) -> bool {
        let policy = &self.desk.policy;
        let mut said = false;
        for (use_id, ..) in policy.policy().lexicon().uses() {
            let (roles, operation, channel) = (Roles(u64::MAX), Operation::Derive, None);
            let ask = Ask { use_id, roles, category, operation, channel };
            match policy.decide_any(&ask, state) {
                Decision::Allow { .. } => return false,
                Decision::Deny(Reason::Objected | Reason::NoConsent) => said = true,
                Decision::Deny(
                    Reason::Restricted | Reason::Archived | Reason::ObjectionWeighed,
                ) => return false,
                Decision::Deny(_) => {}
            }
        }
        said
    }
}

/// What becomes of a category.
#[derive(Default)]
struct Rows {
    written: Vec<RecordRow>,
    kept: Vec<RecordKey>,
}
