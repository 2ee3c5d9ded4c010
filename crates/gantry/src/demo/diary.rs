//! The diary that the parts of the demo write into.

use gantry_notice::Day;

use super::chance::Chance;
use super::dealings::{Contact, Dealings, FieldTexts, Object, ObjectRef, Record};
use super::material::{CompanyMaterial, CountryMaterial, Material};

/// What is being written, and with what.
pub(crate) struct Diary<'m> {
    pub(crate) today: Day,
    pub(crate) chance: Chance,
    pub(crate) material: &'m Material,
    pub(crate) dealings: Dealings,
    pub(crate) people: Vec<Person>,
    /// Numbers given so far, for orders, invoices and the like.
    given: u32,
}

/// A contact, and what the notice must never know.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// Its place among the contacts.
    pub(crate) contact: usize,
    pub(crate) company: String,
    /// Field of work.
    pub(crate) role: &'static str,
    /// What it likes to read about.
    pub(crate) taste: &'static str,
    /// How likely it is to react at all, in a hundred.
    pub(crate) eagerness: i32,
    pub(crate) met: Day,
    /// Left the company.
    pub(crate) left: Option<Day>,
    /// Objected to marketing.
    pub(crate) objected: Option<Day>,
}

impl<'m> Diary<'m> {
    pub(crate) fn new(material: &'m Material, today: Day, seed: u64) -> Self {
        Diary {
            today,
            chance: Chance::new(seed),
            material,
            dealings: Dealings::default(),
            people: Vec::new(),
            given: 0,
        }
    }

    /// So many days before today.
    pub(crate) fn ago(&self, days: i32) -> Day {
        Day(self.today.0.saturating_sub(days))
    }

    /// A number that no other thing of the diary has, e.g. `SO-10042`.
    pub(crate) fn number(&mut self, prefix: &str) -> String {
        self.given += 1;
        format!("{prefix}-{}", 10_000 + self.given)
    }

    pub(crate) fn object(&mut self, object: Object) -> ObjectRef {
        let id = object.id.clone();
        self.dealings.objects.push(object);
        id
    }

    /// Notes a fact about a contact; what would lie ahead has not happened.
    pub(crate) fn record(
        &mut self,
        person: &Person,
        (under, category): (&'static str, &'static str),
        at: Day,
        about: Option<&ObjectRef>,
        fields: FieldTexts,
    ) {
        if at > self.today || at < person.met || person.left.is_some_and(|left| at > left) {
            return;
        }
        let key = format!("R-{:05}", self.dealings.records.len() + 1);
        let Some(contact) = self.dealings.contacts.get_mut(person.contact) else { return };
        contact.last_activity = contact.last_activity.max(at);
        let contact = contact.key.clone();
        let about = about.cloned();
        self.dealings.records.push(Record { key, contact, under, category, at, about, fields });
    }

    pub(crate) fn contact(&self, person: &Person) -> Option<&Contact> {
        self.dealings.contacts.get(person.contact)
    }

    /// A field of a contact's profile; empty where it has none.
    pub(crate) fn profile(&self, person: &Person, category: &str, field: &str) -> String {
        let data = self.contact(person).and_then(|contact| {
            let (_, fields) = contact.data.iter().find(|(name, _)| *name == category)?;
            fields.iter().find(|(name, _)| *name == field)
        });
        data.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// Those who represented a company on a day.
    pub(crate) fn people_of(&self, company: &str, on: Day) -> Vec<Person> {
        let there = self.people.iter().filter(|person| {
            person.company == company
                && person.met <= on
                && person.left.is_none_or(|left| on <= left)
        });
        there.cloned().collect()
    }

    /// Whoever of these people is most likely to do what needs one of these fields of work.
    pub(crate) fn one_for(&mut self, people: &[Person], roles: &[&str]) -> Option<Person> {
        let fitting = people.iter().filter(|person| roles.contains(&person.role));
        let fitting: Vec<Person> = fitting.cloned().collect();
        let from = if fitting.is_empty() { people } else { &fitting };
        self.chance.pick(from).cloned()
    }

    /// An amount of euros in the money of a country.
    pub(crate) fn money(&self, company: &CompanyMaterial, euros: i64) -> String {
        match self.country(company) {
            Some(country) => {
                let amount = euros.saturating_mul(country.rate) / 100;
                format!("{} {amount}.00", country.currency)
            }
            None => format!("EUR {euros}.00"),
        }
    }

    pub(crate) fn country(&self, company: &CompanyMaterial) -> Option<&'m CountryMaterial> {
        self.material.countries.get(&company.country)
    }
}

/// Names an object.
pub(crate) fn named(kind: &'static str, key: &str) -> ObjectRef {
    ObjectRef { kind, key: key.to_owned() }
}

/// A field with its value.
#[expect(clippy::needless_pass_by_value, reason = "numbers, days and words alike, without a `&`")]
pub(crate) fn field(name: &'static str, value: impl ToString) -> (&'static str, String) {
    (name, value.to_string())
}
