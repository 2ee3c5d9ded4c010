//! Rules of segments: CEL, read once into what can be answered fast. They compare, combine and
//! calculate with scores, recency, frequency and the attributes that the notice lists; there are no
//! calls and no loops, so that an answer takes as long as the rule is long.
//!
//! What is not known makes nothing true: a comparison with an attribute that a contact does not have,
//! or with the days since a reaction that never was, has no answer (Kleene's third value), and a rule
//! without an answer does not hold.

use cel::common::ast::{Expr, IdedExpr, LiteralValue, operators};
use gantry_notice::{read_rule, rule_path};

use crate::model::Model;
use crate::profile::{Attribute, Attributes, Features, Profile, day_of};

/// Days that are looked ahead for the end of a membership: longer than any reaction counts.
pub const MAX_AHEAD: i64 = 400;

/// A rule, ready to be asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub(crate) root: Node,
}

/// A part of a rule.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Number(f64),
    Text(String),
    Flag(bool),
    Feature(Feature),
    /// Whether an attribute is known.
    Has(usize),
    Not(Box<Node>),
    Negate(Box<Node>),
    All(Vec<Node>),
    Any(Vec<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    Calculate(Calculation, Box<Node>, Box<Node>),
    In(Box<Node>, Vec<Node>),
    Choose(Box<Node>, Box<Node>, Box<Node>),
}

/// What a rule may look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Feature {
    /// The score for a topic.
    Score(usize),
    /// The score over all topics.
    AnyScore,
    /// Days since the latest reaction.
    DaysSince,
    /// Reactions in the last ninety days.
    Recent,
    /// An attribute.
    Attribute(usize),
    /// The contact's country; in audiences alone.
    Country,
    /// Whether it belongs to a segment; in audiences alone.
    Segment(usize),
    /// Days since the latest reaction of a kind; in audiences alone.
    DaysSinceKind(usize),
}

/// What an expression is for, and may therefore name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The rule of a segment.
    Segment,
    /// An audience.
    Audience,
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Is,
    /// `!=`
    IsNot,
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
    /// `>`
    MoreThan,
    /// `<`
    LessThan,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Calculation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// A value; none where it is not known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    Number(f64),
    Text(&'a str),
    Flag(bool),
    Unknown,
}

impl Rule {
    /// Reads a rule, or says what is wrong with it.
    pub(crate) fn parse(text: &str, model: &Model) -> Result<Rule, String> {
        Rule::read(text, model, Scope::Segment)
    }

    pub(crate) fn read(text: &str, model: &Model, scope: Scope) -> Result<Rule, String> {
        let read = read_rule(text).map_err(|error| error.to_string())?;
        Ok(Rule { root: Reader { model, scope }.node(&read)? })
    }

    /// Whether a profile fulfils it.
    pub fn holds(&self, features: &Features<'_>) -> bool {
        value(&self.root, features) == Value::Flag(true)
    }

    /// From which day on (counted from 1970, UTC) the answer is another, if nothing happens but that
    /// time goes on; none where it stays for [`MAX_AHEAD`] days.
    pub fn until(
        &self,
        model: &Model,
        profile: &Profile,
        attributes: &Attributes,
        at: i64,
    ) -> Option<i64> {
        const DAY: i64 = 86_400_000;
        let now = self.holds(&profile.features(model, attributes, at));
        // At the end of a day all that fades or passes in it has done so.
        let end = |ahead: i64| (day_of(at) + ahead + 1) * DAY - 1;
        let changed =
            |ahead: &i64| self.holds(&profile.features(model, attributes, end(*ahead))) != now;
        (0..=MAX_AHEAD).find(changed).map(|ahead| day_of(at) + ahead)
    }
}

struct Reader<'m> {
    model: &'m Model,
    scope: Scope,
}

impl Reader<'_> {
    fn node(&self, read: &IdedExpr) -> Result<Node, String> {
        match &read.expr {
            Expr::Literal(literal) => literal_of(literal),
            Expr::Ident(_) => self.feature(&read.expr).map(Node::Feature),
            Expr::Select(select) => match (self.feature(&read.expr)?, select.test) {
                (Feature::Attribute(place), true) => Ok(Node::Has(place)),
                (feature, false) => Ok(Node::Feature(feature)),
                (_, true) => Err("asks whether there is something that is always there".to_owned()),
            },
            Expr::Call(call) if call.func_name == operators::IN => {
                let [part, list] = call.args.as_slice() else { return Err(wrong_number("in")) };
                let Expr::List(list) = &list.expr else {
                    return Err("has `in` before something that is no list".to_owned());
                };
                let list = list.elements.iter().map(|one| self.node(one));
                Ok(Node::In(Box::new(self.node(part)?), list.collect::<Result<_, _>>()?))
            }
            Expr::Call(call) => {
                let args = call.args.iter().map(|one| self.node(one)).collect::<Result<_, _>>()?;
                called(&call.func_name, args)
            }
            Expr::List(_) => Err("has a list in another place than behind `in`".to_owned()),
            _ => Err("has what rules may not".to_owned()),
        }
    }

    fn feature(&self, expression: &Expr) -> Result<Feature, String> {
        let name = rule_path(expression).ok_or("names a part of something that is no name")?;
        Ok(match name.as_str() {
            "score.any" => Feature::AnyScore,
            "days_since_reaction" => Feature::DaysSince,
            "reactions_90d" => Feature::Recent,
            other => {
                let topic =
                    other.strip_prefix("score.").and_then(|one| self.model.topic_of_rule(one));
                let feature = topic.map(|topic| Feature::Score(topic.0));
                let attribute = || self.model.attribute_of_rule(other).map(Feature::Attribute);
                let feature = feature.or_else(attribute).or_else(|| self.of_audience(other));
                feature.ok_or_else(|| format!("names `{other}`, outside what may feed it"))?
            }
        })
    }

    /// What audiences may name besides.
    fn of_audience(&self, name: &str) -> Option<Feature> {
        if self.scope != Scope::Audience {
            return None;
        }
        if name == "country" {
            return Some(Feature::Country);
        }
        if let Some(segment) = name.strip_prefix("segment.") {
            return self.model.segment_of_rule(segment).map(Feature::Segment);
        }
        let kind = name.strip_prefix("days_since.")?;
        let kind = self.model.kind(kind).filter(|kind| self.model.weight_of(*kind) > 0.0);
        kind.map(|kind| Feature::DaysSinceKind(kind.0))
    }
}

fn literal_of(literal: &LiteralValue) -> Result<Node, String> {
    #[expect(clippy::cast_precision_loss, reason = "a rule's numbers are small")]
    Ok(match literal {
        LiteralValue::Boolean(flag) => Node::Flag(*flag.inner()),
        LiteralValue::Double(number) => Node::Number(*number.inner()),
        LiteralValue::Int(number) => Node::Number(*number.inner() as f64),
        LiteralValue::UInt(number) => Node::Number(*number.inner() as f64),
        LiteralValue::String(text) => Node::Text(text.inner().to_owned()),
        LiteralValue::Bytes(_) | LiteralValue::Null => {
            return Err("has a value that is no number, text, true or false".to_owned());
        }
    })
}

fn called(name: &str, args: Vec<Node>) -> Result<Node, String> {
    let comparison = |how| move |a, b| Node::Compare(how, a, b);
    let calculation = |how| move |a, b| Node::Calculate(how, a, b);
    let two = |make: &dyn Fn(Box<Node>, Box<Node>) -> Node, args: Vec<Node>| {
        let [a, b] = <[Node; 2]>::try_from(args).map_err(|_| wrong_number(name))?;
        Ok(make(Box::new(a), Box::new(b)))
    };
    let one = |make: fn(Box<Node>) -> Node, args: Vec<Node>| {
        let [a] = <[Node; 1]>::try_from(args).map_err(|_| wrong_number(name))?;
        Ok(make(Box::new(a)))
    };
    match name {
        operators::LOGICAL_AND => Ok(Node::All(args)),
        operators::LOGICAL_OR => Ok(Node::Any(args)),
        operators::LOGICAL_NOT => one(Node::Not, args),
        operators::NEGATE => one(Node::Negate, args),
        operators::EQUALS => two(&comparison(Comparison::Is), args),
        operators::NOT_EQUALS => two(&comparison(Comparison::IsNot), args),
        operators::GREATER_EQUALS => two(&comparison(Comparison::AtLeast), args),
        operators::LESS_EQUALS => two(&comparison(Comparison::AtMost), args),
        operators::GREATER => two(&comparison(Comparison::MoreThan), args),
        operators::LESS => two(&comparison(Comparison::LessThan), args),
        operators::ADD => two(&calculation(Calculation::Add), args),
        operators::SUBSTRACT => two(&calculation(Calculation::Subtract), args),
        operators::MULTIPLY => two(&calculation(Calculation::Multiply), args),
        operators::DIVIDE => two(&calculation(Calculation::Divide), args),
        operators::MODULO => two(&calculation(Calculation::Remainder), args),
        operators::CONDITIONAL => {
            let [c, a, b] = <[Node; 3]>::try_from(args).map_err(|_| wrong_number(name))?;
            Ok(Node::Choose(Box::new(c), Box::new(a), Box::new(b)))
        }
        other => Err(format!("has the call `{other}`, which rules may not")),
    }
}

fn wrong_number(name: &str) -> String {
    format!("has `{name}` with another number of parts")
}

/// What a part of a rule comes to.
pub(crate) fn value<'a>(node: &'a Node, of: &'a Features<'_>) -> Value<'a> {
    match node {
        Node::Number(number) => Value::Number(*number),
        Node::Text(text) => Value::Text(text),
        Node::Flag(flag) => Value::Flag(*flag),
        Node::Feature(feature) => looked_at(*feature, of),
        Node::Has(place) => {
            Value::Flag(looked_at(Feature::Attribute(*place), of) != Value::Unknown)
        }
        Node::Not(part) => match value(part, of) {
            Value::Flag(flag) => Value::Flag(!flag),
            _ => Value::Unknown,
        },
        Node::Negate(part) => match value(part, of) {
            Value::Number(number) => Value::Number(-number),
            _ => Value::Unknown,
        },
        Node::All(parts) => combined(parts, of, false),
        Node::Any(parts) => combined(parts, of, true),
        Node::Compare(how, a, b) => compared(*how, value(a, of), value(b, of)),
        Node::Calculate(how, a, b) => calculated(*how, value(a, of), value(b, of)),
        Node::In(part, list) => {
            let wanted = value(part, of);
            if wanted == Value::Unknown {
                return Value::Unknown;
            }
            Value::Flag(list.iter().any(|one| value(one, of) == wanted))
        }
        Node::Choose(condition, yes, no) => match value(condition, of) {
            Value::Flag(true) => value(yes, of),
            Value::Flag(false) => value(no, of),
            _ => Value::Unknown,
        },
    }
}

fn looked_at<'a>(feature: Feature, of: &'a Features<'_>) -> Value<'a> {
    #[expect(clippy::cast_precision_loss, reason = "days of centuries are small")]
    match feature {
        Feature::Score(place) => {
            of.scores.get(place).copied().map_or(Value::Unknown, Value::Number)
        }
        Feature::AnyScore => Value::Number(of.any),
        Feature::DaysSince => {
            of.days_since.map_or(Value::Unknown, |days| Value::Number(days as f64))
        }
        Feature::Recent => Value::Number(f64::from(of.recent)),
        Feature::Country => of.audience.country.map_or(Value::Unknown, Value::Text),
        Feature::Segment(place) => {
            of.audience.segments.get(place).copied().map_or(Value::Unknown, Value::Flag)
        }
        Feature::DaysSinceKind(place) => match of.audience.days_since.get(place) {
            Some(Some(days)) => Value::Number(*days as f64),
            _ => Value::Unknown,
        },
        Feature::Attribute(place) => match of.attributes.0.get(place) {
            Some(Some(Attribute::Text(text))) => Value::Text(text),
            Some(Some(Attribute::Number(number))) => Value::Number(*number),
            Some(Some(Attribute::Flag(flag))) => Value::Flag(*flag),
            _ => Value::Unknown,
        },
    }
}

/// `deciding` is the value that decides, whatever the others are.
fn combined<'a>(parts: &'a [Node], of: &'a Features<'_>, deciding: bool) -> Value<'a> {
    let mut unknown = false;
    for part in parts {
        match value(part, of) {
            Value::Flag(flag) if flag == deciding => return Value::Flag(deciding),
            Value::Flag(_) => {}
            _ => unknown = true,
        }
    }
    if unknown { Value::Unknown } else { Value::Flag(!deciding) }
}

pub(crate) fn compared<'a>(how: Comparison, a: Value<'_>, b: Value<'_>) -> Value<'a> {
    let order = match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.partial_cmp(&b),
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Flag(a), Value::Flag(b)) => Some(a.cmp(&b)),
        _ => None,
    };
    let Some(order) = order else { return Value::Unknown };
    Value::Flag(match how {
        Comparison::Is => order.is_eq(),
        Comparison::IsNot => order.is_ne(),
        Comparison::AtLeast => order.is_ge(),
        Comparison::AtMost => order.is_le(),
        Comparison::MoreThan => order.is_gt(),
        Comparison::LessThan => order.is_lt(),
    })
}

fn calculated<'a>(how: Calculation, a: Value<'_>, b: Value<'_>) -> Value<'a> {
    let (Value::Number(a), Value::Number(b)) = (a, b) else { return Value::Unknown };
    let number = match how {
        Calculation::Add => a + b,
        Calculation::Subtract => a - b,
        Calculation::Multiply => a * b,
        Calculation::Divide => a / b,
        Calculation::Remainder => a % b,
    };
    // A division by nothing has no answer.
    if number.is_finite() { Value::Number(number) } else { Value::Unknown }
}
