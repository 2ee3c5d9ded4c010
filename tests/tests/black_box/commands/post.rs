//! `gantry serve` with a mail server: what is wrong is told, and the password never.

use crate::support::House;

const PASSWORD: &str = "geheim-4711";

#[test]
fn a_mail_server_that_cannot_be_used_is_told_without_its_password() {
    let Some(house) = House::of_files().map(House::init) else { return };
    let server = format!("smtp://user:{PASSWORD}@mail.example");
    let cases = [
        (format!("{server}/path"), "privacy@house.example", "there is something behind the host"),
        (format!("ftp://user:{PASSWORD}@mail.example"), "privacy@house.example", "`smtps://`"),
        (server.clone(), "no address", "`--mail-from`"),
    ];
    for (server, from, says) in cases {
        let args = ["serve", "--listen", "127.0.0.1:0", "--smtp", &server, "--mail-from", from];
        let said = house.ends(&args, 2);
        assert!(said.contains(says) && !said.contains(PASSWORD), "{said}");
        let mut command = house.command(&["serve", "--listen", "127.0.0.1:0"]);
        let ran = command.env("GANTRY_SMTP", &server).env("GANTRY_MAIL_FROM", from).output();
        let said = String::from_utf8(ran.unwrap().stderr).unwrap();
        assert!(said.contains(says) && !said.contains(PASSWORD), "{said}");
    }
    let said = house.ends(&["serve", "--smtp", &server], 2);
    assert!(said.contains("--mail-from") && !said.contains(PASSWORD), "{said}");
}

#[test]
fn help_does_not_show_what_the_environment_holds() {
    let Some(house) = House::of_files() else { return };
    let mut command = house.command(&["serve", "--help"]);
    let server = format!("smtps://user:{PASSWORD}@mail.example");
    let ran = command.env("GANTRY_SMTP", server).output().unwrap();
    let said = String::from_utf8(ran.stdout).unwrap();
    assert!(said.contains("GANTRY_SMTP") && !said.contains(PASSWORD), "{said}");
}
