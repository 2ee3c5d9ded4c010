//! smoke
use crate::make::*;
use gantry_store::*;
#[tokio::test]
async fn smoke() {
    let place = Place::new();
    let store = place.create().await;
    let c = store
        .commit(told(
            b"x",
            [
                Write::Contact(contact(1)),
                Write::Record(record(key(1, 2, 3))),
                Write::Key(id(1), b"wrapped-key-wrapped".to_vec()),
            ],
        ))
        .await
        .unwrap();
    let seen = store.record(&key(1, 2, 3), true).await.unwrap();
    assert_eq!(seen.head, c.head);
    assert_eq!(seen.value, (Some(contact(1)), Some(record(key(1, 2, 3)))));
    assert_eq!(
        store.keys(&[id(1), id(2)]).await.unwrap(),
        vec![Some(b"wrapped-key-wrapped".to_vec()), None]
    );
    store
        .commit_blocking(batch([Write::Erase {
            tombstone: tombstone(1, 2),
            kept: vec![],
            key: None,
        }]))
        .unwrap();
    assert!(!holds(&place.bytes(), b"wrapped-key-wrapped"));
    assert_eq!(store.check().await.unwrap(), Vec::<String>::new());
    drop(store);
    place.open().await.unwrap();
}
