//! The daily work with contacts: found, looked at, changed, added.

use gantry_tests::demo::Demo;

use super::sign_in;
use crate::browser::Browser;

#[tokio::test]
async fn a_contact_is_found_by_name_and_changed() {
    let demo = Demo::serve();
    let customer = format!("/crm/contacts/{}", demo.person("customer"));
    let browser = Browser::open("changing", demo.url()).await;
    sign_in(&browser, &demo, "account-manager").await;
    browser.go(&customer).await;
    let name = browser.text_of("h1").await;
    browser.go("/crm/contacts").await;
    browser.fill("Name, e-mail, phone or company", &name).await;
    browser.press("Find").await;
    let address = browser.path().await;
    let word = name.split(' ').next().unwrap();
    assert!(!address.contains(word), "what is looked for is in the address: {address}");
    browser.click(&format!("a[href='{customer}']")).await;
    browser.follow("Edit").await;
    // What is no address the browser itself does not send.
    browser.fill("E-mail", "somebody at somewhere").await;
    browser.find("main button.main").await.click().await.unwrap();
    assert_eq!(browser.count("input:invalid").await, 1);
    browser.fill("E-mail", "somebody@somewhere.example").await;
    browser.press("Store").await;
    assert_eq!(browser.path().await, customer);
    browser.see("somebody@somewhere.example").await;
    browser.close().await;
}

#[tokio::test]
async fn a_fault_is_shown_at_its_field_and_what_was_typed_is_kept() {
    let demo = Demo::serve();
    let customer = format!("/crm/contacts/{}", demo.person("customer"));
    let browser = Browser::open("faults", demo.url()).await;
    sign_in(&browser, &demo, "account-manager").await;
    browser.go(&format!("{customer}/edit")).await;
    browser.fill("Job title", "Head of purchasing").await;
    browser.fill("Phone", "extension 12").await;
    browser.press("Store").await;
    browser.see("Nothing was stored.").await;
    let phone = browser.field("Phone").await;
    assert_eq!(phone.attr("aria-invalid").await.unwrap().as_deref(), Some("true"));
    assert_eq!(phone.prop("value").await.unwrap().as_deref(), Some("extension 12"));
    let told = phone.attr("aria-describedby").await.unwrap().unwrap();
    let told = told.split(' ').find(|id| id.ends_with("fault")).unwrap();
    assert!(!browser.text_of(&format!("#{told}")).await.is_empty());
    browser.picture("fault").await;
    browser.fill("Phone", "+358 20 123 4567").await;
    browser.press("Store").await;
    assert_eq!(browser.path().await, customer);
    browser.see("Head of purchasing").await;
    browser.see("+358").await;
    browser.close().await;
}

#[tokio::test]
async fn a_contact_and_a_record_are_added() {
    let demo = Demo::serve();
    let browser = Browser::open("adding", demo.url()).await;
    sign_in(&browser, &demo, "account-manager").await;
    browser.go("/crm/contacts").await;
    browser.follow("Add a contact").await;
    browser.fill("Country", "FI").await;
    browser.fill("Given name", "Tuuli").await;
    browser.fill("Family name", "Kallio").await;
    browser.fill("E-mail", "tuuli.kallio@kallio.example").await;
    browser.press("Add").await;
    assert_eq!(browser.text_of("h1").await, "Tuuli Kallio");
    browser.find("main details summary").await.click().await.unwrap();
    browser.follow("Communications").await;
    browser.choose("Channel", "phone").await;
    browser.fill("Subject", "Asked for a crane of ten tonnes").await;
    browser.press("Add").await;
    browser.see("Asked for a crane of ten tonnes").await;
    browser.see("for Customer relationship management, from console").await;
    browser.close().await;
}

#[tokio::test]
async fn what_somebody_types_is_shown_and_never_run() {
    let demo = Demo::serve();
    let customer = format!("/crm/contacts/{}", demo.person("customer"));
    let browser = Browser::open("markup", demo.url()).await;
    sign_in(&browser, &demo, "account-manager").await;
    let typed =
        "\"><img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>";
    browser.go(&format!("{customer}/edit")).await;
    browser.fill("Job title", typed).await;
    browser.press("Store").await;
    browser.see(typed).await;
    let title = browser.script("return document.title").await;
    assert_ne!(title, "run");
    browser.go(&format!("{customer}/edit")).await;
    let kept = browser.field("Job title").await.prop("value").await.unwrap();
    assert_eq!(kept.as_deref(), Some(typed));
    // The browser complains of scripts that it was kept from running; there were none.
    browser.close().await;
}
