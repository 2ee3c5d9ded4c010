//! The whole policy as a matrix: what each use of each purpose may do with each category.
//!
//! It is made from the compiled tables, not from the notice's text, so that a golden file of it
//! shows what the program will decide. A change of policy is then a readable difference.

use std::fmt::{self, Write as _};

use serde::Serialize;

use crate::id::{CategoryId, Operation, UseId};
use crate::model::{Notice, Purpose, Use};
use crate::policy::{Policy, basis_under};
use crate::time::Window;

/// The policy of the notice in force, by use and category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Matrix {
    /// The notice.
    pub notice: String,
    /// Its version.
    pub version: String,
    /// In the order of purposes and uses.
    pub rows: Vec<Row>,
}

/// A use of a purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The number of the purpose.
    pub number: u8,
    /// The purpose.
    pub purpose: String,
    /// The use.
    #[serde(rename = "use")]
    pub used: String,
    /// How it sees people.
    pub mode: &'static str,
    /// The lawful basis by regime, the controller's own first.
    pub bases: Vec<(String, &'static str)>,
    /// What an objection does.
    pub objection: &'static str,
    /// Roles that may work under it.
    pub roles: Vec<String>,
    /// What else it may: direct marketing, interests, segments, the archive, restricted contacts.
    pub remarks: Vec<&'static str>,
    /// What it may do with which category; categories of which it may do nothing are left out.
    pub cells: Vec<Cell>,
}

/// What a use may do with a category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// The category.
    pub category: String,
    /// What may be done.
    pub operations: Vec<&'static str>,
    /// With which fields.
    pub fields: Vec<String>,
    /// Of how many.
    pub of: usize,
    /// How long.
    pub window: String,
}

impl Matrix {
    /// The matrix of a policy.
    pub fn of(policy: &Policy) -> Matrix {
        let notice = policy.notice();
        let mut rows: Vec<Row> = Vec::new();
        for (name, purpose) in &notice.purposes {
            for (use_name, used) in &purpose.uses {
                let lexicon = policy.lexicon();
                let id = lexicon.purpose(name).and_then(|id| lexicon.use_of(id, use_name));
                let cells = id.map(|id| cells(policy, id, purpose)).unwrap_or_default();
                rows.push(row(notice, name, purpose, use_name, used, cells));
            }
        }
        Matrix { notice: notice.id.clone(), version: notice.version.clone(), rows }
    }
}

fn row(
    notice: &Notice,
    name: &str,
    purpose: &Purpose,
    use_name: &str,
    used: &Use,
    cells: Vec<Cell>,
) -> Row {
    let mut regimes: Vec<_> = notice.regimes.iter().collect();
    regimes.sort_by_key(|(_, regime)| !regime.own);
    let bases = regimes.into_iter().map(|(regime_name, regime)| {
        (regime_name.clone(), basis_under(regime_name, regime, purpose, used).word())
    });
    let remarks = [
        (used.direct_marketing, "direct marketing"),
        (used.interests, "reads interests"),
        (used.segments, "reads segments"),
        (purpose.reads_archive, "reads the archive"),
        (purpose.while_restricted, "while restricted"),
    ];
    Row {
        number: purpose.number,
        purpose: name.to_owned(),
        used: use_name.to_owned(),
        mode: purpose.mode.word(),
        bases: bases.collect(),
        objection: purpose.objection.word(),
        roles: purpose.roles.clone(),
        remarks: remarks.into_iter().filter(|(on, _)| *on).map(|(_, remark)| remark).collect(),
        cells,
    }
}

fn cells(policy: &Policy, use_id: UseId, purpose: &Purpose) -> Vec<Cell> {
    let notice = policy.notice();
    let names = notice.categories.keys().filter_map(|name| {
        let read = purpose.reads.get(name)?;
        cell(policy, use_id, policy.lexicon().category(name)?, read.window)
    });
    names.collect()
}

fn cell(policy: &Policy, use_id: UseId, category: CategoryId, window: Window) -> Option<Cell> {
    let compiled = policy.cell(use_id, category)?;
    let lexicon = policy.lexicon();
    let operations: Vec<&str> = Operation::ALL
        .into_iter()
        .filter(|operation| compiled.operations & operation.bit() != 0)
        .map(Operation::word)
        .collect();
    let fields = lexicon.field_names(category).enumerate();
    let fields = fields.filter(|(at, _)| compiled.fields.has(*at)).map(|(_, name)| name.to_owned());
    (!operations.is_empty()).then(|| Cell {
        category: lexicon.category_name(category).to_owned(),
        operations,
        fields: fields.collect(),
        of: policy.category(category).map_or(0, |category| category.fields.len()),
        window: window.to_string(),
    })
}

/// As a text of fixed columns. The letters are R read, C collect, X change, D derive, > disclose.
impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", self.notice, self.version)?;
        writeln!(f, "R read  C collect  X change  D derive  > disclose")?;
        for row in &self.rows {
            writeln!(f, "\n{row}")?;
            for cell in &row.cells {
                writeln!(f, "    {cell}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}/{}  {}", self.number, self.purpose, self.used, self.mode)?;
        let bases = self.bases.iter().map(|(regime, basis)| format!("{regime} {basis}"));
        write!(f, "  basis      {}", bases.collect::<Vec<_>>().join(", "))?;
        write!(f, "\n  objection  {}", self.objection)?;
        write!(f, "\n  roles      {}", self.roles.join(", "))?;
        if !self.remarks.is_empty() {
            write!(f, "\n  remarks    {}", self.remarks.join(", "))?;
        }
        Ok(())
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = Operation::ALL.into_iter().zip(['R', 'C', 'X', 'D', '>']);
        let mut operations = String::new();
        for (operation, letter) in letters {
            operations.push(if self.operations.contains(&operation.word()) { letter } else { '.' });
        }
        let mut fields = if self.fields.len() == self.of {
            format!("all {}", self.of)
        } else {
            format!("{}/{}", self.fields.len(), self.of)
        };
        if self.fields.len() < self.of {
            let _ = write!(fields, " {}", self.fields.join(" "));
        }
        write!(f, "{:<22} {operations}  {:<44}  {fields}", self.category, self.window)
    }
}
