//! Every page in every language: nothing missing, and nothing left of another language.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gantry_engine::portal::RequestKind;
use gantry_engine::session::{Scope, Statement};
use gantry_notice::{Notice, Texts};

use super::browser::{AINO, Browser, Shown, event};
use crate::support::{House, bundled};

const LANGUAGES: [&str; 4] = ["en", "fi", "de", "zh"];

/// Texts that are the same in every language.
const FREE: &[&str] = &[
    "English",
    "Suomi",
    "Deutsch",
    "简体中文",
    "Konecranes Plc, also for the companies of its Group",
    "Portal",
    "Chat",
    "Text",
    "Region",
    "Aino",
];

/// What each language says, as far as nothing is filled in, by its words and by the notice.
fn said() -> BTreeMap<&'static str, BTreeSet<String>> {
    let notice = Notice::parse(&bundled(), "bundled").unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/portal/texts");
    let said_in = |language: &'static str| {
        let source = std::fs::read_to_string(folder.join(format!("{language}.ftl"))).unwrap();
        let words = source.lines().filter_map(|line| line.split_once(" = "));
        let words = words.filter(|(key, text)| !key.starts_with(' ') && !text.contains('{'));
        let mut said: BTreeSet<String> = words.map(|(_, text)| text.trim().to_owned()).collect();
        let texts = Texts::of(&notice, language);
        let paths = notice.translations["fi"].keys();
        said.extend(paths.filter_map(|path| texts.at(path)).map(|text| text.text.to_owned()));
        (language, said)
    };
    LANGUAGES.into_iter().map(said_in).collect()
}

/// What other languages say and this one does not.
fn foreign_to(language: &str, said: &BTreeMap<&'static str, BTreeSet<String>>) -> BTreeSet<String> {
    let others = said.iter().filter(|(other, _)| **other != language);
    let foreign = others.flat_map(|(_, said)| said).cloned();
    foreign.filter(|text| !said[language].contains(text) && !is_free(text)).collect()
}

/// Whether a text may be the same in every language: it has no words, or is a name or an address.
fn is_free(text: &str) -> bool {
    let wordless = text.chars().filter(|c| c.is_alphabetic()).count() < 3;
    wordless || FREE.contains(&text) || text.contains('@') || text.contains("R-2026")
}

/// Contacts that pages look different for.
async fn samples(house: &House) -> Vec<(&'static str, Browser)> {
    let mut samples = Vec::new();
    for (sample, country) in [("full", "FI"), ("sorted", "FI"), ("consent", "CN"), ("quiet", "SE")]
    {
        let email = format!("{sample}@harbour.example");
        let identity = crate::support::texts(&[("given_name", "Aino"), ("language", "sv")]);
        let id = house.contact(country, identity, &email).await;
        if sample == "full" {
            let roles = [
                ("marketing", "reactions", ("reaction", "clicked")),
                ("sales", "orders", ("role", "orderer")),
                ("invoicing", "payment", ("role", "payer")),
                ("events", "participation", ("status", "attended")),
                ("safety", "safety", ("kind", "induction")),
            ];
            for (purpose, category, field) in roles {
                for _ in 0..7 {
                    house.record(purpose, id, event(category, &[field])).await;
                }
            }
            let claims = house.people("claims").await;
            for scope in ["marketing", "crm", "profiling", "email"] {
                claims.say(id, Statement::Objects, &Scope::parse(scope)).await.unwrap();
            }
        }
        if sample == "sorted" {
            house.work_out(id).await;
        }
        if sample == "consent" {
            let claims = house.people("claims").await;
            claims.say(id, Statement::Restricts, &Scope::Whole).await.unwrap();
        }
        samples.push((sample, house.visitor(Box::leak(email.into_boxed_str()), "en").await));
    }
    samples
}

/// The pages of a visit, those with a fault or an answer among them.
async fn pages(browser: &mut Browser, forms: bool) -> Vec<(String, Shown)> {
    let mut pages = Vec::new();
    let mut paths: Vec<String> = [
        "",
        "/held",
        "/held/orders",
        "/purposes",
        "/used",
        "/categories",
        "/requests",
        "/requests?opened",
        "/preferences",
        "/preferences?saved",
        "/leave",
        "/sent",
        "/nowhere",
        "/held/nowhere",
    ]
    .iter()
    .map(|path| format!("/me{path}"))
    .collect();
    paths.extend(RequestKind::ALL.map(|kind| format!("/me/requests/new/{}", kind.word())));
    for path in paths {
        let shown = browser.get(&path).await;
        pages.push((path, shown));
    }
    if !forms {
        return pages;
    }
    let token = browser.get("/me/preferences").await.token();
    let says = |says: &'static str, scope: &'static str| vec![("says", says), ("scope", scope)];
    let forms: Vec<(&str, Vec<(&str, &str)>)> = vec![
        ("/me/purposes", says("object", "sales")),
        ("/me/purposes", says("object", "sales")),
        ("/me/purposes", says("withdraw-objection", "sales")),
        ("/me/purposes", says("withdraw-objection", "sales")),
        ("/me/purposes", says("consent", "sales")),
        ("/me/purposes", says("withdraw-consent", "sales")),
        ("/me/purposes", says("withdraw-consent", "sales")),
        ("/me/purposes", says("object", "marketing")),
        ("/me/purposes", says("consent", "marketing")),
        ("/me/purposes", says("withdraw-objection", "marketing")),
        ("/me/purposes", says("object", "invoicing")),
        ("/me/purposes", says("object", "profiling")),
        ("/me/purposes", says("withdraw-objection", "profiling")),
        ("/me/preferences", says("object", "phone")),
        ("/me/preferences", says("consent", "phone")),
        ("/me/preferences", vec![("identity.given_name", "x")]),
        ("/me/preferences", vec![("preferences.frequency", "hourly")]),
        ("/me/requests/new/rectification", vec![("field", ""), ("value", "x")]),
        (
            "/me/requests/new/rectification",
            vec![("field", "contact-details.email"), ("value", "x")],
        ),
        ("/me/requests/new/access", vec![("words", "\u{7}")]),
        ("/me/requests/new/erasure", vec![("words", "")]),
    ];
    for (path, fields) in forms {
        let all: Vec<_> = fields.iter().copied().chain([("form", token.as_str())]).collect();
        let shown = browser.post(path, &all).await;
        pages.push((format!("{path} {fields:?}"), shown));
    }
    pages.push(("no token".to_owned(), browser.post("/me/purposes", &[]).await));
    pages.push(("requests".to_owned(), browser.get("/me/requests").await));
    pages
}

/// The pages of somebody who is not known yet.
async fn outside(house: &House, language: &'static str) -> Vec<(String, Shown)> {
    let mut browser = house.guest().reading(language);
    let link = format!("/me/enter/{}", "0".repeat(58));
    let mut pages = vec![("no cookie".to_owned(), browser.get(&link).await)];
    for path in ["/me/sign-in", "/me/sent", "/me/nowhere", &link, "/demo/mail"] {
        pages.push((path.to_owned(), browser.get(path).await));
    }
    let bad = browser.send_form("/me/sign-in", &[("email", "x")]).await;
    pages.push(("bad address".to_owned(), bad));
    pages.push(("bad link".to_owned(), browser.send_form(&link, &[]).await));
    pages
}

fn hold(language: &str, foreign: &BTreeSet<String>, path: &str, page: &Shown) {
    let status = page.status.as_u16();
    assert!(matches!(status, 200 | 303 | 403 | 404 | 409 | 422), "{language} {path}: {status}");
    if status == 303 {
        return;
    }
    let tag = if language == "zh" { "zh-Hans" } else { language };
    assert!(page.text.contains(&format!("<html lang=\"{tag}\">")), "{language} {path}");
    assert_eq!(page.text.matches("<h1>").count(), 1, "{language} {path}");
    let title = page.text.split("<title>").nth(1).unwrap().split("</title>").next().unwrap();
    assert!(title.len() > 3, "{language} {path}");
    for piece in page.pieces() {
        assert!(!foreign.contains(&piece), "{language} {path} says `{piece}`");
    }
    // A text of the notice that is not translated says in which language it is.
    let chosen = page.text.split("class=\"languages\"").next().unwrap();
    for other in LANGUAGES.iter().filter(|other| **other != language) {
        assert!(!chosen.contains(&format!("<span lang=\"{other}\"")), "{language} {path}: {other}");
    }
}

#[tokio::test]
async fn every_page_is_whole_in_every_language_and_in_no_other() {
    let (house, said) = (House::with_portal().await, said());
    let samples = samples(&house).await;
    let mut english: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for language in LANGUAGES {
        let foreign = foreign_to(language, &said);
        assert!(foreign.len() > 1_000, "{}", foreign.len());
        let mut all = outside(&house, language).await;
        // The mails that were caught are in the languages of those who get them.
        all.retain(|(path, _)| path != "/demo/mail");
        for (sample, browser) in &samples {
            let forms = *sample != "quiet";
            let pages = pages(&mut browser.clone().reading(language), forms).await;
            all.extend(pages.into_iter().map(|(path, page)| (format!("{sample} {path}"), page)));
        }
        for (path, page) in all {
            hold(language, &foreign, &path, &page);
            let pieces: BTreeSet<String> = page.pieces().into_iter().collect();
            if language == "en" {
                english.insert(path, pieces);
            } else {
                // What is written in a page itself is the same in every language.
                let same = pieces.intersection(&english[&path]).filter(|piece| !is_free(piece));
                let same: Vec<&String> = same.collect();
                assert!(same.is_empty(), "{language} {path}: {same:?}");
            }
        }
    }
}

#[tokio::test]
async fn numbers_and_days_are_as_each_language_writes_them() {
    let house = House::with_portal().await;
    let id = house.aino("FI", None).await;
    house.record("crm", id, event("communications", &[("subject", "One")])).await;
    let browser = house.visitor(AINO, "en").await;
    let cases = [
        ("en", "1 record.", "30 October 2026", "12:00 UTC"),
        ("fi", "1 merkintä.", "30. lokakuuta 2026", "klo 12:00 UTC"),
        ("de", "1 Eintrag.", "30. Oktober 2026", "12:00 Uhr UTC"),
        ("zh", "1 条记录。", "2026年10月30日", "2026年11月1日 12:00"),
    ];
    for (language, one, day, moment) in cases {
        let mut browser = browser.clone().reading(language);
        browser.get("/me/held").await.expect(200).says(one).says(day);
        browser.get("/me/used").await.expect(200).says(moment);
    }
    house.record("crm", id, event("communications", &[("subject", "Two")])).await;
    let many = [("en", "2 records."), ("fi", "2 merkintää."), ("de", "2 Einträge.")];
    for (language, two) in many {
        let mut browser = browser.clone().reading(language);
        browser.get("/me/held").await.expect(200).says(two);
    }
}

#[tokio::test]
async fn the_language_is_the_one_chosen_in_the_page_else_the_preferred_else_the_browsers() {
    let house = House::with_portal().await;
    house.aino("FI", Some("fi")).await;
    let mut browser = house.guest().reading("de");
    browser.get("/me/sign-in").await.expect(200).says("Link zuschicken");
    let chosen = browser.get("/me/sign-in?lang=zh").await.expect(303);
    assert_eq!(chosen.header("location"), "/me/sign-in");
    browser.get("/me/sign-in").await.expect(200).says("给我发送链接");

    let mut browser = house.visitor(AINO, "de").await;
    browser.get("/me").await.expect(200).says("Tietosi meillä");
    browser.get("/me/held?lang=en").await.expect(303);
    browser.get("/me/held").await.expect(200).says("What we hold about you");
    browser.get("/me/held?lang=klingon").await.expect(200).says("What we hold about you");
}
