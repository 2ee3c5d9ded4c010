//! The same policy in Cedar: one policy for each operation, in a set of its own.
//!
//! A use is the principal, a category as that use sees it the resource, everything else the context.

use std::fmt::Write;
use std::sync::Arc;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityId, EntityTypeName, EntityUid, PolicySet,
    Request,
};
use gantry_notice::{Channel, Day, Notice, Operation};
use serde_json::{Value as Json, json};

use super::mix::Case;
use super::words::{self, Words};
use crate::Outcome;

pub(crate) struct Cedar {
    authorizer: Authorizer,
    policies: [PolicySet; 5],
    entities: Entities,
}

impl Cedar {
    pub(crate) fn new(versions: &[Arc<Notice>], today: Day) -> Outcome<Cedar> {
        let mut entities = Vec::new();
        for (name, mut facts) in words::uses(versions, today) {
            let cells = facts.as_object_mut().and_then(|facts| facts.remove("cells"));
            entities.push(entity("Use", &name, &facts));
            for (category, cell) in cells.as_ref().and_then(Json::as_object).into_iter().flatten() {
                entities.push(entity("Cell", &format!("{name}/{category}"), cell));
            }
        }
        let mut policies = Vec::new();
        for operation in Operation::ALL {
            policies.push(policy(operation).parse::<PolicySet>()?);
        }
        Ok(Cedar {
            authorizer: Authorizer::new(),
            policies: policies.try_into().map_err(|_| "there are five operations")?,
            entities: Entities::from_json_value(entities.into(), None)?,
        })
    }

    pub(crate) fn request(words: &Words<'_>, case: &Case) -> Outcome<Request> {
        let used = words.used(case);
        let cell = format!("{used}/{}", words.category(case));
        let context = Context::from_json_value(words.situation(case).into(), None)?;
        let action = uid("Action", case.ask.operation.word())?;
        Ok(Request::new(uid("Use", &used)?, action, uid("Cell", &cell)?, context, None)?)
    }

    pub(crate) fn allows(&self, operation: Operation, request: &Request) -> bool {
        let [read, collect, change, derive, disclose] = &self.policies;
        let policies = match operation {
            Operation::Read => read,
            Operation::Collect => collect,
            Operation::Change => change,
            Operation::Derive => derive,
            Operation::Disclose => disclose,
        };
        let response = self.authorizer.is_authorized(request, policies, &self.entities);
        response.decision() == Decision::Allow
    }
}

fn entity(kind: &str, name: &str, attributes: &Json) -> Json {
    json!({ "uid": { "type": kind, "id": name }, "attrs": attributes, "parents": [] })
}

fn uid(kind: &str, name: &str) -> Outcome<EntityUid> {
    Ok(EntityUid::from_type_name_and_id(kind.parse::<EntityTypeName>()?, EntityId::new(name)))
}

/// The policy of an operation: `docs/decision.md` in Cedar.
fn policy(operation: Operation) -> String {
    let word = operation.word();
    let collects = operation == Operation::Collect;
    let kept = if words::looks(operation) {
        "context.kept_for.contains(principal.purpose)"
    } else {
        "false"
    };
    let archive = if collects { "true" } else { "principal.reads_archive" };
    let compatible = if collects {
        "true"
    } else {
        "(context.collected_for == principal.purpose
            || resource.listed.contains(context.version)
            || resource.listed.contains(context.told))"
    };
    let goes_on = "(principal.while_restricted || context.agreed.contains(principal.purpose))";
    let reached = reached(collects);
    format!(
        r#"permit (principal, action == Action::"{word}", resource) when {{
        resource.{word}
        && principal.roles.containsAny(context.roles)
        && (!context.erased || {kept})
        && !context.elsewhere
        && (!context.archived || {archive})
        && (!(context.restricted || context.restricted_for.contains(principal.purpose)) || {goes_on})
        && !(resource.profile && (context.objects_profiling || context.objects_marketing))
        && !(principal.direct_marketing && context.objects_marketing)
        && !(principal.objectable && (context.objected.contains(principal.purpose)
            || context.weighed.contains(principal.purpose)))
        && (!principal.consent_in.contains(context.regime)
            || context.consents.contains(principal.purpose))
        && {compatible}
        && context.keep_until >= context.today
        && (if resource.anchor == "collected" then context.at >= resource.cutoff
            else if resource.anchor == "last activity" then
                context.at >= resource.cutoff || context.last_activity >= resource.cutoff
            else if resource.anchor == "end of relation" then
                context.end_of_relation >= resource.cutoff
            else context.closed >= resource.cutoff)
        && (if principal.direct_marketing then
                (context.channel == "none" {channels})
                && (if context.a_field_restricted && !{goes_on} then {left} else {reached})
            else (!context.a_field_restricted || {goes_on} || {any_left}))
        }};"#,
        channels = asked_channel_open(),
        left = left(collects),
        any_left = left(true),
    )
}

fn asked_channel_open() -> String {
    let mut text = String::new();
    for channel in Channel::ALL {
        // Writing to a string cannot fail.
        let _ = write!(text, "|| (context.channel == \"{}\" && {})", channel.word(), open(channel));
    }
    text
}

fn open(channel: Channel) -> String {
    let word = channel.word();
    format!(
        r#"(context.{word} == "opted-in"
            || (context.{word}_rule == "opt-out" && context.{word} != "closed")
            || (context.{word}_rule == "soft-opt-in" && context.{word} == "unasked" && context.customer))"#
    )
}

/// Whether direct marketing reaches a field, none of which is restricted.
fn reached(collects: bool) -> String {
    let mut text = "(!resource.plain.isEmpty()".to_owned();
    for channel in Channel::ALL {
        let (word, open) =
            (channel.word(), if collects { "true".to_owned() } else { open(channel) });
        let _ = write!(text, "|| (!resource.{word}.isEmpty() && {open})");
    }
    text + ")"
}

/// Whether a field is left that is neither restricted nor the address of a channel not open.
fn left(whatever_the_channel: bool) -> String {
    let mut text = "(!context.restricted_fields.containsAll(resource.plain)".to_owned();
    for channel in Channel::ALL {
        let (word, open) =
            (channel.word(), if whatever_the_channel { "true".to_owned() } else { open(channel) });
        let _ =
            write!(text, "|| (!context.restricted_fields.containsAll(resource.{word}) && {open})");
    }
    text + ")"
}
