//! Reports: counts and sums over people or objects, with small cells suppressed.
//!
//! A cell that stands for fewer contacts than the notice's smallest cell is not shown, and neither
//! are further cells from which it could be worked out (complementary suppression): from one line,
//! the total included, or from several lines and columns together, also where it is known that
//! a hidden cell stands for somebody.
//!
//! What is counted by months is decided for months, quarters and years together, whichever of them is
//! asked for: whoever asks for one after the other can subtract them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::session::hidden::{Place, hide};

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
    /// which columns; at most one of the two is a period.
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

/// A span of time by which things are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Period {
    Month,
    Quarter,
    Year,
}

impl Period {
    pub(crate) fn of_word(word: &str) -> Option<Period> {
        match word {
            "month" => Some(Period::Month),
            "quarter" => Some(Period::Quarter),
            "year" => Some(Period::Year),
            _ => None,
        }
    }

    /// The span in which a month (`2026-02`) lies.
    pub(crate) fn around(self, month: &str) -> String {
        let Some((year, number)) = month.split_once('-') else { return String::new() };
        match self {
            Period::Month => month.to_owned(),
            Period::Quarter => {
                let number: u8 = number.parse().unwrap_or(1);
                format!("{year}-Q{}", number.div_ceil(3))
            }
            Period::Year => year.to_owned(),
        }
    }
}

/// The place of the dimension that is a period, if one is.
pub(crate) fn period_of(by: &[String]) -> Option<(usize, Period)> {
    by.iter().enumerate().find_map(|(at, name)| Some((at, Period::of_word(name)?)))
}

/// Lays out a table of things, which nothing is hidden of.
pub(crate) fn of_things(by: &[String], tallies: &Tallies) -> Table {
    Grid::of(tallies, by.len() > 1, None).table(by, None)
}

/// Lays out a table about people, and hides what is too small; a period among its dimensions is
/// tallied by months.
/// `lot` draws among cells to hide, by the names of line and column.
pub(crate) fn of_people(
    by: &[String],
    tallies: Tallies,
    smallest: u32,
    lot: impl Fn(&str, &str) -> u16,
) -> Table {
    let period = period_of(by);
    // Lines lie in each other, columns do not.
    let turned = matches!(period, Some((1, _)));
    let tallies = if turned {
        tallies.into_iter().map(|((line, column), tally)| ((column, line), tally)).collect()
    } else {
        tallies
    };
    let grid = Grid::of(&tallies, by.len() > 1, period.map(|(_, period)| period));
    let lot = |line: &str, column: &str| if turned { lot(column, line) } else { lot(line, column) };
    let hidden = grid.hidden(smallest, lot);
    let table = grid.table(by, Some((smallest, &hidden)));
    if turned { turn(table) } else { table }
}

/// Lines and columns of a table changed for each other.
fn turn(table: Table) -> Table {
    let mut lines: Vec<(String, Vec<Cell>)> =
        table.columns.into_iter().map(|name| (name, Vec::new())).collect();
    let mut columns = Vec::new();
    for (name, cells) in table.lines {
        columns.push(name);
        for ((_, line), cell) in lines.iter_mut().zip(cells) {
            line.push(cell);
        }
    }
    Table { columns, lines, ..table }
}

/// A line, by the tallied lines that it is the sum of.
struct Line {
    name: String,
    /// The line that it lies in.
    within: Option<usize>,
    of: BTreeSet<usize>,
    /// Whether it is asked for.
    asked: bool,
}

/// A cell summed up.
struct Summed {
    count: u64,
    contacts: u64,
    /// By unit: the total, and of how many contacts.
    sums: BTreeMap<String, (i64, usize)>,
}

impl From<Tally> for Summed {
    fn from(tally: Tally) -> Summed {
        let sums = tally.sums.into_iter();
        Summed {
            count: tally.count,
            contacts: u64::try_from(tally.contacts.len()).unwrap_or(u64::MAX),
            sums: sums.map(|(unit, sum)| (unit, (sum.total, sum.contacts.len()))).collect(),
        }
    }
}

/// All lines and columns of a table, also those of other periods than the one asked for.
struct Grid<'t> {
    lines: Vec<Line>,
    columns: Vec<String>,
    cells: Vec<Vec<Summed>>,
    tallied: Vec<Vec<Option<&'t Tally>>>,
}

impl<'t> Grid<'t> {
    fn of(tallies: &'t Tallies, two: bool, period: Option<Period>) -> Grid<'t> {
        let names: BTreeSet<&String> = tallies.keys().map(|(line, _)| line).collect();
        let lines = lines_of(&names, period);
        let columns: BTreeSet<&String> = tallies.keys().map(|(_, column)| column).collect();
        let tallied: Vec<Vec<Option<&Tally>>> = names
            .iter()
            .map(|line| {
                let cell = |column: &&String| tallies.get(&((*line).clone(), (*column).clone()));
                columns.iter().map(cell).collect()
            })
            .collect();
        let sum = |line: &Line, column: Option<usize>| {
            let mut sum = Tally::default();
            parts(&tallied, line, column).for_each(|tally| sum.merge(tally));
            Summed::from(sum)
        };
        let mut wanted: Vec<Option<usize>> = (0..columns.len()).map(Some).collect();
        let mut columns: Vec<String> = columns.into_iter().cloned().collect();
        if two {
            wanted.push(None);
            columns.push(TOTAL.to_owned());
        }
        let cells = lines.iter().map(|line| wanted.iter().map(|n| sum(line, *n)).collect());
        Grid { cells: cells.collect(), lines, columns, tallied }
    }

    /// Whether cells stand together for so many contacts, each counted once.
    fn stand_for(&self, places: &[(usize, usize)], smallest: usize) -> bool {
        let mut contacts = BTreeSet::new();
        for (at, n) in places {
            let Some(line) = self.lines.get(*at) else { continue };
            let width = self.tallied.first().map_or(0, Vec::len);
            for tally in parts(&self.tallied, line, Some(*n).filter(|n| *n < width)) {
                for contact in &tally.contacts {
                    contacts.insert(contact);
                    if contacts.len() >= smallest {
                        return true;
                    }
                }
            }
        }
        false
    }

    fn hidden(&self, smallest: u32, lot: impl Fn(&str, &str) -> u16) -> Vec<Vec<bool>> {
        let within: Vec<Option<usize>> = self.lines.iter().map(|line| line.within).collect();
        let contacts = |line: &Vec<Summed>| line.iter().map(|cell| cell.contacts).collect();
        let sizes: Vec<Vec<u64>> = self.cells.iter().map(contacts).collect();
        let enough = |places: &[_]| self.stand_for(places, usize_of(smallest));
        let lot = |(at, n): Place| {
            let line = self.lines.get(at).map_or("", |line| &line.name);
            lot(line, self.columns.get(n).map_or("", |name| name))
        };
        hide(&within, &sizes, u64::from(smallest), enough, lot)
    }

    /// The table that was asked for; about people where there is a smallest cell, and what is hidden
    /// for it.
    fn table(self, by: &[String], people: Option<(u32, &[Vec<bool>])>) -> Table {
        let (smallest, hidden) = people.unwrap_or((1, &[]));
        // Of things, nothing is thin.
        let thin = people.map(|_| self.thin_units(usize_of(smallest))).unwrap_or_default();
        let is_hidden = |at: usize, n: usize| {
            hidden.get(at).and_then(|line: &Vec<bool>| line.get(n)).copied().unwrap_or(false)
        };
        let asked = self.lines.iter().zip(&self.cells).enumerate();
        let lines = asked.filter(|(_, (line, _))| line.asked).map(|(at, (line, cells))| {
            let cells = cells.iter().enumerate().map(|(n, cell)| {
                if is_hidden(at, n) {
                    return Cell::Suppressed { suppressed: true };
                }
                shown(cell, people.is_some(), &thin)
            });
            (line.name.clone(), cells.collect())
        });
        Table {
            by: by.to_vec(),
            lines: lines.collect(),
            columns: self.columns,
            smallest_cell: smallest,
        }
    }

    /// Units in which the values of too few are added up somewhere in what is asked for. They are
    /// left out of all of it, for a sum that is missing in one place follows from the others.
    fn thin_units(&self, smallest: usize) -> BTreeSet<String> {
        let asked = self.lines.iter().zip(&self.cells).filter(|(line, _)| line.asked);
        let sums = asked.flat_map(|(_, cells)| cells).flat_map(|cell| &cell.sums);
        let thin = sums.filter(|(_, (_, contacts))| *contacts < smallest);
        thin.map(|(unit, _)| unit.clone()).collect()
    }
}

/// The tallies that a cell is the sum of; of all columns, where none is named.
fn parts<'t>(
    tallied: &[Vec<Option<&'t Tally>>],
    line: &Line,
    column: Option<usize>,
) -> impl Iterator<Item = &'t Tally> {
    line.of.iter().filter_map(|at| tallied.get(*at)).flat_map(move |row| {
        let cells = row.iter().enumerate().filter(move |(n, _)| column.is_none_or(|c| c == *n));
        cells.filter_map(|(_, tally)| *tally)
    })
}

/// The lines of some names, those that they lie in, and the total, which is the last.
fn lines_of(names: &BTreeSet<&String>, period: Option<Period>) -> Vec<Line> {
    let finest = |(at, name): (usize, &&String)| Line {
        name: (*name).clone(),
        within: None,
        of: BTreeSet::from([at]),
        asked: period.is_none_or(|period| period == Period::Month),
    };
    let mut lines: Vec<Line> = names.iter().enumerate().map(finest).collect();
    let mut below = 0..lines.len();
    if period.is_some() {
        for coarser in [Period::Quarter, Period::Year] {
            let mut spans: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
            for (at, month) in names.iter().enumerate() {
                spans.entry(coarser.around(month)).or_default().insert(at);
            }
            let start = lines.len();
            for (place, (name, of)) in (start..).zip(spans) {
                for line in lines.get_mut(below.clone()).into_iter().flatten() {
                    if line.of.is_subset(&of) {
                        line.within = Some(place);
                    }
                }
                lines.push(Line { name, within: None, of, asked: period == Some(coarser) });
            }
            below = start..lines.len();
        }
    }
    let total = lines.len();
    for line in lines.get_mut(below).into_iter().flatten() {
        line.within = Some(total);
    }
    let of = (0..names.len()).collect();
    lines.push(Line { name: TOTAL.to_owned(), within: None, of, asked: true });
    lines
}

/// The line and the column that all others add up to.
const TOTAL: &str = "total";

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

fn usize_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn shown(cell: &Summed, people: bool, thin: &BTreeSet<String>) -> Cell {
    let sums = cell.sums.iter().filter(|(unit, _)| !thin.contains(*unit));
    let sums = sums.map(|(unit, (total, _))| {
        let text = if unit.is_empty() {
            total.to_string()
        } else {
            crate::value::Money { currency: unit.clone(), minor: *total }.to_string()
        };
        (unit.clone(), text)
    });
    Cell::Shown(Amount {
        count: cell.count,
        contacts: people.then_some(cell.contacts),
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

    fn drawn(_: &str, _: &str) -> u16 {
        0
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
        of_people(&["line".into(), "column".into()], tallies, smallest, drawn)
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

    #[test]
    fn months_lie_in_quarters_and_those_in_years_whichever_are_asked_for() {
        let mut tallies = Tallies::new();
        for (at, (month, size)) in
            [("2025-12", 40), ("2026-01", 12), ("2026-02", 3), ("2026-05", 4), ("2026-06", 30)]
                .into_iter()
                .enumerate()
        {
            let from = 1_000 * u64::try_from(at).unwrap();
            for (column, more) in [("DE", 0), ("FI", 100)] {
                let size = if column == "FI" { 50 } else { size };
                tallies.insert((month.into(), column.into()), tally(size, from + more));
            }
        }
        let shown = |by: [&str; 2]| {
            let table = of_people(&by.map(str::to_owned), turned_for(&by, &tallies), 10, drawn);
            let told = |cell: &Cell| match cell {
                Cell::Shown(amount) => amount.contacts.unwrap().to_string(),
                Cell::Suppressed { .. } => "-".to_owned(),
            };
            let line = |(name, cells): &(String, Vec<Cell>)| {
                format!("{name} {}", cells.iter().map(told).collect::<Vec<_>>().join(" "))
            };
            table.lines.iter().map(line).collect::<Vec<_>>()
        };
        assert_eq!(
            shown(["month", "country"])[1..5],
            ["2026-01 - - 62", "2026-02 - - 53", "2026-05 - - 54", "2026-06 - - 80",]
        );
        assert_eq!(
            shown(["quarter", "country"]),
            ["2025-Q4 40 50 90", "2026-Q1 15 100 115", "2026-Q2 34 100 134", "total 89 250 339",]
        );
        assert_eq!(
            shown(["country", "year"]),
            ["DE 40 49 89", "FI 50 200 250", "total 90 249 339",]
        );
    }

    #[test]
    fn few_people_who_come_in_every_month_do_not_cover_each_other() {
        let months = [("2026-01", 6), ("2026-02", 6), ("2026-03", 40), ("2026-04", 50)];
        let tallies = months.map(|(month, size)| ((month.into(), String::new()), tally(size, 0)));
        let table = of_people(&["month".into()], tallies.into(), 10, drawn);
        let shown: Vec<bool> =
            table.lines.iter().map(|(_, cells)| matches!(cells[0], Cell::Shown(_))).collect();
        assert_eq!(shown, [false, false, false, true, true], "six twice are six");
    }

    /// The tallies with the period where it stands among the dimensions.
    fn turned_for(by: &[&str; 2], tallies: &Tallies) -> Tallies {
        let turned = tallies.iter().map(|((month, country), tally)| {
            let key = if Period::of_word(by[0]).is_some() {
                (month.clone(), country.clone())
            } else {
                (country.clone(), month.clone())
            };
            (key, tally.clone())
        });
        turned.collect()
    }

    proptest! {
        #[test]
        fn no_line_hides_a_small_cell_alone_and_none_is_shown(
            sizes in (1..5usize, 1..5usize).prop_flat_map(|(h, w)| {
                prop::collection::vec(prop::collection::vec(0..30u64, w), h)
            }),
            smallest in 2..12u32,
        ) {
            let table = table(&sizes, smallest);
            let hidden = |cell: &Cell| matches!(cell, Cell::Suppressed { .. });
            let small = |at: usize, n: usize| {
                let size = sizes.get(at).and_then(|line| line.get(n));
                size.is_some_and(|size| (1..u64::from(smallest)).contains(size))
            };
            for (at, (_, cells)) in table.lines.iter().enumerate() {
                for (n, cell) in cells.iter().enumerate() {
                    if let Cell::Shown(amount) = cell {
                        let contacts = amount.contacts.unwrap();
                        prop_assert!(contacts == 0 || contacts >= u64::from(smallest));
                    }
                    if small(at, n) {
                        let of_line = cells.iter().filter(|cell| hidden(cell)).count();
                        let of_column =
                            table.lines.iter().filter(|(_, cells)| hidden(&cells[n])).count();
                        prop_assert!(of_line > 1 && of_column > 1);
                    }
                }
            }
        }
    }
}
