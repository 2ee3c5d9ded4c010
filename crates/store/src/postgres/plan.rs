//! What a group of batches comes to, worked out before anything is written: each batch is held
//! against what is there and what the batches before it will have written, and is taken or refused
//! by itself.
//!
//! What there is was read, and locked, in the transaction in which the plan is carried out, so that
//! nobody else changes it meanwhile; see [`super::group`].

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Conflict, StoreError};
use crate::row::{
    BASE, Batch, ContactRow, Edition, Expect, Hash, Id, LinkPlace, ONE_CHAIN, ObjectRow, RecordKey,
    RecordRow, Revision, Space, Target, Touched, Write,
};

/// The rows of one key: edition and version of each.
pub(super) type Layers = BTreeMap<Edition, i64>;

/// What is known of a contact before it is changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub(super) edition: Edition,
    pub(super) version: i64,
    pub(super) erased: bool,
}

/// What is there, of all that a group is about.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) contacts: BTreeMap<Id, Standing>,
    pub(super) records: BTreeMap<RecordKey, Layers>,
    pub(super) objects: BTreeMap<(u8, Id), Layers>,
    pub(super) lookups: BTreeMap<(Hash, Target), BTreeSet<Edition>>,
    pub(super) entries: BTreeMap<(Space, Vec<u8>), Vec<u8>>,
    /// Editions that are not published, and whether they are discarded.
    pub(super) editions: BTreeMap<Edition, bool>,
    /// Where the audit entries of the group go.
    pub(super) link: LinkPlace,
}

impl Default for Facts {
    /// Nothing is there.
    fn default() -> Facts {
        Facts {
            contacts: BTreeMap::new(),
            records: BTreeMap::new(),
            objects: BTreeMap::new(),
            lookups: BTreeMap::new(),
            entries: BTreeMap::new(),
            editions: BTreeMap::new(),
            link: LinkPlace { chain: ONE_CHAIN, sequence: 0 },
        }
    }
}

/// What is to be written: first what goes, then what is put.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Contacts whose records and look-ups all go.
    pub(super) wiped: BTreeSet<Id>,
    /// Records of which every edition goes.
    pub(super) removed_records: BTreeSet<RecordKey>,
    /// Records and objects of which every edition but the base goes.
    pub(super) lifted_records: BTreeSet<RecordKey>,
    pub(super) lifted_objects: BTreeSet<(u8, Id)>,
    /// Look-ups of which every edition goes.
    pub(super) removed_lookups: BTreeSet<(Hash, Target)>,
    /// Days of closing on records about objects.
    pub(super) closed: BTreeMap<(u8, Id), i32>,
    /// Contacts, each with the slot of the key of what is kept of it.
    pub(super) contacts: BTreeMap<Id, (ContactRow, Option<i64>)>,
    pub(super) records: BTreeMap<(RecordKey, Edition), RecordRow>,
    /// Records of the base edition that change in their places, and are not among those above.
    pub(super) revised: BTreeMap<RecordKey, Revision>,
    pub(super) objects: BTreeMap<((u8, Id), Edition), ObjectRow>,
    pub(super) lookups: BTreeSet<(Hash, Target, Edition)>,
    pub(super) entries: BTreeMap<(Space, Vec<u8>), Option<Vec<u8>>>,
    /// Entries that must not be there, written or not.
    pub(super) absent: BTreeSet<(Space, Vec<u8>)>,
    pub(super) staged: BTreeSet<(Edition, Target)>,
    pub(super) layered: BTreeSet<Target>,
    pub(super) published: BTreeSet<Edition>,
    /// Wrapped keys by contact and slot, to be put before the rows are committed.
    pub(super) keys: BTreeMap<(Id, i64), Vec<u8>>,
    /// Contacts whose keys go, but for one slot.
    pub(super) doomed: BTreeMap<Id, Option<i64>>,
    pub(super) erasures: i64,
    pub(super) changes: Vec<Touched>,
    pub(super) audit: Vec<u8>,
    pub(super) audit_entries: u32,
}

impl Plan {
    /// Adds a batch of somebody who sees an edition, all of it or nothing.
    pub(super) fn add(
        &mut self,
        facts: &Facts,
        batch: &Batch,
        sees: Option<Edition>,
    ) -> Result<(), StoreError> {
        let mut desk = Desk {
            facts,
            before: self,
            own: Plan::default(),
            edition: batch.edition(),
            sees,
            touched: BTreeSet::new(),
        };
        for expect in &batch.expects {
            desk.check(expect)?;
        }
        let asks = |write: &Write| matches!(write, Write::Where(..));
        if batch.audit.is_empty() && batch.writes.iter().any(asks) {
            return Err(StoreError::Invalid {
                what: "a place in the audit trail of what is not in it",
            });
        }
        if desk.edition != BASE {
            desk.must_be_pending(desk.edition)?;
        }
        for write in &batch.writes {
            desk.write(write)?;
        }
        if let Some(edition) = batch.publish {
            desk.must_be_pending(edition)?;
            desk.own.published.insert(edition);
        }
        let (mut own, mut touched) = (desk.own, desk.touched);
        Touched::once(&mut touched);
        own.changes.extend(touched);
        own.changes.extend(batch.publish.map(|_| Touched::Many));
        own.audit.extend_from_slice(&batch.audit);
        own.audit_entries = batch.audit_entries;
        self.absorb(own);
        Ok(())
    }

    /// Takes over what one more batch does.
    fn absorb(&mut self, own: Plan) {
        own.wiped.into_iter().for_each(|contact| self.wipe(contact));
        own.removed_records.into_iter().for_each(|key| self.remove_record(key));
        own.lifted_records.into_iter().for_each(|key| self.lift_record(key));
        own.lifted_objects.into_iter().for_each(|key| self.lift_object(key));
        own.removed_lookups.into_iter().for_each(|(hash, target)| self.remove_lookup(hash, target));
        own.closed.into_iter().for_each(|(object, day)| self.close(object, day));
        self.contacts.extend(own.contacts);
        self.revised.retain(|key, _| !own.records.contains_key(&(*key, BASE)));
        self.records.extend(own.records);
        self.revised.extend(own.revised);
        self.objects.extend(own.objects);
        self.lookups.extend(own.lookups);
        self.entries.extend(own.entries);
        self.absent.extend(own.absent);
        self.staged.extend(own.staged);
        self.layered.extend(own.layered);
        self.published.extend(own.published);
        self.keys.extend(own.keys);
        self.doomed.extend(own.doomed);
        self.erasures += own.erasures;
        self.changes.extend(own.changes);
        self.audit.extend(own.audit);
        self.audit_entries = self.audit_entries.saturating_add(own.audit_entries);
    }

    fn wipe(&mut self, contact: Id) {
        self.records.retain(|(key, _), _| key.contact != contact);
        self.revised.retain(|key, _| key.contact != contact);
        self.lookups.retain(|(_, target, _)| *target != Target::Contact(contact));
        self.keys.retain(|(whose, _), _| *whose != contact);
        self.wiped.insert(contact);
    }

    fn remove_record(&mut self, key: RecordKey) {
        for edition in editions(&self.records, key) {
            self.records.remove(&(key, edition));
        }
        self.revised.remove(&key);
        self.removed_records.insert(key);
    }

    fn lift_record(&mut self, key: RecordKey) {
        for edition in editions(&self.records, key).into_iter().filter(|edition| *edition != BASE) {
            self.records.remove(&(key, edition));
        }
        self.lifted_records.insert(key);
    }

    fn lift_object(&mut self, key: (u8, Id)) {
        for edition in editions(&self.objects, key).into_iter().filter(|edition| *edition != BASE) {
            self.objects.remove(&(key, edition));
        }
        self.lifted_objects.insert(key);
    }

    fn remove_lookup(&mut self, hash: Hash, target: Target) {
        let of_both = (hash, target, Edition::MIN)..=(hash, target, Edition::MAX);
        let put: Vec<_> = self.lookups.range(of_both).copied().collect();
        for lookup in put {
            self.lookups.remove(&lookup);
        }
        self.removed_lookups.insert((hash, target));
    }

    fn close(&mut self, object: (u8, Id), day: i32) {
        for record in self.records.values_mut().filter(|record| record.about == Some(object)) {
            record.closed = day;
        }
        self.closed.insert(object, day);
    }

    /// Changes the layers of a record into what they are after this.
    fn change_record(&self, key: &RecordKey, layers: &mut Layers) {
        if self.wiped.contains(&key.contact) || self.removed_records.contains(key) {
            layers.clear();
        }
        if self.lifted_records.contains(key) {
            layers.retain(|edition, _| *edition == BASE);
        }
        let put = self.records.range((*key, Edition::MIN)..=(*key, Edition::MAX));
        layers.extend(put.map(|((_, edition), row)| (*edition, row.version)));
        layers.extend(self.revised.get(key).map(|revision| (BASE, revision.version)));
    }

    fn change_object(&self, key: &(u8, Id), layers: &mut Layers) {
        if self.lifted_objects.contains(key) {
            layers.retain(|edition, _| *edition == BASE);
        }
        let put = self.objects.range((*key, Edition::MIN)..=(*key, Edition::MAX));
        layers.extend(put.map(|((_, edition), row)| (*edition, row.version)));
    }

    fn change_lookup(&self, hash: &Hash, target: &Target, editions: &mut BTreeSet<Edition>) {
        let wiped = matches!(target, Target::Contact(contact) if self.wiped.contains(contact));
        if wiped || self.removed_lookups.contains(&(*hash, *target)) {
            editions.clear();
        }
        let of_both = (*hash, *target, Edition::MIN)..=(*hash, *target, Edition::MAX);
        editions.extend(self.lookups.range(of_both).map(|(_, _, edition)| *edition));
    }
}

/// The editions under which something is put at a key.
fn editions<K: Ord + Copy, R>(rows: &BTreeMap<(K, Edition), R>, key: K) -> Vec<Edition> {
    let range = rows.range((key, Edition::MIN)..=(key, Edition::MAX));
    range.map(|((_, edition), _)| *edition).collect()
}

/// Where one batch is worked out.
struct Desk<'a> {
    facts: &'a Facts,
    /// What the batches before it do.
    before: &'a Plan,
    own: Plan,
    /// The edition of the batch; its look-ups and keys belong to it.
    edition: Edition,
    sees: Option<Edition>,
    /// What changed, each target once.
    touched: BTreeSet<Touched>,
}

impl Desk<'_> {
    fn standing(&self, id: &Id) -> Option<Standing> {
        let planned = self.own.contacts.get(id).or_else(|| self.before.contacts.get(id));
        match planned {
            Some((row, _)) => {
                Some(Standing { edition: row.edition, version: row.version, erased: row.erased })
            }
            None => self.facts.contacts.get(id).copied(),
        }
    }

    fn record_layers(&self, key: &RecordKey) -> Layers {
        let mut layers = self.facts.records.get(key).cloned().unwrap_or_default();
        self.before.change_record(key, &mut layers);
        self.own.change_record(key, &mut layers);
        layers
    }

    fn object_layers(&self, key: &(u8, Id)) -> Layers {
        let mut layers = self.facts.objects.get(key).cloned().unwrap_or_default();
        self.before.change_object(key, &mut layers);
        self.own.change_object(key, &mut layers);
        layers
    }

    fn lookup_editions(&self, hash: &Hash, target: &Target) -> BTreeSet<Edition> {
        let mut editions = self.facts.lookups.get(&(*hash, *target)).cloned().unwrap_or_default();
        self.before.change_lookup(hash, target, &mut editions);
        self.own.change_lookup(hash, target, &mut editions);
        editions
    }

    fn entry(&self, key: &(Space, Vec<u8>)) -> Option<&Vec<u8>> {
        let planned = self.own.entries.get(key).or_else(|| self.before.entries.get(key));
        match planned {
            Some(value) => value.as_ref(),
            None => self.facts.entries.get(key),
        }
    }

    /// Whether rows of an edition count for whoever the batch is of.
    fn shows(&self, edition: Edition) -> bool {
        edition == BASE
            || self.sees == Some(edition)
            || !self.facts.editions.contains_key(&edition)
            || self.before.published.contains(&edition)
    }

    fn visible_version(&self, layers: &Layers) -> i64 {
        self.visible(layers).map_or(0, |(_, version)| version)
    }

    /// Edition and version of the row that counts.
    fn visible(&self, layers: &Layers) -> Option<(Edition, i64)> {
        let mut seen = layers.iter().rev().filter(|(edition, _)| self.shows(**edition));
        seen.next().map(|(edition, version)| (*edition, *version))
    }

    fn must_be_pending(&self, edition: Edition) -> Result<(), StoreError> {
        let pending = self.facts.editions.get(&edition) == Some(&false);
        if pending && !self.before.published.contains(&edition) {
            Ok(())
        } else {
            Err(Conflict::Edition.into())
        }
    }

    fn check(&mut self, expect: &Expect) -> Result<(), StoreError> {
        let (holds, what) = match expect {
            Expect::Contact(id, version) => {
                let seen = self.standing(id).filter(|contact| self.shows(contact.edition));
                (seen.map_or(0, |contact| contact.version) == *version, Conflict::Contact)
            }
            Expect::Record(key, version) => {
                (self.visible_version(&self.record_layers(key)) == *version, Conflict::Record)
            }
            Expect::Object(kind, id, version) => {
                let layers = self.object_layers(&(*kind, *id));
                (self.visible_version(&layers) == *version, Conflict::Object)
            }
            Expect::NoEntry(space, key) => {
                let place = (*space, key.clone());
                let none = self.entry(&place).is_none();
                if none && !self.facts.entries.contains_key(&place) {
                    self.own.absent.insert(place);
                }
                (none, Conflict::Entry)
            }
            Expect::Entry(space, key, value) => {
                (self.entry(&(*space, key.clone())) == Some(value), Conflict::Entry)
            }
        };
        if holds { Ok(()) } else { Err(what.into()) }
    }

    fn write(&mut self, write: &Write) -> Result<(), StoreError> {
        let edition = write.edition();
        if edition != BASE && edition != self.edition {
            return Err(StoreError::Invalid { what: "rows of two editions" });
        }
        match write {
            Write::Contact(row) => {
                self.must_be_puttable(row)?;
                self.own.contacts.insert(row.id, (row.clone(), None));
                self.wrote(edition, Target::Contact(row.id), Touched::Contact(row.id));
            }
            Write::Record(row) => self.put_record(row)?,
            Write::Revise(revision) => self.revise(revision)?,
            Write::RemoveRecord(key) => {
                if !self.record_layers(key).is_empty() {
                    self.own.remove_record(*key);
                    let touched = Touched::Records(key.contact);
                    self.wrote(BASE, Target::Contact(key.contact), touched);
                }
            }
            Write::Object(row) => self.put_object(row),
            Write::Close { kind, id, day } => {
                self.own.close((*kind, *id), *day);
                self.wrote(BASE, Target::Object(*kind, *id), Touched::Object(*kind, *id));
            }
            Write::Lookup(hash, target) => self.put_lookup(hash, target)?,
            Write::Unlook(hash, target) => {
                if !self.lookup_editions(hash, target).is_empty() {
                    self.own.remove_lookup(*hash, *target);
                    self.wrote(BASE, *target, looked_up(target));
                }
            }
            Write::Key(contact, wrapped) => {
                self.must_live(contact)?;
                self.own.keys.insert((*contact, 0), wrapped.clone());
                self.wrote(self.edition, Target::Contact(*contact), Touched::Contact(*contact));
            }
            Write::Erase { tombstone, kept, key } => self.erase(tombstone, kept, key.as_deref())?,
            Write::Entry(space, key, value) => {
                self.own.entries.insert((*space, key.clone()), Some(value.clone()));
            }
            Write::RemoveEntry(space, key) => {
                self.own.entries.insert((*space, key.clone()), None);
            }
            Write::Where(space, key) => {
                let place = self.facts.link.encode();
                self.own.entries.insert((*space, key.clone()), Some(place));
            }
        }
        Ok(())
    }

    fn must_be_puttable(&self, row: &ContactRow) -> Result<(), StoreError> {
        if row.erased {
            return Err(StoreError::Invalid { what: "a contact is erased without `Erase`" });
        }
        match self.standing(&row.id) {
            Some(before) if before.erased => Err(Conflict::Erased.into()),
            // A contact of an edition would be hidden until that is published.
            Some(before) if row.edition != BASE && before.edition != row.edition => {
                Err(Conflict::Exists.into())
            }
            _ => Ok(()),
        }
    }

    /// Whether the edition of this batch brings the contact. An error where it was erased.
    fn must_live(&self, contact: &Id) -> Result<bool, StoreError> {
        let standing = self.standing(contact);
        if standing.is_some_and(|found| found.erased) {
            return Err(Conflict::Erased.into());
        }
        Ok(standing.is_none_or(|found| found.edition == self.edition))
    }

    fn put_record(&mut self, row: &RecordRow) -> Result<(), StoreError> {
        let is_new = self.must_live(&row.key.contact)?;
        let target = Target::Contact(row.key.contact);
        let layers = self.record_layers(&row.key);
        let others = layers.keys().any(|other| *other != row.edition);
        if row.edition == BASE && others {
            self.own.lift_record(row.key);
        }
        if row.edition == BASE {
            self.own.revised.remove(&row.key);
        }
        self.own.records.insert((row.key, row.edition), row.clone());
        self.wrote(row.edition, target, Touched::Records(row.key.contact));
        // What this edition brings has nothing of another.
        if row.edition != BASE && !is_new && others {
            self.own.layered.insert(target);
        }
        Ok(())
    }

    fn revise(&mut self, revision: &Revision) -> Result<(), StoreError> {
        let key = revision.key;
        let _is_new = self.must_live(&key.contact)?;
        let layers = self.record_layers(&key);
        if self.visible(&layers) != Some((BASE, revision.version - 1)) {
            return Err(Conflict::Record.into());
        }
        if layers.len() > 1 {
            self.own.lift_record(key);
        }
        let place = (key, BASE);
        // What this batch or one before it puts is put otherwise; what is there changes.
        let put = self.own.records.get(&place).cloned().or_else(|| {
            let mut row = self.before.records.get(&place)?.clone();
            // What this batch has closed by now is not closed yet where the others put it.
            if let Some(day) = row.about.and_then(|object| self.own.closed.get(&object)) {
                row.closed = *day;
            }
            Some(row)
        });
        if let Some(row) = put {
            let Revision { version, expires, objected, open, .. } = revision.clone();
            let row = RecordRow { version, expires, objected, open, ..row };
            self.own.records.insert(place, row);
        } else {
            self.own.revised.insert(key, revision.clone());
        }
        self.wrote(BASE, Target::Contact(key.contact), Touched::Records(key.contact));
        Ok(())
    }

    fn put_object(&mut self, row: &ObjectRow) {
        let (key, target) = ((row.kind, row.id), Target::Object(row.kind, row.id));
        let others = self.object_layers(&key).keys().any(|other| *other != row.edition);
        if row.edition == BASE && others {
            self.own.lift_object(key);
        }
        self.own.objects.insert((key, row.edition), row.clone());
        self.wrote(row.edition, target, Touched::Object(row.kind, row.id));
        if row.edition != BASE && others {
            self.own.layered.insert(target);
        }
    }

    /// A look-up of the base edition takes the place of all editions; one of another edition is not
    /// needed beside it.
    fn put_lookup(&mut self, hash: &Hash, target: &Target) -> Result<(), StoreError> {
        let is_new = match target {
            Target::Contact(contact) => self.must_live(contact)?,
            Target::Object(..) => false,
        };
        let editions = self.lookup_editions(hash, target);
        if self.edition == BASE && editions.iter().any(|other| *other != BASE) {
            self.own.remove_lookup(*hash, *target);
        }
        if self.edition == BASE || !editions.contains(&BASE) {
            self.own.lookups.insert((*hash, *target, self.edition));
        }
        self.wrote(self.edition, *target, looked_up(target));
        let others = editions.iter().any(|other| *other != self.edition);
        if self.edition != BASE && !is_new && others {
            self.own.layered.insert(*target);
        }
        Ok(())
    }

    fn erase(
        &mut self,
        tombstone: &ContactRow,
        kept: &[RecordRow],
        key: Option<&[u8]>,
    ) -> Result<(), StoreError> {
        let contact = tombstone.id;
        if kept.iter().any(|record| record.key.contact != contact || record.edition != BASE) {
            return Err(StoreError::Invalid {
                what: "a kept record is another's, or of an edition",
            });
        }
        if !tombstone.erased || tombstone.edition != BASE {
            return Err(StoreError::Invalid {
                what: "a tombstone is not erased, or of an edition",
            });
        }
        // The version is the slot of the key of what is kept, so it must be a new one.
        let before = self.standing(&contact).map_or(0, |found| found.version);
        if tombstone.version <= before {
            return Err(Conflict::Contact.into());
        }
        let keep = key.map(|_| tombstone.version);
        self.own.wipe(contact);
        self.own.contacts.insert(contact, (tombstone.clone(), keep));
        for record in kept {
            self.own.records.insert((record.key, BASE), record.clone());
        }
        if let Some(wrapped) = key {
            self.own.keys.insert((contact, tombstone.version), wrapped.to_vec());
        }
        self.own.doomed.insert(contact, keep);
        self.own.erasures += 1;
        self.wrote(BASE, Target::Contact(contact), Touched::Contact(contact));
        Ok(())
    }

    /// Takes note that a target has got rows: of an edition they are staged, else it has changed.
    fn wrote(&mut self, edition: Edition, target: Target, touched: Touched) {
        if edition == BASE {
            self.touched.insert(touched);
        } else {
            self.own.staged.insert((edition, target));
        }
    }
}

/// What changes with a look-up.
const fn looked_up(target: &Target) -> Touched {
    match target {
        Target::Contact(id) => Touched::Records(*id),
        Target::Object(kind, id) => Touched::Object(*kind, *id),
    }
}
