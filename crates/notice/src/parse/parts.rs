//! Everything in a notice but its purposes.

use indexmap::IndexMap;

use super::purposes;
use super::reader::{IdForm, NO_WINDOW, RULE, Section, TEXT, TITLE, shown};
use crate::fault::Rule;
use crate::id::Channel;
use crate::model::{
    Archive, Basis, Belongs, Category, ChannelRule, Controller, Field, FieldKind, Named, Notice,
    ObjectKind, OptIn, Profiling, Regime, Search, Segment, Statement, System,
};
use crate::time::{Window, YearEnd};

/// The version of the format that is read here.
const FORMAT: u32 = 1;

/// The words of a closed list with what they stand for.
macro_rules! words {
    ($type:ident) => {
        &$type::ALL.iter().map(|value| (value.word(), *value)).collect::<Vec<_>>()
    };
}
pub(super) use words;

/// The whole file.
pub(super) fn notice(root: Section<'_, '_>) -> Notice {
    let format = root.number("format", FORMAT..=u32::MAX, None);
    if root.has("format") && format != FORMAT {
        let what = format!("format {format} is not known");
        root.fault(Rule::Format, "format", what, format!("write `format = {FORMAT}`"));
    }
    let head = root.section("notice");
    let text = |key, max| head.as_ref().map(|head| head.text(key, max)).unwrap_or_default();
    let notice = Notice {
        id: head.as_ref().map(|head| head.id("id")).unwrap_or_default(),
        title: text("title", TITLE),
        version: head.as_ref().map(version).unwrap_or_default(),
        effective: head.as_ref().map(|head| head.date("effective")).unwrap_or_default(),
        language: text("language", 35),
        summary: text("summary", TEXT),
        statements: root.sections("statement").into_iter().map(statement).collect(),
        controller: controller(root.section("controller")),
        regimes: root.entries("regimes", IdForm::Dashes, regime),
        channels: channels(root.optional_section("channels")),
        roles: root.texts("roles", IdForm::Dashes),
        categories: root.entries("categories", IdForm::Dashes, category),
        purposes: root.entries("purposes", IdForm::Dashes, purposes::purpose),
        objects: root.entries("objects", IdForm::Dashes, object),
        profiling: root.optional_section("profiling").map(profiling),
        smallest_cell: root.section("reports").map_or(0, |reports| {
            let smallest = reports.number("smallest_cell", 0..=10_000, None);
            reports.finish();
            smallest
        }),
        audit_window: window(&root, "audit"),
        suppression_window: window(&root, "suppression"),
        archive: root.optional_section("archive").map(archive),
        system: system(root.section("system")),
        translations: root.entries("translations", IdForm::Dashes, |_, section| section.leaves()),
    };
    if let Some(head) = head {
        head.finish();
    }
    root.finish();
    notice
}

fn version(head: &Section<'_, '_>) -> String {
    let version = head.text("version", 40);
    if !version.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_')) {
        let what = format!("`{}` is no version", shown(&version));
        head.fault(Rule::BadId, "version", what, "write letters, digits and `-._`, e.g. `2026-11`");
    }
    version
}

fn statement(section: Section<'_, '_>) -> Statement {
    let statement =
        Statement { title: section.text("title", TITLE), text: section.text("text", TEXT) };
    section.finish();
    statement
}

fn controller(section: Option<Section<'_, '_>>) -> Controller {
    let Some(section) = section else {
        return Controller {
            name: String::new(),
            address: String::new(),
            country: String::new(),
            email: String::new(),
            web: None,
            answer_within_days: 30,
            financial_year_ends: YearEnd::default(),
        };
    };
    let answer_within_days = section.number("answer_within_days", 1..=90, Some(30));
    let controller = Controller {
        name: section.text("name", TITLE),
        address: section.text("address", TEXT),
        country: section.text("country", TITLE),
        email: section.text("email", TITLE),
        web: section.optional_text("web", TITLE),
        answer_within_days: u16::try_from(answer_within_days).unwrap_or(30),
        financial_year_ends: year_end(&section),
    };
    section.finish();
    controller
}

fn year_end(section: &Section<'_, '_>) -> YearEnd {
    let key = "financial_year_ends";
    let Some(text) = section.optional_text(key, TITLE) else { return YearEnd::default() };
    // A leap year, so that 29 February can be named.
    let date = format!("2024-{text}").parse::<jiff::civil::Date>().ok();
    let Some(date) = date.filter(|_| text.len() == 5) else {
        let what = format!("`{}` is no day of the year", shown(&text));
        section.fault(Rule::BadDate, key, what, "write it as `12-31`");
        return YearEnd::default();
    };
    YearEnd { month: date.month(), day: date.day() }
}

fn regime(_: &str, section: Section<'_, '_>) -> Regime {
    let regime = Regime {
        title: section.text("title", TITLE),
        own: section.flag("own", false),
        countries: section.list("countries"),
        basis: section.optional_choice("basis", words!(Basis)),
        except: section.choices("except", words!(Basis)),
        held_in: section.optional_text("held_in", TITLE),
    };
    section.finish();
    regime
}

fn channels(section: Option<Section<'_, '_>>) -> IndexMap<Channel, ChannelRule> {
    let Some(section) = section else { return IndexMap::new() };
    let rules = Channel::ALL.into_iter().filter_map(|channel| {
        let rule = section.optional_section(channel.word())?;
        let read = ChannelRule {
            default: rule.optional_choice("default", words!(OptIn)).unwrap_or_default(),
            opt_in: rule.list("opt_in"),
            soft_opt_in: rule.list("soft_opt_in"),
            opt_out: rule.list("opt_out"),
            traced: rule.list("traced"),
        };
        rule.finish();
        Some((channel, read))
    });
    let rules = rules.collect();
    section.finish();
    rules
}

fn category(_: &str, section: Section<'_, '_>) -> Category {
    let category = Category {
        title: section.text("title", TITLE),
        description: section.text("description", TEXT),
        dpv: section.text("dpv", TITLE),
        source: section.text("source", TEXT),
        single: section.flag("single", false),
        company: section.flag("company", false),
        special: section.flag("special", false),
        expires: section.flag("expires", false),
        about: section.list("about"),
        fields: fields(&section),
    };
    section.finish();
    category
}

fn fields(section: &Section<'_, '_>) -> Named<Field> {
    section.entries("fields", IdForm::Underscores, field)
}

fn field(name: &str, section: Section<'_, '_>) -> Field {
    let kind = field_kind(&section);
    let personal = matches!(kind, FieldKind::Text { .. } | FieldKind::Email | FieldKind::Phone);
    let channels = Channel::ALL.map(|channel| (channel.word(), channel));
    let field = Field {
        title: section.optional_text("title", TITLE).unwrap_or_else(|| title_of(name)),
        sealed: section.flag("sealed", personal),
        search: section.optional_choice("search", words!(Search)),
        identifying: section.flag("identifying", personal),
        channel: section.optional_choice("channel", &channels),
        required: section.flag("required", false),
        kind,
    };
    section.finish();
    field
}

fn field_kind(section: &Section<'_, '_>) -> FieldKind {
    let plain = FieldKind::PLAIN.map(|kind| (kind.word(), kind));
    let words =
        plain.iter().map(|(word, _)| (*word, *word)).chain([("text", "text"), ("code", "code")]);
    let word = section.choice("type", &words.collect::<Vec<_>>(), "flag");
    match word {
        "text" => FieldKind::Text { max: section.number("max", 1..=20_000, None) },
        "code" => FieldKind::Code { values: codes(section) },
        _ => plain.into_iter().find(|(name, _)| *name == word).map_or(FieldKind::Flag, |(_, k)| k),
    }
}

fn codes(section: &Section<'_, '_>) -> Vec<String> {
    let values = section.list("values");
    if values.is_empty() {
        let what = "a code has no `values`".to_owned();
        section.fault(Rule::MissingKey, "values", what, "add `values = [\"...\", \"...\"]`");
    }
    values
}

/// A name with spaces and a capital: `given_name` is `Given name`.
fn title_of(name: &str) -> String {
    let mut letters = name.chars().map(|c| if c == '_' { ' ' } else { c });
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

fn object(_: &str, section: Section<'_, '_>) -> ObjectKind {
    let title = section.text("title", TITLE);
    let kind = ObjectKind {
        plural: section.text("plural", TITLE),
        company: section.optional_choice("company", words!(Belongs)).unwrap_or(Belongs::None),
        states: section.list("states"),
        closed: section.list("closed"),
        read: section.list("read"),
        write: section.list("write"),
        fields: fields(&section),
        part_of: section.optional_text("part_of", TITLE),
        title,
    };
    section.finish();
    kind
}

fn profiling(section: Section<'_, '_>) -> Profiling {
    let half_life_days = section.number("half_life_days", 1..=3_650, None);
    let profiling = Profiling {
        features: section.list("features"),
        attributes: section.list("attributes"),
        interests: section.text("interests", TITLE),
        segments: section.text("segments", TITLE),
        interest_readers: section.list("interest_readers"),
        segment_readers: section.list("segment_readers"),
        topics: section.texts("topics", IdForm::Dashes),
        weights: section.decimals("weights"),
        half_life_days: u16::try_from(half_life_days).unwrap_or(u16::MAX),
        smallest_segment: section.number("smallest_segment", 0..=100_000, None),
        review: section.text("review", TEXT),
        effect: section.text("effect", TEXT),
        segment: section.entries("segment", IdForm::Dashes, segment),
    };
    section.finish();
    profiling
}

fn segment(_: &str, section: Section<'_, '_>) -> Segment {
    let segment = Segment {
        title: section.text("title", TITLE),
        meaning: section.text("meaning", TEXT),
        rule: section.text("rule", RULE),
    };
    section.finish();
    segment
}

fn window(root: &Section<'_, '_>, key: &'static str) -> Window {
    root.section(key).map_or(NO_WINDOW, |section| {
        let window = section.window("window");
        section.finish();
        window
    })
}

fn archive(section: Section<'_, '_>) -> Archive {
    let archive = Archive {
        non_active_after: section.window("non_active_after"),
        then: section.text("then", TEXT),
    };
    section.finish();
    archive
}

fn system(section: Option<Section<'_, '_>>) -> System {
    let name = |key| section.as_ref().map(|s| s.text(key, TITLE)).unwrap_or_default();
    let system = System {
        requests: name("requests"),
        archive: name("archive"),
        audit: name("audit"),
        operations: name("operations"),
    };
    if let Some(section) = section {
        section.finish();
    }
    system
}
