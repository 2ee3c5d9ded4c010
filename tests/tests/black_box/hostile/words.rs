//! Names and ids on the command line that are unknown, somebody else's, or none.

use super::{Counts, clear};
use crate::support::{House, text};

const NOBODY: &str = "01a20000-0000-7000-8000-000000000000";

/// No such command, and no such form.
const FORMS: &[&str] = &[
    "nonsense",
    "contact show --for crm not-an-id",
    "contact show ANNA",
    "contact add --for crm --set no-form",
    "contact add --for crm --set identity=Anna",
    "contact find --for crm --limit 100000",
    "--store oracle:x contact find --for crm",
];

/// Nothing that the notice lists for this purpose, or for anybody.
const REFUSED: &[&str] = &[
    "contact show --for reporting ANNA",
    "contact show --for research ANNA",
    "contact add --for crm --set identity.shoe_size=44",
    "record add --for crm --contact ANNA --category incident-health --set injury=cut",
    "objection add --contact ANNA invoicing",
];

/// Nobody's id, another's, or one of something else.
const NOT_THERE: &[&str] = &[
    "contact show --for crm NOBODY",
    "contact show --for crm COMPANY",
    "company show --for crm ANNA",
    "object show --for crm order COMPANY",
    "record show --for crm --contact BERT --category communications NOTE",
    "record show --for crm --contact ANNA --category communications BERT",
    "record change --for crm --contact BERT --category communications NOTE --set subject=y",
    "record add --for crm --contact ANNA --category communications --about order:COMPANY --set subject=x",
    "erase --contact NOBODY",
    "erase --contact COMPANY",
    "objection add --contact NOBODY marketing",
    "--as nobody contact find --for crm",
];

/// No such purpose, use, category, kind or field in the notice.
const UNKNOWN: &[&str] = &[
    "contact find --for nonsense",
    "contact find --for ../crm",
    "contact find --for crm --use nonsense",
    "import --for nonsense --source x --map hubspot x.csv",
    "contact add --for crm --set nonsense.name=Anna",
    "why --for nonsense --contact ANNA --category identity",
    "why --for crm --contact ANNA --category nonsense",
    "record find --for crm --contact ANNA --category nonsense",
    "record add --for crm --contact ANNA --category communications --about nonsense:COMPANY",
    "object find nonsense --for crm",
    "object find order --for crm --search nonsense=1",
    "report --for reporting --of records:nonsense",
    "report --for reporting --of objects:nonsense",
    "report --for reporting --of records:orders --by nonsense",
    "objection add --contact ANNA fax",
    "restriction set --contact ANNA category:identity.nonsense",
    "user add other --role nonsense",
    "user add other --role nonsense:read",
    "user link nonsense",
    "user sign-ins nonsense",
    "user remove nonsense",
    "token grant --for nonsense",
    "audit show --for nonsense",
];

/// Values that cannot be.
const INVALID: &[&str] = &[
    "contact add --for crm --company ANNA --set identity.given_name=C",
    "contact add --for crm --country Narnia --set identity.given_name=C",
    "contact add --for crm --set contact-details.email=nonsense",
    "contact add --for crm --set identity.given_name=A\u{1b}[2J",
    "contact find --for crm --cursor nonsense",
    "record add --for crm --contact ANNA --category communications --at 9999-99-99 --set subject=x",
    "objection add --contact ANNA nonsense",
    "import --for crm --source no/name --map hubspot x.csv",
];

#[test]
fn unknown_names_and_ids_of_others_are_refused_with_their_exit_code() {
    let house = House::new();
    let id = |line: &str| text(&house.json(&words(line)), "id");
    let anna = id("contact add --for crm --country FI --set identity.given_name=Anna");
    let bert = id("contact add --for crm --country FI --set identity.given_name=Bert");
    let company = id("company add --for crm --set name=Firma");
    let note = "record add --for crm --category communications --set subject=x --contact";
    let note = id(&format!("{note} {anna}"));
    std::fs::write(house.path("x.csv"), "Email\na@muster.example\n").unwrap();
    let before = Counts::of(&house);
    let all = [(2, FORMS), (3, REFUSED), (1, NOT_THERE), (4, UNKNOWN), (4, INVALID)];
    for (code, lines) in all {
        for line in lines {
            let ids = [("ANNA", &*anna), ("BERT", &bert), ("COMPANY", &company), ("NOTE", &note)];
            let filled =
                ids.iter().fold((*line).to_owned(), |line, (name, id)| line.replace(name, id));
            let ran = house.run(&words(&filled.replace("NOBODY", NOBODY)));
            clear(&ran, code, line);
            assert!(ran.out.is_empty(), "{line}: {ran:?}");
            let told = ran.err.contains("there is no") && ran.err.contains("there are: ");
            assert!(told || !UNKNOWN.contains(line), "{line}: {ran:?}");
        }
    }
    assert_eq!(Counts::of(&house), before);
    house.verify();
}

#[test]
fn with_json_an_error_is_an_object_on_standard_error() {
    let house = House::new();
    for (line, exit) in [
        ("contact find --for nonsense --json", 4),
        ("contact find --for reporting --json", 3),
        ("contact show --for crm not-an-id --json", 2),
        ("erase --contact NOBODY --json", 1),
    ] {
        let ran = house.run(&words(&line.replace("NOBODY", NOBODY)));
        let said: serde_json::Value = serde_json::from_str(&ran.err).unwrap();
        assert_eq!(said["exit"], exit, "{said}");
        assert!(said["title"].is_string() && said["detail"].is_string(), "{said}");
    }
    let refused = house.run(&words("contact find --for reporting --json")).err;
    assert!(refused.contains(r#""reason":"only-in-aggregate""#), "{refused}");
}

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

/// Arguments that are not UTF-8 are refused, too.
#[test]
fn bytes_that_are_no_text_are_refused_as_arguments() {
    use std::os::unix::ffi::OsStrExt;
    let house = House::new();
    for args in [["contact", "show", "--for"], ["object", "find", "--for"]] {
        let mut command = house.command(&args);
        command.arg(std::ffi::OsStr::from_bytes(b"cr\xFFm")).arg("order");
        let ran = crate::support::Ran::of(command.output().unwrap());
        clear(&ran, 2, "no text");
    }
}
