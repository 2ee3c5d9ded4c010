//! What was worked out of the contact: interests and categories (GDPR Art. 15, 22). The purpose for
//! requests does not see them; they are told under the purpose that worked them out.

use serde::Serialize;
use serde_json::Value as Json;

use super::Portal;
use crate::actor::PORTAL;
use crate::audit::Cause;
use crate::draft::RecordView;
use crate::error::EngineError;
use crate::session::MAX_DERIVED;

/// Milliseconds of a day.
const DAY: f64 = 86_400_000.0;

/// What was worked out of a contact.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct WorkedOut {
    /// Its interests.
    pub interests: Vec<Interest>,
    /// The categories that it is in, or is kept out of by a person.
    pub categories: Vec<Belonging>,
}

/// An interest.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Interest {
    /// The topic, by its id.
    pub topic: String,
    /// What the score is worth now, in the weights of the notice.
    pub score: f64,
    /// The day of the latest reaction to it.
    pub last_reaction: String,
}

/// A category that the contact is in, or is kept out of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Belonging {
    /// The category, by its id.
    pub category: String,
    /// Whether it belongs to it; else a person keeps it out.
    pub belongs: bool,
    /// Since which day.
    pub since: String,
    /// Why a person decided so; none where the rule did.
    pub reason: Option<String>,
}

impl Portal {
    /// What was worked out of the contact, as it is now; nothing where it objected, or where nobody
    /// works anything out.
    pub async fn worked_out(&self) -> Result<WorkedOut, EngineError> {
        let notice = self.session.desk.policy.policy().notice();
        let Some(profiling) = &notice.profiling else { return Ok(WorkedOut::default()) };
        let Some(session) = self.session.engine.deriving(PORTAL, Cause::Request).await? else {
            return Ok(WorkedOut::default());
        };
        let read = async |category: &str| {
            let page = session.records(self.contact, Some(category), None, MAX_DERIVED).await;
            match page {
                Ok((page, _)) => Ok(page.items),
                // Whoever objected has nothing that is worked out.
                Err(EngineError::Refused(_)) => Ok(Vec::new()),
                Err(other) => Err(other),
            }
        };
        let now = self.session.engine.inner.clock.now();
        let half_life = f64::from(profiling.half_life_days) * DAY;
        let interests = read(&profiling.interests).await?;
        let mut interests: Vec<Interest> =
            interests.iter().filter_map(|view| interest(view, half_life, now)).collect();
        interests.sort_by(|a, b| b.score.total_cmp(&a.score));
        let categories = read(&profiling.segments).await?;
        let mut categories: Vec<Belonging> = categories.iter().filter_map(belonging).collect();
        categories.sort_by_key(|one| profiling.segment.get_index_of(&one.category));
        Ok(WorkedOut { interests, categories })
    }
}

fn text<'v>(view: &'v RecordView, name: &str) -> Option<&'v str> {
    view.fields.get(name).and_then(Json::as_str).filter(|text| !text.is_empty())
}

fn interest(view: &RecordView, half_life: f64, now: i64) -> Option<Interest> {
    let at: jiff::Timestamp = view.at.parse().ok()?;
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of centuries fit into 53 bits")]
    let passed = (now - at.as_millisecond()).max(0) as f64;
    let thousandths = view.fields.get("score").and_then(Json::as_f64)?;
    Some(Interest {
        topic: text(view, "topic")?.to_owned(),
        score: thousandths / 1_000.0 * (-passed / half_life).exp2(),
        last_reaction: text(view, "last_reaction")?.to_owned(),
    })
}

/// A membership that lasts, or that a person ended.
fn belonging(view: &RecordView) -> Option<Belonging> {
    let by_person = text(view, "by") == Some("person");
    let belongs = text(view, "until").is_none();
    (belongs || by_person).then_some(())?;
    Some(Belonging {
        category: text(view, "segment")?.to_owned(),
        belongs,
        since: text(view, "since")?.to_owned(),
        reason: text(view, "reason").filter(|_| by_person).map(str::to_owned),
    })
}
