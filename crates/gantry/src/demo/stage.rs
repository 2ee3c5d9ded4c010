//! The stage of the demo: a store with its keys, a clock that stands, and somebody at work.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use gantry_engine::actor::Actor;
use gantry_engine::audit::Cause;
use gantry_engine::{Clock, Entropy, Find, Identified, Session, Work};
use gantry_notice::Day;
use uuid::Uuid;

use super::dealings::{Contact, Dealings};
use super::generate;
use crate::failure::Failure;
use crate::init::{Beginning, begin};
use crate::notice::BUNDLED;
use crate::setup::{House, Opening, Places};

/// Who works in the demo.
pub(super) const ACTOR: &str = "demo";
/// From what the dealings are generated.
const SEED: u64 = 1910;

/// A store for the demo, open under a clock that stands until it is moved.
pub(super) struct Stage {
    pub(super) house: House,
    pub(super) actor: Actor,
    pub(super) dealings: Dealings,
    pub(super) today: Day,
    clock: Arc<AtomicI64>,
}

impl Stage {
    /// Makes an empty store, and thinks up the dealings that end today.
    pub(super) async fn make(places: &Places) -> Result<Stage, Failure> {
        let today = Clock::System.today();
        let dealings = generate(today, SEED).map_err(|error| Failure::Failed(error.to_string()))?;
        let hand = Arc::new(AtomicI64::new(noon(today)));
        let (clock, entropy) = (Clock::Set(Arc::clone(&hand)), Entropy::system());
        let beginning = Beginning {
            file: "the bundled notice",
            notice: BUNDLED,
            actor: ACTOR,
            region: None,
            clock: &clock,
            entropy: &entropy,
        };
        begin(places, &beginning).await?;
        let house = House::open_at(places, Opening { clock, entropy, strict: false }).await?;
        let actor = house.engine.actor(ACTOR).await?;
        Ok(Stage { house, actor, dealings, today, clock: hand })
    }

    /// Moves the clock to noon of a day.
    pub(super) fn set_day(&self, day: Day) {
        self.clock.store(noon(day), Ordering::SeqCst);
    }

    /// A session for a purpose, or for one of its uses: `delivery/training`.
    pub(super) async fn session(&self, under: &str) -> Result<Session, Failure> {
        let (purpose, used) = match under.split_once('/') {
            Some((purpose, used)) => (purpose, Some(used)),
            None => (under, None),
        };
        let work = Work::on(purpose, Cause::Cli).used_for(used);
        Ok(self.house.engine.session(&self.actor, &work).await?)
    }

    /// The same where people are worked with as they are.
    pub(super) async fn identified(&self, under: &str) -> Result<Identified, Failure> {
        Ok(self.session(under).await?.into_identified()?)
    }

    /// A session of the purpose that handles contacts' requests.
    pub(super) async fn requests(&self) -> Result<Identified, Failure> {
        let purpose = self.house.engine.policy().policy().notice().system.requests.clone();
        self.identified(&purpose).await
    }

    /// The dealings' contact of that key.
    pub(super) fn contact(&self, key: &str) -> Result<&Contact, Failure> {
        let found = self.dealings.contacts.iter().find(|contact| contact.key == key);
        found.ok_or_else(|| not_there(key))
    }

    /// Its id in the store.
    pub(super) async fn id_of(&self, key: &str) -> Result<Uuid, Failure> {
        let address = email(self.contact(key)?).to_owned();
        let found = self.requests().await?.find(&Find::Email(address), None, 1).await?;
        let found = found.items.first().map(|view| view.id);
        found.ok_or_else(|| not_there(key))
    }
}

/// The e-mail address of a contact; each has one, and nobody else has it.
pub(super) fn email(contact: &Contact) -> &str {
    let mut fields = contact.data.iter().flat_map(|(_, fields)| fields);
    fields.find(|(name, _)| *name == "email").map_or("", |(_, value)| value)
}

fn not_there(key: &str) -> Failure {
    Failure::Failed(format!("the demo's contact `{key}` is not there"))
}

fn noon(day: Day) -> i64 {
    day.start_millis() + 12 * 3_600_000
}
