//! Which cells of a table are hidden, so that none of the small ones can be worked out, or nearly so,
//! from those shown.
//!
//! The lines of a table may lie in each other, as months lie in quarters, quarters in years and years
//! in the total: then all levels are decided together, and any of them can be shown beside the
//! others.
//!
//! A cell is part of sums: of its line, of the line that its line lies in, and, where others lie in its
//! own, of those. Take each sum for an island and each cell for a bridge between the two sums that it
//! is part of, over which as many walk as it counts; then as many come to each island as leave it. (A
//! line that others lie in makes no island of its own: its sum follows from theirs.) What is known are
//! the cells shown, and that a hidden one counts at least one; so a hidden cell may as well be larger
//! or smaller by as many as can walk round, over other hidden cells (L. H. Cox, Network Models for
//! Complementary Cell Suppression, JASA 90, 1995; M. Fischetti, J. J. Salazar, Models and Algorithms
//! for the 2-Dimensional Cell Suppression Problem, Mathematical Programming 84, 1999).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// A cell: its line and its column.
pub(super) type Place = (usize, usize);

/// Which cells are hidden, by how many contacts each stands for; totals are cells, too, a total of
/// columns being the last of them. `within` says in which line each line lies; the total lies in none.
///
/// Hidden are the small ones; then in every sum with hidden cells that are known to stand together for
/// too few another one, and whatever else it takes so that each small cell may as well be another of
/// `smallest` numbers. `enough` says whether some cells stand together for as many as the smallest
/// cell: a contact may be in several. Which cells cover others goes by their sizes, roughly, and then
/// by `lot`, which only who holds the keys can draw: if always the smallest were taken, those that
/// remain would tell of it. An empty cell tells of nobody and covers last.
pub(super) fn hide(
    within: &[Option<usize>],
    sizes: &[Vec<u64>],
    smallest: u64,
    enough: impl Fn(&[Place]) -> bool,
    lot: impl Fn(Place) -> u16,
) -> Vec<Vec<bool>> {
    let shape = Shape { within, width: sizes.first().map_or(0, Vec::len) };
    let mut network = Network::of(&shape, sizes, smallest, lot);
    let small: Vec<usize> = network.hidden().collect();
    for sum in shape.sums() {
        while let Some(next) = uncovered(&shape, &network, &sum, &enough) {
            network.hide(next);
        }
    }
    for cell in small {
        network.widen(cell, smallest.saturating_sub(1));
    }
    let line = |at| (0..shape.width).map(|n| network.is_hidden(shape.cell((at, n)))).collect();
    (0..within.len()).map(line).collect()
}

/// How lines lie in each other, and how many columns there are.
struct Shape<'a> {
    within: &'a [Option<usize>],
    width: usize,
}

impl Shape<'_> {
    /// All cells, by their numbers.
    fn places(&self) -> impl Iterator<Item = Place> {
        let width = self.width;
        (0..self.within.len()).flat_map(move |at| (0..width).map(move |n| (at, n)))
    }

    fn cell(&self, (at, n): Place) -> usize {
        at * self.width + n
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

    fn islands(&self) -> usize {
        1 + self.within.len() * (1 + self.width)
    }

    /// From which island to which one walks over a cell.
    fn ends(&self, (at, n): Place) -> (Island, Island) {
        let height = self.within.len();
        // A sum of the lines within a line, column by column.
        let down = |line: usize| 1 + height + line * self.width + n;
        let across = if self.width > 1 { 1 + at } else { OUTSIDE };
        let inner = if self.has_lines(at) { down(at) } else { across };
        let outer = self.above(at).map_or(OUTSIDE, down);
        if self.is_total(n) { (outer, inner) } else { (inner, outer) }
    }

    fn has_lines(&self, line: usize) -> bool {
        self.within.contains(&Some(line))
    }

    /// Whether a column is the total of the others.
    fn is_total(&self, column: usize) -> bool {
        self.width > 1 && column + 1 == self.width
    }
}

/// The cell to hide next in a sum whose hidden cells stand for too few.
fn uncovered(
    shape: &Shape<'_>,
    network: &Network,
    sum: &[Place],
    enough: impl Fn(&[Place]) -> bool,
) -> Option<usize> {
    let is_hidden = |place: &&Place| network.is_hidden(shape.cell(**place));
    let covered: Vec<Place> = sum.iter().filter(is_hidden).copied().collect();
    // What is hidden of a total that is shown is, together, the total less what is shown.
    let total_hidden = sum.last().is_some_and(|total| is_hidden(&total));
    if covered.is_empty() || covered.len() > 1 && total_hidden || enough(&covered) {
        return None;
    }
    let shown = sum.iter().map(|place| shape.cell(*place)).filter(|cell| !network.is_hidden(*cell));
    shown.min_by_key(|cell| network.cost(*cell))
}

/// A sum; the first is what lies outside of all sums.
type Island = usize;
const OUTSIDE: Island = 0;

struct Bridge {
    from: Island,
    to: Island,
    size: u64,
    /// What it costs to hide it.
    cost: u64,
    hidden: bool,
}

/// A step over a bridge, along it or against it: one more or one less.
type Step = (usize, bool);

/// Islands and bridges.
struct Network {
    /// By the numbers of their cells.
    bridges: Vec<Bridge>,
    /// The steps that can be taken from each island.
    steps: Vec<Vec<Step>>,
}

impl Network {
    fn of(
        shape: &Shape<'_>,
        sizes: &[Vec<u64>],
        smallest: u64,
        lot: impl Fn(Place) -> u16,
    ) -> Network {
        let mut network = Network { bridges: Vec::new(), steps: vec![Vec::new(); shape.islands()] };
        for place in shape.places() {
            let (from, to) = shape.ends(place);
            let size = sizes.get(place.0).and_then(|line| line.get(place.1)).copied().unwrap_or(0);
            // Twice the size costs one step more, and so does a sum, which tells more.
            let rough = (size / smallest.max(1)).checked_ilog2().map_or(1, |log| log + 2);
            let rough = if size == 0 { EMPTY } else { u64::from(rough) };
            let sum = u64::from(shape.has_lines(place.0)) + u64::from(shape.is_total(place.1));
            let cost = (rough + sum) << u16::BITS | u64::from(lot(place));
            let hidden = (1..smallest).contains(&size);
            for (island, along) in [(from, true), (to, false)] {
                if let Some(steps) = network.steps.get_mut(island) {
                    steps.push((network.bridges.len(), along));
                }
            }
            network.bridges.push(Bridge { from, to, size, cost, hidden });
        }
        network
    }

    fn hidden(&self) -> impl Iterator<Item = usize> {
        let hidden = self.bridges.iter().enumerate().filter(|(_, bridge)| bridge.hidden);
        hidden.map(|(cell, _)| cell)
    }

    fn is_hidden(&self, cell: usize) -> bool {
        self.bridges.get(cell).is_some_and(|bridge| bridge.hidden)
    }

    fn hide(&mut self, cell: usize) {
        if let Some(bridge) = self.bridges.get_mut(cell) {
            bridge.hidden = true;
        }
    }

    fn cost(&self, cell: usize) -> u64 {
        self.bridges.get(cell).map_or(u64::MAX, |bridge| bridge.cost)
    }

    /// Hides what it takes so that a cell may be larger or smaller by so many, together.
    fn widen(&mut self, cell: usize, by: u64) {
        let least = self.bridges.get(cell).map_or(0, |bridge| bridge.size.saturating_sub(1));
        let larger = self.walk_round((cell, true), by, false);
        let smaller = self.walk_round((cell, false), least.min(by - larger), false);
        if larger + smaller < by {
            self.walk_round((cell, true), by - smaller, true);
        }
    }

    /// How many of so many can walk over a cell and round to where they came from, hiding cells for
    /// it or not. There is always a way for all of them where cells may be hidden: up to the totals.
    fn walk_round(&mut self, over: Step, all: u64, hiding: bool) -> u64 {
        let (mut walked, mut through) = (BTreeMap::new(), 0);
        while through < all {
            let Some((way, room)) = self.way_round(over, &walked, hiding) else { break };
            let more = room.min(all - through);
            for (cell, along) in way {
                self.hide(cell);
                let walked: &mut i128 = walked.entry(cell).or_default();
                *walked += if along { i128::from(more) } else { -i128::from(more) };
            }
            through += more;
        }
        through
    }

    /// The cheapest way round, and for how many there is room (Dijkstra).
    fn way_round(
        &self,
        (over, along): Step,
        walked: &BTreeMap<usize, i128>,
        hiding: bool,
    ) -> Option<(Vec<Step>, u64)> {
        let bridge = self.bridges.get(over)?;
        let (end, start) = if along { (bridge.from, bridge.to) } else { (bridge.to, bridge.from) };
        let mut reached: Vec<Option<(u64, Option<Step>)>> = vec![None; self.steps.len()];
        let mut next = BinaryHeap::from([Reverse((0, start))]);
        *reached.get_mut(start)? = Some((0, None));
        while let Some(Reverse((cost, island))) = next.pop() {
            if island == end {
                break;
            }
            if reached.get(island).copied().flatten().is_none_or(|(best, _)| best < cost) {
                continue;
            }
            for step in self.steps.get(island).into_iter().flatten() {
                let Some(bridge) = self.bridges.get(step.0).filter(|_| step.0 != over) else {
                    continue;
                };
                if !bridge.hidden && !hiding || self.room(*step, walked) == 0 {
                    continue;
                }
                let cost = cost + if bridge.hidden { 1 } else { bridge.cost };
                let to = if step.1 { bridge.to } else { bridge.from };
                let Some(before) = reached.get_mut(to) else { continue };
                if before.is_none_or(|(before, _)| cost < before) {
                    *before = Some((cost, Some(*step)));
                    next.push(Reverse((cost, to)));
                }
            }
        }
        let (mut way, mut room, mut island) = (Vec::new(), u64::MAX, end);
        while let (_, Some(step)) = reached.get(island).copied().flatten()? {
            room = room.min(self.room(step, walked));
            way.push(step);
            let bridge = self.bridges.get(step.0)?;
            island = if step.1 { bridge.from } else { bridge.to };
        }
        Some((way, room))
    }

    /// How many can still take a step: a hidden cell may count any more, but not less than one.
    fn room(&self, (cell, along): Step, walked: &BTreeMap<usize, i128>) -> u64 {
        if along {
            return u64::MAX;
        }
        let size = self.bridges.get(cell).map_or(0, |bridge| bridge.size);
        let room = i128::from(size) - 1 + walked.get(&cell).copied().unwrap_or(0);
        u64::try_from(room.max(0)).unwrap_or(u64::MAX)
    }
}

/// So much more costs it to hide an empty cell than any other.
const EMPTY: u64 = 1_000;

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

    /// An attacker who writes down all sums, knows that a hidden cell counts somebody, and asks for the
    /// least and the most that a small cell can be: the first one of which that is told too closely.
    fn worked_out(table: &Nested, hidden: &[Vec<bool>], smallest: u64) -> Option<Place> {
        let shape = Shape { within: &table.within, width: table.sizes[0].len() };
        let size = |(at, n): Place| table.sizes[at][n];
        let range = |wanted: Place, direction| {
            let mut problem = microlp::Problem::new(direction);
            let mut unknown = BTreeMap::new();
            for place in shape.places().filter(|(at, n)| hidden[*at][*n]) {
                let weight = if place == wanted { 1.0 } else { 0.0 };
                let least = if size(place) == 0 { 0.0 } else { 1.0 };
                unknown.insert(place, problem.add_var(weight, (least, 1_000_000.0)));
            }
            for sum in shape.sums() {
                let (mut open, mut known) = (Vec::new(), 0.0);
                for (sign, place) in sum.iter().rev().zip(0..).map(|(place, at)| {
                    let sign = if at == 0 { -1.0 } else { 1.0 };
                    (sign, place)
                }) {
                    match unknown.get(place) {
                        Some(variable) => open.push((*variable, sign)),
                        None => known -= sign * f64::from(u32::try_from(size(*place)).unwrap()),
                    }
                }
                if !open.is_empty() {
                    problem.add_constraint(&open, microlp::ComparisonOp::Eq, known);
                }
            }
            match problem.solve().unwrap() {
                microlp::SolveOutcome::Solution(solution) => solution.objective(),
                microlp::SolveOutcome::Interrupted(why) => panic!("{why:?}"),
            }
        };
        let small = |place: &Place| (1..smallest).contains(&size(*place));
        shape.places().filter(small).find(|place| {
            let least = range(*place, microlp::OptimizationDirection::Minimize);
            let most = range(*place, microlp::OptimizationDirection::Maximize);
            most - least < f64::from(u32::try_from(smallest).unwrap()) - 1.001
        })
    }

    /// Of a table in which every contact is in one cell.
    fn hidden_of(table: &Nested, smallest: u64) -> Vec<Vec<bool>> {
        let enough = |places: &[Place]| {
            places.iter().map(|(at, n)| table.sizes[*at][*n]).sum::<u64>() >= smallest
        };
        let lot = |(at, n): Place| u16::try_from((at * 31 + n * 17) % 256).unwrap();
        hide(&table.within, &table.sizes, smallest, enough, lot)
    }

    fn is_safe(table: &Nested, smallest: u64) -> Result<(), String> {
        let hidden = hidden_of(table, smallest);
        if let Some(place) = worked_out(table, &hidden, smallest) {
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

    #[test]
    fn a_ring_without_slack_is_not_worked_out_from_each_cell_counting_somebody() {
        let table = flat(vec![vec![1, 9, 0], vec![0, 9, 1], vec![9, 0, 9]]);
        is_safe(&table, 10).unwrap();
    }

    #[test]
    fn months_are_not_worked_out_from_each_cell_counting_somebody() {
        let quarters = [vec![vec![9, 0, 12], vec![0, 1, 1]], vec![vec![1, 1, 1]]];
        is_safe(&nested(&quarters), 10).unwrap();
    }

    #[test]
    fn the_cell_that_covers_another_does_not_tell_of_it() {
        // If always the smallest were taken, 19 together beside a 10 that is shown would be 9 and 10.
        let table = |third| nested(&[vec![vec![10], vec![10], vec![third]]]);
        let covers = |lots: [u16; 3]| {
            let table = table(9);
            let lot = |(at, _): Place| lots.get(at).copied().unwrap_or(0);
            let hidden = hide(&table.within, &table.sizes, 10, |of| of.len() > 1, lot);
            hidden.iter().take(3).map(|line| line[0]).collect::<Vec<_>>()
        };
        assert_eq!(covers([1, 2, 0]), [true, false, true]);
        assert_eq!(covers([2, 1, 0]), [false, true, true]);
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
