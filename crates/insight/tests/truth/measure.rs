//! How well an order of people agrees with what they then did, and how sure that is.

/// The two-sided 95 % of a normal distribution.
const Z: f64 = 1.959_964;

/// Whether a row is for the report; the others are for looking, and for fitting what is compared with.
/// It depends on nothing but the row's number (the mixing function of `SplitMix64`).
pub(crate) fn reported(row: u64) -> bool {
    mixed(row) & 1 == 1
}

/// A number from zero to one that knows nothing but the row: what chance is worth.
pub(crate) fn chance(row: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "the first 53 bits fit")]
    let number = (mixed(row ^ 0x5bd1_e995_0000_0000) >> 11) as f64;
    number / 9_007_199_254_740_992.0
}

fn mixed(row: u64) -> u64 {
    let mut z = row.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

pub(crate) fn count(number: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "thousands of rows")]
    let number = number as f64;
    number
}

/// A figure, and half of its 95 % confidence interval.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figure {
    pub(crate) value: f64,
    pub(crate) half: f64,
}

impl Figure {
    fn of(value: f64, variance: f64) -> Figure {
        Figure { value, half: Z * variance.sqrt() }
    }

    /// The difference to a figure of other people.
    pub(crate) fn minus(self, other: Figure) -> Figure {
        Figure { value: self.value - other.value, half: self.half.hypot(other.half) }
    }

    pub(crate) fn text(self, digits: usize) -> String {
        format!("{:.digits$} ± {:.digits$}", self.value, self.half)
    }

    /// A difference, with its sign.
    pub(crate) fn signed(self, digits: usize) -> String {
        format!("{:+.digits$} ± {:.digits$}", self.value, self.half).replace('-', "−")
    }

    pub(crate) fn percent(self) -> Figure {
        Figure { value: 100.0 * self.value, half: 100.0 * self.half }
    }
}

/// The part for which something is so.
pub(crate) fn rate(outcomes: impl IntoIterator<Item = bool>) -> Figure {
    let (mut hits, mut of) = (0, 0);
    for hit in outcomes {
        hits += usize::from(hit);
        of += 1;
    }
    let rate = count(hits) / count(of);
    Figure::of(rate, rate * (1.0 - rate) / count(of))
}

/// How often somebody who did it has the higher score than somebody who did not (ties count half):
/// the area under the ROC curve, with what DeLong needs for its variance.
pub(crate) struct Auc {
    area: f64,
    /// Of each who did it, the part of the others below; and the other way round.
    parts: [Vec<f64>; 2],
}

impl Auc {
    pub(crate) fn of(scores: &[f64], outcomes: &[bool]) -> Auc {
        let of = |wanted: bool| -> Vec<f64> {
            let some = scores.iter().zip(outcomes).filter(|(_, outcome)| **outcome == wanted);
            some.map(|(score, _)| *score).collect()
        };
        let (did, did_not) = (of(true), of(false));
        let all: Vec<f64> = did.iter().chain(&did_not).copied().collect();
        let ranks = ranks(&all);
        let (above, below) = ranks.split_at(did.len());
        let parts = |ranks: &[f64], own: &[f64], others: usize| -> Vec<f64> {
            let own = self::ranks(own);
            ranks.iter().zip(own).map(|(rank, own)| (rank - own) / count(others)).collect()
        };
        let parts = [parts(above, &did, did_not.len()), parts(below, &did_not, did.len())];
        let [of_those, _] = &parts;
        Auc { area: of_those.iter().sum::<f64>() / count(did.len()), parts }
    }

    pub(crate) fn figure(&self) -> Figure {
        Figure::of(
            self.area,
            self.parts.iter().map(|parts| variance(parts) / count(parts.len())).sum(),
        )
    }

    /// The difference to another order of the same people.
    pub(crate) fn minus(&self, other: &Auc) -> Figure {
        let between = self.parts.iter().zip(&other.parts).map(|(one, other)| {
            let difference: Vec<f64> = one.iter().zip(other).map(|(a, b)| a - b).collect();
            variance(&difference) / count(one.len())
        });
        Figure::of(self.area - other.area, between.sum())
    }
}

fn variance(of: &[f64]) -> f64 {
    let mean = of.iter().sum::<f64>() / count(of.len());
    of.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (count(of.len()) - 1.0)
}

/// Ranks from one; those with the same score share theirs.
fn ranks(scores: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]));
    let mut ranks = vec![0.0; scores.len()];
    let mut before = 0;
    for same in order.chunk_by(|a, b| scores[*a].total_cmp(&scores[*b]).is_eq()) {
        let rank = count(before) + f64::midpoint(count(same.len()), 1.0);
        for place in same {
            ranks[*place] = rank;
        }
        before += same.len();
    }
    ranks
}

/// How many times more often those with the highest scores did it than all. Where the boundary goes
/// through people of the same score, they count in part.
pub(crate) fn lift(scores: &[f64], outcomes: &[bool], share: f64) -> Figure {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    let wanted = share * count(scores.len());
    let (mut taken, mut hits) = (0.0, 0.0);
    for same in order.chunk_by(|a, b| scores[*a].total_cmp(&scores[*b]).is_eq()) {
        let part = ((wanted - taken) / count(same.len())).clamp(0.0, 1.0);
        taken += part * count(same.len());
        hits += part * count(same.iter().filter(|place| outcomes[**place]).count());
    }
    let (top, all) = (hits / wanted, rate(outcomes.iter().copied()).value);
    Figure::of(top / all, top * (1.0 - top) / wanted / all.powi(2))
}

/// Five parts of the same size, from the lowest scores to the highest; chance decides between equals.
pub(crate) fn fifths<'a, T>(people: &[&'a T], score: impl Fn(&T) -> (f64, u64)) -> Vec<Vec<&'a T>> {
    let mut order: Vec<(f64, f64, &T)> = people
        .iter()
        .map(|one| (score(one), *one))
        .map(|((s, row), one)| (s, chance(row), one))
        .collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let end = |fifth: usize| order.len() * fifth / 5;
    (0..5).map(|n| order[end(n)..end(n + 1)].iter().map(|(_, _, one)| *one).collect()).collect()
}

#[test]
fn an_area_is_the_part_of_pairs_in_the_right_order() {
    let (scores, outcomes) = ([1.0, 2.0, 2.0, 4.0, 3.0], [false, false, true, true, false]);
    // Of six pairs four are right, one is wrong, one is a tie.
    let auc = Auc::of(&scores, &outcomes);
    assert!((auc.figure().value - 4.5 / 6.0).abs() < 1e-12);
    // DeLong by hand: variances of (1/2, 1) over two, and of (1, 3/4, 1/2) over three.
    assert!((auc.figure().half - Z * (0.125_f64 / 2.0 + 0.0625 / 3.0).sqrt()).abs() < 1e-12);
    assert!(auc.minus(&auc).half.abs() < 1e-12);
}

#[test]
fn a_lift_takes_of_equals_a_part() {
    // The first two fifths: the one with four, and a half of those with two.
    let (scores, outcomes) = ([4.0, 2.0, 2.0, 1.0, 1.0], [true, true, false, false, false]);
    let lift = lift(&scores, &outcomes, 0.4);
    assert!((lift.value - 0.75 / 0.4).abs() < 1e-12);
}
