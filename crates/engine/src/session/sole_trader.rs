//! Sole traders: their company is a person, and so is what it orders.
//!
//! An object that is a sole trader's, or belongs to a sole trader's company, holds data of that
//! person. Its fields are given only to who may read, of that person, the category that the company
//! belongs to or one whose records are about such objects; a duty reads what it is about. Sessions
//! that see no person leave such objects out.

use std::collections::BTreeMap;

use gantry_notice::model::Basis;
use gantry_notice::{CategoryId, KindId, Operation, Policy, Reason};
use gantry_store::{Id, ObjectRow};

use crate::body;
use crate::door::Desk;
use crate::engine::Inner;
use crate::error::EngineError;
use crate::session::objects::COMPANY;

/// The field by which a company is marked where no contact is known to be it.
const MARK: &str = "sole_trader";

/// Whose an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trader {
    /// That contact's.
    Known(Id),
    /// Somebody's whom no contact stands for.
    Unknown,
}

impl Inner {
    /// For each object the sole trader whose it is, if it is one's.
    pub(crate) async fn traders(
        &self,
        policy: &Policy,
        rows: &[ObjectRow],
    ) -> Result<Vec<Option<Trader>>, EngineError> {
        let company = policy.lexicon().kind(COMPANY).map_or(u8::MAX, |kind| kind.0);
        let mut ids: Vec<Id> = rows.iter().filter_map(|row| row.company).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut traders = BTreeMap::new();
        if !ids.is_empty() {
            let companies = self.store.objects(company, &ids).await?.value;
            for row in companies.into_iter().flatten() {
                traders.extend(trader(&row, company)?.map(|trader| (row.id, trader)));
            }
        }
        rows.iter()
            .map(|row| {
                let own = trader(row, company)?;
                Ok(own.or_else(|| row.company.and_then(|id| traders.get(&id).copied())))
            })
            .collect()
    }
}

/// The sole trader that an object itself is.
fn trader(row: &ObjectRow, company: u8) -> Result<Option<Trader>, EngineError> {
    if let Some(person) = row.person {
        return Ok(Some(Trader::Known(person)));
    }
    if row.kind != company {
        return Ok(None);
    }
    let fields = body::decode(&row.body).ok_or(EngineError::Corrupt("the body of an object"))?;
    Ok(fields.contains(&(MARK, "yes")).then_some(Trader::Unknown))
}

impl Desk {
    /// Whether the session may read the fields of a sole trader's objects of a kind.
    pub(crate) async fn reads_trader(
        &self,
        inner: &Inner,
        kind: KindId,
        trader: Trader,
    ) -> Result<Result<(), Reason>, EngineError> {
        let known = match trader {
            Trader::Known(person) => inner.known_now(person).await?,
            Trader::Unknown => None,
        };
        let read = |category: CategoryId| match (&known, trader) {
            (Some(known), _) => self.permit_any(category, Operation::Read, &known.state).map(drop),
            (None, Trader::Unknown) => self.listed(category, Operation::Read),
            (None, Trader::Known(_)) => Err(Reason::Erased),
        };
        let mut first = None;
        for category in self.telling(kind) {
            match read(category) {
                Ok(()) => return Ok(Ok(())),
                Err(reason) => first = first.or(Some(reason)),
            }
        }
        let purpose = self.policy.policy().purpose(self.purpose);
        if purpose.is_some_and(|purpose| purpose.basis == Basis::LegalObligation) {
            return Ok(Ok(()));
        }
        Ok(Err(first.unwrap_or(Reason::NotInNotice)))
    }

    /// The categories to which a kind of object belongs where it is a sole trader's.
    fn telling(&self, kind: KindId) -> impl Iterator<Item = CategoryId> {
        let policy = self.policy.policy();
        let name = policy.lexicon().kind_name(kind);
        policy.lexicon().categories().filter(move |category| {
            let declared = policy.category(*category);
            declared.is_some_and(|c| c.company || c.about.iter().any(|kind| kind == name))
        })
    }
}
