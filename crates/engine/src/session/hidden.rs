//! Which cells of a table are hidden, so that none of them can be worked out from those shown.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A cell: its line and its column.
type Place = (usize, usize);

/// Which cells are hidden, by how many contacts each stands for; totals are cells, too. The small
/// ones, then in every line and column with exactly one hidden cell, or with hidden cells that
/// together stand for too few, the smallest of the others, and whatever else it takes so that no
/// hidden cell follows from lines and columns taken together, until nothing is left to hide. An empty
/// cell tells of nobody and stays, unless it is all that can cover another.
pub(super) fn hide(sizes: &[Vec<u64>], smallest: u64) -> Vec<Vec<bool>> {
    let (height, width) = (sizes.len(), sizes.first().map_or(0, Vec::len));
    let small = sizes.iter().enumerate().flat_map(|(at, line)| {
        let small = line.iter().enumerate().filter(|(_, size)| **size > 0 && **size < smallest);
        small.map(move |(n, _)| (at, n))
    });
    let mut hidden: BTreeSet<Place> = small.collect();
    let rows = (0..height).map(|at| (0..width).map(|n| (at, n)).collect::<Vec<_>>());
    let columns = (0..width).map(|n| (0..height).map(|at| (at, n)).collect());
    let mut lines: Vec<Vec<Place>> = rows.collect();
    if height > 1 {
        lines.extend(columns);
    }
    lines.retain(|line| line.len() > 1);
    loop {
        let mut changed = false;
        for line in &lines {
            if let Some(next) = uncovered(line, &hidden, sizes, smallest) {
                changed |= hidden.insert(next);
            }
        }
        if !changed && height > 1 && width > 1 {
            changed = detour(&hidden, sizes).is_some_and(|next| hidden.insert(next));
        }
        if !changed {
            let is_hidden = |at: usize| (0..width).map(|n| hidden.contains(&(at, n))).collect();
            return (0..height).map(is_hidden).collect();
        }
    }
}

/// The cell to hide next in a line whose hidden cells do not cover each other.
fn uncovered(
    line: &[Place],
    hidden: &BTreeSet<Place>,
    sizes: &[Vec<u64>],
    smallest: u64,
) -> Option<Place> {
    let covered: Vec<u64> = line
        .iter()
        .filter(|place| hidden.contains(place))
        .map(|place| size(sizes, *place))
        .collect();
    // What is hidden in a line is, together, its total less what is shown.
    if covered.is_empty() || (covered.len() > 1 && covered.iter().sum::<u64>() >= smallest) {
        return None;
    }
    least(line.iter().copied().filter(|place| !hidden.contains(place)), sizes)
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

/// A cell to be hidden because another would follow from several lines and columns. Take each line
/// and each column for an island, and a hidden cell for a bridge from its line to its column: what
/// is known are the sums over the bridges of each island, so that a cell can be worked out where it
/// is the only way between two parts, and only there. The cell answered is another way.
fn detour(hidden: &BTreeSet<Place>, sizes: &[Vec<u64>]) -> Option<Place> {
    let islands = Islands::of(hidden, sizes.len());
    let width = sizes.first().map_or(0, Vec::len);
    islands.cut_off().into_iter().find_map(|island| {
        let part = islands.beyond(island);
        let all = (0..sizes.len()).flat_map(|at| (0..width).map(move |n| (at, n)));
        let across = all.filter(|(at, n)| {
            part.contains(at) != part.contains(&(sizes.len() + n)) && !hidden.contains(&(*at, *n))
        });
        least(across, sizes)
    })
}

/// Lines, then columns, with a way from a first one to each that can be reached.
struct Islands {
    /// In the order in which they are reached.
    order: Vec<usize>,
    /// From which island each is reached, and over how many bridges from the first.
    from: BTreeMap<usize, (usize, usize)>,
    /// How many ways round there are between what lies beyond an island and the rest.
    round: BTreeMap<usize, i64>,
}

impl Islands {
    fn of(hidden: &BTreeSet<Place>, height: usize) -> Islands {
        let mut bridges: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, n) in hidden {
            bridges.entry(*at).or_default().push(height + n);
            bridges.entry(height + n).or_default().push(*at);
        }
        let mut islands =
            Islands { order: Vec::new(), from: BTreeMap::new(), round: BTreeMap::new() };
        for first in bridges.keys() {
            if islands.from.contains_key(first) {
                continue;
            }
            islands.from.insert(*first, (*first, 0));
            let mut next = VecDeque::from([*first]);
            while let Some(island) = next.pop_front() {
                islands.order.push(island);
                let depth = islands.depth(island) + 1;
                for to in bridges.get(&island).into_iter().flatten() {
                    if !islands.from.contains_key(to) {
                        islands.from.insert(*to, (island, depth));
                        next.push_back(*to);
                    }
                }
            }
        }
        for (at, n) in hidden {
            islands.count_round(*at, height + n);
        }
        islands
    }

    fn parent(&self, island: usize) -> usize {
        self.from.get(&island).map_or(island, |(parent, _)| *parent)
    }

    fn depth(&self, island: usize) -> usize {
        self.from.get(&island).map_or(0, |(_, depth)| *depth)
    }

    /// Counts a bridge that is no part of the ways for all islands that it leads round.
    fn count_round(&mut self, a: usize, b: usize) {
        if self.parent(a) == b || self.parent(b) == a {
            return;
        }
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
    fn cut_off(&self) -> Vec<usize> {
        let reached = self.order.iter().copied().filter(|island| self.depth(*island) > 0);
        reached.filter(|island| !self.round.contains_key(island)).collect()
    }

    /// An island, and all that is reached over it.
    fn beyond(&self, island: usize) -> BTreeSet<usize> {
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

    /// Whether there is a way from a line to a column over hidden cells other than theirs.
    fn is_covered(hidden: &[Vec<bool>], line: usize, column: usize) -> bool {
        let (mut lines, mut columns) = (BTreeSet::from([line]), BTreeSet::new());
        loop {
            let before = (lines.len(), columns.len());
            for (at, cells) in hidden.iter().enumerate() {
                for n in (0..cells.len()).filter(|n| cells[*n] && (at, *n) != (line, column)) {
                    if lines.contains(&at) {
                        columns.insert(n);
                    }
                    if columns.contains(&n) {
                        lines.insert(at);
                    }
                }
            }
            if (lines.len(), columns.len()) == before {
                return columns.contains(&column);
            }
        }
    }

    fn all_covered(hidden: &[Vec<bool>]) -> bool {
        (0..hidden.len())
            .all(|at| (0..hidden[at].len()).all(|n| !hidden[at][n] || is_covered(hidden, at, n)))
    }

    fn with_totals(mut cells: Vec<Vec<u64>>) -> Vec<Vec<u64>> {
        for line in &mut cells {
            line.push(line.iter().sum());
        }
        let width = cells[0].len();
        cells.push((0..width).map(|n| cells.iter().map(|line| line[n]).sum()).collect());
        cells
    }

    #[test]
    fn a_cell_does_not_follow_from_lines_and_columns_together() {
        // Two blocks that cover themselves, and a cell that lies in a line of the one and a column
        // of the other: the lines of the first block less its columns.
        let cells = with_totals(vec![
            vec![6, 6, 5, 90],
            vec![6, 6, 90, 90],
            vec![90, 90, 6, 6],
            vec![90, 90, 6, 6],
        ]);
        let hidden = hide(&cells, 10);
        assert!(hidden[0][2]);
        assert!(all_covered(&hidden), "{hidden:?}");
    }

    proptest! {
        #[test]
        fn every_hidden_cell_has_a_way_round(
            cells in (2..7usize, 2..7usize).prop_flat_map(|(h, w)| {
                prop::collection::vec(prop::collection::vec(0..40u64, w), h)
            }),
            smallest in 2..12u64,
        ) {
            let cells = with_totals(cells);
            let hidden = hide(&cells, smallest);
            prop_assert!(all_covered(&hidden), "{cells:?} {hidden:?}");
        }
    }
}
