//! An analysis for machines.

use gantry_notice::model::Notice;
use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use crate::analysis::Analysis;
use crate::keeper::{Answer, Count};
use crate::model::Model;

impl Analysis {
    /// Scores, segments with their reasons, and the reactions that they follow from.
    pub fn to_json(&self, model: &Model, notice: &Notice) -> Json {
        let worth = |id: &String| {
            let score = model.topic(id).map(|topic| self.profile.score(topic));
            (id.clone(), score.unwrap_or_default().worth(model, self.at).into())
        };
        let scores: Map<String, Json> = model.topics().iter().map(worth).collect();
        let segments = self.memberships.iter().map(|one| {
            json!({
                "segment": one.segment,
                "since": day_text(one.since),
                "by": if one.by_person.is_some() { "person" } else { "rule" },
                "reason": one.by_person,
                "because": one.told.words(notice),
                "until": one.until.map(day_text),
            })
        });
        let kept_out = self.kept_out();
        let kept_out = kept_out.map(|(segment, why)| json!({ "segment": segment, "reason": why }));
        let reactions = self.reactions.iter().map(|one| {
            json!({
                "id": one.id,
                "at": Timestamp::from_millisecond(one.at).unwrap_or_default().to_string(),
                "reaction": one.reaction,
                "topic": one.topic,
                "machine": one.machine,
                "weight": one.weight,
                "worth": one.worth,
            })
        });
        json!({
            "any": self.profile.any().worth(model, self.at),
            "scores": scores,
            "segments": segments.collect::<Vec<_>>(),
            "kept_out": kept_out.collect::<Vec<_>>(),
            "reactions": reactions.collect::<Vec<_>>(),
        })
    }
}

impl Count {
    /// The number, or `{"fewer_than": N}`.
    pub fn to_json(self) -> Json {
        match self {
            Count::Exactly(count) => count.into(),
            Count::Fewer(than) => json!({ "fewer_than": than }),
        }
    }
}

impl Answer {
    /// How many, who is left out and why, and the audience in words.
    pub fn to_json(&self) -> Json {
        let excluded = self.excluded.iter().map(|(why, n)| (why.id().to_owned(), n.to_json()));
        json!({
            "count": self.count.to_json(),
            "excluded": excluded.collect::<Map<_, _>>(),
            "words": self.words,
        })
    }
}

/// A day counted from 1970, as text (ISO 8601).
pub fn day_text(day: i64) -> String {
    let at = Timestamp::from_second(day.saturating_mul(86_400)).unwrap_or_default().to_string();
    at.get(..10).unwrap_or_default().to_owned()
}
