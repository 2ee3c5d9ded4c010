//! Which column is which field: a map, read from TOML.

mod built_in;
pub mod by_hand;
mod columns;
mod condition;
mod file;
mod mapper;
mod plan;
mod rule;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use miette::{NamedSource, SourceSpan};

pub use mapper::{Mapped, Mapper, Skip};

use self::file::MapFile;
use self::plan::{Plan, Wrong};
use self::rule::source_columns;
use crate::source::{CsvOptions, Format, Header};

/// The field by which a contact may be matched: category and field.
const EMAIL: (&str, &str) = ("contact-details", "email");
/// At most this many bytes in a map file.
pub const MAX_MAP: usize = 256 * 1024;

/// A map: how the rows of one kind of file become drafts. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Map {
    plan: Arc<Plan>,
}

/// A map that cannot be used, with the place at fault.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[error("map `{file}`, line {line}: {message}")]
pub struct MapError {
    /// The map's file name.
    pub file: String,
    /// The line at fault, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    #[source_code]
    text: Arc<NamedSource<Arc<str>>>,
    #[label("here")]
    span: SourceSpan,
}

/// A map that does not fit a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BindError {
    /// The map names a column that the file does not have.
    #[error("the file has no column `{column}`, which the map `{map}` names")]
    NoColumn {
        /// The column.
        column: Arc<str>,
        /// The map.
        map: Arc<str>,
    },
    /// The map puts up with missing columns, but the file has none at all that it names.
    #[error(
        "the file has none of the columns that the map `{map}` names; hint: is it a map for another kind of file?"
    )]
    NothingFits {
        /// The map.
        map: Arc<str>,
    },
    /// The file has the column twice.
    #[error("the file has more than one column `{column}`, which the map `{map}` names")]
    TwoColumns {
        /// The column.
        column: Arc<str>,
        /// The map.
        map: Arc<str>,
    },
}

/// A field that a map fills, for comparing with what a notice lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The data category or the kind of object.
    pub of: TargetOf,
    /// The field.
    pub field: Arc<str>,
    /// The columns that it is taken from; none for a constant.
    pub columns: Vec<Arc<str>>,
}

/// What a field belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetOf {
    /// A data category.
    Category(Arc<str>),
    /// A kind of object.
    Kind(Arc<str>),
}

/// A map that misses so many percent of what it knows its files by is not near.
const FAR: usize = 50;

/// A built-in map that nearly fits a file.
#[derive(Clone, Debug)]
pub struct Near {
    /// The map.
    pub map: &'static Map,
    /// Columns by which it knows its files, and which this one does not have.
    pub missing: Vec<String>,
    /// Columns that this one has, and its files do not.
    pub contrary: Vec<String>,
}

impl Map {
    /// Reads a map; `file` stands in errors.
    pub fn parse(text: &str, file: &str) -> Result<Map, MapError> {
        if text.len() > MAX_MAP {
            let message = format!("a map has at most {MAX_MAP} bytes");
            return Err(MapError::new("", file, Wrong { span: None, message }));
        }
        let read: Result<MapFile, _> = toml_edit::de::from_str(text);
        let made = match read {
            Ok(read) => Plan::new(&read),
            Err(error) => {
                Err(Wrong { span: error.span(), message: error.message().trim().to_owned() })
            }
        };
        match made {
            Ok(plan) => Ok(Map { plan: Arc::new(plan) }),
            Err(wrong) => Err(MapError::new(text, file, wrong)),
        }
    }

    /// The built-in map of that name: `salesforce-contacts`, `hubspot-contacts`, `outlook`,
    /// `google`, `mautic`, `listmonk`, `mailchimp`, `thunderbird`, `thunderbird-ldif`, `vcard`, ...
    pub fn built_in(name: &str) -> Option<&'static Map> {
        built_in::all().iter().find(|map| map.name() == name)
    }

    /// All built-in maps.
    pub fn all_built_in() -> &'static [Map] {
        built_in::all()
    }

    /// The built-in map for files with such a header.
    pub fn recognise(format: Format, header: &Header) -> Option<&'static Map> {
        built_in::all().iter().find(|map| map.fits(format, header))
    }

    /// The built-in map for files of the format that lacks the fewest of the columns by which it knows
    /// its files, if the header has any of them.
    pub fn nearest(format: Format, header: &Header) -> Option<Near> {
        let maps = built_in::all().iter();
        let near = maps.filter_map(|map| map.near(format, header));
        let nearest = near.min_by_key(|(share, _)| *share);
        nearest.filter(|(share, _)| *share < FAR).map(|(_, near)| near)
    }

    /// How far the header is from what the map asks for, in percent, and what is at odds.
    fn near(&'static self, format: Format, header: &Header) -> Option<(usize, Near)> {
        let (columns, without) = self.plan.recognise.as_ref()?;
        let has = |column: &String| header.find(column).is_ok();
        if self.plan.format.unwrap_or(Format::Csv) != format || !columns.iter().any(has) {
            return None;
        }
        let missing: Vec<String> = columns.iter().filter(|one| !has(one)).cloned().collect();
        let contrary: Vec<String> = without.iter().filter(|one| has(one)).cloned().collect();
        let share = (missing.len() + contrary.len()) * 100 / columns.len().max(1);
        Some((share, Near { map: self, missing, contrary }))
    }

    fn fits(&self, format: Format, header: &Header) -> bool {
        let has = |column: &String| header.find(column).is_ok();
        self.plan.format.unwrap_or(Format::Csv) == format
            && self.plan.recognise.as_ref().is_some_and(|(columns, without)| {
                columns.iter().all(has) && !without.iter().any(has)
            })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.plan.name
    }

    /// What it is for, in a line.
    pub fn about(&self) -> &str {
        &self.plan.about
    }

    /// The format of the files it is for, where it says.
    pub fn format(&self) -> Option<Format> {
        self.plan.format
    }

    /// How to read CSV files for it.
    pub fn csv(&self) -> &CsvOptions {
        &self.plan.csv
    }

    /// Makes it ready for the rows of a file with that header.
    pub fn bind(&self, header: &Header) -> Result<Mapper, BindError> {
        let plan = &self.plan;
        let places = plan.columns.bind(header, plan.may_be_missing, &plan.name)?;
        Ok(Mapper::new(self.clone(), places))
    }

    /// Those of the columns that no rule uses, in order: they are not stored.
    pub fn unmapped_columns(&self, columns: &[Arc<str>]) -> Vec<Arc<str>> {
        let header = Header::new(columns.iter().map(|column| &**column));
        let used = self.plan.columns.places_in(&header);
        let unused = columns.iter().enumerate().filter(|(place, _)| !used.contains(place));
        unused.map(|(_, column)| Arc::clone(column)).collect()
    }

    /// Every field that it fills and where from, so that what a notice does not list can be named.
    pub fn targets(&self) -> Vec<Target> {
        let plan = &*self.plan;
        let target = |of: &TargetOf, field: &Arc<str>, rule| Target {
            of: of.clone(),
            field: Arc::clone(field),
            columns: source_columns(rule, &plan.columns),
        };
        let mut targets = Vec::new();
        if let Some(company) = &plan.company {
            let of = TargetOf::Kind(Arc::from("company"));
            targets.extend(company.fields.iter().map(|(field, rule)| target(&of, field, rule)));
        }
        for (category, field, rule) in plan.contact.iter().flat_map(|contact| &contact.fields) {
            targets.push(target(&TargetOf::Category(Arc::clone(category)), field, rule));
        }
        for object in &plan.objects {
            let of = TargetOf::Kind(Arc::clone(&object.object.kind));
            targets.extend(object.fields.iter().map(|(field, rule)| target(&of, field, rule)));
        }
        for record in &plan.records {
            let of = TargetOf::Category(Arc::clone(&record.category));
            targets.extend(record.fields.iter().map(|(field, rule)| target(&of, field, rule)));
        }
        targets
    }
}

impl MapError {
    fn new(text: &str, file: &str, wrong: Wrong) -> MapError {
        let Range { start, end } = wrong.span.unwrap_or(0..0);
        let before = text.get(..start).unwrap_or_default();
        MapError {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            message: wrong.message,
            text: Arc::new(NamedSource::new(file, Arc::from(text))),
            span: (start, end.saturating_sub(start)).into(),
        }
    }
}
