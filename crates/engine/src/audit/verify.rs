//! Verifying: every chain is recomputed from its first link, and held against the checkpoints.

use std::collections::BTreeSet;
use std::path::PathBuf;

use gantry_store::{Id, Store};
use gantry_vault::PublicKey;

use crate::audit::error::AuditError;
use crate::audit::lines::Lines;
use crate::audit::memory;
use crate::audit::report::Report;
use crate::audit::statements::Statements;
use crate::audit::walk::Walk;

/// Links read at once.
const PAGE: usize = 8;

/// Recomputes the chains of a store: sequences, hashes, entries; and holds them against the
/// checkpoints in `files`, which `key` must have signed for `store_id`. All files that the store
/// remembers must be among them; one that is not there has no checkpoints.
pub async fn verify(
    store: &Store,
    store_id: &Id,
    files: &[PathBuf],
    key: &PublicKey,
) -> Result<Report, AuditError> {
    let mut report = Report::default();
    // In this order, since files and chains may grow meanwhile: what the store remembers was in the
    // files before it did, and what was signed was in its chain before.
    let remembered = memory::all(store).await?;
    let mut statements = Statements::default();
    for path in files {
        statements.take(path, Lines::of(path)?, store_id, key, &mut report)?;
    }
    let mut signed = statements.end(&remembered, &mut report);
    let mut chains: BTreeSet<Id> = signed.keys().copied().collect();
    chains.extend(store.audit_heads().await?.iter().map(|head| head.chain));
    for chain in chains {
        let mut walk = Walk::new(chain, signed.remove(&chain).unwrap_or_default(), &mut report);
        loop {
            let links = store.audit_links(&chain, walk.reached(), PAGE).await?;
            if links.is_empty() {
                break;
            }
            for link in &links {
                walk.step(link);
            }
        }
        walk.end();
    }
    Ok(report)
}
