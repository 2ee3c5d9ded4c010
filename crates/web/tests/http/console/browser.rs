//! A browser without a screen: it keeps cookies, follows where it is sent, and finds the token of a form.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use gantry_engine::Cause;
use tower::ServiceExt;

use crate::support::{HOST, House, owner};

pub(super) const PASSWORD: &str = "kettle harbour lantern 42";

/// A browser.
#[derive(Clone)]
pub(super) struct Browser {
    app: Router,
    pub(super) cookies: BTreeMap<String, String>,
    pub(super) csrf: String,
}

/// A page that came.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) html: String,
}

impl House {
    /// A browser in which nobody is signed in.
    pub(super) fn browser(&self) -> Browser {
        Browser { app: self.app.clone(), cookies: BTreeMap::new(), csrf: String::new() }
    }

    /// The same where the house is reached elsewhere.
    pub(super) fn browser_at(&self, site: gantry_web::Site) -> Browser {
        let app = gantry_web::app(self.engine.clone(), site);
        Browser { app, cookies: BTreeMap::new(), csrf: String::new() }
    }

    /// A browser in which an account is signed in; it is made with these roles, except Anna's.
    pub(super) async fn at_work(&self, account: &str, roles: &[&str]) -> Browser {
        if account != "anna" {
            self.account(account, roles).await;
        }
        self.engine.set_password(&owner(), account, PASSWORD, Cause::Test).await.unwrap();
        let mut browser = self.browser();
        browser.sign_in(account, PASSWORD).await.to("/");
        browser
    }
}

impl Browser {
    pub(super) async fn sign_in(&mut self, account: &str, password: &str) -> Shown {
        let shown = self.send("/sign-in", &[("account", account), ("password", password)]).await;
        if shown.status == StatusCode::SEE_OTHER {
            self.get("/house/you").await;
        }
        shown
    }

    /// A page.
    pub(super) async fn get(&mut self, path: &str) -> Shown {
        let shown = self.ask("GET", path, &[], Body::empty()).await;
        if shown.html.contains(r#"name="csrf""#) {
            self.csrf = shown.hidden("csrf");
        }
        shown
    }

    /// A form of a page of this sign-in.
    pub(super) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let csrf = self.csrf.clone();
        let fields: Vec<_> = fields.iter().copied().chain([("csrf", csrf.as_str())]).collect();
        self.send(path, &fields).await
    }

    /// A form as it is given.
    pub(super) async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let headers = [("sec-fetch-site", "same-origin")];
        self.send_from(path, fields, &headers).await
    }

    pub(super) async fn send_from(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Shown {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        let headers: Vec<_> = headers.iter().copied().chain(kind).collect();
        self.ask("POST", path, &headers, Body::from(form.finish())).await
    }

    pub(super) async fn ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Shown {
        let mut request = Request::builder().method(method).uri(path).header("host", HOST);
        let mut cookies = String::new();
        for (name, value) in &self.cookies {
            let _ = write!(cookies, "{name}={value}; ");
        }
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.trim_end_matches("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.app.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let html = String::from_utf8(bytes.to_vec()).unwrap();
        Shown { status: parts.status, headers: parts.headers, html }
    }
}

impl Shown {
    #[track_caller]
    pub(super) fn expect(self, status: u16) -> Shown {
        assert_eq!(self.status.as_u16(), status, "{}", self.html);
        self
    }

    /// That it sends the browser to a path; the rest of the address.
    #[track_caller]
    pub(super) fn to(&self, path: &str) -> String {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.html);
        let to = self.header("location");
        assert!(to.starts_with(path), "{to} is not {path}");
        to.to_owned()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// What a form of it carries under a name.
    #[track_caller]
    pub(super) fn hidden(&self, name: &str) -> String {
        let field = format!(r#"name="{name}" value=""#);
        let (_, rest) = self.html.split_once(&field).unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    #[track_caller]
    pub(super) fn shows(self, text: &str) -> Shown {
        assert!(self.html.contains(text), "`{text}` is not in {}", self.html);
        self
    }

    #[track_caller]
    pub(super) fn hides(self, text: &str) -> Shown {
        assert!(!self.html.contains(text), "`{text}` is in {}", self.html);
        self
    }
}
