//! Sealed sessions.

use std::collections::BTreeSet;
use std::time::Duration;

use session_core::{
    Change, Deadlines, Evict, Patch, Store, StoreError, Timestamp, WriteOutcome, conformance,
};
use session_redis::{RedisStore, RedisStoreBuilder, SealKey, SealKeyError, Server};
use test_support::{Monitor, RedisCluster, RedisSentinel, RedisServer};

use crate::limit::{signed_in, signed_up};
use crate::support::{builder, count_one, indexed, now, of_user, random_key, record, store_with, visits};

pub(crate) fn key(number: u8) -> SealKey {
    SealKey::from_bytes(random_key(number)).unwrap()
}

fn sealed(server: &RedisServer) -> RedisStoreBuilder {
    builder(server.url()).seal(key(1), [])
}

async fn check_contract(server: Server) {
    conformance::run(async || store_with(server.clone(), |builder| builder.seal(key(1), []))).await;
}

#[tokio::test]
async fn a_sealed_store_keeps_the_store_contract_on_one_server() {
    let server = RedisServer::start();
    check_contract(server.url().into()).await;
}

#[tokio::test]
async fn a_sealed_store_keeps_the_store_contract_in_a_cluster() {
    let cluster = RedisCluster::start();
    check_contract(Server::cluster(cluster.urls())).await;
}

#[tokio::test]
async fn a_sealed_store_keeps_the_store_contract_under_sentinels() {
    let sentinel = RedisSentinel::start();
    check_contract(Server::sentinel(sentinel.service(), [sentinel.url()])).await;
}

/// Number of sessions that are found by `user`.
async fn found(store: &RedisStore, user: &str) -> usize {
    store.find_by("user", &indexed(user), &[], now()).await.unwrap().len()
}

#[tokio::test]
async fn the_index_does_not_reveal_its_field_and_value() {
    let server = RedisServer::start();
    let monitor = Monitor::new(&server);
    let plain = store_with(server.url(), |builder| builder);
    let sealed = |number| builder(server.url()).seal(key(number), []).prefix("sealed").build().unwrap();
    for store in [&plain, &sealed(1), &sealed(2)] {
        store.create(&of_user("alexandrina"), now()).await.unwrap();
        assert_eq!(found(store, "alexandrina").await, 1);
    }
    let sets: BTreeSet<_> = server.call(&["KEYS", "*:i:*"]).texts().into_iter().collect();
    let digests: BTreeSet<_> = sets.iter().map(|name| name.rsplit_once(':').unwrap().1.to_owned()).collect();
    assert_eq!(digests.len(), 3, "who does not have the key can guess what the value is: {sets:?}");
    let (of_sealed, others): (Vec<_>, Vec<_>) =
        monitor.commands().into_iter().partition(|line| line.contains("sealed:"));
    assert!(others.concat().contains("alexandrina"));
    assert!(of_sealed.concat().contains("ZADD"));
    assert!(!of_sealed.concat().contains("alexandrina"));
}

#[tokio::test]
async fn sessions_are_found_when_keys_have_changed() {
    let (server, cluster) = (RedisServer::start(), RedisCluster::start());
    for server in [Server::url(server.url()), Server::cluster(cluster.urls())] {
        let ring = |first, older: Option<u8>| {
            builder(server.clone()).seal(key(first), older.map(key)).build().unwrap()
        };
        let (old, both, new) = (ring(1, None), ring(2, Some(1)), ring(2, None));
        let token = old.create(&of_user("ada"), now()).await.unwrap();
        both.create(&of_user("ada"), now()).await.unwrap();
        assert_eq!(
            (found(&old, "ada").await, found(&both, "ada").await, found(&new, "ada").await),
            (1, 2, 1)
        );

        // Renewing moves it to the index set under the new key, and so does any other write.
        let WriteOutcome::NewToken(token) = both.renew(&token, &count_one(), now()).await.unwrap() else {
            panic!()
        };
        assert_eq!(
            (found(&old, "ada").await, found(&both, "ada").await, found(&new, "ada").await),
            (0, 2, 2)
        );
        let to_bob = Patch::new().set("user", indexed("bob"));
        assert_eq!(both.update(&token, &to_bob, now()).await.unwrap(), WriteOutcome::Done);
        assert_eq!((found(&both, "ada").await, found(&new, "bob").await), (1, 1));
        assert_eq!(both.destroy_by("user", &indexed("ada"), None, now()).await.unwrap().len(), 1);
        assert_eq!(both.destroy_by("user", &indexed("bob"), None, now()).await.unwrap().len(), 1);
        assert_eq!(both.count(now()).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn sessions_from_before_the_keys_changed_are_counted_where_a_value_is_limited() {
    let (server, cluster) = (RedisServer::start(), RedisCluster::start());
    for server in [Server::url(server.url()), Server::cluster(cluster.urls())] {
        let ring = |first, older: Option<u8>| {
            builder(server.clone()).seal(key(first), older.map(key)).build().unwrap()
        };
        let (old, both) = (ring(1, None), ring(2, Some(1)));
        let first = signed_up(&old, 2, Evict::Reject).await.unwrap();
        let second = signed_up(&both, 2, Evict::Reject).await.unwrap();
        assert_eq!(signed_up(&both, 2, Evict::Reject).await, None);
        // Nor is it counted twice.
        assert!(matches!(signed_in(&both, &second, 1, Evict::Reject).await, WriteOutcome::NewToken(_)));
        signed_up(&both, 2, Evict::Oldest).await.unwrap();
        assert_eq!(found(&both, "ada").await, 2);
        assert_eq!(both.load(&first, now()).await.unwrap(), None);
        signed_up(&both, 1, Evict::Oldest).await.unwrap();
        assert_eq!(found(&both, "ada").await, 1);
        both.clear().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_concurrent_calls_the_index_agrees_with_the_sealed_sessions() {
    let (server, cluster) = (RedisServer::start(), RedisCluster::start());
    for server in [Server::url(server.url()), Server::cluster(cluster.urls())] {
        let store = store_with(server, |builder| builder.seal(key(1), []));
        crate::stress::the_index_agrees_with_the_sessions(&store).await;
    }
    assert_eq!(server.call(&["DBSIZE"]).number(), 0);
}

#[tokio::test]
async fn a_sealed_session_gets_a_longer_life_when_it_is_renewed() {
    let (server, cluster) = (RedisServer::start(), RedisCluster::start());
    for server in [Server::url(server.url()), Server::cluster(cluster.urls())] {
        let store = store_with(server, |builder| builder.seal(key(1), []));
        let mut token = store.create(&of_user("ada"), now()).await.unwrap();
        for days in [30, 400] {
            let until = now().after(Duration::from_secs(days * 86_400));
            let limits = Deadlines {
                idle_timeout: Duration::MAX,
                idle_deadline: until,
                lifetime_deadline: until,
                remember: true,
            };
            let patch = count_one().set_deadlines(limits);
            let WriteOutcome::NewToken(fresh) = store.renew(&token, &patch, now()).await.unwrap() else {
                panic!()
            };
            token = fresh;
            let just_before = Timestamp::from_millis(until.as_millis() - 1);
            assert_eq!(store.find_by("user", &indexed("ada"), &[], just_before).await.unwrap().len(), 1);
        }
    }
}

#[tokio::test]
async fn a_sealed_store_renews_in_a_cluster() {
    let cluster = RedisCluster::start();
    let store = store_with(Server::cluster(cluster.urls()), |builder| builder.seal(key(1), []));
    let mut token = store.create(&record(), now()).await.unwrap();
    for count in 1..5 {
        let WriteOutcome::NewToken(fresh) = store.renew(&token, &count_one(), now()).await.unwrap() else {
            panic!()
        };
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
    let swap = Change::CompareAndSet {
        expected: Some(b"\x01lovelace".to_vec()),
        value: Some(b"\x01grace h.".to_vec()),
    };
    let patch = Patch::new().set("theme", *b"\x01darkness").with("name", swap);
    assert_eq!(store.update(&token, &patch, now()).await.unwrap(), WriteOutcome::Done);
    assert_eq!(store.update(&token, &count_one(), now()).await.unwrap(), WriteOutcome::Done);
    assert!(matches!(
        store.renew(&token, &patch.remove("name"), now()).await.unwrap(),
        WriteOutcome::NewToken(_)
    ));
    let commands = monitor.commands().concat();
    assert!(commands.contains("f:theme"));
    for value in ["lovelace", "grace h.", "darkness"] {
        assert!(!commands.contains(value), "{commands}");
    }
}

#[tokio::test]
async fn what_was_put_in_another_place_by_hand_is_detected() {
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
async fn a_lifetime_prolonged_by_hand_is_detected() {
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
    assert_eq!(old.update(&token, &count_one(), now()).await.unwrap(), WriteOutcome::Done);

    let rotated = builder(server.url()).seal(key(2), [key(1)]).build().unwrap();
    let swap =
        Change::CompareAndSet { expected: Some(b"\x01lovelace".to_vec()), value: Some(b"\x01bob".to_vec()) };
    let patch = count_one().with("name", swap);
    assert_eq!(rotated.update(&token, &patch, now()).await.unwrap(), WriteOutcome::Done);
    // The write sealed all fields with the new key.
    let new = builder(server.url()).seal(key(2), []).build().unwrap();
    assert_eq!(visits(&new, &token).await, 2);
    assert!(matches!(old.load(&token, now()).await, Err(StoreError::Corrupt(_))));
}

#[test]
fn a_key_that_is_not_random_is_refused() {
    let refused = |text: &str| text.parse::<SealKey>().unwrap_err();
    assert_eq!(refused("secret"), SealKeyError::Malformed);
    assert_eq!(refused(&"0".repeat(128)), SealKeyError::Weak);
    assert_eq!(refused(&"6b6579626f617264".repeat(8)), SealKeyError::Weak);
    assert_eq!(SealKey::from_bytes([0xab; 64]).unwrap_err(), SealKeyError::Weak);
    let mut halves = random_key(1);
    halves.copy_within(..32, 32);
    assert_eq!(SealKey::from_bytes(halves).unwrap_err(), SealKeyError::Weak);
    let sequence = std::array::from_fn(|index| u8::try_from(index).unwrap().wrapping_mul(101) ^ 0xa5);
    assert_eq!(SealKey::from_bytes(sequence).unwrap_err(), SealKeyError::Weak);
}

/// Keys that were published in the documentation or the tests of this project.
#[test]
fn a_key_that_was_published_is_refused() {
    for text in [
        "37a0f2c96b15d84e7c03a9be5f61248d90ecb7423d581f6aa4c7e9300d8b52f6\
         e41976cd02b38af55870dc1e69b4932f0ea5d186472bfc983d60c5f7139ae824",
        "6fb0c91e2a774d85f3a15e08bb9d46c27e19d4a35c80f76b913eea42d80c5f17\
         0d5ae8f1947cb32668e1c05d9f7a134be2b8d63720cf814a5596fd0ae73b18c4",
    ] {
        assert_eq!(text.parse::<SealKey>().unwrap_err(), SealKeyError::Weak);
        assert_eq!(text.to_uppercase().parse::<SealKey>().unwrap_err(), SealKeyError::Weak);
    }
}
