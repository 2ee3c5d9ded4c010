//! SMTP: a small pool of connections to one server, with TLS and bounds of time.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use percent_encoding::percent_decode_str;
use tokio::sync::Semaphore;
use url::{Host, Url};

use crate::address::Address;
use crate::error::PostError;
use crate::mail::Mail;

/// One answer of the server takes at most this long ...
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// ... and a mail as a whole, connection and all.
const SENT_WITHIN: Duration = Duration::from_secs(30);
/// Connections open at once; contacts' requests are few.
const CONNECTIONS: u32 = 4;
/// Mails that wait for a connection at once, at most.
const WAITING: usize = 256;
const SUBMISSIONS: u16 = 465;
const SUBMISSION: u16 = 587;

/// A mail server, and whom mail comes from.
#[derive(Clone)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Address,
    waiting: Arc<Semaphore>,
}

/// How a connection becomes safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Safety {
    /// TLS from the first byte (RFC 8314).
    FromTheStart,
    /// STARTTLS (RFC 3207), or nothing is sent.
    BeforeAnything,
    /// The way leads through this machine alone.
    OwnMachine,
}

impl Smtp {
    pub(crate) fn new(server: &str, from: Address) -> Result<Smtp, PostError> {
        let url = Url::parse(server).map_err(|_| PostError::Server("that is no URL"))?;
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(PostError::Server("there is something behind the host"));
        }
        let safety = safety(&url)?;
        let host = match url.host() {
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(ip)) => ip.to_string(),
            Some(Host::Ipv6(ip)) => ip.to_string(),
            None => return Err(PostError::Server("it has no host")),
        };
        let tls = || TlsParameters::new(host.clone()).map_err(|_| PostError::Tls);
        let (tls, port) = match safety {
            Safety::FromTheStart => (Tls::Wrapper(tls()?), SUBMISSIONS),
            Safety::BeforeAnything => (Tls::Required(tls()?), SUBMISSION),
            Safety::OwnMachine => (Tls::None, SUBMISSION),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&host)
            .port(url.port().unwrap_or(port))
            .tls(tls)
            .timeout(Some(ANSWER_WITHIN))
            .pool_config(PoolConfig::new().max_size(CONNECTIONS));
        if let Some(credentials) = credentials(&url)? {
            builder = builder.credentials(credentials);
        }
        let waiting = Arc::new(Semaphore::new(WAITING));
        Ok(Smtp { transport: builder.build(), from, waiting })
    }

    pub(crate) async fn send(&self, mail: &Mail) -> Result<(), PostError> {
        let message = mail.message(&self.from)?;
        let _place = self.waiting.try_acquire().map_err(|_| PostError::Busy)?;
        let sent = tokio::time::timeout(SENT_WITHIN, self.transport.send(message)).await;
        match sent {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(without_words(&error)),
            Err(_) => Err(PostError::Timeout),
        }
    }
}

fn safety(url: &Url) -> Result<Safety, PostError> {
    let own = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        // Only for schemes that browsers know are numbers read as such.
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    let own = own || url.host_str().is_some_and(|host| host == "127.0.0.1");
    match url.scheme() {
        "smtps" => Ok(Safety::FromTheStart),
        "smtp" if own => Ok(Safety::OwnMachine),
        "smtp" => Ok(Safety::BeforeAnything),
        _ => Err(PostError::Server("it is neither `smtp://` nor `smtps://`")),
    }
}

fn credentials(url: &Url) -> Result<Option<Credentials>, PostError> {
    const NOT_TEXT: PostError = PostError::Server("user or password is not UTF-8");
    let plain = |text| percent_decode_str(text).decode_utf8().map_err(|_| NOT_TEXT);
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        (user, Some(password)) if !user.is_empty() => {
            Ok(Some(Credentials::new(plain(user)?.into_owned(), plain(password)?.into_owned())))
        }
        _ => Err(PostError::Server("it has a user without a password, or the other way round")),
    }
}

/// What went wrong, without what the server said.
fn without_words(error: &lettre::transport::smtp::Error) -> PostError {
    if error.is_timeout() {
        PostError::Timeout
    } else if let Some(code) = error.status() {
        PostError::Refused(code.into())
    } else if error.is_tls() {
        PostError::Tls
    } else {
        PostError::Unreachable
    }
}

/// Its address may hold a password.
impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Smtp(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(server: &str) -> Result<Safety, PostError> {
        Smtp::new(server, "from@house.example".parse()?)?;
        safety(&Url::parse(server).unwrap())
    }

    #[tokio::test]
    async fn nothing_leaves_this_machine_without_tls() {
        for own in ["smtp://localhost", "smtp://127.0.0.1:2525", "smtp://[::1]:25"] {
            assert_eq!(made(own), Ok(Safety::OwnMachine), "{own}");
        }
        let elsewhere = ["smtp://mail.example", "smtp://u:p@mail.example:587", "smtp://10.0.0.1"];
        for server in elsewhere {
            assert_eq!(made(server), Ok(Safety::BeforeAnything), "{server}");
        }
        for server in ["smtps://mail.example", "smtps://u:p%40ss@mail.example:465"] {
            assert_eq!(made(server), Ok(Safety::FromTheStart), "{server}");
        }
        assert_eq!(made("smtp://localhost.example"), Ok(Safety::BeforeAnything));
    }

    #[tokio::test]
    async fn an_address_of_a_server_that_cannot_be_meant_is_refused_without_its_password() {
        let bad = [
            "mail.example",
            "http://mail.example",
            "smtp://",
            "smtp://user@mail.example",
            "smtp://:geheim@mail.example",
            "smtp://user:geheim@mail.example/path",
            "smtp://user:geheim@mail.example?tls=none",
            "smtp://user:%ff@mail.example",
        ];
        for server in bad {
            let error = made(server).unwrap_err();
            assert!(matches!(error, PostError::Server(_)), "{server}");
            assert!(!error.to_string().contains("geheim"), "{server}");
        }
    }
}
