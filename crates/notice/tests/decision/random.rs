//! Random notices in which every answer must agree.

use std::collections::BTreeSet;

use gantry_notice::{Channel, Reason};
use proptest::prelude::*;

use crate::compare::{Pair, until};
use crate::naive::{Answer, Fact, Person, Question};
use crate::world::{self, Dice};

/// Questions asked of each lineage of notices.
const QUESTIONS: usize = 150;

/// Asks both readings the same things and says where they differ, or which answers were seen.
fn differences(seed: u64, questions: usize) -> Result<BTreeSet<Option<Reason>>, String> {
    let mut dice = Dice(seed);
    let versions = world::lineage(&mut dice);
    let pair = Pair::new(&versions, dice.day());
    let mut seen = BTreeSet::new();
    for _ in 0..questions {
        let asked = world::question(&mut dice);
        let person = world::person(&mut dice, versions.len());
        let fact = world::fact(&mut dice, &asked, versions.len());
        seen.insert(compare(&pair, &asked, &person, &fact)?);
    }
    Ok(seen)
}

fn compare(
    pair: &Pair<'_>,
    asked: &Question,
    person: &Person,
    fact: &Fact,
) -> Result<Option<Reason>, String> {
    let (ask, contact, record) = (pair.ask(asked), pair.contact(person), pair.record(fact));
    let answers = [
        (
            "decide",
            pair.ours.decide(&ask, &contact, &record),
            pair.naive.decide(asked, person, fact),
        ),
        ("decide_any", pair.ours.decide_any(&ask, &contact), pair.naive.decide_any(asked, person)),
        ("decide_notice", pair.ours.decide_notice(&ask), pair.naive.decide_notice(asked)),
    ];
    for (what, ours, naive) in answers {
        let ours = pair.answer(ask.category, ours);
        if ours != naive {
            return Err(format!(
                "{what}: {ours:?}, but naively {naive:?}\n{asked:?}\n{person:?}\n{fact:?}"
            ));
        }
    }
    for channel in Channel::ALL {
        if pair.ours.channel_open(&contact, channel) != pair.naive.channel_open(person, channel) {
            return Err(format!("{channel:?} is open or not\n{person:?}"));
        }
    }
    let kept = until(pair.ours.keep_until(ask.category, &contact, &record));
    let naive = pair.naive.keep_until(&asked.category, person, fact);
    if kept != naive {
        return Err(format!(
            "keep_until: {kept:?}, but naively {naive:?}\n{asked:?}\n{person:?}\n{fact:?}"
        ));
    }
    Ok(match pair.naive.decide(asked, person, fact) {
        Answer::Allow(..) => None,
        Answer::Deny(reason) => Some(reason),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_tables_answer_as_the_words_do(seed: u64) {
        let differences = differences(seed, QUESTIONS);
        prop_assert!(differences.is_ok(), "{}", differences.unwrap_err());
    }
}

#[test]
fn random_questions_meet_every_reason_that_the_decision_gives() {
    let mut seen = BTreeSet::new();
    for seed in 0..40 {
        seen.extend(differences(seed, 200).unwrap());
    }
    let given = Reason::ALL.into_iter().filter(|reason| *reason != Reason::OnlyInAggregate);
    let all: BTreeSet<Option<Reason>> = given.map(Some).chain([None]).collect();
    assert_eq!(seen, all);
}
