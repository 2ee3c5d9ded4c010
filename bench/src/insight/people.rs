//! Invented contacts and reactions: the same for the index and for its peers.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use gantry_insight::{Attribute, Attributes, Index, Kind, Model, Person, Topic};
use gantry_notice::Notice;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use crate::Outcome;

/// The moment that is asked for, in milliseconds since 1970: noon of 2026-06-01.
pub(crate) const AT: i64 = 1_780_315_200_000;
/// Reactions are spread over so many days before, and count as long.
pub(crate) const KEEP: u32 = 365;

pub(crate) const COUNTRIES: [&str; 12] =
    ["FI", "SE", "DE", "US", "CN", "FR", "NL", "GB", "ES", "IT", "PL", "AT"];
pub(crate) const LANGUAGES: [&str; 6] = ["en", "de", "fi", "sv", "zh", "fr"];
pub(crate) const ROLES: [&str; 6] =
    ["purchasing", "maintenance", "operations", "management", "safety", "other"];
const INDUSTRIES: [&str; 8] =
    ["Ports", "Steel", "Paper", "Mining", "Energy", "Automotive", "Logistics", "Other"];
/// Kinds of reactions by the notice, and how often each of a hundred is one.
const KINDS: [(&str, u32); 5] =
    [("opened", 70), ("clicked", 20), ("downloaded", 5), ("registered", 3), ("attended", 2)];

/// A reaction of the contact of that number: when, kind and topic by number.
#[derive(Clone, Copy)]
pub(crate) struct Reaction {
    pub(crate) contact: u32,
    pub(crate) at: i64,
    pub(crate) kind: u8,
    pub(crate) topic: u8,
}

/// Everybody.
pub(crate) struct People {
    pub(crate) model: Arc<Model>,
    contacts: u32,
    /// Country, language, role and industry, by number.
    attributes: Vec<[u8; 4]>,
    /// By contact, as the peers have them.
    reactions: Vec<Reaction>,
}

impl People {
    pub(crate) fn new(contacts: u32, reactions: u32) -> People {
        let text = include_str!("../../../notices/customer-contacts.toml");
        #[expect(clippy::unwrap_used, reason = "the notice of this repository")]
        let model = Arc::new(Model::of(&Notice::parse(text, "bundled").unwrap()).unwrap());
        let mut random = SmallRng::seed_from_u64(7);
        let attributes = (0..contacts).map(|_| {
            // Skewed, as countries and languages are.
            let mut skewed = |of: usize| {
                let at = random.random_range(0.0f64..1.0).powi(2) * f64::from(small(of));
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "small"
                )]
                let at = at as u8;
                at
            };
            [skewed(COUNTRIES.len()), skewed(LANGUAGES.len()), skewed(ROLES.len()), skewed(8)]
        });
        let attributes = attributes.collect();
        let mut reactions: Vec<Reaction> =
            (0..reactions).map(|_| reaction(&mut random, contacts)).collect();
        reactions.sort_unstable_by_key(|one| (one.contact, one.at));
        People { model, contacts, attributes, reactions }
    }

    pub(crate) fn reactions(&self) -> usize {
        self.reactions.len()
    }

    /// The weights of kinds, by their numbers.
    pub(crate) fn weights(&self) -> Vec<f64> {
        KINDS.iter().map(|(kind, _)| self.model.weight(kind)).collect()
    }

    pub(crate) fn index(&self) -> Outcome<Index> {
        let mut index = Index::new(Arc::clone(&self.model), KEEP, 1, AT);
        let mut reactions = self.reactions.iter().copied().peekable();
        let text = |of: &[&str], at: u8| of.get(usize::from(at)).map(|one| (*one).to_owned());
        for (contact, [country, language, role, industry]) in
            (0..self.contacts).zip(&self.attributes)
        {
            let attribute = |of: &[&str], at: u8| text(of, at).map(Attribute::Text);
            let mut person = Person {
                country: text(&COUNTRIES, *country),
                attributes: Attributes(vec![
                    attribute(&LANGUAGES, *language),
                    attribute(&ROLES, *role),
                    None,
                    attribute(&INDUSTRIES, *industry),
                ]),
                reach: vec![None],
                ..Person::default()
            };
            while let Some(one) = reactions.next_if(|one| one.contact == contact) {
                person.reactions.push(self.packed(&one)?);
            }
            index.put(id(contact), &person);
        }
        Ok(index)
    }

    /// So many reactions more, of anybody.
    pub(crate) fn more(&self, count: usize) -> Vec<([u8; 16], (i64, Kind, Option<Topic>))> {
        let mut random = SmallRng::seed_from_u64(8);
        let more = (0..count).map(|_| reaction(&mut random, self.contacts));
        more.filter_map(|one| Some((id(one.contact), self.packed(&one).ok()?))).collect()
    }

    fn packed(&self, one: &Reaction) -> Outcome<(i64, Kind, Option<Topic>)> {
        let kind = KINDS.get(usize::from(one.kind)).and_then(|(kind, _)| self.model.kind(kind));
        let topic = self.model.topics().get(usize::from(one.topic));
        let topic = topic.and_then(|topic| self.model.topic(topic));
        Ok((one.at, kind.ok_or("the notice does not weigh a kind")?, topic))
    }

    /// Writes columns of plain numbers for the peers.
    pub(crate) fn write(&self, folder: &Path) -> Outcome<()> {
        for (at, name) in ["country", "language", "role", "industry"].iter().enumerate() {
            let column: Vec<u8> =
                self.attributes.iter().filter_map(|one| one.get(at).copied()).collect();
            fs::write(folder.join(name), column)?;
        }
        let all = self.reactions.iter();
        let contacts: Vec<u8> = all.clone().flat_map(|one| one.contact.to_le_bytes()).collect();
        fs::write(folder.join("contact"), contacts)?;
        let at: Vec<u8> = all.clone().flat_map(|one| one.at.to_le_bytes()).collect();
        fs::write(folder.join("at"), at)?;
        fs::write(folder.join("kind"), all.clone().map(|one| one.kind).collect::<Vec<u8>>())?;
        fs::write(folder.join("topic"), all.map(|one| one.topic).collect::<Vec<u8>>())?;
        Ok(())
    }
}

fn reaction(random: &mut SmallRng, contacts: u32) -> Reaction {
    let mut drawn = random.random_range(0..100);
    let mut kind = 0;
    for (place, (_, share)) in (0u8..).zip(KINDS) {
        kind = place;
        if drawn < share {
            break;
        }
        drawn -= share;
    }
    // Some react far more than others.
    let whom = random.random_range(0.0f64..1.0).powi(2) * f64::from(contacts);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below the number")]
    let whom = whom as u32;
    let back = random.random_range(0..i64::from(KEEP - 2) * 86_400_000);
    Reaction { contact: whom, at: AT - back, kind, topic: random.random_range(0..5) }
}

fn id(contact: u32) -> [u8; 16] {
    // As time-ordered ids are: the beginning of many is the same.
    (0x0190_0000_0000_7000_8000_0000_0000_0000_u128 | u128::from(contact)).to_be_bytes()
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
