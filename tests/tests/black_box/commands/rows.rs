//! Files and people that several tests use.

use std::fs;
use std::path::PathBuf;

use serde_json::Value as Json;

use crate::support::{House, text};

/// A map for files with the columns `Id,First,Last,Mail,Country,Note`.
pub(crate) const MAP: &str = r#"
name = "people"
about = "people of a test"
format = "csv"

[contact]
key = "Id"
country = { column = "Country", as = "country" }

[contact.fields]
identity.given_name = "First"
identity.family_name = "Last"
contact-details.email = { column = "Mail", as = "email" }
"#;

impl House {
    /// Writes a file into the house.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// Writes the map of the tests, and a file with these rows.
    pub(crate) fn people(&self, rows: &str) {
        self.write("map.toml", MAP);
        self.write("people.csv", format!("Id,First,Last,Mail,Country,Note\n{rows}"));
    }

    /// Adds somebody in a country, for crm. Answers the id.
    pub(crate) fn somebody(&self, given: &str, country: &str) -> String {
        let (name, mail) = (
            format!("identity.given_name={given}"),
            format!("contact-details.email={}@firm.example", given.to_lowercase()),
        );
        let added = self.json(&[
            "contact",
            "add",
            "--for",
            "crm",
            "--country",
            country,
            "--set",
            &name,
            "--set",
            &mail,
        ]);
        text(&added, "id")
    }

    /// How a command ends, and what it says on standard error.
    pub(crate) fn ends(&self, args: &[&str], code: i32) -> String {
        let ran = self.run(args);
        assert_eq!(ran.code, Some(code), "{args:?}: {ran:?}");
        ran.err
    }
}

/// Names of a list of JSON values.
pub(crate) fn names<'j>(list: &'j Json, name: &str) -> Vec<&'j str> {
    let items = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    items.iter().map(|item| item[name].as_str().unwrap_or_default()).collect()
}
