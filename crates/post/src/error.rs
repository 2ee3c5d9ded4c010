//! Why a mail was not sent. A server's own words are left out: they repeat addresses.

/// Why a mail was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// The address cannot be one of a mail.
    #[error("that is not an e-mail address that mail can be sent to")]
    Address,
    /// The subject is empty, longer than a line or has control characters.
    #[error("the subject of a mail is not one line of at most 200 characters")]
    Subject,
    /// The text is too long.
    #[error("the text of a mail is longer than 64 KiB")]
    Text,
    /// There is no way for mail.
    #[error("no mail is sent from here\nhint: name a mail server")]
    NoPost,
    /// The server's address cannot be used. It may hold a password and is not repeated.
    #[error(
        "the mail server cannot be used: {0}\nhint: write `smtps://USER:PASSWORD@HOST` or `smtp://USER:PASSWORD@HOST:587`"
    )]
    Server(&'static str),
    /// The server said no, with this code (RFC 5321, section 4.2).
    #[error("the mail server refused the mail with code {0}")]
    Refused(u16),
    /// No safe connection came about.
    #[error("no connection with TLS to the mail server came about")]
    Tls,
    /// The server cannot be reached, or broke off.
    #[error("the mail server cannot be reached, or broke off")]
    Unreachable,
    /// As many mails are on their way as there may be.
    #[error("too many mails are on their way at once")]
    Busy,
    /// The server took too long.
    #[error("the mail server did not answer in time")]
    Timeout,
}
