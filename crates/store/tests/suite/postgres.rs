//! The store in PostgreSQL: the common suite, and what is particular to a server.

use gantry_store::{Location, Store, Write};
use gantry_testbed::{Cluster, Database};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::NamedTempFile;

use crate::make::{batch, contact, create, id, setup};

crate::both::suite!(Database);

/// A certificate authority of the test's own, as a file for those who trust it.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    file: NamedTempFile,
}

impl Authority {
    fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let file = NamedTempFile::new().unwrap();
        std::fs::write(file.path(), params.self_signed(&key).unwrap().pem()).unwrap();
        Authority { issuer: Issuer::new(params, key), file }
    }

    /// Has a server prove a name with a certificate of this authority.
    fn vouch(&self, cluster: &Cluster, name: &str) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        // The server itself writes them: they must be its own.
        for (file, text) in [("own.crt", certificate.pem()), ("own.key", key.serialize_pem())] {
            let lines: Vec<String> = text.lines().map(|line| format!("('{line}')")).collect();
            cluster.sql(
                "postgres",
                &format!(
                    "COPY (SELECT * FROM (VALUES {}) lines) TO PROGRAM 'umask 077; cat > {file}'",
                    lines.join(", ")
                ),
            );
        }
        for setting in ["ssl_cert_file = 'own.crt'", "ssl_key_file = 'own.key'", "ssl = on"] {
            cluster.sql("postgres", &format!("ALTER SYSTEM SET {setting}"));
        }
        cluster.stop();
        cluster.start_again();
    }

    /// The address of a database, for somebody who trusts this authority alone.
    fn trusting(&self, url: &str, host: &str) -> Location {
        let file = self.file.path().display().to_string().replace('/', "%2F");
        let url = url.replace("127.0.0.1", host);
        Location::parse(&format!("{url}?sslmode=verify-full&sslrootcert={file}")).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_encrypted_server_must_prove_its_name() {
    let cluster = Cluster::start_in_memory(&[]);
    let (ours, others) = (Authority::new(), Authority::new());
    ours.vouch(&cluster, "localhost");
    let database = Database::of(&cluster);
    let store = create(&ours.trusting(&database.url(), "localhost")).await;
    store.commit(batch([Write::Contact(contact(1))])).await.unwrap();
    assert_eq!(store.contacts(&[id(1)]).await.unwrap().value, [Some(contact(1))]);
    let clear = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
        WHERE application_name = 'gantry' AND NOT ssl";
    assert_eq!(database.sql(clear), "0");

    // Somebody else's word, and the word for another name, are nothing.
    for location in
        [others.trusting(&database.url(), "localhost"), ours.trusting(&database.url(), "127.0.0.1")]
    {
        let refused = Store::open(&location, setup()).await;
        assert!(refused.is_err(), "{refused:?}");
    }
}
