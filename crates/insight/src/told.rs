//! A rule as it comes out for somebody: which parts hold, and with which numbers. As a tree, for whoever
//! puts it into the words of a language, and in English.

use std::fmt::Write as _;

use gantry_notice::model::Notice;

use crate::model::Model;
use crate::profile::Features;
use crate::rule::{Calculation, Comparison, Feature, Node, Rule, Value, value};

/// A rule told.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// All of these are needed.
    All(Vec<Told>),
    /// One of these is enough.
    Any(Vec<Told>),
    /// This may not be.
    Not(Box<Told>),
    /// A single comparison.
    Part(Part),
}

/// A single comparison of a rule, and how it comes out.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// What is looked at.
    pub what: What,
    /// How it is compared.
    pub how: Comparison,
    /// With what; one of these, where they are several.
    pub wanted: Vec<Plain>,
    /// What it is; none where it is not known.
    pub now: Option<Plain>,
    /// Whether it holds.
    pub holds: bool,
}

/// What a rule looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The score for a topic, by its id.
    Score(String),
    /// The score over all topics.
    AnyScore,
    /// Days since the latest reaction.
    DaysSince,
    /// Reactions in the last ninety days.
    Recent,
    /// An attribute, as the notice has it.
    Attribute(String),
    /// The country.
    Country,
    /// Whether it belongs to a segment, by its id.
    Segment(String),
    /// Days since the latest reaction of a kind, by its code.
    DaysSinceKind(String),
    /// Something calculated, as it is written.
    Formula(String),
}

/// A value on its own.
#[derive(Clone, Debug, PartialEq)]
pub enum Plain {
    /// A number.
    Number(f64),
    /// A text or a code.
    Text(String),
    /// Yes or no.
    Flag(bool),
}

impl Rule {
    /// How the rule comes out for somebody.
    pub fn told(&self, model: &Model, features: &Features<'_>) -> Told {
        told(&self.root, model, features)
    }
}

impl Told {
    /// In English, with the titles of the notice, and how it comes out.
    pub fn words(&self, notice: &Notice) -> String {
        self.put(notice, true)
    }

    /// The same, but of nobody.
    pub(crate) fn words_alone(&self, notice: &Notice) -> String {
        self.put(notice, false)
    }

    fn put(&self, notice: &Notice, now: bool) -> String {
        match self {
            Told::All(parts) => joined(parts, notice, now, ", and "),
            Told::Any(parts) => joined(parts, notice, now, ", or "),
            Told::Not(part) => format!("not ({})", part.put(notice, now)),
            Told::Part(part) => part.words(notice, now),
        }
    }

    /// The single comparisons, from left to right.
    pub fn parts(&self) -> Vec<&Part> {
        match self {
            Told::All(parts) | Told::Any(parts) => parts.iter().flat_map(Told::parts).collect(),
            Told::Not(part) => part.parts(),
            Told::Part(part) => vec![part],
        }
    }
}

impl Part {
    fn words(&self, notice: &Notice, with_now: bool) -> String {
        let mut text = self.what.words(notice);
        let how = match (self.how, self.wanted.len()) {
            (Comparison::Is, 2..) => "is one of",
            (Comparison::Is, _) => "is",
            (Comparison::IsNot, _) => "is not",
            (Comparison::AtLeast, _) => "is at least",
            (Comparison::AtMost, _) => "is at most",
            (Comparison::MoreThan, _) => "is more than",
            (Comparison::LessThan, _) => "is less than",
        };
        let wanted: Vec<String> = self.wanted.iter().map(Plain::words).collect();
        // Writing to a text cannot fail.
        let _ = write!(text, " {how} {}", wanted.join(", "));
        if with_now {
            let now = self.now.as_ref().map_or_else(|| "not known".to_owned(), Plain::words);
            let _ = write!(text, " (it is {now})");
        }
        text
    }
}

impl What {
    fn words(&self, notice: &Notice) -> String {
        let topics = notice.profiling.as_ref().map(|profiling| &profiling.topics);
        match self {
            What::Score(topic) => {
                let title = topics.and_then(|topics| topics.get(topic));
                format!("the score for {}", title.unwrap_or(topic))
            }
            What::AnyScore => "the score over all topics".to_owned(),
            What::DaysSince => "the number of days since the latest reaction".to_owned(),
            What::Recent => "the number of reactions in the last 90 days".to_owned(),
            What::Country => "the country".to_owned(),
            What::Segment(id) => {
                let segments = notice.profiling.as_ref().map(|profiling| &profiling.segment);
                let title = segments.and_then(|segments| segments.get(id));
                format!(
                    "being in the category \u{201c}{}\u{201d}",
                    title.map_or(&**id, |one| &one.title)
                )
            }
            What::DaysSinceKind(kind) => format!("the number of days since it {kind}"),
            What::Attribute(path) => {
                let (owner, field) = path.split_once('.').unwrap_or(("", path));
                let declared = match owner {
                    "company" => notice.objects.get(owner).and_then(|kind| kind.fields.get(field)),
                    _ => notice.categories.get(owner).and_then(|one| one.fields.get(field)),
                };
                let title = declared.map_or(field, |declared| declared.title.as_str());
                if owner == "company" {
                    format!("the company's {}", title.to_lowercase())
                } else {
                    format!("the {}", title.to_lowercase())
                }
            }
            What::Formula(text) => format!("`{text}`"),
        }
    }
}

impl Plain {
    fn words(&self) -> String {
        match self {
            Plain::Number(number) => rounded(*number),
            Plain::Text(text) => text.clone(),
            Plain::Flag(true) => "yes".to_owned(),
            Plain::Flag(false) => "no".to_owned(),
        }
    }

    fn of(value: Value<'_>) -> Option<Plain> {
        Some(match value {
            Value::Number(number) => Plain::Number(number),
            Value::Text(text) => Plain::Text(text.to_owned()),
            Value::Flag(flag) => Plain::Flag(flag),
            Value::Unknown => return None,
        })
    }
}

/// With two digits behind the point, and none where they are zeros.
fn rounded(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn joined(parts: &[Told], notice: &Notice, now: bool, between: &str) -> String {
    let one = |part: &Told| match part {
        Told::All(_) | Told::Any(_) => format!("({})", part.put(notice, now)),
        _ => part.put(notice, now),
    };
    parts.iter().map(one).collect::<Vec<_>>().join(between)
}

fn told(node: &Node, model: &Model, of: &Features<'_>) -> Told {
    let holds = value(node, of) == Value::Flag(true);
    let part = |what: &Node, how: Comparison, wanted: Vec<&Node>| {
        let wanted = wanted.into_iter().filter_map(|one| Plain::of(value(one, of)));
        let (what, now) = (looked_at(what, model), Plain::of(value(what, of)));
        Told::Part(Part { what, how, wanted: wanted.collect(), now, holds })
    };
    match node {
        Node::All(parts) => Told::All(parts.iter().map(|one| told(one, model, of)).collect()),
        Node::Any(parts) => Told::Any(parts.iter().map(|one| told(one, model, of)).collect()),
        Node::Not(one) => Told::Not(Box::new(told(one, model, of))),
        Node::Compare(how, a, b) => part(a, *how, vec![b]),
        Node::In(a, list) => part(a, Comparison::Is, list.iter().collect()),
        Node::Choose(condition, yes, no) => {
            let chosen = value(condition, of) == Value::Flag(true);
            told(if chosen { yes } else { no }, model, of)
        }
        other => part(other, Comparison::Is, vec![&Node::Flag(true)]),
    }
}

fn looked_at(node: &Node, model: &Model) -> What {
    match node {
        Node::Feature(Feature::Score(place)) => {
            What::Score(model.topics().get(*place).cloned().unwrap_or_default())
        }
        Node::Feature(Feature::AnyScore) => What::AnyScore,
        Node::Feature(Feature::DaysSince) => What::DaysSince,
        Node::Feature(Feature::Recent) => What::Recent,
        Node::Feature(Feature::Country) => What::Country,
        Node::Feature(Feature::Segment(place)) => {
            let segment = model.segments().get(*place);
            What::Segment(segment.map(|one| one.name.clone()).unwrap_or_default())
        }
        Node::Feature(Feature::DaysSinceKind(place)) => {
            What::DaysSinceKind(model.kinds().nth(*place).unwrap_or_default().to_owned())
        }
        Node::Feature(Feature::Attribute(place)) | Node::Has(place) => {
            What::Attribute(model.attributes().get(*place).cloned().unwrap_or_default())
        }
        other => What::Formula(formula(other, model)),
    }
}

/// A calculated part as it is written.
fn formula(node: &Node, model: &Model) -> String {
    match node {
        Node::Number(number) => rounded(*number),
        Node::Text(text) => format!("'{text}'"),
        Node::Flag(flag) => flag.to_string(),
        Node::Negate(part) => format!("-{}", formula(part, model)),
        Node::Calculate(how, a, b) => {
            let sign = match how {
                Calculation::Add => "+",
                Calculation::Subtract => "-",
                Calculation::Multiply => "*",
                Calculation::Divide => "/",
                Calculation::Remainder => "%",
            };
            format!("({} {sign} {})", formula(a, model), formula(b, model))
        }
        other => match looked_at_plainly(other, model) {
            Some(name) => name,
            None => "a choice".to_owned(),
        },
    }
}

fn looked_at_plainly(node: &Node, model: &Model) -> Option<String> {
    Some(match node {
        Node::Feature(Feature::Score(place)) => format!("score.{}", model.topics().get(*place)?),
        Node::Feature(Feature::AnyScore) => "score.any".to_owned(),
        Node::Feature(Feature::DaysSince) => "days_since_reaction".to_owned(),
        Node::Feature(Feature::Recent) => "reactions_90d".to_owned(),
        Node::Feature(Feature::Attribute(place)) => model.attributes().get(*place)?.clone(),
        Node::Feature(Feature::DaysSinceKind(place)) => {
            format!("days_since.{}", model.kinds().nth(*place)?)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Attribute, Attributes, Profile, Reaction};

    const NOW: i64 = 1_780_000_000_000;
    const DAY: i64 = 86_400_000;

    fn bundled() -> (Notice, Model) {
        let text = include_str!("../../../notices/customer-contacts.toml");
        let notice = Notice::parse(text, "bundled").unwrap();
        let model = Model::of(&notice).unwrap();
        (notice, model)
    }

    fn profile(model: &Model, given: &[(&str, &str, i64)]) -> Profile {
        let reaction = |(reaction, topic, days): &(&str, &str, i64)| Reaction {
            at: NOW - days * DAY,
            topic: model.topic(topic),
            weight: model.weight(reaction),
        };
        Profile::of(model, given.iter().map(reaction))
    }

    fn segments(model: &Model, profile: &Profile, attributes: &Attributes) -> Vec<String> {
        let features = profile.features(model, attributes, NOW);
        let holding = model.segments().iter().filter(|one| one.rule.holds(&features));
        holding.map(|one| one.name.clone()).collect()
    }

    /// Language, field of work, country and industry.
    fn attributes(role: &str, industry: &str) -> Attributes {
        let text = |text: &str| Some(Attribute::Text(text.to_owned()));
        Attributes(vec![text("fi"), text(role), text("FI"), text(industry)])
    }

    #[test]
    fn the_bundled_segments_follow_from_reactions() {
        let (_, model) = bundled();
        let nobody = Attributes::default();
        let at_port = attributes("maintenance", "Ports");
        for (given, attributes, wanted) in [
            (
                &[("attended", "training", 3), ("clicked", "training", 10)][..],
                &nobody,
                &["engaged", "likes-training"][..],
            ),
            (&[("opened", "ports", 2), ("opened", "ports", 9)], &nobody, &[]),
            (
                &[("opened", "ports", 2), ("opened", "ports", 9), ("opened", "service", 9)],
                &at_port,
                &["warming-up", "likes-ports"],
            ),
            (&[("replied", "lifting", 100)], &nobody, &["cooling-down", "likes-lifting"]),
            (&[("replied", "lifting", 200)], &nobody, &["dormant"]),
            (&[], &nobody, &[]),
            (&[("delivered", "ports", 400)], &nobody, &[]),
        ] {
            assert_eq!(segments(&model, &profile(&model, given), attributes), wanted, "{given:?}");
        }
    }

    #[test]
    fn a_membership_tells_its_numbers_and_its_end() {
        let (notice, model) = bundled();
        let profile = profile(&model, &[("attended", "training", 0), ("clicked", "ports", 0)]);
        let engaged = &model.segments()[0];
        let nobody = Attributes::default();
        let features = profile.features(&model, &nobody, NOW);
        let told = engaged.rule.told(&model, &features);
        assert_eq!(
            told.words(&notice),
            "the score over all topics is at least 8 (it is 11), and the number of days since the \
             latest reaction is at most 45 (it is 0)"
        );
        assert!(told.parts().iter().all(|part| part.holds));
        // 11 halves in 90 days: it is below 8 after 41.3 of them, and it is evening.
        let until = engaged.rule.until(&model, &profile, &nobody, NOW).unwrap();
        assert_eq!(until - NOW / DAY, 42);
        let dormant = &model.segments()[3];
        assert_eq!(dormant.rule.until(&model, &profile, &nobody, NOW).unwrap() - NOW / DAY, 181);
    }

    #[test]
    fn what_is_not_known_makes_nothing_true() {
        let (_, model) = bundled();
        let nobody = Attributes::default();
        let profile = profile(&model, &[]);
        let features = profile.features(&model, &nobody, NOW);
        let holds = |rule: &str| Rule::parse(rule, &model).map(|rule| rule.holds(&features));
        for rule in [
            "company.industry == 'Ports'",
            "company.industry != 'Ports'",
            "!(company.industry == 'Ports')",
            "days_since_reaction > 180",
            "company.industry in ['Ports', 'Steel']",
            "1.0 / score.any > 2.0",
            "company.country == 3.0",
        ] {
            assert_eq!(holds(rule), Ok(false), "{rule}");
        }
        assert_eq!(holds("days_since_reaction > 180 || score.any == 0.0"), Ok(true));
        assert_eq!(holds("!has(contact.employment.role)"), Ok(true));
        assert_eq!(holds("score.any == 0.0 ? reactions_90d == 0 : false"), Ok(true));
    }

    #[test]
    fn a_rule_reaches_nothing_but_what_the_notice_lists() {
        let (_, model) = bundled();
        for rule in [
            "contact.identity.family_name == 'Virtanen'",
            "contact.contact_details.email != ''",
            "score.weapons > 1.0",
            "size(contact.employment.role) > 3",
            "[1, 2].all(x, x > 0)",
            "score",
            "contact.employment.role.matches('.*')",
            "{'a': 1}.a == 1",
            "((((((((score.any > 1.0))))))))",
        ] {
            assert!(Rule::parse(rule, &model).is_err(), "{rule}");
        }
    }
}
