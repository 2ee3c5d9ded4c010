//! Copying a store to another place, of any kind: rows as they are. It opens nothing that is sealed,
//! and needs no key.
//!
//! Tables are copied one after the other, in pages by rising key, each page in a transaction. What the
//! copy has is so known from its highest keys, and one that was stopped goes on after them, as long as
//! the store it is made of stands where it stood; else it begins anew. In the end both sides are read
//! again and compared row by row, and the chains of the audit trail are recomputed. Only then the copy
//! becomes a store: before that [`Store::open`] refuses it.

mod moving;
mod proof;
mod side;
mod stand;
mod table;

use thiserror::Error;

use crate::error::StoreError;
use crate::location::Location;
use crate::store::{LinkHash, Setup, Store};
pub use moving::{Original, must_be_idle, reopen};
pub use proof::{ChainProof, TableProof};
use side::Side;
pub(crate) use stand::{End, Note, Stand};
use table::{ENTRY, TABLES};
pub(crate) use table::{Kind, Page, Row, Table, Value};

/// Under which the store keeps what it can be known by.
pub(crate) const STORE_ID: &[u8] = b"store";
/// Contacts and objects cleaned up at once.
const SETTLED: usize = 10_000;

/// What a copy came to.
#[derive(Clone, Debug)]
pub struct Copied {
    /// How it began.
    pub beginning: Beginning,
    /// Each table, and whether it is the same on both sides.
    pub tables: Vec<TableProof>,
    /// Each chain of the audit trail, recomputed on the copy.
    pub chains: Vec<ChainProof>,
}

/// How a copy began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// Where there was nothing.
    New,
    /// Where one before it was stopped.
    Resumed,
    /// With nothing again: the store has changed since another copy was stopped, or that copy was
    /// found to be unlike the store.
    Anew,
}

/// How far a copy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It has begun.
    Began(Beginning),
    /// So many rows of a table are copied, of so many.
    Copying(&'static str, u64, u64),
    /// So many rows of a table were compared, of so many.
    Comparing(&'static str, u64, u64),
    /// So many rows of a table were read, of so many.
    Reading(&'static str, u64, u64),
}

/// Why there is no copy.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CopyError {
    /// One of the stores failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something is being imported.
    #[error(
        "{imports} of the store are under way\n  hint: copy it when they have ended; what an import has left that was killed is cleared by the next one of the same source"
    )]
    Importing {
        /// How many imports.
        imports: usize,
    },
    /// Somebody wrote to the store while it was copied.
    #[error(
        "the store was changed while it was copied\n  hint: stop the programs that work with it, and copy it again"
    )]
    Changed,
    /// Somebody works with the store.
    #[error(
        "`{place}` is being worked with, by {by}\n  hint: stop what works with it; a node that was killed counts for thirty seconds"
    )]
    Working {
        /// The store.
        place: String,
        /// Who.
        by: String,
    },
    /// The place is an unfinished copy of something else.
    #[error(
        "`{place}` is an unfinished copy of another store\n  hint: name another place, or remove it yourself"
    )]
    OfAnother {
        /// What.
        place: String,
    },
}

impl Copied {
    /// Whether both sides are the same, and the chains of the audit trail hold. If not, the copy is
    /// no store.
    pub fn holds(&self) -> bool {
        self.tables.iter().all(|table| table.difference.is_none())
            && self.chains.iter().all(|chain| chain.fault.is_none())
    }
}

/// Copies a store to a place where there is nothing, or goes on where a copy was stopped, or over the
/// same store that was moved away from there. The store is only cleaned up after imports, and else not
/// changed, but that it is closed in the end where it moves; nobody else may change it meanwhile.
pub async fn copy(
    from: &Location,
    to: &Location,
    original: Original,
    setup: Setup,
    tell: &mut dyn FnMut(Progress),
) -> Result<Copied, CopyError> {
    let link_hash = setup.link_hash;
    moving::take_up(from, to).await?;
    settle(from, setup).await?;
    let source = Side::open(from).await?;
    let stand = source.stand().await?;
    if !stand.settled {
        return Err(CopyError::Changed);
    }
    let note = Note { source: identity(&source).await?, mark: stand.mark() };
    moving::make_room(to, &note).await?;
    let target = Side::claim(to).await?;
    let beginning = begin(&target, &note, to).await?;
    tell(Progress::Began(beginning));
    for table in TABLES {
        copy_table(&source, &target, table, tell).await?;
    }
    let (tables, chains) = proof::compare(&source, &target, link_hash, tell).await?;
    let copied = Copied { beginning, tables, chains };
    if source.stand().await? != stand {
        return Err(CopyError::Changed);
    }
    if copied.holds() {
        drop(source);
        if original == Original::Moves {
            moving::leave(from, to).await?;
        }
        target.finish(&stand).await?;
    } else {
        // Going on would not make it any better.
        target.set_note(&Note { mark: Vec::new(), ..note }).await?;
    }
    Ok(copied)
}

/// What all rows of a store come to, read once.
#[derive(Clone, Debug)]
pub struct Survey {
    /// Each table: how many rows, and their SHA-256, by which a copy can be known.
    pub tables: Vec<(&'static str, u64, [u8; 32])>,
    /// Each chain of the audit trail, recomputed.
    pub chains: Vec<ChainProof>,
}

/// Reads all rows of a store as they are.
pub async fn survey(
    of: &Location,
    link_hash: LinkHash,
    tell: &mut dyn FnMut(Progress),
) -> Result<Survey, StoreError> {
    proof::survey(&Side::open(of).await?, link_hash, tell).await
}

/// Cleans up after imports, so that each key has one row.
async fn settle(location: &Location, setup: Setup) -> Result<(), CopyError> {
    let store = Store::open(location, setup).await?;
    store.discard_abandoned().await?;
    let imports = store.pending().await?.len();
    if imports > 0 {
        return Err(CopyError::Importing { imports });
    }
    while store.settle(SETTLED).await? {}
    Ok(())
}

/// Which store it is: what whoever founded it has called it, under this entry.
async fn identity(side: &Side) -> Result<Vec<u8>, StoreError> {
    let meta = Value::Number(i64::from(crate::row::Space::Meta as u8));
    let before = [meta.clone(), Value::Bytes(b"stor".to_vec())];
    for row in side.page(&ENTRY, &before).await? {
        if let [space, Value::Bytes(key), Value::Bytes(value)] = row.as_slice()
            && *space == meta
            && key == STORE_ID
        {
            return Ok(value.clone());
        }
    }
    Ok(Vec::new())
}

/// Finds out how the copy begins, and has the target ready for that.
async fn begin(target: &Side, note: &Note, place: &Location) -> Result<Beginning, CopyError> {
    let beginning = match target.note().await? {
        None => Beginning::New,
        Some(found) if found.source != note.source => {
            return Err(CopyError::OfAnother { place: place.to_string() });
        }
        Some(found) if found == *note => Beginning::Resumed,
        Some(_) => Beginning::Anew,
    };
    for table in TABLES {
        if beginning == Beginning::Anew || table.changes_silently {
            target.empty(table).await?;
        }
    }
    // Last, so that whoever is stopped before begins anew, too.
    target.set_note(note).await?;
    Ok(beginning)
}

async fn copy_table(
    source: &Side,
    target: &Side,
    table: &Table,
    tell: &mut dyn FnMut(Progress),
) -> Result<(), StoreError> {
    let (all, mut done) = (source.count(table).await?, target.count(table).await?);
    let mut after = target.last(table).await?;
    loop {
        tell(Progress::Copying(table.name, done, all));
        let rows = source.page(table, &after).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = table.key_of(last).to_vec();
        target.put(table, &rows).await?;
        done += u64::try_from(rows.len()).unwrap_or(0);
    }
}
