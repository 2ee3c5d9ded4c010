//! A house with a portal, and browsers that come to it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use gantry_engine::actor::{Account, Actor};
use gantry_engine::audit::{Trail, TrailSetup};
use gantry_engine::draft::{ContactDraft, FieldTexts, RecordDraft};
use gantry_engine::{Cause, Clock, Engine, Entropy, Identified, Parts, Work, found};
use gantry_post::{Mail, Post};
use gantry_store::{Location, Setup, Store};
use gantry_testbed::Database;
use gantry_vault::{MasterKey, Vault, link_hash};
use gantry_web::Site;
use tempfile::TempDir;
use tower::ServiceExt;
use uuid::Uuid;

/// 2026-11-01T12:00:00Z.
const NOON: i64 = 1_793_534_400_000;
pub(crate) const AINO: &str = "aino@harbour.example";
pub(crate) const URL: &str = "https://contacts.example";

/// A store with an application on it that catches mail.
pub(crate) struct House {
    pub(crate) clock: Clock,
    pub(crate) engine: Engine,
    pub(crate) post: Post,
    app: Router,
    _folder: TempDir,
    /// Ends last, after those who are connected.
    _database: Option<Database>,
}

/// A browser: it keeps cookies for the portal's paths.
#[derive(Clone)]
pub(crate) struct Browser {
    app: Router,
    pub(crate) cookies: BTreeMap<String, String>,
    language: &'static str,
}

/// A page as it came.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

pub(crate) fn bundled() -> String {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../notices/customer-contacts.toml");
    std::fs::read_to_string(path).unwrap()
}

impl House {
    pub(crate) async fn new() -> House {
        let from = "privacy@house.example".parse().unwrap();
        Self::with(Post::catching(from)).await
    }

    pub(crate) async fn with(post: Post) -> House {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gantry.db");
        let clock = Clock::standing_at(NOON);
        let ticking = clock.clone();
        let setup = Setup { link_hash, now: Arc::new(move || ticking.now()), readers: 2 };
        let database = Database::if_asked();
        let location = match &database {
            Some(database) => Location::parse(&database.url()).unwrap(),
            None => Location::Sqlite(path.clone()),
        };
        let store = Store::create(&location, setup).await.unwrap();
        let account = Account { name: "anna".into(), roles: vec!["*".into()], created: NOON };
        let store_id = Uuid::from_u128(7);
        found(&store, &bundled(), &account, store_id).await.unwrap();
        let entropy = Entropy::seeded(1);
        let vault = Arc::new(Vault::new(&MasterKey::generate(&mut entropy.fork())));
        let trail = Trail::new(TrailSetup {
            path,
            store_id: *store_id.as_bytes(),
            process: [1; 16],
            vault: Arc::clone(&vault),
            strict: false,
            checkpoints: None,
        });
        let password_cost = gantry_engine::PasswordCost::default();
        let parts = Parts {
            store,
            vault,
            trail,
            clock: clock.clone(),
            entropy,
            region: None,
            password_cost,
        };
        let engine = Engine::open(parts).await.unwrap();
        let site = Site { public_url: URL.to_owned(), post: post.clone(), ..Site::default() };
        let app = gantry_web::app(engine.clone(), site);
        House { clock, engine, post, app, _folder: folder, _database: database }
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser { app: self.app.clone(), cookies: BTreeMap::new(), language: "en" }
    }

    pub(crate) fn pass_minutes(&self, minutes: i64) {
        if let Clock::Set(millis) = &self.clock {
            millis.fetch_add(minutes * 60_000, Ordering::SeqCst);
        }
    }

    pub(crate) async fn people(&self, purpose: &str) -> Identified {
        let anna = Actor { name: "anna".into(), roles: vec!["*".into()], purposes: None };
        let session = self.engine.session(&anna, &Work::on(purpose, Cause::Test)).await.unwrap();
        session.into_identified().unwrap()
    }

    /// Aino Virtanen of a country, with a preferred language where one is given.
    pub(crate) async fn aino(&self, country: &str, language: Option<&str>) -> Uuid {
        let mut identity = texts(&[("given_name", "Aino"), ("family_name", "Virtanen")]);
        identity.extend(language.map(|language| ("language".to_owned(), language.to_owned())));
        self.contact(country, identity, AINO).await
    }

    pub(crate) async fn contact(&self, country: &str, identity: FieldTexts, email: &str) -> Uuid {
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

    pub(crate) async fn record(&self, purpose: &str, contact: Uuid, draft: RecordDraft) {
        self.people(purpose).await.add_record(contact, &draft).await.unwrap();
    }

    /// The mails that were caught, once what sends them has run.
    pub(crate) async fn mails(&self) -> Vec<Mail> {
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
        self.post.caught().unwrap()
    }

    /// The path of the link in the newest mail.
    pub(crate) async fn link(&self) -> String {
        let mails = self.mails().await;
        let mail = mails.first().expect("no mail was sent");
        let line = mail.text.lines().find(|line| line.starts_with(URL)).unwrap();
        line[URL.len()..].to_owned()
    }

    /// A browser in which the contact of an address has signed in.
    pub(crate) async fn visitor(&self, email: &str, language: &'static str) -> Browser {
        let mut browser = self.browser().reading(language);
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
    pub(crate) fn reading(self, language: &'static str) -> Browser {
        Browser { language, ..self }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Shown {
        self.send("GET", path, &[], None).await
    }

    /// Posts fields as they are.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let body = form.extend_pairs(fields).finish();
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.send("POST", path, &headers, Some(body)).await
    }

    /// Fills in the form that the page of a path has, as a person would.
    pub(crate) async fn send_form(&mut self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let page = self.get(path).await;
        let token = page.token();
        let mut all = vec![("form", token.as_str())];
        all.extend(fields);
        self.post(path, &all).await
    }

    pub(crate) async fn send(
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
    pub(crate) fn expect(self, status: u16) -> Shown {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Shown {
        assert!(self.text.contains(text), "`{text}` is not in {}", self.text);
        self
    }

    #[track_caller]
    pub(crate) fn says_not(self, text: &str) -> Shown {
        assert!(!self.text.contains(text), "`{text}` is in {}", self.text);
        self
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// What the page's forms carry; empty where it has none.
    pub(crate) fn token(&self) -> String {
        let field = "name=\"form\" value=\"";
        let found = self.text.split(field).nth(1).and_then(|rest| rest.split('"').next());
        found.unwrap_or_default().to_owned()
    }

    /// What a reader reads, piece by piece: texts between tags, labels and values.
    pub(crate) fn pieces(&self) -> Vec<String> {
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

pub(crate) fn texts(pairs: &[(&str, &str)]) -> FieldTexts {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

pub(crate) fn event(category: &str, fields: &[(&str, &str)]) -> RecordDraft {
    RecordDraft {
        category: category.to_owned(),
        at: Some("2026-10-30".to_owned()),
        fields: texts(fields),
        ..RecordDraft::default()
    }
}
