//! The rows that a store keeps. Ids are 16 bytes, instants milliseconds since 1970 (UTC), days
//! counted from 1970-01-01, bodies opaque: a store knows no policy and can open nothing.

/// A UUIDv7.
pub type Id = [u8; 16];
/// A keyed hash of something that can be looked up.
pub type Hash = [u8; 16];
/// Which import wrote a row; [`BASE`] for every other write. Rows of an import are seen by nobody
/// until it is published, and then take the place of older editions.
pub type Edition = i64;
/// The edition of ordinary writes.
pub const BASE: Edition = 0;

/// A contact, without identity: only what decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactRow {
    /// Its id.
    pub id: Id,
    /// Which import made it; it is invisible until that is published.
    pub edition: Edition,
    /// Grows by one with every change, from 1.
    pub version: i64,
    /// When it was made.
    pub created: i64,
    /// Two letters, or zeros.
    pub country: [u8; 2],
    /// The company it represents.
    pub company: Option<Id>,
    /// Only the id is left: it stays dead for ever.
    pub erased: bool,
    /// The packed state that decides.
    pub state: Vec<u8>,
}

/// Where a record lies: one person's data lies together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordKey {
    /// Whose.
    pub contact: Id,
    /// Of which category.
    pub category: u8,
    /// Which.
    pub id: Id,
}

/// One fact about one contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRow {
    /// Its place.
    pub key: RecordKey,
    /// Which import wrote it.
    pub edition: Edition,
    /// Grows by one with every change, from 1.
    pub version: i64,
    /// When it happened.
    pub at: i64,
    /// The day its object was closed; `i32::MAX` while that is open; the day of `at` where it is
    /// about no object.
    pub closed: i32,
    /// The last day anybody may see it, as far as known when it was written; `i32::MAX` if open.
    pub keep_until: i32,
    /// From this instant on nobody may see it; `i64::MAX` if open.
    pub expires: i64,
    /// The use of it that was objected to; `u16::MAX` if none was.
    pub objected: u16,
    /// The purpose it was collected for.
    pub collected_for: u8,
    /// The version of the notice it was collected under.
    pub notice: u16,
    /// Where from: a short word.
    pub source: String,
    /// The object it is about.
    pub about: Option<(u8, Id)>,
    /// Fields in the clear.
    pub open: Vec<u8>,
    /// Fields under the contact's key; empty where there are none.
    pub sealed: Vec<u8>,
}

/// What changes of a record in its place: what lies in the clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Which record.
    pub key: RecordKey,
    /// The version that it gets. That of its visible row is one less.
    pub version: i64,
    /// As [`RecordRow::expires`].
    pub expires: i64,
    /// As [`RecordRow::objected`].
    pub objected: u16,
    /// Fields in the clear.
    pub open: Vec<u8>,
}

/// A business object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectRow {
    /// Its kind.
    pub kind: u8,
    /// Its id.
    pub id: Id,
    /// Which import wrote it.
    pub edition: Edition,
    /// Grows by one with every change, from 1.
    pub version: i64,
    /// When it was made.
    pub created: i64,
    /// When it happened or begins, by its own calendar.
    pub at: i64,
    /// The company it belongs to.
    pub company: Option<Id>,
    /// The object it is part of.
    pub part_of: Option<Id>,
    /// The person it is about, where a sole trader's company is personal data.
    pub person: Option<Id>,
    /// Its state.
    pub state: String,
    /// The day it was closed, or `i32::MAX`.
    pub closed: i32,
    /// Fields.
    pub body: Vec<u8>,
}

/// What a look-up leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A contact.
    Contact(Id),
    /// An object of a kind.
    Object(u8, Id),
}

impl Target {
    /// Its id, whatever it is.
    pub const fn id(self) -> Id {
        match self {
            Target::Contact(id) | Target::Object(_, id) => id,
        }
    }
}

/// Small named values besides the tables above, each space with keys of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Space {
    /// About the store itself.
    Meta = 0,
    /// Notice versions by their number (big-endian u16).
    Notice = 1,
    /// Accounts by name.
    Account = 2,
    /// Tokens by their hash.
    Token = 3,
    /// Answers to idempotent requests by the hash of their key.
    Once = 4,
    /// Suppressed addresses by keyed hash.
    Suppressed = 5,
    /// How far an audit spool has been drained.
    Spool = 6,
    /// What imports did.
    Import = 7,
    /// Where the audit trail tells of a record's removal.
    Removed = 8,
    /// What accounts can be known by, and how often somebody failed to be, by the account's name.
    Credential = 9,
    /// Who is signed in, by the hash of the sign-in's ticket.
    SignIn = 10,
    /// Links by which somebody signs in once, by their hash.
    Link = 11,
    /// Whose account it is that another house vouches for, by issuer and subject.
    Subject = 12,
    /// A version of the notice that waits for a second person.
    Proposal = 13,
    /// Visits of contacts in the portal, by the hash of each one's token.
    Visit = 14,
    /// Links that let a contact into the portal once, by the hash of each.
    PortalLink = 15,
}

/// One write of a [`Batch`].
#[derive(Clone, Debug)]
pub enum Write {
    /// Puts a contact, in place of any before. In an edition only a new one can be put, or one of
    /// the same edition; an erased one is a conflict, here and for everything below that names it.
    Contact(ContactRow),
    /// Puts a record of a contact that is there. In the base edition it takes the place of every edition of it, also of those
    /// not yet published.
    Record(RecordRow),
    /// Changes a record in its place, whose visible row is of the base edition; else, and where it
    /// has not the version before, it is a conflict. Costs a part of [`Write::Record`].
    Revise(Revision),
    /// Removes every edition of a record.
    RemoveRecord(RecordKey),
    /// Puts an object, as [`Write::Record`] does.
    Object(ObjectRow),
    /// Sets the day of closing on all records about an object. In the feed it is the object that
    /// has changed.
    Close {
        /// Kind of the object.
        kind: u8,
        /// The object.
        id: Id,
        /// The day, or `i32::MAX` to open it again.
        day: i32,
    },
    /// Lets a target be found by a hash. In a batch with rows of an edition it is of that edition.
    Lookup(Hash, Target),
    /// The opposite.
    Unlook(Hash, Target),
    /// Puts a contact's wrapped key into the key store. Keys are durable before the rest of the
    /// batch is, so in place of a key only the same one may be put, wrapped anew: if the batch were
    /// lost, the other would be, too.
    Key(Id, Vec<u8>),
    /// Erases: all records and look-ups of the contact go, the row given (erased, only an id) and
    /// the records given take their place, and then the key is destroyed (overwritten), or
    /// replaced by the one given. The version of the row must be above that of the contact.
    Erase {
        /// What is left of the contact.
        tombstone: ContactRow,
        /// What a law obliges to keep, sealed anew.
        kept: Vec<RecordRow>,
        /// The key of what is kept, wrapped.
        key: Option<Vec<u8>>,
    },
    /// Puts a small value.
    Entry(Space, Vec<u8>, Vec<u8>),
    /// Removes a small value.
    RemoveEntry(Space, Vec<u8>),
    /// Puts a small value that says where the batch's own audit entries are: a [`LinkPlace`].
    Where(Space, Vec<u8>),
}

/// Where a link of the audit trail is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkPlace {
    /// The chain.
    pub chain: Id,
    /// Its place in the chain.
    pub sequence: i64,
}

impl LinkPlace {
    /// As [`Write::Where`] writes it.
    pub fn encode(&self) -> Vec<u8> {
        [self.chain.as_slice(), &self.sequence.to_be_bytes()].concat()
    }

    /// Reads what [`LinkPlace::encode`] made.
    pub fn decode(bytes: &[u8]) -> Option<LinkPlace> {
        let (chain, sequence) = bytes.split_first_chunk::<16>()?;
        let sequence = i64::from_be_bytes(sequence.try_into().ok()?);
        Some(LinkPlace { chain: *chain, sequence })
    }
}

/// What must hold for a batch to be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// The contact has this version; 0: there is none.
    Contact(Id, i64),
    /// The visible record has this version; 0: there is none.
    Record(RecordKey, i64),
    /// The visible object has this version; 0: there is none.
    Object(u8, Id, i64),
    /// There is no such entry.
    NoEntry(Space, Vec<u8>),
    /// The entry has this value.
    Entry(Space, Vec<u8>, Vec<u8>),
}

/// Writes that are applied together or not at all, with the audit entries that tell of them.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// What must hold.
    pub expects: Vec<Expect>,
    /// What is written.
    pub writes: Vec<Write>,
    /// Audit entries, each self-delimiting; appended to the chain in the same transaction.
    pub audit: Vec<u8>,
    /// How many entries that is.
    pub audit_entries: u32,
    /// Publishes an edition: its rows become visible with this batch.
    pub publish: Option<Edition>,
}

/// The chain of a backend whose processes all write to the same one.
pub const ONE_CHAIN: Id = [0; 16];

/// What the first link of a chain follows: the chain's own id, so that no chain can be passed off as
/// another.
pub fn beginning(chain: &Id) -> [u8; 32] {
    let mut before = [0; 32];
    for (to, from) in before.iter_mut().zip(chain) {
        *to = *from;
    }
    before
}

/// A link of an audit chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLink {
    /// The chain: [`ONE_CHAIN`], or that of a node.
    pub chain: Id,
    /// Its place in the chain, from 1, without gaps.
    pub sequence: i64,
    /// When it was written.
    pub at: i64,
    /// How many entries it holds.
    pub entries: u32,
    /// The entries.
    pub body: Vec<u8>,
    /// Hash of the link before; [`beginning`] for the first.
    pub previous: [u8; 32],
    /// Hash of this link.
    pub hash: [u8; 32],
}

/// A change in the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its number in the feed.
    pub number: i64,
    /// What changed.
    pub what: Touched,
}

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Touched {
    /// A contact itself, or its key, and what lies with it, too: what decides about it may have
    /// changed.
    Contact(Id),
    /// Records or look-ups of a contact alone: what decides about it has not changed.
    Records(Id),
    /// An object of a kind, or its look-ups.
    Object(u8, Id),
    /// Many things at once: an import was published.
    Many,
}

impl Touched {
    /// Whoever keeps a contact in memory needs to hear of it once: what is touched with its records
    /// is touched.
    pub(crate) fn once(all: &mut std::collections::BTreeSet<Touched>) {
        let whole: Vec<Id> = all
            .iter()
            .filter_map(|one| if let Touched::Contact(id) = one { Some(*id) } else { None })
            .collect();
        for id in whole {
            all.remove(&Touched::Records(id));
        }
    }
}

/// How a reader learns what decides about contacts, no older than an answer. What decides may have
/// been changed by anybody a moment ago, on this machine or another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The number of the last change that was visible right after the answer was read. What a reader
    /// keeps in memory counts once it has followed the feed that far.
    Head(i64),
    /// The contacts that the answer is about, as the same statement saw them. What a reader keeps in
    /// memory counts where it has the same version; of a contact that is not among them it knows
    /// nothing.
    Contacts(Vec<ContactRow>),
}

/// An answer, and how the contacts stand that it is about.
#[derive(Clone, Debug)]
pub struct Seen<T> {
    /// How its contacts stand.
    pub standing: Standing,
    /// The answer.
    pub value: T,
}
