//! A store full of invented contacts, and the engine on it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gantry_engine::actor::{Account, Actor};
use gantry_engine::audit::{Trail, TrailSetup};
use gantry_engine::session::Identified;
use gantry_engine::{Cause, Clock, Engine, Entropy, Parts, PasswordCost, Work, found};
use gantry_intake::{ContactDraft, Draft, FieldDraft, Key, Position, RecordDraft};
use gantry_notice::{Country, Day};
use gantry_store::{ContactFilter, Id, Location, RecordKey, Setup, Store};
use gantry_vault::{MasterKey, Vault, link_hash};
use rand::SeedableRng;
use rand::rngs::StdRng;
use tempfile::TempDir;
use uuid::Uuid;

use crate::Outcome;

const NOTICE: &str = include_str!("../../../notices/customer-contacts.toml");
/// Where the invented contacts come from.
pub(super) const SOURCE: &str = "bench";
/// The category of their records.
pub(crate) const CATEGORY: &str = "communications";
/// Records of one contact: two of its details (name; address and telephone), and what was written.
pub(crate) const RECORDS_EACH: usize = 20;
const DETAILS: usize = 2;
/// Days over which what was written is spread.
const DAYS: usize = 300;

/// A store, and what it takes to open it.
pub(crate) struct House {
    folder: TempDir,
    location: Location,
    vault: Arc<Vault>,
    pub(crate) engine: Engine,
}

impl House {
    /// An empty store under the bundled notice, in a file.
    pub(crate) async fn new() -> Outcome<House> {
        let folder = tempfile::tempdir()?;
        let location = Location::Sqlite(folder.path().join("gantry.db"));
        House::make(folder, location).await
    }

    /// The same somewhere else.
    pub(crate) async fn at(location: Location) -> Outcome<House> {
        House::make(tempfile::tempdir()?, location).await
    }

    async fn make(folder: TempDir, location: Location) -> Outcome<House> {
        let clock = Clock::System;
        let store = Store::create(&location, setup(&clock)).await?;
        let account =
            Account { name: "anna".into(), roles: vec!["*".into()], created: clock.now() };
        found(&store, NOTICE, &account, Uuid::from_u128(7)).await?;
        let vault = Arc::new(Vault::new(&MasterKey::generate(&mut StdRng::seed_from_u64(9))));
        let engine = open(&folder, &vault, store, false).await?;
        Ok(House { folder, location, vault, engine })
    }

    /// Another engine on the store, as after a start: nothing is in its memory.
    pub(crate) async fn again(&self, strict: bool) -> Outcome<Engine> {
        let store = Store::open(&self.location, setup(&Clock::System)).await?;
        open(&self.folder, &self.vault, store, strict).await
    }

    /// The store's file.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("gantry.db")
    }

    /// Puts contacts with their records into the store.
    pub(crate) async fn fill(&self, contacts: usize) -> Outcome<()> {
        const BLOCK: usize = 500;
        let crm = people(&self.engine, "crm").await?;
        let mut import = crm.import(SOURCE, false).await?;
        let days = Days::until_now();
        for first in (0..contacts).step_by(BLOCK) {
            let block = first..contacts.min(first + BLOCK);
            let rows: Vec<Draft> = block.flat_map(|n| whole(n, &days)).collect();
            import.take(&rows).await?;
        }
        import.finish().await?;
        self.engine.tick(false).await?;
        Ok(())
    }

    /// Puts contacts with nothing but their details into the store.
    pub(crate) async fn fill_people(&self, which: std::ops::Range<usize>) -> Outcome<()> {
        const BLOCK: usize = 2_000;
        let crm = people(&self.engine, "crm").await?;
        let mut import = crm.import(SOURCE, false).await?;
        for first in which.clone().step_by(BLOCK) {
            let rows: Vec<Draft> = (first..which.end.min(first + BLOCK)).map(contact_row).collect();
            import.take(&rows).await?;
        }
        import.finish().await?;
        self.engine.tick(false).await?;
        Ok(())
    }

    /// A record of each contact.
    pub(crate) async fn one_record_each(&self) -> Outcome<Vec<RecordKey>> {
        const PAGE: usize = 1_000;
        let store = self.engine.store();
        let category = self.category()?;
        let (mut keys, mut after) = (Vec::new(), None);
        loop {
            let page = store.contact_page(ContactFilter::default(), after, PAGE).await?.value;
            for contact in &page {
                let which = keys.len() % (RECORDS_EACH - DETAILS) + 1;
                let rows = store.records(contact.id, Some(category), None, which).await?.value;
                keys.extend(rows.last().map(|row| row.key));
            }
            after = page.last().map(|contact| contact.id);
            if page.len() < PAGE {
                return Ok(keys);
            }
        }
    }

    /// The contacts of a source by their keys there; `None` for one that is not there.
    pub(crate) async fn contact(&self, n: usize) -> Outcome<Option<Id>> {
        let hash = self.vault.lookup().asked(gantry_vault::Form::Email, "email", &address(n));
        let Some(hash) = hash.first() else { return Ok(None) };
        let found = self.engine.store().lookup(hash, None, 1).await?;
        Ok(found.into_iter().find_map(|target| match target {
            gantry_store::Target::Contact(id) => Some(id),
            gantry_store::Target::Object(..) => None,
        }))
    }

    fn category(&self) -> Outcome<u8> {
        let policy = self.engine.policy();
        let category = policy.policy().lexicon().category(CATEGORY);
        Ok(category.ok_or("the bundled notice has no communications")?.0)
    }
}

fn setup(clock: &Clock) -> Setup {
    let clock = clock.clone();
    Setup { link_hash, now: Arc::new(move || clock.now()), readers: 8 }
}

async fn open(folder: &TempDir, vault: &Arc<Vault>, store: Store, strict: bool) -> Outcome<Engine> {
    let (clock, entropy) = (Clock::System, Entropy::system());
    let trail = Trail::new(TrailSetup {
        path: folder.path().join("gantry.db"),
        store_id: *Uuid::from_u128(7).as_bytes(),
        process: *entropy.id(clock.now()).as_bytes(),
        vault: Arc::clone(vault),
        strict,
        checkpoints: None,
    });
    let vault = Arc::clone(vault);
    let password_cost = PasswordCost::default();
    let parts = Parts { store, vault, trail, clock, entropy, region: None, password_cost };
    Ok(Engine::open(parts).await?)
}

/// A session of somebody who has every role.
pub(crate) async fn people(engine: &Engine, purpose: &str) -> Outcome<Identified> {
    let actor = Actor { name: "anna".into(), roles: vec!["*".into()], purposes: None };
    let session = engine.session(&actor, &Work::on(purpose, Cause::Request)).await?;
    Ok(session.into_identified()?)
}

/// Days of the last months, as text.
pub(crate) struct Days(Vec<String>);

impl Days {
    pub(crate) fn until_now() -> Days {
        let now = Clock::System.now();
        let day = |back: usize| {
            let back = i64::try_from(back).unwrap_or(0) * 86_400_000;
            Day::of_millis(now - back).to_string()
        };
        Days((1..=DAYS).map(day).collect())
    }

    fn of(&self, n: usize) -> Option<String> {
        self.0.get(n % self.0.len().max(1)).cloned()
    }
}

/// The rows of a contact: one of its details, and one for each of its other records.
fn whole(n: usize, days: &Days) -> impl Iterator<Item = Draft> {
    let records = (DETAILS..RECORDS_EACH).map(move |place| record_row(n, place, days));
    std::iter::once(contact_row(n)).chain(records)
}

/// All rows of many contacts, as a file would have them.
pub(crate) fn rows(contacts: std::ops::Range<usize>, days: &Days) -> Vec<Draft> {
    contacts.flat_map(|n| whole(n, days)).collect()
}

/// A contact with its name, address and telephone.
pub(super) fn contact_row(n: usize) -> Draft {
    const GIVEN: [&str; 8] =
        ["Aino", "Bruno", "Chiara", "Dmitri", "Elin", "Farid", "Greta", "Hugo"];
    let field = |category: &str, field: &str, value: String| FieldDraft {
        category: category.into(),
        field: field.into(),
        value,
    };
    let given = GIVEN.get(n % GIVEN.len()).copied().unwrap_or_default();
    let fields = vec![
        field("identity", "given_name", given.to_owned()),
        field("identity", "family_name", format!("Family{}", n / GIVEN.len())),
        field("contact-details", "email", address(n)),
        field("contact-details", "phone", format!("+358 40 {n:07}")),
        field("contact-details", "city", "Hamina".to_owned()),
    ];
    let contact = ContactDraft {
        key: Key::ExternalId(format!("P{n}")),
        country: Country::of("FI"),
        company: None,
        fields,
        said: Vec::new(),
        consents: Vec::new(),
        sole_trader: false,
    };
    Draft { contact: Some(contact), ..draft(n) }
}

/// Something that was written to a contact.
pub(super) fn record_row(contact: usize, place: usize, days: &Days) -> Draft {
    let record = RecordDraft {
        category: CATEGORY.into(),
        key: Some(format!("R{contact}-{place}")),
        contact: Some(Key::ExternalId(format!("P{contact}"))),
        about: None,
        at: days.of(contact.wrapping_mul(31).wrapping_add(place * 7)),
        fields: vec![
            ("channel".into(), "email".into()),
            ("direction".into(), "out".into()),
            ("subject".into(), format!("Inspection {place} of the crane on quay {contact}")),
            (
                "content".into(),
                "The yearly inspection is due. Which day of the next two weeks would suit you? \
                 The crane stands for four hours meanwhile."
                    .into(),
            ),
        ],
    };
    Draft { records: vec![record], ..draft(contact) }
}

fn draft(n: usize) -> Draft {
    let line = u64::try_from(n).unwrap_or(u64::MAX);
    Draft {
        position: Position { file: "bench.csv".into(), row: line, line },
        company: None,
        contact: None,
        objects: Vec::new(),
        records: Vec::new(),
        remarks: Vec::new(),
    }
}

pub(crate) fn address(n: usize) -> String {
    format!("person.{n}@harbour{}.example", n % 977)
}

/// What a running service does, as often.
pub(crate) async fn tick(engine: Engine) {
    let mut every = tokio::time::interval(Duration::from_secs(5));
    loop {
        every.tick().await;
        if let Err(error) = engine.tick(false).await {
            eprintln!("error: {error}");
            return;
        }
    }
}
