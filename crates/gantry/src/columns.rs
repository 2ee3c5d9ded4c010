//! The columns of a list of contacts: fields of the notice, whichever it is.

use gantry_engine::draft::ContactView;
use gantry_notice::Notice;
use gantry_notice::model::Field;

use crate::output::plain;

/// So many columns at most, besides id and country.
const MOST: usize = 5;
/// With fewer that contacts are found by, others are shown, too.
const FEW: usize = 3;

/// A field of a category.
pub(crate) struct Column<'a> {
    category: &'a str,
    field: &'a str,
    title: &'a str,
}

/// What contacts are found by, in the notice's order, as far as the purpose sees it of anybody on
/// the page; where that is little, what else it sees. A column is one field: sources disagree on what
/// is which part of a name, and parts put together would say what nobody said.
pub(crate) fn of<'a>(notice: &'a Notice, views: &[ContactView]) -> Vec<Column<'a>> {
    let seen = |category: &str, field: &str| {
        let mut data = views.iter().filter_map(|view| view.data.get(category));
        data.any(|fields| fields.contains_key(field))
    };
    let fields = notice.categories.iter().flat_map(|(category, declared)| {
        declared.fields.iter().map(move |(name, field)| (category, name, field))
    });
    let fields: Vec<_> = fields.filter(|(category, name, _)| seen(category, name)).collect();
    let column = |(category, field, declared): &(&'a String, &'a String, &'a Field)| Column {
        category,
        field,
        title: &declared.title,
    };
    let (found_by, others): (Vec<_>, Vec<_>) =
        fields.iter().partition(|(.., field)| field.search.is_some());
    let mut columns: Vec<Column<'a>> = found_by.into_iter().map(column).collect();
    columns.truncate(MOST);
    let room = FEW.saturating_sub(columns.len());
    columns.extend(others.into_iter().take(room).map(column));
    columns
}

impl Column<'_> {
    /// What stands over it.
    pub(crate) fn title(&self) -> &str {
        self.title
    }

    /// What it holds of a contact.
    pub(crate) fn cell(&self, view: &ContactView) -> String {
        let data = view.data.get(self.category);
        data.and_then(|data| data.get(self.field)).map(plain).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::notice::{BUNDLED, parse};

    use super::*;

    fn view(data: serde_json::Value) -> ContactView {
        ContactView {
            id: uuid::Uuid::nil(),
            version: 1,
            country: None,
            company: None,
            data: serde_json::from_value(data).unwrap(),
            withheld: Vec::new(),
        }
    }

    #[test]
    fn columns_are_what_the_notice_lets_people_be_found_by() {
        let notice = parse(BUNDLED.as_bytes(), "bundled").unwrap();
        let anna = view(json!({
            "identity": { "given_name": "Anna", "family_name": "Virta", "full_name": "Anna Virta" },
            "employment": { "role": "purchasing" },
            "contact-details": { "email": "anna@firm.example" },
        }));
        let views = [anna, view(json!({ "identity": { "full_name": "Bo Ek" } }))];
        let columns = of(&notice, &views);
        let titles: Vec<&str> = columns.iter().map(Column::title).collect();
        assert_eq!(titles, ["Given name", "Family name", "Full name", "E-mail"]);
        let cells: Vec<String> = columns.iter().map(|column| column.cell(&views[0])).collect();
        assert_eq!(cells, ["Anna", "Virta", "Anna Virta", "anna@firm.example"]);
        assert_eq!(
            (columns[0].cell(&views[1]), columns[2].cell(&views[1])),
            (String::new(), "Bo Ek".into())
        );
    }

    #[test]
    fn another_notice_has_other_columns() {
        let small = include_str!("../../../tests/notices/small-service.toml");
        let notice = parse(small.as_bytes(), "small").unwrap();
        let views = [view(json!({
            "person": { "name": "Eilidh Brae", "is": "caretaker" },
            "reach": { "telephone": "+441738000000" },
        }))];
        let columns = of(&notice, &views);
        let titles: Vec<&str> = columns.iter().map(Column::title).collect();
        assert_eq!(titles, ["Name", "Telephone", "You are"]);
    }
}
