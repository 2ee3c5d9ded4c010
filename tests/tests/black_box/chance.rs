//! Chance with a seed, so that a run can be had again with `GANTRY_SEED`.

use std::time::Duration;

/// A stream of numbers that a seed decides (SplitMix64).
pub(crate) struct Chance(u64);

impl Chance {
    /// The stream of a test. The seed is printed, and shown where the test fails.
    pub(crate) fn of(test: &str) -> Chance {
        let given = std::env::var("GANTRY_SEED").ok().and_then(|text| text.parse().ok());
        let seed = given.unwrap_or(20_261_122);
        eprintln!("{test}: seed {seed}, another with GANTRY_SEED");
        let name = test.bytes().fold(0u64, |sum, byte| sum.wrapping_mul(31) ^ u64::from(byte));
        Chance(seed ^ name)
    }

    /// Another stream, as far as anybody can tell.
    pub(crate) fn fork(&mut self) -> Chance {
        Chance(self.next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let drawn = self.next() % u64::try_from(bound.max(1)).unwrap();
        usize::try_from(drawn).unwrap()
    }

    /// A moment from `least` per cent to `most` per cent of a time.
    pub(crate) fn part_of(&mut self, whole: Duration, least: usize, most: usize) -> Duration {
        let per_mille = least * 10 + self.below((most - least) * 10 + 1);
        whole * u32::try_from(per_mille).unwrap() / 1_000
    }
}
