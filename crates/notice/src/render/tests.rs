//! The published page of the bundled and of the small notice.

use super::*;

fn pages() -> Vec<(Notice, String)> {
    let bundled = include_str!("../../../../notices/customer-contacts.toml");
    [bundled, include_str!("../../fixtures/small.toml")]
        .into_iter()
        .map(|text| {
            let notice = Notice::parse(text, "notice.toml").unwrap();
            let page = render(&notice);
            (notice, page)
        })
        .collect()
}

#[test]
fn the_page_has_every_purpose_category_and_segment() {
    for (notice, page) in pages() {
        for id in notice.purposes.keys() {
            assert!(page.contains(&format!("id=\"purpose-{id}\"")), "{id}");
        }
        for (id, category) in &notice.categories {
            assert!(page.contains(&format!("id=\"category-{id}\"")), "{id}");
            assert!(page.contains(&html! { (category.description) }.into_string()), "{id}");
        }
        for segment in notice.profiling.iter().flat_map(|profiling| profiling.segment.values()) {
            assert!(page.contains(&html! { (segment.meaning) }.into_string()));
        }
    }
}

#[test]
fn the_page_asks_nothing_of_anybody_else() {
    for (_, page) in pages() {
        for word in ["<script", "<img", "<link", "<iframe", "url(", "@import", " src=", "onclick"] {
            assert!(!page.contains(word), "{word}");
        }
    }
}

#[test]
fn every_link_within_the_page_leads_somewhere_and_ids_are_there_once() {
    for (_, page) in pages() {
        let ids: Vec<&str> =
            page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let mut once = ids.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), ids.len(), "an id is there twice");
        for link in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(ids.contains(&link), "#{link} leads nowhere");
        }
    }
}

#[test]
fn words_of_the_notice_cannot_become_markup() {
    let text = include_str!("../../fixtures/small.toml")
        .replace("title = \"Campaigns\"", "title = \"<script>alert(1)</script>\"")
        .replace("You react to our messages.", "\\\"><b>x</b>");
    let page = render(&Notice::parse(&text, "small.toml").unwrap());
    assert!(!page.contains("<script") && !page.contains("<b>"));
}

#[test]
fn a_table_has_headers_for_its_rows_and_columns() {
    for (_, page) in pages() {
        let tables = page.matches("<table").count();
        assert!(tables > 0);
        assert_eq!(page.matches("<th>").count(), 0, "a header without scope");
        assert_eq!(page.matches("<table class=\"stack\" aria-label").count(), tables - 1);
    }
}
