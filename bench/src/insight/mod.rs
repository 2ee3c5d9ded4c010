//! Audiences, scores and reactions: the index, and DuckDB and ClickHouse on the same data.

mod peers;
mod people;

use std::time::{Duration, Instant};

use gantry_insight::{Among, Audience, Index};

use crate::report::{Report, Row};
use crate::timing::{count_as_f64, nanoseconds_each, tell_load};
use crate::{Failure, Outcome};
use peers::Answers;
use people::{AT, People};

/// Contacts, and reactions of each on average.
const CONTACTS: u32 = 10_000_000;
const QUICK: u32 = 200_000;
const REACTIONS: u32 = 5;

/// Five conditions; and five of which one is on recent reactions.
pub(crate) const FIVE: &str = "country in ['FI', 'SE', 'DE'] && contact.identity.language == 'de' \
    && contact.employment.role == 'maintenance' && score.ports >= 3.0 && days_since_reaction <= 45";
pub(crate) const RECENT: &str = "country in ['FI', 'SE', 'DE'] && contact.identity.language == 'de' \
    && contact.employment.role == 'maintenance' && score.any >= 1.0 && reactions_90d >= 2";

/// What is measured of the three.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    Audience,
    Interests,
    Reactions,
}

/// Measures one of them.
pub(crate) fn run(report: &mut Report, quick: bool, which: Which) -> Outcome<()> {
    let suite = match which {
        Which::Audience => "audience",
        Which::Interests => "interests",
        Which::Reactions => "reactions",
    };
    tell_load(suite);
    let contacts = if quick { QUICK } else { CONTACTS };
    let people = People::new(contacts, contacts * REACTIONS);
    let started = Instant::now();
    let mut index = people.index()?;
    eprintln!(
        "{suite}: an index of {contacts} contacts in {:.1} s",
        started.elapsed().as_secs_f64()
    );
    if which == Which::Reactions {
        return reactions(report, &people, &mut index);
    }
    let peers = peers::ask(&people)?;
    if which == Which::Audience {
        audience(report, &index, &peers)
    } else {
        interests(report, &people, &mut index, &peers)
    }
}

fn audience(report: &mut Report, index: &Index, peers: &Answers) -> Outcome<()> {
    for (name, text, goal, times) in
        [("five conditions", FIVE, Some(5.0), 8.0), ("one on recent reactions", RECENT, None, 10.0)]
    {
        let audience = Audience::parse(text, index.model())?;
        let count = index.count(&audience, Among::All, AT);
        let theirs = peers.count(name)?;
        // Their scores have seven digits.
        if count.abs_diff(theirs) > 3 {
            return Err(Failure::from(format!("{name}: {count} here, {theirs} there")));
        }
        let millis = nanoseconds_each(1, Duration::from_secs(3), || {
            std::hint::black_box(index.count(&audience, Among::All, AT));
        }) / 1e6;
        let peer = peers.millis(name)?;
        let ratio = peer / millis;
        report.add(Row {
            suite: "audience",
            measure: format!("{name}: count of {} contacts, {count} fit", index.len()),
            value: millis,
            unit: "ms",
            peer: Some("DuckDB".to_owned()),
            peer_value: Some(peer),
            ratio: Some(ratio),
            goal: Some(match goal {
                Some(goal) => format!("{goal} ms, {times} times"),
                None => format!("{times} times"),
            }),
            met: Some(goal.is_none_or(|goal| millis <= goal) && ratio >= times),
        });
    }
    let bytes = count_as_f64(index.bytes()) / f64::from(u32::try_from(index.len())?);
    report.add(Row {
        suite: "audience",
        measure: "memory a contact, its reactions included".to_owned(),
        value: bytes,
        unit: "bytes",
        goal: Some("150".to_owned()),
        met: Some(bytes <= 150.0),
        ..Row::default()
    });
    Ok(())
}

fn interests(
    report: &mut Report,
    people: &People,
    index: &mut Index,
    peers: &Answers,
) -> Outcome<()> {
    // A day on and back: each recomputes all scores.
    let mut quickest = f64::MAX;
    for day in [1, 0, 1, 0] {
        let started = Instant::now();
        index.turn_to(AT + day * 86_400_000);
        quickest = quickest.min(started.elapsed().as_secs_f64());
    }
    for (name, peer) in [("duckdb", "DuckDB"), ("clickhouse", "ClickHouse (chdb)")] {
        for (way, measure) in [("table", "into a table"), ("aggregated", "aggregated")] {
            let Some(theirs) = peers.seconds(&format!("{name} {way}")) else { continue };
            report.add(Row {
                suite: "interests",
                measure: format!(
                    "all scores from {} reactions; theirs {measure}",
                    people.reactions()
                ),
                value: quickest,
                unit: "s",
                peer: Some(peer.to_owned()),
                peer_value: Some(theirs),
                ratio: Some(theirs / quickest),
                goal: Some("1 times".to_owned()),
                met: Some(theirs >= quickest),
            });
        }
    }
    Ok(())
}

fn reactions(report: &mut Report, people: &People, index: &mut Index) -> Outcome<()> {
    let more = people.more(2_000_000);
    let started = Instant::now();
    for (id, reaction) in &more {
        if !index.react(id, *reaction) {
            return Err(Failure::from("a reaction of somebody who is not there"));
        }
    }
    let rate = count_as_f64(more.len()) / started.elapsed().as_secs_f64();
    report.add(Row {
        suite: "reactions",
        measure: format!("taken in, one core, in memory, into {}", people.reactions()),
        value: rate,
        unit: "reactions/s",
        goal: Some("1,000,000".to_owned()),
        met: Some(rate >= 1e6),
        ..Row::default()
    });
    Ok(())
}
