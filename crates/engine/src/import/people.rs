//! Contacts and their records of an import.

use std::collections::BTreeSet;
use std::sync::Arc;

use gantry_intake::{ContactDraft, Draft, FieldDraft, RecordDraft, Saying};
use gantry_notice::model::FieldKind;
use gantry_notice::{
    CategoryId, ContactState, Country, Day, Decision, Flags, Operation, Reason, RecordState,
};
use gantry_store::{ContactFilter, Id, RecordKey, RecordRow, Space, Target, Write};
use gantry_vault::{Address, ContactKey, Form};
use uuid::Uuid;

use crate::audit::About as Whom;
use crate::clock::id_of;
use crate::door::Permit;
use crate::error::{EngineError, FieldFault};
use crate::import::chunk::{Chunk, Person};
use crate::import::{Import, hear, things};
use crate::record::{self, Frame, OpenRecord, Seal, Values, state_of};
use crate::session::change::{happened, moment};

type Faults = Vec<FieldFault>;

/// The records that the rows are about, of contacts that are there already.
pub(super) fn keys(import: &Import<'_>, rows: &[Draft]) -> BTreeSet<RecordKey> {
    let lexicon = import.session.desk.policy.policy().lexicon();
    let mut keys = BTreeSet::new();
    for draft in rows {
        let owner = draft.contact.as_ref().and_then(|contact| import.names.contact(&contact.key));
        if let (Some(contact), Some(id)) = (&draft.contact, owner) {
            for field in &contact.fields {
                if let Some(category) = lexicon.category(&field.category) {
                    keys.insert(RecordKey { contact: id, category: category.0, id });
                }
            }
        }
        for record in &draft.records {
            let id = record.contact.as_ref().map_or(owner, |key| import.names.contact(key));
            if let (Some(id), Some(category)) = (id, lexicon.category(&record.category)) {
                keys.insert(record_key(import, id, category, record));
            }
        }
    }
    keys
}

/// Takes a contact. Answers its id, or none where the notice or an erasure keeps it out.
pub(super) async fn contact(
    import: &mut Import<'_>,
    chunk: &mut Chunk,
    draft: &ContactDraft,
) -> Result<Result<Option<Id>, Faults>, EngineError> {
    if suppressed(import, draft).await? {
        import.report.erased_before += 1;
        return Ok(Ok(None));
    }
    let company = draft.company.as_ref().and_then(|key| {
        let found = things::find(import, things::COMPANY, key);
        if found.is_none() {
            import.report.unresolve(things::COMPANY);
        }
        found.map(|(_, id)| id)
    });
    let (id, is_new) = match import.names.contact(&draft.key) {
        Some(id) if chunk.people.contains_key(&id) => (id, false),
        _ => match start(import, chunk, draft)? {
            Some(id) => (id, true),
            None => return Ok(Ok(None)),
        },
    };
    let erased = chunk.people.get(&id).is_some_and(|p| p.state.flags.any(Flags::ERASED));
    if erased {
        import.report.erased_before += 1;
        return Ok(Ok(None));
    }
    let trader = draft.sole_trader && !others_represent(import, company, id).await?;
    if draft.sole_trader && !trader {
        import.report.refuse("contact.sole_trader", "the company is represented by others");
    }
    let moves = told(import, chunk, draft, (id, is_new), (company, trader));
    let (faults, changes) = profile(import, chunk, id, &draft.fields)?;
    if !faults.is_empty() {
        return Ok(Err(faults));
    }
    let outcome = &mut import.report.contacts;
    match (is_new, changes) {
        (true, _) => outcome.added += 1,
        (false, true) => outcome.changed += 1,
        (false, false) if moves => outcome.changed += 1,
        (false, false) => outcome.unchanged += 1,
    }
    Ok(Ok(Some(id)))
}

/// Whether others represent a company already: then it is no sole trader's.
async fn others_represent(
    import: &Import<'_>,
    company: Option<Id>,
    id: Id,
) -> Result<bool, EngineError> {
    if company.is_none() {
        return Ok(false);
    }
    let filter = ContactFilter { company, ..ContactFilter::default() };
    let store = &import.session.engine.inner.store;
    let found = store.contact_page(filter, None, 2).await?.value;
    Ok(found.iter().any(|row| row.id != id))
}

/// Takes what a row tells of a contact beside its data: what it said, whom it represents. Says
/// whether the link to the company of one that is there already changes.
fn told(
    import: &mut Import<'_>,
    chunk: &mut Chunk,
    draft: &ContactDraft,
    (id, is_new): (Id, bool),
    (company, trader): (Option<Id>, bool),
) -> bool {
    for said in &draft.said {
        *import.report.said.entry(saying(said.what)).or_default() += 1;
    }
    let Some(person) = chunk.person_mut(&id) else { return false };
    let stays = person.new || company == person.company;
    let operation = if stays { Operation::Collect } else { Operation::Change };
    let linked = import.session.desk.links_companies(operation, &person.state);
    let company = match (company, linked) {
        (Some(_), Err(reason)) => {
            import.report.refuse("contact.company", reason.id());
            None
        }
        (company, _) => company,
    };
    let mut moves = false;
    if person.new {
        // A new one was told of what was said when it was started.
        if !is_new {
            draft.said.iter().for_each(|said| hear(&mut person.state, said.what));
            consent(import, &mut person.state, draft);
        }
        person.company = company.or(person.company);
        if trader {
            person.state.flags.set(Flags::SOLE_TRADER, true);
        }
        person.changed = true;
    } else {
        consented_before(import, &person.state, draft);
        // What the same source writes further on is decided on it, too.
        draft.said.iter().for_each(|said| hear(&mut person.state, said.what));
        let represented = person.company;
        let later = chunk.later_of(import, id);
        moves = company.is_some_and(|new| later.company.or(represented) != Some(new));
        later.said.extend(draft.said.iter().map(|said| said.what));
        later.company = company.or(later.company);
        later.sole_trader |= trader;
    }
    if let (true, Some(company)) = (trader, company) {
        things::make_personal(import, chunk, company, id);
    }
    moves
}

/// Takes a record: of the row's own contact, or of another.
pub(super) fn record(
    import: &mut Import<'_>,
    chunk: &mut Chunk,
    owner: Option<Id>,
    draft: &RecordDraft,
) -> Result<Faults, EngineError> {
    let policy = Arc::clone(&import.session.desk.policy);
    let Some(category) = policy.policy().lexicon().category(&draft.category) else {
        import.report.refuse(&draft.category, Reason::NotInNotice.id());
        return Ok(Vec::new());
    };
    let contact = draft.contact.as_ref().map_or(owner, |key| import.names.contact(key));
    let Some(contact) = contact.filter(|id| chunk.people.contains_key(id)) else {
        import.report.unresolve("contact");
        return Ok(Vec::new());
    };
    let at = match draft.at.as_deref().map(|at| happened(at, chunk.now)) {
        None => chunk.now,
        Some(Some(at)) => at,
        Some(None) => {
            let field = format!("{}.at", draft.category);
            return Ok(vec![FieldFault::new(
                field,
                "is not an instant or a day from 1900 on that has come",
            )]);
        }
    };
    let mut frame = Frame {
        contact,
        category,
        id: record_key(import, contact, category, draft).id,
        at,
        closed: Day::of_millis(at),
        about: None,
        source: &import.source.clone(),
        expires: i64::MAX,
        objected: None,
    };
    if let Some(about) = &draft.about {
        // A kind that the category cannot be about, or with which the purpose does not work.
        let declared = policy.policy().category(category);
        let fits =
            declared.is_some_and(|declared| declared.about.iter().any(|k| **k == *about.kind));
        let kind = policy.policy().lexicon().kind(&about.kind).filter(|_| fits);
        if !kind.is_some_and(|kind| import.session.desk.sees_kind(kind)) {
            let what = format!("{} about {}", draft.category, about.kind);
            import.report.refuse(&what, Reason::NotInNotice.id());
            return Ok(Vec::new());
        }
        let Some(key) = things::find(import, &about.kind, &about.key) else {
            import.report.unresolve(&about.kind);
            return Ok(Vec::new());
        };
        frame.about = Some(key);
        frame.closed = chunk.objects.get(&key).map_or(Day::OPEN, |row| Day(row.closed));
    }
    let fields = draft.fields.iter().map(|(name, value)| (&**name, value.as_str()));
    let written = put(import, chunk, &frame, &fields.collect::<Vec<_>>())?;
    match written {
        Ok(true) => {
            let day = Day::of_millis(at);
            if let Some(person) = chunk.person_mut(&contact).filter(|person| person.new) {
                let day = day.min(policy.today());
                person.state.last_activity = person.state.last_activity.max(day);
                person.changed = true;
            } else {
                let later = chunk.later_of(import, contact);
                later.last_activity = later.last_activity.max(Some(day));
            }
            Ok(Vec::new())
        }
        Ok(false) => Ok(Vec::new()),
        Err(faults) => Ok(faults),
    }
}

/// A new contact, if the notice lets in anything of it.
fn start(
    import: &mut Import<'_>,
    chunk: &mut Chunk,
    draft: &ContactDraft,
) -> Result<Option<Id>, EngineError> {
    let session = import.session;
    let policy = session.desk.policy.policy();
    let country = draft.country.unwrap_or(Country::NONE);
    let mut state = ContactState::new(country, policy.version());
    state.last_activity = Day::of_millis(chunk.now);
    draft.said.iter().for_each(|said| hear(&mut state, said.what));
    consent(import, &mut state, draft);
    let held_in = policy.regime(country).and_then(|(_, regime)| regime.held_in.as_deref());
    if held_in.is_some() && held_in != session.engine.inner.region.as_deref() {
        import.report.refuse("contact", Reason::HeldElsewhere.id());
        return Ok(None);
    }
    let collected =
        RecordState::new(session.desk.policy.today(), session.desk.purpose, policy.version());
    let mut first = None;
    let may = draft.fields.iter().any(|field| {
        let category = policy.lexicon().category(&field.category);
        let permit = category.ok_or(Reason::NotInNotice).and_then(|category| {
            let permit = session.desk.permit(category, Operation::Collect, &state, &collected)?;
            let place = policy.lexicon().field(category, &field.field);
            let listed = policy.category(category).is_some_and(|declared| {
                declared.single && declared.fields.contains_key(&*field.field)
            });
            let covered = listed && place.is_some_and(|place| permit.covers(place));
            if covered { Ok(()) } else { Err(Reason::NotInNotice) }
        });
        permit.map_err(|reason| first.get_or_insert(reason).id()).is_ok()
    });
    if !may {
        // Nothing of the row may be stored: a contact without any data is none.
        match first {
            Some(reason) => import.report.refuse("contact", reason.id()),
            None => import.report.refuse("contact", "the row says nothing of a person"),
        }
        return Ok(None);
    }
    let inner = &session.engine.inner;
    let id = *inner.entropy.id(chunk.now).as_bytes();
    let key = ContactKey::generate(&mut chunk.random);
    let wrapped = inner
        .vault
        .wrap(&id, &key, &mut chunk.random)
        .map_err(|_| EngineError::Corrupt("a key that cannot be wrapped"))?;
    chunk.writes.push(Write::Key(id, wrapped));
    if let Some(hash) = import.names.hash_of(&draft.key) {
        import.names.give(hash, Target::Contact(id));
        chunk.writes.push(Write::Lookup(hash, Target::Contact(id)));
        // By this its key is known once it is erased, and does not start it again.
        chunk.writes.push(Write::Entry(Space::Import, [id, hash].concat(), Vec::new()));
    }
    let person = Person {
        state,
        key: Some(key),
        version: 1,
        created: chunk.now,
        company: None,
        new: true,
        changed: true,
    };
    chunk.add_person(id, person);
    Ok(Some(id))
}

/// Notes the consents that a new contact comes with.
fn consent(import: &mut Import<'_>, state: &mut ContactState, draft: &ContactDraft) {
    let policy = import.session.desk.policy.policy();
    for name in &draft.consents {
        let purpose = policy.lexicon().purpose(name);
        match purpose.filter(|purpose| policy.purpose(*purpose).is_some()) {
            Some(purpose) => {
                state.consent(purpose.bit());
                *import.report.said.entry(format!("consents to {name}")).or_default() += 1;
            }
            None => {
                import.report.refuse(&format!("consent to {name}"), Reason::NotInNotice.id());
            }
        }
    }
}

/// Reports consents that a contact which is there already has not given here: it may have taken them
/// back since, so that only who handles requests writes them down.
fn consented_before(import: &mut Import<'_>, state: &ContactState, draft: &ContactDraft) {
    let lexicon = import.session.desk.policy.policy().lexicon();
    for name in &draft.consents {
        let given = lexicon.purpose(name).is_some_and(|one| state.consents & one.bit() != 0);
        if !given {
            import.report.refuse(&format!("consent to {name}"), "the contact is there already");
        }
    }
}

/// Writes a contact's profile, category by category. Says whether anything changed.
fn profile(
    import: &mut Import<'_>,
    chunk: &mut Chunk,
    id: Id,
    fields: &[FieldDraft],
) -> Result<(Faults, bool), EngineError> {
    let policy = Arc::clone(&import.session.desk.policy);
    let (mut faults, mut changes) = (Vec::new(), false);
    for group in fields.chunk_by(|a, b| a.category == b.category) {
        let Some(name) = group.first().map(|field| Arc::clone(&field.category)) else { continue };
        let single = policy.policy().notice().categories.get(&*name).is_some_and(|c| c.single);
        let Some(category) = policy.policy().lexicon().category(&name).filter(|_| single) else {
            import.report.refuse(&name, Reason::NotInNotice.id());
            continue;
        };
        let source = import.source.clone();
        let frame = Frame {
            contact: id,
            category,
            id,
            at: chunk.now,
            closed: Day::of_millis(chunk.now),
            about: None,
            source: &source,
            expires: i64::MAX,
            objected: None,
        };
        let fields: Vec<(&str, &str)> =
            group.iter().map(|field| (&*field.field, field.value.as_str())).collect();
        match put(import, chunk, &frame, &fields)? {
            Ok(changed) => changes |= changed,
            Err(more) => faults.extend(more),
        }
    }
    Ok((faults, changes))
}

/// Writes a record, unless it is there and the same. Says whether it wrote.
fn put(
    import: &mut Import<'_>,
    chunk: &mut Chunk,
    frame: &Frame<'_>,
    fields: &[(&str, &str)],
) -> Result<Result<bool, Faults>, EngineError> {
    let desk = &import.session.desk;
    let category_name = desk.policy.policy().lexicon().category_name(frame.category).to_owned();
    let key = RecordKey { contact: frame.contact, category: frame.category.0, id: frame.id };
    let before = chunk.records.get(&key).cloned();
    let Some(person) = chunk.people.get(&frame.contact) else { return Ok(Ok(false)) };
    let operation = if before.is_some() { Operation::Change } else { Operation::Collect };
    let state = before.as_ref().map_or_else(|| frame.state(desk), |row| state_of(row, chunk.now));
    let permit = match desk.permit(frame.category, operation, &person.state, &state) {
        Ok(permit) => permit,
        Err(reason) => {
            import.report.refuse(&category_name, reason.id());
            return Ok(Ok(false));
        }
    };
    let allowed: Vec<(&str, &str)> = covered(import, &permit, &category_name, fields);
    let desk = &import.session.desk;
    let contact_key = person.key.as_ref();
    let contact_key =
        contact_key.ok_or_else(|| EngineError::Unreadable { what: "contact".to_owned() })?;
    let old = match &before {
        Some(row) => OpenRecord::of(row, Some(contact_key), &permit)?.values()?,
        None => Values::new(),
    };
    let (session, whom) = (import.session, Whom::One(frame.contact));
    let allowed = allowed.iter().copied();
    let values = match record::check(session, &permit, whom, allowed, old.clone()) {
        Ok(values) => values,
        Err(EngineError::Invalid(faults)) => return Ok(Err(faults)),
        Err(error) => return Err(error),
    };
    let moved = |row: &RecordRow| row.about != frame.about;
    if before.is_none() && values.is_empty() {
        return Ok(Ok(false));
    }
    if before.as_ref().is_some_and(|row| !moved(row) && old == values) {
        import.report.records.unchanged += 1;
        return Ok(Ok(false));
    }
    let seal = Seal::Anew(contact_key, &mut chunk.random);
    let mut row = record::compose(desk, frame, &values, seal)?;
    if let Some(before) = &before {
        let making = import.made(before.edition)
            || chunk.written.contains(&key)
            || import.imagined.records.contains_key(&key);
        row.version = before.version + i64::from(!making);
        row.collected_for = before.collected_for;
        row.notice = before.notice;
        row.at = before.at;
        (row.expires, row.objected) = (before.expires, before.objected);
        row.source.clone_from(&before.source);
        import.report.records.changed += u64::from(!making);
    } else {
        import.report.records.added += 1;
    }
    if !person.new {
        let wrote = &mut chunk.later_of(import, frame.contact).wrote;
        if !wrote.contains(&(frame.category, operation)) {
            wrote.push((frame.category, operation));
        }
    }
    let desk = &import.session.desk;
    let vault = &import.session.engine.inner.vault;
    let given = values.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let hashes = record::hashes(vault, &desk.policy, frame.category, given);
    let target = Target::Contact(frame.contact);
    chunk.writes.extend(hashes.into_iter().map(|hash| Write::Lookup(hash, target)));
    chunk.categories.insert(frame.category.0);
    chunk.put_record(row);
    Ok(Ok(true))
}

/// The fields that the permit covers; the report says which it does not.
fn covered<'a>(
    import: &mut Import<'_>,
    permit: &Permit,
    category: &str,
    fields: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let policy = Arc::clone(&import.session.desk.policy);
    let lexicon = policy.policy().lexicon();
    let declared = policy.policy().category(permit.category());
    let mut allowed = Vec::new();
    for (name, value) in fields {
        let place = lexicon.field(permit.category(), name);
        let listed = declared.is_some_and(|declared| declared.fields.contains_key(*name));
        if listed && place.is_some_and(|place| permit.covers(place)) {
            allowed.push((*name, *value));
        } else {
            // What the notice lists and the permit does not cover is restricted for this contact.
            let ask = import.session.desk.ask(permit.category(), permit.operation());
            let in_notice = match policy.decide_notice(&ask) {
                Decision::Allow { fields, .. } => place.is_some_and(|place| fields.has(place)),
                Decision::Deny(_) => false,
            };
            let reason = if in_notice { Reason::Restricted } else { Reason::NotInNotice };
            import.report.refuse(&format!("{category}.{name}"), reason.id());
        }
    }
    allowed
}

/// Whether an address of the contact was erased before.
async fn suppressed(import: &Import<'_>, draft: &ContactDraft) -> Result<bool, EngineError> {
    let inner = &import.session.engine.inner;
    let notice = import.session.desk.policy.policy().notice();
    if let Some(hash) = import.names.hash_of(&draft.key)
        && inner.store.entry(Space::Suppressed, &hash).await?.is_some()
    {
        return Ok(true);
    }
    for field in &draft.fields {
        let declared = notice.categories.get(&*field.category);
        let declared = declared.and_then(|category| category.fields.get(&*field.field));
        if declared.is_none_or(|declared| declared.kind != FieldKind::Email) {
            continue;
        }
        if let Some(hash) = inner.vault.suppression(Address::Email(&field.value))
            && inner.store.entry(Space::Suppressed, &hash).await?.is_some()
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Where a record of a source lies: the same row of the same source is always the same record.
fn record_key(
    import: &Import<'_>,
    contact: Id,
    category: CategoryId,
    draft: &RecordDraft,
) -> RecordKey {
    let at = draft.at.as_deref().and_then(moment).unwrap_or(0);
    // Each part carries its length, so that no two records tell the same.
    let mut told = String::new();
    let mut tell = |parts: [&str; 2]| {
        for part in parts {
            told.push_str(&part.len().to_string());
            told.push(' ');
            told.push_str(part);
        }
    };
    if let Some(about) = &draft.about {
        tell([&about.kind, &about.key]);
    }
    if let Some(key) = &draft.key {
        tell(["key", key]);
    } else {
        tell(["at", &at.to_string()]);
        draft.fields.iter().for_each(|(name, value)| tell([name, value]));
    }
    let contact_text = Uuid::from_bytes(contact);
    let label = format!("{}/record {} {contact_text}", import.source, category.0);
    let hash = import.session.engine.inner.vault.lookup().hash(Form::Exact, &label, &told);
    let random = hash.first_chunk::<10>().copied().unwrap_or_default();
    RecordKey { contact, category: category.0, id: *id_of(at, &random).as_bytes() }
}

pub(super) fn saying(said: Saying) -> String {
    match said {
        Saying::ObjectsMarketing => "objects to direct marketing".to_owned(),
        Saying::ObjectsProfiling => "objects to profiling".to_owned(),
        Saying::Closed(channel) => format!("closes {}", channel.word()),
        Saying::OptedIn(channel) => format!("opted in to {}", channel.word()),
        Saying::NotOptedIn(channel) => format!("not opted in to {}", channel.word()),
        Saying::CustomerToday => "customer today".to_owned(),
    }
}
