//! Connections: one by itself, and the pool of those that read.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{
    ClientWrapper, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime,
    TimeoutType,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;
use tokio_postgres::NoTls;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::StoreError;
use crate::postgres::address::{Database, Tls};
use crate::postgres::advice::{refused, silent};

/// So long somebody waits for a connection that others use.
const WAIT: Duration = Duration::from_secs(5);
/// So long it may take to be connected, with every server that the address names.
const LONGEST: Duration = Duration::from_secs(10);

/// A connection of its own, whose other half runs as a task of this runtime.
pub(super) async fn connect(database: &Database) -> Result<ClientWrapper, StoreError> {
    // A server may take a connection and then say nothing.
    match timeout(LONGEST, try_connect(database)).await {
        Ok(connected) => connected,
        Err(_) => Err(silent(&database.to_string())),
    }
}

async fn try_connect(database: &Database) -> Result<ClientWrapper, StoreError> {
    let told = |error| refused(&database.to_string(), error);
    Ok(match &database.tls {
        Tls::Off => {
            let connected = database.config.connect(NoTls).await;
            let (client, connection) = connected.map_err(told)?;
            ClientWrapper::new(client, tokio::spawn(async move { drop(connection.await) }))
        }
        Tls::Verified(roots) => {
            let tls = verifier(roots.as_deref())?;
            let connected = database.config.connect(tls).await;
            let (client, connection) = connected.map_err(told)?;
            ClientWrapper::new(client, tokio::spawn(async move { drop(connection.await) }))
        }
    })
}

/// Connections that are kept for reading. None is made before it is needed.
pub(super) struct Readers {
    /// What they lead to.
    place: String,
    pool: Pool,
    size: usize,
}

impl Readers {
    pub(super) fn new(database: &Database, size: usize) -> Result<Readers, StoreError> {
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let config = database.config.clone();
        let manager = match &database.tls {
            Tls::Off => Manager::from_config(config, NoTls, recycling),
            Tls::Verified(roots) => {
                Manager::from_config(config, verifier(roots.as_deref())?, recycling)
            }
        };
        let pool = Pool::builder(manager)
            .max_size(size)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(WAIT))
            .build();
        let pool = pool.map_err(|error| StoreError::Backend { cause: error.to_string() })?;
        Ok(Readers { place: database.to_string(), pool, size })
    }

    /// A connection, as soon as one is free.
    pub(super) async fn take(&self) -> Result<Object, StoreError> {
        match self.pool.get().await {
            Ok(connection) => Ok(connection),
            Err(PoolError::Timeout(TimeoutType::Wait)) => {
                Err(StoreError::Exhausted { connections: self.size })
            }
            Err(PoolError::Timeout(_)) => Err(self.silent()),
            Err(PoolError::Backend(error)) => Err(refused(&self.place, error)),
            Err(error) => Err(StoreError::Backend { cause: error.to_string() }),
        }
    }

    /// What it means that the server says nothing.
    pub(super) fn silent(&self) -> StoreError {
        silent(&self.place)
    }

    /// Gives all connections up that are not in use.
    pub(super) fn forget_idle(&self) {
        self.pool.retain(|_, _| false);
    }
}

/// What makes sure that the server is who it says.
pub(super) fn verifier(roots: Option<&Path>) -> Result<MakeRustlsConnect, StoreError> {
    let mut trusted = RootCertStore::empty();
    let found = match roots {
        Some(path) => of_file(path)?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    trusted.add_parsable_certificates(found);
    if trusted.is_empty() {
        return Err(StoreError::Io {
            cause: "no certificate that could vouch for the database was found; hint: name a file \
                    with `sslrootcert=FILE` in the address of the store"
                .to_owned(),
        });
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| StoreError::Backend { cause: error.to_string() })?;
    Ok(MakeRustlsConnect::new(config.with_root_certificates(trusted).with_no_client_auth()))
}

fn of_file(path: &Path) -> Result<Vec<CertificateDer<'static>>, StoreError> {
    let unreadable = |cause: String| StoreError::Io {
        cause: format!(
            "`{}` holds no certificates: {cause}; hint: `sslrootcert` names a file with the \
             certificate of the authority that signed the server's, as PEM",
            path.display()
        ),
    };
    let found =
        CertificateDer::pem_file_iter(path).map_err(|error| unreadable(error.to_string()))?;
    found.collect::<Result<_, _>>().map_err(|error| unreadable(error.to_string()))
}
