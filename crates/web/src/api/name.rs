//! The names that a path gave.

use uuid::Uuid;

use crate::problem::{Kind, Problem};

/// The names that the path of a request gave, by their places in the route.
pub(crate) struct Names(Vec<(String, String)>);

impl Names {
    pub(crate) fn of(names: impl Iterator<Item = (String, String)>) -> Names {
        Names(names.collect())
    }

    /// What stands at a place.
    pub(crate) fn text(&self, place: &str) -> Result<&str, Problem> {
        let found = self.0.iter().find(|(name, _)| name == place);
        found.map(|(_, text)| text.as_str()).ok_or_else(nothing_here)
    }

    /// The id that stands at a place. What is no id names nothing.
    pub(crate) fn id(&self, place: &str) -> Result<Uuid, Problem> {
        self.text(place)?.parse().map_err(|_| nothing_here())
    }
}

fn nothing_here() -> Problem {
    Problem::new(Kind::NotFound, "there is nothing of that id")
}
