//! The index against a plain reading of each contact.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use gantry_notice::Notice;
use proptest::prelude::*;

use super::*;
use crate::audience::Audience;
use crate::rule::{Value, value};

static MODEL: LazyLock<Arc<Model>> = LazyLock::new(|| {
    let text = include_str!("../../../../notices/customer-contacts.toml");
    Arc::new(Model::of(&Notice::parse(text, "bundled").unwrap()).unwrap())
});

/// In the middle of a day.
const NOW: i64 = 20_600 * DAY_MILLIS + 43_200_000;
const KEEP: u32 = 365;

const AUDIENCES: [&str; 24] = [
    "country == 'FI'",
    "country != 'FI'",
    "!(country in ['FI', 'SE'])",
    "company.industry == 'Ports' && contact.identity.language in ['fi', 'sv']",
    "has(company.industry) || score.ports > 0.0",
    "score.ports >= 3.0",
    "score.any < 2.5",
    "!(score.lifting <= 1.0)",
    "score.any >= 0.0",
    "3.0 < score.any && country < 'M'",
    "days_since_reaction <= 45",
    "days_since_reaction > 100",
    "days_since_reaction == 7",
    "days_since_reaction != 7",
    "!(days_since_reaction < 20)",
    "reactions_90d >= 2",
    "reactions_90d == 0",
    "days_since.attended <= 200",
    "!(days_since.clicked <= 30)",
    "segment.engaged",
    "!segment.dormant && !segment.cooling_down",
    "segment.likes_ports || segment.warming_up && country == 'SE'",
    "score.any - score.ports >= 2.0 && country == 'FI'",
    "country == 'FI' ? score.any >= 3.0 : days_since_reaction < 10",
];

fn id(n: u8) -> [u8; 16] {
    [n; 16]
}

fn maybe(values: &'static [&'static str]) -> impl Strategy<Value = Option<Attribute>> {
    prop::option::of(prop::sample::select(values))
        .prop_map(|text| text.map(|text| Attribute::Text(text.to_owned())))
}

fn reaction() -> impl Strategy<Value = (i64, Kind, Option<Topic>)> {
    (0..420i64, 0..DAY_MILLIS, 0..11usize, prop::option::of(0..5usize)).prop_map(
        |(days, millis, kind, topic)| {
            // Of today only what has happened.
            let at = (NOW - days * DAY_MILLIS - millis).min(NOW);
            (at, Kind(kind), topic.map(Topic))
        },
    )
}

fn person() -> impl Strategy<Value = Person> {
    (
        maybe(&["FI", "SE", "DE"]),
        maybe(&["fi", "sv", "de"]),
        maybe(&["purchasing", "maintenance"]),
        maybe(&["Ports", "Steel"]),
        prop::collection::vec(reaction(), 0..12),
        prop::collection::vec((0..9usize, any::<bool>()), 0..2),
        prop::option::of(prop::sample::select(&[Reason::Objected, Reason::NoConsent][..])),
    )
        .prop_map(|(country, language, role, industry, reactions, by_hand, reason)| Person {
            country: country.map(|one| match one {
                Attribute::Text(text) => text,
                _ => unreachable!(),
            }),
            attributes: Attributes(vec![language, role, None, industry]),
            reactions,
            by_hand,
            reach: vec![reason, None],
        })
}

/// Whether an audience takes somebody in, by a plain reading.
fn takes_in(audience: &Audience, person: &Person) -> bool {
    let model = &*MODEL;
    let oldest = (day_of(NOW) + 1) * DAY_MILLIS - i64::from(KEEP) * DAY_MILLIS;
    let counting = |at: &i64| *at >= oldest;
    let mut reactions = person.reactions.clone();
    reactions.sort_unstable();
    let reactions = reactions.iter().filter(|(at, ..)| counting(at));
    let profile = Profile::of(
        model,
        reactions.clone().map(|(at, kind, topic)| {
            let weight = model.weight_of(*kind);
            Reaction { at: *at, topic: *topic, weight }
        }),
    );
    let mut features = profile.features(model, &person.attributes, NOW);
    let segments = model.segments().iter().enumerate().map(|(at, segment)| {
        let by_hand = person.by_hand.iter().find(|(of, _)| *of == at);
        by_hand.map_or_else(|| segment.rule.holds(&features), |(_, is_in)| *is_in)
    });
    let days_since = (0..model.kinds().count()).map(|kind| {
        let of_kind = reactions.clone().filter(|(_, of, _)| *of == Kind(kind));
        of_kind.map(|(at, ..)| day_of(NOW) - day_of(*at)).min()
    });
    features.audience = crate::profile::Besides {
        segments: segments.collect(),
        days_since: days_since.collect(),
        country: person.country.as_deref(),
    };
    value(&audience.rule.root, &features) == Value::Flag(true)
}

fn agrees(index: &Index, people: &BTreeMap<u8, Person>) -> Result<(), TestCaseError> {
    prop_assert_eq!(index.len(), u64::try_from(people.len()).unwrap());
    for text in AUDIENCES {
        let audience = Audience::parse(text, &MODEL).unwrap();
        let found = index.find(&audience, 0, NOW);
        let meant = people.iter().filter(|(_, person)| takes_in(&audience, person));
        let (reached, left): (Vec<_>, Vec<_>) =
            meant.partition(|(_, person)| person.reach[0].is_none());
        let mut ids = index.ids_of(&found, 0, 100).0;
        ids.sort_unstable();
        prop_assert_eq!(
            &ids,
            &reached.iter().map(|(n, _)| id(**n)).collect::<Vec<_>>(),
            "{}",
            text
        );
        let objected = left.iter().filter(|(_, one)| one.reach[0] == Some(Reason::Objected));
        let told = found.excluded().get(&Reason::Objected).copied().unwrap_or(0);
        prop_assert_eq!(told, u64::try_from(objected.count()).unwrap(), "{}", text);
        prop_assert_eq!(found.excluded().values().sum::<u64>(), u64::try_from(left.len()).unwrap());
    }
    Ok(())
}

proptest! {
    #[test]
    fn it_answers_what_a_plain_reading_of_everybody_answers(
        acts in prop::collection::vec((0..12u8, prop::option::weighted(0.9, person()), reaction()), 1..40),
    ) {
        let mut index = Index::new(Arc::clone(&MODEL), KEEP, 2, NOW);
        let mut people: BTreeMap<u8, Person> = BTreeMap::new();
        for (n, person, reaction) in acts {
            if let Some(person) = person {
                index.put(id(n), &person);
                people.insert(n, person);
            } else {
                index.remove(&id(n));
                people.remove(&n);
            }
            let known = index.react(&id(n / 2), reaction);
            prop_assert_eq!(known, people.contains_key(&(n / 2)));
            people.entry(n / 2).and_modify(|one| one.reactions.push(reaction));
        }
        agrees(&index, &people)?;
    }

    #[test]
    fn a_day_that_passes_leaves_what_was_read_anew(
        people in prop::collection::btree_map(0..12u8, person(), 1..12),
        days in 1..200i64,
    ) {
        let before = NOW - days * DAY_MILLIS;
        let mut index = Index::new(Arc::clone(&MODEL), KEEP, 2, before);
        for (n, person) in &people {
            index.put(id(*n), person);
        }
        index.turn_to(NOW);
        agrees(&index, &people)?;
    }
}

#[test]
fn who_is_not_known_to_a_use_is_not_reached_by_it() {
    let mut index = Index::new(Arc::clone(&MODEL), KEEP, 1, NOW);
    index.put(id(1), &Person::default());
    let all = Audience::parse("score.any >= 0.0", &MODEL).unwrap();
    let found = index.find(&all, 0, NOW);
    assert_eq!((found.count(), found.excluded().get(&Reason::Unknown)), (0, Some(&1)));
    assert_eq!(index.find(&all, 1, NOW).count(), 0, "a use that does not ask for audiences");
}

#[test]
fn an_audience_names_what_it_may_and_answers_yes_or_no() {
    for text in AUDIENCES {
        Audience::parse(text, &MODEL).unwrap();
    }
    for text in [
        "contact.identity.given_name == 'Aino'",
        "country",
        "1 + 2",
        "segment.rich",
        "days_since.delivered < 3",
        "score.ports ? 1 : 2",
        "[1].all(x, x > 0)",
        "country.startsWith('F')",
    ] {
        assert!(Audience::parse(text, &MODEL).is_err(), "{text}");
    }
}
