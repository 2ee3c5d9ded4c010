//! The guided tour: what Gantry promises, each with what was expected and what was seen.

mod erased;
mod people;
mod time;
mod trail;

use serde::Serialize;

use super::stage::Stage;
use crate::failure::Failure;
use crate::output::{Output, print_line};
use crate::setup::Places;

/// A promise, and whether it was kept.
#[derive(Debug, Serialize)]
pub(super) struct Step {
    title: &'static str,
    checks: Vec<Check>,
}

/// Something that was looked at.
#[derive(Debug, Serialize)]
struct Check {
    expected: String,
    seen: String,
    pass: bool,
}

impl Step {
    fn new(title: &'static str) -> Step {
        Step { title, checks: Vec::new() }
    }

    /// Notes what was expected, what was seen, and whether they agree.
    fn check(&mut self, expected: impl Into<String>, seen: impl Into<String>, pass: bool) {
        self.checks.push(Check { expected: expected.into(), seen: seen.into(), pass });
    }

    fn pass(&self) -> bool {
        !self.checks.is_empty() && self.checks.iter().all(|check| check.pass)
    }

    fn print(&self, number: usize) -> Result<(), Failure> {
        print_line(&format!("{number} {}", self.title))?;
        for Check { expected, seen, pass } in &self.checks {
            let verdict = if *pass { "PASS" } else { "FAIL" };
            print_line(&format!("  {verdict} expected: {expected}\n       seen:     {seen}"))?;
        }
        Ok(())
    }
}

/// Takes the tour. Says whether all of it holds.
pub(super) async fn take(stage: &Stage, places: &Places, out: Output) -> Result<bool, Failure> {
    if !out.is_json() {
        let (contacts, records) = (stage.dealings.contacts.len(), stage.dealings.records.len());
        let objects = stage.dealings.objects.len();
        print_line(&format!(
            "an invented crane-service company: {contacts} contacts, {objects} objects, {records} records\n"
        ))?;
    }
    let mut steps = Vec::new();
    for number in 1..=7 {
        let step = match number {
            1 => people::four_views(stage).await?,
            2 => people::unlisted_field(stage).await?,
            3 => people::objection(stage).await?,
            4 => people::china(stage).await?,
            5 => time::window(stage).await?,
            6 => erased::erasure(stage, places).await?,
            _ => trail::one_byte(stage, places).await?,
        };
        if !out.is_json() {
            step.print(number)?;
        }
        steps.push(step);
    }
    let holds = steps.iter().all(Step::pass);
    if out.is_json() {
        out.value(&serde_json::json!({ "holds": holds, "steps": steps }))?;
    } else {
        print_line(if holds { "\nall of it holds" } else { "\nnot all of it holds" })?;
    }
    Ok(holds)
}
