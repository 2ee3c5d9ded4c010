//! Companies and other objects of an import.

use std::collections::BTreeSet;
use std::sync::Arc;

use gantry_intake::{CompanyDraft, Draft, ObjectDraft, ObjectRef};
use gantry_notice::model::{Belongs, ObjectKind};
use gantry_notice::{Day, KindId, Reason};
use gantry_store::{BASE, Id, ObjectRow, Target, Write};
use indexmap::IndexMap;

use crate::body;
use crate::error::FieldFault;
use crate::import::Import;
use crate::import::chunk::Chunk;
use crate::import::names::object_hash;
use crate::record::Values;
use crate::session::change::{happened, moment};
use crate::session::lookup::{number_hashes, object_hashes, person_hash};
use crate::session::object_change::{object_values, set_state};
pub(super) use crate::session::objects::COMPANY;

/// The objects that the rows name and that are there already.
pub(super) fn keys(import: &Import<'_>, rows: &[Draft]) -> BTreeSet<(u8, Id)> {
    let mut keys = BTreeSet::new();
    let mut add = |kind: &str, key: &str| keys.extend(find(import, kind, key));
    for draft in rows {
        if let Some(company) = &draft.company {
            add(COMPANY, &company.key);
        }
        for contact in draft.contact.iter().filter(|contact| contact.sole_trader) {
            if let Some(company) = &contact.company {
                add(COMPANY, company);
            }
        }
        for object in &draft.objects {
            add(&object.object.kind, &object.object.key);
        }
        for about in draft.records.iter().filter_map(|record| record.about.as_ref()) {
            add(&about.kind, &about.key);
        }
    }
    keys
}

/// The object that a source's key stands for.
pub(super) fn find(import: &Import<'_>, kind: &str, key: &str) -> Option<(u8, Id)> {
    let kind = import.session.desk.policy.policy().lexicon().kind(kind)?;
    let hash = object_hash(&import.session.engine.inner.vault, &import.source, kind, key)?;
    import.names.object(&hash).map(|id| (kind.0, id))
}

/// Takes a company.
pub(super) fn company(
    import: &mut Import<'_>,
    chunk: &mut Chunk,
    draft: &CompanyDraft,
) -> Vec<FieldFault> {
    object(
        import,
        chunk,
        &ObjectDraft {
            object: ObjectRef { kind: COMPANY.into(), key: draft.key.clone() },
            company: None,
            part_of: None,
            state: draft.state.clone(),
            at: None,
            closed: None,
            fields: draft.fields.clone(),
        },
    )
}

/// Takes an object.
pub(super) fn object(
    import: &mut Import<'_>,
    chunk: &mut Chunk,
    draft: &ObjectDraft,
) -> Vec<FieldFault> {
    let kind_name = Arc::clone(&draft.object.kind);
    let policy = Arc::clone(&import.session.desk.policy);
    let declared = policy.policy().notice().objects.get(&*kind_name);
    let kind = policy.policy().lexicon().kind(&kind_name);
    let (Some(declared), Some(kind)) = (declared, kind) else {
        import.report.refuse(&kind_name, Reason::NotInNotice.id());
        return Vec::new();
    };
    let before = find(import, &kind_name, &draft.object.key);
    if let Err(reason) = writable(import, chunk, &kind_name, before) {
        import.report.refuse(&kind_name, reason.id());
        return Vec::new();
    }
    let before = before.and_then(|key| chunk.objects.get(&key).cloned());
    match build(import, chunk, draft, (declared, kind), before.as_ref()) {
        Ok(row) => put(import, chunk, draft, declared, before.as_ref(), row),
        Err(faults) => return faults,
    }
    Vec::new()
}

fn build(
    import: &mut Import<'_>,
    chunk: &Chunk,
    draft: &ObjectDraft,
    (declared, kind): (&ObjectKind, KindId),
    before: Option<&ObjectRow>,
) -> Result<ObjectRow, Vec<FieldFault>> {
    let name = &draft.object.kind;
    let fault = |field: &str, text: &str| vec![FieldFault::new(format!("{name}.{field}"), text)];
    let mut row = before.cloned().unwrap_or_else(|| ObjectRow {
        kind: kind.0,
        id: *import.session.engine.inner.entropy.id(chunk.now).as_bytes(),
        edition: BASE,
        version: 0,
        created: chunk.now,
        at: chunk.now,
        company: None,
        part_of: None,
        person: None,
        state: declared.states.first().cloned().unwrap_or_default(),
        closed: i32::MAX,
        body: Vec::new(),
    });
    if let Some(at) = &draft.at {
        row.at = moment(at).ok_or_else(|| fault("at", "is not an instant or a day"))?;
    }
    link(import, draft, declared, &mut row)?;
    if let Some(state) = &draft.state {
        // A day of closing that is still to come would keep windows open for longer.
        let day = Day::of_millis(row.at).min(import.session.desk.policy.today());
        set_state(declared, &mut row, state, day)
            .map_err(|_| fault("state", "is not a state of this kind in the notice"))?;
    }
    if let Some(closed) = &draft.closed {
        let day = happened(closed, chunk.now).map(Day::of_millis);
        let day = day.ok_or_else(|| fault("closed", "is not a day that has come"))?;
        if row.closed == i32::MAX {
            return Err(fault("closed", "is given for a state in which this kind is not closed"));
        }
        row.closed = day.0;
    }
    let old = body::decode(&row.body).unwrap_or_default();
    let old: Values = old.into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    let mut texts = IndexMap::new();
    for (field, text) in &draft.fields {
        if declared.fields.contains_key(&**field) {
            texts.insert(field.to_string(), text.clone());
        } else {
            import.report.refuse(&format!("{name}.{field}"), Reason::NotInNotice.id());
        }
    }
    let values = object_values(name, declared, old, &texts).map_err(|error| match error {
        crate::error::EngineError::Invalid(faults) => faults,
        other => fault("", &other.to_string()),
    })?;
    let mut values = values;
    let place = |name: &String| declared.fields.get_index_of(name);
    values.sort_by(|a, _, b, _| place(a).cmp(&place(b)));
    row.body = body::encode(values.iter().map(|(n, v)| (n.as_str(), v.as_str())));
    Ok(row)
}

/// Notes to which company an object belongs, and what it is part of.
fn link(
    import: &mut Import<'_>,
    draft: &ObjectDraft,
    declared: &ObjectKind,
    row: &mut ObjectRow,
) -> Result<(), Vec<FieldFault>> {
    let name = &draft.object.kind;
    let fault = |field: &str, text: &str| vec![FieldFault::new(format!("{name}.{field}"), text)];
    if declared.company == Belongs::None && draft.company.is_some() {
        import.report.refuse(&format!("{name}.company"), Reason::NotInNotice.id());
    } else if let Some(company) = &draft.company {
        match find(import, COMPANY, company) {
            Some((_, id)) => row.company = Some(id),
            None => import.report.unresolve(COMPANY),
        }
    }
    if declared.company == Belongs::Required && row.company.is_none() {
        return Err(fault("company", "names no company that is there"));
    }
    if let Some(whole) = &draft.part_of {
        if declared.part_of.as_deref() != Some(&*whole.kind) {
            return Err(fault("part_of", "is not what this kind is part of in the notice"));
        }
        match find(import, &whole.kind, &whole.key) {
            Some((_, id)) => row.part_of = Some(id),
            None => return Err(fault("part_of", "names no object that is there")),
        }
    }
    Ok(())
}

/// Notes whose a sole trader's company is: from then on it is treated as personal.
pub(super) fn make_personal(import: &mut Import<'_>, chunk: &mut Chunk, company: Id, person: Id) {
    let kind = import.session.desk.policy.policy().lexicon().kind(COMPANY).map(|kind| kind.0);
    let Some(row) = kind.and_then(|kind| chunk.objects.get(&(kind, company))) else { return };
    if row.person == Some(person) {
        return;
    }
    // It hides the company from who may not see the person: that is a change of the company.
    if let Err(reason) = writable(import, chunk, COMPANY, Some((row.kind, row.id))) {
        import.report.refuse("contact.sole_trader", reason.id());
        return;
    }
    let mut row = row.clone();
    if row.person.is_some() {
        import.report.refuse("contact.sole_trader", "the company is another sole trader's");
        return;
    }
    let key = (row.kind, row.id);
    let making = import.made(row.edition)
        || chunk.built.contains(&key)
        || import.imagined.objects.contains_key(&key);
    row.person = Some(person);
    row.version += i64::from(!making);
    let hash = person_hash(&import.session.engine.inner.vault, &person);
    chunk.writes.push(Write::Lookup(hash, Target::Object(row.kind, row.id)));
    chunk.personal.insert(key, person);
    chunk.put_object(row);
}

/// Whether the purpose may write a kind of object, and the one at hand, if it is there already:
/// what is a sole trader's only where it may read that.
fn writable(
    import: &Import<'_>,
    chunk: &Chunk,
    kind: &str,
    key: Option<(u8, Id)>,
) -> Result<(), Reason> {
    let desk = &import.session.desk;
    let declared = desk.policy.policy().notice().objects.get(kind);
    let purpose = desk.purpose_name();
    if !declared.is_some_and(|declared| declared.write.iter().any(|name| name == purpose)) {
        return Err(Reason::OperationNotAllowed);
    }
    key.and_then(|key| chunk.unreadable.get(&key)).map_or(Ok(()), |reason| Err(*reason))
}

fn put(
    import: &mut Import<'_>,
    chunk: &mut Chunk,
    draft: &ObjectDraft,
    declared: &ObjectKind,
    before: Option<&ObjectRow>,
    mut row: ObjectRow,
) {
    let kind = &draft.object.kind;
    let key = (row.kind, row.id);
    // What this very import made is still being made.
    let making = before.is_some_and(|before| {
        import.made(before.edition)
            || chunk.built.contains(&key)
            || import.imagined.objects.contains_key(&key)
    });
    let outcome = import.report.objects.entry(kind.to_string()).or_default();
    if before == Some(&row) {
        outcome.unchanged += 1;
        return;
    }
    match before {
        None => outcome.added += 1,
        Some(_) if making => {}
        Some(_) => outcome.changed += 1,
    }
    if !making {
        row.version += 1;
    }
    let vault = &import.session.engine.inner.vault;
    let target = Target::Object(row.kind, row.id);
    let mut hashes = object_hashes(vault, kind, declared, &row.body);
    if before.is_none() {
        let own = object_hash(vault, &import.source, KindId(row.kind), &draft.object.key);
        if let Some(hash) = own {
            import.names.give(hash, target);
            hashes.push(hash);
        }
        if &**kind == COMPANY {
            chunk.companies.push((row.id, number_hashes(vault, kind, declared, &row.body)));
        }
    } else if let Some(before) = before {
        let old = object_hashes(vault, kind, declared, &before.body);
        hashes.retain(|hash| !old.contains(hash));
        if before.closed != row.closed {
            chunk.closed.insert(key);
        }
    }
    chunk.writes.extend(hashes.into_iter().map(|hash| Write::Lookup(hash, target)));
    chunk.put_object(row);
}
