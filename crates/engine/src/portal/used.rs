//! Who used a contact's data: the audit trail as the contact is told of it (GDPR Art. 15(1)(c)).
//!
//! Purposes and roles, never a colleague: the name of an account stays in the engine. Refused
//! attempts are left out: by them nobody saw anything.

use std::collections::BTreeMap;

use gantry_notice::{CategoryId, Operation, PurposeId, UseId};
use gantry_store::Id;
use serde::{Deserialize, Serialize};

use super::Portal;
use crate::actor::PORTAL;
use crate::audit::{About as Whom, Cause, Entry, Filter, Position, latest};
use crate::error::EngineError;
use crate::session::cursor;

/// A contact that looks around for so long is told of it once (ms).
const ONE_LOOK: i64 = 30 * 60 * 1_000;
/// Looks on one page, at most.
const MOST: usize = 100;

/// Some looks, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedPage {
    /// The looks.
    pub items: Vec<Used>,
    /// Where older ones go on; none at the end of the trail. A page may be short, even empty, and yet
    /// have this: it looks through a bounded part of the trail.
    pub next: Option<String>,
}

/// A look at a contact's data, or something done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// When (ms since 1970, UTC).
    pub at: i64,
    /// Who, in the roles of the notice.
    pub by: By,
    /// For which purpose, by its id.
    pub purpose: Option<String>,
    /// For which of its uses, by its id.
    pub used: Option<String>,
    /// What was done.
    pub act: Act,
    /// With which categories. In a list these are those of all who were in it.
    pub categories: Vec<String>,
    /// With how many records; none where the contact was in a list with others.
    pub count: Option<u32>,
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// The contact itself, in the portal.
    You,
    /// Somebody with these roles, by their ids, that the purpose lists; none where the account has
    /// none of them any more.
    Roles(Vec<String>),
    /// No person.
    System,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// Data was looked at.
    Looked,
    /// It was asked whether and why it may be looked at.
    Asked,
    /// Data was added.
    Added,
    /// Data was changed.
    Changed,
    /// Data was worked out from other data.
    Derived,
    /// Data was given to a recipient.
    Disclosed,
    /// Data was removed.
    Removed,
    /// Everything was erased but what a law keeps.
    Erased,
    /// What the contact said was written down.
    Said,
    /// A request was opened.
    Requested,
    /// A link to the portal was asked for.
    LinkAsked,
    /// The portal was entered.
    Entered,
    /// The portal was left.
    Left,
}

impl Act {
    /// All of them.
    pub const ALL: [Act; 13] = [
        Act::Looked,
        Act::Asked,
        Act::Added,
        Act::Changed,
        Act::Derived,
        Act::Disclosed,
        Act::Removed,
        Act::Erased,
        Act::Said,
        Act::Requested,
        Act::LinkAsked,
        Act::Entered,
        Act::Left,
    ];

    /// A short id.
    pub const fn id(self) -> &'static str {
        match self {
            Act::Looked => "looked",
            Act::Asked => "asked",
            Act::Added => "added",
            Act::Changed => "changed",
            Act::Derived => "derived",
            Act::Disclosed => "disclosed",
            Act::Removed => "removed",
            Act::Erased => "erased",
            Act::Said => "said",
            Act::Requested => "requested",
            Act::LinkAsked => "link-asked",
            Act::Entered => "entered",
            Act::Left => "left",
        }
    }

    /// By the first word of an entry's operation.
    fn of(operation: &str) -> Act {
        let word = operation.split(' ').next().unwrap_or_default();
        match word {
            "why" | "removed" => Act::Asked,
            "remove" | "sweep" => Act::Removed,
            "assign" => Act::Changed,
            "erase" => Act::Erased,
            "request" => Act::Requested,
            "portal-link" => Act::LinkAsked,
            "portal-enter" => Act::Entered,
            "portal-leave" => Act::Left,
            _ => match Operation::of_word(word) {
                Some(Operation::Read) => Act::Looked,
                Some(Operation::Collect) => Act::Added,
                Some(Operation::Change) => Act::Changed,
                Some(Operation::Derive) => Act::Derived,
                Some(Operation::Disclose) => Act::Disclosed,
                None => Act::Said,
            },
        }
    }
}

impl Used {
    /// Whether an earlier act is of the same look around: the contact's own, page after page. Each is
    /// in the trail; told one by one they would hide what others did.
    fn is_one_look_with(&self, earlier: &Used) -> bool {
        let own = |used: &Used| used.by == By::You && used.act == Act::Looked;
        own(self) && own(earlier) && self.at - earlier.at <= ONE_LOOK
    }

    fn take_in(&mut self, earlier: Used) {
        self.count = self.count.max(earlier.count);
        let new = earlier.categories.into_iter();
        let new: Vec<String> = new.filter(|name| !self.categories.contains(name)).collect();
        self.categories.extend(new);
    }
}

/// A position, packed to be sealed into a cursor.
#[derive(Serialize, Deserialize)]
struct Packed(Vec<(Id, i64, u32)>);

impl Portal {
    /// Who used the contact's data, the newest first; from where the page before said that older ones
    /// go on. The look is in the trail itself.
    pub async fn used(&self, before: Option<&str>) -> Result<UsedPage, EngineError> {
        let (session, id) = (&self.session, *self.contact.as_bytes());
        let inner = &session.engine.inner;
        let list = format!("used {}", self.contact);
        let before = cursor::read(&inner.vault, &session.desk, &list, before)?;
        let before = before.map(|packed| unpacked(&packed)).transpose()?;
        let filter = Filter { contact: Some(id), denied: Some(false), ..Filter::default() };
        inner.trail.drain(&inner.store).await?;
        let page = latest::latest(&inner.store, &filter, before, MOST).await?;
        let entries: Vec<Entry> = page.entries.into_iter().map(|found| found.entry).collect();
        let accounts = self.accounts_of(&entries).await?;
        session.note(Operation::Read, Vec::new(), Whom::One(id), entries.len())?;
        let mut items: Vec<Used> = Vec::with_capacity(entries.len());
        for entry in &entries {
            let used = self.used_shown(entry, &accounts);
            match items.last_mut() {
                Some(later) if later.is_one_look_with(&used) => later.take_in(used),
                _ => items.push(used),
            }
        }
        let next = page.next.and_then(|next| {
            let packed = postcard::to_stdvec(&packed(next)).ok()?;
            cursor::give(&inner.vault, &session.desk, &list, &packed)
        });
        Ok(UsedPage { items, next })
    }

    /// The roles of the accounts that did something, each looked up once.
    async fn accounts_of(
        &self,
        entries: &[Entry],
    ) -> Result<BTreeMap<String, Vec<String>>, EngineError> {
        let mut accounts = BTreeMap::new();
        for entry in entries.iter().filter(|entry| entry.actor != PORTAL) {
            if accounts.contains_key(&entry.actor) {
                continue;
            }
            let account = self.session.engine.account(&entry.actor).await?;
            let roles = account.map(|account| account.roles).unwrap_or_default();
            accounts.insert(entry.actor.clone(), roles);
        }
        Ok(accounts)
    }

    fn used_shown(&self, entry: &Entry, accounts: &BTreeMap<String, Vec<String>>) -> Used {
        let lexicon = self.session.desk.policy.policy().lexicon();
        let purpose = PurposeId(entry.purpose);
        let is_known = lexicon.purposes().any(|known| known == purpose);
        let used = lexicon.uses().find(|(id, ..)| *id == UseId(entry.use_id));
        let categories = entry.categories.iter().map(|id| lexicon.category_name(CategoryId(*id)));
        let alone = !matches!(&entry.about, Whom::Many(ids) if ids.len() > 1);
        Used {
            at: entry.at,
            by: self.by(entry, accounts),
            purpose: is_known.then(|| lexicon.purpose_name(purpose).to_owned()),
            used: used.map(|(_, _, name)| name.to_owned()),
            act: Act::of(&entry.operation),
            categories: categories.filter(|name| *name != "?").map(str::to_owned).collect(),
            count: alone.then_some(entry.count),
        }
    }

    fn by(&self, entry: &Entry, accounts: &BTreeMap<String, Vec<String>>) -> By {
        if entry.actor == PORTAL {
            return By::You;
        }
        if matches!(entry.cause, Cause::System | Cause::Job) {
            return By::System;
        }
        let policy = self.session.desk.policy.policy();
        let listed = policy.purpose(PurposeId(entry.purpose)).map(|purpose| &purpose.roles);
        let held = accounts.get(&entry.actor).map_or(&[][..], Vec::as_slice);
        // What an account may do besides reading stands behind its role.
        let held = |role: &str| {
            let mut names = held.iter().map(|held| held.split(':').next().unwrap_or_default());
            names.any(|held| held == role || held == "*")
        };
        let roles = listed.into_iter().flatten().filter(|role| held(role));
        By::Roles(roles.cloned().collect())
    }
}

fn packed(position: Position) -> Packed {
    let chains = position.chains.into_iter();
    Packed(chains.map(|(chain, (sequence, index))| (chain, sequence, index)).collect())
}

fn unpacked(bytes: &[u8]) -> Result<Position, EngineError> {
    let Packed(chains) = postcard::from_bytes(bytes)
        .map_err(|_| EngineError::invalid("before", "is not a cursor of this list"))?;
    let chains = chains.into_iter();
    let chains = chains.map(|(chain, sequence, index)| (chain, (sequence, index))).collect();
    Ok(Position { chains })
}
