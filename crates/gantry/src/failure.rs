//! What goes wrong, and how the program ends: 0 done, 1 failed, 2 usage, 3 refused by the notice,
//! 4 invalid input, 5 proved only in part.

use std::io::{self, Write};
use std::process::ExitCode;

use gantry_engine::{EngineError, Refusal};
use gantry_store::StoreError;
use serde_json::{Value as Json, json};

use crate::output::aside;

/// Why a command did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// It failed.
    #[error("{0}")]
    Failed(String),
    /// It was asked in a way that makes no sense.
    #[error("{0}")]
    Usage(String),
    /// The input is not what it should be.
    #[error("{0}")]
    Invalid(String),
    /// The engine says no.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The same, and what can be done.
    #[error("{failure}")]
    Hinted {
        /// What went wrong.
        #[source]
        failure: Box<Failure>,
        /// What can be done.
        hint: String,
    },
    /// Everything has been said; only the end is left.
    #[error("ended with {0:?}")]
    Said(Ending),
    /// The output could not be written.
    #[error("the output cannot be written: {0}")]
    Output(io::Error),
}

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Ending {
    /// Done.
    Done = 0,
    /// Failed.
    Failed = 1,
    /// Asked in a way that makes no sense.
    Usage = 2,
    /// Refused by the notice.
    Refused = 3,
    /// Invalid input.
    Invalid = 4,
    /// What was given holds, and not all was given.
    Partly = 5,
}

impl Ending {
    /// What it is called.
    const fn title(self) -> &'static str {
        match self {
            Ending::Done => "Done",
            Ending::Failed => "Failed",
            Ending::Usage => "Not a command that makes sense",
            Ending::Refused => "Refused by the notice",
            Ending::Invalid => "Invalid input",
            Ending::Partly => "Proved only in part",
        }
    }
}

impl Failure {
    /// The same with something that can be done; a hint that is there already stays.
    pub(crate) fn hinted(self, hint: impl Into<String>) -> Failure {
        match self {
            Failure::Hinted { .. } => self,
            failure => Failure::Hinted { failure: Box::new(failure), hint: hint.into() },
        }
    }

    /// What the notice refused, if it did.
    pub(crate) fn refusal(&self) -> Option<&Refusal> {
        match self {
            Failure::Engine(EngineError::Refused(refusal)) => Some(refusal),
            Failure::Hinted { failure, .. } => failure.refusal(),
            _ => None,
        }
    }

    /// A failure of the machine at a file.
    pub(crate) fn file(verb: &str, path: &std::path::Path, cause: &io::Error) -> Failure {
        Failure::Failed(format!("cannot {verb} `{}`: {cause}", path.display()))
    }

    fn ending(&self) -> Ending {
        match self {
            Failure::Usage(_) => Ending::Usage,
            Failure::Invalid(_) | Failure::Engine(EngineError::Invalid(_)) => Ending::Invalid,
            Failure::Engine(EngineError::Refused(_) | EngineError::OnlyKeeper(_)) => {
                Ending::Refused
            }
            Failure::Hinted { failure, .. } => failure.ending(),
            Failure::Said(ending) => *ending,
            // Whoever reads the output has had enough of it.
            Failure::Output(cause) if cause.kind() == io::ErrorKind::BrokenPipe => Ending::Done,
            Failure::Failed(_) | Failure::Engine(_) | Failure::Store(_) | Failure::Output(_) => {
                Ending::Failed
            }
        }
    }

    /// What is written to standard error: the error, and a hint where something can be done.
    fn text(&self) -> String {
        let (what, hint) = self.parts();
        let mut text = format!("error: {what}\n");
        if let Some(hint) = hint {
            text.push_str("hint: ");
            text.push_str(&hint);
            text.push('\n');
        }
        text
    }

    /// The same for programs.
    fn json(&self) -> Json {
        let (detail, hint) = self.parts();
        let mut json = problem(self.ending(), &detail, hint.as_deref());
        if let (Some(refusal), Some(members)) = (self.refusal(), json.as_object_mut()) {
            members.insert("reason".into(), json!(refusal.reason.id()));
            members.insert("purpose".into(), json!(refusal.purpose));
            if let Some(category) = &refusal.category {
                members.insert("category".into(), json!(category));
            }
            if let Some(level) = &refusal.level {
                members.insert("level".into(), json!(level));
            }
        }
        json
    }

    fn parts(&self) -> (String, Option<String>) {
        let (what, hint) = split_hint(&self.to_string());
        let own = match self {
            Failure::Hinted { hint, .. } => Some(hint.clone()),
            _ => None,
        };
        (what, own.or(hint))
    }

    /// Says it, to people or to programs, and gives the exit code.
    pub(crate) fn end(&self, json: bool) -> ExitCode {
        let ending = self.ending();
        let silent = matches!(self, Failure::Said(_)) || ending == Ending::Done;
        if !silent {
            let text = if json { format!("{}\n", self.json()) } else { aside(&self.text()) };
            // With standard error gone, too, there is nobody left to tell.
            let _ = io::stderr().lock().write_all(text.as_bytes());
        }
        ending.into()
    }
}

/// What went wrong, as an object.
fn problem(ending: Ending, detail: &str, hint: Option<&str>) -> Json {
    let exit = ending as u8;
    json!({ "title": ending.title(), "detail": detail, "hint": hint, "exit": exit })
}

/// A command line that cannot be understood, told to a program.
pub(crate) fn misunderstood(text: &str) -> String {
    let mut parts = text.trim().split("\n\n");
    let detail = parts.next().unwrap_or_default().trim_start_matches("error: ").trim();
    let tip = parts.find_map(|part| part.trim().strip_prefix("tip: "));
    let json = problem(Ending::Usage, detail, tip.map(str::trim));
    format!("{json}\n")
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> ExitCode {
        ExitCode::from(ending as u8)
    }
}

/// Errors carry their hint at the end of their text; here it gets a line of its own.
fn split_hint(text: &str) -> (String, Option<String>) {
    let Some((what, hint)) = text.split_once("hint:") else { return (text.to_owned(), None) };
    let what = what.trim_end().trim_end_matches(';').trim_end();
    (what.to_owned(), Some(hint.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use gantry_engine::Refusal;
    use gantry_notice::Reason;

    use super::*;

    #[test]
    fn an_error_and_its_hint_are_two_lines() {
        let failure = Failure::Failed("no key `k`; hint: make one".to_owned());
        assert_eq!(failure.text(), "error: no key `k`\nhint: make one\n");
        let failure = Failure::Failed("there is no store\n  hint: make one".to_owned());
        assert_eq!(failure.text(), "error: there is no store\nhint: make one\n");
    }

    #[test]
    fn programs_get_an_object() {
        let failure = Failure::Invalid("no `k`".to_owned()).hinted("make one");
        let said = failure.json();
        assert_eq!(
            said,
            json!({ "title": "Invalid input", "detail": "no `k`", "hint": "make one", "exit": 4 })
        );
        let said = misunderstood("error: unexpected argument 'x' found\n\n  tip: leave it out\n");
        assert!(
            said.contains(r#""hint":"leave it out""#) && said.contains(r#""exit":2"#),
            "{said}"
        );
    }

    #[test]
    fn every_failure_has_its_exit_code() {
        let refusal = Refusal {
            reason: Reason::NoConsent,
            purpose: "marketing".into(),
            used: "campaigns".into(),
            category: None,
            level: None,
        };
        let endings = [
            (Failure::Failed(String::new()), Ending::Failed),
            (Failure::Usage(String::new()), Ending::Usage),
            (Failure::Engine(refusal.into()), Ending::Refused),
            (Failure::Engine(EngineError::invalid("a", "b")), Ending::Invalid),
            (Failure::Invalid(String::new()).hinted("x"), Ending::Invalid),
            (Failure::Engine(EngineError::not_found("contact")), Ending::Failed),
            (Failure::Output(io::ErrorKind::BrokenPipe.into()), Ending::Done),
        ];
        for (failure, ending) in endings {
            assert_eq!(failure.ending(), ending, "{failure:?}");
        }
    }
}
