//! Which cells of a table are hidden, so that none of them can be worked out from those shown.
//!
//! The lines of a table may lie in each other, as months lie in quarters, quarters in years and years
//! in the total: then all levels are decided together, and any of them can be shown beside the
//! others.
//!
//! A cell is part of sums: of its line, of the line that its line lies in, and, where others lie in its
//! own, of those. Take each sum for an island and each hidden cell for a bridge between the two sums
//! that it is part of. (A line that others lie in makes no island of its own: its sum follows from
//! theirs.) What is known are the sums, so that a hidden cell can be worked out where it is the only
//! way between two parts, and only there (L. H. Cox, Network Models for Complementary Cell
//! Suppression, JASA 90, 1995).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A cell: its line and its column.
type Place = (usize, usize);

/// An island; the first is what lies outside of all sums.
type Island = usize;
const OUTSIDE: Island = 0;

/// Which cells are hidden, by how many contacts each stands for; totals are cells, too, a total of
/// columns being the last of them. `within` says in which line each line lies; the total lies in none.
///
/// Hidden are the small ones, then in every sum with exactly one hidden cell, or with hidden cells
/// that are known to stand together for too few, the smallest of the others, and whatever else it
/// takes so that no hidden cell follows from several sums together, until nothing is left to hide. An
/// empty cell tells of nobody and stays, unless it is all that can cover another. `enough` says
/// whether some cells stand together for as many as the smallest cell: a contact may be in several.
pub(super) fn hide(
    within: &[Option<usize>],
    sizes: &[Vec<u64>],
    smallest: u64,
    enough: impl Fn(&[Place]) -> bool,
) -> Vec<Vec<bool>> {
    let shape = Shape { within, width: sizes.first().map_or(0, Vec::len) };
    let mut hidden: BTreeSet<Place> =
        shape.places().filter(|place| (1..smallest).contains(&size(sizes, *place))).collect();
    let sums = shape.sums();
    loop {
        let mut changed = false;
        for sum in &sums {
            if let Some(next) = uncovered(sum, &hidden, sizes, &enough) {
                changed |= hidden.insert(next);
            }
        }
        if !changed {
            changed = detour(&shape, &hidden, sizes).is_some_and(|next| hidden.insert(next));
        }
        if !changed {
            let line = |at: usize| (0..shape.width).map(|n| hidden.contains(&(at, n))).collect();
            return (0..within.len()).map(line).collect();
        }
    }
}

/// How lines lie in each other, and how many columns there are.
struct Shape<'a> {
    within: &'a [Option<usize>],
    width: usize,
}

impl Shape<'_> {
    fn places(&self) -> impl Iterator<Item = Place> {
        let width = self.width;
        (0..self.within.len()).flat_map(move |at| (0..width).map(move |n| (at, n)))
    }

    /// Lines that others lie in, with those that do, level by level: months, quarters and years of
    /// a total.
    fn levels(&self) -> BTreeMap<(usize, usize), Vec<usize>> {
        let mut levels: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for line in 0..self.within.len() {
            let (mut above, mut depth) = (self.above(line), 1);
            while let Some(at) = above {
                levels.entry((at, depth)).or_default().push(line);
                (above, depth) = (self.above(at), depth + 1);
            }
        }
        levels
    }

    fn above(&self, line: usize) -> Option<usize> {
        self.within.get(line).copied().flatten()
    }

    /// All sums that somebody can look at: cells, and last the one that is the sum of the others.
    fn sums(&self) -> Vec<Vec<Place>> {
        let lines = (0..self.within.len()).map(|at| (0..self.width).map(|n| (at, n)).collect());
        let mut sums: Vec<Vec<Place>> = lines.filter(|line: &Vec<Place>| line.len() > 1).collect();
        for ((above, _), lines) in self.levels() {
            let column = |n| lines.iter().copied().chain([above]).map(|at| (at, n)).collect();
            sums.extend((0..self.width).map(column));
        }
        sums
    }

    /// The two islands between which a cell is a bridge.
    fn ends(&self, (at, n): Place) -> (Island, Island) {
        let height = self.within.len();
        // A sum of the lines within a line, column by column.
        let down = |line: usize| 1 + height + line * self.width + n;
        let has_lines = self.within.contains(&Some(at));
        let across = if self.width > 1 { 1 + at } else { OUTSIDE };
        let inner = if has_lines { down(at) } else { across };
        (inner, self.above(at).map_or(OUTSIDE, down))
    }
}

/// The cell to hide next in a sum whose hidden cells do not cover each other.
fn uncovered(
    sum: &[Place],
    hidden: &BTreeSet<Place>,
    sizes: &[Vec<u64>],
    enough: impl Fn(&[Place]) -> bool,
) -> Option<Place> {
    let covered: Vec<Place> = sum.iter().copied().filter(|place| hidden.contains(place)).collect();
    // What is hidden of a total that is shown is, together, the total less what is shown.
    let total = sum.last().is_some_and(|total| hidden.contains(total));
    if covered.is_empty() || covered.len() > 1 && (total || enough(&covered)) {
        return None;
    }
    least(sum.iter().copied().filter(|place| !hidden.contains(place)), sizes)
}

/// The smallest of some cells; an empty one last.
fn least(places: impl Iterator<Item = Place>, sizes: &[Vec<u64>]) -> Option<Place> {
    places.min_by_key(|place| match size(sizes, *place) {
        0 => u64::MAX,
        size => size,
    })
}

fn size(sizes: &[Vec<u64>], (at, n): Place) -> u64 {
    sizes.get(at).and_then(|line| line.get(n)).copied().unwrap_or(0)
}

/// A cell to be hidden because another would follow from several sums: another way between the two
/// parts that the other is the only way between.
fn detour(shape: &Shape<'_>, hidden: &BTreeSet<Place>, sizes: &[Vec<u64>]) -> Option<Place> {
    let islands = Islands::of(shape, hidden);
    islands.cut_off().into_iter().find_map(|island| {
        let part = islands.beyond(island);
        let across = shape.places().filter(|place| {
            let (a, b) = shape.ends(*place);
            part.contains(&a) != part.contains(&b) && !hidden.contains(place)
        });
        least(across, sizes)
    })
}

/// Islands with a way from a first one to each that can be reached.
struct Islands {
    /// In the order in which they are reached.
    order: Vec<Island>,
    /// From which island each is reached, over how many bridges from the first, and over which one.
    from: BTreeMap<Island, (Island, usize, Option<Place>)>,
    /// How many ways round there are between what lies beyond an island and the rest.
    round: BTreeMap<Island, usize>,
}

impl Islands {
    fn of(shape: &Shape<'_>, hidden: &BTreeSet<Place>) -> Islands {
        let mut bridges: BTreeMap<Island, Vec<(Island, Place)>> = BTreeMap::new();
        for place in hidden {
            let (a, b) = shape.ends(*place);
            bridges.entry(a).or_default().push((b, *place));
            bridges.entry(b).or_default().push((a, *place));
        }
        let mut islands =
            Islands { order: Vec::new(), from: BTreeMap::new(), round: BTreeMap::new() };
        for first in bridges.keys() {
            if islands.from.contains_key(first) {
                continue;
            }
            islands.from.insert(*first, (*first, 0, None));
            let mut next = VecDeque::from([*first]);
            while let Some(island) = next.pop_front() {
                islands.order.push(island);
                let depth = islands.depth(island) + 1;
                for (to, over) in bridges.get(&island).into_iter().flatten() {
                    if !islands.from.contains_key(to) {
                        islands.from.insert(*to, (island, depth, Some(*over)));
                        next.push_back(*to);
                    }
                }
            }
        }
        let ways: BTreeSet<Place> = islands.from.values().filter_map(|(.., over)| *over).collect();
        for place in hidden.difference(&ways) {
            let (a, b) = shape.ends(*place);
            islands.count_round(a, b);
        }
        islands
    }

    fn parent(&self, island: Island) -> Island {
        self.from.get(&island).map_or(island, |(parent, ..)| *parent)
    }

    fn depth(&self, island: Island) -> usize {
        self.from.get(&island).map_or(0, |(_, depth, _)| *depth)
    }

    /// Counts a bridge that is no part of the ways for all islands that it leads round.
    fn count_round(&mut self, a: Island, b: Island) {
        let (mut low, mut high) = (a, b);
        while low != high {
            if self.depth(low) < self.depth(high) {
                std::mem::swap(&mut low, &mut high);
            }
            *self.round.entry(low).or_default() += 1;
            low = self.parent(low);
        }
    }

    /// Islands whose bridge from where they are reached is the only way.
    fn cut_off(&self) -> Vec<Island> {
        let reached = self.order.iter().copied().filter(|island| self.depth(*island) > 0);
        reached.filter(|island| !self.round.contains_key(island)).collect()
    }

    /// An island, and all that is reached over it.
    fn beyond(&self, island: Island) -> BTreeSet<Island> {
        let mut part = BTreeSet::from([island]);
        for next in &self.order {
            if part.contains(&self.parent(*next)) {
                part.insert(*next);
            }
        }
        part
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A table of lines within lines: twelve months and so on in the small.
    #[derive(Debug)]
    struct Nested {
        within: Vec<Option<usize>>,
        sizes: Vec<Vec<u64>>,
    }

    /// Lines in groups, the groups in pairs, the pairs in the total; sums by columns, and of columns
    /// where there are several.
    fn nested(groups: &[Vec<Vec<u64>>]) -> Nested {
        let add = |a: &mut Vec<u64>, b: &[u64]| {
            for (a, b) in a.iter_mut().zip(b) {
                *a += b;
            }
        };
        let width = groups[0][0].len();
        let mut sizes: Vec<Vec<u64>> = groups.iter().flatten().cloned().collect();
        let (lines, pairs) = (sizes.len(), groups.len().div_ceil(2));
        let total = lines + groups.len() + pairs;
        let mut within = Vec::new();
        for (at, group) in groups.iter().enumerate() {
            within.extend(group.iter().map(|_| Some(lines + at)));
        }
        within.extend((0..groups.len()).map(|at| Some(lines + groups.len() + at / 2)));
        within.extend((0..pairs).map(|_| Some(total)));
        within.push(None);
        sizes.resize(total + 1, vec![0; width]);
        for at in 0..total {
            let line = sizes[at].clone();
            add(&mut sizes[within[at].unwrap()], &line);
        }
        if width > 1 {
            for line in &mut sizes {
                line.push(line.iter().sum());
            }
        }
        Nested { within, sizes }
    }

    fn flat(mut cells: Vec<Vec<u64>>) -> Nested {
        for line in &mut cells {
            line.push(line.iter().sum());
        }
        let width = cells[0].len();
        let within = vec![Some(cells.len()); cells.len()].into_iter().chain([None]).collect();
        cells.push((0..width).map(|n| cells.iter().map(|line| line[n]).sum()).collect());
        Nested { within, sizes: cells }
    }

    /// An attacker who writes down all sums and solves them: whether a hidden cell is among what
    /// comes out. Gauss over a large prime; the coefficients are 1 and -1.
    fn worked_out(table: &Nested, hidden: &[Vec<bool>]) -> Option<Place> {
        const PRIME: i128 = 2_147_483_647;
        let shape = Shape { within: &table.within, width: table.sizes[0].len() };
        let unknown: Vec<Place> = shape.places().filter(|(at, n)| hidden[*at][*n]).collect();
        let mut equations: Vec<Vec<i128>> = Vec::new();
        for sum in shape.sums() {
            let (total, parts) = sum.split_last().unwrap();
            let of = |place: &Place| match (place == total, parts.contains(place)) {
                (true, _) => PRIME - 1,
                (_, true) => 1,
                _ => 0,
            };
            equations.push(unknown.iter().map(of).collect());
        }
        let inverse = |of: i128| {
            let (mut result, mut base, mut exponent) = (1, of, PRIME - 2);
            while exponent > 0 {
                if exponent & 1 == 1 {
                    result = result * base % PRIME;
                }
                base = base * base % PRIME;
                exponent >>= 1;
            }
            result
        };
        let mut done = 0;
        for column in 0..unknown.len() {
            let Some(pivot) = (done..equations.len()).find(|at| equations[*at][column] != 0) else {
                continue;
            };
            equations.swap(done, pivot);
            let factor = inverse(equations[done][column]);
            equations[done].iter_mut().for_each(|one| *one = *one * factor % PRIME);
            let solved = equations[done].clone();
            for (_, equation) in equations.iter_mut().enumerate().filter(|(at, _)| *at != done) {
                let times = equation[column];
                for (one, by) in equation.iter_mut().zip(&solved) {
                    *one = (*one + (PRIME - times) * by) % PRIME;
                }
            }
            done += 1;
        }
        let alone = |equation: &&Vec<i128>| equation.iter().filter(|one| **one != 0).count() == 1;
        let found = equations.iter().find(alone)?;
        unknown.get(found.iter().position(|one| *one != 0)?).copied()
    }

    /// Of a table in which every contact is in one cell.
    fn hidden_of(table: &Nested, smallest: u64) -> Vec<Vec<bool>> {
        let enough = |places: &[Place]| {
            places.iter().map(|place| size(&table.sizes, *place)).sum::<u64>() >= smallest
        };
        hide(&table.within, &table.sizes, smallest, enough)
    }

    fn is_safe(table: &Nested, smallest: u64) -> Result<(), String> {
        let hidden = hidden_of(table, smallest);
        if let Some(place) = worked_out(table, &hidden) {
            return Err(format!("{place:?} of {table:?}: {hidden:?}"));
        }
        for (line, hidden) in table.sizes.iter().zip(&hidden) {
            let shown = line.iter().zip(hidden).filter(|(_, hidden)| !**hidden);
            if let Some((size, _)) =
                shown.into_iter().find(|(size, _)| (1..smallest).contains(*size))
            {
                return Err(format!("{size} is shown of {table:?}"));
            }
        }
        Ok(())
    }

    #[test]
    fn a_cell_does_not_follow_from_lines_and_columns_together() {
        // Two blocks that cover themselves, and a cell that lies in a line of the one and a column
        // of the other: the lines of the first block less its columns.
        let table = flat(vec![
            vec![6, 6, 5, 90],
            vec![6, 6, 90, 90],
            vec![90, 90, 6, 6],
            vec![90, 90, 6, 6],
        ]);
        assert!(hidden_of(&table, 10)[0][2]);
        is_safe(&table, 10).unwrap();
    }

    #[test]
    fn a_small_month_does_not_follow_from_its_quarter() {
        // One small month in each quarter: in a table of months alone they would cover each other.
        let table = nested(&[vec![vec![3], vec![40], vec![50]], vec![vec![40], vec![4], vec![60]]]);
        let hidden: Vec<bool> = hidden_of(&table, 10).into_iter().map(|line| line[0]).collect();
        assert_eq!(hidden[..6], [true, true, false, true, true, false]);
        assert_eq!(hidden[6..], [false; 4], "quarters, the year and the total stay");
        is_safe(&table, 10).unwrap();
    }

    #[test]
    fn a_lone_month_hides_its_quarter_too() {
        let table = nested(&[vec![vec![3], vec![0]], vec![vec![40], vec![50]]]);
        let hidden = hidden_of(&table, 10);
        assert!(hidden[0][0] && hidden[4][0], "the quarter is the month: {hidden:?}");
        is_safe(&table, 10).unwrap();
    }

    proptest! {
        #[test]
        fn no_hidden_cell_can_be_worked_out(
            cells in (2..7usize, 2..7usize).prop_flat_map(|(h, w)| {
                prop::collection::vec(prop::collection::vec(0..40u64, w), h)
            }),
            smallest in 2..12u64,
        ) {
            prop_assert_eq!(is_safe(&flat(cells), smallest), Ok(()));
        }

        #[test]
        fn no_hidden_cell_can_be_worked_out_from_lines_within_lines(
            groups in (1..7usize).prop_flat_map(|w| {
                let cell = prop_oneof![1 => Just(0), 3 => 1..12u64, 6 => 40..99u64];
                let line = prop::collection::vec(cell, w);
                prop::collection::vec(prop::collection::vec(line, 1..5), 1..5)
            }),
            smallest in 2..12u64,
        ) {
            prop_assert_eq!(is_safe(&nested(&groups), smallest), Ok(()));
        }
    }
}
