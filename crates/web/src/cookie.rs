//! Cookies: what a browser keeps for us, out of reach of scripts and of other sites.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use cookie::time::Duration;
use cookie::{Cookie, SameSite};

use crate::site::Site;

/// A cookie by its name, for which paths it is, and how long a browser keeps it.
///
/// Over TLS its name has a prefix, by which browsers take it from this host, or from TLS, alone (RFC
/// 6265bis, 4.1.3): no other host of the domain can plant one. Without TLS, on one's own machine, they
/// would not take such a name at all.
#[derive(Clone, Copy)]
pub(crate) struct Kept {
    pub(crate) name: &'static str,
    pub(crate) path: &'static str,
    pub(crate) minutes: i64,
}

impl Kept {
    /// What a browser has sent; none where it sent two, one of which may be somebody else's.
    pub(crate) fn read(self, site: &Site, headers: &HeaderMap) -> Option<String> {
        let name = self.name_at(site);
        let sent = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut found = sent
            .flat_map(Cookie::split_parse)
            .filter_map(Result::ok)
            .filter(|cookie| cookie.name() == name);
        let first = found.next()?;
        found.next().is_none().then(|| first.value().to_owned())
    }

    /// Lets the browser keep a value.
    pub(crate) fn set(self, site: &Site, value: &str, response: &mut Response) {
        self.write(site, value, Duration::minutes(self.minutes), response);
    }

    /// Lets the browser forget it.
    pub(crate) fn forget(self, site: &Site, response: &mut Response) {
        self.write(site, "", Duration::ZERO, response);
    }

    fn write(self, site: &Site, value: &str, age: Duration, response: &mut Response) {
        let cookie = Cookie::build((self.name_at(site), value))
            .path(self.path)
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(site.secure())
            .max_age(age)
            .build();
        if let Ok(value) = HeaderValue::try_from(cookie.to_string()) {
            response.headers_mut().append(SET_COOKIE, value);
        }
    }

    fn name_at(self, site: &Site) -> String {
        let prefix = match (site.secure(), self.path) {
            (false, _) => "",
            (true, "/") => "__Host-",
            (true, _) => "__Secure-",
        };
        format!("{prefix}{}", self.name)
    }
}
