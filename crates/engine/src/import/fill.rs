//! What columns of a file may become under a session, and what the notice keeps out.

use gantry_intake::{Becomes, Header, Part, TargetOf};
use gantry_notice::model::{Category, ObjectKind};
use gantry_notice::{CategoryId, Decision, Fields, Operation, Reason};

use crate::session::Identified;
use crate::session::objects::COMPANY;

/// The field by which a contact may be matched: category and field.
const EMAIL: (&str, &str) = ("contact-details", "email");

/// What an id is called.
const KEY: &str = "id in the source";

/// Something that a column of a file may become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fillable {
    /// What.
    pub becomes: Becomes,
    /// What it is a part of, for people.
    pub group: String,
    /// What it is, for people.
    pub title: String,
}

impl Fillable {
    /// Which of several a column is likely to become, told by its name.
    pub fn guess<'f>(offered: &'f [Fillable], column: &str) -> Option<&'f Becomes> {
        let named = |one: &&Fillable| match &one.becomes {
            Becomes::Profile(_, field) => {
                Header::alike(column, field) || Header::alike(column, &one.title)
            }
            Becomes::Country => Header::alike(column, "country"),
            _ => false,
        };
        let known = || {
            let guess = Becomes::guess(column)?;
            offered.iter().find(|one| one.becomes == guess)
        };
        offered.iter().find(named).or_else(known).map(|one| &one.becomes)
    }
}

impl Identified {
    /// What columns of a file may become, in the order of the notice: what it lets the session collect
    /// or change. Empty where it lets it do neither.
    pub fn fillable(&self) -> Vec<Fillable> {
        let policy = self.desk.policy.policy();
        let (mut profile, mut records) = (Vec::new(), Vec::new());
        for (name, declared) in &policy.notice().categories {
            let Some(category) = policy.lexicon().category(name) else { continue };
            let listed = |field: &str| {
                let place = policy.lexicon().field(category, field);
                place.is_some_and(|place| self.may_write(category).has(place))
            };
            let fields = declared.fields.iter().filter(|(field, _)| listed(field));
            let fields: Vec<(&str, &str)> =
                fields.map(|(field, one)| (field.as_str(), one.title.as_str())).collect();
            match (declared.single, fields.is_empty()) {
                (_, true) => {}
                (true, false) => profile.extend(of_profile(name, declared, &fields)),
                (false, false) => records.extend(of_record(name, declared, &fields)),
            }
        }
        let kinds = policy.notice().objects.iter();
        let kinds = kinds.filter(|(_, declared)| self.writes_kind(declared));
        let mut fillable = of_contact(&profile, !records.is_empty());
        fillable.extend(profile);
        fillable.extend(kinds.flat_map(|(name, declared)| of_object(name, declared)));
        fillable.extend(records);
        fillable
    }

    /// Whether the notice lets the session write a field at all, whoever the contact is; if not, why.
    pub fn may_fill(&self, of: &TargetOf, field: &str) -> Result<(), Reason> {
        let policy = self.desk.policy.policy();
        match of {
            TargetOf::Kind(name) => {
                let declared = policy.notice().objects.get(&**name).ok_or(Reason::NotInNotice)?;
                if !declared.fields.contains_key(field) {
                    return Err(Reason::NotInNotice);
                }
                if self.writes_kind(declared) { Ok(()) } else { Err(Reason::OperationNotAllowed) }
            }
            TargetOf::Category(name) => {
                let category = policy.lexicon().category(name).ok_or(Reason::NotInNotice)?;
                let place = policy.lexicon().field(category, field).ok_or(Reason::NotInNotice)?;
                let fields = self.may_write(category);
                if fields.has(place) {
                    return Ok(());
                }
                let ask = self.desk.ask(category, Operation::Collect);
                match self.desk.policy.decide_notice(&ask) {
                    Decision::Deny(reason) => Err(reason),
                    Decision::Allow { .. } => Err(Reason::NotInNotice),
                }
            }
        }
    }

    /// The fields of a category that the notice lets the session collect or change.
    fn may_write(&self, category: CategoryId) -> Fields {
        let of =
            |operation| match self.desk.policy.decide_notice(&self.desk.ask(category, operation)) {
                Decision::Allow { fields, .. } => fields.0,
                Decision::Deny(_) => 0,
            };
        Fields(of(Operation::Collect) | of(Operation::Change))
    }

    fn writes_kind(&self, declared: &ObjectKind) -> bool {
        declared.write.iter().any(|purpose| purpose == self.desk.purpose_name())
    }
}

fn one(becomes: Becomes, group: &str, title: &str) -> Fillable {
    Fillable { becomes, group: group.to_owned(), title: title.to_owned() }
}

/// By what a contact is known, and what is told of it beside its fields, where there are any.
fn of_contact(profile: &[Fillable], records: bool) -> Vec<Fillable> {
    const CONTACT: &str = "The contact";
    const SAID: &str = "What the contact said, where the column says yes";
    let mut all = Vec::new();
    if !profile.is_empty() || records {
        all.push(one(Becomes::ContactKey, CONTACT, "Contact's id in the source"));
    }
    let email = Becomes::Profile(EMAIL.0.into(), EMAIL.1.into());
    if records && profile.iter().all(|one| one.becomes != email) {
        let title = "Contact's e-mail address, to find it by; not stored";
        all.push(one(Becomes::ContactEmail, CONTACT, title));
    }
    if !profile.is_empty() {
        all.push(one(Becomes::Country, CONTACT, "Contact's country"));
        all.push(one(Becomes::SoleTrader, CONTACT, "Whether the company is the person"));
        let said = Becomes::sayings();
        all.extend(said.map(|becomes| {
            let title = match &becomes {
                Becomes::Said(saying) => format!("Said: {}", super::people::saying(*saying)),
                _ => String::new(),
            };
            Fillable { becomes, group: SAID.to_owned(), title }
        }));
    }
    all
}

fn of_profile(name: &str, declared: &Category, fields: &[(&str, &str)]) -> Vec<Fillable> {
    let each = fields.iter().map(|(field, title)| {
        one(Becomes::Profile(name.into(), (*field).into()), &declared.title, title)
    });
    each.collect()
}

fn of_record(name: &str, declared: &Category, fields: &[(&str, &str)]) -> Vec<Fillable> {
    let fields = fields.iter().map(|(field, title)| (Part::Field((*field).into()), *title));
    let parts = [(Part::Key, KEY), (Part::At, "when")].into_iter().chain(fields);
    let becomes = |part| Becomes::Record(name.into(), part);
    parts.map(|(part, title)| part_of(becomes(part), &declared.title, title)).collect()
}

fn of_object(name: &str, declared: &ObjectKind) -> Vec<Fillable> {
    let fields = declared.fields.iter();
    let fields = fields.map(|(field, one)| (Part::Field(field.as_str().into()), &*one.title));
    let at = (name != COMPANY).then_some((Part::At, "when"));
    let parts = [(Part::Key, KEY)].into_iter().chain(at).chain([(Part::State, "state")]);
    let becomes = |part| Becomes::Object(name.into(), part);
    let parts = parts.chain(fields);
    parts.map(|(part, title)| part_of(becomes(part), &declared.title, title)).collect()
}

/// A part of something: its title says of what, since a choice that was made stands alone.
fn part_of(becomes: Becomes, of: &str, title: &str) -> Fillable {
    one(becomes, of, &format!("{of}: {title}"))
}
