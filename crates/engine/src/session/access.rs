//! What is held about a contact, and why: the answer to a request for access (GDPR Art. 15).
//!
//! The purpose that the notice names for requests gives it, as far as it may see the contact; every
//! look is in the audit trail.

use std::collections::BTreeMap;
use std::sync::Arc;

use gantry_notice::explain::Ground;
use gantry_notice::{
    CategoryId, Channel, Day, Fields, Flags, Operation, PurposeId, Reach, RecordState,
};
use gantry_store::Id;
use serde::Serialize;
use uuid::Uuid;

use crate::audit::About as Whom;
use crate::cache::Known;
use crate::draft::{ContactView, ObjectView, RecordView, Withheld};
use crate::error::EngineError;
use crate::record::state_of;
use crate::session::identified::Identified;
use crate::session::objects::COMPANY;

/// Records of one export, at most: some hundred megabytes.
pub const MAX_EXPORT: usize = 100_000;
/// Records read at once.
const BATCH: usize = 2_000;

/// Everything that is held about a contact, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Access {
    /// Its profile.
    pub contact: ContactView,
    /// The company that it represents.
    pub company: Option<ObjectView>,
    /// How it stands with the company.
    pub standing: Standing,
    /// What it said about the use of its data.
    pub said: Said,
    /// Every category of the notice: what is held of it, and who may use it for what.
    pub categories: Vec<Held>,
    /// All its records.
    pub records: Vec<RecordView>,
}

/// What the decision knows about a contact besides what it said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The law that covers it, by its id.
    pub regime: Option<String>,
    /// Whether its company is a customer today.
    pub customer: bool,
    /// Whether its company is the person.
    pub sole_trader: bool,
    /// Whether it is in the archive.
    pub archived: bool,
    /// The day of its last activity.
    pub last_activity: Option<String>,
    /// The day on which the relation ended.
    pub end_of_relation: Option<String>,
}

/// What a contact said about the use of its data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// Purposes objected to.
    pub objections: Vec<Objected>,
    /// Whether it objected to direct marketing.
    pub objects_to_direct_marketing: bool,
    /// Whether it objected to profiling.
    pub objects_to_profiling: bool,
    /// Purposes consented to.
    pub consents: Vec<String>,
    /// What is restricted: `all`, purposes, `category:NAME[.FIELD]`.
    pub restrictions: Vec<String>,
    /// The ways to be reached.
    pub channels: Vec<Reached>,
    /// The latest version of the notice that it was told of.
    pub told: Option<String>,
}

/// An objection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Objected {
    /// To which purpose.
    pub purpose: String,
    /// `stands`, or `being-weighed`.
    pub state: &'static str,
}

/// A way to be reached, for direct marketing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reached {
    /// `email`, `phone` or `post`.
    pub channel: &'static str,
    /// What the contact said: `nothing`, `opted-in`, `not-opted-in` or `closed`.
    pub said: &'static str,
    /// Whether direct marketing may use it now.
    pub open: bool,
}

/// What is held of a category, and on what ground.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// The category.
    pub category: String,
    /// Its name for people.
    pub title: String,
    /// How many records there are; none where the purpose that answers may not look.
    pub records: Option<usize>,
    /// How many of them it may see no more.
    pub withheld: usize,
    /// Where they came from, and how many.
    pub sources: BTreeMap<String, usize>,
    /// Where they come from usually, as the notice says.
    pub usual_source: String,
    /// Which uses may see it, on what ground, until when.
    pub uses: Vec<Ground>,
}

/// All records that a session may see of a contact.
pub(crate) struct Opened {
    pub(crate) records: Vec<RecordView>,
    known: Arc<Known>,
    /// The state of every record of the categories that it reads.
    states: BTreeMap<u8, Vec<RecordState>>,
    withheld: Vec<Withheld>,
}

impl Identified {
    /// Whether the session is of the purpose that answers contacts' requests.
    pub fn answers_requests(&self) -> bool {
        self.desk.purpose_name() == self.desk.policy.policy().notice().system.requests
    }

    /// All that is held about a contact, and why. Only the purpose that the notice names for
    /// requests answers this.
    pub async fn access(&self, contact: Uuid) -> Result<Access, EngineError> {
        self.for_requests(Operation::Read)?;
        let profile = self.contact(contact).await?;
        let id = *contact.as_bytes();
        let opened = self.read_anew(|| self.open_all(id)).await?;
        let company = self.company_of(&profile).await?;
        let told = self.desk.policy.policy().version_name(opened.known.state.told);
        let told = told.map(str::to_owned);
        let categories = self.desk.readable().map(|category| category.0).collect();
        self.note(Operation::Read, categories, Whom::One(id), opened.records.len())?;
        Ok(Access {
            contact: profile,
            company,
            standing: self.standing(&opened.known),
            said: Said { told, ..self.said(&opened.known) },
            categories: self.held(&opened),
            records: opened.records,
        })
    }

    /// Opens every record of a contact that the session may see.
    pub(crate) async fn open_all(&self, id: Id) -> Result<Opened, EngineError> {
        let inner = &self.engine.inner;
        let known = self.known(id, Operation::Read).await?;
        let (records, states, withheld) = (Vec::new(), BTreeMap::new(), Vec::new());
        let mut opened = Opened { records, known, states, withheld };
        let sight: Vec<CategoryId> = self.desk.readable().collect();
        let mut after = None;
        loop {
            let seen = inner.store.records(id, None, after, BATCH).await?;
            opened.known = self.known_since(id, &seen.standing, Operation::Read).await?;
            let (records, withheld) = self.open_rows(&seen.value, &opened.known)?;
            opened.records.extend(records);
            opened.withheld.extend(withheld);
            if opened.records.len() > MAX_EXPORT {
                let fault = format!(
                    "has more than {MAX_EXPORT} records, too many for one export; hint: read its \
                     records in pages"
                );
                return Err(EngineError::invalid("contact", fault));
            }
            let now = inner.clock.now();
            for row in seen.value.iter().filter(|row| sight.contains(&CategoryId(row.key.category)))
            {
                opened.states.entry(row.key.category).or_default().push(state_of(row, now));
            }
            after = seen.value.last().map(|row| row.key);
            if seen.value.len() < BATCH {
                return Ok(opened);
            }
        }
    }

    /// The company that the contact represents, where the session may see both.
    async fn company_of(&self, profile: &ContactView) -> Result<Option<ObjectView>, EngineError> {
        let kind = self.desk.policy.policy().lexicon().kind(COMPANY);
        let Some(company) =
            profile.company.filter(|_| kind.is_some_and(|k| self.desk.sees_kind(k)))
        else {
            return Ok(None);
        };
        match self.object(COMPANY, company).await {
            Ok(view) => Ok(Some(view)),
            Err(EngineError::Refused(_) | EngineError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn standing(&self, known: &Known) -> Standing {
        let state = &known.state;
        let day = |day: Day| day.date().map(|date| date.to_string());
        let regime = self.desk.policy.policy().regime(state.country);
        Standing {
            regime: regime.map(|(id, _)| id.to_owned()),
            customer: state.flags.any(Flags::CUSTOMER),
            sole_trader: state.flags.any(Flags::SOLE_TRADER),
            archived: state.flags.any(Flags::ARCHIVED),
            last_activity: day(state.last_activity),
            end_of_relation: day(state.end_of_relation),
        }
    }

    fn said(&self, known: &Known) -> Said {
        let (state, lexicon) = (&known.state, self.desk.policy.policy().lexicon());
        let name = |id: PurposeId| lexicon.purpose_name(id).to_owned();
        let objection = |id: PurposeId| match (state.objected & id.bit(), state.weighed & id.bit())
        {
            (0, 0) => None,
            (0, _) => Some(Objected { purpose: name(id), state: "being-weighed" }),
            _ => Some(Objected { purpose: name(id), state: "stands" }),
        };
        let consented = lexicon.purposes().filter(|id| state.consents & id.bit() != 0);
        Said {
            objections: lexicon.purposes().filter_map(objection).collect(),
            objects_to_direct_marketing: state.flags.any(Flags::OBJECTS_MARKETING),
            objects_to_profiling: state.flags.any(Flags::OBJECTS_PROFILING),
            consents: consented.map(name).collect(),
            restrictions: self.restrictions(known),
            channels: Channel::ALL.map(|channel| self.reached(known, channel)).into(),
            told: None,
        }
    }

    fn restrictions(&self, known: &Known) -> Vec<String> {
        let (state, lexicon) = (&known.state, self.desk.policy.policy().lexicon());
        let whole = state.flags.any(Flags::RESTRICTED).then(|| "all".to_owned());
        let purposes = lexicon.purposes().filter(|id| state.restricted & id.bit() != 0);
        let purposes = purposes.map(|id| lexicon.purpose_name(id).to_owned());
        let mut restrictions: Vec<String> = whole.into_iter().chain(purposes).collect();
        for (category, fields) in &state.restricted_fields {
            let name = lexicon.category_name(*category);
            let every = lexicon.field_names(*category).enumerate();
            let every = every.fold(Fields::NONE, |set, (place, _)| set.with(place));
            if every.minus(*fields).is_empty() {
                restrictions.push(format!("category:{name}"));
                continue;
            }
            let some = lexicon.field_names(*category).enumerate();
            let some = some.filter(|(place, _)| fields.has(*place));
            restrictions.extend(some.map(|(_, field)| format!("category:{name}.{field}")));
        }
        restrictions
    }

    fn reached(&self, known: &Known, channel: Channel) -> Reached {
        let said = match known.state.reach(channel) {
            Reach::Unasked => "nothing",
            Reach::OptedIn => "opted-in",
            Reach::NotOptedIn => "not-opted-in",
            Reach::Closed => "closed",
        };
        let objects = known.state.flags.any(Flags::OBJECTS_MARKETING);
        let open = !objects && self.desk.policy.channel_open(&known.state, channel);
        Reached { channel: channel.word(), said, open }
    }

    fn held(&self, opened: &Opened) -> Vec<Held> {
        let policy = self.desk.policy.policy();
        let sight: Vec<CategoryId> = self.desk.readable().collect();
        let declared = policy.notice().categories.iter();
        let held = declared.filter_map(|(name, category)| {
            let id = policy.lexicon().category(name)?;
            let states = opened.states.get(&id.0).map_or(&[][..], Vec::as_slice);
            let mut sources = BTreeMap::new();
            for record in opened.records.iter().filter(|record| record.category == *name) {
                *sources.entry(record.source.clone()).or_default() += 1;
            }
            let withheld = opened.withheld.iter().filter(|one| one.category == *name);
            Some(Held {
                category: name.clone(),
                title: category.title.clone(),
                records: sight.contains(&id).then_some(states.len()),
                withheld: withheld.map(|one| one.records).sum::<usize>().min(states.len()),
                sources,
                usual_source: category.source.clone(),
                uses: self.desk.policy.grounds(id, &opened.known.state, states),
            })
        });
        held.collect()
    }
}
