//! Applying a batch within a transaction, and what it means for keys and the feed of changes.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use crate::error::{Conflict, StoreError};
use crate::row::{
    Batch, ContactRow, Edition, Expect, Id, LinkPlace, ONE_CHAIN, RecordRow, Target, Touched, Write,
};
use crate::sqlite::contact::Standing;
use crate::sqlite::edition::{self, Editions};
use crate::sqlite::keys::{Doomed, NewKey};
use crate::sqlite::reader::View;
use crate::sqlite::{audit, contact, entry, lookup, object, record};

/// What a batch asks for besides rows.
#[derive(Debug, Default)]
pub(super) struct Effects {
    /// What changed, each target once.
    pub(super) touched: BTreeSet<Touched>,
    /// Keys to be put before the commit.
    pub(super) keys: Vec<NewKey>,
    /// Contacts whose keys go after the commit.
    pub(super) doomed: Vec<Doomed>,
}

/// Checks what a batch expects, and writes its rows.
pub(super) fn apply(
    main: &Connection,
    editions: &Editions,
    view: &View,
    batch: &Batch,
) -> Result<Effects, StoreError> {
    let mut known = BTreeMap::new();
    for expect in &batch.expects {
        check(main, view, expect, &mut known)?;
    }
    let edition = batch.edition();
    if edition != 0 {
        editions.must_be_pending(edition)?;
    }
    let mut apply = Apply {
        main,
        editions,
        view,
        edition,
        effects: Effects::default(),
        known,
        alive: None,
        staged: None,
    };
    if batch.audit.is_empty() && batch.writes.iter().any(|write| matches!(write, Write::Where(..)))
    {
        return Err(StoreError::Invalid {
            what: "a place in the audit trail of what is not in it",
        });
    }
    for write in &batch.writes {
        apply.write(write)?;
    }
    if let Some(published) = batch.publish {
        editions.must_be_pending(published)?;
        edition::publish(main, published)?;
    }
    Touched::once(&mut apply.effects.touched);
    Ok(apply.effects)
}

/// Contacts as they stood when a batch was held against them: whoever is named there is mostly
/// written to as well.
type Known = BTreeMap<Id, Option<Standing>>;

fn check(
    main: &Connection,
    view: &View,
    expect: &Expect,
    known: &mut Known,
) -> Result<(), StoreError> {
    let (holds, what) = match expect {
        Expect::Contact(id, version) => {
            let found = contact::standing(main, id)?;
            known.insert(*id, found);
            let seen = found.filter(|contact| view.shows(contact.edition));
            (seen.map_or(0, |contact| contact.version) == *version, Conflict::Contact)
        }
        Expect::Record(key, version) => {
            (record::version(main, view, key)? == *version, Conflict::Record)
        }
        Expect::Object(kind, id, version) => {
            (object::version(main, view, *kind, id)? == *version, Conflict::Object)
        }
        Expect::NoEntry(space, key) => {
            (entry::value(main, *space, key)?.is_none(), Conflict::Entry)
        }
        Expect::Entry(space, key, value) => {
            (entry::value(main, *space, key)?.as_ref() == Some(value), Conflict::Entry)
        }
    };
    if holds { Ok(()) } else { Err(what.into()) }
}

struct Apply<'a> {
    main: &'a Connection,
    editions: &'a Editions,
    view: &'a View,
    /// The edition of the batch; its look-ups and keys belong to it.
    edition: Edition,
    effects: Effects,
    known: Known,
    /// The contact that was last found not to be erased, and whether this edition brings it:
    /// records of one come together.
    alive: Option<(Id, bool)>,
    /// What was staged last.
    staged: Option<Target>,
}

impl Apply<'_> {
    fn write(&mut self, write: &Write) -> Result<(), StoreError> {
        let edition = write.edition();
        if edition != 0 && edition != self.edition {
            return Err(StoreError::Invalid { what: "rows of two editions" });
        }
        match write {
            Write::Contact(row) => {
                contact::put(self.main, row)?;
                self.wrote(edition, Target::Contact(row.id), Touched::Contact(row.id))
            }
            Write::Record(row) => {
                let is_new = self.must_live(&row.key.contact)?;
                record::put(self.main, row, self.editions.any)?;
                let target = Target::Contact(row.key.contact);
                self.wrote(edition, target, Touched::Records(row.key.contact))?;
                // What this edition brings has nothing of another.
                if edition != 0 && !is_new && record::is_layered(self.main, row)? {
                    edition::layer(self.main, &target)?;
                }
                Ok(())
            }
            Write::Revise(revision) => {
                let contact = revision.key.contact;
                let _is_new = self.must_live(&contact)?;
                record::revise(self.main, self.view, revision, self.editions.any)?;
                self.wrote(0, Target::Contact(contact), Touched::Records(contact))
            }
            Write::RemoveRecord(key) => {
                if record::remove(self.main, key)? {
                    let touched = Touched::Records(key.contact);
                    self.wrote(0, Target::Contact(key.contact), touched)?;
                }
                Ok(())
            }
            Write::Object(row) => {
                object::put(self.main, row, self.editions.any)?;
                let target = Target::Object(row.kind, row.id);
                self.wrote(edition, target, Touched::Object(row.kind, row.id))?;
                if edition != 0 && object::is_layered(self.main, row)? {
                    edition::layer(self.main, &target)?;
                }
                Ok(())
            }
            Write::Close { kind, id, day } => {
                record::close(self.main, *kind, id, *day)?;
                self.wrote(0, Target::Object(*kind, *id), Touched::Object(*kind, *id))
            }
            Write::Erase { tombstone, kept, key } => self.erase(tombstone, kept, key.as_deref()),
            write => self.write_small(write),
        }
    }

    fn write_small(&mut self, write: &Write) -> Result<(), StoreError> {
        match write {
            Write::Lookup(hash, target) => {
                let is_new = match target {
                    Target::Contact(contact) => self.must_live(contact)?,
                    Target::Object(..) => false,
                };
                lookup::put(self.main, hash, target, self.edition, self.editions.any)?;
                self.wrote(self.edition, *target, looked_up(target))?;
                if self.edition != 0
                    && !is_new
                    && lookup::is_layered(self.main, hash, target, self.edition)?
                {
                    edition::layer(self.main, target)?;
                }
                Ok(())
            }
            Write::Unlook(hash, target) => {
                if lookup::remove(self.main, hash, target)? {
                    self.wrote(0, *target, looked_up(target))?;
                }
                Ok(())
            }
            Write::Key(contact, wrapped) => {
                let _is_new = self.must_live(contact)?;
                let key = NewKey { contact: *contact, slot: 0, wrapped: wrapped.clone() };
                self.effects.keys.push(key);
                self.wrote(self.edition, Target::Contact(*contact), Touched::Contact(*contact))
            }
            Write::Entry(space, key, value) => entry::put(self.main, *space, key, value),
            Write::RemoveEntry(space, key) => entry::remove(self.main, *space, key),
            Write::Where(space, key) => {
                let place = LinkPlace { chain: ONE_CHAIN, sequence: audit::next(self.main)? };
                entry::put(self.main, *space, key, &place.encode())
            }
            // The others are larger.
            _ => Ok(()),
        }
    }

    /// Takes note that a target has got rows: of an edition they are staged, else it has changed.
    fn wrote(
        &mut self,
        edition: Edition,
        target: Target,
        touched: Touched,
    ) -> Result<(), StoreError> {
        if edition == 0 {
            self.effects.touched.insert(touched);
        } else if self.staged != Some(target) {
            edition::stage(self.main, edition, &target)?;
            self.staged = Some(target);
        }
        Ok(())
    }

    /// Whether the edition of this batch brings the contact. An error where it was erased.
    fn must_live(&mut self, contact: &Id) -> Result<bool, StoreError> {
        if let Some((alive, is_new)) = self.alive
            && alive == *contact
        {
            return Ok(is_new);
        }
        let standing = match self.known.get(contact) {
            Some(known) => *known,
            None => contact::standing(self.main, contact)?,
        };
        if standing.is_some_and(|found| found.erased) {
            return Err(Conflict::Erased.into());
        }
        let is_new = standing.is_none_or(|found| found.edition == self.edition);
        self.alive = Some((*contact, is_new));
        Ok(is_new)
    }

    fn erase(
        &mut self,
        tombstone: &ContactRow,
        kept: &[RecordRow],
        key: Option<&[u8]>,
    ) -> Result<(), StoreError> {
        let contact = tombstone.id;
        if kept.iter().any(|record| record.key.contact != contact || record.edition != 0) {
            return Err(StoreError::Invalid {
                what: "a kept record is another's, or of an edition",
            });
        }
        // The version is the slot of the key of what is kept, so it must be a new one.
        let before = contact::standing(self.main, &contact)?.map_or(0, |found| found.version);
        if tombstone.version <= before {
            return Err(Conflict::Contact.into());
        }
        let keep = key.map(|_| tombstone.version);
        record::remove_all(self.main, &contact)?;
        lookup::remove_all(self.main, &contact)?;
        contact::bury(self.main, tombstone, keep)?;
        for record in kept {
            record::put(self.main, record, false)?;
        }
        if let Some(wrapped) = key {
            let slot = tombstone.version;
            self.effects.keys.push(NewKey { contact, slot, wrapped: wrapped.to_vec() });
        }
        self.main.prepare_cached("UPDATE erasures SET count = count + 1")?.execute(())?;
        self.effects.doomed.push(Doomed { contact, keep });
        self.alive = None;
        self.known.remove(&contact);
        self.wrote(0, Target::Contact(contact), Touched::Contact(contact))
    }
}

/// What changes with a look-up.
const fn looked_up(target: &Target) -> Touched {
    match target {
        Target::Contact(id) => Touched::Records(*id),
        Target::Object(kind, id) => Touched::Object(*kind, *id),
    }
}
