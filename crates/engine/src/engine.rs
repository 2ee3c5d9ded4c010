//! The engine: a store, keys, the notice in force, a clock. It gives sessions, and nothing else
//! leads to people.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use gantry_notice::model::Purpose;
use gantry_notice::{ContactState, DatedPolicy, Flags, Mode, Notice, Policy, Reason, Roles};
use gantry_store::{Batch, ContactRow, Expect, Id, Seen, Space, Standing, Store, Touched, Write};
use gantry_vault::{PasswordCost, Vault};
use tokio::sync::{Semaphore, SemaphorePermit};
use uuid::Uuid;

use crate::accounts::Doorkeeper;
use crate::actor::{Account, Actor, Level, Role};
use crate::audit::{About, Cause, Entry, NO_PURPOSE, NO_USE, Outcome, Trail};
use crate::cache::{Cache, Known};
use crate::clock::{Clock, Entropy};
use crate::door::Desk;
use crate::error::{EngineError, Refusal};
use crate::session::{Session, aggregate, identified, pseudonymous};

/// Contacts and objects that are cleaned up at once.
const SETTLED: usize = 2_000;

/// What an engine is made of.
pub struct Parts {
    /// Rows.
    pub store: Store,
    /// Keys.
    pub vault: Arc<Vault>,
    /// The audit trail of this process.
    pub trail: Trail,
    /// Time.
    pub clock: Clock,
    /// Ids and randomness.
    pub entropy: Entropy,
    /// The region this store is in, where a regime asks.
    pub region: Option<String>,
    /// What the hash of a password costs.
    pub password_cost: PasswordCost,
}

/// The engine; a clone is the same engine.
#[derive(Clone)]
pub struct Engine {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) vault: Arc<Vault>,
    pub(crate) trail: Trail,
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
    pub(crate) region: Option<String>,
    pub(crate) cache: Cache,
    pub(crate) doorkeeper: Doorkeeper,
    policy: RwLock<Arc<DatedPolicy>>,
    /// Turns of those who open whole lists.
    turns: Semaphore,
}

/// Whole lists that are opened at once.
const TURNS: usize = 1;

/// What somebody wants to work for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// The purpose, by its id.
    pub purpose: String,
    /// The use, by its name; the purpose's first where it is missing.
    pub used: Option<String>,
    /// Why.
    pub cause: Cause,
}

impl Work {
    /// Work for a purpose and its usual use.
    pub fn on(purpose: &str, cause: Cause) -> Work {
        Work { purpose: purpose.to_owned(), used: None, cause }
    }

    /// The same purpose for another of its uses.
    #[must_use]
    pub fn used_for(mut self, used: Option<&str>) -> Work {
        self.used = used.map(str::to_owned);
        self
    }
}

/// A purpose of the notice, as far as somebody may work for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomGrant {
    /// The purpose, by its id.
    pub purpose: String,
    /// Up to which level; `None` where no role of the account may work under it.
    pub level: Option<Level>,
}

impl Engine {
    /// Opens an engine on a store that holds at least one version of a notice.
    pub async fn open(parts: Parts) -> Result<Engine, EngineError> {
        parts.trail.must_be_able_to_sign()?;
        let versions = stored_notices(&parts.store).await?;
        let policy = dated(&versions, &parts.clock)?;
        parts.trail.adopt(&parts.store, parts.clock.now()).await?;
        let head = parts.store.head().await?;
        let inner = Inner {
            store: parts.store,
            vault: parts.vault,
            trail: parts.trail,
            clock: parts.clock,
            entropy: parts.entropy,
            region: parts.region,
            cache: Cache::new(head),
            doorkeeper: Doorkeeper::new(parts.password_cost),
            policy: RwLock::new(Arc::new(policy)),
            turns: Semaphore::new(TURNS),
        };
        Ok(Engine { inner: Arc::new(inner) })
    }

    /// What time it is, in milliseconds since 1970 (UTC), by the clock that windows are held against.
    pub fn now(&self) -> i64 {
        self.inner.clock.now()
    }

    /// The notice in force, as it answers today.
    pub fn policy(&self) -> Arc<DatedPolicy> {
        self.inner.policy()
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Ids and randomness.
    pub fn entropy(&self) -> &Entropy {
        &self.inner.entropy
    }

    /// The rows, for work on the store as a whole that opens nothing: checks, copies, figures.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// The audit trail.
    pub fn trail(&self) -> &Trail {
        &self.inner.trail
    }

    /// A session: an actor working for one purpose and one of its uses, under the notice in force
    /// now. A denial is written to the audit trail before it is given.
    pub async fn session(&self, actor: &Actor, work: &Work) -> Result<Session, EngineError> {
        let inner = &self.inner;
        inner.follow_notices().await?;
        let policy = inner.policy();
        let refuse = |reason| Refusal {
            reason,
            purpose: work.purpose.clone(),
            used: work.used.clone().unwrap_or_default(),
            category: None,
            level: None,
        };
        let desk = match desk(Arc::clone(&policy), actor, work) {
            Ok(desk) => desk,
            Err(reason) => {
                inner.trail.append(&no_session(inner, &policy, actor, work, reason))?;
                return Err(refuse(reason).into());
            }
        };
        let engine = self.clone();
        Ok(match desk.mode {
            Mode::Identified => Session::Identified(identified::Identified::new(engine, desk)),
            Mode::Pseudonymous => {
                Session::Pseudonymous(pseudonymous::Pseudonymous::new(engine, desk))
            }
            Mode::Aggregate => Session::Aggregate(aggregate::Aggregate::new(engine, desk)),
        })
    }

    /// All purposes in the notice's order, and up to which level the actor may work under each. For
    /// showing the way: each session is decided on anew.
    pub fn rooms(&self, actor: &Actor) -> Vec<RoomGrant> {
        let policy = self.policy();
        let purposes = policy.policy().notice().purposes.iter();
        let grant = |(id, purpose): (&String, &Purpose)| RoomGrant {
            purpose: id.clone(),
            level: actor.level(id, purpose),
        };
        purposes.map(grant).collect()
    }

    /// Writes what is still on its way and signs a last checkpoint.
    pub async fn close(&self) -> Result<(), EngineError> {
        self.inner.trail.close(&self.inner.store, self.inner.clock.now()).await
    }

    /// Follows what other nodes change, for as long as it is awaited: the notice in force is renewed,
    /// and what is kept in memory of a contact goes once it has changed. Nothing is decided on what
    /// this has seen or not; but the key of somebody who was erased elsewhere does not stay.
    pub async fn watch(&self) -> Result<(), EngineError> {
        const PATIENCE: Duration = Duration::from_secs(5);
        loop {
            let known = self.inner.cache.head();
            let head = self.inner.store.beyond(known, PATIENCE).await?;
            self.inner.follow(head).await?;
        }
    }

    /// How many contacts are kept in memory.
    pub fn remembered(&self) -> usize {
        self.inner.cache.len()
    }

    /// Cleans up after imports: gives up those whose process has died, and clears what published and
    /// discarded ones have left. Several nodes may do so at once: each takes what no other has.
    async fn clean_up(&self) -> Result<(), EngineError> {
        let store = &self.inner.store;
        store.discard_abandoned().await?;
        while store.settle(SETTLED).await? {}
        Ok(())
    }

    /// What a running node does now and then: moves audit entries into the chain (every few
    /// seconds); and about every minute it signs where the chain stands, cleans up after imports, and
    /// forgets sign-ins that are over.
    pub async fn tick(&self, sign: bool) -> Result<(), EngineError> {
        self.inner.trail.drain(&self.inner.store).await?;
        if sign {
            self.inner.trail.checkpoint(&self.inner.store, self.inner.clock.now()).await?;
            self.clean_up().await?;
            self.forget_what_is_over().await?;
            self.enact().await?;
        }
        Ok(())
    }
}

/// Puts the first version of a notice and the first account into a new store.
pub async fn found(
    store: &Store,
    notice: &str,
    account: &Account,
    store_id: Uuid,
) -> Result<(), EngineError> {
    let parsed = parse(notice.as_bytes())?;
    Policy::compile(&[Arc::new(parsed)]).map_err(|e| EngineError::Notice(e.to_string()))?;
    let account_body = encode(account);
    let batch = Batch {
        expects: vec![Expect::NoEntry(Space::Meta, b"store".to_vec())],
        writes: vec![
            Write::Entry(Space::Meta, b"store".to_vec(), store_id.as_bytes().to_vec()),
            Write::Entry(Space::Notice, notice_key(0), notice.as_bytes().to_vec()),
            Write::Entry(Space::Account, account.name.as_bytes().to_vec(), account_body),
        ],
        ..Batch::default()
    };
    store.commit(batch).await?;
    Ok(())
}

fn desk(policy: Arc<DatedPolicy>, actor: &Actor, work: &Work) -> Result<Desk, Reason> {
    let lexicon = policy.policy().lexicon();
    let purpose = lexicon.purpose(&work.purpose).ok_or(Reason::Unknown)?;
    let declared = policy.policy().purpose(purpose).ok_or(Reason::NotInNotice)?;
    // Whoever lacks the purpose does not learn which uses it has.
    let level = actor.level(&work.purpose, declared).ok_or(Reason::RoleLacksPurpose)?;
    let roles = roles_of(&policy, actor);
    let usual = declared.uses.keys().next().map(String::as_str);
    let used = work.used.as_deref().or(usual).ok_or(Reason::Unknown)?;
    let use_id = lexicon.use_of(purpose, used).ok_or(Reason::Unknown)?;
    let mode = policy.policy().mode(use_id).ok_or(Reason::NotInNotice)?;
    Ok(Desk {
        actor: actor.clone(),
        roles,
        level,
        purpose,
        use_id,
        mode,
        cause: work.cause,
        once: None,
        policy,
    })
}

fn no_session(
    inner: &Inner,
    policy: &DatedPolicy,
    actor: &Actor,
    work: &Work,
    reason: Reason,
) -> Entry {
    let purpose = policy.policy().lexicon().purpose(&work.purpose);
    let entry = Entry {
        at: inner.clock.now(),
        actor: actor.name.clone(),
        purpose: purpose.map_or(NO_PURPOSE, |purpose| purpose.0),
        use_id: NO_USE,
        notice: policy.policy().version(),
        cause: work.cause,
        operation: "session".into(),
        categories: Vec::new(),
        about: About::Nobody,
        count: 0,
        outcome: Outcome::Allowed,
        request: None,
    };
    entry.denied(reason)
}

fn roles_of(policy: &DatedPolicy, actor: &Actor) -> Roles {
    let compiled = policy.policy();
    let roles = || actor.roles.iter().filter_map(|text| Role::parse(text));
    if roles().any(|role| role.is_all()) {
        return compiled.roles(compiled.notice().roles.keys().map(String::as_str));
    }
    compiled.roles(roles().map(|role| role.name))
}

impl Inner {
    /// A turn to open a whole list; it ends when it is dropped.
    pub(crate) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // Nobody closes it.
        self.turns.acquire().await.ok()
    }

    pub(crate) fn policy(&self) -> Arc<DatedPolicy> {
        let current = Arc::clone(&self.policy.read().unwrap_or_else(PoisonError::into_inner));
        let today = self.clock.today();
        if current.today() == today {
            return current;
        }
        let renewed = Arc::new(DatedPolicy::new(Arc::clone(current.policy()), today));
        *self.policy.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&renewed);
        renewed
    }

    /// Brings the cache, and the notice in force, as far as a reader has seen.
    pub(crate) async fn follow(&self, head: i64) -> Result<(), EngineError> {
        if self.cache.head() >= head {
            return Ok(());
        }
        let lock = self.cache.lock().await;
        let mut broad = false;
        while self.cache.head() < head {
            let changes = self.store.changes(self.cache.head(), 1_000).await?;
            if changes.is_empty() {
                break;
            }
            broad |= changes.iter().any(|change| change.what == Touched::Many);
            self.cache.follow(&lock, &changes);
        }
        drop(lock);
        if broad { self.renew().await } else { Ok(()) }
    }

    /// Reads the notice in force anew, where there is a newer version than the one known.
    pub(crate) async fn renew(&self) -> Result<(), EngineError> {
        let next = self.policy().policy().version().saturating_add(1);
        if self.store.entry(Space::Notice, &notice_key(next)).await?.is_none() {
            return Ok(());
        }
        let versions = stored_notices(&self.store).await?;
        let renewed = Arc::new(dated(&versions, &self.clock)?);
        *self.policy.write().unwrap_or_else(PoisonError::into_inner) = renewed;
        Ok(())
    }

    /// Brings the notice in force as far as the store is.
    async fn follow_notices(&self) -> Result<(), EngineError> {
        match self.store.standing(&[]).await? {
            Standing::Head(head) => self.follow(head).await,
            Standing::Contacts(_) => self.renew().await,
        }
    }

    /// A contact's state and key, as they are now.
    pub(crate) async fn known_now(&self, id: Id) -> Result<Option<Arc<Known>>, EngineError> {
        let standing = self.store.standing(&[id]).await?;
        self.known(id, &standing).await
    }

    /// A contact's state and key, no older than an answer of the store.
    pub(crate) async fn known(
        &self,
        id: Id,
        standing: &Standing,
    ) -> Result<Option<Arc<Known>>, EngineError> {
        if let Standing::Head(head) = standing {
            self.follow(*head).await?;
        }
        if let Some(known) = Versions::of(standing).still(self.cache.get(&id), &id) {
            return Ok(Some(known));
        }
        let found = self.read_known(&[id]).await?;
        Ok(found.into_iter().next().flatten())
    }

    /// The same for many, read together, in the order asked.
    pub(crate) async fn known_many(
        &self,
        ids: &[Id],
        standing: &Standing,
    ) -> Result<Vec<Option<Arc<Known>>>, EngineError> {
        if let Standing::Head(head) = standing {
            self.follow(*head).await?;
        }
        let versions = Versions::of(standing);
        let mut known: Vec<_> =
            ids.iter().map(|id| versions.still(self.cache.get(id), id)).collect();
        let missing = ids.iter().zip(&known).filter(|(_, known)| known.is_none());
        let missing: Vec<Id> = missing.map(|(id, _)| *id).collect();
        if missing.is_empty() {
            return Ok(known);
        }
        let mut found = self.read_known(&missing).await?.into_iter();
        for known in known.iter_mut().filter(|known| known.is_none()) {
            *known = found.next().flatten();
        }
        Ok(known)
    }

    /// Reads contacts and their keys.
    async fn read_known(&self, ids: &[Id]) -> Result<Vec<Option<Arc<Known>>>, EngineError> {
        // Keys first: whose key is replaced meanwhile is then seen to be erased.
        let mut keys = self.store.keys(ids).await?;
        let mut seen = self.store.contacts(ids).await?;
        if !keyless(&seen.value, &keys).is_empty() {
            // Whoever was made between the two looks has a key by now.
            keys = self.store.keys(ids).await?;
            seen = self.store.contacts(ids).await?;
            must_be_destroyed(&self.store, &keyless(&seen.value, &keys)).await?;
        }
        let Seen { standing, value: rows } = seen;
        // What is kept of the erased has a key of its own, while the one of before may still be there.
        let tombstones = rows.iter().flatten().filter(|row| row.erased);
        let tombstones: Vec<(Id, i64)> = tombstones.map(|row| (row.id, row.version)).collect();
        if !tombstones.is_empty() {
            let kept = self.store.keys_of_kept(&tombstones).await?;
            let erased = rows.iter().zip(&mut keys);
            let erased = erased.filter(|(row, _)| row.as_ref().is_some_and(|row| row.erased));
            for ((_, key), kept) in erased.zip(kept) {
                *key = kept;
            }
        }
        if let Standing::Head(head) = standing {
            self.follow(head).await?;
        }
        let mut known = Vec::with_capacity(ids.len());
        for (row, wrapped) in rows.into_iter().zip(keys) {
            let Some(row) = row else {
                known.push(None);
                continue;
            };
            let id = row.id;
            let entry = Arc::new(self.make_known(&row, wrapped.as_deref())?);
            let lock = self.cache.lock().await;
            self.cache.put(&lock, &standing, id, Arc::clone(&entry));
            known.push(Some(entry));
        }
        Ok(known)
    }

    fn make_known(&self, row: &ContactRow, wrapped: Option<&[u8]>) -> Result<Known, EngineError> {
        let mut state = ContactState::decode(&row.state)
            .ok_or(EngineError::Corrupt("the state of a contact"))?;
        // Whose key was destroyed was erased, though this may be a copy of the data from before.
        state.flags.set(Flags::ERASED, state.flags.any(Flags::ERASED) || wrapped.is_none());
        let key = match wrapped {
            Some(wrapped) => {
                let key = self.vault.unwrap(&row.id, wrapped);
                Some(key.map_err(|e| EngineError::Setup(e.to_string()))?)
            }
            None => None,
        };
        let (version, created, company) = (row.version, row.created, row.company);
        Ok(Known { state, version, created, company, key })
    }
}

/// The contacts that have no key and are not erased, as far as their rows tell.
pub(crate) fn keyless(rows: &[Option<ContactRow>], keys: &[Option<Vec<u8>>]) -> Vec<Id> {
    let both = rows.iter().zip(keys).filter(|(_, key)| key.is_none());
    both.filter_map(|(row, _)| row.as_ref()).filter(|row| !row.erased).map(|row| row.id).collect()
}

/// An error where the key of one of these contacts, who have none, was never destroyed: then it is lost,
/// as with keys that are older than the store, and nobody was erased.
pub(crate) async fn must_be_destroyed(store: &Store, keyless: &[Id]) -> Result<(), EngineError> {
    let destroyed = if keyless.is_empty() { Vec::new() } else { store.destroyed(keyless).await? };
    if destroyed.contains(&false) { Err(EngineError::KeyMissing) } else { Ok(()) }
}

/// The versions of the contacts that an answer is about, by rising id; `None` where the feed says
/// what of the memory counts.
struct Versions(Option<Vec<(Id, i64)>>);

impl Versions {
    fn of(standing: &Standing) -> Versions {
        let Standing::Contacts(rows) = standing else { return Versions(None) };
        let mut versions: Vec<_> = rows.iter().map(|row| (row.id, row.version)).collect();
        versions.sort_unstable();
        Versions(Some(versions))
    }

    /// What memory knows of a contact, where that is as new as the answer.
    fn still(&self, known: Option<Arc<Known>>, id: &Id) -> Option<Arc<Known>> {
        let Some(versions) = &self.0 else { return known };
        let at = versions.binary_search_by_key(id, |(id, _)| *id).ok()?;
        let (_, version) = versions.get(at)?;
        known.filter(|known| known.version == *version)
    }
}

pub(crate) async fn stored_notices(store: &Store) -> Result<Vec<Arc<Notice>>, EngineError> {
    let entries = store.entries(Space::Notice, &[], None, usize::from(u16::MAX)).await?;
    let texts = entries.into_iter().map(|(_, text)| parse(&text).map(Arc::new));
    texts.collect()
}

fn dated(versions: &[Arc<Notice>], clock: &Clock) -> Result<DatedPolicy, EngineError> {
    let policy = Policy::compile(versions).map_err(|e| EngineError::Notice(e.to_string()))?;
    Ok(DatedPolicy::new(Arc::new(policy), clock.today()))
}

pub(crate) fn parse(text: &[u8]) -> Result<Notice, EngineError> {
    Notice::parse_bytes(text, "the stored notice").map_err(|e| EngineError::Notice(e.to_string()))
}

pub(crate) fn notice_key(version: u16) -> Vec<u8> {
    version.to_be_bytes().to_vec()
}

/// Small documents in the store are JSON, so that an operator can read them.
pub(crate) fn encode<T: serde::Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}
