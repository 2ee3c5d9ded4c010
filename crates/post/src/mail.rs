//! A mail: one recipient, a subject of one line, plain text.

use std::fmt;

use lettre::Message;
use lettre::message::SinglePart;
use lettre::message::header::{HeaderName, HeaderValue};

use crate::address::Address;
use crate::error::PostError;

/// The longest subject, in characters.
pub const MAX_SUBJECT: usize = 200;
/// The longest text, in bytes.
pub const MAX_TEXT: usize = 64 << 10;

/// A mail to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// Who gets it.
    pub to: Address,
    /// One line of up to [`MAX_SUBJECT`] characters. It travels and lies open: nothing of the contact
    /// belongs in it.
    pub subject: String,
    /// Plain text of up to [`MAX_TEXT`] bytes.
    pub text: String,
}

impl Mail {
    /// As it goes over the wire. It says that a machine wrote it, so that no other answers (RFC 3834).
    pub(crate) fn message(&self, from: &Address) -> Result<Message, PostError> {
        let control = self.subject.chars().any(|c| c.is_control() || is_line_end(c));
        if control || self.subject.trim().is_empty() || self.subject.chars().count() > MAX_SUBJECT {
            return Err(PostError::Subject);
        }
        if self.text.len() > MAX_TEXT {
            return Err(PostError::Text);
        }
        let name = HeaderName::new_from_ascii_str("Auto-Submitted");
        Message::builder()
            .from(from.mailbox())
            .to(self.to.mailbox())
            .subject(self.subject.trim())
            .raw_header(HeaderValue::new(name, "auto-generated".to_owned()))
            .singlepart(SinglePart::plain(self.text.clone()))
            .map_err(|_| PostError::Address)
    }
}

/// What some readers take for the end of a line, besides control characters.
const fn is_line_end(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// Neither who gets it nor what it says is printed by accident.
impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mail(..)")
    }
}
