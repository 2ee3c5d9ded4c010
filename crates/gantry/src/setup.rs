//! The store, its keys and its audit trail: found, opened, and closed at the end.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gantry_engine::actor::Actor;
use gantry_engine::audit::{Cause, Trail, TrailSetup};
use gantry_engine::{Clock, Engine, Entropy, Identified, Parts, PasswordCost, Session, Work};
use gantry_notice::{Notice, Reason};
use gantry_store::{Id, Location, Setup, Space, Store};
use gantry_vault::{MasterKey, Vault, link_hash};
use zeroize::Zeroizing;

use crate::cli::{Global, WorkArgs};
use crate::failure::Failure;
use crate::{hint, names};

/// The environment variable that holds the master key where no file does.
pub(crate) const MASTER_KEY: &str = "GANTRY_MASTER_KEY";
/// A key file is a line; more is something else.
const MAX_KEY_FILE: u64 = 4_096;
/// The key file of a node whose store is no file: stores of one owner may have the same key.
const KEY_FILE: &str = "gantry.key";
/// Connections for reading that are kept.
const READERS: usize = 4;
/// Under which the store keeps its region.
pub(crate) const REGION: &[u8] = b"region";
/// Under which it keeps what its master key can be known by: the public key that goes with it.
pub(crate) const KEY: &[u8] = b"master key";
/// Under which it keeps its id.
pub(crate) const STORE: &[u8] = b"store";

/// Where everything is.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    pub(crate) store: Location,
    pub(crate) key_file: PathBuf,
    pub(crate) checkpoints: PathBuf,
    /// What the names of this machine's own files begin with, such as those of audit entries that are
    /// not in the store yet.
    pub(crate) files: PathBuf,
}

impl Places {
    /// As the command line says.
    pub(crate) fn of(global: &Global) -> Places {
        let path = match global.store.database() {
            Some(name) => PathBuf::from(file_name(name)),
            None => global.store.path().map(Path::to_path_buf).unwrap_or_default(),
        };
        let key_file = global.key_file.clone().unwrap_or_else(|| match global.store.path() {
            Some(path) => with_ending(path, "key"),
            None => PathBuf::from(KEY_FILE),
        });
        let beside = path.file_name().map_or(path.as_path(), Path::new);
        let checkpoints = global.checkpoints.clone();
        let checkpoints = checkpoints
            .unwrap_or_else(|| key_file.with_file_name(with_ending(beside, "checkpoints")));
        let files = match &global.spool {
            Some(folder) => folder.join(beside),
            None => path.clone(),
        };
        Places { store: global.store.clone(), key_file, checkpoints, files }
    }
}

/// The name of a database as part of a file's.
fn file_name(database: &str) -> String {
    let fits = |letter: &char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
    database.chars().map(|letter| if fits(&letter) { letter } else { '_' }).collect()
}

/// The path with one more ending.
pub(crate) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

/// What a store is told from outside.
pub(crate) fn store_setup(clock: &Clock) -> Setup {
    let clock = clock.clone();
    Setup { link_hash, now: Arc::new(move || clock.now()), readers: READERS }
}

/// The master key: from the environment, else from the key file.
pub(crate) fn master_key(places: &Places) -> Result<MasterKey, Failure> {
    if let Some(text) = key_in_environment()? {
        return parse_key(&text, MASTER_KEY);
    }
    let path = &places.key_file;
    let found = fs::metadata(path).map_err(|cause| no_key(places, &cause))?;
    if found.permissions().mode() & 0o077 != 0 {
        return Err(Failure::Failed(format!(
            "the key file `{0}` can be read by others\nhint: `chmod 600 {0}`, and consider who may have read it",
            path.display()
        )));
    }
    if found.len() > MAX_KEY_FILE {
        return Err(Failure::Failed(format!("`{}` is too long for a key file", path.display())));
    }
    let text = fs::read_to_string(path).map_err(|cause| no_key(places, &cause))?;
    parse_key(&Zeroizing::new(text), &path.display().to_string())
}

/// The master key of the environment, if one is there.
pub(crate) fn key_in_environment() -> Result<Option<Zeroizing<String>>, Failure> {
    match std::env::var(MASTER_KEY) {
        Ok(text) if text.trim().is_empty() => Ok(None),
        Ok(text) => Ok(Some(Zeroizing::new(text))),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(_) => Err(Failure::Failed(format!("`{MASTER_KEY}` is not text"))),
    }
}

fn parse_key(text: &str, place: &str) -> Result<MasterKey, Failure> {
    MasterKey::parse(text).map_err(|error| Failure::Failed(format!("`{place}` holds {error}")))
}

fn no_key(places: &Places, cause: &std::io::Error) -> Failure {
    let file = places.key_file.display();
    if cause.kind() != std::io::ErrorKind::NotFound {
        return Failure::file("read", &places.key_file, cause);
    }
    Failure::Failed(format!(
        "the master key of `{}` is not there: no key file `{file}`, and no `{MASTER_KEY}`\nhint: put the file back from where you keep its copy, or name it with `--key-file`, or set `{MASTER_KEY}`; none can be made anew for a store that is there",
        places.store
    ))
}

/// The master key is of another store.
fn wrong_key(places: &Places) -> Failure {
    let file = places.key_file.display().to_string();
    let place = if matches!(key_in_environment(), Ok(Some(_))) { MASTER_KEY } else { &file };
    Failure::Failed(format!(
        "the master key in `{place}` is not the one of `{}`\nhint: `gantry init` wrote that one into a key file beside the store: name it with `--key-file`, or set `{MASTER_KEY}`",
        places.store
    ))
}

/// Writes a new key file that only its owner can read. Never over another one.
pub(crate) fn write_key(path: &Path, key: &MasterKey) -> Result<(), Failure> {
    let written = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(key.text().as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()
    };
    written().map_err(|cause| Failure::file("write", path, &cause))
}

/// An engine and what it was opened with.
pub(crate) struct House {
    pub(crate) engine: Engine,
    pub(crate) vault: Arc<Vault>,
    pub(crate) store_id: Id,
    pub(crate) checkpoints: PathBuf,
}

/// How a house is opened.
#[derive(Clone, Debug)]
pub(crate) struct Opening {
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
    /// Whether an answer waits until its audit entry is on disk.
    pub(crate) strict: bool,
}

impl Opening {
    /// The machine's time and randomness.
    pub(crate) fn usual() -> Opening {
        Opening { clock: Clock::System, entropy: Entropy::system(), strict: false }
    }
}

impl House {
    /// Opens what the command line names.
    pub(crate) async fn open(global: &Global) -> Result<House, Failure> {
        House::open_at(&Places::of(global), Opening::usual()).await
    }

    /// Opens a store that exists.
    pub(crate) async fn open_at(places: &Places, opening: Opening) -> Result<House, Failure> {
        let store = Store::open(&places.store, store_setup(&opening.clock)).await?;
        let vault = Arc::new(Vault::new(&master_key(places)?));
        House::of(store, vault, places, opening).await
    }

    async fn of(
        store: Store,
        vault: Arc<Vault>,
        places: &Places,
        opening: Opening,
    ) -> Result<House, Failure> {
        let Opening { clock, entropy, strict } = opening;
        let store_id = store.entry(Space::Meta, STORE).await?;
        let store_id: Id = store_id.and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| {
            Failure::Failed(
                "the store has no id: it was never finished; hint: `gantry init` finishes it"
                    .into(),
            )
        })?;
        let key = store.entry(Space::Meta, KEY).await?;
        if key.is_some_and(|key| key != vault.public_key().to_string().as_bytes()) {
            return Err(wrong_key(places));
        }
        let region = store.entry(Space::Meta, REGION).await?;
        let region = region.and_then(|bytes| String::from_utf8(bytes).ok());
        let trail = Trail::new(TrailSetup {
            path: places.files.clone(),
            store_id,
            process: *entropy.id(clock.now()).as_bytes(),
            vault: Arc::clone(&vault),
            strict,
            checkpoints: Some(places.checkpoints.clone()),
        });
        let parts = Parts {
            store,
            vault: Arc::clone(&vault),
            trail,
            clock,
            entropy,
            region,
            password_cost: PasswordCost::default(),
        };
        let engine = Engine::open(parts).await?;
        Ok(House { engine, vault, store_id, checkpoints: places.checkpoints.clone() })
    }

    /// Who works: the account that is named, else the only one there is.
    pub(crate) async fn actor(&self, global: &Global) -> Result<Actor, Failure> {
        if let Some(name) = &global.actor {
            return Ok(self.engine.actor(name).await?);
        }
        let accounts = self.engine.accounts().await?;
        match accounts.as_slice() {
            [account] => Ok(self.engine.actor(&account.name).await?),
            [] => Err(Failure::Failed("the store has no account".to_owned())),
            _ => Err(Failure::Usage(
                "there are several accounts\nhint: say who is working with `--as ACTOR` or `GANTRY_AS`; `gantry user list` names them"
                    .to_owned(),
            )),
        }
    }

    /// A session for the purpose and use that the command names.
    pub(crate) async fn session(
        &self,
        global: &Global,
        work: &WorkArgs,
    ) -> Result<Session, Failure> {
        let actor = self.actor(global).await?;
        let asked = Work::on(&work.purpose, Cause::Cli).used_for(work.used.as_deref());
        let failure = match self.engine.session(&actor, &asked).await {
            Ok(session) => return Ok(session),
            Err(error) => Failure::from(error),
        };
        if failure.refusal().is_some_and(|refusal| refusal.reason == Reason::Unknown) {
            // The refusal is in the audit trail; what was asked for is a slip of the hand.
            let notice = self.notice();
            names::purpose(&notice, &work.purpose)?;
            names::used(&notice, &work.purpose, work.used.as_deref().unwrap_or_default())?;
        }
        Err(failure)
    }

    /// The notice in force.
    pub(crate) fn notice(&self) -> Arc<Notice> {
        Arc::clone(self.engine.policy().policy().notice())
    }

    /// The same where people are worked with as they are.
    pub(crate) async fn identified(
        &self,
        global: &Global,
        work: &WorkArgs,
    ) -> Result<Identified, Failure> {
        Ok(self.session(global, work).await?.into_identified()?)
    }

    /// Closes, and gives what was done. A refusal gets a hint from the notice.
    pub(crate) async fn end<T>(&self, done: Result<T, Failure>) -> Result<T, Failure> {
        let notice = self.notice();
        self.close().await?;
        done.map_err(|failure| {
            let hint = failure.refusal().and_then(|refusal| hint::of(refusal, &notice));
            match hint {
                Some(hint) => failure.hinted(hint),
                None => failure,
            }
        })
    }

    /// Writes what is still on its way.
    pub(crate) async fn close(&self) -> Result<(), Failure> {
        Ok(self.engine.close().await?)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    fn places(folder: &Path) -> Places {
        let global = Global {
            store: Location::Sqlite(folder.join("x.db")),
            key_file: None,
            checkpoints: None,
            spool: None,
            actor: None,
            json: false,
        };
        Places::of(&global)
    }

    #[test]
    fn the_key_lies_beside_the_store_and_checkpoints_beside_the_key() {
        let places = places(Path::new("/some/where"));
        assert_eq!(places.key_file, Path::new("/some/where/x.db.key"));
        assert_eq!(places.checkpoints, Path::new("/some/where/x.db.checkpoints"));
    }

    #[test]
    fn what_a_node_keeps_is_named_after_its_database_and_the_key_is_not() {
        let at = |address: &str| {
            let store = Location::parse(address).unwrap();
            let (key_file, checkpoints, spool, actor) = (None, None, None, None);
            Places::of(&Global { store, key_file, checkpoints, spool, actor, json: false })
        };
        let shop = at("postgres://db.example/shop");
        assert_eq!(shop.key_file, Path::new("gantry.key"));
        assert_eq!(shop.checkpoints, Path::new("shop.checkpoints"));
        assert_eq!(shop.files, Path::new("shop"));
        let odd = at("postgres://db.example/..%2Fshop");
        assert_eq!(odd.checkpoints, Path::new("___shop.checkpoints"));
    }

    #[test]
    fn a_key_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let places = places(folder.path());
        let key = MasterKey::generate(&mut StdRng::seed_from_u64(1));
        write_key(&places.key_file, &key).unwrap();
        assert_eq!(fs::metadata(&places.key_file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(master_key(&places).is_ok());
        assert!(write_key(&places.key_file, &key).is_err(), "never over another one");
        fs::set_permissions(&places.key_file, fs::Permissions::from_mode(0o640)).unwrap();
        let error = master_key(&places).unwrap_err().to_string();
        assert!(error.contains("hint: `chmod 600"), "{error}");
    }
}
