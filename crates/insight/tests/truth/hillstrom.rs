//! Hillstrom's e-mail challenge: 64,000 customers of a shop, of whom chance sent a third a mail with
//! men's wares, a third one with women's, and a third none. What they bought before are the reactions;
//! what they did in the two weeks after is to be told.

use std::sync::LazyLock;

use gantry_insight::{Model, Profile, Reaction};

use crate::document::{Table, shared};
use crate::fitted::Fitted;
use crate::measure::{Auc, Figure, chance, fifths, lift, rate, reported};
use crate::shop::{ago, segments, shop, worth};

/// Which mail chance sent.
#[derive(Clone, Copy, PartialEq)]
enum Mail {
    None,
    Mens,
    Womens,
}

struct Customer {
    row: u64,
    /// Since the latest purchase.
    months: u32,
    /// Dollars in the last year.
    history: f64,
    /// Whether there were purchases of men's and of women's wares in the last year.
    bought: [bool; 2],
    newbie: bool,
    channel: String,
    zip: String,
    mail: Mail,
    visited: bool,
    converted: bool,
}

const TOPICS: [&str; 2] = ["mens", "womens"];

/// Days of a month.
const MONTH: f64 = 30.0;

fn customers() -> Option<Vec<Customer>> {
    let mut file = csv::Reader::from_path(shared("hillstrom/hillstrom.csv")?).unwrap();
    let head = file.headers().unwrap().clone();
    let place = |name: &str| head.iter().position(|one| one == name).unwrap();
    let [recency, history, mens, womens, newbie] =
        ["recency", "history", "mens", "womens", "newbie"].map(place);
    let [channel, zip, mail, visit, conversion] =
        ["channel", "zip_code", "segment", "visit", "conversion"].map(place);
    let rows = (0..).zip(file.records()).map(|(row, record)| {
        let record = record.unwrap();
        Customer {
            row,
            months: record[recency].parse().unwrap(),
            history: record[history].parse().unwrap(),
            bought: [&record[mens] == "1", &record[womens] == "1"],
            newbie: &record[newbie] == "1",
            channel: record[channel].to_owned(),
            zip: record[zip].to_owned(),
            mail: match &record[mail] {
                "Mens E-Mail" => Mail::Mens,
                "Womens E-Mail" => Mail::Womens,
                _ => Mail::None,
            },
            visited: &record[visit] == "1",
            converted: &record[conversion] == "1",
        }
    });
    Some(rows.collect())
}

impl Customer {
    /// What the file knows: one sign for each kind of wares bought, at the latest purchase.
    fn known(&self, model: &Model) -> Profile {
        self.of(model, &TOPICS.map(|topic| (topic, f64::from(self.months))))
    }

    /// What one may imagine: one purchase for every hundred dollars, spread evenly from the latest one to
    /// a year ago, of the kinds of wares in turn.
    fn imagined(&self, model: &Model) -> Profile {
        let topics: Vec<_> = self.topics().collect();
        let latest = f64::from(self.months);
        let mut purchases = Vec::new();
        let mut dollars = 0.0;
        while dollars < self.history || purchases.len() < topics.len() {
            let ago = latest + (12.0 - latest) * (dollars / self.history).min(1.0);
            purchases.push((topics[purchases.len() % topics.len()], ago));
            dollars += 100.0;
        }
        self.of(model, &purchases)
    }

    fn topics(&self) -> impl Iterator<Item = &'static str> {
        TOPICS.into_iter().zip(self.bought).filter(|(_, bought)| *bought).map(|(topic, _)| topic)
    }

    fn of(&self, model: &Model, purchases: &[(&str, f64)]) -> Profile {
        let purchases =
            purchases.iter().filter(|(topic, _)| self.topics().any(|one| one == *topic));
        Profile::of(
            model,
            purchases.map(|(topic, months)| {
                #[expect(clippy::cast_possible_truncation, reason = "at most 360 days")]
                let days = (months * MONTH).round() as i64;
                let topic = model.topic(topic);
                Reaction { at: ago(days), topic, weight: model.weight("purchased") }
            }),
        )
    }

    fn columns(&self) -> Vec<f64> {
        let is = |flag: bool| f64::from(u8::from(flag));
        vec![
            1.0,
            f64::from(self.months),
            self.history.ln(),
            is(self.bought[0]),
            is(self.bought[1]),
            is(self.newbie),
            is(self.channel == "Web"),
            is(self.channel == "Multichannel"),
            is(self.zip == "Rural"),
            is(self.zip == "Urban"),
        ]
    }
}

/// A way to order customers, and its name.
type Order<'a> = (&'static str, Box<dyn Fn(&Customer) -> f64 + 'a>);

fn orders(model: &Model) -> Vec<Order<'_>> {
    vec![
        ("score, from what the file knows", Box::new(|one| worth(model, &one.known(model), None))),
        ("score, purchases imagined", Box::new(|one| worth(model, &one.imagined(model), None))),
        ("days since the last purchase alone", Box::new(|one| -f64::from(one.months))),
        ("dollars in a year alone", Box::new(|one| one.history)),
        ("chance", Box::new(|one| chance(one.row))),
    ]
}

/// Something that customers did, or not.
type Outcome = fn(&Customer) -> bool;

pub(crate) static TABLES: LazyLock<Option<Vec<Table>>> = LazyLock::new(|| {
    let all = customers()?;
    let (report, looking): (Vec<&Customer>, Vec<&Customer>) =
        all.iter().partition(|one| reported(one.row));
    let model = shop(90);
    Some(vec![
        predicted(&model, &looking, &report, |one| one.visited),
        predicted(&model, &looking, &report, |one| one.converted),
        half_lives(&report),
        in_segments(&model, &report),
        moved(&model, &report),
        moved_most(&model, &report),
        moved_by_topic(&model, &report),
        chosen(&model, &report),
    ])
});

fn predicted(
    model: &Model,
    looking: &[&Customer],
    report: &[&Customer],
    outcome: Outcome,
) -> Table {
    let columns: Vec<Vec<f64>> = looking.iter().map(|one| one.columns()).collect();
    let outcomes: Vec<bool> = looking.iter().map(|one| outcome(one)).collect();
    let fitted = Fitted::on(&columns, &outcomes);
    let mut orders = orders(model);
    orders.push(("fitted to all columns", Box::new(move |one| fitted.score(&one.columns()))));

    let outcomes: Vec<bool> = report.iter().map(|one| outcome(one)).collect();
    let mut table = Table::new(&[
        "ordered by",
        "AUC",
        "top tenth, lift",
        "top fifth, lift",
        "score − this, AUC",
    ]);
    let mut first: Option<Auc> = None;
    for (name, order) in orders {
        let scores: Vec<f64> = report.iter().map(|one| order(one)).collect();
        let auc = Auc::of(&scores, &outcomes);
        table.row([
            name.to_owned(),
            auc.figure().text(3),
            lift(&scores, &outcomes, 0.1).text(2),
            lift(&scores, &outcomes, 0.2).text(2),
            first.as_ref().map_or_else(|| "–".to_owned(), |score| score.minus(&auc).signed(3)),
        ]);
        first.get_or_insert(auc);
    }
    table
}

fn half_lives(report: &[&Customer]) -> Table {
    let outcomes: Vec<bool> = report.iter().map(|one| one.visited).collect();
    let mut table =
        Table::new(&["half-life", "AUC, what the file knows", "AUC, purchases imagined"]);
    for days in [30, 90, 180, 365] {
        let model = shop(days);
        let auc = |profile: &dyn Fn(&Customer) -> Profile| {
            let scores: Vec<f64> =
                report.iter().map(|one| worth(&model, &profile(one), None)).collect();
            Auc::of(&scores, &outcomes).figure().text(3)
        };
        let known = auc(&|one| one.known(&model));
        table.row([format!("{days} days"), known, auc(&|one| one.imagined(&model))]);
    }
    table
}

fn in_segments(model: &Model, report: &[&Customer]) -> Table {
    let of: Vec<_> = report.iter().map(|one| (*one, segments(model, &one.known(model)))).collect();
    let mut table =
        Table::new(&["segment", "customers", "visited, %", "bought, %", "moved, points"]);
    let mut row = |name: &str, members: Vec<&Customer>| {
        let part = |outcome: Outcome| match members.len() {
            0 => "–".to_owned(),
            _ => rate(members.iter().map(|one| outcome(one))).percent().text(2),
        };
        let (visited, bought) = (part(|one| one.visited), part(|one| one.converted));
        let moved = match members.len() {
            0 => "–".to_owned(),
            _ => uplift(&members, EITHER, |one| one.visited).signed(1),
        };
        table.row([name.to_owned(), members.len().to_string(), visited, bought, moved]);
    };
    for segment in model.segments() {
        let members = of.iter().filter(|(_, in_them)| in_them.contains(&segment.name.as_str()));
        row(&segment.name, members.map(|(one, _)| *one).collect());
    }
    row("all", report.to_vec());
    table
}

/// What those did whom chance gave one of some mails.
fn given(some: &[&Customer], mails: &[Mail], outcome: Outcome) -> Figure {
    rate(some.iter().filter(|one| mails.contains(&one.mail)).map(|one| outcome(one))).percent()
}

/// What mails make of some customers, beside what these do without.
fn uplift(some: &[&Customer], mails: &[Mail], outcome: Outcome) -> Figure {
    given(some, mails, outcome).minus(given(some, &[Mail::None], outcome))
}

const EITHER: &[Mail] = &[Mail::Mens, Mail::Womens];

fn moved(model: &Model, report: &[&Customer]) -> Table {
    let mut table = Table::new(&[
        "fifth by score",
        "customers",
        "visited without, %",
        "with a mail, %",
        "moved, points",
        "moved to buy, points",
    ]);
    let score = |one: &Customer| (worth(model, &one.known(model), None), one.row);
    let names = ["lowest", "second", "third", "fourth", "highest"];
    let all = ("all", report.to_vec());
    for (name, some) in names.into_iter().zip(fifths(report, score)).chain([all]) {
        table.row([
            name.to_owned(),
            some.len().to_string(),
            given(&some, &[Mail::None], |one| one.visited).text(1),
            given(&some, EITHER, |one| one.visited).text(1),
            uplift(&some, EITHER, |one| one.visited).signed(1),
            uplift(&some, EITHER, |one| one.converted).signed(2),
        ]);
    }
    table
}

fn moved_most(model: &Model, report: &[&Customer]) -> Table {
    let mut table = Table::new(&[
        "ordered by",
        "lowest fifth, moved",
        "highest fifth, moved",
        "difference, points",
    ]);
    for (name, order) in orders(model) {
        let fifths = fifths(report, |one| (order(one), one.row));
        let low = uplift(&fifths[0], EITHER, |one| one.visited);
        let high = uplift(&fifths[4], EITHER, |one| one.visited);
        let difference = high.minus(low).signed(1);
        table.row([name.to_owned(), low.signed(1), high.signed(1), difference]);
    }
    table
}

fn moved_by_topic(model: &Model, report: &[&Customer]) -> Table {
    let mut table = Table::new(&[
        "score for a topic",
        "customers",
        "visited without, %",
        "moved by the topic's mail",
        "by the other mail",
    ]);
    let mails = [Mail::Mens, Mail::Womens];
    for (topic, own, other) in [("mens", mails[0], mails[1]), ("womens", mails[1], mails[0])] {
        let place = model.topic(topic);
        let likes = format!("likes-{topic}");
        let mut groups = [Vec::new(), Vec::new(), Vec::new()];
        for one in report {
            let profile = one.known(model);
            let group = match worth(model, &profile, place) > 0.0 {
                true if segments(model, &profile).contains(&likes.as_str()) => 2,
                true => 1,
                false => 0,
            };
            groups[group].push(*one);
        }
        let names = ["none".to_owned(), "some, faded".to_owned(), format!("in `{likes}`")];
        for (name, some) in names.into_iter().zip(groups) {
            table.row([
                format!("{topic}: {name}"),
                some.len().to_string(),
                given(&some, &[Mail::None], |one| one.visited).text(1),
                uplift(&some, &[own], |one| one.visited).signed(1),
                uplift(&some, &[other], |one| one.visited).signed(1),
            ]);
        }
    }
    table
}

/// Who gets which mail.
type Choice<'a> = &'a dyn Fn(&Customer) -> Mail;

/// What comes of a way to choose mails: what those did whom chance gave the mail that it chooses.
fn chosen(model: &Model, report: &[&Customer]) -> Table {
    let by_score = |one: &Customer| {
        let profile = one.known(model);
        let [mens, womens] = TOPICS.map(|topic| worth(model, &profile, model.topic(topic)));
        if womens > mens { Mail::Womens } else { Mail::Mens }
    };
    let choices: [(&str, Choice<'_>); 4] = [
        ("the men's mail to all", &|_| Mail::Mens),
        ("the women's mail to all", &|_| Mail::Womens),
        ("the mail of the higher score", &by_score),
        ("no mail to anybody", &|_| Mail::None),
    ];
    let mut table = Table::new(&[
        "who gets what",
        "visits, %",
        "purchases, %",
        "get no men's mail",
        "these, against the men's",
    ]);
    for (name, choose) in choices {
        let other = |one: &&&Customer| choose(one) != Mail::Mens;
        let others: Vec<&Customer> = report.iter().filter(other).copied().collect();
        let as_chosen = |some: &[&Customer], outcome: Outcome| {
            rate(some.iter().filter(|one| choose(one) == one.mail).map(|one| outcome(one)))
                .percent()
        };
        let more = || {
            let by_mens = given(&others, &[Mail::Mens], |one| one.visited);
            as_chosen(&others, |one| one.visited).minus(by_mens).signed(1)
        };
        table.row([
            name.to_owned(),
            as_chosen(report, |one| one.visited).text(2),
            as_chosen(report, |one| one.converted).text(2),
            others.len().to_string(),
            if others.is_empty() { "–".to_owned() } else { more() },
        ]);
    }
    table
}
