//! Gantry itself: in a file within the process, or on PostgreSQL. Each record is a record of its user,
//! who is the contact; the purpose decides who sees it; its time is its end; what the user objects to
//! is an objection to one use of it.

use std::future::Future;
use std::hint::black_box;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use gantry_engine::actor::{Account, Actor};
use gantry_engine::audit::{Filter, Trail, TrailSetup};
use gantry_engine::draft::{ContactDraft, FieldTexts, RecordChange, RecordDraft};
use gantry_engine::session::{Identified, MAX_BATCH, Which};
use gantry_engine::{Cause, Clock, Engine, EngineError, Entropy, Parts, PasswordCost, Work, found};
use gantry_store::{Location, Setup, Store, StoreError};
use gantry_vault::{MasterKey, Vault, link_hash};
use rand::SeedableRng;
use rand::rngs::StdRng;
use tempfile::TempDir;
use tokio::task::{AbortHandle, JoinSet};
use uuid::Uuid;

use super::item::{Field, PURPOSES, USERS, key, ttl};
use super::mix::Mix;
use super::notice::{PERSON, REGULATION, REQUESTS, category, purpose, text};
use super::system::{Client, System};
use crate::door::house::tick;
use crate::postgres::Server;
use crate::{Failure, Outcome};

/// Who puts records at once.
const LOADERS: usize = 64;
/// How long ago records were put when the clock starts.
const AGO: i64 = 31_000;
/// Records of a user in one page.
const PAGE: usize = 500;

/// Where the store is.
enum Place {
    File,
    Server { server: Arc<Server>, made: AtomicU32 },
}

/// Gantry with a store that is made anew for each run.
pub(super) struct Gantry {
    place: Place,
    house: Mutex<Option<Arc<House>>>,
}

/// A store, the engine on it, and where everything is in it: as an application keeps the keys of what
/// it has put.
struct House {
    engine: Engine,
    people: Vec<Uuid>,
    /// Of each record the number of its user, and its id.
    items: RwLock<Vec<(u32, Uuid)>>,
    ticking: AbortHandle,
    _folder: TempDir,
}

impl Drop for House {
    fn drop(&mut self) {
        self.ticking.abort();
    }
}

impl Gantry {
    /// In a file.
    pub(super) fn embedded() -> Gantry {
        Gantry { place: Place::File, house: Mutex::new(None) }
    }

    /// On a server.
    pub(super) fn on(server: Arc<Server>) -> Gantry {
        let place = Place::Server { server, made: AtomicU32::new(0) };
        Gantry { place, house: Mutex::new(None) }
    }

    fn location(&self, folder: &TempDir) -> Outcome<Location> {
        match &self.place {
            Place::File => Ok(Location::Sqlite(folder.path().join("gantry.db"))),
            Place::Server { server, made } => {
                server.location(&format!("gantry{}", made.fetch_add(1, Ordering::Relaxed)))
            }
        }
    }

    fn house(&self) -> Outcome<Arc<House>> {
        let house = self.house.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(house.clone().ok_or("nothing was loaded")?)
    }
}

impl System for Gantry {
    type Client = Working;

    fn name(&self) -> &'static str {
        match self.place {
            Place::File => "Gantry",
            Place::Server { .. } => "Gantry on PostgreSQL",
        }
    }

    fn answers(&self, _: Mix) -> bool {
        true
    }

    async fn load(&self, count: u32) -> Outcome<()> {
        self.house.lock().unwrap_or_else(PoisonError::into_inner).take();
        let folder = tempfile::tempdir()?;
        let location = self.location(&folder)?;
        // Half a minute ago, so that what lives for as long has ended when the clock goes on.
        let clock = Clock::standing_at(Clock::System.now() - AGO);
        let store = Store::create(&location, setup(&clock)).await?;
        let account =
            Account { name: "anna".into(), roles: vec!["*".into()], created: clock.now() };
        found(&store, &text(), &account, Uuid::from_u128(7)).await?;
        let engine = open(&folder, store, clock).await?;
        let people = add_people(&engine, count.saturating_add(2_000).min(USERS)).await?;
        let items = add_items(&engine, &people, count).await?;
        engine.close().await?;
        drop(engine);
        let store = Store::open(&location, setup(&Clock::System)).await?;
        let engine = open(&folder, store, Clock::System).await?;
        let ticking = tokio::spawn(tick(engine.clone())).abort_handle();
        let items = RwLock::new(items);
        let house = House { engine, people, items, ticking, _folder: folder };
        *self.house.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(house));
        Ok(())
    }

    async fn expire(&self) -> Outcome<u64> {
        let requests = session(&self.house()?.engine, REQUESTS).await?;
        Ok(u64::try_from(requests.sweep(usize::MAX).await?.removed)?)
    }

    async fn client(&self, _: Mix) -> Outcome<Working> {
        let house = self.house()?;
        let mut by_purpose = Vec::new();
        for number in 0..PURPOSES {
            by_purpose.push(session(&house.engine, &purpose(number)).await?);
        }
        let requests = session(&house.engine, REQUESTS).await?;
        let regulation = session(&house.engine, REGULATION).await?;
        Ok(Working { house, by_purpose, requests, regulation })
    }

    fn cpu_outside(&self) -> Outcome<f64> {
        match &self.place {
            Place::File => Ok(0.0),
            Place::Server { server, .. } => server.cpu_seconds(),
        }
    }
}

fn setup(clock: &Clock) -> Setup {
    let clock = clock.clone();
    Setup { link_hash, now: Arc::new(move || clock.now()), readers: 8 }
}

async fn open(folder: &TempDir, store: Store, clock: Clock) -> Outcome<Engine> {
    let vault = Arc::new(Vault::new(&MasterKey::generate(&mut StdRng::seed_from_u64(9))));
    let entropy = Entropy::system();
    let trail = Trail::new(TrailSetup {
        path: folder.path().join("gantry.db"),
        store_id: *Uuid::from_u128(7).as_bytes(),
        process: *entropy.id(clock.now()).as_bytes(),
        vault: Arc::clone(&vault),
        strict: false,
        checkpoints: None,
    });
    let password_cost = PasswordCost::default();
    let parts = Parts { store, vault, trail, clock, entropy, region: None, password_cost };
    Ok(Engine::open(parts).await?)
}

async fn session(engine: &Engine, purpose: &str) -> Outcome<Identified> {
    let actor = Actor { name: "anna".into(), roles: vec!["*".into()], purposes: None };
    let session = engine.session(&actor, &Work::on(purpose, Cause::Request)).await?;
    Ok(session.into_identified()?)
}

/// Does something for each number, many at once, and gathers what comes of it, in order.
async fn each<T, W>(count: u32, work: impl Fn(u32) -> W) -> Outcome<Vec<T>>
where
    T: Send + 'static,
    W: Future<Output = Outcome<T>> + Send + 'static,
{
    let (mut running, mut done, mut next) = (JoinSet::new(), Vec::new(), 0);
    loop {
        while next < count && running.len() < LOADERS {
            let (number, one) = (next, work(next));
            running.spawn(async move { (number, one.await) });
            next += 1;
        }
        match running.join_next().await {
            Some(one) => {
                let (number, one) = one?;
                done.push((number, one?));
            }
            None => break,
        }
    }
    done.sort_unstable_by_key(|(number, _)| *number);
    Ok(done.into_iter().map(|(_, one)| one).collect())
}

async fn add_people(engine: &Engine, count: u32) -> Outcome<Vec<Uuid>> {
    let requests = Arc::new(session(engine, REQUESTS).await?);
    each(count, |n| {
        let requests = Arc::clone(&requests);
        async move {
            let fields = FieldTexts::from_iter([("name".to_owned(), format!("user{n}"))]);
            let data = [(PERSON.to_owned(), fields)].into_iter().collect();
            let draft = ContactDraft { data, ..ContactDraft::default() };
            Ok(requests.add_contact(&draft).await?.id)
        }
    })
    .await
}

async fn add_items(engine: &Engine, people: &[Uuid], count: u32) -> Outcome<Vec<(u32, Uuid)>> {
    let mut sessions = Vec::new();
    for number in 0..PURPOSES {
        sessions.push(Arc::new(session(engine, &purpose(number)).await?));
    }
    let now = engine.clock().now();
    each(count, |n| {
        let session = usize::try_from(n % PURPOSES).ok().and_then(|at| sessions.get(at)).cloned();
        let person = person(people, n % USERS);
        async move {
            let session = session.ok_or("a purpose without a session")?;
            Ok((n % USERS, add_item(&session, person?, n, now).await?))
        }
    })
    .await
}

fn person(people: &[Uuid], user: u32) -> Outcome<Uuid> {
    let found = usize::try_from(user).ok().and_then(|at| people.get(at));
    Ok(*found.ok_or("a user who was not loaded")?)
}

async fn add_item(session: &Identified, person: Uuid, n: u32, now: i64) -> Outcome<Uuid> {
    let draft = RecordDraft {
        category: category(n % PURPOSES),
        expires: Some(end(n, now)?),
        objects_to: Some(objection(n)),
        fields: fields(n),
        ..RecordDraft::default()
    };
    Ok(session.add_record(person, &draft).await?.id.parse()?)
}

/// When the time of record `n` is over that is put now.
fn end(n: u32, now: i64) -> Outcome<String> {
    let end = now.saturating_add(i64::from(ttl(n)).saturating_mul(1_000));
    Ok(jiff::Timestamp::from_millisecond(end)?.to_string())
}

/// The use that the user of record `n` objects to.
fn objection(n: u32) -> String {
    format!("{}.{}", purpose(n % PURPOSES), Field::Objection.value(n))
}

/// The fields of record `n` by their names in the notice.
fn fields(n: u32) -> FieldTexts {
    let all = [Field::Decision, Field::Access, Field::Shared, Field::Source, Field::Category];
    let pairs = all.into_iter().chain([Field::Data]).map(|field| (name(field), field.value(n)));
    let own = [("key", key(n))].into_iter();
    own.chain(pairs).map(|(name, value)| (name.to_owned(), value)).collect()
}

const fn name(field: Field) -> &'static str {
    match field {
        Field::Decision => "decision",
        Field::Access => "access",
        Field::Shared => "shared",
        Field::Source => "origin",
        Field::Category => "kind",
        Field::Data => "data",
        Field::Purpose | Field::Ttl | Field::User | Field::Objection => "",
    }
}

/// A client: a session for each purpose.
pub(super) struct Working {
    house: Arc<House>,
    by_purpose: Vec<Identified>,
    requests: Identified,
    regulation: Identified,
}

impl Working {
    /// The session of the purpose of record `n`.
    fn of(&self, n: u32) -> Outcome<&Identified> {
        let found = usize::try_from(n % PURPOSES).ok().and_then(|at| self.by_purpose.get(at));
        Ok(found.ok_or("a purpose without a session")?)
    }

    fn user(&self, user: u32) -> Outcome<Uuid> {
        person(&self.house.people, user)
    }

    /// Where record `n` is: its user's number, its contact, its id.
    fn place(&self, n: u32) -> Outcome<(u32, Uuid, Uuid)> {
        let items = self.house.items.read().unwrap_or_else(PoisonError::into_inner);
        let found = usize::try_from(n).ok().and_then(|at| items.get(at)).copied();
        let (user, id) = found.ok_or("a record that was not loaded")?;
        Ok((user, self.user(user)?, id))
    }

    /// Notes that records have gone to another user.
    fn moved(&self, to: u32, which: impl Fn(usize, u32) -> bool) {
        let mut items = self.house.items.write().unwrap_or_else(PoisonError::into_inner);
        for (n, (user, _)) in items.iter_mut().enumerate() {
            if which(n, *user) {
                *user = to;
            }
        }
    }

    /// Puts a field to the value of record `n`.
    async fn update(&self, n: u32, field: Field, which: &Which) -> Outcome<usize> {
        let (session, item) = (self.of(n)?, category(n % PURPOSES));
        let change = RecordChange::default();
        let done = match field {
            Field::Ttl => {
                let expires = Some(end(n, Clock::System.now())?);
                session.change_where(&item, which, &RecordChange { expires, ..change }).await?
            }
            Field::Objection => {
                let objects_to = Some(objection(n));
                let change = RecordChange { objects_to, ..change };
                self.requests.change_where(&item, which, &change).await?
            }
            Field::User => session.assign_where(&item, which, self.user(n % USERS)?).await?,
            field => {
                let fields = [(name(field).to_owned(), field.value(n))].into_iter().collect();
                session.change_where(&item, which, &RecordChange { fields, ..change }).await?
            }
        };
        Ok(done.changed + done.already)
    }
}

/// A record that is not there, or not to be seen, is none.
fn or_none<T>(answer: Result<T, EngineError>) -> Outcome<usize> {
    match answer {
        Ok(_) => Ok(1),
        Err(EngineError::NotFound { .. } | EngineError::Refused(_)) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

impl Client for Working {
    async fn read_key(&self, n: u32) -> Outcome<usize> {
        let (_, person, id) = self.place(n)?;
        or_none(black_box(self.of(n)?.record(person, &category(n % PURPOSES), id).await))
    }

    async fn read_purpose(&self, n: u32) -> Outcome<usize> {
        let (session, item) = (self.of(n)?, category(n % PURPOSES));
        let (mut count, mut after) = (0, None);
        let mut batches = Vec::new();
        loop {
            let batch = session.collected(&item, after.as_deref(), MAX_BATCH).await?;
            for record in batch.iter() {
                black_box((record.contact(), record.expires(), record.fields().count()));
            }
            count += batch.len();
            after.clone_from(&batch.next);
            batches.push(batch);
            if after.is_none() {
                return Ok(count);
            }
        }
    }

    async fn read_user(&self, n: u32) -> Outcome<usize> {
        let (person, item) = (self.user(n % USERS)?, category(n % PURPOSES));
        let session = self.of(n)?;
        let (mut count, mut after) = (0, None);
        loop {
            let (page, _) = session.records(person, Some(&item), after.as_deref(), PAGE).await?;
            count += page.items.len();
            after = page.next;
            if after.is_none() {
                return Ok(count);
            }
        }
    }

    async fn update_key(&self, n: u32) -> Outcome<usize> {
        let (user, person, id) = self.place(n)?;
        let item = category(n % PURPOSES);
        let change = RecordChange {
            fields: fields(n),
            expires: Some(end(n, Clock::System.now())?),
            objects_to: Some(objection(n)),
            version: None,
        };
        let done = self.requests.change_record_by(person, &item, id, &change).await;
        let count = or_none(done)?;
        if count > 0 && user != n % USERS {
            let which = Which::Record(person, id);
            self.of(n)?.assign_where(&item, &which, self.user(n % USERS)?).await?;
            self.moved(n % USERS, |at, _| u32::try_from(at) == Ok(n));
        }
        Ok(count)
    }

    async fn update_by_purpose(&self, n: u32, field: Field) -> Outcome<usize> {
        let which = Which::Collected(Some(purpose(n % PURPOSES)));
        let count = self.update(n, field, &which).await?;
        if field == Field::User {
            self.moved(n % USERS, |at, _| {
                u32::try_from(at).is_ok_and(|at| at % PURPOSES == n % PURPOSES)
            });
        }
        Ok(count)
    }

    async fn update_by_user(&self, n: u32, field: Field) -> Outcome<usize> {
        // All of a user have the same purpose, and so its value is that of `n` already.
        self.update(n, field, &Which::Contact(self.user(n % USERS)?)).await
    }

    async fn delete_key(&self, n: u32) -> Outcome<usize> {
        let (_, person, id) = self.place(n)?;
        or_none(self.of(n)?.remove_record(person, &category(n % PURPOSES), id, None).await)
    }

    async fn insert(&self, n: u32) -> Outcome<usize> {
        let now = Clock::System.now();
        let id = add_item(self.of(n)?, self.user(n % USERS)?, n, now).await?;
        let mut items = self.house.items.write().unwrap_or_else(PoisonError::into_inner);
        let at = usize::try_from(n)?;
        if items.len() <= at {
            items.resize(at + 1, (n % USERS, Uuid::nil()));
        }
        if let Some(place) = items.get_mut(at) {
            *place = (n % USERS, id);
        }
        Ok(1)
    }

    async fn metadata_of_user(&self, n: u32) -> Outcome<usize> {
        let (person, item) = (self.user(n % USERS)?, category(n % PURPOSES));
        let (mut count, mut after) = (0, None);
        loop {
            let (page, withheld) =
                self.regulation.records(person, Some(&item), after.as_deref(), PAGE).await?;
            // Of those whose time is over it is said how many they are.
            count += page.items.len() + withheld.iter().map(|one| one.records).sum::<usize>();
            after = page.next;
            if after.is_none() {
                return Ok(count);
            }
        }
    }

    async fn read_log(&self, lines: u32) -> Outcome<usize> {
        let lines = usize::try_from(lines)?;
        let entries = self.regulation.trail_newest(&Filter::default(), lines).await?;
        Ok(black_box(entries).len())
    }

    async fn verify_deletion(&self, n: u32) -> Outcome<usize> {
        let (_, person, id) = self.place(n)?;
        let found = self.regulation.removed(person, &category(n % PURPOSES), id).await?;
        match (found.held, found.entry) {
            (false, None) => Err("a record is gone, and the trail does not know why".into()),
            (held, _) => Ok(usize::from(held)),
        }
    }

    fn may_repeat(failure: &Failure) -> bool {
        let lost = failure.downcast_ref::<EngineError>();
        lost.is_some_and(|error| {
            matches!(
                error,
                EngineError::Conflict { .. } | EngineError::Store(StoreError::Conflict { .. })
            )
        })
    }
}
