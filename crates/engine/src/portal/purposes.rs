//! The purposes as one contact is told of them: whether each may see it, why, until when, and what the
//! contact can say to it.

use gantry_notice::explain::{BasisWords, Ground};
use gantry_notice::model::{Basis, Objection, Purpose};

use super::Portal;
use crate::session::{Access, Said};

/// A purpose, and how it stands to the contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurposeShown {
    /// Its id.
    pub id: String,
    /// Its number in the notice.
    pub number: u8,
    /// How it sees people.
    pub mode: &'static str,
    /// Whether any of its uses is direct marketing.
    pub direct_marketing: bool,
    /// How many recipients outside it names.
    pub recipients: usize,
    /// Its uses, in the order of the notice.
    pub uses: Vec<UseShown>,
    /// The categories that it lists, in the order of the notice.
    pub categories: Vec<Seen>,
    /// Whether it can be objected to, and whether it was.
    pub objecting: Objecting,
    /// Whether it needs consent, and has it.
    pub consenting: Consenting,
}

/// A use of a purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UseShown {
    /// Its id.
    pub id: String,
    /// Whether it may see anything of the contact now.
    pub allowed: bool,
    /// Why not, by the reason's id.
    pub reason: Option<&'static str>,
    /// The basis in force for the contact.
    pub basis: Option<BasisWords>,
}

/// A category that a purpose lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The category.
    pub category: String,
    /// How many records there are of it; none where nobody may look for the contact.
    pub records: Option<usize>,
    /// Whether any use of the purpose may see some of it now.
    pub allowed: bool,
    /// Why not, by the reason's id.
    pub reason: Option<&'static str>,
    /// The last day on which it may see any record: a day, or `open`; none where it sees none.
    pub until: Option<String>,
}

/// Whether a contact can object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objecting {
    /// It cannot: the purpose is a duty, or something that an objection would defeat.
    No,
    /// It can, and that acts at once.
    AtOnce,
    /// It can; the purpose rests until a person has weighed it.
    Weighed,
    /// It did; a person is weighing it.
    BeingWeighed,
    /// It did, and that stands.
    Stands,
}

/// Whether a contact is asked for consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consenting {
    /// The purpose rests on something else.
    NotNeeded,
    /// Nothing happens without it, and it is not there.
    Missing,
    /// It is there, and can be withdrawn.
    Given,
}

impl Portal {
    /// The purposes of the notice in force, by number, with how they stand to what is held.
    pub fn purposes(&self, held: &Access) -> Vec<PurposeShown> {
        let notice = self.session.desk.policy.policy().notice();
        let purposes = notice.purposes.iter();
        purposes.map(|(id, purpose)| shown(id, purpose, held)).collect()
    }
}

fn shown(id: &str, purpose: &Purpose, held: &Access) -> PurposeShown {
    let grounds = |category: &str| {
        let found = held.categories.iter().find(|held| held.category == category);
        let uses = found.map_or(&[][..], |held| held.uses.as_slice());
        uses.iter().filter(|ground| ground.purpose.id == id)
    };
    let uses: Vec<UseShown> = purpose
        .uses
        .keys()
        .map(|used| {
            let all = purpose.reads.keys().flat_map(|category| grounds(category));
            use_shown(used, &all.filter(|ground| ground.used.id == *used).collect::<Vec<_>>())
        })
        .collect();
    let categories = purpose.reads.keys().filter_map(|category| {
        let grounds: Vec<&Ground> = grounds(category).collect();
        let records = held.categories.iter().find(|held| held.category == *category)?.records;
        let allowed = grounds.iter().any(|ground| ground.allowed);
        let reason = grounds.iter().find_map(|ground| ground.reason.as_ref());
        Some(Seen {
            category: category.clone(),
            records,
            allowed,
            reason: reason.filter(|_| !allowed).map(|reason| reason.id),
            until: latest(grounds.iter().filter_map(|ground| ground.until.as_deref())),
        })
    });
    PurposeShown {
        id: id.to_owned(),
        number: purpose.number,
        mode: purpose.mode.word(),
        direct_marketing: purpose.uses.values().any(|used| used.direct_marketing),
        recipients: purpose.recipients.len(),
        objecting: objecting(id, purpose, &uses, &held.said),
        consenting: consenting(id, &uses, &held.said),
        categories: categories.collect(),
        uses,
    }
}

fn use_shown(id: &str, grounds: &[&Ground]) -> UseShown {
    let allowed = grounds.iter().any(|ground| ground.allowed);
    let reason = grounds.iter().find_map(|ground| ground.reason.as_ref());
    UseShown {
        id: id.to_owned(),
        allowed,
        reason: reason.filter(|_| !allowed).map(|reason| reason.id),
        basis: grounds.iter().find_map(|ground| ground.basis.clone()),
    }
}

/// The last of some days; one that is open is later than any.
fn latest<'d>(days: impl Iterator<Item = &'d str>) -> Option<String> {
    let days = days.max_by_key(|day| (*day == "open", (*day).to_owned()));
    days.map(str::to_owned)
}

fn rests_on_consent(used: &UseShown) -> bool {
    used.basis.as_ref().is_some_and(|basis| basis.id == Basis::Consent.word())
}

fn objecting(id: &str, purpose: &Purpose, uses: &[UseShown], said: &Said) -> Objecting {
    let objection = said.objections.iter().find(|objected| objected.purpose == id);
    match (objection.map(|objected| objected.state), purpose.objection) {
        (Some("being-weighed"), _) => Objecting::BeingWeighed,
        (Some(_), _) => Objecting::Stands,
        (None, Objection::None) => Objecting::No,
        (None, Objection::Absolute) => Objecting::AtOnce,
        // Where nothing happens without consent there is nothing to weigh.
        (None, Objection::Weighed) if uses.iter().all(rests_on_consent) => Objecting::No,
        (None, Objection::Weighed) => Objecting::Weighed,
    }
}

fn consenting(id: &str, uses: &[UseShown], said: &Said) -> Consenting {
    let given = said.consents.iter().any(|purpose| purpose == id);
    match (given, uses.iter().any(rests_on_consent)) {
        (true, _) => Consenting::Given,
        (false, true) => Consenting::Missing,
        (false, false) => Consenting::NotNeeded,
    }
}
