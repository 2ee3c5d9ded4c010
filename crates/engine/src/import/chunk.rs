//! One chunk of rows: names are looked up together, what is there is read together, and what is
//! new is written together.

use std::collections::{BTreeMap, BTreeSet};

use gantry_intake::{Draft, Key};
use gantry_notice::{ContactState, Flags, KindId, Operation, Reason};
use gantry_store::{Batch, Expect, Hash, Id, ObjectRow, RecordKey, RecordRow, Target, Write};
use gantry_vault::ContactKey;
use rand::rngs::StdRng;

use crate::audit::About as Whom;
use crate::engine::{keyless, must_be_destroyed};
use crate::error::{EngineError, FieldFault};
use crate::import::names::object_hash;
use crate::import::report::BadRow;
use crate::import::undo::Undo;
use crate::import::{Import, address, hear, people, same, things};

/// What is known and what is to be written while a chunk is being worked on.
pub(super) struct Chunk {
    pub(super) now: i64,
    pub(super) random: StdRng,
    pub(super) people: BTreeMap<Id, Person>,
    /// Records that are there, or are to be, as far as this chunk touches them.
    pub(super) records: BTreeMap<RecordKey, RecordRow>,
    pub(super) objects: BTreeMap<(u8, Id), ObjectRow>,
    /// What of them was there, in which version: a change made since then is not written over.
    seen: BTreeMap<RecordKey, i64>,
    seen_objects: BTreeMap<(u8, Id), i64>,
    pub(super) written: BTreeSet<RecordKey>,
    pub(super) built: BTreeSet<(u8, Id)>,
    pub(super) writes: Vec<Write>,
    pub(super) categories: BTreeSet<u8>,
    /// New companies, and the hashes of their numbers.
    pub(super) companies: Vec<(Id, Vec<Hash>)>,
    /// Objects that are a sole trader's, and that the session may not read.
    pub(super) unreadable: BTreeMap<(u8, Id), Reason>,
    /// Companies that were found to be a person.
    pub(super) personal: BTreeMap<(u8, Id), Id>,
    /// Objects that were closed or opened again.
    pub(super) closed: BTreeSet<(u8, Id)>,
    /// What takes back the row at hand.
    pub(super) undo: Undo,
}

/// A contact as the import knows it.
pub(super) struct Person {
    pub(super) state: ContactState,
    pub(super) key: Option<ContactKey>,
    pub(super) version: i64,
    pub(super) created: i64,
    pub(super) company: Option<Id>,
    /// Made by this import, and not yet published.
    pub(super) new: bool,
    pub(super) changed: bool,
}

/// Takes one chunk.
pub(super) async fn take(
    import: &mut Import<'_>,
    rows: &[Draft],
) -> Result<Vec<BadRow>, EngineError> {
    meet(import, rows).await?;
    let known = same::know_again(import, rows).await?;
    let engine = import.session.engine.clone();
    let mut chunk = Chunk {
        now: engine.inner.clock.now(),
        random: engine.inner.entropy.fork(),
        people: BTreeMap::new(),
        records: BTreeMap::new(),
        objects: BTreeMap::new(),
        seen: BTreeMap::new(),
        seen_objects: BTreeMap::new(),
        written: BTreeSet::new(),
        built: BTreeSet::new(),
        writes: known.into_iter().map(|(hash, target)| Write::Lookup(hash, target)).collect(),
        categories: BTreeSet::new(),
        companies: Vec::new(),
        unreadable: BTreeMap::new(),
        personal: BTreeMap::new(),
        closed: BTreeSet::new(),
        undo: Undo::default(),
    };
    load(import, &mut chunk, rows).await?;
    let mut bad = Vec::new();
    for (index, draft) in rows.iter().enumerate() {
        // Of a bad row nothing stays, as far as it had got.
        let total = std::mem::take(&mut import.report);
        chunk.begin_row(import);
        let faults = row(import, &mut chunk, draft).await?;
        let came_to = std::mem::replace(&mut import.report, total);
        import.report.rows += 1;
        if faults.is_empty() {
            import.report.add(came_to);
        } else {
            chunk.take_back_row(import);
            bad.push(BadRow { index, faults });
        }
    }
    write(import, chunk).await?;
    Ok(bad)
}

async fn row(
    import: &mut Import<'_>,
    chunk: &mut Chunk,
    draft: &Draft,
) -> Result<Vec<FieldFault>, EngineError> {
    let mut faults = Vec::new();
    if let Some(company) = &draft.company {
        faults.extend(things::company(import, chunk, company));
    }
    for object in &draft.objects {
        faults.extend(things::object(import, chunk, object));
    }
    let mut owner = None;
    if let Some(contact) = &draft.contact {
        match people::contact(import, chunk, contact).await? {
            Ok(id) => owner = id,
            Err(more) => faults.extend(more),
        }
    }
    for record in &draft.records {
        faults.extend(people::record(import, chunk, owner, record)?);
    }
    Ok(faults)
}

/// Looks up all names that the rows use.
async fn meet(import: &mut Import<'_>, rows: &[Draft]) -> Result<(), EngineError> {
    let (vault, source) = (&import.session.engine.inner.vault, &import.source);
    let lexicon = import.session.desk.policy.policy().lexicon();
    let mut hashes = Vec::new();
    let mut object = |kind: &str, key: &str| {
        let kind: Option<KindId> = lexicon.kind(kind);
        hashes.extend(kind.and_then(|kind| object_hash(vault, source, kind, key)));
    };
    for draft in rows {
        for company in draft.company.iter().map(|company| &company.key) {
            object(things::COMPANY, company);
        }
        for company in draft.contact.iter().filter_map(|contact| contact.company.as_ref()) {
            object(things::COMPANY, company);
        }
        for one in &draft.objects {
            object(&one.object.kind, &one.object.key);
            if let Some(company) = &one.company {
                object(things::COMPANY, company);
            }
            if let Some(whole) = &one.part_of {
                object(&whole.kind, &whole.key);
            }
        }
        for about in draft.records.iter().filter_map(|record| record.about.as_ref()) {
            object(&about.kind, &about.key);
        }
    }
    hashes.extend(import.names.take_contacts(vault, source, rows.iter().flat_map(contact_keys)));
    // A batch under way may be about to name what is looked up here.
    import.names.meet(&import.store, hashes).await?;
    address::confirm(import).await
}

fn contact_keys(draft: &Draft) -> impl Iterator<Item = &Key> {
    let own = draft.contact.iter().map(|contact| &contact.key);
    own.chain(draft.records.iter().filter_map(|record| record.contact.as_ref()))
}

/// Reads the contacts, records and objects that are there already.
async fn load(
    import: &mut Import<'_>,
    chunk: &mut Chunk,
    rows: &[Draft],
) -> Result<(), EngineError> {
    let engine = import.session.engine.clone();
    let vault = &engine.inner.vault;
    let known = rows.iter().flat_map(contact_keys).filter_map(|key| import.names.contact(key));
    let people: BTreeSet<Id> = known.collect();
    let (records, objects) = (people::keys(import, rows), things::keys(import, rows));
    let waits = import.in_flight.as_ref().is_some_and(|batch| {
        !batch.records.is_disjoint(&records) || !batch.objects.is_disjoint(&objects)
    });
    if waits {
        import.land().await?;
    }
    for id in &people {
        let flying = import.in_flight.as_mut().and_then(|batch| batch.people.remove(id));
        let person = flying.or_else(|| import.imagined.people.remove(id));
        chunk.people.extend(person.map(|person| (*id, Person { changed: false, ..person })));
    }
    let unknown = people.into_iter().filter(|id| !chunk.people.contains_key(id));
    let ids: Vec<Id> = unknown.collect();
    let found = import.store.contacts(&ids).await?.value;
    let wrapped = import.store.keys(&ids).await?;
    must_be_destroyed(&import.store, &keyless(&found, &wrapped)).await?;
    for (row, wrapped) in found.into_iter().zip(wrapped) {
        let Some(row) = row else { continue };
        let state = ContactState::decode(&row.state);
        let mut state = state.ok_or(EngineError::Corrupt("the state of a contact"))?;
        state.flags.set(Flags::ERASED, state.flags.any(Flags::ERASED) || wrapped.is_none());
        // What rows before have said of it is heard when all is published, and counts already.
        let said = import.later.get(&row.id).into_iter().flat_map(|later| &later.said);
        said.for_each(|said| hear(&mut state, *said));
        let key = wrapped.and_then(|wrapped| vault.unwrap(&row.id, &wrapped).ok());
        let person = Person {
            state,
            key,
            version: row.version,
            created: row.created,
            company: row.company,
            new: import.made(row.edition),
            changed: false,
        };
        chunk.people.insert(row.id, person);
    }
    let keys: Vec<RecordKey> = records.into_iter().collect();
    let found = import.store.records_at(&keys).await?.value;
    for row in found.into_iter().flatten() {
        chunk.seen.insert(row.key, row.version);
        chunk.records.insert(row.key, row);
    }
    // Only a dry import has anything to remember.
    for key in &keys {
        chunk.records.extend(import.imagined.records.get(key).map(|row| (*key, row.clone())));
    }
    for key in &objects {
        chunk.objects.extend(import.imagined.objects.get(key).map(|row| (*key, row.clone())));
    }
    for kind in objects.iter().map(|(kind, _)| *kind).collect::<BTreeSet<u8>>() {
        let ids: Vec<Id> = objects.iter().filter(|(k, _)| *k == kind).map(|(_, id)| *id).collect();
        let found = import.store.objects(kind, &ids).await?.value;
        let found: Vec<ObjectRow> = found.into_iter().flatten().collect();
        let refused = import.session.unreadable(&found).await?;
        chunk.unreadable.extend(refused.into_iter().map(|(id, reason)| ((kind, id), reason)));
        for row in found {
            chunk.seen_objects.insert((kind, row.id), row.version);
            chunk.objects.insert((kind, row.id), row);
        }
    }
    Ok(())
}

/// Hands the chunk's writes over, contacts first, records in the order in which they lie.
async fn write(import: &mut Import<'_>, mut chunk: Chunk) -> Result<(), EngineError> {
    // The report tells what of a row was there already: those whom it was held against were read.
    let met = chunk.people.iter().filter(|(_, person)| !person.new);
    let met: Vec<Id> = met.map(|(id, _)| *id).collect();
    if !met.is_empty() {
        let count = chunk.records.len();
        let categories: BTreeSet<u8> = chunk.records.keys().map(|key| key.category).collect();
        let categories = categories.into_iter().collect();
        import.session.note(Operation::Read, categories, Whom::Many(met), count)?;
    }
    import.report.companies_met += met_already(import, &chunk).await?;
    import.closed.append(&mut chunk.closed);
    let personal = std::mem::take(&mut chunk.personal).into_iter();
    import.personal.extend(personal.filter(|(key, person)| {
        chunk.objects.get(key).is_some_and(|row| row.person == Some(*person))
    }));
    if import.dry {
        import.imagined.remember(chunk);
        return Ok(());
    }
    let mut writes = std::mem::take(&mut chunk.writes);
    for (id, person) in &chunk.people {
        if person.new && person.changed {
            let mut row = crate::session::put::contact_row(
                *id,
                person.version,
                person.created,
                &person.state,
                person.company,
            );
            row.edition = import.edition;
            writes.push(Write::Contact(row));
        }
    }
    let (mut about, mut expects) = (Vec::new(), Vec::new());
    for key in &chunk.written {
        expects.extend(chunk.seen.get(key).map(|version| Expect::Record(*key, *version)));
        if let Some(row) = chunk.records.remove(key) {
            if about.last() != Some(&key.contact) {
                about.push(key.contact);
            }
            writes.push(Write::Record(RecordRow { edition: import.edition, ..row }));
        }
    }
    for key in &chunk.built {
        let seen = chunk.seen_objects.get(key);
        expects.extend(seen.map(|version| Expect::Object(key.0, key.1, *version)));
        if let Some(row) = chunk.objects.remove(key) {
            writes.push(Write::Object(ObjectRow { edition: import.edition, ..row }));
        }
    }
    if writes.is_empty() {
        return Ok(());
    }
    let count = chunk.written.len();
    let categories = chunk.categories.iter().copied().collect();
    let desk = &import.session.desk;
    let entry = desk.entry(chunk.now, Operation::Collect, categories, Whom::Many(about), count);
    let mut batch = Batch { expects, writes, ..Batch::default() };
    entry.encode_into(&mut batch.audit).map_err(|e| EngineError::Audit(e.to_string()))?;
    batch.audit_entries = 1;
    import.launch(batch, chunk).await
}

/// How many new companies have a number that another one has already. They stay two: whether they
/// are one is for somebody to say.
async fn met_already(import: &Import<'_>, chunk: &Chunk) -> Result<u64, EngineError> {
    let of_each =
        |(id, hashes): &(Id, Vec<Hash>)| hashes.iter().map(|hash| (*id, *hash)).collect::<Vec<_>>();
    let numbers: Vec<(Id, Hash)> = chunk.companies.iter().flat_map(of_each).collect();
    let hashes: Vec<Hash> = numbers.iter().map(|(_, hash)| *hash).collect();
    let found = import.store.lookup_many(&hashes).await?;
    let mut others: Vec<(u8, Id)> = found.iter().flatten().filter_map(object_of).collect();
    others.sort_unstable();
    others.dedup();
    // That there is one is not told of what the session may not read.
    let mut told = BTreeSet::new();
    for of_kind in others.chunk_by(|a, b| a.0 == b.0) {
        let kind = of_kind.first().map_or(0, |(kind, _)| *kind);
        let ids: Vec<Id> = of_kind.iter().map(|(_, id)| *id).collect();
        let rows = import.store.objects(kind, &ids).await?.value;
        let rows: Vec<ObjectRow> = rows.into_iter().flatten().collect();
        let refused = import.session.unreadable(&rows).await?;
        told.extend(rows.iter().map(|row| row.id).filter(|id| !refused.contains_key(id)));
    }
    let other = |id: &Id, targets: &[Target]| {
        let mut others = targets.iter().filter_map(object_of);
        others.any(|(_, found)| found != *id && told.contains(&found))
    };
    let met = numbers.iter().zip(&found).filter(|((id, _), targets)| other(id, targets));
    let met: BTreeSet<Id> = met.map(|((id, _), _)| *id).collect();
    Ok(u64::try_from(met.len()).unwrap_or(u64::MAX))
}

fn object_of(target: &Target) -> Option<(u8, Id)> {
    match target {
        Target::Object(kind, id) => Some((*kind, *id)),
        Target::Contact(_) => None,
    }
}
