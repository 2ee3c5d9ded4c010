//! The link by which a contact comes in: sent to the address that is known, good once, for a quarter
//! of an hour, in the browser that asked for it.
//!
//! Who asks is not told whether an address is known. What is done for one that is not known, or is
//! known of several contacts, is the same but for what is written: as many look-ups, and one commit.

use gantry_notice::model::FieldKind;
use gantry_notice::{Flags, Operation};
use gantry_store::{Batch, Expect, Space, Write};
use gantry_vault::{Address, Form};
use rand::Rng as _;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::secret::{self, For};
use super::visit;
use crate::audit::About as Whom;
use crate::draft::ContactView;
use crate::engine::{Engine, encode};
use crate::error::EngineError;
use crate::session::find::Sieve;
use crate::session::identified::categories_of;
use crate::session::{Find, Identified};

/// A link is good for so long.
pub const LINK_MINUTES: i64 = 15;
/// So many links go to one address within an hour of the clock, at most: nobody's mailbox is flooded.
/// Browsers in which the contact has come in before have so many of their own, each: a stranger who
/// asks for links keeps nobody out.
pub const LINKS_AN_HOUR: u8 = 5;
/// A browser in which a contact has come in is known to be its for so long.
pub const KNOWN_DAYS: i64 = 90;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// The longest address that is looked for.
const LONGEST_ADDRESS: usize = 254;
/// What a browser keeps to itself is at most this long.
const LONGEST_BROWSER: usize = 128;
/// Where it is counted how many links went to an address: then hour and hash of the address.
const COUNTED: &[u8] = b"portal hour ";
/// Where it is noted that a contact came in with a browser: then a hash of both.
const CAME_IN: &[u8] = b"portal known ";
/// What is written where no link is given.
const NOTHING: &[u8] = b"portal nothing";
/// Counts of hours that are over and that one write takes away, at most.
const TAKEN_AWAY: usize = 16;

/// A link to be sent.
pub struct PortalLink {
    /// To whom: the address as the contact has it, however it was typed.
    pub to: String,
    /// The language that the contact prefers (BCP 47).
    pub language: Option<String>,
    /// The secret part of the link: letters and digits.
    pub link: Zeroizing<String>,
}

/// What is stored of a link.
#[derive(Serialize, Deserialize)]
struct Stored {
    contact: Uuid,
    /// The mark of the browser that asked.
    browser: String,
    /// When it is over (ms).
    over: i64,
}

/// Whom a link may go to.
struct Known {
    view: ContactView,
    to: String,
    language: Option<String>,
}

impl Engine {
    /// A new secret for a browser that comes for the first time: it is to keep it to itself.
    pub fn portal_browser(&self) -> Zeroizing<String> {
        secret::unstored(&self.inner)
    }

    /// What forms carry before anybody is known, by the secret of the browser.
    pub fn portal_form(&self, browser: &str) -> String {
        secret::mark(&self.inner, "portal form of a browser", browser)
    }

    /// Asks for a link by e-mail address. `browser` is a secret of the browser that asks, in which
    /// alone the link will be good. Answers what to send to whom where exactly one contact that may be
    /// told is known by the address, and no more than [`LINKS_AN_HOUR`] went there; else nothing.
    pub async fn portal_link(
        &self,
        email: &str,
        browser: &str,
    ) -> Result<Option<PortalLink>, EngineError> {
        if email.len() > LONGEST_ADDRESS || !fits_browser(browser) {
            return Ok(None);
        }
        let session = self.portal_session().await?;
        session.retried(|| self.portal_link_once(&session, email, browser)).await
    }

    async fn portal_link_once(
        &self,
        session: &Identified,
        email: &str,
        browser: &str,
    ) -> Result<Option<PortalLink>, EngineError> {
        let inner = &self.inner;
        let now = inner.clock.now();
        let known = session.only_one_at(email).await?;
        let contact = known.as_ref().map_or(Uuid::nil(), |known| known.view.id);
        let its_own = self.came_in(browser, contact).await?;
        let counted = counted_under(self, email, its_own.then_some(browser), now);
        let count = inner.store.entry(Space::PortalLink, &counted).await?;
        let sent = count.as_deref().and_then(|bytes| bytes.first().copied()).unwrap_or(0);
        let mut writes = secret::sweep(inner, For::Link).await?;
        writes.extend(self.counts_over(now).await?);
        let over = now + LINK_MINUTES * MINUTE;
        let (link, key) = secret::make(inner, For::Link, over);
        let browser = secret::mark(inner, "portal browser", browser);
        let Some(Known { view, to, language }) = known.filter(|_| sent < LINKS_AN_HOUR) else {
            let stored = encode(&Stored { contact: Uuid::nil(), browser, over });
            writes.push(Write::Entry(Space::PortalLink, NOTHING.to_vec(), stored));
            inner.store.commit(Batch { writes, ..Batch::default() }).await?;
            return Ok(None);
        };
        let expect = match count {
            Some(before) => Expect::Entry(Space::PortalLink, counted.clone(), before),
            None => Expect::NoEntry(Space::PortalLink, counted.clone()),
        };
        let stored = encode(&Stored { contact: view.id, browser, over });
        writes.push(Write::Entry(Space::PortalLink, counted, vec![sent.saturating_add(1)]));
        writes.push(Write::Entry(Space::PortalLink, key, stored));
        let categories = categories_of(&session.desk, &view);
        let whom = Whom::One(*view.id.as_bytes());
        let entry = session.desk.entry(now, Operation::Read, categories, whom, 1);
        let batch = Batch { expects: vec![expect], writes, ..Batch::default() };
        session.commit_as(batch, entry.called("portal-link".to_owned())).await?;
        Ok(Some(PortalLink { to, language, link }))
    }

    /// Counts of hours that are over.
    async fn counts_over(&self, now: i64) -> Result<Vec<Write>, EngineError> {
        let first = self.inner.store.entries(Space::PortalLink, COUNTED, None, TAKEN_AWAY).await?;
        let this = [COUNTED, &hour_of(now)].concat();
        let over = first.into_iter().map(|(key, _)| key).filter(|key| *key < this);
        Ok(over.map(|key| Write::RemoveEntry(Space::PortalLink, key)).collect())
    }

    /// Whether a contact has come in with a browser lately.
    async fn came_in(&self, browser: &str, contact: Uuid) -> Result<bool, EngineError> {
        let key = came_in_under(self, browser, contact);
        let until = self.inner.store.entry(Space::PortalLink, &key).await?;
        Ok(until.is_some_and(|until| is_still(&until, self.inner.clock.now())))
    }

    /// Browsers that are known no more, among some from any place on: they lie in no order of time.
    async fn known_over(&self, now: i64) -> Result<Vec<Write>, EngineError> {
        let mut place = [0; 8];
        self.inner.entropy.fork().fill_bytes(&mut place);
        let after = [CAME_IN, &place].concat();
        let store = &self.inner.store;
        let some = store.entries(Space::PortalLink, CAME_IN, Some(&after), TAKEN_AWAY).await?;
        let over = some.into_iter().filter(|(_, until)| !is_still(until, now));
        Ok(over.map(|(key, _)| Write::RemoveEntry(Space::PortalLink, key)).collect())
    }

    /// Uses a link, which is then used up. Answers the token of a visit; nothing where the link is
    /// unknown, used or over, where another browser asked for it, or where the contact is not there
    /// any more.
    pub async fn portal_enter(
        &self,
        link: &str,
        browser: &str,
    ) -> Result<Option<Zeroizing<String>>, EngineError> {
        let (inner, typed) = (&self.inner, browser);
        let Some(key) = secret::key_of(inner, For::Link, link).filter(|_| fits_browser(browser))
        else {
            return Ok(None);
        };
        let session = self.portal_session().await?;
        session
            .retried(|| async {
                let Some(bytes) = inner.store.entry(Space::PortalLink, &key).await? else {
                    return Ok(None);
                };
                let stored: Stored = serde_json::from_slice(&bytes)
                    .map_err(|_| EngineError::Corrupt("a link of the portal"))?;
                let browser = secret::mark(inner, "portal browser", browser);
                let now = inner.clock.now();
                let good = stored.over > now && stored.browser == browser;
                if !good || !session.may_visit(stored.contact).await? {
                    return Ok(None);
                }
                let (token, mut writes) = visit::begin(inner, stored.contact).await?;
                writes.extend(self.known_over(now).await?);
                let known_until = (now + KNOWN_DAYS * DAY).to_be_bytes().to_vec();
                let came_in = came_in_under(self, typed, stored.contact);
                writes.push(Write::Entry(Space::PortalLink, came_in, known_until));
                writes.push(Write::RemoveEntry(Space::PortalLink, key.clone()));
                let whom = Whom::One(*stored.contact.as_bytes());
                let entry = session.desk.entry(now, Operation::Read, Vec::new(), whom, 1);
                let expects = vec![Expect::Entry(Space::PortalLink, key.clone(), bytes)];
                let batch = Batch { expects, writes, ..Batch::default() };
                session.commit_as(batch, entry.called("portal-enter".to_owned())).await?;
                Ok(Some(token))
            })
            .await
    }
}

impl Identified {
    /// The one contact that is known by an address, and may be written to there.
    async fn only_one_at(&self, email: &str) -> Result<Option<Known>, EngineError> {
        let inner = &self.engine.inner;
        let suppressed = inner.vault.suppression(Address::Email(email));
        let suppressed = match suppressed {
            Some(hash) => inner.store.entry(Space::Suppressed, &hash).await?.is_some(),
            None => true,
        };
        // Whether there is a second one is all that needs to be known.
        let (found, _) = self.look_up(&Sieve::of(&Find::Email(email.to_owned())), None, 2).await?;
        let [view] = found.as_slice() else { return Ok(None) };
        if suppressed {
            return Ok(None);
        }
        let Some(to) = self.address_like(view, email) else { return Ok(None) };
        let language = self.language_of(view);
        Ok(Some(Known { view: view.clone(), to, language }))
    }

    /// The address of a contact that counts as the one that was typed. What was typed is not written
    /// to: letters that count as the same may lead elsewhere.
    fn address_like(&self, view: &ContactView, typed: &str) -> Option<String> {
        let wanted = gantry_vault::email(typed)?;
        let mut addresses = self.texts_of(view, |kind| matches!(kind, FieldKind::Email));
        addresses.find(|text| gantry_vault::email(text).as_ref() == Some(&wanted))
    }

    /// The language that a contact prefers.
    pub(super) fn language_of(&self, view: &ContactView) -> Option<String> {
        self.texts_of(view, |kind| matches!(kind, FieldKind::Language)).next()
    }

    /// What stands in a contact's fields of a kind.
    fn texts_of<'v>(
        &'v self,
        view: &'v ContactView,
        wanted: impl Fn(&FieldKind) -> bool + 'v,
    ) -> impl Iterator<Item = String> + 'v {
        let categories = &self.desk.policy.policy().notice().categories;
        let fields = view.data.iter().flat_map(move |(category, fields)| {
            let declared = categories.get(category);
            fields.iter().filter_map(move |(name, value)| {
                Some((&declared?.fields.get(name)?.kind, value.as_str()?))
            })
        });
        fields.filter(move |(kind, _)| wanted(kind)).map(|(_, text)| text.to_owned())
    }

    /// Whether a contact is there, and the portal may see it.
    pub(super) async fn may_visit(&self, contact: Uuid) -> Result<bool, EngineError> {
        let known = self.engine.inner.known_now(*contact.as_bytes()).await?;
        Ok(known.is_some_and(|known| {
            !known.state.flags.any(Flags::ERASED) && self.desk.visible(&known.state).is_ok()
        }))
    }
}

fn fits_browser(browser: &str) -> bool {
    (16..=LONGEST_BROWSER).contains(&browser.len())
}

fn hour_of(now: i64) -> [u8; 4] {
    u32::try_from(now.div_euclid(HOUR)).unwrap_or(0).to_be_bytes()
}

/// Where the links of this hour to an address are counted: those that the contact's own browser asks
/// for apart from those of strangers.
fn counted_under(engine: &Engine, email: &str, its_own: Option<&str>, now: i64) -> Vec<u8> {
    let normal = gantry_vault::email(email).unwrap_or_default();
    let whose = format!("{normal} {}", its_own.unwrap_or_default());
    let hash = engine.inner.vault.lookup().hash(Form::Exact, "portal hour", &whose);
    [COUNTED, &hour_of(now), hash.as_slice()].concat()
}

/// Where it is noted that a contact came in with a browser.
fn came_in_under(engine: &Engine, browser: &str, contact: Uuid) -> Vec<u8> {
    let both = format!("{browser} {contact}");
    let hash = engine.inner.vault.lookup().hash(Form::Exact, "portal known", &both);
    [CAME_IN, hash.as_slice()].concat()
}

fn is_still(until: &[u8], now: i64) -> bool {
    until.try_into().is_ok_and(|until| i64::from_be_bytes(until) > now)
}
