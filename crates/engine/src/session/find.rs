//! Finding contacts: by nothing but what the purpose may see of them.

use std::collections::{BTreeMap, BTreeSet};

use gantry_notice::model::{Field, FieldKind, Search};
use gantry_notice::{Country, Operation, Reason};
use gantry_store::{ContactFilter, Hash, Id, Target};
use gantry_vault::Form;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::audit::About as Whom;
use crate::draft::{ContactView, Page};
use crate::error::EngineError;
use crate::session::cursor::{self, MAX_PAGE};
use crate::session::identified::{Identified, categories_of, view_id};
use crate::session::order::{self, Column, Key, Keyed, Place, Sort};
use crate::value;

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
/// Contacts opened at a time.
const AT_ONCE: usize = 100;
/// What is looked for has at most this many characters: every word of it costs a look-up.
pub(crate) const LONGEST_TEXT: usize = 200;

/// Which contacts, and in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactQuery {
    /// What to find them by.
    pub find: Find,
    /// Only those of this country, two letters.
    pub country: Option<String>,
    /// Only those whose profile has these: `CATEGORY.FIELD` and value, of fields that are a code, a
    /// language, a country or a flag.
    pub having: Vec<(String, String)>,
    /// In this order, else in that of their ids.
    pub sort: Option<Sort>,
}

impl ContactQuery {
    /// The values that a text names: `CATEGORY.FIELD:VALUE`, several behind each other with commas.
    pub fn having_of(text: &str) -> Result<Vec<(String, String)>, EngineError> {
        let pair = |one: &str| one.split_once(':').map(|(f, v)| (f.to_owned(), v.to_owned()));
        let pairs = text.split(',').map(pair).collect::<Option<_>>();
        pairs.ok_or_else(|| EngineError::invalid("having", "is not `CATEGORY.FIELD:VALUE`"))
    }
}

impl From<Find> for ContactQuery {
    fn from(find: Find) -> ContactQuery {
        ContactQuery { find, country: None, having: Vec::new(), sort: None }
    }
}

impl Identified {
    /// Contacts that the purpose may see, by what it may see of them.
    pub async fn find(
        &self,
        find: &Find,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<ContactView>, EngineError> {
        self.contacts(&find.clone().into(), after, limit).await
    }

    /// The same, narrowed down and in order. An order can be given to
    /// [`MOST_SORTED`](crate::session::MOST_SORTED) of them at most; beyond that the query is invalid,
    /// with `sort` as its field.
    pub async fn contacts(
        &self,
        query: &ContactQuery,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<ContactView>, EngineError> {
        let limit = cursor::page_size(limit);
        let sieve = self.sieve(query)?;
        let list = if sieve.plain { format!("{:?}", query.find) } else { format!("{query:?}") };
        let vault = &self.engine.inner.vault;
        // Whoever opens all of a list takes a turn, so that many of them hold up nobody else.
        let opens_all = query.sort.is_some() || !query.having.is_empty();
        let _turn = if opens_all { Some(self.engine.inner.turn().await) } else { None };
        let page = if let Some(sort) = &query.sort {
            let after = order::read_place(vault, &self.desk, &list, after)?;
            let (items, more) = self.found(&sieve, None, order::MOST_SORTED + 1).await?;
            if items.len() > order::MOST_SORTED || more.is_some() {
                return Err(Sort::too_long());
            }
            let keyed = self.keyed(sort, items).await?;
            let (keyed, next) = sort.page(keyed, after.as_ref(), limit);
            let items = keyed.into_iter().map(|one| one.item).collect();
            order::page_of(vault, &self.desk, &list, items, next)
        } else {
            let after = cursor::read_id(vault, &self.desk, &list, after)?;
            let (items, next) = self.found(&sieve, after, limit).await?;
            let next = next.and_then(|id| cursor::give(vault, &self.desk, &list, &id));
            Page { items, next }
        };
        let about = page.items.iter().map(view_id).collect();
        let seen: BTreeSet<u8> =
            page.items.iter().flat_map(|view| categories_of(&self.desk, view)).collect();
        let seen = seen.into_iter().collect();
        self.note(Operation::Read, seen, Whom::Many(about), page.items.len())?;
        Ok(page)
    }

    /// What a query lets through, after it was held against the notice.
    fn sieve<'q>(&self, query: &'q ContactQuery) -> Result<Sieve<'q>, EngineError> {
        if matches!(query.find, Find::Company(_)) && !self.sees_companies() {
            return self.refuse(Reason::NotInNotice, None, Operation::Read, Whom::Nobody);
        }
        let country = query.country.as_deref().map(|text| {
            Country::of(text).ok_or_else(|| {
                EngineError::invalid("country", "is not the code of a country, such as FI")
            })
        });
        let country = country.transpose()?;
        let mut having = Vec::new();
        for (path, value) in &query.having {
            let field = self.profile_field(path, "having")?;
            let chosen = matches!(
                field.kind,
                FieldKind::Code { .. } | FieldKind::Language | FieldKind::Country | FieldKind::Flag
            );
            if !chosen {
                let fault = "names a field that is no code, language, country or flag";
                return Err(EngineError::invalid("having", fault));
            }
            let (category, name) = path.split_once('.').unwrap_or_default();
            let value = value::canonical(field, value).map_err(|wanted| {
                EngineError::invalid("having", format!("has a value that is not {wanted}"))
            })?;
            having.push((category, name, value::json(&field.kind, &value)));
        }
        let plain = country.is_none() && having.is_empty() && query.sort.is_none();
        Ok(Sieve { find: &query.find, country, having, plain })
    }

    /// A field of the profile that the purpose reads, named `CATEGORY.FIELD`.
    /// `asked` is where the request has it.
    fn profile_field(&self, path: &str, asked: &str) -> Result<&Field, EngineError> {
        let policy = self.desk.policy.policy();
        let unknown = || EngineError::invalid(asked, "names no CATEGORY.FIELD of a profile");
        let (category, name) = path.split_once('.').ok_or_else(unknown)?;
        let id = self.category(category, Operation::Read, &Whom::Nobody)?;
        if let Err(reason) = self.desk.listed(id, Operation::Read) {
            return self.refuse(reason, Some(id), Operation::Read, Whom::Nobody);
        }
        let declared = policy.notice().categories.get(category).filter(|one| one.single);
        declared.and_then(|declared| declared.fields.get(name)).ok_or_else(unknown)
    }

    /// Whether the notice lets the purpose see which company somebody represents.
    fn sees_companies(&self) -> bool {
        let policy = self.desk.policy.policy();
        self.desk.readable().any(|id| policy.category(id).is_some_and(|c| c.company))
    }

    async fn found(
        &self,
        sieve: &Sieve<'_>,
        after: Option<Id>,
        limit: usize,
    ) -> Result<(Vec<ContactView>, Option<Id>), EngineError> {
        match sieve.find {
            Find::All | Find::Company(_) => self.scan(sieve, after, limit).await,
            Find::Email(_) | Find::Phone(_) | Find::Words(_) => {
                self.look_up(sieve, after, limit).await
            }
        }
    }

    async fn scan(
        &self,
        sieve: &Sieve<'_>,
        mut after: Option<Id>,
        limit: usize,
    ) -> Result<(Vec<ContactView>, Option<Id>), EngineError> {
        let inner = &self.engine.inner;
        let company = match sieve.find {
            Find::Company(company) => Some(*company.as_bytes()),
            _ => None,
        };
        let country = sieve.country.and_then(|country| country.code().as_bytes().try_into().ok());
        let filter = ContactFilter { company, country, ..ContactFilter::default() };
        // Where few are let through, looking at a few at a time would take long.
        let at_once = if sieve.having.is_empty() { limit.min(AT_ONCE) } else { AT_ONCE };
        let (mut items, mut scanned) = (Vec::new(), 0);
        loop {
            let seen = inner.store.contact_page(filter, after, at_once).await?;
            let ids: Vec<Id> = seen.value.iter().map(|row| row.id).collect();
            let known = inner.known_many(&ids, &seen.standing).await?;
            for view in self.views(ids.iter().copied().zip(known)).await? {
                if sieve.lets_through(&view) {
                    items.push(view);
                }
                if items.len() == limit {
                    let last = items.last().map(view_id);
                    return Ok((items, last));
                }
            }
            after = ids.last().copied().or(after);
            scanned += ids.len();
            if ids.len() < at_once {
                return Ok((items, None));
            }
            if scanned >= SCANNED {
                return Ok((items, after));
            }
            // Between two batches others have their turn on this thread.
            tokio::task::yield_now().await;
        }
    }

    /// Those who have an address, a number or words of a name. Whoever calls notes the look.
    pub(crate) async fn look_up(
        &self,
        sieve: &Sieve<'_>,
        after: Option<Id>,
        limit: usize,
    ) -> Result<(Vec<ContactView>, Option<Id>), EngineError> {
        let (form, label, text) = match sieve.find {
            Find::Email(text) => (Form::Email, "email", text),
            Find::Phone(text) => (Form::Phone, "phone", text),
            Find::Words(text) => (Form::Words, "words", text),
            Find::All | Find::Company(_) => return Ok((Vec::new(), None)),
        };
        if text.chars().count() > LONGEST_TEXT {
            return Err(EngineError::invalid("find", "is longer than 200 characters"));
        }
        let inner = &self.engine.inner;
        let hashes = inner.vault.lookup().asked(form, label, text);
        let (mut items, mut after) = (Vec::new(), after);
        for _ in 0..SCANNED / CANDIDATES {
            let (targets, more) = self.candidates(&hashes, after.map(Target::Contact)).await?;
            let contacts: Vec<Id> = targets.into_iter().map(Target::id).collect();
            for some in contacts.chunks(limit.clamp(1, MAX_PAGE)) {
                let standing = inner.store.standing(some).await?;
                let known = inner.known_many(some, &standing).await?;
                for view in self.views(some.iter().copied().zip(known)).await? {
                    let id = view_id(&view);
                    if self.matches(&view, sieve.find) && sieve.lets_through(&view) {
                        items.push(view);
                    }
                    if items.len() == limit {
                        return Ok((items, Some(id)));
                    }
                }
            }
            after = more.map(Target::id);
            if after.is_none() {
                break;
            }
        }
        Ok((items, after))
    }

    /// Items with their places in an order.
    async fn keyed(
        &self,
        sort: &Sort,
        items: Vec<ContactView>,
    ) -> Result<Vec<Keyed<ContactView>>, EngineError> {
        let notice = self.desk.policy.policy().notice();
        let companies = match &sort.by {
            Column::Company => {
                let ids = items.iter().filter_map(|view| view.company).map(Uuid::into_bytes);
                self.company_names(ids.collect()).await?
            }
            Column::Field(path) => {
                self.profile_field(path, "sort")?;
                BTreeMap::new()
            }
            Column::Name | Column::Country => BTreeMap::new(),
            Column::State | Column::At => return Err(Sort::unknown()),
        };
        let key = |view: &ContactView| match &sort.by {
            Column::Name => Key::of_text(&view.name(notice)),
            Column::Company => {
                let company = view.company.map(Uuid::into_bytes);
                let name = company.and_then(|company| companies.get(&company));
                name.map_or(Key::Nothing, |name| Key::of_text(name))
            }
            Column::Field(path) => {
                let (category, name) = path.split_once('.').unwrap_or_default();
                Key::of_json(view.data.get(category).and_then(|data| data.get(name)))
            }
            _ => Key::of_text(view.country.as_deref().unwrap_or_default()),
        };
        let keyed = |item: ContactView| Keyed {
            place: Place { key: key(&item), id: view_id(&item) },
            item,
        };
        Ok(items.into_iter().map(keyed).collect())
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

/// What a query lets through.
pub(crate) struct Sieve<'q> {
    find: &'q Find,
    country: Option<Country>,
    having: Vec<(&'q str, &'q str, Json)>,
    /// Whether it is nothing but a find.
    plain: bool,
}

impl<'q> Sieve<'q> {
    /// Of a find alone.
    pub(crate) fn of(find: &'q Find) -> Sieve<'q> {
        Sieve { find, country: None, having: Vec::new(), plain: true }
    }

    /// Whether what the session sees of a contact is let through: nobody is found by a company, a
    /// country or a value that the purpose may not see of them.
    fn lets_through(&self, view: &ContactView) -> bool {
        let company = match self.find {
            Find::Company(company) => view.company == Some(*company),
            _ => true,
        };
        let country =
            self.country.is_none_or(|country| view.country.as_deref() == Some(country.code()));
        let has = |(category, name, value): &(&str, &str, Json)| {
            view.data.get(*category).and_then(|data| data.get(*name)) == Some(value)
        };
        company && country && self.having.iter().all(has)
    }
}

/// Whether each word of what is looked for begins one of some words.
pub(crate) fn begin(wanted: &str, words: &[String]) -> bool {
    let wanted = gantry_vault::words(wanted);
    !wanted.is_empty() && wanted.iter().all(|w| words.iter().any(|word| word.starts_with(w)))
}
