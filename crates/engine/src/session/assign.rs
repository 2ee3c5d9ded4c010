//! Giving records to another contact: they were written down under the wrong one.

use std::collections::BTreeSet;
use std::sync::Arc;

use gantry_notice::{CategoryId, Operation, Reason};
use gantry_store::{BASE, Batch, Expect, Id, RecordKey, RecordRow, Revision, Write};
use gantry_vault::{ContactKey, Place, seal};
use uuid::Uuid;

use crate::audit::About as Whom;
use crate::cache::Known;
use crate::error::EngineError;
use crate::record::{OpenRecord, state_of};
use crate::session::collected::{Changed, MAX_BATCH, Which};
use crate::session::identified::Identified;

impl Identified {
    /// Gives records of a category to another contact, each sealed anew with that one's key. Whoever may
    /// change all of them, and collect such of the other, may. At most [`MAX_BATCH`] go together, or not
    /// at all; more go one batch after another.
    pub async fn assign_where(
        &self,
        category: &str,
        which: &Which,
        to: Uuid,
    ) -> Result<Changed, EngineError> {
        let named = category;
        let category = self.category(named, Operation::Change, &Whom::Nobody)?;
        let declared = self.desk.policy.policy().category(category);
        let searched = |field: &gantry_notice::model::Field| field.search.is_some();
        if declared.is_none_or(|d| d.single || d.fields.values().any(searched)) {
            let fault = "holds a profile, or is searched by; hint: change record by record";
            return Err(EngineError::invalid(named, fault));
        }
        let (mut done, mut after) = (Changed::default(), None);
        loop {
            let slice = self.retried(|| self.assign_slice(category, which, to, after));
            let (changed, last) = slice.await?;
            done.changed += changed.changed;
            done.withheld.extend(changed.withheld);
            match last {
                Some(last) => after = Some(last),
                None => return Ok(done),
            }
        }
    }

    async fn assign_slice(
        &self,
        category: CategoryId,
        which: &Which,
        to: Uuid,
        after: Option<RecordKey>,
    ) -> Result<(Changed, Option<RecordKey>), EngineError> {
        let to = *to.as_bytes();
        let seen = self.which(category, which, after).await?;
        let last = seen.value.last().filter(|_| seen.value.len() == MAX_BATCH).map(|row| row.key);
        let known = self.people_of(&seen).await?;
        let owner = self.known(to, Operation::Collect).await?;
        let inner = &self.engine.inner;
        let (now, mut random) = (inner.clock.now(), inner.entropy.fork());
        let mut people = BTreeSet::from([to]);
        let expects = vec![Expect::Contact(to, owner.version)];
        let mut batch = Batch { expects, ..Batch::default() };
        let (mut done, mut refused) = (Changed::default(), 0);
        for row in seen.value {
            let Some(person) = known.get(&row.key.contact) else { continue };
            if let Err(reason) = self.may_assign(category, &row, person, &owner, now) {
                refused += 1;
                done.withheld = vec![self.remark(category, reason, refused)];
                continue;
            }
            if people.insert(row.key.contact) {
                batch.expects.push(Expect::Contact(row.key.contact, person.version));
            }
            done.changed += 1;
            if row.key.contact == to && row.edition == BASE {
                let RecordRow { key, version, expires, objected, open, .. } = row;
                let version = version + 1;
                batch.writes.push(Write::Revise(Revision {
                    key,
                    version,
                    expires,
                    objected,
                    open,
                }));
                continue;
            }
            batch.expects.push(Expect::Record(row.key, row.version));
            batch.writes.push(Write::RemoveRecord(row.key));
            let sealed = resealed(&row, person, &owner, to, &mut random)?;
            let key = RecordKey { contact: to, ..row.key };
            let version = row.version + 1;
            let row = RecordRow { key, edition: BASE, version, sealed, ..row };
            batch.writes.push(Write::Record(row));
        }
        if done.changed > 0 {
            let whom = Whom::Many(people.into_iter().collect());
            let entry =
                self.desk.entry(now, Operation::Change, vec![category.0], whom, done.changed);
            self.commit_as(batch, entry.called("assign".to_owned())).await?;
        }
        Ok((done, last))
    }

    fn may_assign(
        &self,
        category: CategoryId,
        row: &RecordRow,
        person: &Arc<Known>,
        owner: &Arc<Known>,
        now: i64,
    ) -> Result<(), Reason> {
        let state = state_of(row, now);
        let permit = self.desk.permit(category, Operation::Change, &person.state, &state)?;
        self.desk.permit(category, Operation::Collect, &owner.state, &state)?;
        let policy = self.desk.policy.policy();
        let declared = policy.category(category).into_iter().flat_map(|c| c.fields.keys());
        let mut places = declared.filter_map(|name| policy.lexicon().field(category, name));
        if places.all(|place| permit.covers(place)) {
            Ok(())
        } else {
            Err(Reason::OperationNotAllowed)
        }
    }
}

/// What is sealed of a record, under the key of another contact.
fn resealed(
    row: &RecordRow,
    person: &Known,
    owner: &Known,
    to: Id,
    random: &mut dyn rand::CryptoRng,
) -> Result<Vec<u8>, EngineError> {
    let opened = OpenRecord::for_index(row, person.key.as_ref())?.into_sealed();
    let Some(plain) = opened else { return Ok(Vec::new()) };
    let unreadable = || EngineError::Unreadable { what: "contact".to_owned() };
    let key: &ContactKey = owner.key.as_ref().ok_or_else(unreadable)?;
    let place = Place { contact: to, category: row.key.category, record: row.key.id };
    seal(key, place, plain.as_slice(), random).map_err(|_| unreadable())
}
