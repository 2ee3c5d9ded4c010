//! A plan as statements: first what goes, then what is put.

use std::collections::BTreeSet;

use deadpool_postgres::ClientWrapper;
use uuid::Uuid;

use crate::error::StoreError;
use crate::postgres::group::Frame;
use crate::postgres::plan::{Facts, Plan};
use crate::postgres::read::uuid;
use crate::postgres::small::{space_number, tagged};
use crate::postgres::steps::{Param, Steps, borrowed, param};
use crate::postgres::table::{self, Cells, There};
use crate::row::{BASE, RecordKey, Revision, Space, Target};

/// What the plan says: first what goes, then what is put.
pub(super) fn steps<'p>(
    frame: &Frame<'_>,
    facts: &Facts,
    plan: &'p Plan,
    revised: bool,
) -> Steps<'p> {
    let mut steps = Steps::default();
    remove(frame, &mut steps, plan);
    if !revised {
        revise(frame, &mut steps, facts, plan);
    }
    let mut rows: (Vec<Cells<'_>>, Vec<Cells<'_>>) = (Vec::new(), Vec::new());
    for (contact, keep) in plan.contacts.values() {
        let there = facts.contacts.contains_key(&contact.id);
        part(&mut rows, there).push(table::contact(contact, *keep));
    }
    put(&mut steps, &table::CONTACT, std::mem::take(&mut rows), There::Replaced);
    for ((key, edition), record) in &plan.records {
        let layers = facts.records.get(key);
        let there = layers.is_some_and(|layers| layers.contains_key(edition));
        // Of who is not there the records were not looked for.
        let unknown = *edition == BASE && !facts.contacts.contains_key(&key.contact);
        part(&mut rows, there || unknown).push(table::record(record));
    }
    put(&mut steps, &table::RECORD, std::mem::take(&mut rows), There::Replaced);
    for ((key, edition), object) in &plan.objects {
        let layers = facts.objects.get(key);
        let there = layers.is_some_and(|layers| layers.contains_key(edition));
        part(&mut rows, there).push(table::object(object));
    }
    put(&mut steps, &table::OBJECT, std::mem::take(&mut rows), There::Replaced);
    for (hash, target, edition) in &plan.lookups {
        part(&mut rows, !is_new(facts, plan, target)).push(table::lookup(hash, target, *edition));
    }
    put(&mut steps, &table::LOOKUP, std::mem::take(&mut rows), There::Kept);
    for (edition, target) in &plan.staged {
        part(&mut rows, !is_new(facts, plan, target)).push(table::staged(*edition, target));
    }
    put(&mut steps, &table::STAGED, rows, There::Kept);
    write_entries(&mut steps, plan);
    let doomed = plan.doomed.iter().map(|(contact, keep)| table::doomed(contact, *keep));
    steps.put(&table::DOOMED, doomed.collect(), There::Replaced);
    layer(&mut steps, plan);
    steps
}

const REVISE: &str = "UPDATE record r \
    SET version = k.version, expires = k.expires, objected = k.objected, open = k.open \
    FROM unnest($1::uuid[], $2::smallint[], $3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[], \
        $7::integer[], $8::bytea[]) \
        AS k (contact, category, id, was, version, expires, objected, open) \
    WHERE r.contact = k.contact AND r.category = k.category AND r.id = k.id AND r.edition = 0 \
        AND r.version = k.was";
const REVISE_ONE: &str = "UPDATE record SET version = $4, expires = $5, objected = $6, open = $7 \
    WHERE contact = $1 AND category = $2 AND id = $3 AND edition = 0";

/// Changes records in their places: together, or each on its own shard.
fn revise<'p>(frame: &Frame<'_>, steps: &mut Steps<'p>, facts: &Facts, plan: &'p Plan) {
    if plan.revised.is_empty() {
        return;
    }
    if frame.spread || plan.revised.len() == 1 {
        for Revision { key, version, expires, objected, open } in plan.revised.values() {
            let rest = [param(version), param(expires), param(i32::from(*objected)), param(open)];
            steps.run(REVISE_ONE, one_key(key).into_iter().chain(rest).collect());
        }
        return;
    }
    steps.run(REVISE, revisions(facts, plan));
}

/// Changes records in their places as long as they have the versions that they are said to have. Says
/// how many had.
pub(super) async fn revise_expected(
    main: &ClientWrapper,
    facts: &Facts,
    plan: &Plan,
) -> Result<usize, StoreError> {
    let (statement, params) = (main.prepare_cached(REVISE).await?, revisions(facts, plan));
    let count = main.execute(&statement, &borrowed(&params)).await?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// The parameters of [`REVISE`].
fn revisions<'p>(facts: &Facts, plan: &'p Plan) -> Vec<Param<'p>> {
    let mut params = many_keys(plan.revised.keys());
    let was = |key| facts.records.get(key).and_then(|layers| layers.get(&BASE)).copied();
    params.push(param(plan.revised.keys().map(was).collect::<Vec<_>>()));
    let revised = || plan.revised.values();
    params.push(param(revised().map(|one| one.version).collect::<Vec<_>>()));
    params.push(param(revised().map(|one| one.expires).collect::<Vec<_>>()));
    params.push(param(revised().map(|one| i32::from(one.objected)).collect::<Vec<_>>()));
    params.push(param(revised().map(|one| one.open.as_slice()).collect::<Vec<_>>()));
    params
}

/// The key of a record as parameters.
fn one_key(key: &RecordKey) -> Vec<Param<'static>> {
    vec![param(uuid(&key.contact)), param(i16::from(key.category)), param(uuid(&key.id))]
}

/// Keys of records as parameters, an array for each column.
fn many_keys<'k, 'p>(keys: impl Iterator<Item = &'k RecordKey>) -> Vec<Param<'p>> {
    let (mut contacts, mut categories, mut ids) = (Vec::new(), Vec::new(), Vec::new());
    for key in keys {
        contacts.push(uuid(&key.contact));
        categories.push(i16::from(key.category));
        ids.push(uuid(&key.id));
    }
    vec![param(contacts), param(categories), param(ids)]
}

/// Whether nobody but this transaction has anything of a target: it makes the contact.
fn is_new(facts: &Facts, plan: &Plan, target: &Target) -> bool {
    matches!(target, Target::Contact(contact)
        if !facts.contacts.contains_key(contact) && plan.contacts.contains_key(contact))
}

/// Those that are not there yet, and those that may be.
fn part<'a, 'r>(
    rows: &'a mut (Vec<Cells<'r>>, Vec<Cells<'r>>),
    there: bool,
) -> &'a mut Vec<Cells<'r>> {
    if there { &mut rows.1 } else { &mut rows.0 }
}

fn put<'p>(
    steps: &mut Steps<'p>,
    table: &'static table::Table,
    (new, others): (Vec<Cells<'p>>, Vec<Cells<'p>>),
    there: There,
) {
    steps.put(table, new, There::Never);
    steps.put(table, others, there);
}

fn remove<'p>(frame: &Frame<'_>, steps: &mut Steps<'p>, plan: &'p Plan) {
    for contact in &plan.wiped {
        for sql in [
            "DELETE FROM record WHERE contact = $1",
            "DELETE FROM lookup WHERE tag = 0 AND id = $1",
        ] {
            steps.run(sql, vec![param(uuid(contact))]);
        }
    }
    remove_records(frame, steps, &plan.removed_records, "");
    remove_records(frame, steps, &plan.lifted_records, "AND r.edition > 0");
    for (kind, id) in &plan.lifted_objects {
        let sql = "DELETE FROM object WHERE kind = $1 AND id = $2 AND edition > 0";
        steps.run(sql, vec![param(i16::from(*kind)), param(uuid(id))]);
    }
    for (hash, target) in &plan.removed_lookups {
        let sql = "DELETE FROM lookup WHERE hash = $1 AND tag = $2 AND id = $3";
        let (tag, id) = tagged(target);
        steps.run(sql, vec![param(uuid(hash)), param(tag), param(id)]);
    }
    for ((kind, id), day) in &plan.closed {
        let sql = "UPDATE record SET closed = $3 WHERE about_kind = $1 AND about_id = $2";
        steps.run(sql, vec![param(i16::from(*kind)), param(uuid(id)), param(day)]);
    }
    for edition in &plan.published {
        steps.run("DELETE FROM pending WHERE edition = $1", vec![param(edition)]);
    }
}

/// Removes records, of which editions `which` says: together, or each on its own shard.
fn remove_records(
    frame: &Frame<'_>,
    steps: &mut Steps<'_>,
    keys: &BTreeSet<RecordKey>,
    which: &str,
) {
    if frame.spread || keys.len() == 1 {
        for key in keys {
            let this = "r.contact = $1 AND r.category = $2 AND r.id = $3";
            steps.run(format!("DELETE FROM record r WHERE {this} {which}"), one_key(key));
        }
    } else if !keys.is_empty() {
        let sql = format!(
            "DELETE FROM record r
             USING unnest($1::uuid[], $2::smallint[], $3::uuid[]) AS k (contact, category, id)
             WHERE r.contact = k.contact AND r.category = k.category AND r.id = k.id {which}"
        );
        steps.run(sql, many_keys(keys.iter()));
    }
}

/// Entries that must not be there are put so that this fails where they are, and removed again where
/// they are only expected.
fn write_entries<'p>(steps: &mut Steps<'p>, plan: &'p Plan) {
    let mut new: Vec<Cells<'_>> = Vec::new();
    let mut others: Vec<Cells<'_>> = Vec::new();
    let mut gone: Vec<&(Space, Vec<u8>)> = Vec::new();
    for place in &plan.absent {
        let value = plan.entries.get(place).and_then(Option::as_deref);
        new.push(table::entry(place, value.unwrap_or_default()));
        if value.is_none() {
            gone.push(place);
        }
    }
    for (place, value) in plan.entries.iter().filter(|(place, _)| !plan.absent.contains(*place)) {
        match value {
            Some(value) => others.push(table::entry(place, value)),
            None => gone.push(place),
        }
    }
    put(steps, &table::ENTRY, (new, others), There::Replaced);
    for (space, key) in gone {
        let sql = "DELETE FROM entry WHERE space = $1 AND key = $2";
        steps.run(sql, vec![param(space_number(*space)), param(key)]);
    }
}

/// Remembers that targets have rows of several editions at one place. Whichever of those that are
/// not settled is published last cleans up.
fn layer(steps: &mut Steps<'_>, plan: &Plan) {
    if plan.layered.is_empty() {
        return;
    }
    let (tags, ids): (Vec<i16>, Vec<Uuid>) = plan.layered.iter().map(tagged).unzip();
    let sql = "WITH RECURSIVE unsettled (edition) AS (
            (SELECT edition FROM staged ORDER BY edition LIMIT 1)
            UNION ALL
            SELECT (SELECT s.edition FROM staged s WHERE s.edition > u.edition
                ORDER BY s.edition LIMIT 1)
            FROM unsettled u WHERE u.edition IS NOT NULL
         )
         UPDATE staged s SET layered = true
         FROM unsettled u, unnest($1::smallint[], $2::uuid[]) AS k (tag, id)
         WHERE s.edition = u.edition AND s.tag = k.tag AND s.id = k.id";
    steps.run(sql, vec![param(tags), param(ids)]);
}
