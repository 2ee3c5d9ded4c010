//! Companies that are there already, from another source or by hand: known again by the fields that the
//! map names, where exactly one company has what the row says.
//!
//! Only a company whose key the source uses for the first time is looked for; from then on its key leads
//! to the one that was found. What the session may not read is never found by it.

use std::collections::BTreeSet;

use gantry_intake::{CompanyDraft, Draft};
use gantry_notice::KindId;
use gantry_notice::model::{ObjectKind, Search};
use gantry_store::{Hash, Id, ObjectRow, Target};

use crate::body;
use crate::error::EngineError;
use crate::import::Import;
use crate::import::names::object_hash;
use crate::import::things::COMPANY;

/// Companies with equal words that are looked at for one that is the same.
const LIKE_IT: usize = 50;
/// Two that bear one name in different countries are two.
const COUNTRY: &str = "country";

/// Looks for the companies that the rows name for the first time. Answers the keys that lead to one
/// that is there.
pub(super) async fn know_again(
    import: &mut Import<'_>,
    rows: &[Draft],
) -> Result<Vec<(Hash, Target)>, EngineError> {
    let policy = import.session.desk.policy.policy();
    let (Some(kind), Some(declared)) =
        (policy.lexicon().kind(COMPANY), policy.notice().objects.get(COMPANY))
    else {
        return Ok(Vec::new());
    };
    let (mut known, mut sought) = (Vec::new(), BTreeSet::new());
    let companies = rows.iter().filter_map(|draft| draft.company.as_ref());
    for company in companies.filter(|company| !company.same.is_empty()) {
        let vault = &import.session.engine.inner.vault;
        let Some(hash) = object_hash(vault, &import.source, kind, &company.key) else { continue };
        if import.names.object(&hash).is_some() || !sought.insert(hash) {
            continue;
        }
        if let Some(id) = one_like(import, (kind, declared), company).await? {
            let target = Target::Object(kind.0, id);
            import.names.confirm(hash, Some(target));
            import.report.companies_known += 1;
            known.push((hash, target));
        }
    }
    Ok(known)
}

/// The one company that has the same value in the first of the named fields in which any has.
async fn one_like(
    import: &Import<'_>,
    (kind, declared): (KindId, &ObjectKind),
    company: &CompanyDraft,
) -> Result<Option<Id>, EngineError> {
    for field in &*company.same {
        let Some(text) = value_of(company, field) else { continue };
        let wanted = import.session.wanted(COMPANY, field, text)?;
        let (found, more) = import.session.searched(kind, &wanted, None, LIKE_IT).await?;
        // Whether there is another one behind these, nobody has seen.
        if more.is_some() {
            return Ok(None);
        }
        let words = declared.fields.get(&**field).and_then(|field| field.search);
        let same = |row: &ObjectRow| {
            words != Some(Search::Words) || is_same_name(row, field, text) && fits(row, company)
        };
        let mut like = found.iter().map(|shown| &shown.row).filter(|row| same(row));
        match (like.next(), like.next()) {
            (Some(one), None) => return Ok(Some(one.id)),
            // Which of several it is, nobody can tell.
            (Some(_), Some(_)) => return Ok(None),
            (None, _) => {}
        }
    }
    Ok(None)
}

fn value_of<'d>(company: &'d CompanyDraft, field: &str) -> Option<&'d str> {
    company.fields.iter().find(|(name, _)| **name == *field).map(|(_, value)| value.as_str())
}

fn is_same_name(row: &ObjectRow, field: &str, text: &str) -> bool {
    let stored = body::decode(&row.body).unwrap_or_default();
    let mut stored = stored.into_iter().filter(|(name, _)| *name == field);
    stored.any(|(_, value)| gantry_vault::words(value) == gantry_vault::words(text))
}

fn fits(row: &ObjectRow, company: &CompanyDraft) -> bool {
    let stored = body::decode(&row.body).unwrap_or_default();
    let stored = stored.into_iter().find(|(name, _)| *name == COUNTRY).map(|(_, value)| value);
    match (stored, value_of(company, COUNTRY)) {
        (Some(theirs), Some(ours)) => theirs == ours,
        _ => true,
    }
}
