//! What the bundled notice says, by name, for policies in other languages.
//!
//! Nothing here comes from Gantry's own tables: the peers get the notice's words, and are so a check
//! of those tables.

use std::sync::Arc;

use gantry_notice::model::{Basis, Mode, Notice, Objection, Purpose, Use};
use gantry_notice::time::Anchor;
use gantry_notice::{Channel, Day, Operation};
use serde_json::{Map, Value as Json, json};

use crate::Outcome;

/// Two versions of a notice: the bundled one, and one before that listed less.
pub(crate) fn versions() -> Outcome<Vec<Arc<Notice>>> {
    let text = include_str!("../../../notices/customer-contacts.toml");
    let notice = Notice::parse(text, "customer-contacts.toml")?;
    let mut first = notice.clone();
    for purpose in first.purposes.values_mut() {
        let mut keep = false;
        purpose.reads.retain(|_, _| {
            keep = !keep;
            keep
        });
    }
    Ok(vec![Arc::new(first), Arc::new(notice)])
}

/// What the notice says of a use, whatever the category.
pub(crate) fn of_use(notice: &Notice, purpose_name: &str, purpose: &Purpose, used: &Use) -> Json {
    let basis = used.basis.unwrap_or(purpose.basis);
    let objectable = match purpose.objection {
        Objection::Absolute => {
            used.direct_marketing || matches!(basis, Basis::LegitimateInterest | Basis::Consent)
        }
        Objection::Weighed => basis == Basis::LegitimateInterest,
        Objection::None => false,
    };
    let consent_in = notice.regimes.iter().filter_map(|(name, regime)| {
        let stated = purpose.basis_in.get(name).filter(|_| used.basis.is_none());
        let basis = match (stated, regime.basis) {
            (Some(stated), _) => *stated,
            (None, Some(instead)) if !regime.except.contains(&basis) => instead,
            _ => basis,
        };
        (basis == Basis::Consent).then_some(name)
    });
    json!({
        "purpose": purpose_name,
        "roles": purpose.roles,
        "direct_marketing": used.direct_marketing,
        "reads_archive": purpose.reads_archive,
        "while_restricted": purpose.while_restricted,
        "objectable": objectable,
        "consent_in": consent_in.collect::<Vec<_>>(),
    })
}

/// What the notice says of a category for a use; nothing where the purpose does not read it.
pub(crate) fn of_category(
    versions: &[Arc<Notice>],
    purpose_name: &str,
    used: &Use,
    category: &str,
    today: Day,
) -> Option<Json> {
    let notice = versions.last()?;
    let purpose = notice.purposes.get(purpose_name)?;
    let read = purpose.reads.get(category)?;
    let fields = notice.categories.get(category)?.fields.iter().filter(|(name, field)| {
        read.fields.as_ref().is_none_or(|list| list.contains(name))
            && (purpose.mode == Mode::Identified || !field.identifying)
    });
    let fields: Vec<_> = fields.collect();
    let of_channel = |channel: Option<Channel>| {
        let of_it = fields.iter().filter(|(_, field)| field.channel == channel);
        of_it.map(|(name, _)| *name).collect::<Vec<_>>()
    };
    let listed = versions.iter().enumerate().filter(|(_, version)| {
        version.purposes.get(purpose_name).is_some_and(|p| p.reads.contains_key(category))
    });
    let profiling = notice.profiling.as_ref();
    let interests = profiling.is_some_and(|p| p.interests == category);
    let segments = profiling.is_some_and(|p| p.segments == category);
    let year_end = notice.controller.financial_year_ends;
    let mut facts = Map::new();
    for operation in Operation::ALL {
        let may = purpose.allows(operation, category)
            && !fields.is_empty()
            && (!interests || used.interests)
            && (!segments || used.segments)
            && used.categories.as_ref().is_none_or(|list| list.iter().any(|c| c == category))
            && used.operations.as_ref().is_none_or(|list| list.contains(&operation));
        facts.insert(operation.word().to_owned(), may.into());
    }
    facts.insert("profile".to_owned(), (interests || segments).into());
    facts.insert("plain".to_owned(), json!(of_channel(None)));
    for channel in Channel::ALL {
        facts.insert(channel.word().to_owned(), json!(of_channel(Some(channel))));
    }
    facts.insert("listed".to_owned(), listed.map(|(n, _)| n).collect());
    facts.insert("anchor".to_owned(), read.window.anchor.word().into());
    facts.insert("cutoff".to_owned(), read.window.cutoff(today, year_end).0.into());
    Some(facts.into())
}

/// What covers a contact of a country: the regime, and a rule for each channel.
pub(crate) fn of_country(notice: &Notice, code: &str) -> Json {
    let named =
        notice.regimes.iter().find(|(_, regime)| regime.countries.iter().any(|c| c == code));
    let own = notice.regimes.iter().find(|(_, regime)| regime.own);
    let mut facts = Map::new();
    facts.insert("regime".to_owned(), json!(named.or(own).map(|(name, _)| name)));
    for channel in Channel::ALL {
        let rule = match notice.channels.get(&channel) {
            None => "opt-in",
            Some(rule) if rule.opt_in.iter().any(|c| c == code) => "opt-in",
            Some(rule) if rule.soft_opt_in.iter().any(|c| c == code) => "soft-opt-in",
            Some(rule) if rule.opt_out.iter().any(|c| c == code) => "opt-out",
            Some(rule) => rule.default.word(),
        };
        facts.insert(format!("{}_rule", channel.word()), rule.into());
    }
    facts.into()
}

/// The word that a policy uses for an anchor.
pub(crate) fn anchors() -> [&'static str; 4] {
    Anchor::ALL.map(Anchor::word)
}
