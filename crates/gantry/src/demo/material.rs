//! The raw material of the demo: what people edit in `examples/company`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Everything that the dealings are made of.
#[derive(Debug)]
pub(crate) struct Material {
    pub(crate) countries: BTreeMap<String, CountryMaterial>,
    pub(crate) companies: Vec<CompanyMaterial>,
    pub(crate) offering: Offering,
    pub(crate) calendar: Calendar,
}

/// What people of a country are called and how they are reached.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CountryMaterial {
    /// What direct marketing by e-mail needs.
    pub(crate) mail: MailRule,
    pub(crate) language: String,
    pub(crate) currency: String,
    /// Hundredths of the currency that make a euro.
    pub(crate) rate: i64,
    pub(crate) phone: String,
    pub(crate) mobile: String,
    pub(crate) postal_code: String,
    pub(crate) given: Vec<String>,
    pub(crate) family: Vec<String>,
    pub(crate) streets: Vec<String>,
}

/// What direct marketing by e-mail needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum MailRule {
    OptIn,
    SoftOptIn,
    OptOut,
}

/// A customer or prospect.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CompanyMaterial {
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) country: String,
    pub(crate) city: String,
    pub(crate) industry: String,
    pub(crate) size: String,
    pub(crate) employees: u32,
    /// Days before today since it is a customer.
    pub(crate) since: Option<i32>,
    /// How many contacts.
    pub(crate) people: i32,
    #[serde(default)]
    pub(crate) sole_trader: bool,
}

/// What the company sells, teaches and runs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Offering {
    pub(crate) products: Vec<Product>,
    pub(crate) courses: Vec<Course>,
    pub(crate) services: Vec<DigitalService>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Product {
    pub(crate) code: String,
    pub(crate) title: String,
    pub(crate) topic: String,
    /// Kind of equipment, where it is one.
    pub(crate) kind: Option<String>,
    /// Kilograms.
    pub(crate) capacity: Option<i32>,
    /// Euros.
    pub(crate) price: i64,
    /// From order to delivery.
    pub(crate) weeks: i32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Course {
    pub(crate) code: String,
    pub(crate) title: String,
    pub(crate) topic: String,
    pub(crate) hours: u32,
    pub(crate) valid_months: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DigitalService {
    pub(crate) code: String,
    pub(crate) title: String,
    pub(crate) kind: String,
    /// A feature that its users look at.
    pub(crate) feature: String,
}

/// What the company did towards many at once; `ago` is days before today.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Calendar {
    pub(crate) campaigns: Vec<Campaign>,
    pub(crate) events: Vec<Event>,
    pub(crate) classes: Vec<Class>,
    pub(crate) surveys: Vec<Survey>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Campaign {
    pub(crate) key: String,
    pub(crate) title: String,
    pub(crate) topic: String,
    pub(crate) kind: String,
    pub(crate) ago: i32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Event {
    pub(crate) key: String,
    pub(crate) title: String,
    pub(crate) kind: String,
    pub(crate) topic: String,
    pub(crate) ago: i32,
    pub(crate) city: String,
    pub(crate) country: String,
    pub(crate) seats: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Class {
    pub(crate) key: String,
    pub(crate) course: String,
    pub(crate) ago: i32,
    pub(crate) place: String,
    pub(crate) language: String,
    pub(crate) seats: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Survey {
    pub(crate) key: String,
    pub(crate) title: String,
    pub(crate) kind: String,
    pub(crate) occasion: String,
    pub(crate) question: String,
    pub(crate) ago: i32,
}

/// Material from which no dealings can be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MaterialError {
    /// A file cannot be read.
    #[error("`examples/company/{file}` cannot be read: {source}")]
    Unreadable {
        file: &'static str,
        #[source]
        source: toml_edit::de::Error,
    },
    /// A company is in a country that has no names.
    #[error("the company `{company}` is in `{country}`, which `countries.toml` does not have")]
    NoCountry { company: String, country: String },
    /// Nobody fits a part of the tour.
    #[error("among the contacts nobody is {part}\n  hint: use more companies or another seed")]
    NoCast { part: &'static str },
}

#[derive(Deserialize)]
struct CompanyFile {
    companies: Vec<CompanyMaterial>,
}

impl Material {
    /// Reads what is built into the program.
    pub(crate) fn read() -> Result<Material, MaterialError> {
        let companies: CompanyFile =
            read("companies.toml", include_str!("../../../../examples/company/companies.toml"))?;
        let material = Material {
            countries: read(
                "countries.toml",
                include_str!("../../../../examples/company/countries.toml"),
            )?,
            companies: companies.companies,
            offering: read(
                "offering.toml",
                include_str!("../../../../examples/company/offering.toml"),
            )?,
            calendar: read(
                "calendar.toml",
                include_str!("../../../../examples/company/calendar.toml"),
            )?,
        };
        for company in &material.companies {
            if !material.countries.contains_key(&company.country) {
                let (company, country) = (company.key.clone(), company.country.clone());
                return Err(MaterialError::NoCountry { company, country });
            }
        }
        Ok(material)
    }
}

fn read<T: DeserializeOwned>(file: &'static str, text: &str) -> Result<T, MaterialError> {
    toml_edit::de::from_str(text).map_err(|source| MaterialError::Unreadable { file, source })
}
