//! The notice at work, by two people, and the trail.

use gantry_engine::draft::ContactDraft;

use crate::support::{House, bundled, texts};

/// The bundled notice as a next version, with one more month for CRM.
fn next() -> String {
    let text = bundled();
    let version = text.lines().find(|line| line.starts_with("version = ")).unwrap();
    let effective = text.lines().find(|line| line.starts_with("effective = ")).unwrap();
    text.replacen(version, "version = \"2026-11b\"", 1)
        .replacen(effective, "effective = \"2026-11-01\"", 1)
        .replacen(
            "survey-answers = { window = \"24 months",
            "survey-answers = { window = \"25 months",
            1,
        )
}

#[tokio::test]
async fn a_new_version_is_proposed_by_one_and_approved_by_another() {
    let house = House::new().await;
    house.anna().await.contact("FI").await;
    let mut owner = house.at_work("paula", &["privacy-owner:approve"]).await;
    let mut second = house.at_work("sari", &["privacy-owner:approve"]).await;
    owner.get("/house/notice/next").await.expect(200).shows("A new version of the notice");
    owner.post("/house/notice/next", &[("text", &next())]).await.to("/house/notice/next");
    let waiting = owner.get("/house/notice/next").await.expect(200);
    waiting
        .shows("Version 2026-11b waits")
        .shows("More may be done")
        .shows("25 months")
        .hides("Approve it");
    let mark = house.engine.proposal().await.unwrap().unwrap().mark(0);
    owner
        .post("/house/notice/next/approve", &[("mark", &mark)])
        .await
        .expect(422)
        .shows("a second person");
    second.get("/house/notice/next").await.expect(200).shows("Approve it").shows("must be told");
    second.post("/house/notice/next/approve", &[("mark", "another")]).await.expect(409);
    second.post("/house/notice/next/approve", &[("mark", &mark)]).await.to("/house/notice");
    second.get("/house/notice").await.expect(200).shows("2026-11b");
    assert_eq!(house.engine.policy().policy().notice().version, "2026-11b");
    second.get("/house/notice/compare?from=0&to=1").await.expect(200).shows("25 months");
}

#[tokio::test]
async fn whom_to_tell_is_known_by_name_before_a_version_is_approved_and_afterwards() {
    let house = House::new().await;
    house.anna().await.contact("FI").await;
    let odd = house.people("crm").await;
    let identity = texts(&[("given_name", "=cmd()"), ("family_name", "Laine")]);
    let data = [("identity".to_owned(), identity)].into_iter().collect();
    let draft = ContactDraft { country: Some("FI".into()), data, ..ContactDraft::default() };
    odd.add_contact(&draft).await.unwrap();
    let mut owner = house.at_work("paula", &["privacy-owner:approve"]).await;
    let mut second = house.at_work("sari", &["privacy-owner:approve"]).await;
    let mut seller = house.at_work("mika", &["seller:approve"]).await;
    // It serves everybody otherwise than before.
    let text = next().replacen("answer_within_days = 30", "answer_within_days = 29", 1).replacen(
        "identity = { window = \"24 months",
        "identity = { window = \"36 months",
        1,
    );
    owner.get("/house/notice/told").await.expect(404);
    owner.post("/house/notice/next", &[("text", &text)]).await.to("/house/notice/next");
    owner.get("/house/notice/next").await.expect(200).shows("/house/notice/told.csv");
    let list = owner.get("/house/notice/told").await.expect(200);
    list.shows("Aino Virtanen").shows("aino.virtanen@harbour.example").shows("=cmd() Laine");
    let mark = house.engine.proposal().await.unwrap().unwrap().mark(0);
    second.post("/house/notice/next/approve", &[("mark", &mark)]).await.to("/house/notice");
    for path in ["told?from=0&to=1", "compare?from=0&to=1"] {
        second.get(&format!("/house/notice/{path}")).await.expect(200);
    }
    let table = second.get("/house/notice/told.csv?from=0&to=1").await.expect(200);
    assert_eq!(table.header("content-type"), "text/csv; charset=utf-8");
    let lines: Vec<&str> = table.html.lines().collect();
    assert_eq!((lines.len(), lines[0]), (3, r#""id","name","email","language","country""#));
    assert!(table.html.contains(r#""'=cmd() Laine""#), "{}", table.html);
    assert!(table.html.contains(r#""aino.virtanen@harbour.example","fi","FI""#), "{}", table.html);
    for path in ["told", "told?from=0&to=1", "told.csv?from=0&to=1"] {
        let shown = seller.get(&format!("/house/notice/{path}")).await;
        assert!([403, 404].contains(&shown.status.as_u16()), "{path}");
        shown.hides("Virtanen");
    }
    second.get("/house/notice/told?from=0&to=9").await.expect(404);
}

#[tokio::test]
async fn a_version_that_does_not_hold_is_told_by_line_and_nothing_waits() {
    let house = House::new().await;
    let mut owner = house.at_work("paula", &["privacy-owner"]).await;
    let broken = next().replacen("mode = \"identified\"", "mode = \"naked\"", 1);
    let shown = owner.post("/house/notice/next", &[("text", &broken)]).await.expect(422);
    shown.shows("It does not hold yet").shows("Line ");
    assert!(house.engine.proposal().await.unwrap().is_none());
}

#[tokio::test]
async fn who_does_not_work_on_the_notice_can_neither_propose_nor_approve_nor_take_back() {
    let house = House::new().await;
    let mut owner = house.at_work("paula", &["privacy-owner"]).await;
    let mut seller = house.at_work("mika", &["seller:approve"]).await;
    seller.post("/house/notice/next", &[("text", &next())]).await.expect(403);
    owner.post("/house/notice/next", &[("text", &next())]).await.to("/house/notice/next");
    seller
        .get("/house/notice/next")
        .await
        .expect(200)
        .hides("Approve it")
        .hides("Take it back")
        .hides("Whom to tell");
    let mark = house.engine.proposal().await.unwrap().unwrap().mark(0);
    seller.post("/house/notice/next/approve", &[("mark", &mark)]).await.expect(403);
    seller.post("/house/notice/next/withdraw", &[]).await.expect(403);
    // To write is not to approve.
    let mut writer = house.at_work("sari", &["privacy-owner"]).await;
    writer.post("/house/notice/next/approve", &[("mark", &mark)]).await.expect(403);
    writer.post("/house/notice/next/withdraw", &[]).await.to("/house/notice/next");
    assert!(house.engine.proposal().await.unwrap().is_none());
}

#[tokio::test]
async fn an_approved_version_comes_into_force_on_its_day_by_itself() {
    let house = House::new().await;
    let mut owner = house.at_work("paula", &["privacy-owner"]).await;
    let mut second = house.at_work("sari", &["privacy-owner:approve"]).await;
    let later = next().replacen("effective = \"2026-11-01\"", "effective = \"2026-11-03\"", 1);
    owner.post("/house/notice/next", &[("text", &later)]).await.to("/house/notice/next");
    let mark = house.engine.proposal().await.unwrap().unwrap().mark(0);
    second.get("/house/notice/next").await.expect(200).shows("line by line");
    second.post("/house/notice/next/approve", &[("mark", &mark)]).await.to("/house/notice");
    house.engine.tick(true).await.unwrap();
    assert_ne!(house.engine.policy().policy().notice().version, "2026-11b");
    house.clock.advance_days(2);
    house.engine.tick(true).await.unwrap();
    assert_eq!(house.engine.policy().policy().notice().version, "2026-11b");
    assert!(house.engine.proposal().await.unwrap().is_none());
}

#[tokio::test]
async fn the_trail_is_looked_at_verified_and_downloaded_under_its_purpose_alone() {
    let house = House::new().await;
    let id = house.anna().await.contact("FI").await;
    let mut guard = house.at_work("gun", &["security-analyst"]).await;
    guard.get("/integrity/trail").await.expect(200).shows("anna").shows("collect");
    guard.get("/integrity/trail?purpose=crm&outcome=done").await.expect(200).shows("crm");
    let shown = guard.get("/integrity/trail?contact=nonsense&actor=anna").await.expect(422);
    shown.shows("id=\"field-contact-fault\"").shows("value=\"anna\"").shows("value=\"nonsense\"");
    // Who inspects misuse sees people, and finds entries by a name; in the address stands the id alone.
    let by_name = [("contact", "aino virtanen")];
    let to = guard.post("/integrity.investigations/trail/find", &by_name).await;
    let to = to.to(&format!("/integrity.investigations/trail?contact={id}"));
    guard.get(&to).await.expect(200).shows("anna").shows("collect");
    let unseen = guard.post("/integrity/trail/find", &by_name).await.expect(422);
    unseen.shows("nobody is found by this whom this use may see").shows("value=\"aino virtanen\"");
    // Start pages and empty lists are left out, unless asked for.
    guard.get("/integrity").await.expect(200);
    let entries = |html: &str| html.matches("<tr>").count();
    let few = guard.get("/integrity/trail?actor=gun").await.expect(200);
    let all = guard.get("/integrity/trail?actor=gun&looks=all").await.expect(200);
    assert!(entries(&few.html) < entries(&all.html));
    guard.post("/integrity/trail/verify", &[]).await.expect(200).shows("It holds");
    let lines = guard.get("/integrity/trail/export?purpose=crm").await.expect(200);
    assert!(lines.html.lines().count() > 0);
    for line in lines.html.lines() {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(entry["purpose"], "crm");
    }
    let mut anna = house.at_work("anna", &[]).await;
    anna.get("/crm/trail").await.expect(403);
}
