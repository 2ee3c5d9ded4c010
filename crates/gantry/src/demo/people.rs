//! The companies, the people who represent them, and what those say about their data.

use gantry_notice::{Channel, Day};

use super::dealings::{Contact, FieldTexts, Object, Said, Statement};
use super::diary::{Diary, Person, field, named};
use super::material::{CompanyMaterial, CountryMaterial, MailRule};

/// Field of work, department, job titles; in the order in which a company's contacts are met.
const JOBS: [(&str, &str, &[&str]); 9] = [
    ("management", "Management", &["Managing director", "Plant manager", "Site manager"]),
    ("purchasing", "Purchasing", &["Purchasing manager", "Buyer", "Category manager"]),
    ("maintenance", "Maintenance", &["Maintenance manager", "Crane engineer", "Foreman"]),
    ("finance", "Finance", &["Financial manager", "Accountant", "Payables clerk"]),
    ("engineering", "Engineering", &["Design engineer", "Project engineer", "Chief engineer"]),
    ("production", "Production", &["Production manager", "Shift supervisor"]),
    ("safety", "Safety", &["Safety manager", "Safety engineer"]),
    ("operations", "Operations", &["Operations manager", "Crane operator", "Yard planner"]),
    ("logistics", "Logistics", &["Logistics manager", "Warehouse supervisor"]),
];

const TOPICS: [&str; 5] = ["lifting", "ports", "service", "modernisation", "training"];

impl Diary<'_> {
    /// Writes down every company and its people.
    pub(crate) fn meet_everybody(&mut self) {
        let material = self.material;
        for company in &material.companies {
            self.company(company);
        }
        for company in &material.companies {
            let Some(country) = self.country(company) else { continue };
            for place in 0..company.people {
                self.meet(company, country, place);
            }
        }
    }

    fn company(&mut self, company: &CompanyMaterial) {
        let since = company.since.map(|days| self.ago(days));
        let mut fields = vec![
            field("name", &company.name),
            field("number", &company.key),
            field("country", &company.country),
            field("city", &company.city),
            field("industry", &company.industry),
            field("size", &company.size),
            field("employees", company.employees),
        ];
        fields.extend(since.map(|since| field("customer_since", since)));
        if company.sole_trader {
            fields.push(field("sole_trader", "yes"));
        }
        self.object(Object {
            id: named("company", &company.key),
            purpose: if since.is_some() { "crm" } else { "sales" },
            at: since.unwrap_or_else(|| self.ago(300)),
            closed: None,
            company: None,
            part_of: None,
            state: if since.is_some() { "customer" } else { "prospect" },
            fields,
        });
    }

    fn meet(&mut self, company: &CompanyMaterial, country: &CountryMaterial, place: i32) {
        let job = usize::try_from(place).ok().and_then(|place| JOBS.get(place % JOBS.len()));
        let Some((role, department, titles)) = job.copied() else { return };
        let customer = company.since.is_some();
        let met = self.first_met(company, place);
        let contact = self.dealings.contacts.len();
        let number = contact + 1;
        let identity = self.identity(country);
        let mut data = vec![("identity", identity)];
        let mut employment = vec![
            field("job_title", self.chance.word(titles)),
            field("department", department),
            field("role", role),
        ];
        if self.chance.likely(40) {
            employment.push(field("since", Day(met.0 - self.chance.between(0, 2000))));
        }
        data.push(("employment", employment));
        data.push(("contact-details", self.contact_details(company, country, &data, number)));
        let (consents, opted_in) = self.said_when_met(company, country, number);
        let person = self.person(company, (contact, role, met), country);
        if self.chance.likely(15) {
            data.push(("preferences", self.preferences(person.taste)));
        }
        self.dealings.contacts.push(Contact {
            key: format!("P-{number:04}"),
            company: company.key.clone(),
            country: company.country.clone(),
            purpose: if customer { "crm" } else { "sales" },
            met,
            last_activity: met,
            customer,
            sole_trader: company.sole_trader,
            consents,
            opted_in,
            data,
        });
        self.says_later(&person, number);
        self.people.push(person);
    }

    /// A customer's first two people have been there from the beginning, others came later.
    fn first_met(&mut self, company: &CompanyMaterial, place: i32) -> Day {
        let Some(since) = company.since else {
            return Day(self.today.0 - self.chance.between(40, 320));
        };
        let earliest = since.min(715);
        let days =
            if place < 3 { earliest } else { self.chance.between(60.min(earliest), earliest) };
        self.ago(days)
    }

    fn identity(&mut self, country: &CountryMaterial) -> FieldTexts {
        let given = self.chance.pick(&country.given).cloned().unwrap_or_default();
        let family = self.chance.pick(&country.family).cloned().unwrap_or_default();
        // In the form `Wei/伟`: as in a passport, and as written.
        let (latin_given, own_given) = given.split_once('/').unwrap_or((&given, ""));
        let (latin_family, own_family) = family.split_once('/').unwrap_or((&family, ""));
        let full = if own_given.is_empty() {
            format!("{given} {family}")
        } else {
            format!("{own_family}{own_given}")
        };
        vec![
            field("given_name", latin_given),
            field("family_name", latin_family),
            field("full_name", full),
            field("language", &country.language),
        ]
    }

    fn contact_details(
        &mut self,
        company: &CompanyMaterial,
        country: &CountryMaterial,
        data: &[(&'static str, FieldTexts)],
        number: usize,
    ) -> FieldTexts {
        let name = |wanted: &str| {
            let fields = data.iter().flat_map(|(_, fields)| fields);
            fields.filter(|(name, _)| *name == wanted).map(|(_, value)| plain(value)).next()
        };
        let (given, family) = (name("given_name"), name("family_name"));
        let local = format!("{}.{}", given.unwrap_or_default(), family.unwrap_or_default());
        let domain = domain_of(&company.name);
        let mut email = format!("{local}@{domain}");
        let taken = self.dealings.contacts.iter().flat_map(|contact| &contact.data);
        let mut taken = taken.flat_map(|(_, fields)| fields);
        if taken.any(|(name, value)| *name == "email" && *value == email) {
            email = format!("{local}{number}@{domain}");
        }
        let mut fields =
            vec![field("email", email), field("phone", digits(&country.phone, number))];
        if self.chance.likely(60) {
            fields.push(field("mobile", digits(&country.mobile, number)));
        }
        if let Some(street) = self.chance.pick(&country.streets) {
            fields.push(field("street", format!("{street} {}", self.chance.between(1, 80))));
        }
        fields.push(field("city", &company.city));
        // The people of a company share its postal code.
        fields.push(field("postal_code", digits(&country.postal_code, company.name.len())));
        fields
    }

    /// Contacts in China were asked for consent when they were met, purpose by purpose.
    fn said_when_met(
        &mut self,
        company: &CompanyMaterial,
        country: &CountryMaterial,
        number: usize,
    ) -> (Vec<&'static str>, Vec<Channel>) {
        let mut consents = Vec::new();
        let agrees = self.chance.likely(45);
        if company.country == "CN" {
            consents = vec!["crm", "sales", "manufacturing", "delivery", "quality", "events"];
            // Every other one says no to marketing.
            if number.is_multiple_of(2) {
                consents.extend(["marketing", "research"]);
                return (consents, vec![Channel::Email]);
            }
            return (consents, Vec::new());
        }
        let opted_in = if agrees && country.mail != MailRule::OptOut {
            vec![Channel::Email]
        } else if agrees && self.chance.likely(70) {
            vec![Channel::Email, Channel::Phone]
        } else {
            Vec::new()
        };
        (consents, opted_in)
    }

    fn person(
        &mut self,
        company: &CompanyMaterial,
        (contact, role, met): (usize, &'static str, Day),
        country: &CountryMaterial,
    ) -> Person {
        let taste = match (company.industry.as_str(), role) {
            ("Ports", _) if self.chance.likely(70) => "ports",
            (_, "maintenance") if self.chance.likely(70) => "service",
            (_, "safety") if self.chance.likely(70) => "training",
            _ => self.chance.word(&TOPICS),
        };
        let eagerness = if self.chance.likely(30) { 80 } else { self.chance.between(5, 45) };
        let recently = |chance: &mut super::chance::Chance, today: Day| {
            Some(Day(today.0 - chance.between(3, 300))).filter(|day| *day > met)
        };
        let mut person = Person {
            contact,
            company: company.key.clone(),
            role,
            taste,
            eagerness,
            met,
            left: None,
            objected: None,
        };
        if self.chance.likely(4) && !company.sole_trader {
            person.left = recently(&mut self.chance, self.today);
        }
        if self.chance.likely(7) && country.mail != MailRule::OptIn {
            person.objected = recently(&mut self.chance, self.today);
        }
        person
    }

    fn preferences(&mut self, taste: &'static str) -> FieldTexts {
        let mut fields = vec![field(taste, "yes")];
        let frequency = self.chance.word(&["weekly", "monthly", "quarterly"]);
        fields.push(field("frequency", frequency));
        fields
    }

    fn says_later(&mut self, person: &Person, number: usize) {
        let mut said = Vec::new();
        said.extend(person.objected.map(|at| (at, Said::ObjectsTo("marketing"))));
        said.extend(person.left.map(|at| (at, Said::Leaves)));
        let soon_after = Day(person.met.0 + self.chance.between(1, 30));
        let unasked = self.dealings.contacts.last().is_some_and(|c| c.opted_in.is_empty());
        if unasked && self.chance.likely(12) {
            said.push((soon_after, Said::NotOptedIn(Channel::Email)));
        }
        if self.chance.likely(6) {
            said.push((soon_after, Said::Closes(Channel::Phone)));
        }
        if self.chance.likely(3) {
            said.push((self.ago(20), Said::ObjectsToProfiling));
        }
        match number {
            // A few rare things that a tour should be able to show.
            23 => said.push((self.ago(9), Said::Restricts)),
            47 => said.push((self.ago(12), Said::ObjectsTo("research"))),
            71 => said.push((self.ago(4), Said::ObjectsTo("crm"))),
            _ => {}
        }
        let contact = self.dealings.contacts.last().map(|contact| contact.key.clone());
        let Some(contact) = contact else { return };
        for (at, said) in said.into_iter().filter(|(at, _)| *at <= self.today) {
            self.dealings.statements.push(Statement { contact: contact.clone(), at, said });
        }
    }
}

/// A pattern with its `#` filled from a number, so that no two numbers give the same.
fn digits(pattern: &str, number: usize) -> String {
    let places = pattern.chars().filter(|c| *c == '#').count();
    let text = format!("{number:0>places$}");
    let mut from = text.chars().skip(text.chars().count().saturating_sub(places));
    pattern.chars().map(|c| if c == '#' { from.next().unwrap_or('0') } else { c }).collect()
}

/// The first two words of a company's name under the domain that is reserved for examples.
fn domain_of(name: &str) -> String {
    let words: Vec<String> = name.split_whitespace().take(2).map(plain).collect();
    format!("{}.example", words.join("-"))
}

/// A name in lower-case letters of an address.
fn plain(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        match letter {
            'a'..='z' | '0'..='9' => out.push(letter),
            'ä' | 'å' | 'á' | 'à' | 'ą' => out.push('a'),
            'é' | 'è' | 'ê' | 'ë' | 'ę' => out.push('e'),
            'í' | 'î' => out.push('i'),
            'ö' | 'õ' | 'ó' | 'ò' | 'ô' | 'ø' => out.push('o'),
            'ü' | 'ú' => out.push('u'),
            'ñ' | 'ń' => out.push('n'),
            'ł' => out.push('l'),
            'ż' | 'ź' => out.push('z'),
            'ś' => out.push('s'),
            'ç' | 'ć' => out.push('c'),
            'ß' => out.push_str("ss"),
            _ => {}
        }
    }
    out
}
