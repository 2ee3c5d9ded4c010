//! The columns of a list of contacts: fields of the notice, whichever it is.

use gantry_engine::draft::ContactView;
use gantry_notice::Notice;
use gantry_notice::model::Search;

use crate::output::plain;

/// So many columns at most, besides id and country.
const MOST: usize = 4;
/// With fewer that contacts are found by, others are shown, too.
const FEW: usize = 3;

/// Fields of one category, side by side.
pub(crate) struct Column<'a> {
    category: &'a str,
    fields: Vec<&'a str>,
    title: &'a str,
    /// Whether contacts are found by words of it, as of a name.
    words: bool,
}

/// What contacts are found by, in the notice's order, as far as the purpose sees it of anybody on
/// the page; where that is little, what else it sees. Fields of one category that are found by
/// their words, such as the parts of a name, are one column.
pub(crate) fn of<'a>(notice: &'a Notice, views: &[ContactView]) -> Vec<Column<'a>> {
    let seen = |category: &str, field: &str| {
        let mut data = views.iter().filter_map(|view| view.data.get(category));
        data.any(|fields| fields.contains_key(field))
    };
    let fields = notice.categories.iter().flat_map(|(category, declared)| {
        declared.fields.iter().map(move |(name, field)| (category, name, field))
    });
    let fields: Vec<_> = fields.filter(|(category, name, _)| seen(category, name)).collect();
    let mut columns: Vec<Column<'a>> = Vec::new();
    for (category, name, field) in fields.iter().filter(|(.., field)| field.search.is_some()) {
        let words = field.search == Some(Search::Words);
        match columns.last_mut() {
            Some(last) if words && last.words && last.category == *category => {
                last.fields.push(name);
                last.title = category;
            }
            _ => columns.push(Column { category, fields: vec![name], title: &field.title, words }),
        }
    }
    columns.truncate(MOST);
    for (category, name, field) in fields.iter().filter(|(.., field)| field.search.is_none()) {
        if columns.len() < FEW {
            let title = &field.title;
            columns.push(Column { category, fields: vec![name], title, words: false });
        }
    }
    columns
}

impl Column<'_> {
    /// What stands over it.
    pub(crate) fn title(&self) -> &str {
        self.title
    }

    /// What it holds of a contact. What says the same again, as a full name does, is left out.
    pub(crate) fn cell(&self, view: &ContactView) -> String {
        let mut cell = String::new();
        let data = view.data.get(self.category);
        for text in self.fields.iter().filter_map(|field| data?.get(*field)).map(plain) {
            if text != cell && !cell.is_empty() {
                cell.push(' ');
                cell.push_str(&text);
            } else {
                cell = text;
            }
        }
        cell
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
        assert_eq!(titles, ["identity", "E-mail", "Field of work"]);
        let cells: Vec<String> = columns.iter().map(|column| column.cell(&views[0])).collect();
        assert_eq!(cells, ["Anna Virta", "anna@firm.example", "purchasing"]);
        assert_eq!(columns[0].cell(&views[1]), "Bo Ek");
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
