//! Reports: counts and sums over people or objects, with small cells suppressed.
//!
//! A cell that stands for fewer contacts than the notice's smallest cell is not shown, and neither
//! are further cells from which it could be worked out (complementary suppression): from one line,
//! the total included, or from several lines and columns together.
//!
//! Each table is looked at by itself. Whoever asks for the same by month and by quarter can subtract
//! one from the other, and so may learn of a month that was hidden.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::session::hidden::hide;

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Contacts that have a record of a category.
    Records(String),
    /// Objects of a kind.
    Objects(String),
}

/// What to report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What is counted.
    pub subject: Subject,
    /// By which field (or `month`, `quarter`, `year`, `state`, `country`) lines are made, and by
    /// which columns.
    pub by: Vec<String>,
    /// A field of amounts or numbers to be added up.
    pub sum: Option<String>,
}

/// A table of a report: lines and columns in alphabetical order, totals last.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Table {
    /// What lines and columns are made by.
    pub by: Vec<String>,
    /// Names of the columns; a single empty one where the report has one dimension.
    pub columns: Vec<String>,
    /// Lines with their cells, one a column, and one for the total where there are several.
    pub lines: Vec<(String, Vec<Cell>)>,
    /// The smallest number of contacts a cell shown stands for.
    pub smallest_cell: u32,
}

/// A cell of a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// Shown.
    Shown(Amount),
    /// Suppressed: it would say too much about too few.
    Suppressed {
        /// Always true.
        suppressed: bool,
    },
}

/// What a cell shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Amount {
    /// Records or objects.
    pub count: u64,
    /// Contacts that they are of; none where objects are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<u64>,
    /// Sums, by currency; a plain number under the empty name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub sums: BTreeMap<String, String>,
}

/// One cell while it is being counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) count: u64,
    pub(crate) contacts: BTreeSet<[u8; 16]>,
    pub(crate) sums: BTreeMap<String, Sum>,
}

/// A sum, and whose values it is made of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sum {
    pub(crate) total: i64,
    pub(crate) contacts: BTreeSet<[u8; 16]>,
}

impl Tally {
    fn merge(&mut self, other: &Tally) {
        self.count += other.count;
        self.contacts.extend(&other.contacts);
        for (unit, sum) in &other.sums {
            let mine = self.sums.entry(unit.clone()).or_default();
            mine.total = mine.total.saturating_add(sum.total);
            mine.contacts.extend(&sum.contacts);
        }
    }
}

/// Tallies by line and column.
pub(crate) type Tallies = BTreeMap<(String, String), Tally>;

/// Lays out a table with totals, and hides what is too small.
pub(crate) fn lay_out(by: &[String], tallies: &Tallies, people: bool, smallest: u32) -> Table {
    let distinct = |names: &mut dyn Iterator<Item = &String>| {
        let mut names: Vec<String> = names.cloned().collect();
        names.sort();
        names.dedup();
        names
    };
    let lines = distinct(&mut tallies.keys().map(|(line, _)| line));
    let columns = distinct(&mut tallies.keys().map(|(_, column)| column));
    let mut grid: Vec<Vec<Tally>> = lines
        .iter()
        .map(|line| {
            let cell = |column: &String| tallies.get(&(line.clone(), column.clone()));
            columns.iter().map(|column| cell(column).cloned().unwrap_or_default()).collect()
        })
        .collect();
    let two = by.len() > 1;
    if two {
        for line in &mut grid {
            let total = total_of(line.iter());
            line.push(total);
        }
    }
    let width = columns.len() + usize::from(two);
    let totals: Vec<Tally> =
        (0..width).map(|n| total_of(grid.iter().filter_map(|line| line.get(n)))).collect();
    grid.push(totals);
    let size = |tally: &Tally| u64::try_from(tally.contacts.len()).unwrap_or(u64::MAX);
    let sizes: Vec<Vec<u64>> = grid.iter().map(|line| line.iter().map(size).collect()).collect();
    let hidden = if people { hide(&sizes, u64::from(smallest)) } else { Vec::new() };
    let thin = if people { thin_units(&grid, usize_of(smallest)) } else { BTreeSet::new() };
    let mut names = lines;
    names.push("total".to_owned());
    let lines = names.into_iter().zip(&grid).enumerate().map(|(at, (name, line))| {
        let cells = line.iter().enumerate().map(|(n, tally)| {
            let is_hidden = hidden.get(at).and_then(|line| line.get(n)).copied().unwrap_or(false);
            if is_hidden {
                Cell::Suppressed { suppressed: true }
            } else {
                shown(tally, people, &thin)
            }
        });
        (name, cells.collect())
    });
    let lines = lines.collect();
    let mut columns = columns;
    if two {
        columns.push("total".to_owned());
    }
    Table { by: by.to_vec(), columns, lines, smallest_cell: if people { smallest } else { 1 } }
}

/// The line of what too few share.
const OTHER: &str = "(other)";

/// Puts what fewer contacts share than the smallest cell under one name, in dimensions whose names
/// are anything that somebody wrote: the name of a hidden line would tell what is hidden.
pub(crate) fn fold_rare(tallies: Tallies, open: [bool; 2], smallest: u32) -> Tallies {
    let mut sharing: [BTreeMap<String, BTreeSet<[u8; 16]>>; 2] = Default::default();
    for ((line, column), tally) in &tallies {
        for (names, name) in sharing.iter_mut().zip([line, column]) {
            names.entry(name.clone()).or_default().extend(&tally.contacts);
        }
    }
    let fold = |at: usize, name: String| {
        let names = sharing.get(at).and_then(|names| names.get(&name));
        let rare = names.is_none_or(|contacts| contacts.len() < usize_of(smallest));
        let is_open = open.get(at).copied().unwrap_or(false);
        if is_open && rare && !name.is_empty() { OTHER.to_owned() } else { name }
    };
    let mut folded = Tallies::new();
    for ((line, column), tally) in tallies {
        folded.entry((fold(0, line), fold(1, column))).or_default().merge(&tally);
    }
    folded
}

fn total_of<'a>(cells: impl Iterator<Item = &'a Tally>) -> Tally {
    let mut total = Tally::default();
    for cell in cells {
        total.merge(cell);
    }
    total
}

/// Units in which the values of too few are added up somewhere in the table. They are left out of
/// all of it, for a sum that is missing in one place follows from the others.
fn thin_units(grid: &[Vec<Tally>], smallest: usize) -> BTreeSet<String> {
    let sums = grid.iter().flatten().flat_map(|tally| &tally.sums);
    let thin = sums.filter(|(_, sum)| sum.contacts.len() < smallest);
    thin.map(|(unit, _)| unit.clone()).collect()
}

fn usize_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn shown(tally: &Tally, people: bool, thin: &BTreeSet<String>) -> Cell {
    let sums = tally.sums.iter().filter(|(unit, _)| !thin.contains(*unit)).map(|(unit, sum)| {
        let text = if unit.is_empty() {
            sum.total.to_string()
        } else {
            crate::value::Money { currency: unit.clone(), minor: sum.total }.to_string()
        };
        (unit.clone(), text)
    });
    Cell::Shown(Amount {
        count: tally.count,
        contacts: people.then(|| u64::try_from(tally.contacts.len()).unwrap_or(u64::MAX)),
        sums: sums.collect(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tally(contacts: u64, from: u64) -> Tally {
        let ids = (from..from + contacts).map(|n| {
            let mut id = [0; 16];
            id[..8].copy_from_slice(&n.to_be_bytes());
            id
        });
        Tally { count: contacts, contacts: ids.collect(), sums: BTreeMap::new() }
    }

    fn table(sizes: &[Vec<u64>], smallest: u32) -> Table {
        let mut tallies = Tallies::new();
        let mut from = 0;
        for (at, line) in sizes.iter().enumerate() {
            for (n, size) in line.iter().enumerate() {
                tallies.insert((format!("{at:03}"), format!("{n:03}")), tally(*size, from));
                from += size;
            }
        }
        lay_out(&["line".into(), "column".into()], &tallies, true, smallest)
    }

    #[test]
    fn a_small_cell_takes_a_second_one_with_it_in_its_line_and_its_column() {
        let table = table(&[vec![3, 40, 60], vec![50, 70, 80]], 10);
        let hidden: Vec<Vec<bool>> = table
            .lines
            .iter()
            .map(|(_, cells)| cells.iter().map(|c| matches!(c, Cell::Suppressed { .. })).collect())
            .collect();
        assert_eq!(
            hidden,
            [vec![true, true, false, false], vec![true, true, false, false], vec![false; 4]]
        );
    }

    #[test]
    fn two_small_cells_do_not_give_each_other_away() {
        // One and one of a total of 42: who knows that both are somebody knows both.
        let table = table(&[vec![1], vec![1], vec![40], vec![50]], 10);
        let shown = |cell: &Cell| matches!(cell, Cell::Shown(_));
        let shown: Vec<bool> = table.lines.iter().map(|(_, cells)| shown(&cells[0])).collect();
        assert_eq!(shown, [false, false, false, true, true]);
    }

    proptest! {
        #[test]
        fn no_line_hides_exactly_one_cell_and_no_small_cell_is_shown(
            sizes in (1..5usize, 1..5usize).prop_flat_map(|(h, w)| {
                prop::collection::vec(prop::collection::vec(0..30u64, w), h)
            }),
            smallest in 2..12u32,
        ) {
            let table = table(&sizes, smallest);
            let hidden = |cell: &Cell| matches!(cell, Cell::Suppressed { .. });
            for (_, cells) in &table.lines {
                for cell in cells {
                    if let Cell::Shown(amount) = cell {
                        let n = amount.contacts.unwrap();
                        prop_assert!(n == 0 || n >= u64::from(smallest));
                    }
                }
                prop_assert!(cells.iter().filter(|c| hidden(c)).count() != 1);
            }
            for n in 0..table.columns.len() {
                let count = table.lines.iter().filter(|(_, cells)| hidden(&cells[n])).count();
                prop_assert!(count != 1);
            }
        }
    }
}
