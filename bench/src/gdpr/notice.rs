//! The benchmark as a notice: its purposes, its data, and who oversees them.

use super::item::PURPOSES;

/// The purpose that answers requests, and sweeps what has ended.
pub(super) const REQUESTS: &str = "requests";
/// The purpose of the regulator: it sees all but the data, and the audit trail.
pub(super) const REGULATION: &str = "regulation";
/// The category of people.
pub(super) const PERSON: &str = "person";

const HEAD: &str = r#"
format = 1

[notice]
id = "gdprbench"
title = "GDPRbench"
version = "2020-03"
effective = 2020-03-01
language = "en"
summary = "The records of the benchmark, and what each of its roles may do with them."

[controller]
name = "The benchmark"
address = "1 Example Street"
country = "FI"
email = "privacy@bench.example"
answer_within_days = 30
financial_year_ends = "12-31"

[regimes.gdpr]
title = "General Data Protection Regulation (EU) 2016/679"
own = true

[roles]
worker = "Worker"

[reports]
smallest_cell = 10

[audit]
window = "24 months after collected"

[suppression]
window = "10 years after collected"

[system]
requests = "requests"
archive = "requests"
audit = "regulation"
operations = "regulation"

[categories.person]
title = "Person"
description = "Who somebody is."
dpv = "pd:Name"
source = "You"
single = true

[categories.person.fields]
name = { type = "text", max = 80 }

[objects.company]
title = "Company"
plural = "Companies"
company = "none"
read = ["requests"]
write = ["requests"]
states = ["known"]

[objects.company.fields]
name = { type = "label", search = "words", required = true }
country = { type = "country" }
"#;

const LISTED: &str = r#"key = { type = "reference", identifying = false }
decision = { type = "code", values = ["dec0", "dec1"] }
"#;
/// Fields of ten values each: their names in the notice, and how their values begin.
const TENS: [(&str, &str); 4] =
    [("access", "acl"), ("shared", "shr"), ("origin", "src"), ("kind", "cat")];

/// The category of what was collected for a purpose: that it is one of its own makes the purpose a rule
/// and not a filter.
pub(super) fn category(purpose: u32) -> String {
    format!("item{purpose}")
}

/// The purpose of a number.
pub(super) fn purpose(number: u32) -> String {
    format!("purpose{number}")
}

/// The text of the notice.
pub(super) fn text() -> String {
    let mut text = HEAD.to_owned();
    for number in 0..PURPOSES {
        text.push_str(&category_text(number));
    }
    for number in 0..PURPOSES {
        text.push_str(&purpose_text(number));
    }
    text.push_str(&system_purpose(REQUESTS, PURPOSES + 1, true));
    text.push_str(&system_purpose(REGULATION, PURPOSES + 2, false));
    text
}

fn category_text(number: u32) -> String {
    let name = category(number);
    let tens = TENS.map(|(field, begin)| {
        let values: Vec<String> = (0..10).map(|n| format!("\"{begin}{n}\"")).collect();
        format!("{field} = {{ type = \"code\", values = [{}] }}\n", values.join(", "))
    });
    format!(
        "\n[categories.{name}]\ntitle = \"Items of purpose {number}\"\n\
         description = \"What was collected for it.\"\ndpv = \"pd:Behavioral\"\nsource = \"You\"\n\
         expires = true\n\n[categories.{name}.fields]\n{LISTED}{}\
         data = {{ type = \"text\", max = 100 }}\n",
        tens.concat()
    )
}

/// A purpose of the benchmark: it works in its first use; the others are there to be objected to.
fn purpose_text(number: u32) -> String {
    let (name, item) = (purpose(number), category(number));
    let uses: Vec<String> = std::iter::once("main".to_owned())
        .chain((0..4).map(|n| format!("obj{}", number + n * PURPOSES)))
        .map(|used| format!("\n[purposes.{name}.uses.{used}]\ntitle = \"{used}\"\n"))
        .collect();
    format!(
        "\n[purposes.{name}]\nnumber = {}\ntitle = \"Purpose {number}\"\n\
         description = \"One of the purposes of the benchmark.\"\ndpv = \"dpv:ServiceProvision\"\n\
         basis = \"legitimate-interest\"\ninterest = \"To be measured\"\nmode = \"identified\"\n\
         roles = [\"worker\"]\nobjection = \"absolute\"\ncollects = [\"{item}\"]\n\
         changes = [\"{item}\"]\n\n[purposes.{name}.reads]\n\
         {item} = {{ window = \"36 months after collected\" }}\n{}",
        number + 1,
        uses.concat()
    )
}

fn system_purpose(name: &str, number: u32, changes: bool) -> String {
    let all: Vec<String> = (0..PURPOSES).map(category).collect();
    let quoted: Vec<String> = all.iter().map(|item| format!("\"{item}\"")).collect();
    let may = if changes {
        format!("collects = [\"{PERSON}\"]\nchanges = [{}]\n", quoted.join(", "))
    } else {
        String::new()
    };
    let fields = if changes {
        ""
    } else {
        "fields = [\"key\", \"decision\", \"access\", \"shared\", \"origin\", \"kind\"], "
    };
    let reads: Vec<String> = all
        .iter()
        .map(|item| format!("{item} = {{ {fields}window = \"36 months after collected\" }}\n"))
        .collect();
    format!(
        "\n[purposes.{name}]\nnumber = {number}\ntitle = \"{name}\"\n\
         description = \"Answers and oversees.\"\ndpv = \"dpv:LegalCompliance\"\n\
         basis = \"legal-obligation\"\nmode = \"identified\"\nroles = [\"worker\"]\n\
         objection = \"none\"\nwhile_restricted = true\n{may}\n[purposes.{name}.reads]\n\
         {PERSON} = {{ window = \"36 months after last activity\" }}\n{}\n\
         [purposes.{name}.uses.main]\ntitle = \"main\"\n",
        reads.concat()
    )
}

#[cfg(test)]
mod tests {
    use gantry_notice::Notice;

    use super::*;

    #[test]
    fn the_notice_is_one() {
        let notice = Notice::parse_bytes(text().as_bytes(), "the bench's notice").unwrap();
        assert_eq!(notice.purposes.len(), 27);
        assert_eq!(notice.categories.len(), 26);
    }
}
