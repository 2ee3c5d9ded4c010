//! Contacts matched by e-mail address: whoever is found by its hash must have it still.
//!
//! A hash that an import has staged stays when the address changes, and an address may pass to
//! somebody else: what is matched is compared, so that nobody's row is written to another.

use std::collections::{BTreeMap, BTreeSet};

use gantry_notice::CategoryId;
use gantry_notice::model::FieldKind;
use gantry_store::{Hash, Id, RecordKey, RecordRow, Space, Target};

use crate::engine::{keyless, must_be_destroyed};
use crate::error::EngineError;
use crate::import::Import;
use crate::record::OpenRecord;

/// Records of one contact and category in which an address is looked for, at most.
const RECORDS: usize = 1_000;

/// Settles for whom the addresses stand by which the rows at hand name contacts.
pub(super) async fn confirm(import: &mut Import<'_>) -> Result<(), EngineError> {
    let asked = import.names.addresses();
    if asked.is_empty() {
        return Ok(());
    }
    let ids: BTreeSet<Id> = asked.iter().flat_map(|(_, _, ids)| ids).copied().collect();
    let known = addresses_of(import, ids.into_iter().collect()).await?;
    for (hash, address, ids) in asked {
        let address = gantry_vault::email(&address);
        let has = |id: &&Id| {
            let mine = known.get(*id).into_iter().flatten();
            mine.clone().any(|mine| Some(mine) == address.as_ref())
        };
        let mut holder = ids.iter().find(has).copied();
        if holder.is_none() {
            // One that came under this address, which the notice did not let in.
            for id in ids.iter().filter(|id| !known.contains_key(*id)) {
                if came_under(import, id, &hash).await? {
                    holder = Some(*id);
                    break;
                }
            }
        }
        import.names.confirm(hash, holder.map(Target::Contact));
    }
    Ok(())
}

async fn came_under(import: &Import<'_>, id: &Id, hash: &Hash) -> Result<bool, EngineError> {
    let key = [id.as_slice(), hash.as_slice()].concat();
    Ok(import.store.entry(Space::Import, &key).await?.is_some())
}

/// The addresses that contacts have, of those who have any.
async fn addresses_of(
    import: &Import<'_>,
    ids: Vec<Id>,
) -> Result<BTreeMap<Id, BTreeSet<String>>, EngineError> {
    let policy = import.session.desk.policy.policy();
    let vault = &import.session.engine.inner.vault;
    let with_address = policy.lexicon().categories().filter_map(|id| {
        let declared = policy.category(id)?;
        let mut kinds = declared.fields.values().map(|field| &field.kind);
        kinds.any(|kind| *kind == FieldKind::Email).then_some((id, declared.single))
    });
    let mut rows: Vec<RecordRow> = Vec::new();
    for (category, single) in with_address.collect::<Vec<(CategoryId, bool)>>() {
        if single {
            let key = |id: &Id| RecordKey { contact: *id, category: category.0, id: *id };
            let keys: Vec<RecordKey> = ids.iter().map(key).collect();
            rows.extend(import.store.records_at(&keys).await?.value.into_iter().flatten());
        } else {
            for id in &ids {
                let found = import.store.records(*id, Some(category.0), None, RECORDS).await?;
                rows.extend(found.value);
            }
        }
    }
    // Contacts first: their keys were there before them.
    let rows_of = import.store.contacts(&ids).await?.value;
    let wrapped = import.store.keys(&ids).await?;
    must_be_destroyed(&import.store, &keyless(&rows_of, &wrapped)).await?;
    let wrapped = ids.iter().zip(wrapped);
    let keys: BTreeMap<Id, _> = wrapped
        .filter_map(|(id, wrapped)| Some((*id, vault.unwrap(id, &wrapped?).ok()?)))
        .collect();
    let mut addresses: BTreeMap<Id, BTreeSet<String>> = BTreeMap::new();
    for row in &rows {
        let Some(declared) = policy.category(CategoryId(row.key.category)) else { continue };
        let Some(key) = keys.get(&row.key.contact) else { continue };
        for (name, value) in OpenRecord::for_index(row, Some(key))?.fields()? {
            let kind = declared.fields.get(name).map(|field| &field.kind);
            if kind == Some(&FieldKind::Email) {
                let mine = addresses.entry(row.key.contact).or_default();
                mine.extend(gantry_vault::email(value));
            }
        }
    }
    Ok(addresses)
}
