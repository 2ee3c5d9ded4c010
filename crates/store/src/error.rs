//! Why a store could not do what it was asked for. Never with personal data in the text.

use thiserror::Error;

/// What kept a batch from being applied, although the store itself is well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Conflict {
    /// A contact has another version than expected.
    #[error("the contact was changed by somebody else")]
    Contact,
    /// A record has another version than expected.
    #[error("the record was changed by somebody else")]
    Record,
    /// An object has another version than expected.
    #[error("the object was changed by somebody else")]
    Object,
    /// An entry is there, is not, or has another value than expected.
    #[error("the entry was changed by somebody else")]
    Entry,
    /// The contact was erased: its id stays dead.
    #[error("the contact was erased")]
    Erased,
    /// The edition is not pending: never begun, published or discarded.
    #[error("the edition is not pending")]
    Edition,
    /// An edition would hide a contact that is visible, or belongs to another edition.
    #[error("the contact exists already")]
    Exists,
}

/// What there is instead of a store, or of its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Absence {
    /// No file.
    #[error("no such file")]
    File,
    /// No database of that name.
    #[error("the server has no such database")]
    Database,
    /// A database with nothing in it.
    #[error("the database is empty")]
    Empty,
}

/// Why a store could not do what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// Something else than expected was found; nothing of the batch was applied.
    #[error("{what}\n  hint: read it again and repeat")]
    Conflict {
        /// What was found.
        what: Conflict,
    },
    /// The batch contradicts itself; nothing of it was applied.
    #[error("the batch makes no sense: {what}")]
    Invalid {
        /// Why.
        what: &'static str,
    },
    /// There is no store.
    #[error(
        "there is no store at `{place}`: {why}\n  hint: see whether this is the right place; `gantry init` makes a new store there, `gantry store copy --to` a copy of another"
    )]
    Missing {
        /// Where it should be.
        place: String,
        /// What is there instead.
        why: Absence,
    },
    /// There are a store's keys, and no store.
    #[error(
        "there is no store at `{place}` ({why}), though its contacts' keys are there: `{keys}`\n  hint: put the store back beside them, or name another one with `--store`"
    )]
    MainMissing {
        /// Where the store should be.
        place: String,
        /// What is there instead.
        why: Absence,
        /// Where the keys are.
        keys: String,
    },
    /// There is a store, and its keys are gone.
    #[error(
        "the store `{place}` is there, but its contacts' keys are not at `{keys}`: {why}\n  hint: put them back from their own backup, or name where they are (`keys=` in the address of a database); without them nobody's data opens, and they cannot be made anew"
    )]
    KeysMissing {
        /// The store.
        place: String,
        /// What is there instead of the keys.
        why: Absence,
        /// Where the keys should be.
        keys: String,
    },
    /// The keys are those of another store.
    #[error(
        "the contacts' keys at `{keys}` are not those of the store `{place}`\n  hint: put the keys of this store there, or name where they are (`keys=` in the address of a database); with another's keys nobody's data opens"
    )]
    OtherKeys {
        /// The store.
        place: String,
        /// Where the other keys are.
        keys: String,
    },
    /// There is something already.
    #[error("`{place}` exists already")]
    Exists {
        /// What exists.
        place: String,
    },
    /// There is something else.
    #[error(
        "`{place}` is no store of this program, but something else\n  hint: see whether this is the right place"
    )]
    NoStore {
        /// What.
        place: String,
    },
    /// It is a copy that was not finished.
    #[error(
        "`{place}` is a copy that was not finished\n  hint: the same `gantry store copy` again goes on with it"
    )]
    Unfinished {
        /// What.
        place: String,
    },
    /// It was copied to another place, and is there now.
    #[error(
        "`{place}` was moved to `{to}`\n  hint: name that one with `--store` or `GANTRY_STORE`; `gantry store reopen` takes this one up again, if nobody has worked with the other"
    )]
    Moved {
        /// What.
        place: String,
        /// Where it is now.
        to: String,
    },
    /// A newer program has written it, and this one could not read it aright.
    #[error(
        "`{place}` has schema {found}, this program knows {known}\n  hint: use a newer version of the program"
    )]
    Newer {
        /// What.
        place: String,
        /// The oldest schema that a reader of it must know.
        found: i64,
        /// The newest schema known.
        known: i64,
    },
    /// An older program has written it.
    #[error(
        "`{place}` has schema {found}, this program needs {needed}\n  hint: bring it up to date with `gantry store migrate`; programs that run on it may go on meanwhile"
    )]
    Older {
        /// What.
        place: String,
        /// Its schema.
        found: i64,
        /// The schema needed.
        needed: i64,
    },
    /// The server that holds the store does not answer.
    #[error("the database cannot be reached: {cause}\n  hint: {hint}")]
    Unreachable {
        /// What was tried, and what came of it.
        cause: String,
        /// What can be done.
        hint: &'static str,
    },
    /// All connections were in use for too long.
    #[error(
        "all {connections} connections to the database are in use\n  hint: try again, or allow more with `pool=N` in the address of the store"
    )]
    Exhausted {
        /// How many there are.
        connections: usize,
    },
    /// The connection was lost while a batch was committed, and the server did not come back to say
    /// what became of it.
    #[error(
        "nobody knows whether the batch was applied: the database was lost meanwhile\n  hint: look whether it was before repeating it"
    )]
    Uncertain,
    /// The backend cannot do that.
    #[error("{what}")]
    Unsupported {
        /// What cannot be done, and what can be done instead.
        what: &'static str,
    },
    /// Somebody else has held the store for too long.
    #[error("another process holds the store\n  hint: try again when it has finished")]
    Busy,
    /// There is no room left.
    #[error("the disk is full\n  hint: make room; nothing was lost that was acknowledged")]
    Full,
    /// The machine cannot read or write.
    #[error("the store cannot be read or written: {cause}")]
    Io {
        /// What the machine says.
        cause: String,
    },
    /// The file is damaged.
    #[error("the store is damaged: {cause}\n  hint: restore a copy")]
    Damaged {
        /// What was found.
        cause: String,
    },
    /// The writer has stopped; nothing is known to be lost that was acknowledged.
    #[error("the store is closed\n  hint: open it again")]
    Closed,
    /// Anything else that a backend says.
    #[error("the store failed: {cause}")]
    Backend {
        /// What the backend says.
        cause: String,
    },
}

impl StoreError {
    /// Whether it concerns one batch alone, and not the store.
    pub fn is_about_the_batch(&self) -> bool {
        matches!(self, StoreError::Conflict { .. } | StoreError::Invalid { .. })
    }
}

impl From<Conflict> for StoreError {
    fn from(what: Conflict) -> Self {
        StoreError::Conflict { what }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull => StoreError::Full,
            kind => StoreError::Io { cause: kind.to_string() },
        }
    }
}
