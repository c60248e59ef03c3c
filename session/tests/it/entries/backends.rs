//! Stored form of entries in each store.

use super::{Data, Shop, cart};
use crate::deploy::backends;

#[tokio::test]
async fn entries_are_read_as_they_were_written() {
    for backend in backends() {
        let token = backend
            .write::<Shop>(|data| {
                data.insert_cart(2, "pears");
                data.insert_cart(1, "apples");
                data.insert_votes("ada", 3);
                data.insert_seen("news \"of\" the day\n\u{1f}", true);
            })
            .await;
        let read = |data: &Data| {
            assert_eq!(data.cart_entry(&1).as_deref(), Some("apples"));
            assert_eq!(data.cart_entry(&3), None);
            assert_eq!(data.votes_entry("ada"), Some(3));
            assert_eq!(data.seen_entry("news \"of\" the day\n\u{1f}"), Some(true));
            (cart(data), data.votes().len(), data.seen().len())
        };
        let (shown, warnings) = backend.read::<Shop, _>(&token, read).await;
        assert_eq!(shown, ("1=apples 2=pears".to_owned(), 1, 1), "{}", backend.name);
        assert!(warnings.is_empty(), "{}: {warnings:?}", backend.name);
    }
}

#[tokio::test]
async fn an_entry_is_changed_added_to_and_removed_by_itself() {
    for backend in backends() {
        let token = backend
            .write::<Shop>(|data| {
                data.insert_cart(1, "apples");
                data.insert_cart(2, "pears");
                data.insert_cart(3, "plums");
                data.insert_votes("ada", 3);
            })
            .await;
        let change = |data: &Data| {
            assert_eq!(data.remove_cart(&1).as_deref(), Some("apples"));
            assert_eq!(data.remove_cart(&9), None);
            data.insert_cart(2, "quinces");
            assert_eq!(data.add_votes("ada", 2), 5);
            assert_eq!(data.add_votes("eve", 1), 1);
            assert_eq!(data.add_votes("ada", -9), 0);
        };
        let token = backend.change::<Shop>(&token, change).await;
        let read = |data: &Data| (cart(data), data.votes_entry("ada"), data.votes_entry("eve"));
        let (shown, _) = backend.read::<Shop, _>(&token, read).await;
        assert_eq!(shown, ("2=quinces 3=plums".to_owned(), Some(0), Some(1)), "{}", backend.name);
    }
}

#[tokio::test]
async fn clearing_a_map_removes_all_of_its_entries_and_no_others() {
    for backend in backends() {
        let token = backend
            .write::<Shop>(|data| {
                data.insert_cart(1, "apples");
                data.insert_cart(2, "pears");
                data.insert_votes("ada", 3);
            })
            .await;
        let token = backend
            .change::<Shop>(&token, |data| {
                data.clear_cart();
                assert!(data.cart().is_empty());
                data.insert_cart(3, "plums");
            })
            .await;
        let read = |data: &Data| (cart(data), data.votes_entry("ada"));
        let (shown, _) = backend.read::<Shop, _>(&token, read).await;
        assert_eq!(shown, ("3=plums".to_owned(), Some(3)), "{}", backend.name);
    }
}

#[cfg(feature = "redis-seal")]
#[tokio::test]
async fn a_sealed_session_in_redis_shows_neither_keys_nor_values_of_entries() {
    use session::redis::SealKey;
    use session::{HandleId, RedisStore, SessionManager};

    use crate::support::redis_server;

    let server = redis_server();
    let secret = [(); 4].map(|()| *HandleId::random().unwrap().as_bytes()).concat();
    let key = SealKey::from_bytes(secret.as_slice().try_into().unwrap()).unwrap();
    let store = RedisStore::builder(server.url()).prefix("hidden-entries").seal(key, []).build().unwrap();
    let manager = SessionManager::<Shop>::new(store);
    let session = manager.create().await.unwrap();
    session.data.insert_seen("a-rare-disease", true);
    session.data.insert_cart(1, "a-rare-medicine");
    session.save().await.unwrap();

    let names = server.call(&["KEYS", "hidden-entries*"]).texts();
    assert_eq!(names.len(), 1);
    let dump = server.call(&["HGETALL", &names[0]]).texts().join(" ");
    assert!(dump.contains("f:seen"), "{dump}");
    assert!(!dump.contains("a-rare"), "{dump}");
    let found = manager.get(&session.token().unwrap()).await.unwrap();
    assert_eq!(found.data.seen_entry("a-rare-disease"), Some(true));
}
