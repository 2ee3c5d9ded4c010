//! Records: what a draft becomes in the store, and how a stored one is opened again.

use gantry_notice::model::{Category, Field, FieldKind, Search};
use gantry_notice::{
    CategoryId, DatedPolicy, Day, Operation, PurposeId, Reason, RecordState, UseId,
};
use gantry_store::{BASE, Hash, Id, RecordKey, RecordRow};
use gantry_vault::{ContactKey, Form, Opened, Place, ReadyKey, Vault, seal};
use indexmap::IndexMap;
use rand::CryptoRng;

use crate::audit::About as Whom;
use crate::body::{self, MAX_BODY};
use crate::door::{Denial, Desk, Permit};
use crate::error::{EngineError, FieldFault};
use crate::session::Identified;
use crate::value;

/// At most this many characters in the name of a source.
const MAX_SOURCE: usize = 64;

/// Holds the name of a source against what it may be: it is kept in the clear beside the record,
/// so that it is a word for a system or a list, and no sentence about somebody.
pub fn check_source(source: &str) -> Result<(), EngineError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    if !source.is_empty() && source.len() <= MAX_SOURCE && source.chars().all(allowed) {
        return Ok(());
    }
    let fault = "is not a word of at most 64 letters, digits and `-_.:`; hint: name the system or \
                 the list it comes from, such as `trade-fair.2026`";
    Err(EngineError::invalid("source", fault))
}

/// Canonical values by field, in the order of the notice.
pub(crate) type Values = IndexMap<String, String>;

/// Where and when a record is: all of it but its fields.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) contact: Id,
    pub(crate) category: CategoryId,
    pub(crate) id: Id,
    pub(crate) at: i64,
    pub(crate) closed: Day,
    pub(crate) about: Option<(u8, Id)>,
    pub(crate) source: &'a str,
    /// From when on nobody may see it; `i64::MAX` if open.
    pub(crate) expires: i64,
    /// The use of it that was objected to.
    pub(crate) objected: Option<UseId>,
}

impl Frame<'_> {
    /// What decides about it, were it collected now for a purpose.
    pub(crate) fn state(&self, desk: &Desk) -> RecordState {
        RecordState {
            at: Day::of_millis(self.at),
            closed: self.closed,
            keep_until: last_day(self.expires),
            expired: false,
            objected: self.objected,
            collected_for: desk.purpose,
            version: desk.policy.policy().version(),
        }
    }
}

/// The day on which an instant lies from which on nobody may see a record.
fn last_day(expires: i64) -> Day {
    if expires == i64::MAX { Day::OPEN } else { Day::of_millis(expires) }
}

/// The use of a record that was objected to, as a store keeps it.
const NONE_OBJECTED: u16 = u16::MAX;

/// The same, as it decides.
fn objected(row: &RecordRow) -> Option<UseId> {
    (row.objected != NONE_OBJECTED).then_some(UseId(row.objected))
}

/// The state of a stored record that decides at an instant.
pub(crate) fn state_of(row: &RecordRow, now: i64) -> RecordState {
    RecordState {
        at: Day::of_millis(row.at),
        closed: Day(row.closed),
        keep_until: Day(row.keep_until).min(last_day(row.expires)),
        expired: row.expires <= now,
        objected: objected(row),
        collected_for: PurposeId(row.collected_for),
        version: row.notice,
    }
}

/// Holds texts against what the notice declares and the permit covers. A field that the notice does
/// not list is refused; a value of the wrong form is a fault; an empty text takes a value away.
pub(crate) fn check<'a>(
    session: &Identified,
    permit: &Permit,
    whom: Whom,
    texts: impl IntoIterator<Item = (&'a str, &'a str)>,
    before: Values,
) -> Result<Values, EngineError> {
    let policy = session.desk.policy.policy();
    let (lexicon, category) = (policy.lexicon(), permit.category());
    let declared = policy.category(category).ok_or(EngineError::Corrupt("an unknown category"))?;
    let name = lexicon.category_name(category);
    let had: Vec<&str> = required(declared).filter(|name| before.contains_key(*name)).collect();
    let mut given = before;
    let mut faults = Vec::new();
    for (field_name, text) in texts {
        let place = lexicon.field(category, field_name);
        let field = declared.fields.get(field_name);
        let place = place.filter(|place| permit.covers(*place));
        let (Some(_), Some(field)) = (place, field) else {
            return Err(refused_field(session, permit, whom, field_name));
        };
        if text.trim().is_empty() {
            given.shift_remove(field_name);
            continue;
        }
        match value::canonical(field, text) {
            Ok(value) => drop(given.insert(field_name.to_owned(), value)),
            Err(expected) => faults.push(FieldFault::new(
                format!("{name}.{field_name}"),
                format!("is not {expected}"),
            )),
        }
    }
    let collects = permit.operation() == Operation::Collect;
    // A record of before the notice required a field may stay as it is.
    let must = required(declared).filter(|field| collects || had.contains(field));
    faults.extend(must.filter(|field| !given.contains_key(*field)).map(|field| {
        FieldFault::new(format!("{name}.{field}"), "is missing, and a record must have it")
    }));
    if faults.is_empty() {
        Ok(in_order(declared, given))
    } else {
        Err(EngineError::Invalid(faults))
    }
}

fn required(declared: &Category) -> impl Iterator<Item = &str> {
    let required = declared.fields.iter().filter(|(_, field)| field.required);
    required.map(|(name, _)| name.as_str())
}

fn refused_field(session: &Identified, permit: &Permit, about: Whom, field: &str) -> EngineError {
    let denial = Denial {
        reason: Reason::NotInNotice,
        operation: permit.operation(),
        about,
        category: Some(permit.category()),
        field: Some(field),
    };
    session.desk.deny(&session.engine.inner, denial)
}

fn in_order(declared: &Category, mut given: Values) -> Values {
    let place = |name: &String| declared.fields.get_index_of(name).unwrap_or(usize::MAX);
    given.sort_by(|a, _, b, _| place(a).cmp(&place(b)));
    given
}

/// How what is sealed of a record comes about.
pub(crate) enum Seal<'a> {
    /// With the contact's key.
    Anew(&'a ContactKey, &'a mut dyn CryptoRng),
    /// It is the same as before, at the same place.
    Kept(&'a [u8]),
}

/// Whether values of a category are the same in all that is sealed.
pub(crate) fn sealed_alike(declared: &Category, one: &Values, other: &Values) -> bool {
    let sealed = |values: &Values| -> Vec<(String, String)> {
        let of = |name: &str| declared.fields.get(name).is_none_or(|field| field.sealed);
        let pairs = values.iter().filter(|(name, _)| of(name));
        pairs.map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    sealed(one) == sealed(other)
}

/// Packs and seals values into the row that the store keeps.
pub(crate) fn compose(
    desk: &Desk,
    frame: &Frame<'_>,
    values: &Values,
    seal_with: Seal<'_>,
) -> Result<RecordRow, EngineError> {
    let policy = desk.policy.policy();
    let declared =
        policy.category(frame.category).ok_or(EngineError::Corrupt("an unknown category"))?;
    let is_sealed = |name: &str| declared.fields.get(name).is_none_or(|field| field.sealed);
    let pairs = || values.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let open = body::encode(pairs().filter(|(name, _)| !is_sealed(name)));
    let plain = zeroize::Zeroizing::new(body::encode(pairs().filter(|(name, _)| is_sealed(name))));
    if open.len() + plain.len() > MAX_BODY {
        let name = policy.lexicon().category_name(frame.category);
        return Err(EngineError::invalid(name, "is larger than 256 KiB"));
    }
    let place = Place { contact: frame.contact, category: frame.category.0, record: frame.id };
    let sealed = match seal_with {
        _ if plain.is_empty() => Vec::new(),
        Seal::Kept(sealed) => sealed.to_vec(),
        Seal::Anew(key, random) => seal(key, place, &plain, random)
            .map_err(|_| EngineError::invalid("fields", "are too large to be sealed"))?,
    };
    let state = frame.state(desk);
    Ok(RecordRow {
        key: RecordKey { contact: frame.contact, category: frame.category.0, id: frame.id },
        edition: BASE,
        version: 1,
        at: frame.at,
        closed: state.closed.0,
        keep_until: Day::OPEN.0,
        expires: frame.expires,
        objected: frame.objected.map_or(NONE_OBJECTED, |used| used.0),
        collected_for: state.collected_for.0,
        notice: state.version,
        source: frame.source.to_owned(),
        about: frame.about,
        open,
        sealed,
    })
}

/// The bytes of a stored record, opened.
pub(crate) struct OpenRecord<'a> {
    open: &'a [u8],
    sealed: Option<Opened>,
}

impl<'a> OpenRecord<'a> {
    /// Opens what is sealed in a row. Whoever asks holds a permit for it.
    pub(crate) fn of(
        row: &'a RecordRow,
        key: Option<&ContactKey>,
        _permit: &Permit,
    ) -> Result<OpenRecord<'a>, EngineError> {
        Self::for_index(row, key)
    }

    /// The same with a key that is set up for many records.
    pub(crate) fn of_many(
        row: &'a RecordRow,
        key: Option<&ReadyKey>,
        _permit: &Permit,
    ) -> Result<OpenRecord<'a>, EngineError> {
        Self::opened(row, key)
    }

    /// Opens a row to keep look-ups right; nothing of it leaves the engine.
    pub(crate) fn for_index(
        row: &'a RecordRow,
        key: Option<&ContactKey>,
    ) -> Result<OpenRecord<'a>, EngineError> {
        let key = key.filter(|_| !row.sealed.is_empty()).map(ContactKey::ready);
        Self::opened(row, key.as_ref())
    }

    fn opened(row: &'a RecordRow, key: Option<&ReadyKey>) -> Result<OpenRecord<'a>, EngineError> {
        let sealed = if row.sealed.is_empty() {
            None
        } else {
            let unreadable = || EngineError::Unreadable { what: "record".to_owned() };
            let key = key.ok_or_else(unreadable)?;
            let place =
                Place { contact: row.key.contact, category: row.key.category, record: row.key.id };
            Some(key.open(place, &row.sealed).map_err(|_| unreadable())?)
        };
        Ok(OpenRecord { open: &row.open, sealed })
    }

    /// What was sealed, opened.
    pub(crate) fn into_sealed(self) -> Option<Opened> {
        self.sealed
    }

    /// Its fields, those in the clear first.
    pub(crate) fn fields(&self) -> Result<impl Iterator<Item = (&str, &str)>, EngineError> {
        const CORRUPT: EngineError = EngineError::Corrupt("the body of a record");
        let open = body::decode(self.open).ok_or(CORRUPT)?;
        let sealed = self.sealed.as_ref().map_or(&[][..], |sealed| sealed.as_slice());
        let sealed = body::decode(sealed).ok_or(CORRUPT)?;
        Ok(open.into_iter().chain(sealed))
    }

    /// Its fields, to be changed.
    pub(crate) fn values(&self) -> Result<Values, EngineError> {
        Ok(self.fields()?.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

/// How a field is looked up: form and label of its hashes.
pub(crate) fn look<'a>(
    category: &str,
    name: &str,
    field: &Field,
) -> Option<(Form, std::borrow::Cow<'a, str>)> {
    let search = field.search?;
    Some(match (&field.kind, search) {
        (_, Search::Words) => (Form::Words, "words".into()),
        (FieldKind::Email, Search::Exact) => (Form::Email, "email".into()),
        (FieldKind::Phone, Search::Exact) => (Form::Phone, "phone".into()),
        (_, Search::Exact) => (Form::Exact, format!("{category}.{name}").into()),
    })
}

/// The hashes by which a record's contact is found.
pub(crate) fn hashes<'a>(
    vault: &Vault,
    policy: &DatedPolicy,
    category: CategoryId,
    fields: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Vec<Hash> {
    let category_name = policy.policy().lexicon().category_name(category);
    let Some(declared) = policy.policy().category(category) else { return Vec::new() };
    let mut hashes = Vec::new();
    for (name, value) in fields {
        if let Some(field) = declared.fields.get(name)
            && let Some((form, label)) = look(category_name, name, field)
        {
            hashes.extend(vault.lookup().stored(form, &label, value));
        }
    }
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}
