//! Everybody at once: what is needed of each contact to answer at once whom an audience reaches.
//!
//! A contact has a place; what is asked of it lies in bitmaps of places (attributes, what a person
//! decided, whom a use may reach) and in columns (scores, the day of the latest reaction), and its
//! reactions lie beside each other. Scores stand in columns as logarithms: what fades exponentially keeps
//! its order, so that a column needs no work while time goes on. They are rounded there; who is so close
//! to what a rule asks that rounding could decide is worked out exactly.

mod answer;
mod column;
mod events;
mod values;

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use gantry_notice::Reason;
use hashbrown::HashTable;
use roaring::RoaringBitmap;

use crate::model::{DAY, Kind, Model, Topic};
use crate::profile::{Attribute, Attributes, Profile, RECENT, Reaction, day_of, faded};
use column::Column;
use events::{Event, Events};
use values::Values;

pub use answer::{Among, Found};

/// A contact, as the index takes it in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Person {
    /// Its country, two letters.
    pub country: Option<String>,
    /// What rules may know of it and its company.
    pub attributes: Attributes,
    /// Its reactions: when, of which kind, to what. Those of machines are none.
    pub reactions: Vec<(i64, Kind, Option<Topic>)>,
    /// What a person decided, by the place of the segment: in, or out.
    pub by_hand: Vec<(usize, bool)>,
    /// For each use that asks for audiences, in their order: why it may not reach the contact.
    pub reach: Vec<Option<Reason>>,
}

/// Contacts by their ids, ready to be asked.
#[derive(Debug)]
pub struct Index {
    model: Arc<Model>,
    scale: Scale,
    /// Reactions are counted for so many milliseconds.
    keep: i64,
    today: i64,
    hasher: RandomState,
    places: HashTable<u32>,
    ids: Vec<[u8; 16]>,
    free: Vec<u32>,
    live: RoaringBitmap,
    countries: Values,
    attributes: Vec<Values>,
    by_hand: Vec<[RoaringBitmap; 2]>,
    reach: Vec<BTreeMap<Reason, RoaringBitmap>>,
    /// Who ever reacted in each way, or more than those.
    kinds: Vec<RoaringBitmap>,
    /// By topic, then over all.
    scores: Vec<Column>,
    last: Column,
    recent: Column,
    events: Events,
}

impl Index {
    /// An empty index under a model, as of a moment. Reactions count for `keep_days`; `uses` is how
    /// many uses ask for audiences.
    pub fn new(model: Arc<Model>, keep_days: u32, uses: usize, at: i64) -> Index {
        let keep = i64::from(keep_days) * DAY_MILLIS;
        Index {
            scale: Scale::of(&model, keep, at),
            keep,
            today: day_of(at),
            hasher: RandomState::new(),
            places: HashTable::new(),
            ids: Vec::new(),
            free: Vec::new(),
            live: RoaringBitmap::new(),
            countries: Values::default(),
            attributes: vec![Values::default(); model.attributes().len()],
            by_hand: vec![Default::default(); model.segments().len()],
            reach: vec![BTreeMap::new(); uses],
            kinds: vec![RoaringBitmap::new(); model.kinds().count()],
            scores: vec![Column::default(); model.topics().len() + 1],
            last: Column::default(),
            recent: Column::default(),
            events: Events::default(),
            model,
        }
    }

    /// The model it is under.
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// How many contacts it has.
    pub fn len(&self) -> u64 {
        self.live.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.live.is_empty()
    }

    /// Takes a contact in, in place of what was known of it.
    pub fn put(&mut self, id: [u8; 16], person: &Person) {
        let place = self.place_for(id);
        self.countries.set(place, person.country.clone().map(Attribute::Text));
        let mut given = person.attributes.0.iter().cloned();
        for values in &mut self.attributes {
            values.set(place, given.next().flatten());
        }
        for (at, [inside, outside]) in self.by_hand.iter_mut().enumerate() {
            let decided = person.by_hand.iter().find(|(segment, _)| *segment == at);
            put_or_not(inside, place, decided.is_some_and(|(_, is_in)| *is_in));
            put_or_not(outside, place, decided.is_some_and(|(_, is_in)| !*is_in));
        }
        for (at, reasons) in self.reach.iter_mut().enumerate() {
            // Of whom nothing is known, nobody is reached.
            let reason = person.reach.get(at).copied().unwrap_or(Some(Reason::Unknown));
            for (other, places) in reasons.iter_mut() {
                put_or_not(places, place, Some(*other) == reason);
            }
            if let Some(reason) = reason {
                reasons.entry(reason).or_default().insert(place);
            }
        }
        let mut events: Vec<Event> = person
            .reactions
            .iter()
            .filter(|(_, kind, _)| self.model.weight_of(*kind) > 0.0)
            .filter_map(|(at, kind, topic)| Event::of(*at, *kind, *topic))
            .collect();
        events.sort_unstable();
        self.events.put(place, &events);
        for (at, places) in self.kinds.iter_mut().enumerate() {
            put_or_not(places, place, events.iter().any(|event| event.kind() == Kind(at)));
        }
        self.sum_up(place);
    }

    /// Takes one more reaction in. Answers whether the contact is known.
    pub fn react(&mut self, id: &[u8; 16], (at, kind, topic): (i64, Kind, Option<Topic>)) -> bool {
        let Some(place) = self.place_of(id) else { return false };
        if self.model.weight_of(kind) > 0.0
            && let Some(event) = Event::of(at, kind, topic)
        {
            self.events.push(place, event);
            if let Some(places) = self.kinds.get_mut(kind.0) {
                places.insert(place);
            }
            self.sum_up(place);
        }
        true
    }

    /// Forgets a contact.
    pub fn remove(&mut self, id: &[u8; 16]) {
        let Some(place) = self.place_of(id) else { return };
        let hash = self.hasher.hash_one(id);
        if let Ok(entry) = self.places.find_entry(hash, |other| *other == place) {
            entry.remove();
        }
        // Bitmaps that are asked for their complement are held against `live`; the others must forget.
        self.live.remove(place);
        self.countries.set(place, None);
        self.attributes.iter_mut().for_each(|values| values.set(place, None));
        let by_hand = self.by_hand.iter_mut().flatten();
        let reach = self.reach.iter_mut().flat_map(BTreeMap::values_mut);
        for places in by_hand.chain(reach).chain(&mut self.kinds) {
            places.remove(place);
        }
        self.events.put(place, &[]);
        self.free.push(place);
    }

    /// Brings to a later day what depends on the day alone. Looks at every contact, once a day.
    pub fn turn_to(&mut self, at: i64) {
        let today = day_of(at);
        if today == self.today {
            return;
        }
        self.today = today;
        self.scale = Scale::of(&self.model, self.keep, at);
        for place in self.live.clone() {
            self.sum_up(place);
        }
    }

    /// Bytes in memory, without what the model takes.
    pub fn bytes(&self) -> usize {
        let bitmaps = self
            .by_hand
            .iter()
            .flatten()
            .chain(self.reach.iter().flat_map(BTreeMap::values))
            .chain(&self.kinds)
            .chain([&self.live]);
        let columns = self.scores.iter().chain([&self.last, &self.recent]);
        let values = self.attributes.iter().chain([&self.countries]);
        self.places.allocation_size()
            + self.ids.capacity() * 16
            + self.free.capacity() * 4
            + bitmaps.map(bytes_of).sum::<usize>()
            + columns.map(Column::bytes).sum::<usize>()
            + values.map(Values::bytes).sum::<usize>()
            + self.events.bytes()
    }

    fn place_of(&self, id: &[u8; 16]) -> Option<u32> {
        let hash = self.hasher.hash_one(id);
        self.places.find(hash, |place| self.id(*place) == Some(id)).copied()
    }

    fn id(&self, place: u32) -> Option<&[u8; 16]> {
        usize::try_from(place).ok().and_then(|at| self.ids.get(at))
    }

    fn place_for(&mut self, id: [u8; 16]) -> u32 {
        if let Some(place) = self.place_of(&id) {
            return place;
        }
        let new = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
        let place = self.free.pop().unwrap_or(new);
        match usize::try_from(place).ok().and_then(|at| self.ids.get_mut(at)) {
            Some(mine) => *mine = id,
            None => self.ids.push(id),
        }
        let (hasher, ids) = (&self.hasher, &self.ids);
        let hash_of = |place: &u32| {
            let id = usize::try_from(*place).ok().and_then(|at| ids.get(at));
            hasher.hash_one(id.copied().unwrap_or_default())
        };
        self.places.insert_unique(hasher.hash_one(id), place, hash_of);
        self.live.insert(place);
        place
    }

    /// Writes into the columns what the reactions of a contact come to.
    fn sum_up(&mut self, place: u32) {
        let oldest = (self.today + 1) * DAY_MILLIS - self.keep;
        let (mut last, mut recent) = (0_i64, 0_u16);
        let mut sums = vec![0.0; self.scores.len()];
        let counting = oldest..(self.today + 1) * DAY_MILLIS;
        for event in self.events.of(place).filter(|event| counting.contains(&event.at())) {
            let (at, weight) = (event.at(), self.model.weight_of(event.kind()));
            let worth = weight * self.scale.of_base(&self.model, at);
            if let Some(sum) = event.topic().and_then(|topic| sums.get_mut(topic.0)) {
                *sum += worth;
            }
            if let Some(sum) = sums.last_mut() {
                *sum += worth;
            }
            last = last.max(day_of(at));
            recent += u16::from(day_of(at) > self.today - RECENT);
        }
        for (column, sum) in self.scores.iter_mut().zip(sums) {
            column.set(place, self.scale.step(sum));
        }
        self.last.set(place, day_code(last));
        self.recent.set(place, recent);
    }

    /// The profile of a contact as it is at a moment, from its reactions.
    fn profile(&self, place: u32, at: i64) -> Profile {
        let oldest = (day_of(at) + 1) * DAY_MILLIS - self.keep;
        let counting = oldest..=at;
        let events = self.events.of(place).filter(|event| counting.contains(&event.at()));
        // By time, so that whatever came late the last digit is the same.
        let mut events: Vec<Event> = events.collect();
        events.sort_unstable();
        let events = events.into_iter();
        Profile::of(&self.model, events.map(|event| self.reaction(event)))
    }

    fn reaction(&self, event: Event) -> Reaction {
        let weight = self.model.weight_of(event.kind());
        Reaction { at: event.at(), topic: event.topic(), weight }
    }
}

const DAY_MILLIS: i64 = 86_400_000;
/// Days in columns are counted from here: 2000-01-01.
const FIRST_DAY: i64 = 10_957;

/// How scores stand in columns: the logarithm of what they are worth at a base, in steps.
#[derive(Clone, Copy, Debug)]
struct Scale {
    base: i64,
    /// Half-lives below the base at which steps begin.
    depth: f64,
    /// Steps in a half-life.
    steps: f64,
}

/// Half-lives of room for weights: a score may be a million, or a millionth.
const ROOM: f64 = 20.0;
/// Steps in which scores stand: 0 is none.
const STEPS: f64 = 65_534.0;

impl Scale {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of centuries fit into 53 bits")]
    fn of(model: &Model, keep: i64, at: i64) -> Scale {
        let depth = keep as f64 / model.half_life + ROOM;
        Scale { base: day_of(at) * DAY_MILLIS, depth, steps: STEPS / (depth + ROOM) }
    }

    /// What something of a moment is worth at the base, if it was worth 1 then.
    fn of_base(&self, model: &Model, at: i64) -> f64 {
        faded(model.half_life, self.base - at)
    }

    /// The step of what is worth so much at the base.
    fn step(&self, worth: f64) -> u16 {
        if worth <= 0.0 {
            return 0;
        }
        let step = (worth.log2() + self.depth) * self.steps + 1.0;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 1 and 65,535"
        )]
        let step = step.clamp(1.0, STEPS + 1.0) as u16;
        step
    }
}

/// A day as it stands in a column: 0 is none, and the earliest day counts for all before it.
fn day_code(day: i64) -> u16 {
    if day == 0 {
        return 0;
    }
    u16::try_from((day - FIRST_DAY).max(1)).unwrap_or(u16::MAX)
}

fn put_or_not(places: &mut RoaringBitmap, place: u32, put: bool) {
    if put {
        places.insert(place);
    } else {
        places.remove(place);
    }
}

fn bytes_of(bitmap: &RoaringBitmap) -> usize {
    usize::try_from(bitmap.statistics().n_bytes_array_containers).unwrap_or(0)
        + usize::try_from(bitmap.statistics().n_bytes_bitset_containers).unwrap_or(0)
        + usize::try_from(bitmap.statistics().n_bytes_run_containers).unwrap_or(0)
}

#[expect(clippy::cast_possible_truncation, reason = "a day has 86,400,000 milliseconds")]
const _: () = assert!(DAY as i64 == DAY_MILLIS);

#[cfg(test)]
mod tests;
