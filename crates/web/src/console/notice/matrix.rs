//! The matrix of uses and data categories as a picture that is a table: who may do what, for how long.

use gantry_notice::matrix::{Cell, Row};
use gantry_notice::{Matrix, Policy};
use maud::{Markup, html};

/// Letters for what may be done, as the matrix of the command line has them.
const LETTERS: [(&str, char); 5] =
    [("read", 'R'), ("collect", 'C'), ("change", 'X'), ("derive", 'D'), ("disclose", '>')];

/// The picture.
pub(super) fn picture(policy: &Policy) -> Markup {
    let matrix = Matrix::of(policy);
    let notice = policy.notice();
    html! {
        div .scroll tabindex="0" role="region" aria-label="Matrix of purposes and data categories" {
            table .matrix {
                caption { "R read, C collect, X change, D derive, > disclose; below it how long: d days, m months, y years after what the cell's title says" }
                thead {
                    tr {
                        th scope="col" data-plain { "Purpose and use" }
                        @for category in notice.categories.values() { th scope="col" .slant data-plain { span { (category.title) } } }
                    }
                }
                tbody {
                    @for row in &matrix.rows {
                        tr .purpose .{ "p" (row.number) } {
                            th scope="row" { (row.number) " " (title(policy, row)) }
                            @for name in notice.categories.keys() {
                                @match row.cells.iter().find(|cell| cell.category == *name) {
                                    Some(cell) => td .may title=(told(cell)) { (letters(cell)) br; small { (short(&cell.window)) } },
                                    None => td { span .aside { "nothing" } },
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn title(policy: &Policy, row: &Row) -> String {
    let purpose = policy.notice().purposes.get(&row.purpose);
    let used = purpose.and_then(|purpose| purpose.uses.get(&row.used));
    used.map_or_else(|| row.used.clone(), |used| used.title.clone())
}

fn letters(cell: &Cell) -> String {
    let may = LETTERS.iter().filter(|(word, _)| cell.operations.contains(word));
    let letters: String = may.map(|(_, letter)| *letter).collect();
    if cell.fields.len() < cell.of { format!("{letters}*") } else { letters }
}

fn told(cell: &Cell) -> String {
    let fields = if cell.fields.len() < cell.of {
        format!("only {}", cell.fields.join(", "))
    } else {
        "all fields".to_owned()
    };
    format!("{}; {fields}; {}", cell.operations.join(", "), cell.window)
}

/// `24 months after last activity` is `24m`.
fn short(window: &str) -> String {
    let mut words = window.split(' ');
    let (number, unit) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    format!("{number}{}", unit.chars().next().map(String::from).unwrap_or_default())
}
