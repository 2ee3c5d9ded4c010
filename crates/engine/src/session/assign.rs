//! Giving records to another contact: they were written down under the wrong one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gantry_notice::{CategoryId, Operation, Reason};
use gantry_store::{BASE, Batch, Expect, Id, RecordKey, RecordRow, Write};
use gantry_vault::{ContactKey, Place, seal};
use uuid::Uuid;

use crate::audit::About as Whom;
use crate::cache::Known;
use crate::error::EngineError;
use crate::record::{OpenRecord, state_of};
use crate::session::change_where::{Changed, Which};
use crate::session::collected::MAX_BATCH;
use crate::session::identified::Identified;
use crate::session::put::contact_row;

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
        let category = self.changeable(named, which)?;
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
            done.add(changed);
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
        let (mut people, mut ids) = (BTreeSet::from([to]), BTreeSet::new());
        let expects = vec![Expect::Contact(to, owner.version)];
        let mut batch = Batch { expects, ..Batch::default() };
        let (mut changed, mut already) = (0, 0);
        let (mut kept, mut left_out) = (false, BTreeMap::new());
        for row in seen.value {
            let Some(person) = known.get(&row.key.contact) else { continue };
            let may = self.may_assign(category, &row, person, &owner, now);
            if row.key.contact == to {
                already += usize::from(may.is_ok());
                continue;
            }
            if let Err(reason) = may {
                *left_out.entry(reason).or_insert(0) += 1;
                continue;
            }
            if people.insert(row.key.contact) {
                batch.expects.push(Expect::Contact(row.key.contact, person.version));
            }
            changed += 1;
            kept |= self.is_duty(row.collected_for);
            let key = RecordKey { contact: to, ..row.key };
            // What comes from a source anew has the id that it had before it was given away.
            if !ids.insert(key.id) {
                return Err(EngineError::Conflict { what: "record".to_owned() });
            }
            batch.expects.push(Expect::Record(row.key, row.version));
            batch.expects.push(Expect::Record(key, 0));
            batch.writes.push(Write::RemoveRecord(row.key));
            let sealed = resealed(&row, person, &owner, to, &mut random)?;
            let version = row.version + 1;
            let row = RecordRow { key, edition: BASE, version, sealed, ..row };
            batch.writes.push(Write::Record(row));
        }
        if kept {
            // Whoever erases the other meanwhile must come to know that there is more to keep.
            let (version, created) = (owner.version + 1, owner.created);
            let row = contact_row(to, version, created, &owner.state, owner.company);
            batch.writes.push(Write::Contact(row));
        }
        let whom = Whom::Many(people.into_iter().collect());
        let entry = self.desk.entry(now, Operation::Change, vec![category.0], whom, changed);
        let entry = entry.called("assign".to_owned());
        if changed > 0 {
            self.commit_as(batch, entry).await?;
        } else {
            // What is withheld is an answer as well.
            inner.trail.append(&entry)?;
        }
        let withheld = left_out.into_iter().map(|(r, n)| self.remark(category, r, n)).collect();
        Ok((Changed { changed, already, withheld }, last))
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
        let given = self.desk.permit(category, Operation::Change, &person.state, &state)?;
        let taken = self.desk.permit(category, Operation::Collect, &owner.state, &state)?;
        if self.desk.covers_all(&given) && self.desk.covers_all(&taken) {
            return Ok(());
        }
        // What the notice leaves out, or a contact.
        let listed = self.desk.listed_fields(category, Operation::Change)?;
        let all = self.desk.is_all_of(category, listed);
        Err(if all { Reason::Restricted } else { Reason::OperationNotAllowed })
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
