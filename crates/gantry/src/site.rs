//! What is said on the command line of the place where Gantry serves: where people reach it, how mail
//! leaves, who else vouches for people at work.

use std::fmt;

use clap::Args;
use gantry_post::{Post, PostError};
use gantry_web::{Provider, Site};
use ipnet::IpNet;

use crate::failure::Failure;

/// Where the secret of the provider's client is.
const PROVIDER_SECRET: &str = "GANTRY_OIDC_SECRET";

/// The place.
#[derive(Debug, Args)]
pub(crate) struct SiteArgs {
    /// Where people reach it, such as `https://contacts.example.com`: links in mails lead there, and
    /// cookies are for TLS alone [default: the address it listens on]
    #[arg(long, value_name = "URL", env = "GANTRY_PUBLIC_URL", value_parser = public_url)]
    public_url: Option<String>,
    /// A proxy before Gantry, as an address or a network (`10.0.0.0/8`): whom it names in
    /// `X-Forwarded-For` is who comes. May be given several times
    #[arg(
        long = "trusted-proxy",
        value_name = "ADDRESS",
        env = "GANTRY_TRUSTED_PROXY",
        value_delimiter = ',',
        value_parser = proxy
    )]
    proxies: Vec<IpNet>,
    #[command(flatten)]
    mail: MailArgs,
    #[command(flatten)]
    provider: ProviderArgs,
}

/// How mail leaves: without it contacts cannot come into the portal.
#[derive(Debug, Args)]
struct MailArgs {
    /// The mail server, `smtps://USER:PASSWORD@HOST` or `smtp://USER:PASSWORD@HOST:587`; better in
    /// the environment, where nobody sees the password
    #[arg(
        long,
        value_name = "URL",
        env = "GANTRY_SMTP",
        hide_env_values = true,
        requires = "mail_from"
    )]
    smtp: Option<Secret>,
    /// Whom mail comes from
    #[arg(long, value_name = "ADDRESS", env = "GANTRY_MAIL_FROM")]
    mail_from: Option<String>,
}

/// Who else vouches for people at work.
#[derive(Debug, Args)]
struct ProviderArgs {
    /// The issuer of the company's provider of identities (OpenID Connect), for people to sign in with;
    /// `URL/sign-in/provider/back` of this place must be registered there
    #[arg(
        long = "oidc-issuer",
        value_name = "URL",
        env = "GANTRY_OIDC_ISSUER",
        requires = "client"
    )]
    issuer: Option<String>,
    /// The id by which the provider knows Gantry; a secret of it comes in `GANTRY_OIDC_SECRET`
    #[arg(
        long = "oidc-client",
        value_name = "ID",
        env = "GANTRY_OIDC_CLIENT",
        requires = "issuer"
    )]
    client: Option<String>,
    /// What people call the provider
    #[arg(
        long = "oidc-title",
        value_name = "NAME",
        env = "GANTRY_OIDC_TITLE",
        default_value = "the company's account"
    )]
    title: String,
}

/// A text that is never printed.
#[derive(Clone)]
struct Secret(String);

impl From<String> for Secret {
    fn from(text: String) -> Secret {
        Secret(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl SiteArgs {
    /// The place; `listening` is where it is reached if nothing else was said.
    pub(crate) fn at(&self, listening: &str) -> Result<Site, Failure> {
        let public_url = self.public_url.clone().unwrap_or_else(|| listening.to_owned());
        let (post, provider) = (self.mail.post()?, self.provider.provider(&public_url)?);
        Ok(Site { public_url, post, provider, proxies: self.proxies.clone(), demo: None })
    }
}

impl MailArgs {
    fn post(&self) -> Result<Post, Failure> {
        let (Some(Secret(server)), Some(from)) = (&self.smtp, &self.mail_from) else {
            return Ok(Post::None);
        };
        let unfit = |error: PostError, option: &str| Failure::Usage(format!("{option}: {error}"));
        let from = from.parse().map_err(|error| unfit(error, "`--mail-from`"))?;
        Post::smtp(server, from).map_err(|error| unfit(error, "`--smtp`"))
    }
}

impl ProviderArgs {
    fn provider(&self, public_url: &str) -> Result<Option<Provider>, Failure> {
        let (Some(issuer), Some(client)) = (&self.issuer, &self.client) else {
            return Ok(None);
        };
        let secret = std::env::var(PROVIDER_SECRET).ok();
        let client = (client.as_str(), secret.as_deref());
        let provider = Provider::new(&self.title, issuer, client, public_url);
        provider.map(Some).map_err(|error| Failure::Usage(error.to_string()))
    }
}

/// An address of the network, or a network.
fn proxy(text: &str) -> Result<IpNet, &'static str> {
    let one = text.parse::<std::net::IpAddr>().map(IpNet::from);
    one.or_else(|_| text.parse())
        .map_err(|_| "not an address such as 10.0.0.7, nor a network such as 10.0.0.0/8")
}

/// An address as people type it: scheme and host, no path.
pub(crate) fn public_url(text: &str) -> Result<String, &'static str> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = host.map(|host| host.trim_end_matches('/'));
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    let good = host.is_some_and(|host| !host.is_empty() && host.chars().all(plain));
    let url = text.trim_end_matches('/').to_owned();
    if good { Ok(url) } else { Err("not scheme and host, such as `https://contacts.example.com`") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_an_address_or_a_network_and_nothing_else() {
        for (text, net) in
            [("10.0.0.7", "10.0.0.7/32"), ("10.0.0.0/8", "10.0.0.0/8"), ("::1", "::1/128")]
        {
            assert_eq!(proxy(text).map(|net| net.to_string()), Ok(net.to_owned()));
        }
        for text in ["", "proxy.example", "10.0.0.0/33", "10.0.0.1:80"] {
            assert!(proxy(text).is_err(), "{text}");
        }
    }
}
