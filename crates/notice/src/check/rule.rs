//! Rules of segments: CEL that names nothing outside topics, features and attributes.

use std::collections::BTreeSet;

use cel::common::ast::{Expr, operators};
use cel::parser::{Expression, Parser};

use super::Check;
use crate::fault::Rule;
use crate::model::Profiling;
use crate::parse::reader::{nearest, shown};

/// The deepest a rule may be nested; a rule that people are to understand is not.
const MAX_DEPTH: u16 = 24;
/// The most opening brackets in a rule. The parser goes deep for each before it looks at its own
/// limit: a debug build takes 200 KB of stack, so that a dozen would overflow a thread's 2 MB.
const MAX_OPEN: usize = 6;

/// What a rule may do: compare, combine and calculate. No calls, no loops.
const OPERATORS: [&str; 18] = [
    operators::CONDITIONAL,
    operators::LOGICAL_AND,
    operators::LOGICAL_OR,
    operators::LOGICAL_NOT,
    operators::SUBSTRACT,
    operators::ADD,
    operators::MULTIPLY,
    operators::DIVIDE,
    operators::MODULO,
    operators::EQUALS,
    operators::NOT_EQUALS,
    operators::GREATER_EQUALS,
    operators::LESS_EQUALS,
    operators::GREATER,
    operators::LESS,
    operators::NEGATE,
    operators::IN,
    operators::NOT_STRICTLY_FALSE,
];

/// The operators that compare: their value is yes or no.
const COMPARISONS: [&str; 7] = [
    operators::EQUALS,
    operators::NOT_EQUALS,
    operators::GREATER_EQUALS,
    operators::LESS_EQUALS,
    operators::GREATER,
    operators::LESS,
    operators::IN,
];

/// The operators that combine yes and no.
const COMBINATIONS: [&str; 3] =
    [operators::LOGICAL_AND, operators::LOGICAL_OR, operators::LOGICAL_NOT];

/// An id as rules write it: CEL reads `-` as minus, so that `safety-checks` is `safety_checks`.
/// Ids have no `_`, so that no two become one.
pub fn rule_name(id: &str) -> String {
    id.replace('-', "_")
}

/// Why a text is no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// It is deeper than a rule may be.
    #[error("has more than {MAX_OPEN} brackets")]
    Brackets,
    /// It is not in the language.
    #[error("cannot be read: {0}")]
    Syntax(String),
}

/// Reads a rule in CEL, within bounds of depth; what it names is not looked at.
pub fn read_rule(text: &str) -> Result<Expression, RuleError> {
    if text.chars().filter(|c| "([{".contains(*c)).count() > MAX_OPEN {
        return Err(RuleError::Brackets);
    }
    Parser::new().max_recursion_depth(MAX_DEPTH).parse(text).map_err(|errors| {
        let cause = errors.errors.first().map(|error| error.msg.clone());
        RuleError::Syntax(cause.unwrap_or_default().replace("Syntax error: ", ""))
    })
}

impl Check<'_> {
    pub(super) fn segment_rules(&mut self, profiling: &Profiling) {
        let names = names(profiling);
        for (name, segment) in &profiling.segment {
            let path = format!("profiling.segment.{name}.rule");
            if segment.rule.is_empty() {
                continue;
            }
            match read_rule(&segment.rule) {
                Err(RuleError::Brackets) => {
                    let what = format!("the rule of `{name}` has more than {MAX_OPEN} brackets");
                    self.fault(Rule::SegmentRule, &path, what, "make two segments of it");
                }
                Err(RuleError::Syntax(cause)) => {
                    let what = format!("the rule of `{name}` cannot be read: {}", shown(&cause));
                    let hint =
                        "write it in CEL, e.g. `score.any >= 3.0 && days_since_reaction < 60`";
                    self.fault(Rule::SegmentRule, &path, what, hint);
                }
                Ok(rule) => self.segment_rule(name, &path, &rule, &names),
            }
        }
    }

    fn segment_rule(
        &mut self,
        name: &str,
        path: &str,
        rule: &Expression,
        known: &BTreeSet<String>,
    ) {
        let mut found = Findings::default();
        found.walk(rule);
        for named in &found.names {
            if !known.contains(named) {
                let near = nearest(named, known.iter().map(String::as_str));
                let hint = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "name `score.TOPIC`, `score.any`, `days_since_reaction`, `reactions_90d` \
                        or an attribute as `contact.CATEGORY.FIELD` or `company.FIELD`; a `-` of an \
                        id is written `_`"
                        .to_owned(),
                };
                let what = format!(
                    "the rule of `{name}` names `{}`, outside what may feed it",
                    shown(named)
                );
                self.fault(Rule::SegmentRule, path, what, hint);
            }
        }
        for other in &found.others {
            let what = format!("the rule of `{name}` has {}, which rules may not", shown(other));
            let hint = "compare, combine with `&&`, `||` and `!`, and calculate";
            self.fault(Rule::SegmentRule, path, what, hint);
        }
        if !is_yes_or_no(rule) {
            let what = format!("the rule of `{name}` does not answer yes or no");
            self.fault(
                Rule::SegmentRule,
                path,
                what,
                "end in a comparison, e.g. `score.any >= 3.0`",
            );
        }
    }
}

/// Every name that rules may use.
fn names(profiling: &Profiling) -> BTreeSet<String> {
    let topics = profiling.topics.keys().map(|topic| format!("score.{}", rule_name(topic)));
    let attributes = profiling.attributes.iter().filter_map(|attribute| {
        let (owner, field) = attribute.split_once('.')?;
        Some(match owner {
            "company" => format!("company.{field}"),
            category => format!("contact.{}.{field}", rule_name(category)),
        })
    });
    let fixed = ["score.any", "days_since_reaction", "reactions_90d"].map(str::to_owned);
    topics.chain(attributes).chain(fixed).collect()
}

/// What a rule consists of.
#[derive(Default)]
struct Findings {
    names: BTreeSet<String>,
    others: BTreeSet<String>,
}

impl Findings {
    fn walk(&mut self, rule: &Expression) {
        match &rule.expr {
            Expr::Literal(_) => {}
            Expr::Ident(_) | Expr::Select(_) => match rule_path(&rule.expr) {
                Some(name) => {
                    self.names.insert(name);
                }
                None => {
                    self.others.insert("a part of something that is no name".to_owned());
                }
            },
            Expr::List(list) => list.elements.iter().for_each(|element| self.walk(element)),
            Expr::Call(call) => {
                if !OPERATORS.contains(&call.func_name.as_str()) {
                    self.others.insert(format!("the call `{}`", call.func_name));
                }
                call.target.iter().for_each(|target| self.walk(target));
                call.args.iter().for_each(|argument| self.walk(argument));
            }
            Expr::Comprehension(_) => {
                self.others.insert("a loop".to_owned());
            }
            Expr::Map(_) | Expr::Struct(_) => {
                self.others.insert("a map".to_owned());
            }
            Expr::Unspecified => {
                self.others.insert("a gap".to_owned());
            }
        }
    }
}

/// The name that a part of a rule is: `a.b.c`, also where `has(a.b.c)` asks for it.
pub fn rule_path(expression: &Expr) -> Option<String> {
    let mut parts = Vec::new();
    let mut at = expression;
    loop {
        match at {
            Expr::Ident(name) => {
                parts.push(name.as_str());
                parts.reverse();
                return Some(parts.join("."));
            }
            Expr::Select(select) => {
                parts.push(select.field.as_str());
                at = &select.operand.expr;
            }
            _ => return None,
        }
    }
}

/// Whether the rule's value is yes or no, as far as its form tells; an attribute may be a flag.
fn is_yes_or_no(rule: &Expression) -> bool {
    match &rule.expr {
        Expr::Call(call) if call.func_name == operators::CONDITIONAL => {
            call.args.iter().skip(1).all(is_yes_or_no)
        }
        Expr::Call(call) if COMBINATIONS.contains(&call.func_name.as_str()) => {
            call.args.iter().all(is_yes_or_no)
        }
        Expr::Call(call) => COMPARISONS.contains(&call.func_name.as_str()),
        Expr::Select(select) => {
            select.test || rule_path(&rule.expr).is_some_and(|n| n.contains('.'))
        }
        _ => false,
    }
}
