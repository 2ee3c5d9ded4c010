//! Contacts of another system, taken in step by step.

use gantry_tests::demo::Demo;

use super::sign_in;
use crate::accessible::Looked;
use crate::browser::Browser;

/// Two people, one row that cannot be, and a column that the notice does not list.
const PEOPLE: &str = "firstname,lastname,company,email,country,birthday
Eetu,Laine,Harbour Works,eetu.laine@harbour.example,Finland,1980-01-01
Ronja,Salo,Harbour Works,ronja.salo@harbour.example,Finland,1984-05-05
Vilho,Niemi,Harbour Works,vilho at home,Finland,1990-02-02
";

#[tokio::test]
async fn a_file_of_another_system_is_looked_at_and_taken_in() {
    let demo = Demo::serve();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("people.csv");
    std::fs::write(&file, PEOPLE).unwrap();
    let browser = Browser::open("importing", demo.url()).await;
    let mut looked = Looked::default();
    sign_in(&browser, &demo, "account-manager").await;
    browser.go("/crm/import").await;
    browser.fill("Name of the system it comes from", "mautic").await;
    browser.fill("File", file.to_str().unwrap()).await;
    browser.press("Upload").await;
    browser.see("Recognised by its columns").await;
    browser.see("Eetu").await;
    looked.here(&browser, "import-preview").await;
    browser.follow("Another map").await;
    looked.here(&browser, "import-map").await;
    browser.follow("Back to what the map makes of the file").await;
    browser.press("Look at all rows").await;
    // The page tells of itself when the look is over.
    browser.see("What would become of 3 rows").await;
    browser.see("1 bad row").await;
    looked.here(&browser, "import-looked").await;
    browser.press("Import 2 good rows").await;
    browser.see("Imported 2 rows of 3.").await;
    looked.here(&browser, "import-done").await;
    let rejects = browser
        .script_later(
            "const done = arguments[0];
             fetch(document.querySelector('a[download]').href).then((a) => a.text()).then(done)",
            Vec::new(),
        )
        .await;
    let rejects = rejects.as_str().unwrap();
    assert!(rejects.contains("Vilho") && rejects.contains("gantry_fault"), "{rejects}");
    assert!(!rejects.contains("Eetu"), "{rejects}");
    browser.go("/crm/contacts").await;
    browser.fill("Name, e-mail, phone or company", "eetu.laine@harbour.example").await;
    browser.press("Find").await;
    browser.see("Eetu Laine").await;
    browser.see_no("1980").await;
    looked.done();
    browser.close().await;
    let log = demo.end();
    assert!(!log.contains("Vilho") && !log.contains("harbour.example"), "{log}");
}
