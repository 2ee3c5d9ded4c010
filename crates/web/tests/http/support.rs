//! A house with an HTTP door: a store of its own, a standing clock, tokens.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use gantry_engine::actor::{Account, Actor};
use gantry_engine::audit::{Trail, TrailSetup};
use gantry_engine::draft::FieldTexts;
use gantry_engine::{Cause, Clock, Engine, Entropy, Identified, Parts, PasswordCost, Work, found};
use gantry_store::{Location, Setup, Store};
use gantry_testbed::Database;
use gantry_vault::{MasterKey, Vault, link_hash};
use gantry_web::Site;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;
use uuid::Uuid;

/// 2026-11-01T12:00:00Z.
pub(crate) const NOON: i64 = 1_793_534_400_000;
/// What browsers call the house.
pub(crate) const HOST: &str = "gantry.test";
/// An id of nobody.
pub(crate) const NOBODY: &str = "01990000-0000-7000-8000-000000000000";

/// A store with an application on it.
pub(crate) struct House {
    pub(crate) clock: Clock,
    pub(crate) engine: Engine,
    pub(crate) app: Router,
    pub(crate) site: Site,
    _folder: TempDir,
    /// Ends last, after those who are connected.
    _database: Option<Database>,
}

/// Somebody with a token.
#[derive(Clone)]
pub(crate) struct Client {
    app: Router,
    token: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

pub(crate) fn bundled() -> String {
    file("notices/customer-contacts.toml")
}

pub(crate) fn small() -> String {
    file("tests/notices/small-service.toml")
}

fn file(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
    std::fs::read_to_string(path).unwrap()
}

impl House {
    pub(crate) async fn new() -> House {
        Self::under(&bundled()).await
    }

    pub(crate) async fn under(notice: &str) -> House {
        Self::at(notice, site()).await
    }

    /// A house under a notice, reached there.
    pub(crate) async fn at(notice: &str, site: Site) -> House {
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
        found(&store, notice, &account, store_id).await.unwrap();
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
        let password_cost = PasswordCost::default();
        let clock_of = clock.clone();
        let parts =
            Parts { store, vault, trail, clock: clock_of, entropy, region: None, password_cost };
        let engine = Engine::open(parts).await.unwrap();
        let app = gantry_web::app(engine.clone(), site.clone());
        House { clock, engine, app, site, _folder: folder, _database: database }
    }

    pub(crate) async fn people(&self, purpose: &str) -> Identified {
        let session = self.engine.session(&owner(), &Work::on(purpose, Cause::Test)).await.unwrap();
        session.into_identified().unwrap()
    }

    /// Anna, who has every role, with a token for all purposes.
    pub(crate) async fn anna(&self) -> Client {
        let purposes: Vec<String> =
            self.engine.policy().policy().notice().purposes.keys().cloned().collect();
        let names: Vec<&str> = purposes.iter().map(String::as_str).collect();
        self.client("anna", &names).await
    }

    /// An account's client with a token for some purposes.
    pub(crate) async fn client(&self, account: &str, purposes: &[&str]) -> Client {
        self.client_of(Some(self.token(account, purposes).await))
    }

    pub(crate) fn client_of(&self, token: Option<String>) -> Client {
        Client { app: self.app.clone(), token }
    }

    pub(crate) async fn token(&self, account: &str, purposes: &[&str]) -> String {
        let purposes: Vec<String> = purposes.iter().map(|p| (*p).to_owned()).collect();
        let (by, terms) = (owner(), (30, "test"));
        let granted = self.engine.grant_token(&by, account, &purposes, terms, Cause::Test).await;
        granted.unwrap().to_string()
    }

    pub(crate) async fn account(&self, name: &str, roles: &[&str]) {
        let roles: Vec<String> = roles.iter().map(|role| (*role).to_owned()).collect();
        self.engine.put_account(&owner(), name, &roles, Cause::Test).await.unwrap();
    }
}

/// Where the house is reached, as its pages know it.
pub(crate) fn site() -> Site {
    Site { public_url: format!("http://{HOST}"), ..Site::default() }
}

impl Client {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[], Some(body.to_string().into())).await
    }

    /// A change; `if_match` is the tag, empty for none.
    pub(crate) async fn patch(&self, path: &str, if_match: &str, body: &Value) -> Answer {
        let headers = [("if-match", if_match)];
        let headers = if if_match.is_empty() { &[][..] } else { &headers };
        self.send("PATCH", path, headers, Some(body.to_string().into())).await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if body.is_some() && !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.unwrap_or_default())).unwrap();
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let body =
            if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// A contact of that country, added by CRM; its id.
    pub(crate) async fn contact(&self, country: &str) -> String {
        let answer = self.post("/api/v1/crm/contacts", &contact(country)).await;
        answer.expect(201).body["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn company(&self, name: &str) -> String {
        let body = json!({ "fields": { "name": name, "country": "FI" } });
        let answer = self.post("/api/v1/crm/companies", &body).await;
        answer.expect(201).body["id"].as_str().unwrap().to_owned()
    }
}

impl Answer {
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Answer {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self
    }

    /// A problem of that status, type and reason ("" where none is given).
    #[track_caller]
    pub(crate) fn problem(self, status: u16, kind: &str, reason: &str) -> Answer {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.body["type"], format!("/problems/{kind}"), "{}", answer.body);
        assert_eq!(answer.body["status"], status);
        assert!(answer.body["title"].is_string() && answer.body["detail"].is_string());
        assert_eq!(answer.body["reason"].as_str().unwrap_or(""), reason, "{}", answer.body);
        answer
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// Anna herself, without a token.
pub(crate) fn owner() -> Actor {
    Actor { name: "anna".into(), roles: vec!["*".into()], purposes: None }
}

/// Aino Virtanen, who has a name, a job, an address and a telephone.
pub(crate) fn contact(country: &str) -> Value {
    let consents = if country == "CN" { json!(["crm"]) } else { json!([]) };
    json!({
        "country": country,
        "consents": consents,
        "data": {
            "identity": { "given_name": "Aino", "family_name": "Virtanen", "language": "fi" },
            "employment": { "job_title": "Purchasing manager", "role": "purchasing" },
            "contact-details": {
                "email": "aino.virtanen@harbour.example", "phone": "+358 40 555 0123",
            },
        },
    })
}

pub(crate) fn texts(pairs: &[(&str, &str)]) -> FieldTexts {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}
