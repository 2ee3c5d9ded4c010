//! Leads of a school: 9,240 people who asked about courses, of whom some enrolled. Their last activity
//! is the one reaction that the file has of each, without a day, and partly from after the outcome.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use gantry_insight::{Model, Profile, Reaction};

use crate::document::{Table, shared};
use crate::fitted::Fitted;
use crate::measure::{Auc, chance, count, lift, rate, reported};
use crate::shop::{ago, published, worth};

struct Lead {
    row: u64,
    /// By the names of the columns that are looked at.
    cells: BTreeMap<&'static str, String>,
}

const COLUMNS: [&str; 14] = [
    "Lead Origin",
    "Lead Source",
    "Do Not Email",
    "Converted",
    "TotalVisits",
    "Total Time Spent on Website",
    "Page Views Per Visit",
    LAST,
    NOTABLE,
    "Tags",
    "Lead Quality",
    ACTIVITY,
    PROFILE,
    "A free copy of Mastering The Interview",
];

fn leads() -> Option<Vec<Lead>> {
    let mut leads = Vec::new();
    for file in ["Lead_Scoring.csv", "eval_leads.csv"] {
        let mut file = csv::Reader::from_path(shared(&format!("lead_scoring/{file}"))?).unwrap();
        let head = file.headers().unwrap().clone();
        let places = COLUMNS.map(|name| head.iter().position(|one| one == name).unwrap());
        for record in file.records() {
            let record = record.unwrap();
            let cells = COLUMNS.into_iter().zip(places.map(|place| record[place].to_owned()));
            leads.push(Lead { row: leads.len() as u64, cells: cells.collect() });
        }
    }
    Some(leads)
}

const LAST: &str = "Last Activity";

const NOTABLE: &str = "Last Notable Activity";

// The scores of the product that the school used, empty for half of the leads.
const ACTIVITY: &str = "Asymmetrique Activity Score";
const PROFILE: &str = "Asymmetrique Profile Score";

impl Lead {
    fn cell(&self, name: &str) -> &str {
        &self.cells[name]
    }

    fn number(&self, name: &str) -> f64 {
        self.cell(name).parse().unwrap_or_default()
    }

    fn converted(&self) -> bool {
        self.cell("Converted") == "1"
    }

    /// How the lead came in, as reactions.
    fn way_in(&self) -> Vec<&'static str> {
        let ways = [
            ("Lead Origin", "Landing Page Submission", "registered"),
            ("Lead Source", "Olark Chat", "replied"),
            ("A free copy of Mastering The Interview", "Yes", "downloaded"),
        ];
        let gone = ways.into_iter().filter(|(column, value, _)| self.cell(column) == *value);
        gone.map(|(_, _, reaction)| reaction).collect()
    }

    fn objects(&self) -> bool {
        self.cell("Do Not Email") == "Yes"
    }

    fn score(&self, model: &Model, reactions: &[&str]) -> f64 {
        // Whoever objects has no scores.
        let objects = |one: &&str| matches!(*one, "unsubscribed" | "complained");
        let objects = self.objects() || reactions.iter().any(objects);
        let counted = reactions.iter().filter(|_| !objects);
        let at = ago(0);
        let reactions = counted.map(|one| Reaction { at, topic: None, weight: model.weight(one) });
        worth(model, &Profile::of(model, reactions), None)
    }

    /// Whether the last activity is what came of a mail.
    fn last_by_mail(&self) -> bool {
        let by_mail = ["opened", "clicked", "bounced", "unsubscribed", "complained"];
        reaction(self.cell(LAST)).is_some_and(|reaction| by_mail.contains(&reaction))
    }

    fn last(&self, column: &str) -> Vec<&'static str> {
        reaction(self.cell(column)).into_iter().collect()
    }

    /// What was known before anybody at the school worked on it.
    fn columns(&self) -> Vec<f64> {
        let is = |column: &str, value: &str| f64::from(u8::from(self.cell(column) == value));
        vec![
            1.0,
            self.number("TotalVisits").ln_1p(),
            self.number("Total Time Spent on Website").ln_1p(),
            self.number("Page Views Per Visit").ln_1p(),
            is("Do Not Email", "Yes"),
            is("Lead Origin", "Landing Page Submission"),
            is("Lead Origin", "Lead Add Form"),
            is("Lead Source", "Olark Chat"),
            is("A free copy of Mastering The Interview", "Yes"),
        ]
    }
}

/// The reaction of the notice that an activity is; none where it is the school's doing, or no reaction.
fn reaction(activity: &str) -> Option<&'static str> {
    match activity {
        "Email Opened" => Some("opened"),
        "Email Link Clicked" | "View in browser link Clicked" => Some("clicked"),
        "Form Submitted on Website" => Some("registered"),
        "Olark Chat Conversation" | "Had a Phone Conversation" | "Approached upfront" => {
            Some("replied")
        }
        "Visited Booth in Tradeshow" => Some("attended"),
        "Email Received" | "SMS Sent" => Some("delivered"),
        "Email Bounced" => Some("bounced"),
        "Unsubscribed" => Some("unsubscribed"),
        "Email Marked Spam" => Some("complained"),
        _ => None,
    }
}

/// A way to order leads, and its name.
type Order<'a> = (&'static str, Box<dyn Fn(&Lead) -> f64 + 'a>);

pub(crate) static TABLES: LazyLock<Option<Vec<Table>>> = LazyLock::new(|| {
    let all = leads()?;
    let (report, looking): (Vec<&Lead>, Vec<&Lead>) = all.iter().partition(|one| reported(one.row));
    let some = |which: fn(&Lead) -> bool| -> Vec<&Lead> {
        report.iter().filter(|one| which(one)).copied().collect()
    };
    let model = published();
    let scored = some(|one| !one.cell(ACTIVITY).is_empty());
    let by_mail = some(Lead::last_by_mail);
    Some(vec![
        ordered([(&report, before(&model, &looking)), (&scored, beside_the_product(&model))]),
        ordered([(&report, after(&model, &looking)), (&by_mail, last_by_mail(&model))]),
        kinds(&model, &report),
    ])
});

fn way_in(model: &Model) -> Order<'_> {
    ("score, from the way in", Box::new(|one| one.score(model, &one.way_in())))
}

fn before<'a>(model: &'a Model, looking: &[&Lead]) -> Vec<Order<'a>> {
    let columns: Vec<Vec<f64>> = looking.iter().map(|one| one.columns()).collect();
    let outcomes: Vec<bool> = looking.iter().map(|one| one.converted()).collect();
    let fitted = Fitted::on(&columns, &outcomes);
    vec![
        way_in(model),
        (
            "score, with each visit to the website as a click",
            Box::new(|one| {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "tens of visits"
                )]
                let visits = one.number("TotalVisits") as usize;
                one.score(model, &[one.way_in(), vec!["clicked"; visits]].concat())
            }),
        ),
        ("wants mail (yes or no) alone", Box::new(|one| f64::from(u8::from(!one.objects())))),
        ("visits to the website alone", Box::new(|one| one.number("TotalVisits"))),
        ("time on the website alone", Box::new(|one| one.number("Total Time Spent on Website"))),
        ("chance", Box::new(|one| chance(one.row))),
        ("fitted to what was known before", Box::new(move |one| fitted.score(&one.columns()))),
    ]
}

fn beside_the_product(model: &Model) -> Vec<Order<'_>> {
    vec![
        way_in(model),
        ("the product's activity score", Box::new(|one| one.number(ACTIVITY))),
        ("the product's profile score", Box::new(|one| one.number(PROFILE))),
        ("both of them", Box::new(|one| one.number(ACTIVITY) + one.number(PROFILE))),
    ]
}

fn last_by_mail(model: &Model) -> Vec<Order<'_>> {
    vec![(
        "score, from the last activity, where that is about a mail",
        Box::new(|one| one.score(model, &one.last(LAST))),
    )]
}

fn after<'a>(model: &'a Model, looking: &[&Lead]) -> Vec<Order<'a>> {
    vec![
        ("score, from the last activity", Box::new(|one| one.score(model, &one.last(LAST)))),
        (
            "score, from the last notable activity",
            Box::new(|one| one.score(model, &one.last(NOTABLE))),
        ),
        (
            "score, from the way in and the last activity",
            Box::new(|one| one.score(model, &[one.way_in(), one.last(LAST)].concat())),
        ),
        ("share enrolled by last activity (learnt)", learnt(looking, LAST)),
        ("share enrolled by last notable activity (learnt)", learnt(looking, NOTABLE)),
        (
            "share enrolled by the seller's word on quality (learnt)",
            learnt(looking, "Lead Quality"),
        ),
        ("share enrolled by the seller's tag (learnt)", learnt(looking, "Tags")),
    ]
}

/// The share that enrolled of those with the same word in a column, among the leads for looking.
fn learnt(looking: &[&Lead], column: &'static str) -> Box<dyn Fn(&Lead) -> f64> {
    let mut shares: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for one in looking {
        let (did, of) = shares.entry(one.cell(column).to_owned()).or_default();
        *did += usize::from(one.converted());
        *of += 1;
    }
    Box::new(move |one| {
        let (did, of) = shares.get(one.cell(column)).copied().unwrap_or_default();
        // One of two more, so that a rare word says little.
        (count(did) + 1.0) / (count(of) + 2.0)
    })
}

fn ordered<const N: usize>(parts: [(&Vec<&Lead>, Vec<Order<'_>>); N]) -> Table {
    let mut table =
        Table::new(&["ordered by", "leads", "AUC", "top tenth, lift", "top fifth, lift"]);
    for (leads, orders) in parts {
        let outcomes: Vec<bool> = leads.iter().map(|one| one.converted()).collect();
        for (name, order) in orders {
            let scores: Vec<f64> = leads.iter().map(|one| order(one)).collect();
            table.row([
                name.to_owned(),
                leads.len().to_string(),
                Auc::of(&scores, &outcomes).figure().text(3),
                lift(&scores, &outcomes, 0.1).text(2),
                lift(&scores, &outcomes, 0.2).text(2),
            ]);
        }
    }
    table
}

fn kinds(model: &Model, report: &[&Lead]) -> Table {
    let mut kinds: BTreeMap<&str, Vec<&Lead>> = BTreeMap::new();
    for one in report {
        kinds.entry(one.cell(LAST)).or_default().push(one);
    }
    let weight = |kind: &str| reaction(kind).map_or(0.0, |reaction| model.weight(reaction));
    let mut kinds: Vec<_> = kinds.into_iter().filter(|(_, leads)| leads.len() >= 25).collect();
    kinds.sort_by(|a, b| weight(b.0).total_cmp(&weight(a.0)).then(b.1.len().cmp(&a.1.len())));
    let mut table = Table::new(&["last activity", "taken as", "weight", "leads", "enrolled, %"]);
    for (kind, leads) in kinds {
        let name = if kind.is_empty() { "(none)" } else { kind };
        table.row([
            name.to_owned(),
            reaction(kind).map_or_else(|| "no reaction".to_owned(), |name| format!("`{name}`")),
            format!("{}", weight(kind)),
            leads.len().to_string(),
            rate(leads.iter().map(|one| one.converted())).percent().text(1),
        ]);
    }
    table
}
