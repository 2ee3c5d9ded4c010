//! The proof of a copy: both sides read again, row by row, and the audit trail recomputed.

use sha2::{Digest, Sha256};

use crate::copy::side::Side;
use crate::copy::table::{AUDIT, Row, TABLES, Table, Value, hash_rows};
use crate::copy::{Progress, Survey};
use crate::error::StoreError;
use crate::row::{Id, beginning};
use crate::store::LinkHash;

/// A table of both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableProof {
    /// Its name.
    pub table: &'static str,
    /// Rows of the store, and of the copy.
    pub rows: [u64; 2],
    /// SHA-256 of the rows in the order of their keys, of the store and of the copy, as far as they
    /// are the same and of the first page that is not.
    pub hashes: [[u8; 32]; 2],
    /// How they differ, and where.
    pub difference: Option<String>,
}

/// A chain of the audit trail of the copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainProof {
    /// The chain.
    pub chain: Id,
    /// How many links it has.
    pub links: u64,
    /// What is wrong with it.
    pub fault: Option<String>,
}

/// Compares all tables.
pub(super) async fn compare(
    source: &Side,
    target: &Side,
    link_hash: LinkHash,
    tell: &mut dyn FnMut(Progress),
) -> Result<(Vec<TableProof>, Vec<ChainProof>), StoreError> {
    let mut chains = Chains::new(link_hash);
    let mut proofs = Vec::new();
    for table in TABLES {
        proofs.push(compare_table(source, target, table, &mut chains, tell).await?);
    }
    Ok((proofs, chains.proofs))
}

/// Reads all tables of one side.
pub(super) async fn survey(
    side: &Side,
    link_hash: LinkHash,
    tell: &mut dyn FnMut(Progress),
) -> Result<Survey, StoreError> {
    let (mut tables, mut chains) = (Vec::new(), Chains::new(link_hash));
    for table in TABLES {
        let all = side.count(table).await?;
        let (mut after, mut done, mut hash) = (Vec::new(), 0, Sha256::new());
        loop {
            tell(Progress::Reading(table.name, done, all));
            let rows = side.page(table, &after).await?;
            let Some(last) = rows.last() else { break };
            hash_rows(&mut hash, &rows);
            if table.name == AUDIT.name {
                for link in &rows {
                    chains.step(link);
                }
            }
            done += u64::try_from(rows.len()).unwrap_or(0);
            after = table.key_of(last).to_vec();
        }
        tables.push((table.name, all, hash.finalize().into()));
    }
    Ok(Survey { tables, chains: chains.proofs })
}

async fn compare_table(
    source: &Side,
    target: &Side,
    table: &'static Table,
    chains: &mut Chains,
    tell: &mut dyn FnMut(Progress),
) -> Result<TableProof, StoreError> {
    let rows = [source.count(table).await?, target.count(table).await?];
    let mut hashes = [Sha256::new(), Sha256::new()];
    let [of_source, of_target] = &mut hashes;
    let (mut after, mut done) = (Vec::new(), 0);
    let difference = loop {
        tell(Progress::Comparing(table.name, done, rows.iter().copied().max().unwrap_or(0)));
        let ours = source.page(table, &after).await?;
        let theirs = target.page(table, &after).await?;
        hash_rows(of_source, &ours);
        hash_rows(of_target, &theirs);
        if table.name == AUDIT.name {
            for link in &theirs {
                chains.step(link);
            }
        }
        if let Some(difference) = difference(table, done, &ours, &theirs) {
            break Some(difference);
        }
        done += u64::try_from(ours.len()).unwrap_or(0);
        match ours.last() {
            Some(last) => after = table.key_of(last).to_vec(),
            // A row that has the key of another is passed over by both.
            None if rows != [done, done] => {
                break Some(format!(
                    "{done} of {} and {} rows have a key of their own",
                    rows[0], rows[1]
                ));
            }
            None => break None,
        }
    };
    let hashes = hashes.map(|hash| hash.finalize().into());
    Ok(TableProof { table: table.name, rows, hashes, difference })
}

/// The first row of a page that is not the same on both sides.
fn difference(table: &Table, before: u64, ours: &[Row], theirs: &[Row]) -> Option<String> {
    if ours == theirs {
        return None;
    }
    let same = ours.iter().zip(theirs).take_while(|(one, other)| one == other).count();
    let row = before + u64::try_from(same).unwrap_or(0) + 1;
    let what = match (ours.get(same), theirs.get(same)) {
        (Some(one), Some(other)) if table.key_of(one) == table.key_of(other) => {
            format!("is not what it was, at {}", place(table, one))
        }
        (Some(one), Some(other)) if key_is_less(table, other, one) => {
            format!("is one that the store does not have, at {}", place(table, other))
        }
        (Some(one), _) => format!("is missing, at {}", place(table, one)),
        (None, Some(other)) => {
            format!("is one that the store does not have, at {}", place(table, other))
        }
        (None, None) => "is another".to_owned(),
    };
    Some(format!("row {row} {what}"))
}

fn key_is_less(table: &Table, one: &Row, other: &Row) -> bool {
    let mut values = table.key_of(one).iter().zip(table.key_of(other));
    let first = values.find(|(one, other)| one != other);
    match first {
        Some((Value::Number(one), Value::Number(other))) => one < other,
        Some((Value::Bytes(one), Value::Bytes(other))) => one < other,
        _ => false,
    }
}

/// The key of a row: numbers, ids and names of entries, which name nobody.
fn place(table: &Table, row: &Row) -> String {
    let values = table.key().iter().zip(table.key_of(row)).map(|((name, _), value)| match value {
        Value::Number(number) => format!("{name} {number}"),
        Value::Bytes(bytes) => {
            let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{name} {}", digits.concat())
        }
        Value::Text(_) | Value::Nothing => (*name).to_owned(),
    });
    values.collect::<Vec<_>>().join(", ")
}

/// The chains as they are recomputed, link by link.
struct Chains {
    link_hash: LinkHash,
    proofs: Vec<ChainProof>,
    /// Of the last link.
    hash: [u8; 32],
}

impl Chains {
    fn new(link_hash: LinkHash) -> Chains {
        Chains { link_hash, proofs: Vec::new(), hash: [0; 32] }
    }

    fn step(&mut self, link: &Row) {
        let [
            Value::Bytes(chain),
            Value::Number(sequence),
            Value::Number(at),
            Value::Number(entries),
            Value::Bytes(previous),
            Value::Bytes(hash),
            Value::Bytes(body),
        ] = link.as_slice()
        else {
            return self.fault("a link is not what a link should be");
        };
        let (Ok(chain), Ok(entries)) = (Id::try_from(chain.as_slice()), u32::try_from(*entries))
        else {
            return self.fault("a link is not what a link should be");
        };
        if self.proofs.last().is_none_or(|last| last.chain != chain) {
            self.proofs.push(ChainProof { chain, links: 0, fault: None });
            self.hash = beginning(&chain);
        }
        let links = self.proofs.last().map_or(0, |last| last.links) + 1;
        if u64::try_from(*sequence) != Ok(links) {
            self.fault("links are missing");
        }
        if *previous != self.hash {
            self.fault("a link does not follow the one before");
        }
        let made = (self.link_hash)(&self.hash, *sequence, *at, entries, body);
        if *hash != made {
            self.fault("the content of a link is not what it was");
        }
        self.hash = made;
        if let Some(last) = self.proofs.last_mut() {
            last.links = links;
        }
    }

    /// Notes the first fault of a chain, and after which link it is.
    fn fault(&mut self, what: &str) {
        if self.proofs.is_empty() {
            self.proofs.push(ChainProof { chain: Id::default(), links: 0, fault: None });
        }
        if let Some(last) = self.proofs.last_mut()
            && last.fault.is_none()
        {
            last.fault = Some(format!("{what}, after link {}", last.links));
        }
    }
}
