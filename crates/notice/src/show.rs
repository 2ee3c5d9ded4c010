//! A notice as JSON: its purposes, its categories, its objects, and the matrix.

use serde_json::{Map, Value, json};

use crate::matrix::Matrix;
use crate::model::{
    Category, ChannelRule, Field, FieldKind, Notice, ObjectKind, Profiling, Purpose, Read, Regime,
    Use,
};
use crate::policy::Policy;

/// The notice in force as JSON, for `notice show --json` and for programs that work with it.
pub fn show(policy: &Policy) -> Value {
    let notice = policy.notice();
    json!({
        "notice": head(notice),
        "regimes": named(&notice.regimes, regime),
        "channels": notice.channels.iter().map(|(channel, rule)| {
            (channel.word().to_owned(), channel_rule(rule))
        }).collect::<Map<_, _>>(),
        "roles": notice.roles,
        "categories": named(&notice.categories, category),
        "purposes": named(&notice.purposes, purpose),
        "objects": named(&notice.objects, object),
        "profiling": notice.profiling.as_ref().map(profiling),
        "translations": notice.translations,
        "matrix": Matrix::of(policy).rows,
    })
}

fn head(notice: &Notice) -> Value {
    let controller = &notice.controller;
    let end = controller.financial_year_ends;
    json!({
        "id": notice.id,
        "title": notice.title,
        "version": notice.version,
        "effective": notice.effective.to_string(),
        "language": notice.language,
        "summary": notice.summary,
        "statements": notice.statements.iter().map(|statement| {
            json!({ "title": statement.title, "text": statement.text })
        }).collect::<Vec<_>>(),
        "controller": {
            "name": controller.name,
            "address": controller.address,
            "country": controller.country,
            "email": controller.email,
            "web": controller.web,
            "answer_within_days": controller.answer_within_days,
            "financial_year_ends": format!("{:02}-{:02}", end.month, end.day),
        },
        "smallest_cell": notice.smallest_cell,
        "audit_window": notice.audit_window.to_string(),
        "suppression_window": notice.suppression_window.to_string(),
        "archive": notice.archive.as_ref().map(|archive| {
            json!({ "non_active_after": archive.non_active_after.to_string(), "then": archive.then })
        }),
        "system": {
            "requests": notice.system.requests,
            "archive": notice.system.archive,
            "audit": notice.system.audit,
            "operations": notice.system.operations,
        },
    })
}

/// Entries as a list in the order of the notice, each with its id.
fn named<T>(entries: &crate::model::Named<T>, show: impl Fn(&T) -> Value) -> Vec<Value> {
    let with_id = |(id, entry): (&String, &T)| {
        let mut shown = Map::from_iter([("id".to_owned(), json!(id))]);
        if let Value::Object(fields) = show(entry) {
            shown.extend(fields);
        }
        Value::Object(shown)
    };
    entries.iter().map(with_id).collect()
}

fn regime(regime: &Regime) -> Value {
    json!({
        "title": regime.title,
        "own": regime.own,
        "countries": regime.countries,
        "basis": regime.basis.map(crate::model::Basis::word),
        "except": regime.except.iter().map(|basis| basis.word()).collect::<Vec<_>>(),
        "held_in": regime.held_in,
    })
}

fn channel_rule(rule: &ChannelRule) -> Value {
    json!({
        "default": rule.default.word(),
        "opt_in": rule.opt_in,
        "soft_opt_in": rule.soft_opt_in,
        "opt_out": rule.opt_out,
        "traced": rule.traced,
    })
}

fn category(category: &Category) -> Value {
    json!({
        "title": category.title,
        "description": category.description,
        "dpv": category.dpv,
        "source": category.source,
        "single": category.single,
        "company": category.company,
        "special": category.special,
        "expires": category.expires,
        "about": category.about,
        "fields": named(&category.fields, field),
    })
}

fn field(field: &Field) -> Value {
    let mut shown = json!({
        "title": field.title,
        "type": field.kind.word(),
        "sealed": field.sealed,
        "search": field.search.map(crate::model::Search::word),
        "identifying": field.identifying,
        "channel": field.channel.map(crate::id::Channel::word),
        "required": field.required,
    });
    if let Value::Object(fields) = &mut shown {
        match &field.kind {
            FieldKind::Text { max } => drop(fields.insert("max".to_owned(), json!(max))),
            FieldKind::Code { values } => drop(fields.insert("values".to_owned(), json!(values))),
            _ => {}
        }
    }
    shown
}

fn purpose(purpose: &Purpose) -> Value {
    let basis_in = purpose.basis_in.iter();
    json!({
        "number": purpose.number,
        "title": purpose.title,
        "description": purpose.description,
        "dpv": purpose.dpv,
        "basis": purpose.basis.word(),
        "basis_in": basis_in.map(|(id, basis)| (id.clone(), json!(basis.word()))).collect::<Map<_, _>>(),
        "basis_for_sole_trader": purpose.basis_for_sole_trader.map(crate::model::Basis::word),
        "interest": purpose.interest,
        "special_condition": purpose.special_condition,
        "mode": purpose.mode.word(),
        "reads": named(&purpose.reads, read),
        "collects": purpose.collects,
        "changes": purpose.changes,
        "derives": purpose.derives,
        "discloses": purpose.discloses,
        "roles": purpose.roles,
        "recipients": purpose.recipients,
        "uses": named(&purpose.uses, used),
        "objection": purpose.objection.word(),
        "reads_archive": purpose.reads_archive,
        "while_restricted": purpose.while_restricted,
    })
}

fn read(read: &Read) -> Value {
    json!({ "fields": read.fields, "window": read.window.to_string() })
}

fn used(used: &Use) -> Value {
    let words = |operations: &Vec<crate::id::Operation>| -> Vec<&str> {
        operations.iter().map(|operation| operation.word()).collect()
    };
    json!({
        "title": used.title,
        "direct_marketing": used.direct_marketing,
        "interests": used.interests,
        "segments": used.segments,
        "basis": used.basis.map(crate::model::Basis::word),
        "categories": used.categories,
        "operations": used.operations.as_ref().map(words),
    })
}

fn object(kind: &ObjectKind) -> Value {
    json!({
        "title": kind.title,
        "plural": kind.plural,
        "company": kind.company.word(),
        "states": kind.states,
        "closed": kind.closed,
        "read": kind.read,
        "write": kind.write,
        "part_of": kind.part_of,
        "fields": named(&kind.fields, field),
    })
}

fn profiling(profiling: &Profiling) -> Value {
    json!({
        "features": profiling.features,
        "attributes": profiling.attributes,
        "interests": profiling.interests,
        "segments": profiling.segments,
        "interest_readers": profiling.interest_readers,
        "segment_readers": profiling.segment_readers,
        "topics": profiling.topics,
        "weights": profiling.weights,
        "half_life_days": profiling.half_life_days,
        "smallest_segment": profiling.smallest_segment,
        "review": profiling.review,
        "effect": profiling.effect,
        "segment": named(&profiling.segment, |segment| {
            json!({ "title": segment.title, "meaning": segment.meaning, "rule": segment.rule })
        }),
    })
}

#[cfg(test)]
mod tests;
