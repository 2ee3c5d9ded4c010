//! Business objects added and changed: held against what the notice declares of their kind.

use gantry_notice::model::{Belongs, ObjectKind};
use gantry_notice::{Day, KindId, Operation};
use gantry_store::{BASE, Batch, Expect, Id, ObjectRow, Target, Write};
use indexmap::IndexMap;
use uuid::Uuid;

use crate::audit::About as Whom;
use crate::body;
use crate::draft::{ObjectDraft, ObjectView};
use crate::error::{EngineError, FieldFault};
use crate::record::Values;
use crate::session::change::moment;
use crate::session::identified::Identified;
use crate::session::lookup::{object_hashes, person_hash};
use crate::value;

impl Identified {
    /// Adds an object.
    pub async fn add_object(
        &self,
        kind: &str,
        draft: &ObjectDraft,
    ) -> Result<ObjectView, EngineError> {
        let kind_id = self.may(kind, Operation::Collect)?;
        let inner = &self.engine.inner;
        let now = inner.clock.now();
        let declared = self.declared(kind)?;
        let row = ObjectRow {
            kind: kind_id.0,
            id: *inner.entropy.id(now).as_bytes(),
            edition: BASE,
            version: 0,
            created: now,
            at: now,
            company: None,
            part_of: None,
            person: None,
            state: declared.states.first().cloned().unwrap_or_default(),
            closed: i32::MAX,
            body: Vec::new(),
        };
        let row = self.changed_object(kind, declared, row, draft).await?;
        if row.company.is_none() && declared.company == Belongs::Required {
            return Err(EngineError::invalid("company", "is missing, and the notice requires it"));
        }
        self.put_object(kind_id, row, None, Operation::Collect).await
    }

    /// Changes an object. With a version, only if it still has it.
    pub async fn change_object(
        &self,
        kind: &str,
        id: Uuid,
        draft: &ObjectDraft,
        version: Option<i64>,
    ) -> Result<ObjectView, EngineError> {
        let kind_id = self.may(kind, Operation::Change)?;
        self.retried(|| async {
            let before = self.object_there(kind, kind_id, id, Operation::Change).await?;
            self.may_see(&before, kind, Operation::Change).await?;
            if let Err(reason) = self.may_read(&before).await? {
                let whom = Whom::Object(kind_id.0, before.id);
                return self.refuse(reason, None, Operation::Change, whom);
            }
            if version.is_some_and(|version| version != before.version) {
                return Err(EngineError::Conflict { what: kind.to_owned() });
            }
            let declared = self.declared(kind)?;
            let row = self.changed_object(kind, declared, before.clone(), draft).await?;
            self.put_object(kind_id, row, Some(&before), Operation::Change).await
        })
        .await
    }

    async fn changed_object(
        &self,
        kind: &str,
        declared: &ObjectKind,
        mut row: ObjectRow,
        draft: &ObjectDraft,
    ) -> Result<ObjectRow, EngineError> {
        if let Some(at) = &draft.at {
            row.at = moment(at).ok_or_else(|| {
                EngineError::invalid("at", "is not an instant or a day (ISO 8601)")
            })?;
        }
        if let Some(company) = draft.company {
            if declared.company == Belongs::None {
                return Err(EngineError::invalid("company", "this kind belongs to no company"));
            }
            row.company = Some(self.company(company).await?.id);
        }
        if let Some(whole) = draft.part_of {
            row.part_of = Some(self.whole(declared, whole).await?);
        }
        if let Some(person) = draft.person {
            let (id, change) = (*person.as_bytes(), Operation::Change);
            let known = self.known(id, change).await?;
            if let Err(reason) = self.desk.visible(&known.state) {
                return self.refuse(reason, None, change, Whom::One(id));
            }
            row.person = Some(*person.as_bytes());
        }
        if let Some(state) = &draft.state {
            set_state(declared, &mut row, state, self.desk.policy.today())?;
        }
        let before =
            body::decode(&row.body).ok_or(EngineError::Corrupt("the body of an object"))?;
        let before = before.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let values = object_values(kind, declared, before.collect(), &draft.fields)?;
        row.body = body::encode(values.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        Ok(row)
    }

    async fn whole(&self, declared: &ObjectKind, id: Uuid) -> Result<Id, EngineError> {
        let kind = declared.part_of.as_deref();
        let kind = kind.and_then(|kind| self.desk.policy.policy().lexicon().kind(kind));
        let kind =
            kind.ok_or_else(|| EngineError::invalid("part_of", "this kind is part of nothing"))?;
        let row = self.object_row(kind, *id.as_bytes()).await?;
        row.map(|row| row.id)
            .ok_or_else(|| EngineError::invalid("part_of", "is not the id of such an object"))
    }

    async fn put_object(
        &self,
        kind: KindId,
        mut row: ObjectRow,
        before: Option<&ObjectRow>,
        operation: Operation,
    ) -> Result<ObjectView, EngineError> {
        let inner = &self.engine.inner;
        let expects = vec![Expect::Object(kind.0, row.id, row.version)];
        row.version += 1;
        // An import's edition ended when it was published.
        row.edition = BASE;
        let name = self.desk.policy.policy().lexicon().kind_name(kind).to_owned();
        let declared = self.declared(&name)?;
        let target = Target::Object(kind.0, row.id);
        let new = object_hashes(&inner.vault, &name, declared, &row.body);
        let old = before.map(|row| object_hashes(&inner.vault, &name, declared, &row.body));
        let old = old.unwrap_or_default();
        let mut writes = Vec::new();
        let (mut new, mut old) = (new, old);
        new.extend(row.person.map(|person| person_hash(&inner.vault, &person)));
        let person = before.and_then(|before| before.person);
        old.extend(person.map(|person| person_hash(&inner.vault, &person)));
        let added = new.iter().filter(|hash| !old.contains(hash));
        writes.extend(added.map(|hash| Write::Lookup(*hash, target)));
        let gone = old.iter().filter(|hash| !new.contains(hash));
        writes.extend(gone.map(|hash| Write::Unlook(*hash, target)));
        if before.is_some_and(|before| before.closed != row.closed) {
            writes.push(Write::Close { kind: kind.0, id: row.id, day: row.closed });
        }
        writes.push(Write::Object(row.clone()));
        let batch = Batch { expects, writes, ..Batch::default() };
        self.commit(batch, operation, Vec::new(), Whom::Object(kind.0, row.id)).await?;
        let read = self.may_read(&row).await?;
        self.object_view(&row, read)
    }
}

/// Holds the state against the declared ones, and notes the day of closing.
pub(crate) fn set_state(
    declared: &ObjectKind,
    row: &mut ObjectRow,
    state: &str,
    today: Day,
) -> Result<(), EngineError> {
    if !declared.states.iter().any(|known| known == state) {
        return Err(EngineError::invalid("state", "is not a state of this kind in the notice"));
    }
    state.clone_into(&mut row.state);
    let closes = declared.closed.iter().any(|closed| closed == state);
    row.closed = match (closes, row.closed) {
        (false, _) => i32::MAX,
        (true, i32::MAX) => today.0,
        (true, day) => day,
    };
    Ok(())
}

/// Holds texts against the declared fields.
pub(crate) fn object_values(
    kind: &str,
    declared: &ObjectKind,
    mut values: Values,
    texts: &IndexMap<String, String>,
) -> Result<Values, EngineError> {
    let mut faults = Vec::new();
    for (name, text) in texts {
        let path = format!("{kind}.{name}");
        let Some(field) = declared.fields.get(name) else {
            faults.push(FieldFault::new(path, "is not listed in the notice"));
            continue;
        };
        if text.trim().is_empty() {
            values.shift_remove(name);
            continue;
        }
        match value::canonical(field, text) {
            Ok(value) => drop(values.insert(name.clone(), value)),
            Err(expected) => faults.push(FieldFault::new(path, format!("is not {expected}"))),
        }
    }
    for (name, field) in &declared.fields {
        if field.required && !values.contains_key(name) {
            faults.push(FieldFault::new(format!("{kind}.{name}"), "is missing"));
        }
    }
    if faults.is_empty() { Ok(values) } else { Err(EngineError::Invalid(faults)) }
}
