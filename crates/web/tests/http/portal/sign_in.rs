//! Coming in and going: the mail, the link, the button, and the same answer for everybody.

use gantry_post::Post;

use super::browser::{AINO, URL};
use crate::support::{House, texts};

#[tokio::test]
async fn a_contact_signs_in_by_the_link_in_the_mail_and_leaves() {
    let house = House::with_portal().await;
    house.aino("FI", None).await;
    let mut browser = house.guest();
    let back = browser.get("/me").await.expect(303);
    assert_eq!(back.header("location"), "/me/sign-in");
    browser.get("/me/sign-in").await.expect(200).says("Your e-mail address");
    let sent = browser.send_form("/me/sign-in", &[("email", AINO)]).await.expect(303);
    assert_eq!(sent.header("location"), "/me/sent");
    browser.get("/me/sent").await.expect(200).says("15 minutes");
    let link = house.link().await;
    assert!(link.starts_with("/me/enter/"), "{link}");
    // Whoever only looks, as mail scanners do, uses nothing up.
    for _ in 0..3 {
        browser.get(&link).await.expect(200).says("Show my data");
        house.guest().get(&link).await.expect(200).says("only in the browser");
    }
    let came = browser.send_form(&link, &[]).await.expect(303);
    assert_eq!(came.header("location"), "/me");
    browser.get("/me").await.expect(200).says("Your data with us");
    assert_eq!(browser.get("/me/sign-in").await.expect(303).header("location"), "/me");
    browser.send_form("/me/leave", &[]).await.expect(303);
    browser.get("/me").await.expect(303);
    assert!(!browser.cookies.contains_key("__Secure-portal-visit"));
}

#[tokio::test]
async fn the_answer_is_the_same_for_addresses_that_are_unknown_shared_or_erased() {
    let house = House::with_portal().await;
    house.aino("FI", None).await;
    for name in ["Eeva", "Eetu"] {
        house.contact("FI", texts(&[("given_name", name)]), "info@harbour.example").await;
    }
    let gone = house.contact("FI", texts(&[("given_name", "Olli")]), "olli@harbour.example").await;
    house.people("claims").await.erase(gone).await.unwrap();
    let mut answers = Vec::new();
    for email in [AINO, "nobody@harbour.example", "info@harbour.example", "olli@harbour.example"] {
        let mut browser = house.guest();
        browser.get("/me/sign-in").await.expect(200);
        let sent = browser.send_form("/me/sign-in", &[("email", email)]).await;
        let page = browser.get("/me/sent").await;
        let mut headers = sent.headers.clone();
        headers.remove("x-request-id");
        answers.push((sent.status, format!("{headers:?}"), sent.text, page.text));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:#?}");
    let mails = house.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to.to_string(), AINO);
}

#[tokio::test]
async fn the_mail_is_in_the_contacts_language_and_its_subject_tells_nothing_of_the_contact() {
    for (language, subject, words) in [
        (None, "Your link to your data at", "It works once, within 15 minutes"),
        (Some("fi"), "Linkki tietoihisi", "Se toimii kerran 15 minuutin ajan"),
        (Some("de-AT"), "Ihr Link zu Ihren Daten bei", "Er gilt einmal, 15 Minuten lang"),
        (Some("zh"), "查看您在", "链接在 15 分钟内有效"),
        (Some("sv"), "Your link to your data at", "It works once"),
    ] {
        let house = House::with_portal().await;
        house.aino("FI", language).await;
        let mut browser = house.guest();
        browser.send_form("/me/sign-in", &[("email", AINO)]).await.expect(303);
        let mails = house.mails().await;
        let mail = &mails[0];
        assert!(mail.subject.starts_with(subject), "{}", mail.subject);
        assert!(mail.text.contains(words), "{}", mail.text);
        for personal in ["Aino", "Virtanen", "harbour"] {
            assert!(!mail.subject.contains(personal));
        }
        assert_eq!(mail.text.matches(URL).count(), 1);
    }
}

#[tokio::test]
async fn a_link_that_is_used_over_or_of_another_browser_says_so_and_lets_nobody_in() {
    let house = House::with_portal().await;
    house.aino("FI", None).await;
    let mut browser = house.visitor(AINO, "en").await;
    let used = house.link().await;
    browser.send_form("/me/leave", &[]).await.expect(303);
    browser.send_form(&used, &[]).await.expect(403).says("This link does not work");

    browser.send_form("/me/sign-in", &[("email", AINO)]).await.expect(303);
    let link = house.link().await;
    let mut thief = house.guest();
    thief.get("/me/sign-in").await.expect(200);
    thief.send_form(&link, &[]).await.expect(403).says("This link does not work");
    assert!(!thief.cookies.contains_key("__Secure-portal-visit"));
    house.pass_minutes(15);
    browser.send_form(&link, &[]).await.expect(403).says("This link does not work");
    browser.get("/me/enter/short").await.expect(404);
    browser.get(&format!("/me/enter/{}", "%3Cscript%3E".repeat(6))).await.expect(404);
}

#[tokio::test]
async fn a_visit_ends_by_silence_and_the_browser_forgets_it() {
    let house = House::with_portal().await;
    house.aino("FI", None).await;
    let mut browser = house.visitor(AINO, "en").await;
    house.pass_minutes(30);
    let back = browser.get("/me/held").await.expect(303);
    assert_eq!(back.header("location"), "/me/sign-in");
    assert!(!browser.cookies.contains_key("__Secure-portal-visit"));
}

#[tokio::test]
async fn coming_in_makes_a_new_visit_whatever_the_browser_had() {
    let house = House::with_portal().await;
    house.aino("FI", None).await;
    let mut browser = house.guest();
    browser.cookies.insert("__Secure-portal-visit".into(), "0".repeat(58));
    browser.get("/me/sign-in").await.expect(200);
    browser.send_form("/me/sign-in", &[("email", AINO)]).await.expect(303);
    let link = house.link().await;
    browser.send_form(&link, &[]).await.expect(303);
    assert_ne!(browser.cookies["__Secure-portal-visit"], "0".repeat(58));
}

#[tokio::test]
async fn what_is_no_address_is_told_at_its_field() {
    let house = House::with_portal().await;
    let mut browser = house.guest();
    browser.get("/me/sign-in").await.expect(200);
    for text in ["", "aino", "a b@c.example", "aino@harbour.example\r\nBcc: x@y.example"] {
        let page = browser.send_form("/me/sign-in", &[("email", text)]).await.expect(422);
        let page = page.says("This is not an e-mail address").says("aria-invalid=\"true\"");
        page.says("id=\"email-fault\"").says_not("Bcc");
    }
    assert!(house.mails().await.is_empty());
}

#[tokio::test]
async fn where_no_mail_can_be_sent_the_page_says_whom_to_write_to() {
    let house = House::sending(Post::None).await;
    let page = house.guest().get("/me/sign-in").await.expect(200);
    page.says("No links can be sent").says("privacy@konecranes.example").says_not("<form");
    house.guest().get("/demo/mail").await.expect(404);
}

#[tokio::test]
async fn a_demo_shows_the_mail_that_it_caught() {
    let house = House::with_portal().await;
    house.aino("FI", None).await;
    house.guest().get("/demo/mail").await.expect(200).says("There is none yet");
    house.visitor(AINO, "en").await;
    let page = house.guest().get("/demo/mail").await.expect(200);
    page.says(AINO).says(&format!("<a href=\"{URL}/me/enter/"));
}
