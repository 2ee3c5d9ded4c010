//! Chance that comes out the same for a seed, today and in ten years.

/// A generator of numbers (SplitMix64, by Steele, Lea and Flood). Its sequence never changes, unlike that of
/// a library's standard generator: the demo of one version is the demo of the next.
#[derive(Clone, Debug)]
pub(crate) struct Chance {
    state: u64,
}

impl Chance {
    /// The chance of that seed.
    pub(crate) const fn new(seed: u64) -> Self {
        Chance { state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i32, high: i32) -> i32 {
        let span = u64::try_from(i64::from(high) - i64::from(low) + 1).unwrap_or(1).max(1);
        let step = i32::try_from(self.next() % span).unwrap_or(0);
        low.saturating_add(step)
    }

    /// Yes, so many times in a hundred.
    pub(crate) fn likely(&mut self, percent: i32) -> bool {
        self.between(1, 100) <= percent
    }

    /// One of these; none only where there is none.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let last = i32::try_from(from.len()).ok()?.checked_sub(1)?;
        if last < 0 {
            return None;
        }
        from.get(usize::try_from(self.between(0, last)).ok()?)
    }

    /// One of these words; empty only where there is none.
    pub(crate) fn word(&mut self, from: &[&'static str]) -> &'static str {
        self.pick(from).copied().unwrap_or_default()
    }
}
