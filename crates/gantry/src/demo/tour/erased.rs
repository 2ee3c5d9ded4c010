//! The tour at an erasure: what was sealed does not open any more, wherever a copy of it lies.

use std::collections::BTreeSet;

use gantry_notice::Reason;
use gantry_store::{Id, RecordRow};
use gantry_vault::{ContactKey, Place, open};

use super::super::stage::{Stage, email};
use super::Step;
use super::people::{reason_of, words};
use crate::failure::Failure;
use crate::setup::Places;

/// Records looked at.
const MOST: usize = 1_000;

/// Promise 6.
pub(super) async fn erasure(stage: &Stage, places: &Places) -> Result<Step, Failure> {
    let mut step = Step::new("An erased contact's sealed bytes do not open any more");
    let key = &stage.dealings.cast.erased;
    let (id, address) = (stage.id_of(key).await?, email(stage.contact(key)?).to_owned());
    let contact = *id.as_bytes();
    let store = stage.house.engine.store();
    // As a backup would have them.
    let kept_aside: Vec<RecordRow> = store.records(contact, None, None, MOST).await?.value;
    let kept_aside: Vec<RecordRow> =
        kept_aside.into_iter().filter(|row| !row.sealed.is_empty()).collect();
    let before = opening(stage, contact, &kept_aside).await?;
    let all = kept_aside.len();
    step.check(
        "before, the contact's key opens all of them",
        format!("{before} of {all} open"),
        all > 0 && before == all,
    );
    let erased = stage.requests().await?.erase(id).await?;
    let kept: usize = erased.kept.iter().map(|kept| kept.records).sum();
    let purposes: BTreeSet<&str> = erased.kept.iter().map(|kept| kept.purpose.as_str()).collect();
    let purposes = Vec::from_iter(purposes).join(", ");
    step.check(
        "only what a law obliges to keep is kept, sealed anew",
        format!("{} deleted, {kept} kept for {purposes}", erased.deleted),
        erased.deleted > 0,
    );
    let after = opening(stage, contact, &kept_aside).await?;
    step.check(
        "the key is gone: of the bytes kept aside none opens",
        format!("{after} of {all} open"),
        after == 0,
    );
    let refused = reason_of(stage.identified("crm").await?.contact(id).await.map(drop));
    step.check("crm is told so", words(refused), refused == Some(Reason::Erased));
    let clear = in_clear(places, &address)?;
    step.check(
        "the store's files do not hold the address, and never did",
        format!("{clear} of the store's files hold it"),
        clear == 0,
    );
    Ok(step)
}

/// How many of the rows open with whatever key the store has for the contact.
async fn opening(stage: &Stage, contact: Id, rows: &[RecordRow]) -> Result<usize, Failure> {
    let wrapped = stage.house.engine.store().keys(&[contact]).await?;
    let Some(wrapped) = wrapped.into_iter().next().flatten() else { return Ok(0) };
    let key: ContactKey = match stage.house.vault.unwrap(&contact, &wrapped) {
        Ok(key) => key,
        Err(_) => return Ok(0),
    };
    let opens = |row: &&RecordRow| {
        let place = Place { contact, category: row.key.category, record: row.key.id };
        open(&key, place, &row.sealed).is_ok()
    };
    Ok(rows.iter().filter(opens).count())
}

/// How many of the store's files hold a text as it is.
fn in_clear(places: &Places, text: &str) -> Result<usize, Failure> {
    let Some(path) = places.store.path() else { return Ok(0) };
    let folder = path.parent().unwrap_or(path);
    let failed = |cause: std::io::Error| Failure::file("read", folder, &cause);
    let mut holding = 0;
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let bytes = std::fs::read(entry.map_err(failed)?.path()).map_err(failed)?;
        holding += usize::from(String::from_utf8_lossy(&bytes).contains(text));
    }
    Ok(holding)
}
