//! How a server is come by, what it is told, and what somebody hears whom it does not let in.

use futures::future::join_all;
use gantry_store::{Location, Store, StoreError, Write};
use gantry_testbed::{Cluster, Database};

use crate::make::Place;
use crate::make::{batch, contact, create, id, open, setup, told};

async fn refused(url: &str) -> String {
    let error = Store::open(&Location::parse(url).unwrap(), setup()).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("hint: ") && !text.contains("secret"), "{text}");
    text
}

#[tokio::test]
async fn who_is_not_let_in_hears_where_and_what_can_be_done() {
    let database = Database::new();
    drop(create(&database.location()).await);
    let url = database.url();
    let nobody = refused("postgres://me:secret@127.0.0.1:1/shop").await;
    assert!(nobody.contains("`postgres://127.0.0.1:1/shop"), "{nobody}");
    assert!(nobody.contains("host and port are right"), "{nobody}");
    let misspelt = refused("postgres://me:secret@no.such.host.invalid/shop?sslmode=disable").await;
    assert!(misspelt.contains("name of the host is right"), "{misspelt}");
    let clear = refused(&format!("{url}?sslmode=verify-full")).await;
    assert!(clear.contains("sslmode=disable"), "{clear}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_wants_a_password_says_where_it_comes_from() {
    let cluster = Cluster::start_in_memory(&[]);
    let database = Database::of(&cluster);
    cluster.sql("postgres", "CREATE ROLE me LOGIN CREATEDB PASSWORD 'right'");
    let lines = "local all all trust', 'host all me all scram-sha-256', 'host all all all trust";
    let sql = format!("COPY (SELECT unnest(ARRAY['{lines}'])) TO PROGRAM 'cat > pg_hba.conf'");
    cluster.sql("postgres", &sql);
    cluster.sql("postgres", "SELECT pg_reload_conf()");
    let (_, place) =
        database.url().split_once('@').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let none = refused(&format!("postgres://me@{place}")).await;
    assert!(none.contains("PGPASSWORD") && none.contains("~/.pgpass"), "{none}");
    let wrong = refused(&format!("postgres://me:secret@{place}")).await;
    assert!(wrong.contains("password authentication failed"), "{wrong}");
    assert!(wrong.contains("PGPASSWORD"), "{wrong}");
    let few = format!("postgres://me:right@{place}");
    cluster.sql("postgres", "ALTER ROLE me CONNECTION LIMIT 0");
    let few = refused(&few).await;
    assert!(few.contains("raise `max_connections`"), "{few}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_takes_as_many_connections_as_the_documentation_says() {
    let cluster = Cluster::start_in_memory(&[]);
    let database = Database::of(&cluster);
    let location = Location::parse(&format!("{}?pool=6", database.url())).unwrap();
    let store = create(&location).await;
    store
        .commit(batch([Write::Contact(contact(1)), Write::Key(id(1), vec![3; 40])]))
        .await
        .unwrap();
    store.commit(told(b"x", [])).await.unwrap();
    store.beyond(0, std::time::Duration::from_secs(1)).await.unwrap();
    let read = async || {
        let (seen, keys) = (store.contacts(&[id(1)]).await, store.keys(&[id(1)]).await);
        seen.unwrap();
        keys.unwrap();
    };
    for _ in 0..20 {
        join_all((0..64).map(|_| read())).await;
    }
    // 6 that read, 1 that writes, 1 that listens; and of the keys 3 and 1.
    let sql = "SELECT string_agg(count::text, ' ' ORDER BY datname) FROM
        (SELECT datname, count(*) FROM pg_stat_activity WHERE application_name = 'gantry'
         GROUP BY datname) found";
    assert_eq!(cluster.sql("postgres", sql), "8 4");
    let named = Location::parse(&format!("{}?application_name=north", database.url())).unwrap();
    let north = open(&named).await;
    north.commit(told(b"y", [])).await.unwrap();
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'north'";
    assert_eq!(cluster.sql("postgres", sql), "2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_may_only_read_hears_so_once() {
    let cluster = Cluster::start_in_memory(&[]);
    let database = Database::of(&cluster);
    drop(create(&database.location()).await);
    cluster.sql("postgres", "CREATE ROLE poor LOGIN");
    let (_, server) =
        cluster.url("none").split_once('@').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let poor = Location::parse(&format!("postgres://poor@{server}")).unwrap();
    let text = Store::create(&poor, setup()).await.unwrap_err().to_string();
    assert!(text.contains("`CREATE DATABASE none OWNER poor`"), "{text}");
    assert!(text.contains("`CREATE DATABASE none_keys OWNER poor`"), "{text}");
    cluster.sql("postgres", "CREATE ROLE reader LOGIN IN ROLE pg_read_all_data");
    let (_, place) =
        database.url().split_once('@').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let store = open(&Location::parse(&format!("postgres://reader@{place}")).unwrap()).await;
    store.contacts(&[id(1)]).await.unwrap();
    let error = store.commit(told(b"x", [])).await.unwrap_err();
    assert!(matches!(error, StoreError::Backend { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("permission denied") && text.contains("must own"), "{text}");
}
