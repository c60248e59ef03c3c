//! Sealed at rest.

use session_core::{Change, Patch, Store, StoreError, Written, conformance};
use session_redis::{RedisStore, RedisStoreBuilder, SealKey, SealKeyError, Server};
use test_support::{Monitor, RedisCluster, RedisServer};

use crate::support::{count_one, now, record, store_with, visits};

fn key(number: u8) -> SealKey {
    SealKey::from_bytes(std::array::from_fn(|index| {
        u8::try_from(index).unwrap().wrapping_mul(101).wrapping_add(number) ^ 0xa5
    }))
    .unwrap()
}

fn sealed(server: &RedisServer) -> RedisStoreBuilder {
    RedisStore::builder(server.url()).seal(key(1), [])
}

#[tokio::test]
async fn a_sealed_store_keeps_the_store_contract() {
    let server = RedisServer::start();
    conformance::run(async || store_with(server.url(), |builder| builder.seal(key(1), []))).await;
}

#[tokio::test]
async fn a_sealed_store_renews_in_a_cluster() {
    let cluster = RedisCluster::start();
    let store = store_with(Server::cluster(cluster.urls()), |builder| builder.seal(key(1), []));
    let mut token = store.create(&record(), now()).await.unwrap();
    for count in 1..5 {
        let Written::Moved(fresh) = store.renew(&token, &count_one(), now()).await.unwrap() else { panic!() };
        assert_eq!(store.load(&token, now()).await.unwrap(), None);
        assert_eq!(visits(&store, &fresh).await, count);
        token = fresh;
    }
}

#[tokio::test]
async fn the_server_never_sees_a_value() {
    let server = RedisServer::start();
    let monitor = Monitor::new(&server);
    let store = sealed(&server).build().unwrap();
    let token = store.create(&record(), now()).await.unwrap();
    let swap =
        Change::Swap { expected: Some(b"\x01lovelace".to_vec()), value: Some(b"\x01grace h.".to_vec()) };
    let patch = Patch::new().set("theme", *b"\x01darkness").with("name", swap);
    assert_eq!(store.update(&token, &patch, now()).await.unwrap(), Written::Kept);
    assert_eq!(store.update(&token, &count_one(), now()).await.unwrap(), Written::Kept);
    assert!(matches!(store.renew(&token, &patch.remove("name"), now()).await.unwrap(), Written::Moved(_)));
    let heard = monitor.heard().concat();
    assert!(heard.contains("f:theme"));
    for value in ["lovelace", "grace h.", "darkness"] {
        assert!(!heard.contains(value), "{heard}");
    }
}

#[tokio::test]
async fn what_was_put_in_another_place_by_hand_is_found_out() {
    let server = RedisServer::start();
    let store = sealed(&server).build().unwrap();
    let first = store.create(&record(), now()).await.unwrap();
    let first_key = server.call(&["KEYS", "*"]).texts().remove(0);
    let second = store.create(&record(), now()).await.unwrap();
    let second_key = server.call(&["KEYS", "*"]).texts().into_iter().find(|key| *key != first_key).unwrap();

    let is_corrupt = async |token| matches!(store.load(token, now()).await, Err(StoreError::Corrupt(_)));
    server.call(&["RENAME", &first_key, "aside"]);
    server.call(&["RENAME", &second_key, &first_key]);
    server.call(&["RENAME", "aside", &second_key]);
    assert!(is_corrupt(&first).await && is_corrupt(&second).await);
    assert!(matches!(store.renew(&first, &count_one(), now()).await, Err(StoreError::Corrupt(_))));

    let third = store.create(&record(), now()).await.unwrap();
    let third_key = server.call(&["KEYS", "*"]).texts();
    let third_key = third_key.iter().find(|key| **key != first_key && **key != second_key).unwrap();
    assert!(!is_corrupt(&third).await);
    server.call(&["HSET", third_key, "f:name", "\u{3}1"]);
    assert!(is_corrupt(&third).await);
    assert_eq!(store.list(None, 10, now()).await.unwrap().records, []);
}

#[tokio::test]
async fn a_lifetime_prolonged_by_hand_is_found_out() {
    let server = RedisServer::start();
    let store = sealed(&server).build().unwrap();
    let token = store.create(&record(), now()).await.unwrap();
    let key = server.call(&["KEYS", "*"]).texts().remove(0);
    server.call(&["HSET", &key, "d", "9000000000000 9000000000000"]);
    assert!(matches!(store.load(&token, now()).await, Err(StoreError::Corrupt(_))));
}

#[tokio::test]
async fn a_new_key_opens_what_an_older_one_sealed() {
    let server = RedisServer::start();
    let old = sealed(&server).build().unwrap();
    let token = old.create(&record(), now()).await.unwrap();
    assert_eq!(old.update(&token, &count_one(), now()).await.unwrap(), Written::Kept);

    let rotated = RedisStore::builder(server.url()).seal(key(2), [key(1)]).build().unwrap();
    let swap = Change::Swap { expected: Some(b"\x01lovelace".to_vec()), value: Some(b"\x01bob".to_vec()) };
    let patch = count_one().with("name", swap);
    assert_eq!(rotated.update(&token, &patch, now()).await.unwrap(), Written::Kept);
    assert_eq!(visits(&rotated, &token).await, 2);
    let Written::Moved(token) = rotated.renew(&token, &count_one(), now()).await.unwrap() else { panic!() };

    // Renewing has sealed everything anew.
    let new = RedisStore::builder(server.url()).seal(key(2), []).build().unwrap();
    assert_eq!(visits(&new, &token).await, 3);
    assert!(matches!(old.load(&token, now()).await, Err(StoreError::Corrupt(_))));
}

#[test]
fn a_key_that_nobody_drew_at_random_is_refused() {
    let refused = |text: &str| text.parse::<SealKey>().unwrap_err();
    assert_eq!(refused("secret"), SealKeyError::Malformed);
    assert_eq!(refused(&"0".repeat(128)), SealKeyError::Weak);
    assert_eq!(refused(&"6b6579626f617264".repeat(8)), SealKeyError::Weak);
    assert_eq!(SealKey::from_bytes([0xab; 64]).unwrap_err(), SealKeyError::Weak);
}
