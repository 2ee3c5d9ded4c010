//! Removing records: one that is asked for, and those that have ended. The audit trail names each, so
//! that its removal can be verified for as long as the trail is kept.

use gantry_notice::{CategoryId, Flags, Operation, Reason};
use gantry_store::{Batch, Expect, Id, LinkPlace, RecordKey, RecordRow, Space, Write};
use uuid::Uuid;

use crate::audit::{About as Whom, Entry, RecordPlace, decode};
use crate::cache::Known;
use crate::error::EngineError;
use crate::record::{OpenRecord, state_of};
use crate::session::identified::Identified;
use crate::session::put::{Looks, contact_row};

/// Records that one batch of a sweep removes, at most.
const SWEPT: usize = 500;

/// What is known of a record's removal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// Whether there is such a record now.
    pub held: bool,
    /// Whether all of the contact was erased.
    pub erased: bool,
    /// Who removed it, when, and under which purpose; none where it is there, or never was, or was
    /// given to another contact, or the trail is not kept any more.
    pub entry: Option<Entry>,
}

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Records removed.
    pub removed: usize,
    /// Records whose end has come, which stay, unseen, while a restriction of their contacts stands.
    pub left: usize,
}

impl Identified {
    /// Removes a record. Whoever may change all of it may, unless a law obliges another purpose to keep
    /// it; with a version, only if it still has it. A profile is changed instead.
    pub async fn remove_record(
        &self,
        contact: Uuid,
        category: &str,
        id: Uuid,
        version: Option<i64>,
    ) -> Result<(), EngineError> {
        let whom = Whom::One(*contact.as_bytes());
        let named = category;
        let category = self.category(named, Operation::Change, &whom)?;
        if self.desk.policy.policy().category(category).is_some_and(|declared| declared.single) {
            let fault = "holds one record a contact; hint: change the contact instead";
            return Err(EngineError::invalid(named, fault));
        }
        let key =
            RecordKey { contact: *contact.as_bytes(), category: category.0, id: *id.as_bytes() };
        self.retried(|| async {
            let inner = &self.engine.inner;
            let seen = inner.store.record(&key).await?;
            let known = self.known_since(key.contact, &seen.standing, Operation::Change).await?;
            self.may_remove(&key, &known, seen.value.as_ref())?;
            let Some(row) = seen.value else {
                return Err(self.desk.missing(inner, "record", Operation::Change, whom.clone()));
            };
            if version.is_some_and(|version| version != row.version) {
                return Err(EngineError::Conflict { what: "record".to_owned() });
            }
            let batch = self.removal(&known, &[&row]).await?;
            self.commit_removal(batch, vec![key], "remove").await
        })
        .await
    }

    /// With a record goes all of it: whoever may not change every field may not remove it.
    fn may_remove(
        &self,
        key: &RecordKey,
        known: &Known,
        row: Option<&RecordRow>,
    ) -> Result<(), EngineError> {
        let category = CategoryId(key.category);
        let (change, now) = (Operation::Change, self.engine.inner.clock.now());
        let permit = match row {
            Some(row) => self.desk.permit(category, change, &known.state, &state_of(row, now)),
            None => self.desk.permit_any(category, change, &known.state),
        };
        let refused = match permit {
            Err(reason) => Some(reason),
            Ok(permit) => {
                let kept = row.is_some_and(|row| self.is_kept_by_another(row, &known.state));
                let may = self.desk.covers_all(&permit) && !kept;
                (!may).then_some(Reason::OperationNotAllowed)
            }
        };
        let Some(reason) = refused else { return Ok(()) };
        self.refuse(reason, Some(category), change, Whom::One(key.contact))
    }

    /// What removes records of one contact.
    pub(super) async fn removal(
        &self,
        known: &Known,
        rows: &[&RecordRow],
    ) -> Result<Batch, EngineError> {
        let Some(contact) = rows.first().map(|row| row.key.contact) else {
            return Ok(Batch::default());
        };
        let mut expects = vec![Expect::Contact(contact, known.version)];
        let mut looks = Vec::with_capacity(rows.len());
        for row in rows {
            expects.push(Expect::Record(row.key, row.version));
            let category = CategoryId(row.key.category);
            let declared = self.desk.policy.policy().category(category);
            let is_searched =
                declared.is_none_or(|d| d.fields.values().any(|f| f.search.is_some()));
            // Where the key is lost nobody knows the look-ups, and the record goes all the same.
            let old = if is_searched && known.key.is_some() {
                let values = OpenRecord::for_index(row, known.key.as_ref())?.values()?;
                self.hashes(category, &values)
            } else {
                Vec::new()
            };
            looks.push(Looks { key: row.key, old, new: Vec::new() });
        }
        let mut writes = self.relook(known, &looks.iter().collect::<Vec<_>>()).await?;
        if !writes.is_empty() && !known.state.flags.any(Flags::ERASED) {
            let (version, created) = (known.version + 1, known.created);
            let row = contact_row(contact, version, created, &known.state, known.company);
            writes.push(Write::Contact(row));
        }
        for row in rows {
            writes.push(Write::RemoveRecord(row.key));
            writes.push(Write::Where(Space::Removed, place_key(&row.key)));
        }
        Ok(Batch { expects, writes, ..Batch::default() })
    }

    /// Names in the trail what a batch removes besides what it is made for.
    pub(super) fn note_removal(
        &self,
        batch: &mut Batch,
        places: Vec<RecordPlace>,
    ) -> Result<(), EngineError> {
        let mut categories: Vec<u8> = places.iter().map(|place| place.category).collect();
        categories.sort_unstable();
        categories.dedup();
        let (now, count) = (self.engine.inner.clock.now(), places.len());
        let entry =
            self.desk.entry(now, Operation::Change, categories, Whom::Records(places), count);
        let entry = entry.called("remove".to_owned());
        entry.encode_into(&mut batch.audit).map_err(|e| EngineError::Audit(e.to_string()))?;
        batch.audit_entries += 1;
        Ok(())
    }

    async fn commit_removal(
        &self,
        batch: Batch,
        keys: Vec<RecordKey>,
        operation: &str,
    ) -> Result<(), EngineError> {
        let mut categories: Vec<u8> = keys.iter().map(|key| key.category).collect();
        categories.sort_unstable();
        categories.dedup();
        let (now, count) = (self.engine.inner.clock.now(), keys.len());
        let places = Whom::Records(keys.into_iter().map(RecordPlace::from).collect());
        let entry = self.desk.entry(now, Operation::Change, categories, places, count);
        self.commit_as(batch, entry.called(operation.to_owned())).await
    }

    /// What became of a record: whether it is there, and what the audit trail says of its removal.
    /// Answered under the purposes that the notice names for requests and for the audit trail.
    pub async fn removed(
        &self,
        contact: Uuid,
        category: &str,
        id: Uuid,
    ) -> Result<Removal, EngineError> {
        let whom = Whom::One(*contact.as_bytes());
        let system = &self.desk.policy.policy().notice().system;
        if ![&system.requests, &system.audit].iter().any(|one| *one == self.desk.purpose_name()) {
            return self.refuse(Reason::OperationNotAllowed, None, Operation::Read, whom);
        }
        let category = self.category(category, Operation::Read, &whom)?;
        let key =
            RecordKey { contact: *contact.as_bytes(), category: category.0, id: *id.as_bytes() };
        let inner = &self.engine.inner;
        let seen = inner.store.record(&key).await?;
        let held = seen.value.is_some();
        let known = inner.known(key.contact, &seen.standing).await?;
        let erased = known.is_some_and(|known| known.state.flags.any(Flags::ERASED));
        let entry = if held { None } else { self.entry_of_removal(&key).await? };
        let places = Whom::Records(vec![key.into()]);
        let asked =
            self.desk.entry(inner.clock.now(), Operation::Read, vec![key.category], places, 1);
        inner.trail.append(&asked.called("removed".to_owned()))?;
        Ok(Removal { held, erased, entry })
    }

    async fn entry_of_removal(&self, key: &RecordKey) -> Result<Option<Entry>, EngineError> {
        let store = &self.engine.inner.store;
        let place = store.entry(Space::Removed, &place_key(key)).await?;
        let Some(place) = place.and_then(|bytes| LinkPlace::decode(&bytes)) else {
            return Ok(None);
        };
        let links = store.audit_links(&place.chain, place.sequence - 1, 1).await?;
        let link = links.into_iter().find(|link| link.sequence == place.sequence);
        let Some(link) = link else { return Ok(None) };
        let (wanted, mut found) = (RecordPlace::from(*key), None);
        for entry in decode(&link.body).map_while(Result::ok) {
            if entry.operation != "removed"
                && matches!(&entry.about, Whom::Records(places) if places.contains(&wanted))
            {
                found = Some(entry);
            }
        }
        Ok(found)
    }

    /// Removes records whose end has come, about `limit` of them, in batches that each are one entry of
    /// the audit trail. Done under the purpose that the notice names for the archive.
    pub async fn sweep(&self, limit: usize) -> Result<Swept, EngineError> {
        if self.desk.purpose_name() != self.desk.policy.policy().notice().system.archive {
            let nobody = Whom::Nobody;
            return self.refuse(Reason::OperationNotAllowed, None, Operation::Change, nobody);
        }
        self.within_level(Operation::Change, Whom::Nobody)?;
        let (mut swept, mut after) = (Swept::default(), None);
        let now = self.engine.inner.clock.now();
        while swept.removed < limit {
            let most = SWEPT.min(limit - swept.removed);
            let found = self.engine.inner.store.records_expired(now, after, most).await?;
            after = found.last().copied();
            let keys: Vec<RecordKey> = found.iter().map(|(_, key)| *key).collect();
            let done = self.retried(|| self.sweep_once(&keys, now)).await?;
            swept.removed += done.removed;
            swept.left += done.left;
            if found.len() < most {
                break;
            }
        }
        Ok(swept)
    }

    async fn sweep_once(&self, keys: &[RecordKey], now: i64) -> Result<Swept, EngineError> {
        let inner = &self.engine.inner;
        let seen = inner.store.records_at(keys).await?;
        let ended = |row: &RecordRow| row.expires <= now;
        let mut rows: Vec<RecordRow> = seen.value.into_iter().flatten().filter(ended).collect();
        rows.sort_unstable_by_key(|row| row.key);
        rows.dedup_by_key(|row| row.key);
        let of_one = |one: &RecordRow, other: &RecordRow| one.key.contact == other.key.contact;
        let people: Vec<&[RecordRow]> = rows.chunk_by(of_one).collect();
        let ids: Vec<Id> = people.iter().filter_map(|of| Some(of.first()?.key.contact)).collect();
        let known = inner.known_many(&ids, &seen.standing).await?;
        let (mut swept, mut whole, mut gone) = (Swept::default(), Batch::default(), Vec::new());
        for (of_one, known) in people.iter().zip(known) {
            let Some(known) = known else { continue };
            let goes = |row: &&RecordRow| !is_restricted(&known, row.key.category);
            let going: Vec<&RecordRow> = of_one.iter().filter(goes).collect();
            swept.left += of_one.len() - going.len();
            let Batch { expects, writes, .. } = self.removal(&known, &going).await?;
            whole.expects.extend(expects);
            whole.writes.extend(writes);
            gone.extend(going.iter().map(|row| row.key));
        }
        swept.removed = gone.len();
        if !gone.is_empty() {
            self.commit_removal(whole, gone, "expire").await?;
        }
        Ok(swept)
    }
}

/// Who restricts processing wants the data kept, be it for a claim (GDPR Art. 18(1)). Whatever purpose
/// is restricted: it may work with what was collected for another.
fn is_restricted(known: &Known, category: u8) -> bool {
    let state = &known.state;
    let mut fields = state.restricted_fields.iter();
    state.flags.any(Flags::RESTRICTED)
        || state.restricted != 0
        || fields.any(|(id, _)| id.0 == category)
}

/// Under which it stands where the audit trail tells of a removal.
fn place_key(key: &RecordKey) -> Vec<u8> {
    [key.contact.as_slice(), &[key.category], &key.id].concat()
}
