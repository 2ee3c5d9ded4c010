//! Cedar as the independent oracle of the bundled notice's whole table.

use gantry_notice::{
    Ask, Channel, ContactState, Country, Day, Decision, Fields, Flags, Operation, PurposeId, Reach,
    RecordState, Roles,
};

use super::cedar::Cedar;
use super::mix::{self, Case};
use super::{Bundled, agree};

/// One for each kind of country: opt-out, soft opt-in, consent, and none known.
const COUNTRIES: [&str; 4] = ["FI", "DE", "CN", ""];

/// One thing in which a contact or a record differs from a base.
type Turn = fn(&mut Case, PurposeId);

const TURNS: [Turn; 32] = [
    |_, _| (),
    |case, _| case.contact.flags.set(Flags::ERASED, true),
    |case, purpose| {
        case.contact.flags.set(Flags::ERASED, true);
        case.contact.kept_for = purpose.bit();
    },
    |case, _| case.contact.flags.set(Flags::ELSEWHERE, true),
    |case, _| case.contact.flags.set(Flags::ARCHIVED, true),
    |case, _| case.contact.flags.set(Flags::RESTRICTED, true),
    |case, _| case.contact.flags.set(Flags::CUSTOMER, false),
    |case, _| case.contact.flags.set(Flags::CUSTOMER, true),
    |case, _| case.contact.flags.set(Flags::OBJECTS_MARKETING, true),
    |case, _| case.contact.flags.set(Flags::OBJECTS_PROFILING, true),
    |case, purpose| case.contact.objected = purpose.bit(),
    |case, purpose| case.contact.weighed = purpose.bit(),
    |case, purpose| case.contact.restricted = purpose.bit(),
    |case, purpose| case.contact.consents ^= purpose.bit(),
    |case, purpose| {
        case.contact.restricted = purpose.bit();
        case.contact.consents_while_restricted = purpose.bit();
    },
    |case, purpose| case.contact.objected = !purpose.bit(),
    |case, _| case.contact.set_reach(Channel::Email, Reach::Closed),
    |case, _| case.contact.set_reach(Channel::Email, Reach::NotOptedIn),
    |case, _| case.contact.reach = [Reach::Closed; 3],
    |case, _| case.ask.channel = Some(Channel::Email),
    |case, _| case.ask.channel = Some(Channel::Phone),
    |case, _| case.ask.channel = Some(Channel::Post),
    |case, _| case.contact.restricted_fields = vec![(case.ask.category, Fields(1))],
    |case, _| case.contact.restricted_fields = vec![(case.ask.category, Fields(u64::MAX))],
    |case, _| case.record.collected_for = PurposeId(14),
    |case, _| {
        case.record.collected_for = PurposeId(10);
        (case.contact.told, case.record.version) = (0, 1);
    },
    |case, _| {
        case.record.collected_for = PurposeId(10);
        (case.contact.told, case.record.version) = (0, 0);
    },
    |case, _| case.record.keep_until = Day(case.record.at.0 - 1),
    |case, _| case.record.closed = Day(case.record.at.0 - 10_000),
    |case, _| case.record.at = Day(case.record.at.0 - 10_000),
    |case, _| {
        case.record.at = Day(case.record.at.0 - 10_000);
        case.contact.last_activity = Day(case.record.at.0 + 9_300);
    },
    |case, _| case.ask.roles = Roles(0),
];

fn base(bundled: &Bundled, ask: Ask, purpose: PurposeId, country: &str, willing: bool) -> Case {
    let today = bundled.dated.today();
    let mut contact = ContactState::new(Country::of(country).unwrap_or(Country::NONE), 1);
    contact.last_activity = Day(today.0 - 1);
    if willing {
        contact.consents = u64::from(u16::MAX);
        contact.reach = [Reach::OptedIn; 3];
        contact.flags.set(Flags::CUSTOMER, true);
    }
    Case { ask, contact, record: RecordState::new(Day(today.0 - 1), purpose, 1) }
}

/// All that a question is asked of: in each country, with each turn from either base.
fn situations(bundled: &Bundled, ask: Ask, purpose: PurposeId) -> Vec<Case> {
    let mut cases = Vec::new();
    for country in COUNTRIES {
        for willing in [false, true] {
            for turn in TURNS {
                let mut case = base(bundled, ask, purpose, country, willing);
                turn(&mut case, purpose);
                cases.push(case);
            }
        }
    }
    cases
}

#[test]
fn cedar_reads_the_bundled_notice_as_the_tables_do() {
    let bundled = Bundled::new().unwrap();
    let cedar = Cedar::new(&bundled.versions, bundled.dated.today()).unwrap();
    let (policy, words) = (bundled.dated.policy(), bundled.words());
    let mut cases = Vec::new();
    for (use_id, purpose, _) in policy.lexicon().uses() {
        for category in policy.lexicon().categories() {
            for operation in Operation::ALL {
                let roles = mix::roles_of(policy, purpose);
                let ask = Ask { use_id, roles, category, operation, channel: None };
                let refused = matches!(bundled.dated.decide_notice(&ask), Decision::Deny(_));
                // What the notice itself refuses no contact can allow: two of them show it.
                let count = if refused { 2 } else { usize::MAX };
                cases.extend(situations(&bundled, ask, purpose).into_iter().take(count));
            }
        }
    }
    let answers: Vec<bool> = cases.iter().map(|case| bundled.allows(case)).collect();
    let theirs = cases.iter().map(|case| {
        let request = Cedar::request(&words, case).unwrap();
        cedar.allows(case.ask.operation, &request)
    });
    agree(&bundled, &cases, &answers, theirs).unwrap();
    let allowed = answers.iter().filter(|allowed| **allowed).count();
    assert!(allowed > 10_000 && allowed < cases.len() / 4 * 3, "{allowed} of {}", cases.len());
}
