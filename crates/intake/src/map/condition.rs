//! Conditions on the cells of a row.

use super::columns::{Cells, Column, Columns};
use super::file::{Condition as ConditionFile, Conditions};
use super::rule::{Mistake, Wrong};
use crate::fault::Reason;
use crate::value::words;

/// Something that must hold of a cell.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) column: Column,
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    Is(Vec<String>),
    Not(Vec<String>),
    Contains(String),
    Filled(bool),
    Yes(bool),
}

impl Condition {
    /// Makes the conditions of a rule ready.
    pub(super) fn ready(
        conditions: &Conditions,
        columns: &mut Columns,
    ) -> Result<Vec<Condition>, Mistake> {
        conditions.0.iter().map(|condition| Condition::new(condition, columns)).collect()
    }

    fn new(condition: &ConditionFile, columns: &mut Columns) -> Result<Condition, Mistake> {
        let lower = |words: &Vec<String>| words.iter().map(|word| word.to_lowercase()).collect();
        let tests = [
            condition.is.as_ref().map(|words| Test::Is(lower(words))),
            condition.not.as_ref().map(|words| Test::Not(lower(words))),
            condition.contains.as_ref().map(|part| Test::Contains(part.to_lowercase())),
            condition.filled.map(Test::Filled),
            condition.yes.map(Test::Yes),
        ];
        let mut tests = tests.into_iter().flatten();
        match (tests.next(), tests.next()) {
            (Some(test), None) => Ok(Condition { column: columns.place(&condition.column), test }),
            _ => Err("a condition has one of `is`, `not`, `contains`, `filled` and `yes`".into()),
        }
    }

    /// A column that must say yes.
    pub(super) fn yes(column: Column) -> Condition {
        Condition { column, test: Test::Yes(true) }
    }

    fn holds(&self, cells: &Cells<'_>) -> Result<bool, Wrong> {
        let cell = cells.get(self.column);
        Ok(match &self.test {
            Test::Is(words) => words.contains(&cell.to_lowercase()),
            Test::Not(words) => !words.contains(&cell.to_lowercase()),
            Test::Contains(part) => cell.to_lowercase().contains(part),
            Test::Filled(wanted) => cell.is_empty() != *wanted,
            Test::Yes(wanted) => match words::flag(cell) {
                Ok(yes) => yes == *wanted,
                Err(what) => {
                    return Err(Wrong { column: Some(self.column), reason: Reason::NotA { what } });
                }
            },
        })
    }
}

/// Whether all conditions hold.
pub(super) fn all_hold(conditions: &[Condition], cells: &Cells<'_>) -> Result<bool, Wrong> {
    for condition in conditions {
        if !condition.holds(cells)? {
            return Ok(false);
        }
    }
    Ok(true)
}
