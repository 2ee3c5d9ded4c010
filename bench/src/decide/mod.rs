//! One decision: Gantry's tables, and the same policy in Cedar, casbin and regorus.
//!
//! The peers get their requests ready made and answer only *allow* or *deny*; Gantry answers with
//! mode, fields and reason, from the state that the store keeps. All must agree on every question.

mod casbin;
mod cedar;
mod facts;
mod mix;
mod rego;
#[cfg(test)]
mod tests;
mod words;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use gantry_notice::{DatedPolicy, Day, Decision, Policy};
use jiff::civil::date;

use crate::Outcome;
use crate::report::{Report, Row};
use crate::timing::{count_as_f64, nanoseconds_each};
use casbin::Casbin;
use cedar::Cedar;
use mix::Case;
use rego::Rego;
use words::Words;

const SUITE: &str = "decide";
/// Nanoseconds that a decision may take.
const GOAL: f64 = 10.0;
/// How many times quicker than the best peer it is to be.
const GOAL_RATIO: f64 = 200.0;

/// The notice in both readings, on a day.
struct Bundled {
    versions: Vec<Arc<gantry_notice::Notice>>,
    dated: DatedPolicy,
}

impl Bundled {
    fn new() -> Outcome<Bundled> {
        let versions = facts::versions()?;
        let policy = Arc::new(Policy::compile(&versions)?);
        let dated = DatedPolicy::new(policy, Day::of(date(2026, 11, 22)));
        Ok(Bundled { versions, dated })
    }

    fn words(&self) -> Words<'_> {
        Words { policy: self.dated.policy(), today: self.dated.today() }
    }

    fn allows(&self, case: &Case) -> bool {
        let decision = self.dated.decide(&case.ask, &case.contact, &case.record);
        matches!(decision, Decision::Allow { .. })
    }
}

/// Measures ours and each peer on the same questions.
pub(crate) fn run(report: &mut Report, quick: bool) -> Outcome<()> {
    let bundled = Bundled::new()?;
    let cases = mix::random(bundled.dated.policy(), bundled.dated.today(), 4096);
    let within = Duration::from_secs(if quick { 1 } else { 5 });
    let answers: Vec<bool> = cases.iter().map(|case| bundled.allows(case)).collect();
    let allowed: Vec<Case> = cases.iter().filter(|case| bundled.allows(case)).cloned().collect();
    let share = 100.0 * count_as_f64(allowed.len()) / count_as_f64(cases.len());
    let value = ours(&bundled, &cases, within);
    let of_mix = format!("one decision, of a random mix with {share:.0} % allowed");
    for (measure, value) in
        [(of_mix, value), ("one that allows".to_owned(), ours(&bundled, &allowed, within))]
    {
        report.add(Row {
            suite: SUITE,
            measure,
            value,
            unit: "ns",
            goal: Some(format!("<= {GOAL} ns")),
            met: Some(value <= GOAL),
            ..Row::default()
        });
    }
    let peers = [
        ("cedar-policy", cedar(&bundled, &cases, &answers, within)?),
        ("casbin", casbin(&bundled, &cases, &answers, within)?),
        ("regorus", rego(&bundled, &cases, &answers, within)?),
    ];
    let best = peers.iter().map(|(_, theirs)| *theirs).fold(f64::INFINITY, f64::min);
    for (peer, theirs) in peers {
        report.add(Row {
            suite: SUITE,
            measure: "the same policy, the same questions".to_owned(),
            value,
            unit: "ns",
            peer: Some(peer.to_owned()),
            peer_value: Some(theirs),
            ratio: Some(theirs / value),
            goal: Some(format!(">= {GOAL_RATIO} times the best peer")),
            met: Some(best / value >= GOAL_RATIO),
        });
    }
    Ok(())
}

fn ours(bundled: &Bundled, cases: &[Case], within: Duration) -> f64 {
    nanoseconds_each(cases.len(), within, || {
        for case in cases {
            black_box(bundled.dated.decide(&case.ask, &case.contact, &case.record));
        }
    })
}

fn cedar(bundled: &Bundled, cases: &[Case], answers: &[bool], within: Duration) -> Outcome<f64> {
    let cedar = Cedar::new(&bundled.versions, bundled.dated.today())?;
    let words = bundled.words();
    let asked = cases.iter().map(|case| Ok((case.ask.operation, Cedar::request(&words, case)?)));
    let asked = asked.collect::<Outcome<Vec<_>>>()?;
    let theirs = asked.iter().map(|(operation, request)| cedar.allows(*operation, request));
    agree(bundled, cases, answers, theirs)?;
    Ok(nanoseconds_each(asked.len(), within, || {
        for (operation, request) in &asked {
            black_box(cedar.allows(*operation, request));
        }
    }))
}

fn casbin(bundled: &Bundled, cases: &[Case], answers: &[bool], within: Duration) -> Outcome<f64> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let casbin = runtime.block_on(Casbin::new(&bundled.versions, bundled.dated.today()))?;
    let words = bundled.words();
    let asked = cases.iter().map(|case| Ok((case.ask.operation, casbin.request(&words, case)?)));
    let asked = asked.collect::<Outcome<Vec<_>>>()?;
    let theirs = asked.iter().map(|(operation, request)| casbin.allows(*operation, request));
    agree(bundled, cases, answers, theirs)?;
    Ok(nanoseconds_each(asked.len(), within, || {
        for (operation, request) in &asked {
            black_box(casbin.allows(*operation, request));
        }
    }))
}

fn rego(bundled: &Bundled, cases: &[Case], answers: &[bool], within: Duration) -> Outcome<f64> {
    let mut rego = Rego::new(&bundled.versions, bundled.dated.today())?;
    let words = bundled.words();
    let asked = cases.iter().map(|case| Ok((case.ask.operation, Rego::input(&words, case)?)));
    let asked = asked.collect::<Outcome<Vec<_>>>()?;
    let theirs = asked.iter().map(|(operation, input)| rego.allows(*operation, input));
    agree(bundled, cases, answers, theirs)?;
    Ok(nanoseconds_each(asked.len(), within, || {
        for (operation, input) in &asked {
            black_box(rego.allows(*operation, input));
        }
    }))
}

/// Stops a run in which a peer decides otherwise: then it was not the same policy.
fn agree(
    bundled: &Bundled,
    cases: &[Case],
    answers: &[bool],
    theirs: impl Iterator<Item = bool>,
) -> Outcome<()> {
    for ((case, ours), theirs) in cases.iter().zip(answers).zip(theirs) {
        if *ours != theirs {
            let words = bundled.words();
            let (used, category) = (words.used(case), words.category(case));
            let decision = bundled.dated.decide(&case.ask, &case.contact, &case.record);
            return Err(format!(
                "a peer answers {theirs} where ours is {decision:?}: {used}, {category}, {case:?}"
            )
            .into());
        }
    }
    Ok(())
}
