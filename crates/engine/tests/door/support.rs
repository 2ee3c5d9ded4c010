//! A house to test in: a store of its own, a standing clock, seeded randomness.

use std::path::PathBuf;
use std::sync::Arc;

use gantry_engine::actor::{Account, Actor};
use gantry_engine::audit::{Trail, TrailSetup};
use gantry_engine::draft::{ContactDraft, ContactView, FieldTexts, ObjectDraft, RecordDraft};
use gantry_engine::session::{Identified, Session};
use gantry_engine::{Cause, Clock, Engine, EngineError, Entropy, Parts, PasswordCost, Work, found};
use gantry_notice::Reason;
use gantry_store::{Location, Setup, Store};
use gantry_testbed::Database;
use gantry_vault::{MasterKey, Vault, link_hash};
use rand::SeedableRng;
use rand::rngs::StdRng;
use tempfile::TempDir;
use uuid::Uuid;

/// 2026-11-01T12:00:00Z.
const NOON: i64 = 1_793_534_400_000;

/// A store, and what it takes to open it.
pub(crate) struct House {
    pub(crate) folder: TempDir,
    pub(crate) clock: Clock,
    pub(crate) engine: Engine,
    location: Location,
    /// Ends last, after those who are connected.
    database: Option<Database>,
}

/// The bundled notice.
pub(crate) fn bundled() -> String {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../notices/customer-contacts.toml");
    std::fs::read_to_string(path).unwrap()
}

impl House {
    pub(crate) async fn new() -> House {
        Self::under(&bundled()).await
    }

    pub(crate) async fn under(notice: &str) -> House {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::standing_at(NOON);
        let database = Database::if_asked();
        let location = match &database {
            Some(database) => Location::parse(&database.url()).unwrap(),
            None => Location::Sqlite(folder.path().join("gantry.db")),
        };
        let store = Store::create(&location, setup(&clock)).await.unwrap();
        let account = Account { name: "anna".into(), roles: vec!["*".into()], created: NOON };
        found(&store, notice, &account, Uuid::from_u128(7)).await.unwrap();
        let engine = Engine::open(parts(&folder, store, &clock, 1)).await.unwrap();
        House { folder, clock, engine, location, database }
    }

    /// Another engine on the same store, as another process would be.
    pub(crate) async fn second(&self) -> Engine {
        self.second_at(&self.clock).await
    }

    /// The same with a clock of its own.
    pub(crate) async fn second_at(&self, clock: &Clock) -> Engine {
        Engine::open(parts(&self.folder, self.open().await, clock, 2)).await.unwrap()
    }

    /// Whether the store is one that nodes share, each with a chain of its own.
    pub(crate) fn is_shared(&self) -> bool {
        self.database.is_some()
    }

    /// The database, where there is one, for who tampers with it.
    pub(crate) const fn database(&self) -> Option<&Database> {
        self.database.as_ref()
    }

    /// The store itself, opened once more.
    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.location, setup(&self.clock)).await.unwrap()
    }

    pub(crate) async fn work(&self, purpose: &str) -> Session {
        self.work_on(&self.engine, purpose, None).await
    }

    pub(crate) async fn work_on(
        &self,
        engine: &Engine,
        purpose: &str,
        used: Option<&str>,
    ) -> Session {
        let work = Work::on(purpose, Cause::Test).used_for(used);
        engine.session(&anna(), &work).await.unwrap()
    }

    pub(crate) async fn people(&self, purpose: &str) -> Identified {
        self.work(purpose).await.into_identified().unwrap()
    }

    pub(crate) async fn people_for(&self, purpose: &str, used: &str) -> Identified {
        self.work_on(&self.engine, purpose, Some(used)).await.into_identified().unwrap()
    }

    /// A contact of that country, added by CRM.
    pub(crate) async fn contact(&self, country: &str) -> Uuid {
        self.add(contact(country)).await.id
    }

    pub(crate) async fn add(&self, draft: ContactDraft) -> ContactView {
        self.people("crm").await.add_contact(&draft).await.unwrap()
    }

    pub(crate) async fn company(&self) -> Uuid {
        self.company_called("Harbour Works Ltd").await
    }

    pub(crate) async fn company_called(&self, name: &str) -> Uuid {
        let draft = ObjectDraft {
            fields: texts(&[("name", name), ("country", "FI")]),
            ..ObjectDraft::default()
        };
        let view = self.people("crm").await.add_object("company", &draft).await.unwrap();
        view.id.parse().unwrap()
    }

    /// An object of a company.
    pub(crate) async fn object(&self, purpose: &str, kind: &str, fields: &[(&str, &str)]) -> Uuid {
        let company = Some(self.company().await);
        let draft = ObjectDraft { company, fields: texts(fields), ..ObjectDraft::default() };
        let view = self.people(purpose).await.add_object(kind, &draft).await.unwrap();
        view.id.parse().unwrap()
    }
}

fn parts(folder: &TempDir, store: Store, clock: &Clock, seed: u64) -> Parts {
    let vault = Arc::new(Vault::new(&MasterKey::generate(&mut StdRng::seed_from_u64(9))));
    let trail = Trail::new(TrailSetup {
        path: folder.path().join("gantry.db"),
        store_id: *Uuid::from_u128(7).as_bytes(),
        process: [u8::try_from(seed).unwrap(); 16],
        vault: Arc::clone(&vault),
        strict: false,
        checkpoints: Some(folder.path().join("checkpoints")),
    });
    let (clock, entropy) = (clock.clone(), Entropy::seeded(seed));
    // A hash that costs nothing: what it costs is tested where it is made.
    let password_cost = PasswordCost { memory_kib: 8, passes: 1, lanes: 1 };
    Parts { store, vault, trail, clock, entropy, region: None, password_cost }
}

fn setup(clock: &Clock) -> Setup {
    let clock = clock.clone();
    Setup { link_hash, now: Arc::new(move || clock.now()), readers: 2 }
}

pub(crate) fn anna() -> Actor {
    Actor { name: "anna".into(), roles: vec!["*".into()], purposes: None }
}

pub(crate) fn texts(pairs: &[(&str, &str)]) -> FieldTexts {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

/// Aino Virtanen, who has a name, a job, an address and a telephone.
pub(crate) fn contact(country: &str) -> ContactDraft {
    let data = [
        ("identity", texts(&[("given_name", "Aino"), ("family_name", "Virtanen")])),
        ("employment", texts(&[("job_title", "Purchasing manager"), ("role", "purchasing")])),
        (
            "contact-details",
            texts(&[("email", "Aino.Virtanen@harbour.example"), ("phone", "+358 40 555 0123")]),
        ),
    ];
    ContactDraft {
        country: Some(country.to_owned()),
        data: data.into_iter().map(|(name, fields)| (name.to_owned(), fields)).collect(),
        consents: if country == "CN" { vec!["crm".to_owned()] } else { Vec::new() },
        ..ContactDraft::default()
    }
}

pub(crate) fn event(category: &str, at: &str, fields: &[(&str, &str)]) -> RecordDraft {
    RecordDraft {
        category: category.to_owned(),
        at: Some(at.to_owned()),
        fields: texts(fields),
        ..RecordDraft::default()
    }
}

/// The reason of a refusal, which is expected.
pub(crate) fn refused<T>(result: Result<T, EngineError>) -> Reason {
    match result {
        Ok(_) => panic!("was not refused"),
        Err(error) => error.reason().unwrap_or_else(|| panic!("failed otherwise: {error}")),
    }
}
