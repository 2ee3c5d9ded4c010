//! What the reactions of one contact come to.
//!
//! A score is a sum of weights that fade: after a half-life each is worth half (exponential decay). It
//! is kept as its worth at the moment of the latest reaction, which any other moment's worth follows
//! from: adding a reaction is one multiplication and one addition, in whatever order they come.

use std::collections::BTreeMap;

use crate::model::{DAY, Model, Topic};

/// Days in which reactions are counted for rules.
pub(crate) const RECENT: i64 = 90;

/// A reaction, as far as it tells of interest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reaction {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// To what; none where a message had no topic.
    pub topic: Option<Topic>,
    /// What it weighs. What weighs nothing is no sign of interest, and counts nowhere.
    pub weight: f64,
}

/// A fading sum.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    amount: f64,
    /// When it was worth that.
    at: i64,
}

impl Score {
    fn add(&mut self, half_life: f64, weight: f64, at: i64) {
        if at > self.at {
            self.amount = self.amount * faded(half_life, at - self.at) + weight;
            self.at = at;
        } else {
            self.amount += weight * faded(half_life, self.at - at);
        }
    }

    /// What it is worth at a moment, in the weights of the notice.
    pub fn worth(&self, model: &Model, at: i64) -> f64 {
        self.amount * faded(model.half_life, at - self.at)
    }
}

/// The part that is left after some milliseconds.
pub(crate) fn faded(half_life: f64, millis: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of centuries fit into 53 bits")]
    let millis = millis as f64;
    (-millis / half_life).exp2()
}

/// The reactions of one contact, summed up: scores, recency, frequency.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    scores: Vec<Score>,
    any: Score,
    /// How many on each day.
    days: BTreeMap<i64, u32>,
    last: Option<i64>,
}

impl Profile {
    /// Of nobody who ever reacted.
    pub fn empty(model: &Model) -> Profile {
        Profile {
            scores: vec![Score::default(); model.topics().len()],
            any: Score::default(),
            days: BTreeMap::new(),
            last: None,
        }
    }

    /// Of some reactions, in whatever order.
    pub fn of(model: &Model, reactions: impl IntoIterator<Item = Reaction>) -> Profile {
        let mut profile = Profile::empty(model);
        for reaction in reactions {
            profile.add(model, &reaction);
        }
        profile
    }

    /// Takes one more reaction in.
    pub fn add(&mut self, model: &Model, reaction: &Reaction) {
        let Reaction { at, topic, weight } = *reaction;
        if weight <= 0.0 {
            return;
        }
        self.any.add(model.half_life, weight, at);
        if let Some(score) = topic.and_then(|Topic(place)| self.scores.get_mut(place)) {
            score.add(model.half_life, weight, at);
        }
        *self.days.entry(day_of(at)).or_default() += 1;
        self.last = self.last.max(Some(at));
    }

    /// Whether there is no sign of interest.
    pub const fn is_empty(&self) -> bool {
        self.last.is_none()
    }

    /// When the latest sign was given, in milliseconds since 1970.
    pub const fn last(&self) -> Option<i64> {
        self.last
    }

    /// The score for a topic.
    pub fn score(&self, topic: Topic) -> Score {
        self.scores.get(topic.0).copied().unwrap_or_default()
    }

    /// The score over all topics, and over what has none.
    pub const fn any(&self) -> Score {
        self.any
    }

    /// What rules ask of it at a moment.
    pub fn features<'a>(&self, model: &Model, attributes: &'a Attributes, at: i64) -> Features<'a> {
        let today = day_of(at);
        let recent = self.days.range(today - RECENT + 1..=today).map(|(_, count)| count).sum();
        Features {
            scores: self.scores.iter().map(|score| score.worth(model, at)).collect(),
            any: self.any.worth(model, at),
            days_since: self.last.map(|last| today - day_of(last)),
            recent,
            attributes,
            audience: Besides::default(),
        }
    }
}

/// The day of an instant (UTC), counted from 1970.
pub(crate) fn day_of(at: i64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a day has 86,400,000 milliseconds")]
    let day = DAY as i64;
    at.div_euclid(day)
}

/// The attributes of a contact and its company that rules may name, in the order of the model; none
/// where it is not known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attributes(pub Vec<Option<Attribute>>);

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Attribute {
    /// A code, a country, a language, a name of no person.
    Text(String),
    /// A whole number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
}

/// What rules look at: a profile at a moment.
#[derive(Clone, Debug)]
pub struct Features<'a> {
    pub(crate) scores: Vec<f64>,
    pub(crate) any: f64,
    pub(crate) days_since: Option<i64>,
    pub(crate) recent: u32,
    pub(crate) attributes: &'a Attributes,
    pub(crate) audience: Besides<'a>,
}

/// What audiences look at besides; of nobody in the rule of a segment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Besides<'a> {
    pub(crate) country: Option<&'a str>,
    /// Whether it belongs to each segment of the model.
    pub(crate) segments: Vec<bool>,
    /// Days since the latest reaction of each kind of the model.
    pub(crate) days_since: Vec<Option<i64>>,
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use gantry_notice::Notice;
    use proptest::prelude::*;

    use super::*;

    static MODEL: LazyLock<Model> = LazyLock::new(|| {
        let text = include_str!("../../../notices/customer-contacts.toml");
        Model::of(&Notice::parse(text, "bundled").unwrap()).unwrap()
    });

    const NOW: i64 = 1_780_000_000_000;

    #[test]
    fn a_reaction_is_worth_half_after_a_half_life() {
        let model = &*MODEL;
        let topic = model.topic("ports");
        let day = day_of(NOW);
        let profile = Profile::of(model, [Reaction { at: NOW, topic, weight: 8.0 }]);
        let later = NOW + 90 * 86_400_000;
        assert!((profile.score(topic.unwrap()).worth(model, later) - 4.0).abs() < 1e-12);
        assert!((profile.any().worth(model, NOW) - 8.0).abs() < 1e-12);
        let nobody = Attributes::default();
        let features = profile.features(model, &nobody, later);
        assert_eq!((features.days_since, features.recent), (Some(90), 0));
        assert_eq!(day_of(later) - day, 90);
    }

    #[test]
    fn what_weighs_nothing_counts_nowhere() {
        let model = &*MODEL;
        let weight = model.weight("delivered");
        let profile = Profile::of(model, [Reaction { at: NOW, topic: None, weight }]);
        assert_eq!(profile, Profile::empty(model));
    }

    fn reaction() -> impl Strategy<Value = Reaction> {
        (0..400i64, 0..86_400_000i64, prop::option::of(0..5usize), 0..6usize).prop_map(
            |(days, millis, topic, weight)| Reaction {
                at: NOW - days * 86_400_000 - millis,
                topic: topic.map(Topic),
                weight: [0.0, 1.0, 3.0, 4.0, 6.0, 8.0][weight],
            },
        )
    }

    proptest! {
        #[test]
        fn in_any_order_reactions_come_to_the_same(
            (given, shuffled) in prop::collection::vec(reaction(), 0..60)
                .prop_flat_map(|given| (Just(given.clone()), Just(given).prop_shuffle())),
        ) {
            let model = &*MODEL;
            let one = Profile::of(model, given.clone());
            let other = Profile::of(model, shuffled);
            prop_assert_eq!(&one.days, &other.days);
            prop_assert_eq!(one.last, other.last);
            // A second reading: the plain sum of what each is worth now.
            for topic in 0..5 {
                let plain: f64 = given
                    .iter()
                    .filter(|one| one.topic == Some(Topic(topic)))
                    .map(|one| one.weight * faded(model.half_life, NOW - one.at))
                    .sum();
                for profile in [&one, &other] {
                    let worth = profile.score(Topic(topic)).worth(model, NOW);
                    prop_assert!((worth - plain).abs() < 1e-9, "{} {}", worth, plain);
                }
            }
        }
    }
}
