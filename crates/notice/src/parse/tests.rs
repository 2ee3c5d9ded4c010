//! Reading notices that hold, that do not, and that are not notices at all.

use proptest::prelude::*;

use super::*;
use crate::fault::Fault;

const SMALL: &str = include_str!("../../fixtures/small.toml");

fn faults(text: &str) -> Vec<Fault> {
    match Notice::parse(text, "small.toml") {
        Ok(_) => Vec::new(),
        Err(faults) => faults.list,
    }
}

#[test]
fn a_notice_that_holds_is_read_whole() {
    let notice = Notice::parse(SMALL, "small.toml").unwrap_or_else(|f| panic!("{}", f.to_text()));
    assert_eq!(notice.id, "lift-care");
    assert_eq!(notice.categories["identity"].fields["given_name"].title, "Given name");
    assert!(notice.categories["identity"].fields["given_name"].sealed);
    assert!(!notice.categories["identity"].fields["country"].sealed);
    assert_eq!(
        notice.purposes["claims"].reads["visits"].window.to_string(),
        "6 years after the end of the financial year of object closed"
    );
    assert_eq!(notice.profiling.unwrap().weights["clicked"].to_string(), "3");
}

#[test]
fn the_bundled_notice_holds() {
    let text = include_str!("../../../../notices/customer-contacts.toml");
    let read = Notice::parse(text, "customer-contacts.toml");
    read.unwrap_or_else(|faults| panic!("{}", faults.to_text()));
}

#[test]
fn the_notices_of_the_black_box_tests_hold() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/notices");
    for file in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if file.extension().is_some_and(|extension| extension == "toml") {
            let read = Notice::parse_bytes(&std::fs::read(&file).unwrap(), "notice.toml");
            read.unwrap_or_else(|faults| panic!("{}: {}", file.display(), faults.to_text()));
        }
    }
}

#[test]
fn a_file_that_is_not_toml_shows_every_place_where_it_is_not() {
    let text = SMALL
        .replace("own = true", "own = ")
        .replace("mode = \"aggregate\"", "mode = \"aggregate")
        .replace("[audit]", "[audit");
    let found = faults(&text);
    assert!(found.iter().all(|fault| fault.rule == Rule::Syntax));
    let lines: Vec<usize> = found.iter().map(|fault| fault.line).collect();
    for line in [28, 192, 289] {
        assert!(lines.contains(&line), "line {line} is not among {found:#?}");
    }
}

#[test]
fn a_table_given_twice_is_at_fault_at_its_second_place() {
    let found = faults(&format!("{SMALL}\n[roles]\nclerk = \"Clerk\"\n"));
    assert_eq!(found.first().map(|fault| (fault.rule, fault.line)), Some((Rule::Syntax, 305)));
}

#[test]
fn segments_declared_beside_their_category_are_pointed_to_their_place() {
    let found =
        faults(&SMALL.replace("[profiling.segment.engaged]", "[profiling.segments.engaged]"));
    let hint = found.first().and_then(|fault| fault.hint.clone()).unwrap();
    assert!(hint.contains("[profiling.segment.NAME]"), "{found:?}");
}

#[test]
fn columns_count_characters_and_spans_count_bytes() {
    let text = SMALL
        .replace("role = { type", "role = { title = \"Rôlé\", type")
        .replace("\"ordered\", \"present\"", "\"ordered\", \"ordered\"");
    let found = faults(&text);
    let [fault] = found.as_slice() else { panic!("{found:?}") };
    let line = text.lines().nth(fault.line - 1).unwrap();
    let before: String = line.chars().take(fault.column - 1).collect();
    assert!(before.ends_with("\"ordered\", "), "{before}");
    assert_eq!(text.get(fault.span.clone()), Some("\"ordered\""));
}

#[test]
fn faults_have_a_form_for_machines() {
    let Err(faults) = Notice::parse("format = 2", "x.toml") else { panic!("it holds") };
    let json = faults.to_json();
    assert_eq!(json["file"], "x.toml");
    let fault = &json["faults"][0];
    for key in ["rule", "path", "line", "column", "span", "what", "hint"] {
        assert!(!fault[key].is_null(), "{key} is missing in {fault}");
    }
}

#[test]
fn faults_are_shown_with_their_source() {
    let text = SMALL.replace("own = true", "own = 1").replace("number = 3", "number = 7");
    let Err(faults) = Notice::parse(&text, "small.toml") else { panic!("it holds") };
    let theme = miette::GraphicalTheme::unicode_nocolor();
    let handler = miette::GraphicalReportHandler::new_themed(theme).with_width(100);
    let mut out = String::new();
    handler.render_report(&mut out, &faults).unwrap();
    insta::assert_snapshot!(out);
    insta::assert_snapshot!(faults.to_text());
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let mut bytes = SMALL.as_bytes().to_vec();
    assert!(Notice::parse_bytes(&bytes, "small.toml").is_ok());
    bytes.insert(100, 0xff);
    let Err(faults) = Notice::parse_bytes(&bytes, "small.toml") else { panic!("it holds") };
    assert_eq!(faults.list[0].what, "the file is not UTF-8 from byte 100 on");
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_no_fault() {
    assert!(Notice::parse(&format!("\u{feff}{SMALL}"), "small.toml").is_ok());
    assert!(Notice::parse(&SMALL.replace('\n', "\r\n"), "small.toml").is_ok());
}

/// Files that somebody wrote to bring a parser down: each gives faults. The bound on time is wide,
/// for slow machines; what takes more than linear time takes minutes.
#[test]
fn hostile_files_are_refused() {
    let half = MAX_FILE / 2;
    let hostile = [
        "[".repeat(half),
        format!("a = {}", "[".repeat(half)),
        format!("a = {}1{}", "[".repeat(200), "]".repeat(200)),
        format!("a = {}", "{a=".repeat(half / 3)),
        format!("a{} = 1", ".a".repeat(half / 2)),
        format!("[a{}]", ".a".repeat(half / 2)),
        "[a]\n".repeat(half / 4),
        "[[statement]]\n".repeat(20_000),
        "a = 1\n".repeat(half / 6),
        "=\n".repeat(half / 2),
        format!("a = \"{}", "x".repeat(half)),
        format!("{SMALL}\nx = \"{}\"", "x".repeat(half)),
        SMALL.replace("title = \"Figures\"", &format!("title = \"{}\"", "x".repeat(half))),
        SMALL.replace("max = 80", &format!("max = {}", "9".repeat(half))),
        SMALL.replace("score.any >= 3.0", &"(".repeat(500)),
        SMALL.replace("score.any >= 3.0", &format!("{}1{}", "(".repeat(6), ")".repeat(6))),
        SMALL.replace("score.any >= 3.0", &"!".repeat(500)),
        SMALL.replace("score.any >= 3.0", &"-".repeat(500)),
        SMALL.replace("score.any >= 3.0", &"1+".repeat(250)),
        SMALL.replace("score.any >= 3.0", &"1<".repeat(250)),
        SMALL.replace("score.any >= 3.0", &"a&&".repeat(160)),
        SMALL.replace("score.any >= 3.0", &"a||".repeat(160)),
        SMALL.replace("score.any >= 3.0", &"a?".repeat(32)),
        SMALL.replace("score.any >= 3.0", &format!("{}1", "1?1:".repeat(32))),
        SMALL.replace("score.any >= 3.0", &format!("{}1{}", "{1:".repeat(6), "}".repeat(6))),
        SMALL.replace("score.any >= 3.0", &format!("{}1{}", "[".repeat(6), "]".repeat(6))),
        SMALL.replace("score.any >= 3.0", &"[[[1].map(x,".repeat(6)),
        SMALL.replace("score.any >= 3.0", &format!("score.any{}", ".a".repeat(250))),
        SMALL.replace("[\"analyst\"]", &format!("[{}]", "\"x\",".repeat(100_000))),
        "\0".repeat(half),
        "x".repeat(MAX_FILE + 1),
    ];
    for text in hostile {
        let started = std::time::Instant::now();
        let found = Notice::parse(&text, "hostile.toml").expect_err("a hostile file holds");
        let head: String = text.chars().take(30).collect();
        assert!(!found.list.is_empty() && found.list.len() <= crate::fault::MAX_FAULTS);
        let longest = found.list.iter().map(|fault| fault.what.len()).max();
        assert!(longest < Some(600), "{longest:?} for `{head}`");
        let millis = started.elapsed().as_millis();
        assert!(millis < 30_000, "{millis} ms for `{}`", head.escape_debug());
    }
}

/// Words that make sense somewhere in a notice, so that mutations reach further than the syntax.
const WORDS: [&str; 24] = [
    "true",
    "0",
    "-1",
    "\"\"",
    "\"x\"",
    "[]",
    "{}",
    "[\"identity\"]",
    "\"claims\"",
    "\"consent\"",
    "\"aggregate\"",
    "1e400",
    "nan",
    "2026-11-01",
    "[[1]]",
    "{ type = \"text\" }",
    "\"a.b.c/d\"",
    "\"9 years after end of relation\"",
    "\"code\"",
    "99999999999999999999",
    "'''",
    "[purposes.x]",
    "\"\u{1F600}\"",
    "1979-05-27T07:32:00Z",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_bytes_give_a_notice_or_faults(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Notice::parse_bytes(&bytes, "any.toml");
    }

    #[test]
    fn any_text_gives_a_notice_or_faults(text in "[a-z\\[\\]{}=\"'.,\n #0-9-]{0,300}") {
        let _ = Notice::parse(&text, "any.toml");
    }

    #[test]
    fn any_rule_gives_a_notice_or_faults(rule in "[a-z(). &|!?:<>=+*\\[\\]{}@'0-9-]{1,60}") {
        let text = SMALL.replace("score.any >= 3.0 && days_since_reaction < 60", &rule);
        let _ = Notice::parse(&text, "any.toml");
    }

    #[test]
    fn a_mutated_notice_gives_a_notice_or_faults_within_the_file(
        edits in proptest::collection::vec((any::<prop::sample::Index>(), 0..6u8, 0..24usize), 1..6)
    ) {
        let mut lines: Vec<String> = SMALL.lines().map(str::to_owned).collect();
        for (place, kind, word) in edits {
            let at = place.index(lines.len());
            match (kind, lines[at].clone().split_once('=')) {
                (0, _) => drop(lines.remove(at)),
                (1, _) => lines.insert(at, lines[at].clone()),
                (2, _) => lines.swap(at, place.index(at + 1)),
                (3, _) => {
                    let cut = lines[at].len() / 2;
                    lines[at].truncate(cut);
                }
                (_, Some((key, _))) => lines[at] = format!("{key}= {}", WORDS[word]),
                _ => lines.insert(at, format!("x = {}", WORDS[word])),
            }
        }
        let text = lines.join("\n");
        if let Err(faults) = Notice::parse(&text, "mutated.toml") {
            for fault in faults.list {
                prop_assert!(text.get(fault.span.clone()).is_some(), "{fault:?}");
                prop_assert!(fault.line <= text.lines().count() + 1);
            }
        }
    }
}
