//! Random notices, contacts, records and questions, from a seed.

use std::collections::BTreeSet;

use gantry_notice::model::{
    Basis, Category, ChannelRule, Controller, Field, FieldKind, Named, Notice, Objection, OptIn,
    Profiling, Purpose, Read, Regime, System, Use,
};
use gantry_notice::time::{Anchor, Length, Window, YearEnd};
use gantry_notice::{Channel, Mode, Operation, Reach};
use jiff::ToSpan;
use jiff::civil::{Date, date};

use crate::naive::{About, Fact, Person, Question};

const PURPOSES: [&str; 4] = ["crm", "marketing", "reporting", "claims"];
const USES: [&str; 3] = ["first", "second", "third"];
const CATEGORIES: [&str; 5] = ["identity", "details", "reactions", "interests", "segments"];
const FIELDS: [&str; 4] = ["name", "email", "phone", "topic"];
const ROLES: [&str; 3] = ["seller", "marketer", "analyst"];
const COUNTRIES: [&str; 5] = ["FI", "DE", "CN", "US", ""];

/// A sequence of numbers that its seed decides (SplitMix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(count).unwrap()).unwrap()
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    fn some(&mut self, list: &[&str], percent: usize) -> Vec<String> {
        list.iter().filter(|_| self.chance(percent)).map(|name| (*name).to_owned()).collect()
    }

    fn set(&mut self, list: &[&str], percent: usize) -> BTreeSet<String> {
        self.some(list, percent).into_iter().collect()
    }

    fn maybe<T>(&mut self, percent: usize, make: impl FnOnce(&mut Dice) -> T) -> Option<T> {
        self.chance(percent).then(|| make(self))
    }

    /// A day of the years around 2026.
    pub(crate) fn day(&mut self) -> Date {
        let days = i64::try_from(self.below(12_000)).unwrap();
        date(2000, 1, 1).checked_add(days.days()).unwrap()
    }
}

/// The versions of a notice: each names what it likes of the same few names.
pub(crate) fn lineage(dice: &mut Dice) -> Vec<Notice> {
    let count = if dice.chance(5) { 70 } else { 1 + dice.below(4) };
    (0..count).map(|_| notice(dice)).collect()
}

fn notice(dice: &mut Dice) -> Notice {
    let text = String::new;
    let year_end = YearEnd { month: dice.pick(&[2, 6, 12]), day: dice.pick(&[15, 30, 31]) };
    let controller = Controller {
        name: text(),
        address: text(),
        country: "FI".to_owned(),
        email: text(),
        web: None,
        answer_within_days: 30,
        financial_year_ends: year_end,
    };
    let categories = dice.some(&CATEGORIES, 85);
    let roles = dice.some(&ROLES, 90);
    let purposes = dice.some(&PURPOSES, 85);
    let purposes = purposes.into_iter().map(|name| (name, purpose(dice, &categories, &roles)));
    Notice {
        id: "random".to_owned(),
        title: text(),
        version: text(),
        effective: date(2026, 1, 1),
        language: text(),
        summary: text(),
        statements: Vec::new(),
        controller,
        purposes: purposes.collect(),
        regimes: regimes(dice),
        channels: Channel::ALL
            .into_iter()
            .filter_map(|channel| channel_rule(dice, channel))
            .collect(),
        categories: categories.into_iter().map(|name| (name, category(dice))).collect(),
        roles: roles.into_iter().map(|name| (name, text())).collect(),
        objects: Named::new(),
        profiling: dice.maybe(85, |_| profiling()),
        smallest_cell: 10,
        audit_window: window(dice),
        suppression_window: window(dice),
        archive: None,
        system: System { requests: text(), archive: text(), audit: text(), operations: text() },
        translations: Named::new(),
    }
}

fn regimes(dice: &mut Dice) -> Named<Regime> {
    let own_first = dice.chance(50);
    let mut regimes = Named::new();
    for (name, countries) in [("own", vec![]), ("east", vec!["CN"]), ("west", vec!["US"])] {
        let regime = Regime {
            title: String::new(),
            own: name == "own",
            countries: countries.into_iter().map(str::to_owned).collect(),
            basis: dice.maybe(50, basis),
            except: (0..dice.below(3)).map(|_| basis(dice)).collect(),
            held_in: None,
        };
        let at = if own_first { regimes.len() } else { 0 };
        regimes.shift_insert(at, name.to_owned(), regime);
    }
    regimes
}

fn channel_rule(dice: &mut Dice, channel: Channel) -> Option<(Channel, ChannelRule)> {
    let mut rule = ChannelRule { default: opt_in(dice), ..ChannelRule::default() };
    for country in COUNTRIES.into_iter().filter(|country| !country.is_empty()) {
        let list = match dice.below(4) {
            0 => &mut rule.opt_in,
            1 => &mut rule.soft_opt_in,
            2 => &mut rule.opt_out,
            _ => continue,
        };
        list.push(country.to_owned());
    }
    dice.maybe(90, |_| (channel, rule))
}

fn opt_in(dice: &mut Dice) -> OptIn {
    dice.pick(OptIn::ALL)
}

fn basis(dice: &mut Dice) -> Basis {
    let usual = [Basis::LegitimateInterest, Basis::LegalObligation, Basis::Consent];
    if dice.chance(70) { dice.pick(&usual) } else { dice.pick(Basis::ALL) }
}

fn category(dice: &mut Dice) -> Category {
    let fields = dice.some(&FIELDS, 75).into_iter().map(|name| {
        let channel = match &*name {
            "email" => Some(Channel::Email),
            "phone" => Some(dice.pick(&[Channel::Phone, Channel::Post])),
            _ => None,
        };
        let field = Field {
            title: String::new(),
            kind: FieldKind::Label,
            sealed: false,
            search: None,
            identifying: dice.chance(50),
            channel,
            required: false,
        };
        (name, field)
    });
    Category {
        title: String::new(),
        description: String::new(),
        dpv: String::new(),
        source: String::new(),
        single: false,
        company: false,
        special: false,
        expires: false,
        about: Vec::new(),
        fields: fields.collect(),
    }
}

fn purpose(dice: &mut Dice, categories: &[String], roles: &[String]) -> Purpose {
    let categories: Vec<&str> = categories.iter().map(String::as_str).collect();
    let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
    let read = dice.some(&categories, 75);
    let uses = dice.some(&USES, 70);
    let regimes = dice.some(&["own", "east", "west"], 15);
    Purpose {
        number: 1,
        title: String::new(),
        description: String::new(),
        dpv: String::new(),
        basis: basis(dice),
        basis_in: regimes.into_iter().map(|name| (name, basis(dice))).collect(),
        basis_for_sole_trader: None,
        interest: None,
        special_condition: None,
        mode: if dice.chance(70) { Mode::Identified } else { dice.pick(Mode::ALL) },
        reads: read.into_iter().map(|name| (name, reading(dice))).collect(),
        collects: dice.some(&categories, 60),
        changes: dice.some(&categories, 60),
        derives: dice.some(&categories, 60),
        discloses: dice.some(&categories, 60),
        roles: dice.some(&roles, 80),
        recipients: Vec::new(),
        uses: uses.into_iter().map(|name| (name, a_use(dice, &categories))).collect(),
        objection: dice.pick(Objection::ALL),
        reads_archive: dice.chance(50),
        while_restricted: dice.chance(30),
    }
}

fn reading(dice: &mut Dice) -> Read {
    Read { fields: dice.maybe(40, |dice| dice.some(&FIELDS, 70)), window: window(dice) }
}

fn a_use(dice: &mut Dice, categories: &[&str]) -> Use {
    Use {
        title: String::new(),
        direct_marketing: dice.chance(40),
        interests: dice.chance(70),
        segments: dice.chance(70),
        basis: dice.maybe(20, basis),
        categories: dice.maybe(25, |dice| dice.some(categories, 70)),
        operations: dice
            .maybe(25, |dice| Operation::ALL.into_iter().filter(|_| dice.chance(70)).collect()),
    }
}

fn window(dice: &mut Dice) -> Window {
    let length = match dice.below(3) {
        0 => Length::Days(dice.pick(&[0, 1, 30, 400])),
        1 => Length::Months(dice.pick(&[0, 1, 12, 24])),
        _ => Length::Years(dice.pick(&[0, 1, 6, 10])),
    };
    Window { length, anchor: dice.pick(&Anchor::ALL), financial_year: dice.chance(25) }
}

fn profiling() -> Profiling {
    Profiling {
        features: Vec::new(),
        attributes: Vec::new(),
        interests: "interests".to_owned(),
        segments: "segments".to_owned(),
        interest_readers: Vec::new(),
        segment_readers: Vec::new(),
        topics: Named::new(),
        weights: indexmap::IndexMap::new(),
        half_life_days: 90,
        smallest_segment: 25,
        review: String::new(),
        effect: String::new(),
        segment: Named::new(),
    }
}

/// A question about the names of the lineage, and now and then about a name that nobody gave.
pub(crate) fn question(dice: &mut Dice) -> Question {
    let name = |dice: &mut Dice, list: &[&str]| {
        if dice.chance(2) { "nowhere".to_owned() } else { dice.pick(list).to_owned() }
    };
    Question {
        purpose: name(dice, &PURPOSES),
        used: name(dice, &USES),
        roles: dice.some(&ROLES, 70),
        category: name(dice, &CATEGORIES),
        operation: dice.pick(&Operation::ALL),
        channel: dice.maybe(30, |dice| dice.pick(&Channel::ALL)),
    }
}

/// A contact; most of what may stand in the way of a purpose is rare, so that every rule is reached.
pub(crate) fn person(dice: &mut Dice, versions: usize) -> Person {
    let reach = [Reach::Unasked, Reach::OptedIn, Reach::NotOptedIn, Reach::Closed];
    let rare = dice.pick(&[0, 3, 10]);
    let fields = if dice.chance(20) { dice.below(6) } else { 0 };
    Person {
        country: dice.pick(&COUNTRIES).to_owned(),
        erased: dice.chance(rare),
        elsewhere: dice.chance(rare),
        archived: dice.chance(rare),
        restricted: dice.chance(rare),
        customer: dice.chance(50),
        objects_to_marketing: dice.chance(rare),
        objects_to_profiling: dice.chance(rare),
        reach: [dice.pick(&reach), dice.pick(&reach), dice.pick(&reach)],
        consented: dice.set(&PURPOSES, 50),
        consented_since: dice.set(&PURPOSES, 50),
        objected: dice.set(&PURPOSES, rare),
        weighed: dice.set(&PURPOSES, rare),
        restricted_for: dice.set(&PURPOSES, rare),
        kept_for: dice.set(&PURPOSES, 40),
        told: dice.below(versions + 1),
        last_activity: dice.maybe(60, Dice::day),
        end_of_relation: dice.maybe(50, Dice::day),
        restricted_fields: (0..fields)
            .map(|_| (dice.pick(&CATEGORIES).to_owned(), dice.pick(&FIELDS).to_owned()))
            .collect(),
    }
}

/// A record of that purpose or another.
pub(crate) fn fact(dice: &mut Dice, asked: &Question, versions: usize) -> Fact {
    let same = dice.chance(50);
    Fact {
        at: dice.day(),
        about: match dice.below(3) {
            0 => About::Nothing,
            1 => About::OpenObject,
            _ => About::ClosedObject(dice.day()),
        },
        last_day: dice.maybe(15, Dice::day),
        expired: dice.chance(10),
        objected: dice
            .maybe(20, |dice| (dice.pick(&PURPOSES).to_owned(), dice.pick(&USES).to_owned())),
        collected_for: if same { asked.purpose.clone() } else { dice.pick(&PURPOSES).to_owned() },
        version: dice.below(versions + 1),
    }
}
