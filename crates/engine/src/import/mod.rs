//! Imports: many rows of another system, written in batches that nobody sees until the end.
//!
//! Rows are matched by the source's own keys (or by e-mail address), so that the same file twice
//! changes nothing. New things are written under an edition of the store that is published last,
//! in one transaction with what contacts already there have said; a crash leaves nothing visible.

mod address;
mod chunk;
mod fault;
mod fill;
mod findings;
mod names;
mod pass;
mod people;
mod preview;
mod report;
mod same;
mod things;
mod undo;

use std::collections::{BTreeMap, BTreeSet};

use gantry_intake::{Draft, Saying};
use gantry_notice::{CategoryId, ContactState, Day, Flags, Operation, Reach};
use gantry_store::{
    Batch, Edition, Expect, Id, ObjectRow, RecordKey, RecordRow, Store, StoreError, Write,
};
use tokio::task::JoinHandle;

use crate::audit::About as Whom;
use crate::error::EngineError;
use crate::session::Identified;
use crate::session::put::contact_row;

pub use crate::record::check_source;
pub use fault::RowFault;
pub use fill::Fillable;
pub use findings::{Findings, OfFile};
/// Files and maps, for whoever speaks to the engine alone.
pub use gantry_intake::{
    Becomes, ByHand, CsvOptions, DateForm, FAULT, FileError, Format, Glance, Header, InputFile,
    MAX_MAP, Map, MapError, MappedFile, Misfit, Near, OpenError, Part, Rejects, TargetOf, country,
    guarded,
};
pub use pass::Onlooker;
pub use preview::{Preview, PreviewColumn, PreviewRow};
pub use report::{BadRow, ImportReport, Outcome};

/// Rows of one batch: large enough to be written in sorted runs, small enough to wait for.
pub const ROWS: usize = 4_000;
/// Records and objects that a dry import remembers, each: a hundred megabytes or so. Of a larger
/// file, what is met again long after may be counted twice.
const IMAGINED: usize = 200_000;
/// A publication that loses against other writers this often is given up.
const ATTEMPTS: usize = 10;

/// An import under way, for one purpose.
pub struct Import<'s> {
    session: &'s Identified,
    /// The store as this import sees it: with its own rows.
    store: Store,
    edition: Edition,
    source: String,
    dry: bool,
    names: names::Names,
    /// What contacts that were there before have said, or got; applied when the rest is published.
    later: BTreeMap<Id, Later>,
    /// Companies that are a person from now on, and who it is.
    personal: BTreeMap<(u8, Id), Id>,
    /// Objects that are closed or open again: of what is about them, the windows follow when the
    /// rest is published.
    closed: BTreeSet<(u8, Id)>,
    in_flight: Option<InFlight>,
    imagined: Imagined,
    report: ImportReport,
}

/// What a dry import would have made, and no store remembers.
#[derive(Default)]
struct Imagined {
    people: BTreeMap<Id, chunk::Person>,
    records: BTreeMap<RecordKey, RecordRow>,
    objects: BTreeMap<(u8, Id), ObjectRow>,
}

/// A batch that is being written, and what it is about.
struct InFlight {
    /// Contacts as the batch leaves them: rows of one mostly go on in the next batch.
    people: BTreeMap<Id, chunk::Person>,
    records: BTreeSet<RecordKey>,
    objects: BTreeSet<(u8, Id)>,
    writing: JoinHandle<Result<(), StoreError>>,
}

impl Imagined {
    /// Remembers what a chunk would have written, and whom it would have made.
    fn remember(&mut self, chunk: chunk::Chunk) {
        self.people.extend(chunk.people.into_iter().filter(|(_, person)| person.new));
        let records = chunk.records.into_iter().filter(|(key, _)| chunk.written.contains(key));
        let objects = chunk.objects.into_iter().filter(|(key, _)| chunk.built.contains(key));
        for (key, row) in records {
            if self.records.len() < IMAGINED || self.records.contains_key(&key) {
                self.records.insert(key, row);
            }
        }
        for (key, row) in objects {
            if self.objects.len() < IMAGINED || self.objects.contains_key(&key) {
                self.objects.insert(key, row);
            }
        }
    }
}

/// What changes the state of a contact that was there before.
#[derive(Clone, Debug, Default)]
struct Later {
    said: Vec<Saying>,
    company: Option<Id>,
    sole_trader: bool,
    last_activity: Option<Day>,
    /// What was written of it, and was decided on its state then.
    wrote: Vec<(CategoryId, Operation)>,
}

impl Identified {
    /// Begins an import from a source. A dry one looks at everything and writes nothing.
    pub async fn import(&self, source: &str, dry: bool) -> Result<Import<'_>, EngineError> {
        self.within_level(Operation::Collect, Whom::Nobody)?;
        crate::record::check_source(source)?;
        let store = &self.engine.inner.store;
        // What a killed import left is nobody's; what another one is writing is not ours to repeat.
        if store.discard_abandoned().await? > 0 {
            while store.settle(ROWS).await? {}
        }
        let taken = || EngineError::Conflict { what: format!("import from `{source}`") };
        let others = store.pending().await?;
        if others.iter().any(|(_, note)| note == source.as_bytes()) {
            return Err(taken());
        }
        let edition = if dry { 0 } else { store.begin_edition(source.as_bytes()).await? };
        // Of those who looked and began in the same moment, the first goes on.
        let others = if dry { Vec::new() } else { store.pending().await? };
        if others.iter().any(|(other, note)| *other < edition && note == source.as_bytes()) {
            store.discard(edition).await?;
            return Err(taken());
        }
        Ok(Import {
            session: self,
            store: if dry { store.clone() } else { store.seeing(edition) },
            edition,
            source: source.to_owned(),
            dry,
            names: names::Names::default(),
            later: BTreeMap::new(),
            personal: BTreeMap::new(),
            closed: BTreeSet::new(),
            in_flight: None,
            imagined: Imagined::default(),
            report: ImportReport::default(),
        })
    }
}

impl Import<'_> {
    /// Takes rows: writes what is good, and says which rows do not fit the notice.
    pub async fn take(&mut self, rows: &[Draft]) -> Result<Vec<BadRow>, EngineError> {
        let mut bad = Vec::new();
        for (n, rows) in rows.chunks(ROWS).enumerate() {
            let found = chunk::take(self, rows).await?;
            bad.extend(found.into_iter().map(|row| BadRow { index: n * ROWS + row.index, ..row }));
        }
        Ok(bad)
    }

    /// What was done so far.
    pub const fn report(&self) -> &ImportReport {
        &self.report
    }

    /// Publishes everything at once, and says what was done.
    pub async fn finish(mut self) -> Result<ImportReport, EngineError> {
        if let Err(error) = self.land().await {
            self.store.discard(self.edition).await?;
            return Err(error);
        }
        if self.dry {
            return Ok(std::mem::take(&mut self.report));
        }
        for _ in 0..ATTEMPTS {
            match self.publish().await {
                Err(EngineError::Store(StoreError::Conflict { .. })) => {}
                Err(error) => {
                    self.store.discard(self.edition).await?;
                    return Err(error);
                }
                Ok(()) => {
                    while self.store.settle(ROWS).await? {}
                    return Ok(std::mem::take(&mut self.report));
                }
            }
        }
        self.store.discard(self.edition).await?;
        Err(EngineError::Conflict { what: "contacts of this import".to_owned() })
    }

    /// Gives everything up: nothing of the import stays.
    pub async fn abandon(mut self) -> Result<(), EngineError> {
        let landed = self.land().await;
        if !self.dry {
            self.store.discard(self.edition).await?;
            while self.store.settle(ROWS).await? {}
        }
        landed
    }

    /// Whether a row of that edition was written by this import.
    const fn made(&self, edition: Edition) -> bool {
        !self.dry && edition == self.edition
    }

    /// Waits for the batch that is being written.
    async fn land(&mut self) -> Result<(), EngineError> {
        if let Some(batch) = self.in_flight.take() {
            let written = batch.writing.await.map_err(|_| StoreError::Closed)?;
            // Somebody else has changed or erased meanwhile what the batch was decided on.
            written.map_err(|error| match error {
                StoreError::Conflict { what } => EngineError::Conflict { what: what.to_string() },
                other => other.into(),
            })?;
        }
        Ok(())
    }

    /// Hands a batch to the writer and goes on meanwhile.
    async fn launch(&mut self, batch: Batch, chunk: chunk::Chunk) -> Result<(), EngineError> {
        self.land().await?;
        let store = self.store.clone();
        let writing = tokio::spawn(async move { store.commit(batch).await.map(drop) });
        let (people, records, objects) = (chunk.people, chunk.written, chunk.built);
        self.in_flight = Some(InFlight { people, records, objects, writing });
        Ok(())
    }

    async fn publish(&mut self) -> Result<(), EngineError> {
        let ids: Vec<Id> = self.later.keys().copied().collect();
        let (mut expects, mut writes) = (Vec::new(), Vec::new());
        for ids in ids.chunks(ROWS) {
            let rows = self.store.contacts(ids).await?.value;
            for row in rows.into_iter().flatten() {
                let state = ContactState::decode(&row.state);
                let before = state.ok_or(EngineError::Corrupt("the state of a contact"))?;
                let Some(later) = self.later.get(&row.id) else { continue };
                if before.flags.any(Flags::ERASED) {
                    continue;
                }
                // Whoever has objected since then is heard before anything is seen.
                let desk = &self.session.desk;
                let still = |(category, operation): &(CategoryId, Operation)| {
                    desk.permit_any(*category, *operation, &before).is_ok()
                };
                if !later.wrote.iter().all(still) {
                    return Err(EngineError::Conflict { what: "contacts of this import".into() });
                }
                let state = later.applied(&before, desk.policy.today());
                let company = later.company.or(row.company);
                if company != row.company
                    && desk.links_companies(Operation::Change, &before).is_err()
                {
                    return Err(EngineError::Conflict { what: "contacts of this import".into() });
                }
                let same = state == before && company == row.company;
                if same && later.wrote.is_empty() {
                    continue;
                }
                expects.push(Expect::Contact(row.id, row.version));
                if same {
                    continue;
                }
                writes.push(Write::Contact(contact_row(
                    row.id,
                    row.version + 1,
                    row.created,
                    &state,
                    company,
                )));
            }
        }
        expects.push(self.session.desk.notice_stands());
        let changed = writes.iter().filter_map(|write| match write {
            Write::Contact(row) => Some(row.id),
            _ => None,
        });
        let changed: Vec<Id> = changed.collect();
        self.publish_objects(&mut expects, &mut writes).await?;
        let (session, now) = (self.session, self.session.engine.inner.clock.now());
        let mut batch = Batch { expects, writes, publish: Some(self.edition), ..Batch::default() };
        let of_all = std::iter::once((Whom::Nobody, changed.len()));
        let of_each = changed.chunks(ROWS).map(|ids| (Whom::Many(ids.to_vec()), ids.len()));
        for (whom, count) in of_all.chain(of_each) {
            let entry = session.desk.entry(now, Operation::Collect, Vec::new(), whom, count);
            entry.encode_into(&mut batch.audit).map_err(|e| EngineError::Audit(e.to_string()))?;
            batch.audit_entries += 1;
        }
        self.store.commit(batch).await?;
        Ok(())
    }

    /// What is published of objects beside their rows: whose they are, which another writer must not
    /// have undone meanwhile, and their days of closing, which records about them carry.
    async fn publish_objects(
        &self,
        expects: &mut Vec<Expect>,
        writes: &mut Vec<Write>,
    ) -> Result<(), EngineError> {
        let keys: BTreeSet<(u8, Id)> = self.personal.keys().chain(&self.closed).copied().collect();
        let keys: Vec<(u8, Id)> = keys.into_iter().collect();
        for of_kind in keys.chunk_by(|a, b| a.0 == b.0) {
            let kind = of_kind.first().map_or(0, |(kind, _)| *kind);
            let ids: Vec<Id> = of_kind.iter().map(|(_, id)| *id).collect();
            let rows = self.store.objects(kind, &ids).await?.value;
            for row in rows.into_iter().flatten() {
                let key = (kind, row.id);
                if self.personal.get(&key).is_some_and(|person| row.person != Some(*person)) {
                    return Err(EngineError::Conflict { what: "companies of this import".into() });
                }
                expects.push(Expect::Object(kind, row.id, row.version));
                if self.closed.contains(&key) {
                    writes.push(Write::Close { kind, id: row.id, day: row.closed });
                }
            }
        }
        Ok(())
    }
}

impl Drop for Import<'_> {
    /// An import that is neither finished nor abandoned is as good as dead.
    fn drop(&mut self) {
        if !self.dry {
            self.store.let_go(self.edition);
        }
    }
}

impl Later {
    fn applied(&self, before: &ContactState, today: Day) -> ContactState {
        let mut state = before.clone();
        for said in &self.said {
            hear(&mut state, *said);
        }
        if self.sole_trader {
            state.flags.set(Flags::SOLE_TRADER, true);
        }
        if let Some(day) = self.last_activity {
            state.last_activity = state.last_activity.max(day.min(today));
            // Something new brings a contact back from the archive.
            state.flags.set(Flags::ARCHIVED, false);
        }
        state
    }
}

/// Notes what a source says that a contact said. Nothing that a contact closed is opened by an
/// import, and nothing that it opted in to is taken back by a mere flag.
fn hear(state: &mut ContactState, said: Saying) {
    match said {
        Saying::ObjectsMarketing => state.flags.set(Flags::OBJECTS_MARKETING, true),
        Saying::ObjectsProfiling => state.flags.set(Flags::OBJECTS_PROFILING, true),
        Saying::Closed(channel) => state.set_reach(channel, Reach::Closed),
        Saying::OptedIn(channel) if state.reach(channel) != Reach::Closed => {
            state.set_reach(channel, Reach::OptedIn);
        }
        Saying::NotOptedIn(channel) if state.reach(channel) == Reach::Unasked => {
            state.set_reach(channel, Reach::NotOptedIn);
        }
        Saying::OptedIn(_) | Saying::NotOptedIn(_) => {}
        Saying::CustomerToday => state.flags.set(Flags::CUSTOMER, true),
    }
}
