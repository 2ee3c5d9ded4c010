//! The tour's end: the audit trail is proved, and a copy with one byte changed is not.

use std::path::{Path, PathBuf};

use gantry_engine::Clock;
use gantry_engine::audit::{Report, verify};
use gantry_store::{Location, Store};

use super::super::stage::Stage;
use super::Step;
use crate::audit::{place, report};
use crate::failure::Failure;
use crate::setup::{Places, store_setup};

/// So many bytes of a link tell it from everything else in the file.
const MARK: usize = 24;

/// Promise 7.
pub(super) async fn one_byte(stage: &Stage, places: &Places) -> Result<Step, Failure> {
    let mut step = Step::new("The audit trail is proved, and one changed byte shows");
    let engine = &stage.house.engine;
    engine.tick(true).await?;
    let real = report(&stage.house, &[]).await?;
    step.check(
        "the trail holds, up to a signed checkpoint outside the store",
        summary(&real),
        real.holds() && real.entries > 0 && real.checkpoints > 0 && real.unproven == 0,
    );
    let path = copy(stage, places, "copy").await?;
    let untouched = verify_copy(stage, &path).await?;
    step.check("so does a copy of it", summary(&untouched), untouched.holds());
    let path = copy(stage, places, "changed").await?;
    let changed = change_one_byte(stage, &path).await?;
    let forged = verify_copy(stage, &path).await?;
    step.check(
        "with one byte changed it does not",
        format!("{changed} byte changed: {}", summary(&forged)),
        changed == 1 && !forged.holds(),
    );
    Ok(step)
}

fn summary(report: &Report) -> String {
    let answer = if report.holds() { "holds" } else { "does not hold" };
    let (entries, links, checkpoints) = (report.entries, report.links, report.checkpoints);
    let fault = report.faults.first();
    let fault = fault.map(|fault| format!("; {}: {}", place(&fault.about), fault.what));
    let fault = fault.unwrap_or_default();
    format!("{answer}: {entries} entries, {links} links, {checkpoints} checkpoints{fault}")
}

async fn copy(stage: &Stage, places: &Places, name: &str) -> Result<PathBuf, Failure> {
    let from = places.store.path().unwrap_or(Path::new("gantry.db"));
    let to = from.with_file_name(format!("{name}.db"));
    let store = stage.house.engine.store();
    store.copy_to(&to).await?;
    store.copy_keys_to(&to.with_file_name(format!("{name}.db.keys"))).await?;
    Ok(to)
}

async fn verify_copy(stage: &Stage, path: &Path) -> Result<Report, Failure> {
    let location = Location::Sqlite(path.to_path_buf());
    let store = Store::open(&location, store_setup(&Clock::System)).await?;
    let house = &stage.house;
    let files = [house.checkpoints.clone()];
    let verified = verify(&store, &house.store_id, &files, &house.vault.public_key()).await;
    verified.map_err(|error| Failure::Failed(error.to_string()))
}

/// Changes a byte in the first link of a chain, as it lies in the file. Says how many it changed.
async fn change_one_byte(stage: &Stage, path: &Path) -> Result<usize, Failure> {
    let store = stage.house.engine.store();
    let Some(head) = store.audit_heads().await?.into_iter().next() else { return Ok(0) };
    let links = store.audit_links(&head.chain, 0, 1).await?;
    let body = links.first().map(|link| link.body.as_slice()).unwrap_or_default();
    let Some(mark) = body.first_chunk::<MARK>() else { return Ok(0) };
    let mut bytes = std::fs::read(path).map_err(|cause| Failure::file("read", path, &cause))?;
    let place = bytes.windows(MARK).position(|window| window == mark);
    let Some(byte) = place.and_then(|place| bytes.get_mut(place + MARK - 1)) else { return Ok(0) };
    *byte ^= 1;
    std::fs::write(path, &bytes).map_err(|cause| Failure::file("write", path, &cause))?;
    Ok(1)
}
