//! Which record an operation is about: any as likely as another, or some far likelier than others.

use rand::RngExt;
use rand::rngs::StdRng;

/// A way of choosing among the records that there are.
#[derive(Clone, Debug)]
pub(super) enum Choice {
    /// Each of the records loaded is as likely as another.
    Uniform {
        /// How many were loaded.
        records: u32,
    },
    /// A few are chosen often, most hardly ever, and the popular ones are spread over all keys.
    Zipfian {
        /// How many keys the popular ones are spread over: those loaded, and room for those to come.
        keys: u64,
    },
}

/// How steep the popularity falls.
const THETA: f64 = 0.99;
/// Ranks of popularity.
const RANKS: f64 = 10_000_000_001.0;
/// The sum of `1 / rank ^ THETA` over the ranks.
const ZETA: f64 = 26.469_028_201_783_02;

impl Choice {
    /// Popularity over the records loaded and twice those that are to come.
    pub(super) fn zipfian(records: u32, to_come: u32) -> Choice {
        Choice::Zipfian { keys: u64::from(records) + 2 * u64::from(to_come) + 1 }
    }

    /// One of the keys below `there`; what is chosen above is chosen again.
    pub(super) fn next(&self, chance: &mut StdRng, there: u32) -> u32 {
        loop {
            let chosen = match self {
                Choice::Uniform { records } => u64::from(chance.random_range(0..*records)),
                Choice::Zipfian { keys } => scramble(rank(chance.random())) % keys,
            };
            match u32::try_from(chosen) {
                Ok(chosen) if chosen < there => return chosen,
                _ => {}
            }
        }
    }
}

/// A rank, the most popular is 0, from a number between 0 and 1 (Gray et al., "Quickly generating
/// billion-record synthetic databases").
fn rank(chance: f64) -> u64 {
    let second = 0.5_f64.powf(THETA);
    let eta = (1.0 - (2.0 / RANKS).powf(1.0 - THETA)) / (1.0 - (1.0 + second) / ZETA);
    let place = chance * ZETA;
    if place < 1.0 {
        return 0;
    }
    if place < 1.0 + second {
        return 1;
    }
    let rank = RANKS * (eta * chance - eta + 1.0).powf(1.0 / (1.0 - THETA));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank is a whole number between 0 and their count"
    )]
    let rank = rank as u64;
    rank
}

/// The 64-bit FNV-1a hash of the eight bytes of a number, without its sign.
fn scramble(rank: u64) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let bytes = rank.to_le_bytes().into_iter();
    let hash = bytes.fold(OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
    hash.cast_signed().unsigned_abs()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    const DRAWS: usize = 100_000;

    fn drawn(choice: &Choice, there: u32) -> Vec<u32> {
        let mut chance = StdRng::seed_from_u64(5);
        (0..DRAWS).map(|_| choice.next(&mut chance, there)).collect()
    }

    #[test]
    fn popular_ranks_are_as_likely_as_their_distribution_says() {
        let mut chance = StdRng::seed_from_u64(5);
        let ranks: Vec<u64> = (0..DRAWS).map(|_| rank(chance.random())).collect();
        for (which, likely) in [(0, 1.0 / ZETA), (1, 0.5_f64.powf(THETA) / ZETA)] {
            let share = ranks.iter().filter(|rank| **rank == which).count();
            let expected = likely * 100_000.0;
            let off = f64::from(u32::try_from(share).unwrap()) - expected;
            assert!(off.abs() < 0.05 * expected, "rank {which}: {share}, not about {expected}");
        }
        assert!(ranks.iter().all(|rank| *rank <= 10_000_000_000));
    }

    #[test]
    fn the_most_popular_key_is_where_its_hash_says() {
        let drawn = drawn(&Choice::zipfian(10_000, 0), 10_000);
        let most = u32::try_from(scramble(0) % 10_001).unwrap();
        let mut times = vec![0; 10_000];
        for n in drawn {
            times[n as usize] += 1;
        }
        let most = times.swap_remove(most as usize);
        assert!(most > 3_500);
        assert!(times.iter().all(|others| *others < most));
    }

    #[test]
    fn scrambling_is_fnv_of_the_bytes_without_a_sign() {
        // FNV-1a of eight bytes of zero is a8c7f832281a39c5, which is negative as a signed number.
        assert_eq!(scramble(0), (!0xa8c7_f832_281a_39c5_u64) + 1);
    }

    #[test]
    fn a_key_that_is_not_there_yet_is_not_chosen() {
        assert!(drawn(&Choice::zipfian(100, 1_000), 100).iter().all(|n| *n < 100));
    }

    #[test]
    fn uniform_choice_is_even() {
        let drawn = drawn(&Choice::Uniform { records: 10 }, 10);
        let times = |which: u32| drawn.iter().filter(|n| **n == which).count();
        assert!((0..10).all(|n| (9_500..10_500).contains(&times(n))));
    }
}
