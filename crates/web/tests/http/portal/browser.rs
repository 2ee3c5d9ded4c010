//! Browsers that come to the portal of a house, and the contacts whom it knows.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use gantry_engine::Clock;
use gantry_engine::draft::{ContactDraft, FieldTexts, RecordDraft};
use gantry_engine::session::Derived;
use gantry_post::{Mail, Post};
use gantry_web::Site;
use tower::ServiceExt;
use uuid::Uuid;

use crate::support::{House, NOON, bundled, texts};

pub(super) const AINO: &str = "aino@harbour.example";
pub(super) const URL: &str = "https://contacts.example";

/// A browser: it keeps cookies for the portal's paths.
#[derive(Clone)]
pub(super) struct Browser {
    app: Router,
    pub(super) cookies: BTreeMap<String, String>,
    language: &'static str,
}

/// A page as it came.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl House {
    /// A house with a portal that catches mail.
    pub(super) async fn with_portal() -> House {
        let from = "privacy@house.example".parse().unwrap();
        Self::sending(Post::catching(from)).await
    }

    /// A house with a portal over TLS.
    pub(super) async fn sending(post: Post) -> House {
        let site = Site { public_url: URL.to_owned(), post, ..Site::default() };
        Self::at(&bundled(), site).await
    }

    /// A browser that was never here.
    pub(super) fn guest(&self) -> Browser {
        Browser { app: self.app.clone(), cookies: BTreeMap::new(), language: "en" }
    }

    pub(super) fn pass_minutes(&self, minutes: i64) {
        if let Clock::Set(millis) = &self.clock {
            millis.fetch_add(minutes * 60_000, Ordering::SeqCst);
        }
    }

    /// Aino Virtanen of a country, with a preferred language where one is given.
    pub(super) async fn aino(&self, country: &str, language: Option<&str>) -> Uuid {
        let mut identity = texts(&[("given_name", "Aino"), ("family_name", "Virtanen")]);
        identity.extend(language.map(|language| ("language".to_owned(), language.to_owned())));
        self.contact(country, identity, AINO).await
    }

    pub(super) async fn contact(&self, country: &str, identity: FieldTexts, email: &str) -> Uuid {
        let draft = ContactDraft {
            country: Some(country.to_owned()),
            consents: if country == "CN" { vec!["crm".to_owned()] } else { Vec::new() },
            data: [
                ("identity".to_owned(), identity),
                ("employment".to_owned(), texts(&[("role", "purchasing")])),
                (
                    "contact-details".to_owned(),
                    texts(&[("email", email), ("phone", "+358 40 555 0123")]),
                ),
            ]
            .into_iter()
            .collect(),
            ..ContactDraft::default()
        };
        self.people("crm").await.add_contact(&draft).await.unwrap().id
    }

    pub(super) async fn record(&self, purpose: &str, contact: Uuid, draft: RecordDraft) {
        self.people(purpose).await.add_record(contact, &draft).await.unwrap();
    }

    /// Works out that somebody is interested in ports, belongs to one category by its rule, to another
    /// by hand, and to a third no more.
    pub(super) async fn work_out(&self, contact: Uuid) {
        let marketing = self.people("marketing").await;
        let derived = |name: &str, fields: &[(&str, &str)]| Derived {
            name: name.to_owned(),
            at: NOON - 86_400_000,
            fields: texts(fields),
        };
        let day = ("last_reaction", "2026-10-31");
        let ports = derived("ports", &[("topic", "ports"), ("score", "8000"), day]);
        marketing.derive(contact, "interests", &[ports]).await.unwrap();
        let since = ("since", "2026-10-31");
        let belongs = [
            derived("a", &[("segment", "engaged"), since, ("by", "rule")]),
            derived(
                "b",
                &[("segment", "likes-ports"), since, ("by", "person"), ("reason", "R-2026")],
            ),
            derived(
                "c",
                &[
                    ("segment", "dormant"),
                    since,
                    ("until", "2026-10-31"),
                    ("by", "person"),
                    ("reason", "R-2026"),
                ],
            ),
            derived(
                "d",
                &[("segment", "likes-service"), since, ("until", "2026-10-31"), ("by", "rule")],
            ),
        ];
        marketing.derive(contact, "segments", &belongs).await.unwrap();
    }

    /// The mails that were caught, once what sends them has run.
    pub(super) async fn mails(&self) -> Vec<Mail> {
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
        self.site.post.caught().unwrap()
    }

    /// The path of the link in the newest mail.
    pub(super) async fn link(&self) -> String {
        let mails = self.mails().await;
        let mail = mails.first().expect("no mail was sent");
        let line = mail.text.lines().find(|line| line.starts_with(URL)).unwrap();
        line[URL.len()..].to_owned()
    }

    /// A browser in which the contact of an address has signed in.
    pub(super) async fn visitor(&self, email: &str, language: &'static str) -> Browser {
        let mut browser = self.guest().reading(language);
        browser.get("/me/sign-in").await.expect(200);
        browser.send_form("/me/sign-in", &[("email", email)]).await.expect(303);
        let link = self.link().await;
        browser.get(&link).await.expect(200);
        browser.send_form(&link, &[]).await.expect(303);
        browser
    }
}

impl Browser {
    /// The same with another language of its own.
    pub(super) fn reading(self, language: &'static str) -> Browser {
        Browser { language, ..self }
    }

    pub(super) async fn get(&mut self, path: &str) -> Shown {
        self.send("GET", path, &[], None).await
    }

    /// Posts fields as they are.
    pub(super) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let body = form.extend_pairs(fields).finish();
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.send("POST", path, &headers, Some(body)).await
    }

    /// Fills in the form that the page of a path has, as a person would.
    pub(super) async fn send_form(&mut self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let page = self.get(path).await;
        let token = page.token();
        let mut all = vec![("form", token.as_str())];
        all.extend(fields);
        self.post(path, &all).await
    }

    pub(super) async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Shown {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header("accept-language", self.language);
        if path.starts_with("/me") && !self.cookies.is_empty() {
            let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
            request = request.header("cookie", pairs.collect::<Vec<_>>().join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.unwrap_or_default())).unwrap();
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all("set-cookie") {
            self.keep(cookie.to_str().unwrap());
        }
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Shown { status: parts.status, headers: parts.headers, text }
    }

    fn keep(&mut self, cookie: &str) {
        for wanted in ["HttpOnly", "SameSite=Lax", "Path=/me", "Secure"] {
            assert!(cookie.contains(wanted), "{cookie}");
        }
        let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
        if cookie.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

impl Shown {
    #[track_caller]
    pub(super) fn expect(self, status: u16) -> Shown {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    #[track_caller]
    pub(super) fn says(self, text: &str) -> Shown {
        assert!(self.text.contains(text), "`{text}` is not in {}", self.text);
        self
    }

    #[track_caller]
    pub(super) fn says_not(self, text: &str) -> Shown {
        assert!(!self.text.contains(text), "`{text}` is in {}", self.text);
        self
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// What the page's forms carry; empty where it has none.
    pub(super) fn token(&self) -> String {
        let field = "name=\"form\" value=\"";
        let found = self.text.split(field).nth(1).and_then(|rest| rest.split('"').next());
        found.unwrap_or_default().to_owned()
    }

    /// What a reader reads, piece by piece: texts between tags, labels and values.
    pub(super) fn pieces(&self) -> Vec<String> {
        let (mut pieces, mut rest) = (Vec::new(), self.text.as_str());
        while let Some(at) = rest.find('<') {
            pieces.push(rest[..at].to_owned());
            let end = rest[at..].find('>').map_or(rest.len(), |end| at + end);
            for label in ["aria-label=\"", "label=\"", "placeholder=\"", "title=\""] {
                let text =
                    rest[at..end].split(label).nth(1).and_then(|text| text.split('"').next());
                pieces.extend(text.map(str::to_owned));
            }
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        let plain = |text: String| {
            let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
            text.replace("&amp;", "&").trim().to_owned()
        };
        pieces.into_iter().map(plain).filter(|text| !text.is_empty()).collect()
    }
}

pub(super) fn event(category: &str, fields: &[(&str, &str)]) -> RecordDraft {
    RecordDraft {
        category: category.to_owned(),
        at: Some("2026-10-30".to_owned()),
        fields: texts(fields),
        ..RecordDraft::default()
    }
}
