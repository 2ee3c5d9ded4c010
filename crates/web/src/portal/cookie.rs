//! The portal's cookies: for the portal's paths alone, out of reach of scripts and of other sites.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use cookie::time::Duration;
use cookie::{Cookie, SameSite};

use crate::app::Shell;

/// What a browser keeps to itself, so that a link is good in it alone.
pub(super) const BROWSER: Kept = Kept { name: "portal_browser", minutes: 60 };
/// The token of a visit. The engine ends it sooner.
pub(super) const VISIT: Kept = Kept { name: "portal_visit", minutes: 120 };
/// The language that was chosen in the page.
pub(super) const LANGUAGE: Kept = Kept { name: "portal_language", minutes: 60 * 24 * 365 };

/// A cookie by its name, and how long a browser keeps it.
#[derive(Clone, Copy)]
pub(super) struct Kept {
    name: &'static str,
    minutes: i64,
}

impl Kept {
    /// What a browser has sent; none where it sent two, one of which may be somebody else's.
    pub(super) fn read(self, headers: &HeaderMap) -> Option<String> {
        let sent = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut found = sent
            .flat_map(Cookie::split_parse)
            .filter_map(Result::ok)
            .filter(|cookie| cookie.name() == self.name);
        let first = found.next()?;
        found.next().is_none().then(|| first.value().to_owned())
    }

    /// Lets the browser keep a value.
    pub(super) fn set(self, shell: &Shell, value: &str, response: &mut Response) {
        self.write(shell, value, Duration::minutes(self.minutes), response);
    }

    /// Lets the browser forget it.
    pub(super) fn forget(self, shell: &Shell, response: &mut Response) {
        self.write(shell, "", Duration::ZERO, response);
    }

    fn write(self, shell: &Shell, value: &str, age: Duration, response: &mut Response) {
        let cookie = Cookie::build((self.name, value))
            .path(super::ROOT)
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(shell.site.secure())
            .max_age(age)
            .build();
        if let Ok(value) = HeaderValue::try_from(cookie.to_string()) {
            response.headers_mut().append(SET_COOKIE, value);
        }
    }
}
