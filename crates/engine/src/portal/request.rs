//! Requests that a person answers (GDPR Art. 12 to 22): a contact opens them, and sees what became of
//! them.
//!
//! A request is an object, with the contact's part in it and its words as records about it; all of
//! that is written in one batch, or nothing of it.

use gantry_notice::model::ObjectKind;
use gantry_notice::{Day, KindId, Operation};
use gantry_store::{BASE, Expect, Id, ObjectRow, Target, Write};
use gantry_vault::encode;
use serde_json::Value as Json;
use uuid::Uuid;

use super::shape::{ANSWERED, DUE, KIND, NUMBER, RECEIVED, Shape};
use super::{Portal, PortalError};
use crate::audit::About as Whom;
use crate::body;
use crate::cache::Known;
use crate::draft::{FieldTexts, RecordView};
use crate::error::EngineError;
use crate::record::{Frame, Values};
use crate::session::change::frame_of;
use crate::session::lookup::object_hashes;
use crate::session::object_change::object_values;
use crate::value;

/// So many requests of one contact are open at once, at most.
pub const MAX_OPEN: usize = 10;
/// The words of a request, and the new value of a correction, have at most so many characters.
pub const MAX_WORDS: usize = 4_000;

/// From where the records of a request come.
const SOURCE: &str = "portal";
/// Requests that are listed, at most.
const MAX_LISTED: usize = 500;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequestKind {
    /// Art. 15: what is held, and why.
    Access,
    /// Art. 16: something is wrong.
    Rectification,
    /// Art. 17.
    Erasure,
    /// Art. 18.
    Restriction,
    /// Art. 20: to take along.
    Portability,
    /// Art. 22(3): that a person looks at interests and categories.
    HumanReview,
}

impl RequestKind {
    /// All of them, in the order of the articles.
    pub const ALL: [RequestKind; 6] = [
        Self::Access,
        Self::Rectification,
        Self::Erasure,
        Self::Restriction,
        Self::Portability,
        Self::HumanReview,
    ];

    /// Its code in a notice.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Rectification => "rectification",
            Self::Erasure => "erasure",
            Self::Restriction => "restriction",
            Self::Portability => "portability",
            Self::HumanReview => "human-review",
        }
    }

    /// The kind of that code.
    pub fn of_word(word: &str) -> Option<RequestKind> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A request to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestDraft {
    /// What is asked for.
    pub kind: RequestKind,
    /// What the contact says to it; may be empty.
    pub words: String,
    /// What is to be corrected: there where the kind is [`RequestKind::Rectification`] alone.
    pub correction: Option<Correction>,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// The category.
    pub category: String,
    /// The field.
    pub field: String,
    /// What it should be; empty to have it taken away.
    pub value: String,
}

/// A request that was opened, here or by other ways.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestShown {
    /// Its number, where it has one.
    pub number: Option<String>,
    /// What was asked for, by the notice's code.
    pub kind: Option<String>,
    /// Its state, by the notice's word.
    pub state: String,
    /// Whether it is still to be answered.
    pub is_open: bool,
    /// The day on which it came (ISO 8601).
    pub received: Option<String>,
    /// The day until which it is answered.
    pub due: Option<String>,
    /// The day on which it was answered.
    pub answered: Option<String>,
    /// What came of it, by the notice's code.
    pub outcome: Option<String>,
    /// Why not, by the notice's code.
    pub refusal_ground: Option<String>,
    /// What the contact said.
    pub words: Option<String>,
}

impl Portal {
    /// The kinds of request that the notice has a place for.
    pub fn request_kinds(&self) -> Vec<RequestKind> {
        let shape = Shape::of(&self.session.desk.policy);
        let takes = |kind: &RequestKind| shape.as_ref().is_some_and(|s| s.takes(kind.word()));
        RequestKind::ALL.into_iter().filter(takes).collect()
    }

    /// Opens a request, to be answered within the days that the notice says. Answers its number, where
    /// the notice gives requests one.
    pub async fn open_request(&self, draft: &RequestDraft) -> Result<Option<String>, PortalError> {
        let words = self.words_of(draft)?;
        let policy = self.session.desk.policy.clone();
        let none = "it declares no kind of object for requests";
        let shape = Shape::of(&policy).ok_or(PortalError::NotOffered(none))?;
        if !shape.takes(draft.kind.word()) {
            return Err(PortalError::NotOffered("it takes no requests of this kind"));
        }
        let records = shape.records(policy.policy().notice(), &words)?;
        let opened = self.session.retried(|| async {
            // Counted after the version that the write expects: of two opened at once one is counted
            // anew, with the other.
            let contact = *self.contact.as_bytes();
            let known = self.session.known(contact, Operation::Collect).await?;
            let listed = self.listed(&shape).await?;
            if listed.iter().filter(|request| request.is_open).count() >= MAX_OPEN {
                return Ok(Err(PortalError::TooManyOpen));
            }
            self.open_once(&known, &shape, draft.kind, &records).await
        });
        opened.await?
    }

    async fn open_once(
        &self,
        known: &Known,
        shape: &Shape<'_>,
        kind: RequestKind,
        records: &indexmap::IndexMap<String, FieldTexts>,
    ) -> Result<Result<Option<String>, PortalError>, EngineError> {
        let (session, contact) = (&self.session, *self.contact.as_bytes());
        let inner = &session.engine.inner;
        let now = inner.clock.now();
        let kind_id = session.may(shape.kind, Operation::Collect)?;
        let id = *inner.entropy.id(now).as_bytes();
        let number = self.number(&id);
        let days = session.desk.policy.policy().notice().controller.answer_within_days;
        let today = session.desk.policy.today();
        let due = Day(today.0.saturating_add(i32::from(days)));
        let dates = (today.to_string(), due.to_string());
        let texts = match shape.object(kind.word(), &number, (&dates.0, &dates.1)) {
            Ok(texts) => texts,
            Err(error) => return Ok(Err(error)),
        };
        let number = texts.contains_key(NUMBER).then_some(number);
        let row = object_row(shape, kind_id, (id, now), &texts)?;
        let mut puts = Vec::with_capacity(records.len());
        for (name, texts) in records {
            let category = session.category(name, Operation::Collect, &Whom::One(contact))?;
            let record = *inner.entropy.id(now).as_bytes();
            let frame = frame_of(contact, category, record, now, SOURCE);
            let about = Some((kind_id.0, id));
            let frame = Frame { about, closed: Day::OPEN, ..frame };
            puts.push(session.prepare(known, None, &frame, texts).await?);
        }
        // The contact gets a new version, whatever the records are.
        let mut batch = session.batch_of(known, &mut puts, true).await?;
        batch.expects.push(Expect::Object(kind_id.0, id, 0));
        let hashes = object_hashes(&inner.vault, shape.kind, shape.declared, &row.body);
        let target = Target::Object(kind_id.0, id);
        batch.writes.extend(hashes.into_iter().map(|hash| Write::Lookup(hash, target)));
        batch.writes.push(Write::Object(row));
        let categories = puts.iter().map(|put| put.row.key.category).collect();
        let object = Whom::Object(kind_id.0, id);
        let made = session.desk.entry(now, Operation::Collect, Vec::new(), object, 1);
        made.encode_into(&mut batch.audit).map_err(|e| EngineError::Audit(e.to_string()))?;
        batch.audit_entries += 1;
        let whom = Whom::One(contact);
        let entry = session.desk.entry(now, Operation::Collect, categories, whom, puts.len());
        session.commit_as(batch, entry.called(format!("request {}", kind.word()))).await?;
        Ok(Ok(number))
    }

    /// A number that people can read out: the day, and letters that nobody else's has.
    fn number(&self, id: &Id) -> String {
        let day = self.session.desk.policy.today().to_string().replace('-', "");
        let tail = id.last_chunk::<5>().copied().unwrap_or_default();
        format!("R-{day}-{}", encode(&tail))
    }

    /// The words of a request, the correction in front of them, held against the notice.
    fn words_of(&self, draft: &RequestDraft) -> Result<String, EngineError> {
        let words = draft.words.trim();
        let is_text = |text: &str| {
            let clean = text.chars().all(|c| !c.is_control() || c == '\n' || c == '\t');
            clean && text.chars().count() <= MAX_WORDS
        };
        let words = words.replace("\r\n", "\n");
        if !is_text(&words) {
            return Err(EngineError::invalid("words", "is not a text of at most 4,000 characters"));
        }
        let (correction, wanted) = (&draft.correction, draft.kind == RequestKind::Rectification);
        let Some(correction) = correction.as_ref().filter(|_| wanted) else {
            let fault = "is missing: say what is to be corrected";
            return if wanted { Err(EngineError::invalid("field", fault)) } else { Ok(words) };
        };
        let Correction { category, field, value: new } = correction;
        let notice = self.session.desk.policy.policy().notice();
        let declared = notice.categories.get(category).and_then(|c| c.fields.get(field));
        let unknown = || EngineError::invalid("field", "is not a field of the notice");
        let declared = declared.ok_or_else(unknown)?;
        let new = new.trim();
        let new = if new.is_empty() {
            "(to be removed)".to_owned()
        } else if is_text(new) {
            let fault = |expected| EngineError::invalid("value", format!("is not {expected}"));
            value::canonical(declared, new).map_err(fault)?
        } else {
            return Err(EngineError::invalid("value", "is not a text of at most 4,000 characters"));
        };
        let gap = if words.is_empty() { "" } else { "\n\n" };
        Ok(format!("{category}.{field}: {new}{gap}{words}"))
    }

    /// The contact's own requests, open ones first, then the newest first.
    pub async fn requests(&self) -> Result<Vec<RequestShown>, EngineError> {
        let policy = self.session.desk.policy.clone();
        let Some(shape) = Shape::of(&policy) else { return Ok(Vec::new()) };
        let mut requests = self.listed(&shape).await?;
        requests.sort_by_key(|one| std::cmp::Reverse((one.is_open, one.received.clone())));
        Ok(requests)
    }

    async fn listed(&self, shape: &Shape<'_>) -> Result<Vec<RequestShown>, EngineError> {
        let (session, inner) = (&self.session, &self.session.engine.inner);
        let Ok(kind) = session.may(shape.kind, Operation::Read) else { return Ok(Vec::new()) };
        let parts = self.about(shape.part, shape.kind).await?;
        let ids: Vec<Id> = parts.iter().filter_map(about_id).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let words = match shape.words() {
            Some((category, _)) if category != shape.part => {
                self.about(category, shape.kind).await?
            }
            _ => parts.clone(),
        };
        let rows = inner.store.objects(kind.0, &ids).await?.value;
        session.note(
            Operation::Read,
            Vec::new(),
            Whom::One(*self.contact.as_bytes()),
            ids.len(),
        )?;
        let shown = rows.iter().flatten().map(|row| {
            let of = |record: &&RecordView| about_id(record) == Some(row.id);
            let part = parts.iter().find(of);
            let field = shape.words().map_or("", |(_, field)| field);
            let words = words.iter().filter(of).find_map(|one| text(one, field));
            request_shown(row, part, words)
        });
        shown.collect()
    }

    /// The contact's records of a category about objects of a kind, as far as they may be seen.
    async fn about(&self, category: &str, kind: &str) -> Result<Vec<RecordView>, EngineError> {
        let mut found = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = self.session.records(self.contact, Some(category), after.as_deref(), 500);
            let (page, _) = page.await?;
            let about = |one: &RecordView| one.about.as_ref().is_some_and(|a| a.kind == kind);
            found.extend(page.items.into_iter().filter(about));
            after = page.next;
            if after.is_none() || found.len() >= MAX_LISTED {
                found.truncate(MAX_LISTED);
                return Ok(found);
            }
        }
    }
}

fn about_id(record: &RecordView) -> Option<Id> {
    let id: Uuid = record.about.as_ref()?.id.parse().ok()?;
    Some(id.into_bytes())
}

fn text(record: &RecordView, field: &str) -> Option<String> {
    record.fields.get(field).and_then(Json::as_str).map(str::to_owned)
}

/// The object of a request.
fn object_row(
    shape: &Shape<'_>,
    kind: KindId,
    (id, now): (Id, i64),
    texts: &FieldTexts,
) -> Result<ObjectRow, EngineError> {
    let ObjectKind { states, .. } = shape.declared;
    let values = object_values(shape.kind, shape.declared, Values::new(), texts)?;
    Ok(ObjectRow {
        kind: kind.0,
        id,
        edition: BASE,
        version: 1,
        created: now,
        at: now,
        company: None,
        part_of: None,
        person: None,
        state: states.first().cloned().unwrap_or_default(),
        closed: i32::MAX,
        body: body::encode(values.iter().map(|(name, value)| (name.as_str(), value.as_str()))),
    })
}

fn request_shown(
    row: &ObjectRow,
    part: Option<&RecordView>,
    words: Option<String>,
) -> Result<RequestShown, EngineError> {
    let fields = body::decode(&row.body).ok_or(EngineError::Corrupt("the body of an object"))?;
    let field = |name: &str| {
        let found = fields.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    Ok(RequestShown {
        number: field(NUMBER),
        kind: field(KIND),
        state: row.state.clone(),
        is_open: row.closed == i32::MAX,
        received: field(RECEIVED),
        due: field(DUE),
        answered: field(ANSWERED),
        outcome: part.and_then(|part| text(part, "outcome")),
        refusal_ground: part.and_then(|part| text(part, "refusal_ground")),
        words,
    })
}
