//! Which passwords will do: long enough, and not easy to guess (NIST SP 800-63B, 3.1.1.2).

use zxcvbn::{Score, zxcvbn};

use crate::error::EngineError;

/// Fewer characters are too few.
const SHORTEST: usize = 12;
/// More are not taken: hashing them would keep others waiting.
pub(super) const LONGEST: usize = 200;
/// An account's name that is shorter may be part of a password by chance.
const TELLING_NAME: usize = 4;

/// Says what is wrong with a password for an account, if something is. It takes a while.
pub(super) fn check(password: &str, account: &str) -> Result<(), EngineError> {
    let fault = |text: String| Err(EngineError::invalid("password", text));
    let length = password.chars().count();
    if length < SHORTEST {
        let words = "a few words that do not belong together are easy to keep in mind";
        return fault(format!("is too short: it takes at least {SHORTEST} characters; {words}"));
    }
    if length > LONGEST {
        return fault(format!("is too long: it takes at most {LONGEST} characters"));
    }
    let (lower, name) = (password.to_lowercase(), account.to_lowercase());
    if name.chars().count() >= TELLING_NAME && lower.contains(&name) {
        return fault("has the name of the account in it, which others try first".to_owned());
    }
    let found = zxcvbn(password, &[&name, "gantry"]);
    if found.score() >= Score::Three {
        return Ok(());
    }
    let advice = found.feedback().map(ToString::to_string).unwrap_or_default();
    fault(format!("is too easy to guess. {advice}").trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(password: &str) -> String {
        check(password, "anna.berg").map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[test]
    fn a_password_that_will_not_do_hears_why_and_is_not_repeated() {
        for (password, why) in [
            ("", "too short"),
            ("Tr0ub4dor&3", "too short"),
            ("passwordpassword", "too easy to guess"),
            ("123456789012345", "too easy to guess"),
            ("qwertyuiopasdf", "too easy to guess"),
            ("gantrygantrygantry", "too easy to guess"),
            ("lantern Anna.Berg quay teal", "name of the account"),
        ] {
            let said = fault(password);
            assert!(said.contains(why), "{password}: {said}");
            assert!(password.is_empty() || !said.contains(password), "{said}");
        }
        assert!(fault(&"lantern quay teal ".repeat(12)).contains("too long"));
        assert!(fault("passwordpassword").contains("easy to guess. "), "it says what to do");
    }

    #[test]
    fn words_that_do_not_belong_together_will_do_in_any_script() {
        for password in
            ["lantern quay teal forty", "höyrylaiva-mansikka-7", "起重机 码头 灯笼 蓝绿 四十 海"]
        {
            assert_eq!(fault(password), "", "{password}");
        }
        let long = "lantern quay teal forty ".repeat(20);
        let first = |count| long.chars().take(count).collect::<String>();
        assert_eq!(
            (fault(&first(200)), fault(&first(201)).contains("too long")),
            (String::new(), true)
        );
    }

    #[test]
    fn a_short_name_may_be_part_of_a_password() {
        assert!(check("lantern quay teal bo forty", "bo").is_ok());
    }
}
