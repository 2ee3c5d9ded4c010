//! Breaking a notice that holds, one edit at a time.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::fault::{Fault, Faults, Rule};
use crate::model::Notice;

const SMALL: &str = include_str!("../../fixtures/small.toml");

/// The rule that an edit breaks, what is replaced, and by what.
type Edit = (Rule, &'static str, &'static str);

const IN_READING: &[Edit] = &[
    (Rule::Format, "format = 1", "format = 2"),
    (Rule::MissingKey, "effective = 2026-11-01\n", ""),
    (Rule::MissingKey, "[audit]\nwindow = \"24 months after collected\"", ""),
    (Rule::MissingKey, ", values = [\"ordered\", \"present\"]", ""),
    (Rule::MissingKey, "number = 2\n", ""),
    (Rule::UnknownKey, "half_life_days", "halflife_days"),
    (Rule::UnknownKey, "[audit]", "colour = \"blue\"\n\n[audit]"),
    (Rule::UnknownKey, "{ type = \"date\" }", "{ type = \"date\", sealled = true }"),
    (Rule::WrongType, "number = 3", "number = \"3\""),
    (Rule::WrongType, "own = true", "own = \"yes\""),
    (Rule::WrongType, "roles = [\"analyst\"]", "roles = \"analyst\""),
    (Rule::WrongType, "clicked = 3", "clicked = true"),
    (Rule::WrongType, "effective = 2026-11-01", "effective = 20261101"),
    (Rule::WrongType, "visits = { fields = [\"role\"], window", "visits = 3 #"),
    (Rule::BadId, "[categories.health]", "[categories.Health]"),
    (Rule::BadId, "given_name = {", "given-name = {"),
    (Rule::BadId, "version = \"2026-11\"", "version = \"November 2026\""),
    (Rule::BadId, "id = \"lift-care\"", "id = \"../lift\""),
    (Rule::BadText, "title = \"Campaigns\"", "title = \"  \""),
    (Rule::BadText, "title = \"Campaigns\"", "title = \"Cam\\npaigns\""),
    (Rule::BadNumber, "half_life_days = 90", "half_life_days = 0"),
    (Rule::BadNumber, "max = 80", "max = 99999999999999999999"),
    (Rule::BadNumber, "clicked = 3", "clicked = inf"),
    (Rule::BadWord, "mode = \"aggregate\"", "mode = \"anonymous\""),
    (Rule::BadWord, "type = \"date\"", "type = \"day\""),
    (Rule::BadWord, "operations = [\"read\", \"collect\"]", "operations = [\"read\", \"write\"]"),
    (Rule::BadWord, "language = \"en\"", "language = \"English\""),
    (Rule::BadDate, "effective = 2026-11-01", "effective = \"1 November\""),
    (Rule::BadDate, "\"12-31\"", "\"02-30\""),
    (Rule::BadWindow, "\"6 months after collected\"", "\"half a year\""),
    (Rule::BadList, "opt_out = [\"US\"]", "opt_out = [\"US\", \"US\"]"),
    (Rule::BadContact, "privacy@liftcare.example", "privacy at liftcare"),
    (Rule::BadContact, "https://liftcare.example/privacy", "javascript:alert(1)"),
];

const NAMES_AND_COVERAGE: &[Edit] = &[
    (Rule::UnknownName, "roles = [\"technician\"]", "roles = [\"technican\"]"),
    (Rule::UnknownName, "basis_in = { pipl =", "basis_in = { lgpd ="),
    (Rule::UnknownName, "reactions = { window", "reaction = { window"),
    (Rule::UnknownName, "fields = [\"email\"]", "fields = [\"e_mail\"]"),
    (Rule::UnknownName, "discloses = [\"visits\"]", "discloses = [\"vists\"]"),
    (Rule::UnknownName, "about = [\"visit\"]", "about = [\"visitt\"]"),
    (Rule::UnknownName, "part_of = \"visit\"", "part_of = \"lift\""),
    (Rule::UnknownName, "operations = \"claims\"", "operations = \"operations\""),
    (Rule::UnknownName, "features = [\"reactions\"]", "features = [\"clicks\"]"),
    (Rule::UnknownName, "\"company.industry\"", "\"company.turnover\""),
    (Rule::UnknownName, "[\"marketing/campaigns\"]", "[\"marketing/campaign\"]"),
    (Rule::UnknownName, "clicked = 3", "forwarded = 3"),
    (Rule::UnknownName, "categories = [\"identity\", ", "categories = [\"reactions\", "),
    (Rule::UnknownCountry, "[\"FI\", \"SE\"]", "[\"FI\", \"UK\"]"),
    (Rule::UnknownCountry, "country = \"FI\"", "country = \"Finland\""),
    (Rule::UnknownCountry, "countries = [\"CN\"]", "countries = [\"cn\"]"),
    (Rule::NotCollected, "\"visits\", \"health\"]", "\"visits\"]"),
    (Rule::NotUsed, "health = { window = \"12 months after collected\" }", ""),
    (Rule::RoleNotUsed, "analyst = \"Analyst\"", "analyst = \"Analyst\"\nintern = \"Intern\""),
    (Rule::NotRead, "discloses = [\"visits\"]", "discloses = [\"reactions\"]"),
];

const PURPOSES: &[Edit] = &[
    (Rule::Numbers, "number = 3", "number = 4"),
    (Rule::ReservedId, "[purposes.reporting]", "[purposes.me]"),
    (Rule::NoUse, "[purposes.reporting.uses.figures]\ntitle = \"Figures\"", ""),
    (Rule::NoRole, "roles = [\"analyst\"]", "roles = []"),
    (Rule::NoReads, "[purposes.reporting.reads]", "[purposes.claims.uses.more]\ntitle = \"x\"\n#"),
    (Rule::NoInterest, "interest = \"To know how the business is doing.\"", ""),
    (Rule::NoCondition, "special_condition = \"Art. 9(2)(c)\"\n", ""),
    (Rule::ModeTooWide, "fields = [\"language\", \"country\"]", "fields = [\"given_name\"]"),
    (Rule::ModeTooWide, "fields = [\"language\", \"country\"], ", ""),
    (Rule::ModeTooWide, "roles = [\"analyst\"]", "roles = [\"analyst\"]\ncollects = [\"visits\"]"),
    (Rule::MarketingObjection, "objection = \"absolute\"", "objection = \"none\""),
    (
        Rule::MarketingBasis,
        "direct_marketing = true",
        "direct_marketing = true\nbasis = \"contract\"",
    ),
    (Rule::MarketingBasis, "title = \"Figures\"", "title = \"Figures\"\ndirect_marketing = true"),
    (
        Rule::ObjectionBasis,
        "basis = \"legitimate-interest\"\ninterest = \"To know how the business is doing.\"",
        "basis = \"consent\"",
    ),
    (Rule::Term, "dpv = \"dpv:Marketing\"", "dpv = \"marketing\""),
];

const WINDOWS_AND_LAWS: &[Edit] = &[
    (Rule::NoWindowEnd, "\"12 months after collected\" }\n\n", "\"0 days after collected\" }\n\n"),
    (Rule::NoWindowEnd, "\"10 years after collected\"", "\"101 years after collected\""),
    (Rule::NoWindowEnd, "\"10 years after collected\"", "\"10 years after last activity\""),
    (Rule::NoWindowEnd, "closed = [\"done\", \"cancelled\"]\n", ""),
    (Rule::NoWindowEnd, "\"6 months after collected\"", "\"6 months after object closed\""),
    (Rule::NoWindowEnd, "[archive]", "[[statement]]\ntitle = \"x\"\ntext = \"x\"\n[archivee]"),
    (Rule::Regimes, "own = true", "own = false\ncountries = [\"FI\"]"),
    (Rule::Regimes, "basis = \"consent\"\n", ""),
    (Rule::Regimes, "countries = [\"CN\"]", "own = true"),
    (Rule::Regimes, "countries = [\"CN\"]", "countries = []"),
    (
        Rule::Regimes,
        "[channels.email]",
        "[regimes.other]\ntitle = \"Other\"\ncountries = [\"CN\"]\n\n[channels.email]",
    ),
    (Rule::Channels, "opt_out = [\"US\"]", "opt_out = [\"US\", \"SE\"]"),
    (Rule::Cells, "smallest_cell = 5", "smallest_cell = 2"),
    (Rule::Cells, "smallest_segment = 25", "smallest_segment = 4"),
    (Rule::System, "requests = \"claims\"", "requests = \"service\""),
    (Rule::System, "audit = \"claims\"", "audit = \"reporting\""),
    (Rule::System, "while_restricted = true", ""),
    (Rule::Archive, "reads_archive = true", ""),
    (
        Rule::Archive,
        "non_active_after = \"24 months after last activity\"",
        "non_active_after = \"24 months after collected\"",
    ),
];

const PROFILING: &[Edit] = &[
    (Rule::Profiling, "features = [\"reactions\"]", "features = [\"health\"]"),
    (Rule::Profiling, "features = [\"reactions\"]", "features = [\"interests\", \"reactions\"]"),
    (Rule::Profiling, "features = [\"reactions\"]", "features = [\"reactions\", \"visits\"]"),
    (Rule::Profiling, "\"identity.language\"", "\"identity.given_name\""),
    (Rule::Profiling, "\"identity.language\"", "\"identity.country\""),
    (Rule::Profiling, "\"identity.language\"", "\"language\""),
    (Rule::Profiling, "modernisation = \"Modernisation\"", "any = \"Any\""),
    (Rule::Profiling, "opened = 1.0\nclicked = 3\n", ""),
    (
        Rule::ProfileCategories,
        "collects = [\"reactions\"]",
        "collects = [\"reactions\", \"interests\"]",
    ),
    (Rule::ProfileCategories, "derives = [\"interests\", ", "derives = ["),
    (Rule::ProfileCategories, "segments = \"segments\"", "segments = \"interests\""),
    (Rule::InterestReaders, "interest_readers = [\"marketing\"]", "interest_readers = []"),
    (Rule::InterestReaders, "[\"marketing\"]\nsegment", "[\"marketing\", \"service\"]\nsegment"),
    (Rule::InterestReaders, "title = \"Visits\"", "title = \"Visits\"\ninterests = true"),
    (
        Rule::InterestReaders,
        "[purposes.service.uses.visits]",
        "interests = { window = \"6 months after collected\" }\n\n[purposes.service.uses.visits]",
    ),
    (Rule::SegmentReaders, "[\"marketing/campaigns\"]", "[]"),
    (Rule::SegmentReaders, "segments = true", "segments = false"),
    (Rule::SegmentReaders, "title = \"Visits\"", "title = \"Visits\"\nsegments = true"),
    (Rule::SegmentReaders, "[\"marketing/campaigns\"]", "[\"marketing\"]"),
    (
        Rule::SegmentReaders,
        "[purposes.service.uses.visits]",
        "segments = { window = \"6 months after collected\" }\n\n[purposes.service.uses.visits]",
    ),
    (Rule::SegmentRule, "score.any >= 3.0", "score.any >="),
    (Rule::SegmentRule, "score.any >= 3.0", "score.modernization >= 3.0"),
    (Rule::SegmentRule, "score.any >= 3.0", "score.safety-checks >= 3.0"),
    (Rule::SegmentRule, "score.any >= 3.0", "contact.health.injury == 'x'"),
    (Rule::SegmentRule, "score.any >= 3.0", "company.industry.matches('x')"),
    (Rule::SegmentRule, "score.any >= 3.0", "[1, 2].exists(n, n > 1)"),
    (Rule::SegmentRule, "score.any >= 3.0 && days_since_reaction < 60", "score.any + 1.0"),
];

const OBJECTS: &[Edit] = &[
    (Rule::ObjectStates, "closed = [\"done\", ", "closed = [\"don\", "),
    (Rule::ObjectStates, "closed = [\"done\", ", "closed = [\"planned\", \"done\", "),
    (
        Rule::ObjectFields,
        "number = { type = \"reference\" }",
        "note = { type = \"text\", max = 9 }",
    ),
    (
        Rule::ObjectFields,
        "number = { type = \"reference\" }",
        "number = { type = \"reference\", sealed = true }",
    ),
    (Rule::ObjectReaders, "read = [\"service\", \"reporting\", \"claims\"]", "read = [\"claims\"]"),
    (
        Rule::ObjectReaders,
        "read = [\"service\"]\nwrite = [\"service\"]\n",
        "read = [\"service\"]\n",
    ),
    (Rule::ObjectParts, "part_of = \"visit\"", "part_of = \"part\""),
    (Rule::Company, "name = { type = \"label\", search = \"words\" }\n", ""),
    (Rule::Company, "company = \"none\"", "company = \"required\""),
    (
        Rule::FieldUse,
        "type = \"phone\", channel = \"phone\"",
        "type = \"phone\", channel = \"email\"",
    ),
    (Rule::FieldUse, "channel = \"email\", search", "sealed = false, channel = \"email\", search"),
    (
        Rule::FieldUse,
        "language = { type = \"language\"",
        "language = { search = \"words\", type = \"language\"",
    ),
    (
        Rule::FieldUse,
        "injury = { type = \"text\"",
        "injury = { search = \"words\", type = \"text\"",
    ),
    (Rule::FieldUse, "remark = { type = \"text\", max = 500 }", "remark = { type = \"label\" }"),
];

const TRANSLATIONS: &[Edit] = &[
    (
        Rule::UnknownLanguage,
        "[archive]",
        "[translations.finnish]\nnotice.title = \"Tietosuojaseloste\"\n\n[archive]",
    ),
    (Rule::UnknownLanguage, "[archive]", "[translations.en]\nnotice.title = \"x\"\n\n[archive]"),
    (
        Rule::UnknownName,
        "[archive]",
        "[translations.fi.purposes.marketting]\ntitle = \"Markkinointi\"\n\n[archive]",
    ),
    (
        Rule::UnknownName,
        "[archive]",
        "[translations.fi]\ncategories.identity.fields.birthday = \"Syntymäpäivä\"\n\n[archive]",
    ),
    (
        Rule::UnknownName,
        "[archive]",
        "[translations.fi]\nwords.clikced = \"napsautettu\"\n\n[archive]",
    ),
    (
        Rule::BadText,
        "[archive]",
        "[translations.fi.purposes.marketing]\ntitle = \"Markki-\\nnointi\"\n\n[archive]",
    ),
    (Rule::WrongType, "[archive]", "[translations.fi]\nnotice.title = 3\n\n[archive]"),
];

fn all_edits() -> impl Iterator<Item = &'static Edit> {
    let edits = [
        IN_READING,
        NAMES_AND_COVERAGE,
        PURPOSES,
        WINDOWS_AND_LAWS,
        PROFILING,
        OBJECTS,
        TRANSLATIONS,
    ];
    edits.into_iter().flatten()
}

fn edited((_, from, to): &Edit) -> String {
    assert!(SMALL.contains(from), "the small notice has no `{from}`");
    SMALL.replacen(from, to, 1)
}

fn faults(text: &str) -> Vec<Fault> {
    Notice::parse(text, "small.toml").err().map_or_else(Vec::new, |faults: Faults| faults.list)
}

/// Every edit with the lines at fault, as a golden text.
fn report(edits: &[Edit]) -> String {
    let mut out = String::new();
    for edit in edits {
        let text = edited(edit);
        let (from, to) = (edit.1.escape_debug(), edit.2.escape_debug());
        let _ = writeln!(out, "# {}: {from}  =>  {to}", edit.0.id());
        for fault in faults(&text) {
            let line = text.lines().nth(fault.line - 1).unwrap_or("");
            let _ = writeln!(out, "{:>4}:{:<3} {line}", fault.line, fault.column);
            let _ = writeln!(out, "         [{}] {} ({})", fault.rule.id(), fault.what, fault.path);
            let _ = writeln!(out, "         hint: {}", fault.hint.unwrap_or_default());
        }
        out.push('\n');
    }
    out
}

#[test]
fn every_edit_breaks_the_rule_that_it_is_meant_to_break() {
    for edit in all_edits() {
        let found = faults(&edited(edit));
        let rules: Vec<&str> = found.iter().map(|fault| fault.rule.id()).collect();
        assert!(rules.contains(&edit.0.id()), "{edit:?} breaks {rules:?}");
    }
}

#[test]
fn every_rule_has_an_edit_that_breaks_it() {
    let broken: BTreeSet<Rule> = all_edits().map(|edit| edit.0).collect();
    // These have tests of their own, here and beside the parser.
    let elsewhere = [Rule::File, Rule::Syntax, Rule::TooMany, Rule::NoPurpose];
    let missing: Vec<&str> = Rule::ALL
        .iter()
        .filter(|rule| !broken.contains(rule) && !elsewhere.contains(rule))
        .map(|rule| rule.id())
        .collect();
    assert!(missing.is_empty(), "no edit breaks {missing:?}");
}

#[test]
fn every_fault_is_shown_with_its_line_and_what_to_do() {
    insta::assert_snapshot!("in_reading", report(IN_READING));
    insta::assert_snapshot!("names_and_coverage", report(NAMES_AND_COVERAGE));
    insta::assert_snapshot!("purposes", report(PURPOSES));
    insta::assert_snapshot!("windows_and_laws", report(WINDOWS_AND_LAWS));
    insta::assert_snapshot!("profiling", report(PROFILING));
    insta::assert_snapshot!("objects", report(OBJECTS));
    insta::assert_snapshot!("translations", report(TRANSLATIONS));
}

#[test]
fn one_run_reports_every_fault_in_the_order_of_the_lines() {
    let text = SMALL
        .replace("own = true", "own = 1")
        .replace("mode = \"aggregate\"", "mode = \"anonymous\"")
        .replace("roles = [\"technician\"]", "roles = [\"technican\"]")
        .replace("score.any >= 3.0", "score.price >= 3.0");
    let found = faults(&text);
    let rules: Vec<Rule> = found.iter().map(|fault| fault.rule).collect();
    assert_eq!(
        rules,
        [Rule::WrongType, Rule::UnknownName, Rule::BadWord, Rule::SegmentRule],
        "{found:?}"
    );
    assert!(found.is_sorted_by_key(|fault| fault.line));
}

#[test]
fn there_may_be_64_purposes_and_no_more() {
    let mut text = SMALL.to_owned();
    for number in 5..=65 {
        let _ = write!(
            text,
            "\n[purposes.p{number}]\nnumber = {number}\ntitle = \"P\"\ndescription = \"P\"\n\
             dpv = \"dpv:Marketing\"\nbasis = \"consent\"\nmode = \"identified\"\n\
             roles = [\"analyst\"]\nobjection = \"none\"\n\
             reads.identity.window = \"1 day after collected\"\nuses.p.title = \"P\"\n"
        );
        let found = faults(&text);
        assert_eq!(found.is_empty(), number <= 64, "{number}: {found:?}");
    }
}

#[test]
fn a_category_may_have_64_fields_and_no_more() {
    let mut fields = String::new();
    for number in 2..=64 {
        let _ = writeln!(fields, "f{number} = {{ type = \"flag\" }}");
    }
    let injury = "injury = { type = \"text\", max = 500 }\n";
    let text = SMALL.replace(injury, &format!("{injury}{fields}"));
    assert_eq!(faults(&text), []);
    let text = text.replace(injury, &format!("{injury}f1 = {{ type = \"flag\" }}\n"));
    assert_eq!(faults(&text).first().map(|fault| fault.rule), Some(Rule::TooMany));
}

#[test]
fn a_notice_without_companies_is_at_fault() {
    let found = faults(&SMALL.replace("[objects.company", "[objects.firm"));
    assert!(found.iter().any(|fault| fault.rule == Rule::Company), "{found:?}");
}

#[test]
fn an_empty_file_lacks_everything_and_says_so_once() {
    let found = faults("");
    assert!(found.iter().any(|fault| fault.rule == Rule::MissingKey));
    assert!(found.iter().any(|fault| fault.rule == Rule::NoPurpose));
    assert!(found.len() < 30, "{found:#?}");
}

#[test]
fn the_reference_lists_every_rule_with_its_words() {
    let reference = include_str!("../../../../docs/notice-format.md");
    for rule in Rule::ALL {
        let row = format!("| `{}` | {} |", rule.id(), rule.words());
        assert!(reference.contains(&row), "docs/notice-format.md lacks: {row}");
    }
}
