//! Finding contacts: by nothing but what the purpose may see of them.

use gantry_notice::model::{FieldKind, Search};
use gantry_notice::{Operation, Reason};
use gantry_store::{ContactFilter, Hash, Id, Target};
use gantry_vault::Form;
use uuid::Uuid;

use crate::audit::About as Whom;
use crate::draft::{ContactView, Page};
use crate::error::EngineError;
use crate::session::cursor;
use crate::session::identified::{Identified, categories_of, view_id};

/// What to find contacts by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Find {
    /// All that the session may see.
    All,
    /// Those of a company.
    Company(Uuid),
    /// By e-mail address.
    Email(String),
    /// By telephone number.
    Phone(String),
    /// By words of the name, or their beginnings.
    Words(String),
}

/// Contacts looked at for one page, at most: a purpose that may see few of many gets a short page
/// and a cursor, not a long wait.
pub(crate) const SCANNED: usize = 5_000;
/// Candidates of one look-up.
pub(crate) const CANDIDATES: usize = 1_000;
/// What is looked for has at most this many characters: every word of it costs a look-up.
pub(crate) const LONGEST_TEXT: usize = 200;

impl Identified {
    /// Contacts that the purpose may see, by what it may see of them.
    pub async fn find(
        &self,
        find: &Find,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<ContactView>, EngineError> {
        let limit = cursor::page_size(limit);
        let list = format!("{find:?}");
        let vault = &self.engine.inner.vault;
        let after = cursor::read_id(vault, &self.desk, &list, after)?;
        let (items, next) = match find {
            Find::All => self.scan(ContactFilter::default(), after, limit).await?,
            Find::Company(_) if !self.sees_companies() => {
                return self.refuse(Reason::NotInNotice, None, Operation::Read, Whom::Nobody);
            }
            Find::Company(company) => {
                let company = Some(*company.as_bytes());
                let filter = ContactFilter { company, ..ContactFilter::default() };
                self.scan(filter, after, limit).await?
            }
            Find::Email(_) | Find::Phone(_) | Find::Words(_) => {
                self.look_up(find, after, limit).await?
            }
        };
        let about = items.iter().map(view_id).collect();
        let count = items.len();
        let mut categories: Vec<u8> =
            items.iter().flat_map(|view| categories_of(&self.desk, view)).collect();
        categories.sort_unstable();
        categories.dedup();
        self.note(Operation::Read, categories, Whom::Many(about), count)?;
        let next = next.and_then(|id| cursor::give(vault, &self.desk, &list, &id));
        Ok(Page { items, next })
    }

    /// Whether the notice lets the purpose see which company somebody represents.
    fn sees_companies(&self) -> bool {
        let policy = self.desk.policy.policy();
        self.desk.readable().any(|id| policy.category(id).is_some_and(|c| c.company))
    }

    async fn scan(
        &self,
        filter: ContactFilter,
        mut after: Option<Id>,
        limit: usize,
    ) -> Result<(Vec<ContactView>, Option<Id>), EngineError> {
        let store = &self.engine.inner.store;
        let (mut items, mut scanned) = (Vec::new(), 0);
        loop {
            let seen = store.contact_page(filter, after, limit).await?;
            let ids: Vec<Id> = seen.value.iter().map(|row| row.id).collect();
            for (id, known) in
                ids.iter().zip(self.engine.inner.known_many(&ids, &seen.standing).await?)
            {
                after = Some(*id);
                scanned += 1;
                if let Some(known) = known
                    && self.desk.visible(&known.state).is_ok()
                {
                    let view = self.view(*id, &known).await?;
                    // Nobody is found by a company that the purpose may not see of them.
                    let told = view.company.map(Uuid::into_bytes);
                    items.extend(
                        (filter.company.is_none() || filter.company == told).then_some(view),
                    );
                }
                if items.len() == limit {
                    return Ok((items, after));
                }
            }
            if ids.len() < limit {
                return Ok((items, None));
            }
            if scanned >= SCANNED {
                return Ok((items, after));
            }
        }
    }

    /// Those who have an address, a number or words of a name. Whoever calls notes the look.
    pub(crate) async fn look_up(
        &self,
        find: &Find,
        after: Option<Id>,
        limit: usize,
    ) -> Result<(Vec<ContactView>, Option<Id>), EngineError> {
        let (form, label, text) = match find {
            Find::Email(text) => (Form::Email, "email", text),
            Find::Phone(text) => (Form::Phone, "phone", text),
            Find::Words(text) => (Form::Words, "words", text),
            Find::All | Find::Company(_) => return Ok((Vec::new(), None)),
        };
        if text.chars().count() > LONGEST_TEXT {
            return Err(EngineError::invalid("find", "is longer than 200 characters"));
        }
        let hashes = self.engine.inner.vault.lookup().asked(form, label, text);
        let store = &self.engine.inner.store;
        let (mut items, mut after) = (Vec::new(), after);
        for _ in 0..SCANNED / CANDIDATES {
            let (targets, more) = self.candidates(&hashes, after.map(Target::Contact)).await?;
            let contacts: Vec<Id> = targets.into_iter().map(Target::id).collect();
            let standing = store.standing(&contacts).await?;
            let found = self.engine.inner.known_many(&contacts, &standing).await?;
            for (id, known) in contacts.into_iter().zip(found) {
                let Some(known) = known else { continue };
                if self.desk.visible(&known.state).is_err() {
                    continue;
                }
                let view = self.view(id, &known).await?;
                if self.matches(&view, find) {
                    items.push(view);
                }
                if items.len() == limit {
                    return Ok((items, Some(id)));
                }
            }
            after = more.map(Target::id);
            if after.is_none() {
                break;
            }
        }
        Ok((items, after))
    }

    /// What is found under all of some hashes, and from where to go on where there may be more.
    pub(crate) async fn candidates(
        &self,
        hashes: &[Hash],
        after: Option<Target>,
    ) -> Result<(Vec<Target>, Option<Target>), EngineError> {
        let (mut all, mut horizon): (Option<Vec<Target>>, Option<Target>) = (None, None);
        for hash in hashes {
            let found = self.engine.inner.store.lookup(hash, after, CANDIDATES).await?;
            // Beyond the end of a list that was cut off, nobody can be told to be in all of them.
            if let Some(last) = found.last().filter(|_| found.len() == CANDIDATES) {
                horizon = Some(horizon.map_or(*last, |before: Target| before.min(*last)));
            }
            all = Some(match all {
                None => found,
                Some(mut before) => {
                    before.retain(|target| found.binary_search(target).is_ok());
                    before
                }
            });
        }
        let mut all = all.unwrap_or_default();
        all.retain(|target| horizon.is_none_or(|horizon| *target <= horizon));
        Ok((all, horizon))
    }

    /// Whether what the session may see of a contact is what was looked for: nobody is found by
    /// something that the purpose may not see.
    fn matches(&self, view: &ContactView, find: &Find) -> bool {
        let notice = self.desk.policy.policy().notice();
        let mut words = Vec::new();
        for (category, fields) in &view.data {
            let Some(declared) = notice.categories.get(category) else { continue };
            for (name, value) in fields {
                let (Some(field), Some(text)) = (declared.fields.get(name), value.as_str()) else {
                    continue;
                };
                let same = match (find, &field.kind, field.search) {
                    (Find::Email(wanted), FieldKind::Email, _) => {
                        gantry_vault::email(wanted) == gantry_vault::email(text)
                    }
                    (Find::Phone(wanted), FieldKind::Phone, _) => {
                        gantry_vault::phone(wanted) == gantry_vault::phone(text)
                    }
                    (Find::Words(_), _, Some(Search::Words)) => {
                        words.extend(gantry_vault::words(text));
                        false
                    }
                    _ => false,
                };
                if same {
                    return true;
                }
            }
        }
        matches!(find, Find::Words(wanted) if begin(wanted, &words))
    }
}

/// Whether each word of what is looked for begins one of some words.
pub(crate) fn begin(wanted: &str, words: &[String]) -> bool {
    let wanted = gantry_vault::words(wanted);
    !wanted.is_empty() && wanted.iter().all(|w| words.iter().any(|word| word.starts_with(w)))
}
