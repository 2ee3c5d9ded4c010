//! The index of a store, kept up to date: built under the use that derives, then following the feed of
//! changes. Whoever asks is answered as of the last change that was acknowledged before.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use gantry_engine::actor::KEEPER;
use gantry_engine::session::{MAX_PAGE, Question};
use gantry_engine::{Cause, Engine, EngineError, Identified};
use gantry_notice::Reason;
use gantry_notice::model::Notice;
use gantry_notice::time::Length;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::audience::{Audience, AudienceError};
use crate::index::{Index, Person};
use crate::model::{Model, ModelError};
use crate::read::Reader;

/// Keeps the index of an engine's store.
#[derive(Debug, Default)]
pub struct Keeper {
    kept: RwLock<Option<Kept>>,
    /// One at a time brings it up to date.
    following: Mutex<()>,
}

#[derive(Debug)]
struct Kept {
    index: Index,
    /// The version of the notice that it is under.
    notice: u16,
    /// The last change that is in it.
    head: i64,
    /// The uses that ask for audiences, by purpose and name.
    uses: Vec<(String, String)>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The audience cannot be read.
    #[error(transparent)]
    Audience(#[from] AudienceError),
    /// The notice has no profiling.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The door said no, or the store failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The use asks for no audiences.
    #[error(
        "the use `{0}` asks for no audiences\nhint: a use that is direct marketing, or reads interests or segments, may; `gantry notice show` tells which"
    )]
    NoAudiences(String),
}

/// Whom an audience takes in, as it may be told.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// How many, or fewer than how many.
    pub count: Count,
    /// How many fit and may not be reached, by the reason.
    pub excluded: BTreeMap<Reason, Count>,
    /// The audience in words.
    pub words: String,
    /// Who they are, by rising place; at most as many as were asked for. None where there are fewer
    /// than may be told.
    pub ids: Vec<Uuid>,
}

/// A number of contacts, as far as it may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// So many.
    Exactly(u64),
    /// Some, but fewer than the smallest segment that the notice lets anybody see.
    Fewer(u32),
}

impl Count {
    fn of(count: u64, smallest: u32) -> Count {
        if count == 0 || count >= u64::from(smallest) {
            return Count::Exactly(count);
        }
        Count::Fewer(smallest)
    }
}

impl Keeper {
    /// Brings the index as far as the store is: built, if there is none under the notice in force.
    pub async fn follow(&self, engine: &Engine) -> Result<(), AskError> {
        let _turn = self.following.lock().await;
        let policy = engine.policy();
        let (version, notice) = (policy.policy().version(), policy.policy().notice());
        let standing = {
            let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
            let kept = kept.as_ref().filter(|kept| kept.notice == version);
            kept.map(|kept| (kept.head, kept.uses.clone()))
        };
        let Some((head, uses)) = standing else { return self.build(engine).await };
        let target = engine.head().await?;
        let mut at = head;
        while at < target {
            let stretch = engine.touched(at).await?;
            if stretch.all {
                return self.build(engine).await;
            }
            if stretch.until == at {
                break;
            }
            let session = deriver(engine).await?;
            let reader = Reader::of(notice, engine.now())?;
            for ids in stretch.contacts.chunks(MAX_PAGE) {
                let seen = session.survey_of(ids, reader.categories(), &uses).await?;
                let people = reader.people(&session, seen).await?;
                self.take(people);
            }
            at = stretch.until;
            self.change(|kept| kept.head = at);
        }
        let now = engine.now();
        self.change(|kept| kept.index.turn_to(now));
        Ok(())
    }

    /// Follows the store until something fails.
    pub async fn watch(&self, engine: &Engine) -> Result<(), AskError> {
        loop {
            self.follow(engine).await?;
            let head = {
                let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
                kept.as_ref().map_or(0, |kept| kept.head)
            };
            engine.beyond(head, PATIENCE).await?;
        }
    }

    async fn build(&self, engine: &Engine) -> Result<(), AskError> {
        // What changes while everybody is read is read once more afterwards.
        let head = engine.head().await?;
        let policy = engine.policy();
        let notice = policy.policy().notice();
        let uses = asking(notice);
        let session = deriver(engine).await?;
        let now = engine.now();
        let reader = Reader::of(notice, now)?;
        let model = Arc::new(Model::of(notice)?);
        let mut index = Index::new(model, keep_days(notice), uses.len(), now);
        let mut after = None;
        loop {
            let (seen, next) = session.survey(after, reader.categories(), &uses).await?;
            for (id, person) in reader.people(&session, seen).await? {
                if let Some(person) = person {
                    index.put(id.into_bytes(), &person);
                }
            }
            after = next;
            if after.is_none() {
                break;
            }
        }
        let kept = Kept { index, notice: policy.policy().version(), head, uses };
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        Ok(())
    }

    fn take(&self, people: Vec<(Uuid, Option<Person>)>) {
        self.change(|kept| {
            for (id, person) in people {
                match person {
                    Some(person) => kept.index.put(id.into_bytes(), &person),
                    None => kept.index.remove(id.as_bytes()),
                }
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut Kept)) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = kept.as_mut() {
            change(kept);
        }
    }

    /// Whom an audience takes in, asked under a session's purpose and use; and at most so many of them.
    pub async fn ask(
        &self,
        engine: &Engine,
        session: &Identified,
        text: &str,
        most: usize,
    ) -> Result<Answer, AskError> {
        self.asked(engine, session, text, |ask| {
            let found = ask.kept.index.find(&ask.audience, ask.use_at, ask.now);
            let count = Count::of(found.count(), ask.smallest);
            let excluded = found.excluded().iter();
            let ids = match count {
                Count::Exactly(_) => ask.kept.index.ids_of(&found, 0, most).0,
                Count::Fewer(_) => Vec::new(),
            };
            Answer {
                count,
                excluded: excluded.map(|(why, n)| (*why, Count::of(*n, ask.smallest))).collect(),
                words: ask.audience.words(ask.kept.index.model(), ask.notice),
                ids: ids.into_iter().map(Uuid::from_bytes).collect(),
            }
        })
        .await
    }

    /// How an audience comes out for a contact that the session may see, in words: whether it fits, and
    /// each of its parts.
    pub async fn explain(
        &self,
        engine: &Engine,
        session: &Identified,
        text: &str,
        contact: Uuid,
    ) -> Result<Explained, AskError> {
        let explained = self
            .asked(engine, session, text, |ask| {
                let (fits, told) =
                    ask.audience.told(&ask.kept.index, contact.as_bytes(), ask.now)?;
                let kept_from = ask.kept.index.kept_from(contact.as_bytes(), ask.use_at);
                Some(Explained { fits, kept_from, words: told.words(ask.notice) })
            })
            .await?;
        // Whoever may not see the contact hears of it what the door says.
        session.contact(contact).await?;
        let missing = || EngineError::NotFound { what: "contact".to_owned() };
        Ok(explained.ok_or_else(missing)?)
    }

    async fn asked<T>(
        &self,
        engine: &Engine,
        session: &Identified,
        text: &str,
        answer: impl FnOnce(Ask<'_>) -> T,
    ) -> Result<T, AskError> {
        let policy = engine.policy();
        let notice = policy.policy().notice();
        let model = Model::of(notice)?;
        let audience = Audience::parse(text, &model)?;
        session.asks(&question(&audience, &model, notice))?;
        let named = session.works_for();
        let asking = asking(notice);
        let use_at = asking.iter().position(|one| *one == named);
        let use_at =
            use_at.ok_or_else(|| AskError::NoAudiences(format!("{}.{}", named.0, named.1)))?;
        self.follow(engine).await?;
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.as_ref().ok_or(ModelError::NoProfiling)?;
        let smallest = notice.profiling.as_ref().map_or(u32::MAX, |one| one.smallest_segment);
        let now = engine.now();
        Ok(answer(Ask { kept, audience, use_at, smallest, notice, now }))
    }
}

/// How an audience comes out for one contact.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// Whether it fits.
    pub fits: bool,
    /// Why the use may not reach it, if so.
    pub kept_from: Option<Reason>,
    /// Each part, and how it comes out.
    pub words: String,
}

struct Ask<'a> {
    kept: &'a Kept,
    audience: Audience,
    use_at: usize,
    smallest: u32,
    notice: &'a Notice,
    now: i64,
}

/// How long it waits for a change before it looks whether a day has passed.
const PATIENCE: Duration = Duration::from_mins(1);

async fn deriver(engine: &Engine) -> Result<Identified, AskError> {
    let session = engine.deriving(KEEPER, Cause::Job).await?;
    Ok(session.ok_or(ModelError::NoProfiling)?)
}

/// The uses that may ask for audiences: direct marketing, and readers of what was worked out.
fn asking(notice: &Notice) -> Vec<(String, String)> {
    let uses = notice.purposes.iter().flat_map(|(purpose, declared)| {
        let asks = declared
            .uses
            .iter()
            .filter(|(_, used)| used.direct_marketing || used.interests || used.segments);
        asks.map(move |(name, _)| (purpose.clone(), name.clone()))
    });
    uses.collect()
}

/// For how many days a reaction counts at most: the window of the use that derives, where it counts from
/// the reaction.
fn keep_days(notice: &Notice) -> u32 {
    const LONGEST: u32 = 3_650;
    let Some(profiling) = &notice.profiling else { return LONGEST };
    let deriving =
        notice.purposes.values().filter(|purpose| purpose.derives.contains(&profiling.segments));
    let windows = deriving.flat_map(|purpose| {
        profiling.features.iter().filter_map(|feature| purpose.reads.get(feature))
    });
    let days = windows.map(|read| match read.window.length {
        Length::Days(days) => u32::from(days),
        Length::Months(months) => u32::from(months) * 365 / 12,
        Length::Years(years) => u32::from(years) * 365,
    });
    days.max().unwrap_or(LONGEST)
}

/// What an audience looks at, for the door.
fn question(audience: &Audience, model: &Model, notice: &Notice) -> Question {
    let looks_at = audience.looks_at();
    let mut categories = Vec::new();
    if let Some(profiling) = &notice.profiling {
        if looks_at.interests {
            categories.push(profiling.interests.clone());
        }
        if looks_at.segments {
            categories.push(profiling.segments.clone());
        }
    }
    let fields = audience.attributes(model).into_iter().map(str::to_owned).collect();
    Question { fields, categories }
}
