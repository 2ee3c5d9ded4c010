//! The published notice, with the topics of another trade.

use gantry_insight::{Attributes, Model, Profile, Topic};
use gantry_notice::Notice;
use gantry_notice::model::Segment;

/// The moment at which all is asked, in milliseconds since 1970.
pub(crate) const NOW: i64 = 1_780_000_000_000;

/// What `days` ago was.
pub(crate) fn ago(days: i64) -> i64 {
    NOW - days * 86_400_000
}

fn notice() -> Notice {
    let text = include_str!("../../../../notices/customer-contacts.toml");
    Notice::parse(text, "customer-contacts.toml").unwrap()
}

/// The published model as it is.
pub(crate) fn published() -> Model {
    Model::of(&notice()).unwrap()
}

/// The published model for a shop for men and women: a purchase weighs as much as the heaviest reaction
/// that the notice lists, and rules of `likes-…` ask for the same score as the published ones.
pub(crate) fn shop(half_life_days: u16) -> Model {
    let mut notice = notice();
    let profiling = notice.profiling.as_mut().unwrap();
    profiling.half_life_days = half_life_days;
    let heaviest = profiling.weights.values().copied().fold(0.0, f64::max);
    profiling.weights.insert("purchased".to_owned(), heaviest);
    profiling.topics.clear();
    profiling.segment.retain(|name, _| !name.starts_with("likes-"));
    for topic in ["mens", "womens"] {
        profiling.topics.insert(topic.to_owned(), topic.to_owned());
        let rule = format!("score.{topic} >= 3.0");
        let segment = Segment { title: topic.to_owned(), meaning: topic.to_owned(), rule };
        profiling.segment.insert(format!("likes-{topic}"), segment);
    }
    Model::of(&notice).unwrap()
}

/// The segments that a profile is in.
pub(crate) fn segments<'m>(model: &'m Model, profile: &Profile) -> Vec<&'m str> {
    let attributes = Attributes::default();
    let features = profile.features(model, &attributes, NOW);
    let holds = model.segments().iter().filter(|segment| segment.rule.holds(&features));
    holds.map(|segment| segment.name.as_str()).collect()
}

/// What a topic, or all together, is worth now.
pub(crate) fn worth(model: &Model, profile: &Profile, topic: Option<Topic>) -> f64 {
    topic.map_or(profile.any(), |topic| profile.score(topic)).worth(model, NOW)
}
