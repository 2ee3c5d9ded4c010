//! The same policy in Rego, compiled to regorus's byte code: a program for each operation.

use std::sync::Arc;

use gantry_notice::{Channel, Day, Notice, Operation};
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine, Rc, Value};
use serde_json::{Value as Json, json};

use super::mix::Case;
use super::words::{self, Words};
use crate::Outcome;

pub(crate) struct Rego {
    machines: Vec<RegoVM>,
}

impl Rego {
    pub(crate) fn new(versions: &[Arc<Notice>], today: Day) -> Outcome<Rego> {
        let uses = words::as_sets(words::uses(versions, today).into());
        let data = value(&json!({ "uses": uses }))?;
        let mut machines = Vec::new();
        for operation in Operation::ALL {
            let mut engine = Engine::new();
            engine.add_policy(format!("{}.rego", operation.word()), policy(operation))?;
            let entry: Rc<str> = "data.gantry.allow".into();
            let compiled = engine.compile_with_entrypoint(&entry)?;
            let program = Compiler::compile_from_policy(&compiled, &["data.gantry.allow"])?;
            let mut machine = RegoVM::new_with_policy(compiled);
            machine.load_program(program);
            machine.set_data(data.clone())?;
            machines.push(machine);
        }
        Ok(Rego { machines })
    }

    pub(crate) fn input(words: &Words<'_>, case: &Case) -> Outcome<Value> {
        let mut input = words.situation(case);
        input.insert("use".to_owned(), words.used(case).into());
        input.insert("category".to_owned(), words.category(case).into());
        let (contact, record) = (&case.contact, &case.record);
        input.insert("version_name".to_owned(), record.version.to_string().into());
        input.insert("told_name".to_owned(), contact.told.to_string().into());
        let active = contact.last_activity.max(record.at);
        input.insert("last_activity_or_at".to_owned(), active.0.into());
        let rules = Channel::ALL.map(|channel| {
            let rule = input.get(&format!("{}_rule", channel.word())).cloned();
            (channel.word().to_owned(), rule.unwrap_or_default())
        });
        input.insert("rules".to_owned(), Json::Object(rules.into_iter().collect()));
        value(&words::as_sets(input.into()))
    }

    pub(crate) fn allows(&mut self, operation: Operation, input: &Value) -> bool {
        let Some(machine) = self.machines.get_mut(operation as usize) else {
            return false;
        };
        machine.set_input(input.clone());
        matches!(machine.execute(), Ok(Value::Bool(true)))
    }
}

fn value(json: &Json) -> Outcome<Value> {
    Ok(Value::from_json_str(&json.to_string())?)
}

/// The policy of an operation: `docs/decision.md` in Rego.
fn policy(operation: Operation) -> String {
    let collects = operation == Operation::Collect;
    let kept = if words::looks(operation) { "not input.kept_for[used.purpose]" } else { "true" };
    let archived = if collects { "false" } else { "not used.reads_archive" };
    let compatible = if collects { "compatible(_, _) := true" } else { COMPATIBLE };
    let open = if collects { "true" } else { "open(channel)" };
    format!(
        r#"package gantry

import rego.v1

default allow := false

allow if {{
	used := data.uses[input.use]
	cell := used.cells[input.category]
	cell.{word}
	input.keep_until >= input.today
	in_window(cell)
	some role, _ in input.roles
	used.roles[role]
	not refused(used, cell)
	compatible(used, cell)
	reaches(used, cell)
}}

refused(used, _) if {{
	input.erased
	{kept}
}}

refused(_, _) if input.elsewhere

refused(used, _) if {{
	input.archived
	{archived}
}}
{REFUSED}
{compatible}

reaches(used, cell) if {{
	used.direct_marketing
	asked_open
	some field, _ in cell.plain
	left(used, field)
}}

reaches(used, cell) if {{
	used.direct_marketing
	asked_open
	some channel in ["email", "phone", "post"]
	{open}
	some field, _ in cell[channel]
	left(used, field)
}}
"#,
        word = operation.word()
    )
}

const COMPATIBLE: &str = r"
compatible(used, _) if input.collected_for == used.purpose

compatible(_, cell) if cell.listed[input.version_name]

compatible(_, cell) if cell.listed[input.told_name]
";

const REFUSED: &str = r#"
refused(used, _) if {
	input.restricted
	not goes_on(used)
}

refused(used, _) if {
	input.restricted_for[used.purpose]
	not goes_on(used)
}

refused(_, cell) if {
	cell.profile
	input.objects_profiling
}

refused(_, cell) if {
	cell.profile
	input.objects_marketing
}

refused(used, _) if {
	used.direct_marketing
	input.objects_marketing
}

refused(used, _) if {
	used.objectable
	input.objected[used.purpose]
}

refused(used, _) if {
	used.objectable
	input.weighed[used.purpose]
}

refused(used, _) if {
	used.consent_in[input.regime]
	not input.consents[used.purpose]
}

goes_on(used) if used.while_restricted

goes_on(used) if input.agreed[used.purpose]

in_window(cell) if {
	cell.anchor == "collected"
	input.at >= cell.cutoff
}

in_window(cell) if {
	cell.anchor == "last activity"
	input.last_activity_or_at >= cell.cutoff
}

in_window(cell) if {
	cell.anchor == "end of relation"
	input.end_of_relation >= cell.cutoff
}

in_window(cell) if {
	cell.anchor == "object closed"
	input.closed >= cell.cutoff
}

asked_open if input.channel == "none"

asked_open if open(input.channel)

open(channel) if input[channel] == "opted-in"

open(channel) if {
	input.rules[channel] == "opt-out"
	input[channel] != "closed"
}

open(channel) if {
	input.rules[channel] == "soft-opt-in"
	input[channel] == "unasked"
	input.customer
}

left(used, field) if not input.restricted_fields[field]

left(used, _) if goes_on(used)

reaches(used, _) if {
	not used.direct_marketing
	not input.a_field_restricted
}

reaches(used, cell) if {
	not used.direct_marketing
	some kind in ["plain", "email", "phone", "post"]
	some field, _ in cell[kind]
	left(used, field)
}
"#;
