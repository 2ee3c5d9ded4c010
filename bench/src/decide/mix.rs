//! Questions to decide: random ones for the clock, and all of them for the check.

use gantry_notice::{
    Ask, CategoryId, Channel, ContactState, Country, Day, Decision, Fields, Flags, Operation,
    Policy, PurposeId, Reach, RecordState, Roles, UseId,
};

/// One question, as the door asks it.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) ask: Ask,
    pub(crate) contact: ContactState,
    pub(crate) record: RecordState,
}

/// Countries of contacts; the last is none.
pub(crate) const COUNTRIES: [&str; 6] = ["FI", "DE", "CN", "US", "BR", ""];

/// A sequence of numbers that its seed decides (SplitMix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, count: u64) -> u64 {
        self.next() % count.max(1)
    }

    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<T: Copy>(&mut self, list: &[T], otherwise: T) -> T {
        let at = usize::try_from(self.below(list.len() as u64)).unwrap_or(0);
        list.get(at).copied().unwrap_or(otherwise)
    }

    /// A day of the last `years` years.
    fn day(&mut self, today: Day, years: u64) -> Day {
        Day(today.0 - i32::try_from(self.below(years * 365)).unwrap_or(0))
    }

    fn purposes(&mut self, percent: u64) -> u64 {
        (0..16).filter(|_| self.chance(percent)).fold(0, |set, n| set | PurposeId(n).bit())
    }
}

/// So many random questions: of all uses, categories and operations alike, of which every second is
/// drawn again until the notice has an answer for it; of contacts and records in any state.
pub(crate) fn random(policy: &Policy, today: Day, count: usize) -> Vec<Case> {
    let mut dice = Dice(42);
    let uses: Vec<(UseId, PurposeId)> =
        policy.lexicon().uses().map(|(used, purpose, _)| (used, purpose)).collect();
    let categories: Vec<CategoryId> = policy.lexicon().categories().collect();
    let dated = gantry_notice::DatedPolicy::new(std::sync::Arc::new(policy.clone()), today);
    let mut cases = Vec::with_capacity(count);
    while cases.len() < count {
        let listed_only = dice.chance(50);
        let (used, purpose) = dice.pick(&uses, (UseId(0), PurposeId(0)));
        let ask = Ask {
            use_id: used,
            roles: if dice.chance(97) { roles_of(policy, purpose) } else { Roles(dice.next()) },
            category: dice.pick(&categories, CategoryId(0)),
            operation: dice.pick(&Operation::ALL, Operation::Read),
            channel: dice.chance(20).then(|| dice.pick(&Channel::ALL, Channel::Email)),
        };
        if listed_only && matches!(dated.decide_notice(&ask), Decision::Deny(_)) {
            continue;
        }
        let record = record(&mut dice, purpose, today);
        cases.push(Case { contact: contact(&mut dice, ask.category, today), ask, record });
    }
    cases
}

/// All roles of a purpose.
pub(crate) fn roles_of(policy: &Policy, purpose: PurposeId) -> Roles {
    policy
        .purpose(purpose)
        .map_or(Roles(0), |purpose| policy.roles(purpose.roles.iter().map(String::as_str)))
}

fn contact(dice: &mut Dice, category: CategoryId, today: Day) -> ContactState {
    let country = Country::of(dice.pick(&COUNTRIES, "")).unwrap_or(Country::NONE);
    let mut state = ContactState::new(country, u16::from(dice.chance(80)));
    for (flag, percent) in [
        (Flags::ERASED, 2),
        (Flags::ELSEWHERE, 1),
        (Flags::ARCHIVED, 8),
        (Flags::RESTRICTED, 2),
        (Flags::CUSTOMER, 60),
        (Flags::OBJECTS_MARKETING, 10),
        (Flags::OBJECTS_PROFILING, 5),
    ] {
        state.flags.set(flag, dice.chance(percent));
    }
    for channel in Channel::ALL {
        let said =
            [Reach::Unasked, Reach::Unasked, Reach::OptedIn, Reach::NotOptedIn, Reach::Closed];
        state.set_reach(channel, dice.pick(&said, Reach::Unasked));
    }
    state.consents = dice.purposes(40);
    state.consents_while_restricted = state.consents & dice.purposes(50);
    state.objected = dice.purposes(3);
    state.weighed = dice.purposes(2);
    state.restricted = dice.purposes(2);
    state.kept_for = dice.purposes(20);
    state.last_activity = dice.day(today, 3);
    if dice.chance(20) {
        state.end_of_relation = dice.day(today, 2);
    }
    if dice.chance(3) {
        state.restricted_fields.push((category, Fields(dice.next())));
    }
    state
}

fn record(dice: &mut Dice, purpose: PurposeId, today: Day) -> RecordState {
    let other = PurposeId(u8::try_from(dice.below(16)).unwrap_or(0));
    let collected_for = if dice.chance(50) { purpose } else { other };
    let at = dice.day(today, 4);
    let mut record = RecordState::new(at, collected_for, u16::from(dice.chance(80)));
    if dice.chance(40) {
        record.closed = if dice.chance(50) { Day::OPEN } else { dice.day(today, 2) };
    }
    if dice.chance(3) {
        record.keep_until = dice.day(today, 1);
    }
    record
}
