//! Working for a purpose, and for another one.

use gantry_tests::demo::Demo;

use super::sign_in;
use crate::browser::Browser;

#[tokio::test]
async fn the_same_contact_is_another_answer_under_each_purpose() {
    let demo = Demo::serve();
    let customer = demo.person("customer");
    let browser = Browser::open("three-purposes", demo.url()).await;
    sign_in(&browser, &demo, "demo").await;
    browser.go(&format!("/crm/contacts/{customer}")).await;
    browser.see("E-mail").await;
    let name = browser.text_of("h1").await;
    let email = browser.text_of("#category-contact-details dd").await;
    assert!(email.contains('@'), "{email}");
    // The purpose is changed by the list that is always there.
    browser.click("nav.purposes a[href='/manufacturing']").await;
    assert_eq!(browser.text_of(".purpose-bar strong").await, "Manufacturing of products");
    browser.go(&format!("/manufacturing/contacts/{customer}")).await;
    assert_eq!(browser.text_of("h1").await, name);
    browser.see("are not used for Manufacturing of products").await;
    browser.see_no("E-mail").await;
    browser.see_no("@").await;
    browser.go(&format!("/research/contacts/{customer}")).await;
    browser.see_no(&name).await;
    browser.go("/research/records").await;
    browser.see("Records under aliases").await;
    browser.see_no(&name).await;
    browser.go(&format!("/reporting/contacts/{customer}")).await;
    browser.see_no(&name).await;
    browser.go("/reporting/report").await;
    browser.choose("Of", "Contacts: Orders and deliveries taken part in").await;
    browser.choose("By (lines)", "country").await;
    browser.press("Show").await;
    browser.see("cells under").await;
    browser.see_no(&name).await;
    browser.close().await;
}

#[tokio::test]
async fn purposes_that_one_does_not_have_are_shut_and_say_why() {
    let demo = Demo::serve();
    let browser = Browser::open("locked", demo.url()).await;
    sign_in(&browser, &demo, "planner").await;
    browser.find("main > details summary").await.click().await.unwrap();
    browser.see("None of your roles works for it.").await;
    assert_eq!(browser.count("nav.purposes li > a").await, 1, "a planner has one purpose");
    browser.find("nav.purposes li.locked summary").await.click().await.unwrap();
    let why = browser.text_of("nav.purposes li.locked p").await;
    assert!(why.contains("The notice gives it to: Business analyst"), "{why}");
    browser.picture("locked-purposes").await;
    browser.go("/crm/contacts").await;
    assert_eq!(browser.count("table").await, 0);
    browser.see_no("E-mail").await;
    browser.close().await;
}

#[tokio::test]
async fn everything_is_left_out_with_a_word_and_explained_by_the_notice() {
    let demo = Demo::serve();
    let customer = demo.person("customer");
    let browser = Browser::open("why", demo.url()).await;
    sign_in(&browser, &demo, "planner").await;
    browser.go(&format!("/manufacturing/contacts/{customer}")).await;
    browser.click("#category-identity .why").await;
    browser.see("Lawful basis").await;
    browser.see("legitimate interest").await;
    browser.see("12 months after last activity").await;
    browser.close().await;
}
