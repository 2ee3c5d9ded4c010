//! Whom an audience takes in: its expression, answered for all places at once.
//!
//! An expression is asked for the places where it is so, or where it is not; where it is neither (what is
//! not known makes nothing true) they are in neither. What is cheap is asked first, and the rest only
//! of those that are left.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use gantry_notice::Reason;
use roaring::RoaringBitmap;

use crate::audience::Audience;
use crate::index::column::Column;
use crate::index::{DAY_MILLIS, FIRST_DAY, Index};
use crate::profile::{Attribute, Attributes, Besides, Features, day_of};
use crate::rule::{Comparison, Feature, Node, Value, compared, value};

/// Whom an audience takes in under a use.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The places of those whom the use may reach.
    places: RoaringBitmap,
    /// Those whom it may not, by the reason.
    excluded: BTreeMap<Reason, u64>,
}

impl Found {
    /// How many may be reached.
    pub fn count(&self) -> u64 {
        self.places.len()
    }

    /// How many fit but may not be reached, by the reason.
    pub fn excluded(&self) -> &BTreeMap<Reason, u64> {
        &self.excluded
    }
}

/// Of whom something is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Among {
    /// Of all contacts.
    All,
    /// Of those whom a use may reach, by its place.
    Use(usize),
}

impl Index {
    /// Whom an audience takes in, under the use at that place, at a moment of the day that the index
    /// stands at.
    pub fn find(&self, audience: &Audience, use_at: usize, at: i64) -> Found {
        let Some(reasons) = self.reach.get(use_at) else { return Found::default() };
        let ask = Ask { index: self, at };
        let mut places = ask.places(&audience.rule.root, true, &self.live);
        let mut excluded = BTreeMap::new();
        for (reason, unreached) in reasons {
            let count = places.intersection_len(unreached);
            if count > 0 {
                excluded.insert(*reason, count);
                places -= unreached;
            }
        }
        Found { places, excluded }
    }

    /// Of how many something is so.
    pub fn count(&self, audience: &Audience, among: Among, at: i64) -> u64 {
        match among {
            Among::Use(use_at) => self.find(audience, use_at, at).count(),
            Among::All => {
                Ask { index: self, at }.places(&audience.rule.root, true, &self.live).len()
            }
        }
    }

    /// The ids of those who were found, from a place on, at most so many; and the place to go on from.
    pub fn ids_of(&self, found: &Found, from: u32, limit: usize) -> (Vec<[u8; 16]>, Option<u32>) {
        let mut places = found.places.range(from..);
        let ids = places.by_ref().take(limit).filter_map(|place| self.id(place).copied());
        let ids = ids.collect();
        (ids, places.next())
    }

    /// Whether a contact belongs to what was found; none where it is not known.
    pub fn is_in(&self, found: &Found, id: &[u8; 16]) -> Option<bool> {
        self.place_of(id).map(|place| found.places.contains(place))
    }

    /// Why the use at that place may not reach a contact, if so.
    pub fn kept_from(&self, id: &[u8; 16], use_at: usize) -> Option<Reason> {
        let place = self.place_of(id)?;
        let mut reasons = self.reach.get(use_at)?.iter();
        reasons.find(|(_, places)| places.contains(place)).map(|(reason, _)| *reason)
    }

    /// What an audience looks at of a contact.
    pub(crate) fn looked_at<T>(
        &self,
        id: &[u8; 16],
        at: i64,
        tell: impl FnOnce(&Features<'_>) -> T,
    ) -> Option<T> {
        let place = self.place_of(id)?;
        Some(Ask { index: self, at }.of_one(place, true, tell))
    }
}

struct Ask<'i> {
    index: &'i Index,
    at: i64,
}

impl Ask<'_> {
    /// The places, among some, where a part of an expression is so, or is not.
    fn places(&self, node: &Node, wanted: bool, among: &RoaringBitmap) -> RoaringBitmap {
        match node {
            Node::Flag(flag) if *flag == wanted => among.clone(),
            Node::Flag(_) => RoaringBitmap::new(),
            Node::Not(part) => self.places(part, !wanted, among),
            Node::All(parts) if wanted => self.all(parts, wanted, among),
            Node::Any(parts) if !wanted => self.all(parts, wanted, among),
            Node::All(parts) | Node::Any(parts) => self.any(parts, wanted, among),
            Node::Choose(condition, yes, no) => {
                let on_yes = self.places(condition, true, among);
                let on_no = self.places(condition, false, among);
                self.places(yes, wanted, &on_yes) | self.places(no, wanted, &on_no)
            }
            Node::Feature(Feature::Segment(segment)) => self.segment(*segment, wanted, among),
            Node::Feature(Feature::Attribute(_) | Feature::Country) => {
                self.valued(node, among, |value| *value == Attribute::Flag(wanted))
            }
            Node::Has(place) => {
                let has = self.valued(&Node::Feature(Feature::Attribute(*place)), among, |_| true);
                if wanted { has } else { among - has }
            }
            Node::In(part, list) if is_attribute(part) && list.iter().all(is_literal) => {
                let listed: Vec<Value<'_>> = list.iter().filter_map(literal).collect();
                self.valued(part, among, |value| listed.contains(&plain(value)) == wanted)
            }
            Node::Compare(how, a, b) => match (&**a, &**b) {
                (Node::Feature(feature), literal) => {
                    self.compare(node, *feature, *how, literal, wanted, among)
                }
                (literal, Node::Feature(feature)) => {
                    self.compare(node, *feature, turned(*how), literal, wanted, among)
                }
                _ => self.one_by_one(node, wanted, among),
            },
            _ => self.one_by_one(node, wanted, among),
        }
    }

    fn all(&self, parts: &[Node], wanted: bool, among: &RoaringBitmap) -> RoaringBitmap {
        let mut parts: Vec<&Node> = parts.iter().collect();
        parts.sort_by_key(|part| cost(part));
        let mut left: Option<RoaringBitmap> = None;
        for part in parts {
            let next = self.places(part, wanted, left.as_ref().unwrap_or(among));
            if next.is_empty() {
                return next;
            }
            left = Some(next);
        }
        left.unwrap_or_else(|| among.clone())
    }

    fn any(&self, parts: &[Node], wanted: bool, among: &RoaringBitmap) -> RoaringBitmap {
        let mut parts: Vec<&Node> = parts.iter().collect();
        parts.sort_by_key(|part| cost(part));
        let mut found = RoaringBitmap::new();
        let mut left = among.clone();
        for part in parts {
            let next = self.places(part, wanted, &left);
            left -= &next;
            found |= next;
        }
        found
    }

    /// Who belongs to a segment: by its rule as it is now, unless a person decided.
    fn segment(&self, segment: usize, wanted: bool, among: &RoaringBitmap) -> RoaringBitmap {
        let Some(rule) = self.index.model.segments().get(segment).map(|one| &one.rule.root) else {
            return RoaringBitmap::new();
        };
        let nobody = [RoaringBitmap::new(), RoaringBitmap::new()];
        let [inside, outside] = self.index.by_hand.get(segment).unwrap_or(&nobody);
        let mut belong = self.places(rule, true, among);
        if !outside.is_empty() {
            belong -= outside;
        }
        if !inside.is_empty() {
            belong |= inside & among;
        }
        if wanted { belong } else { among - belong }
    }

    /// Places by the value of an attribute.
    fn valued(
        &self,
        part: &Node,
        among: &RoaringBitmap,
        is_such: impl Fn(&Attribute) -> bool,
    ) -> RoaringBitmap {
        let values = match part {
            Node::Feature(Feature::Country) => Some(&self.index.countries),
            Node::Feature(Feature::Attribute(place)) => self.index.attributes.get(*place),
            _ => None,
        };
        let mut found = values.map(|values| values.such(is_such)).unwrap_or_default();
        found &= among;
        found
    }

    /// A feature held against a value that does not depend on the contact.
    fn compare(
        &self,
        node: &Node,
        feature: Feature,
        how: Comparison,
        with: &Node,
        wanted: bool,
        among: &RoaringBitmap,
    ) -> RoaringBitmap {
        let index = self.index;
        let number = if let Node::Number(number) = with { Some(*number) } else { None };
        match (feature, number) {
            (Feature::Attribute(_) | Feature::Country, _) if is_literal(with) => {
                let with = literal(with).unwrap_or(Value::Unknown);
                let answer = Value::Flag(wanted);
                let such = |value: &Attribute| compared(how, plain(value), with) == answer;
                self.valued(&Node::Feature(feature), among, such)
            }
            (Feature::Score(topic), Some(number)) => {
                let answer = (how, number, wanted);
                self.scored(node, index.scores.get(topic), answer, among)
            }
            (Feature::AnyScore, Some(number)) => {
                self.scored(node, index.scores.last(), (how, number, wanted), among)
            }
            (Feature::DaysSince, Some(number)) => {
                // What is long past stands on the first day, where the column tells no more.
                let today = day_of(self.at) - FIRST_DAY;
                let holds = |day: u16| {
                    let days = today - i64::from(day);
                    is_so(how, days, number) == wanted
                };
                let found = stepwise(&index.last, 1, holds, among);
                found.unwrap_or_else(|| self.one_by_one(node, wanted, among))
            }
            (Feature::Recent, Some(number)) => {
                let holds = |count: u16| is_so(how, i64::from(count), number) == wanted;
                let found = stepwise(&index.recent, 0, holds, among);
                found.unwrap_or_else(|| self.one_by_one(node, wanted, among))
            }
            (Feature::DaysSinceKind(kind), Some(_)) => {
                // Who never did so is in neither.
                let did = index.kinds.get(kind).map(|did| did & among).unwrap_or_default();
                self.one_by_one(node, wanted, &did)
            }
            _ => self.one_by_one(node, wanted, among),
        }
    }

    /// Places by a score: by the column where it is sure, else worked out exactly.
    fn scored(
        &self,
        node: &Node,
        column: Option<&Column>,
        (how, number, wanted): (Comparison, f64, bool),
        among: &RoaringBitmap,
    ) -> RoaringBitmap {
        let Some(column) = column else { return RoaringBitmap::new() };
        let more = match how {
            Comparison::AtLeast | Comparison::MoreThan => wanted,
            Comparison::AtMost | Comparison::LessThan => !wanted,
            Comparison::Is | Comparison::IsNot => return self.one_by_one(node, wanted, among),
        };
        if number <= 0.0 || !number.is_finite() {
            return self.one_by_one(node, wanted, among);
        }
        let index = self.index;
        let at_base = number * index.scale.of_base(&index.model, self.at);
        let step = index.scale.step(at_base);
        // A step to either side may be rounding.
        let unsure = step.saturating_sub(1).max(1)..=step.saturating_add(1);
        let sure: RangeInclusive<u16> = if more {
            let Some(from) = unsure.end().checked_add(1) else {
                return self.one_by_one(node, wanted, &column.within(unsure, among));
            };
            from..=u16::MAX
        } else {
            0..=unsure.start() - 1
        };
        let sure = column.within(sure, among);
        let unsure = column.within(unsure, among);
        sure | self.one_by_one(node, wanted, &unsure)
    }

    fn one_by_one(&self, node: &Node, wanted: bool, among: &RoaringBitmap) -> RoaringBitmap {
        let whole = asks_audience(node);
        let answer = Value::Flag(wanted);
        let places = among.iter();
        let fitting = places
            .filter(|place| self.of_one(*place, whole, |features| value(node, features) == answer));
        RoaringBitmap::from_sorted_iter(fitting).unwrap_or_default()
    }

    /// What can be looked at of one contact; with what only audiences name, or without.
    fn of_one<T>(&self, place: u32, whole: bool, tell: impl FnOnce(&Features<'_>) -> T) -> T {
        let index = self.index;
        let profile = index.profile(place, self.at);
        let attributes = index.attributes.iter().map(|values| values.get(place).cloned());
        let attributes = Attributes(attributes.collect());
        let mut features = profile.features(&index.model, &attributes, self.at);
        if whole {
            let mut days_since = vec![None; index.kinds.len()];
            let oldest = (day_of(self.at) + 1) * DAY_MILLIS - index.keep;
            let counting = oldest..=self.at;
            for event in index.events.of(place).filter(|one| counting.contains(&one.at())) {
                let days = day_of(self.at) - day_of(event.at());
                if let Some(known) = days_since.get_mut(event.kind().0) {
                    *known = Some(known.map_or(days, |known: i64| known.min(days)));
                }
            }
            let mut segments = Vec::new();
            for (segment, [inside, outside]) in index.model.segments().iter().zip(&index.by_hand) {
                let by_rule = segment.rule.holds(&features) && !outside.contains(place);
                segments.push(by_rule || inside.contains(place));
            }
            let country = match index.countries.get(place) {
                Some(Attribute::Text(country)) => Some(country.as_str()),
                _ => None,
            };
            features.audience = Besides { country, segments, days_since };
        }
        tell(&features)
    }
}

/// Places whose number in a column makes a comparison come out as wanted: it does so in one range of
/// numbers, from `least` on, or in all but one.
fn stepwise(
    column: &Column,
    least: u16,
    holds: impl Fn(u16) -> bool,
    among: &RoaringBitmap,
) -> Option<RoaringBitmap> {
    let (first, last) = (holds(least), holds(u16::MAX));
    let changes = |low: u16, high: u16| -> u16 {
        // The last number that is as `low` is.
        let (mut low, mut high) = (low, high);
        let like = holds(low);
        while high - low > 1 {
            let middle = low.midpoint(high);
            if holds(middle) == like {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    };
    match (first, last) {
        (true, false) => Some(column.within(least..=changes(least, u16::MAX), among)),
        (false, true) => Some(column.within(changes(least, u16::MAX) + 1..=u16::MAX, among)),
        // The same at both ends: one number may be different, as for `==` and `!=`.
        (same, _) => {
            let odd = (least..=u16::MAX).filter(|number| holds(*number) != same);
            let mut odd = odd.take(2);
            let (one, more) = (odd.next(), odd.next());
            if more.is_some() {
                return None;
            }
            let all = || column.within(least..=u16::MAX, among);
            Some(match (same, one) {
                (true, Some(one)) => all() - column.within(one..=one, among),
                (true, None) => all(),
                (false, Some(one)) => column.within(one..=one, among),
                (false, None) => RoaringBitmap::new(),
            })
        }
    }
}

/// What is cheap is asked first.
fn cost(node: &Node) -> u32 {
    match node {
        Node::Flag(_) => 0,
        Node::Has(_) => 1,
        Node::Feature(Feature::Attribute(_) | Feature::Country) => 1,
        Node::In(part, list) if is_attribute(part) && list.iter().all(is_literal) => 1,
        Node::Compare(_, a, b) => match (&**a, &**b) {
            (Node::Feature(feature), other) | (other, Node::Feature(feature)) => {
                match (feature, is_literal(other)) {
                    (Feature::Attribute(_) | Feature::Country, true) => 1,
                    (Feature::DaysSince | Feature::Recent, true) => 4,
                    (Feature::DaysSinceKind(_), true) => 6,
                    (Feature::Score(_) | Feature::AnyScore, true) => 8,
                    _ => 1_000,
                }
            }
            _ => 1_000,
        },
        Node::Not(part) => cost(part),
        Node::All(parts) | Node::Any(parts) => parts.iter().map(cost).fold(0, u32::saturating_add),
        Node::Choose(a, b, c) => cost(a).saturating_add(cost(b)).saturating_add(cost(c)),
        // The rule behind it is not known here: some columns.
        Node::Feature(Feature::Segment(_)) => 20,
        _ => 1_000,
    }
}

fn is_attribute(node: &Node) -> bool {
    matches!(node, Node::Feature(Feature::Attribute(_) | Feature::Country))
}

fn is_literal(node: &Node) -> bool {
    literal(node).is_some()
}

fn literal(node: &Node) -> Option<Value<'_>> {
    match node {
        Node::Number(number) => Some(Value::Number(*number)),
        Node::Text(text) => Some(Value::Text(text)),
        Node::Flag(flag) => Some(Value::Flag(*flag)),
        _ => None,
    }
}

fn plain(value: &Attribute) -> Value<'_> {
    match value {
        Attribute::Text(text) => Value::Text(text),
        Attribute::Number(number) => Value::Number(*number),
        Attribute::Flag(flag) => Value::Flag(*flag),
    }
}

/// Whether something needs what only audiences name.
fn asks_audience(node: &Node) -> bool {
    match node {
        Node::Feature(Feature::Country | Feature::Segment(_) | Feature::DaysSinceKind(_)) => true,
        Node::Number(_) | Node::Text(_) | Node::Flag(_) | Node::Feature(_) | Node::Has(_) => false,
        Node::Not(part) | Node::Negate(part) => asks_audience(part),
        Node::All(parts) | Node::Any(parts) => parts.iter().any(asks_audience),
        Node::Compare(_, a, b) | Node::Calculate(_, a, b) => asks_audience(a) || asks_audience(b),
        Node::In(part, list) => asks_audience(part) || list.iter().any(asks_audience),
        Node::Choose(a, b, c) => [a, b, c].into_iter().any(|part| asks_audience(part)),
    }
}

/// A comparison seen from the other side.
fn turned(how: Comparison) -> Comparison {
    match how {
        Comparison::AtLeast => Comparison::AtMost,
        Comparison::AtMost => Comparison::AtLeast,
        Comparison::MoreThan => Comparison::LessThan,
        Comparison::LessThan => Comparison::MoreThan,
        same => same,
    }
}

#[expect(clippy::cast_precision_loss, reason = "days of centuries are small")]
fn is_so(how: Comparison, number: i64, with: f64) -> bool {
    compared(how, Value::Number(number as f64), Value::Number(with)) == Value::Flag(true)
}
