//! Erasure (GDPR Art. 17): everything of a contact goes, except what a law obliges to keep.
//!
//! What is kept is sealed anew under a fresh key; then the contact's own key is destroyed, and with
//! it every copy of the rest, wherever it lies. A tombstone keeps the id dead, and keyed hashes of
//! the addresses keep an import from quietly starting again.

use gantry_notice::model::{Basis, FieldKind};
use gantry_notice::{CategoryId, ContactState, Flags, KindId, Mode, Operation, PurposeId, Reason};
use gantry_store::{
    BASE, Batch, Expect, Id, ObjectFilter, ObjectRow, RecordRow, Space, Target, Write,
};
use gantry_vault::{Address, ContactKey, Place, open, seal};
use serde::Serialize;
use uuid::Uuid;

use crate::audit::About as Whom;
use crate::cache::Known;
use crate::error::EngineError;
use crate::record::{OpenRecord, state_of};
use crate::session::identified::Identified;
use crate::session::lookup::{object_hashes, person_hash};
use crate::session::put::contact_row;

/// What an erasure did; it names nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// Records deleted.
    pub deleted: usize,
    /// Records that a law obliges to keep.
    pub kept: Vec<Kept>,
    /// Addresses, and keys of other systems, that are kept from starting the contact again.
    pub suppressed: usize,
}

/// Records kept, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Their category.
    pub category: String,
    /// The purpose that obliges.
    pub purpose: String,
    /// How many.
    pub records: usize,
    /// The last day of the latest.
    pub until: String,
}

/// Records of a contact that one erasure reads at a time.
const BATCH: usize = 2_000;

impl Identified {
    /// Erases a contact.
    pub async fn erase(&self, contact: Uuid) -> Result<Erased, EngineError> {
        self.for_requests(Operation::Change)?;
        let id = *contact.as_bytes();
        self.retried(|| self.erase_once(id)).await
    }

    async fn erase_once(&self, id: Id) -> Result<Erased, EngineError> {
        let known = self.known(id, Operation::Change).await?;
        if known.state.flags.any(Flags::ERASED) {
            return self.refuse(Reason::Erased, None, Operation::Change, Whom::One(id));
        }
        let inner = &self.engine.inner;
        let mut random = inner.entropy.fork();
        let residual = ContactKey::generate(&mut random);
        let (mut done, mut kept, mut writes) = (Erased::default(), Vec::new(), Vec::new());
        let mut expects = vec![Expect::Contact(id, known.version)];
        let mut after = None;
        loop {
            let rows = inner.store.records(id, None, after, BATCH).await?.value;
            for row in &rows {
                for hash in self.suppressed(row, &known)? {
                    writes.push(Write::Entry(Space::Suppressed, hash.to_vec(), self.day_bytes()));
                    done.suppressed += 1;
                }
                match self.obliged(row, &known.state) {
                    Some(reason) => {
                        // A change that was made meanwhile is kept, too.
                        expects.push(Expect::Record(row.key, row.version));
                        kept.push(resealed(row, &known, &residual, &mut random)?);
                        note_kept(&mut done.kept, reason);
                    }
                    None => done.deleted += 1,
                }
            }
            after = rows.last().map(|row| row.key);
            if rows.len() < BATCH {
                break;
            }
        }
        for (entry, _) in inner.store.entries(Space::Import, &id, None, BATCH).await? {
            let hash = entry.get(id.len()..).unwrap_or_default().to_vec();
            writes.push(Write::Entry(Space::Suppressed, hash, self.day_bytes()));
            writes.push(Write::RemoveEntry(Space::Import, entry));
            done.suppressed += 1;
        }
        let key = if kept.is_empty() {
            None
        } else {
            let wrapped = inner.vault.wrap(&id, &residual, &mut random);
            Some(wrapped.map_err(|_| EngineError::Corrupt("a key that cannot be wrapped"))?)
        };
        let kept_for = kept.iter().fold(0, |set, row| set | PurposeId(row.collected_for).bit());
        self.blank_objects(&id, kept_for, &mut expects, &mut writes).await?;
        writes.push(Write::Erase { tombstone: tombstone(id, &known, kept_for), kept, key });
        let batch = Batch { expects, writes, ..Batch::default() };
        let categories: Vec<u8> = self.desk.readable().map(|category| category.0).collect();
        let (now, whom) = (inner.clock.now(), Whom::One(id));
        let entry = self.desk.entry(now, Operation::Change, categories, whom, 1);
        self.commit_as(batch, entry.called("erase".to_owned())).await?;
        Ok(done)
    }

    /// What objects say that is about the person goes with the person: an object that is a sole
    /// trader, unless a purpose that is obliged to keep records works with it; and what belongs to
    /// that company, of kinds that no obliged purpose works with, for nobody could read it any more.
    async fn blank_objects(
        &self,
        id: &Id,
        kept_for: u64,
        expects: &mut Vec<Expect>,
        writes: &mut Vec<Write>,
    ) -> Result<(), EngineError> {
        let inner = &self.engine.inner;
        let policy = self.desk.policy.policy();
        let hash = person_hash(&inner.vault, id);
        let obliged = policy.lexicon().purposes().filter(|purpose| {
            let declared = policy.purpose(*purpose);
            declared.is_some_and(|purpose| purpose.basis == Basis::LegalObligation)
        });
        let obliged = obliged.fold(0, |set, purpose| set | purpose.bit());
        for target in inner.store.lookup(&hash, None, BATCH).await? {
            let Target::Object(kind, object) = target else { continue };
            let row = inner.store.objects(kind, &[object]).await?.value.into_iter().next();
            let Some(row) = row.flatten().filter(|row| row.person == Some(*id)) else { continue };
            let kinds =
                policy.notice().objects.keys().filter_map(|name| policy.lexicon().kind(name));
            for kind in kinds.filter(|kind| !self.works(*kind, obliged)) {
                let filter =
                    ObjectFilter { kind: kind.0, company: Some(object), ..ObjectFilter::default() };
                let mut after = None;
                loop {
                    let rows = inner.store.object_page(&filter, after, BATCH).await?.value;
                    after = rows.last().map(|row| row.id).filter(|_| rows.len() == BATCH);
                    for row in rows {
                        self.blank(row, expects, writes);
                    }
                    if after.is_none() {
                        break;
                    }
                }
            }
            if !self.works(KindId(kind), kept_for) {
                self.blank(row, expects, writes);
            }
        }
        Ok(())
    }

    /// Whether any of some purposes works with a kind of object.
    fn works(&self, kind: KindId, purposes: u64) -> bool {
        let policy = self.desk.policy.policy();
        let declared = policy.notice().objects.get(policy.lexicon().kind_name(kind));
        declared.is_some_and(|declared| {
            let mut works = declared.read.iter().chain(&declared.write);
            works.any(|name| {
                let purpose = policy.lexicon().purpose(name);
                purpose.is_some_and(|purpose| purposes & purpose.bit() != 0)
            })
        })
    }

    /// Takes everything away that an object says.
    fn blank(&self, row: ObjectRow, expects: &mut Vec<Expect>, writes: &mut Vec<Write>) {
        let (policy, vault) = (self.desk.policy.policy(), &self.engine.inner.vault);
        let target = Target::Object(row.kind, row.id);
        let name = policy.lexicon().kind_name(KindId(row.kind));
        let declared = policy.notice().objects.get(name);
        let hashes = declared.map(|declared| object_hashes(vault, name, declared, &row.body));
        let hashes = hashes.unwrap_or_default().into_iter();
        writes.extend(hashes.map(|hash| Write::Unlook(hash, target)));
        expects.push(Expect::Object(row.kind, row.id, row.version));
        let version = row.version + 1;
        writes.push(Write::Object(ObjectRow { version, edition: BASE, body: Vec::new(), ..row }));
    }

    /// The purpose that a law obliges to keep the record, if there is one: the record was collected
    /// for it, it works with identified people, it rests as a whole on a legal obligation (a duty to
    /// heed, on which a single use may rest, is none to keep), and its window is still open.
    fn obliged(&self, row: &RecordRow, contact: &ContactState) -> Option<Kept> {
        let (dated, policy) = (&self.desk.policy, self.desk.policy.policy());
        let (lexicon, category) = (policy.lexicon(), CategoryId(row.key.category));
        let purpose = PurposeId(row.collected_for);
        let declared = policy.purpose(purpose)?;
        if declared.basis != Basis::LegalObligation || declared.mode != Mode::Identified {
            return None;
        }
        let usual = declared.uses.keys().next()?;
        let use_id = lexicon.use_of(purpose, usual)?;
        let state = state_of(row, self.engine.inner.clock.now());
        let until = dated.last_day(use_id, category, contact, &state).filter(|_| !state.expired)?;
        (until >= dated.today()).then(|| Kept {
            category: lexicon.category_name(category).to_owned(),
            purpose: lexicon.purpose_name(purpose).to_owned(),
            records: 1,
            until: until.to_string(),
        })
    }

    /// Whether a law obliges another purpose to keep the record: then this one does not end it.
    pub(crate) fn is_kept_by_another(&self, row: &RecordRow, contact: &ContactState) -> bool {
        row.collected_for != self.desk.purpose.0 && self.obliged(row, contact).is_some()
    }

    /// Whether a purpose rests as a whole on a legal obligation.
    pub(crate) fn is_duty(&self, purpose: u8) -> bool {
        let declared = self.desk.policy.policy().purpose(PurposeId(purpose));
        declared.is_some_and(|purpose| purpose.basis == Basis::LegalObligation)
    }

    fn suppressed(&self, row: &RecordRow, known: &Known) -> Result<Vec<[u8; 32]>, EngineError> {
        let policy = self.desk.policy.policy();
        let Some(declared) = policy.category(CategoryId(row.key.category)) else {
            return Ok(Vec::new());
        };
        if !declared.fields.values().any(|field| field.kind == FieldKind::Email) {
            return Ok(Vec::new());
        }
        let opened = OpenRecord::for_index(row, known.key.as_ref())?;
        let addresses = opened.fields()?.filter_map(|(name, value)| {
            let field = declared.fields.get(name)?;
            let email = field.kind == FieldKind::Email;
            email.then(|| self.engine.inner.vault.suppression(Address::Email(value))).flatten()
        });
        Ok(addresses.collect())
    }

    fn day_bytes(&self) -> Vec<u8> {
        self.desk.policy.today().0.to_be_bytes().to_vec()
    }
}

/// What is left of the state: the days on which windows count, and who may still look.
fn tombstone(id: Id, known: &Known, kept_for: u64) -> gantry_store::ContactRow {
    let mut state = ContactState::new(gantry_notice::Country::NONE, known.state.told);
    state.flags.set(Flags::ERASED, true);
    state.kept_for = kept_for;
    state.last_activity = known.state.last_activity;
    state.end_of_relation = known.state.end_of_relation;
    contact_row(id, known.version + 1, known.created, &state, None)
}

fn resealed(
    row: &RecordRow,
    known: &Known,
    residual: &ContactKey,
    random: &mut dyn rand::CryptoRng,
) -> Result<RecordRow, EngineError> {
    let unreadable = || EngineError::Unreadable { what: "record".to_owned() };
    let mut row = row.clone();
    if !row.sealed.is_empty() {
        let place =
            Place { contact: row.key.contact, category: row.key.category, record: row.key.id };
        let key = known.key.as_ref().ok_or_else(unreadable)?;
        let plain = open(key, place, &row.sealed).map_err(|_| unreadable())?;
        row.sealed = seal(residual, place, &plain, random).map_err(|_| unreadable())?;
    }
    row.version += 1;
    // An import's edition ended when it was published.
    row.edition = BASE;
    Ok(row)
}

fn note_kept(all: &mut Vec<Kept>, one: Kept) {
    let same = |kept: &&mut Kept| kept.category == one.category && kept.purpose == one.purpose;
    match all.iter_mut().find(same) {
        Some(kept) => {
            kept.records += one.records;
            if one.until > kept.until {
                kept.until = one.until;
            }
        }
        None => all.push(one),
    }
}
