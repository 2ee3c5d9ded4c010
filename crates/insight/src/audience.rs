//! An audience: an expression that says of each contact whether it is meant. It may name what rules of
//! segments may, and besides `country`, `segment.SEGMENT`, and `days_since.REACTION`.

use gantry_notice::model::Notice;

use crate::index::Index;
use crate::model::Model;
use crate::profile::{Attributes, Profile};
use crate::rule::{Feature, Node, Rule, Scope};
use crate::told::Told;

/// Whom somebody means.
#[derive(Clone, Debug, PartialEq)]
pub struct Audience {
    pub(crate) rule: Rule,
}

/// What an audience looks at, for who asks to hold against the notice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LooksAt {
    /// Scores, recency, frequency: interests.
    pub interests: bool,
    /// Segments.
    pub segments: bool,
}

/// An audience that is not in the language, or names what it may not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the audience {0}\nhint: compare `country`, `segment.ID` (yes or no), `score.TOPIC`, `score.any`, `days_since_reaction`, `reactions_90d`, `days_since.REACTION`, or an attribute that the notice lists; e.g. `country == 'FI' && score.ports >= 3.0`"
)]
pub struct AudienceError(pub String);

impl Audience {
    /// Reads an expression.
    pub fn parse(text: &str, model: &Model) -> Result<Audience, AudienceError> {
        let rule = Rule::read(text, model, Scope::Audience).map_err(AudienceError)?;
        if !rule.root.answers() {
            return Err(AudienceError("does not answer yes or no".to_owned()));
        }
        Ok(Audience { rule })
    }

    /// What it looks at.
    pub fn looks_at(&self) -> LooksAt {
        let mut seen = LooksAt::default();
        self.rule.root.each(&mut |feature| match feature {
            Feature::Segment(_) => seen.segments = true,
            Feature::Score(_)
            | Feature::AnyScore
            | Feature::DaysSince
            | Feature::Recent
            | Feature::DaysSinceKind(_) => seen.interests = true,
            Feature::Attribute(_) | Feature::Country => {}
        });
        seen
    }

    /// The attributes that it looks at, as the notice has them.
    pub fn attributes<'m>(&self, model: &'m Model) -> Vec<&'m str> {
        let mut places = std::collections::BTreeSet::new();
        self.rule.root.each(&mut |feature| {
            if let Feature::Attribute(place) = feature {
                places.insert(place);
            }
        });
        let named = model.attributes().iter().enumerate();
        named.filter(|(at, _)| places.contains(at)).map(|(_, name)| name.as_str()).collect()
    }

    /// It in English, with the titles of the notice.
    pub fn words(&self, model: &Model, notice: &Notice) -> String {
        let nobody = Attributes(vec![None; model.attributes().len()]);
        let features = Profile::empty(model).features(model, &nobody, 0);
        self.rule.told(model, &features).words_alone(notice)
    }

    /// How it comes out for a contact of an index; none where that does not know it.
    pub fn told(&self, index: &Index, id: &[u8; 16], at: i64) -> Option<(bool, Told)> {
        index.looked_at(id, at, |features| {
            (self.rule.holds(features), self.rule.told(index.model(), features))
        })
    }
}

impl Node {
    fn each(&self, seen: &mut impl FnMut(Feature)) {
        match self {
            Node::Feature(feature) => seen(*feature),
            Node::Has(place) => seen(Feature::Attribute(*place)),
            Node::Number(_) | Node::Text(_) | Node::Flag(_) => {}
            Node::Not(part) | Node::Negate(part) => part.each(seen),
            Node::All(parts) | Node::Any(parts) => parts.iter().for_each(|part| part.each(seen)),
            Node::Compare(_, a, b) | Node::Calculate(_, a, b) => {
                a.each(seen);
                b.each(seen);
            }
            Node::In(part, list) => {
                part.each(seen);
                for one in list {
                    one.each(seen);
                }
            }
            Node::Choose(a, b, c) => [a, b, c].into_iter().for_each(|part| part.each(seen)),
        }
    }

    /// Whether it answers yes or no, as far as can be told without anybody.
    fn answers(&self) -> bool {
        match self {
            Node::Flag(_) | Node::Has(_) | Node::Compare(..) | Node::In(..) => true,
            Node::Feature(feature) => {
                matches!(feature, Feature::Segment(_) | Feature::Attribute(_))
            }
            Node::Not(part) => part.answers(),
            Node::All(parts) | Node::Any(parts) => parts.iter().all(Node::answers),
            Node::Choose(condition, yes, no) => {
                condition.answers() && yes.answers() && no.answers()
            }
            Node::Number(_) | Node::Text(_) | Node::Negate(_) | Node::Calculate(..) => false,
        }
    }
}
