//! Mail out: over SMTP, caught in memory where nothing is to leave the house, or not at all.
//!
//! It knows who gets which text and nothing else: no policy, no store. What goes into a header is typed
//! or held to one line, so that no text can add a header or a recipient. Errors and what is printed for
//! debugging name nobody.

mod address;
mod caught;
mod error;
mod mail;
mod smtp;

pub use address::Address;
pub use caught::{Caught, MAX_CAUGHT};
pub use error::PostError;
pub use mail::{MAX_SUBJECT, MAX_TEXT, Mail};
pub use smtp::Smtp;

/// How mail leaves; a clone is the same way.
#[derive(Clone, Debug, Default)]
pub enum Post {
    /// Over SMTP (RFC 5321).
    Smtp(Smtp),
    /// Into memory, for the demo and for tests.
    Caught(Caught),
    /// Not at all.
    #[default]
    None,
}

impl Post {
    /// Over SMTP, by the address of a server: `smtps://USER:PASSWORD@HOST:465` for TLS from the start,
    /// `smtp://USER:PASSWORD@HOST:587` for TLS by STARTTLS, without which nothing is sent but to this
    /// machine itself. User and password are written as in a URL, and may be left out. `from` is whom
    /// mail comes from. To be called, and dropped, within a Tokio runtime.
    pub fn smtp(server: &str, from: Address) -> Result<Post, PostError> {
        Ok(Post::Smtp(Smtp::new(server, from)?))
    }

    /// Into memory: the last [`MAX_CAUGHT`] mails are kept.
    pub fn catching(from: Address) -> Post {
        Post::Caught(Caught::new(from))
    }

    /// Whether there is a way at all.
    pub const fn is_there(&self) -> bool {
        !matches!(self, Post::None)
    }

    /// Sends a mail; it is with the server when this is done. Takes at most half a minute.
    pub async fn send(&self, mail: &Mail) -> Result<(), PostError> {
        match self {
            Post::Smtp(smtp) => smtp.send(mail).await,
            Post::Caught(caught) => caught.send(mail),
            Post::None => Err(PostError::NoPost),
        }
    }

    /// What was caught, the newest first; `None` where mail is not caught.
    pub fn caught(&self) -> Option<Vec<Mail>> {
        match self {
            Post::Caught(caught) => Some(caught.mails()),
            Post::Smtp(_) | Post::None => None,
        }
    }
}
