//! Permissions of the store's user on the server.

use session_core::{Evict, Revocations as _, Store, StoreError, Token, WriteOutcome};
use session_redis::{RedisStore, Server};
use test_support::{RedisCluster, RedisSentinel, RedisServer, Reply};

use crate::limit::{signed_in, signed_up};
use crate::support::{builder, count_one, indexed, now, of_user, record};

/// The line of the documentation, word for word.
pub(crate) const ACL: &str = "ACL SETUSER app on >secret resetkeys ~session:* resetchannels -@all \
    +hello +evalsha +eval +exists +hget +hmget +hgetall +hkeys +hset +hdel +pexpireat +persist +ping +rename +unlink \
    +scan +get +set +time +zadd +zcard +zrange +zrem +zremrangebyscore +zscan";

#[tokio::test]
async fn the_documented_permissions_are_enough_and_reach_no_further() {
    let documented: Vec<_> = include_str!("../../README.md").split_whitespace().collect();
    assert!(documented.join(" ").contains(&ACL.split_whitespace().collect::<Vec<_>>().join(" ")));

    let server = RedisServer::start();
    let words: Vec<_> = ACL.split_whitespace().collect();
    assert_eq!(server.call(&words), Reply::Text(Some(b"OK".to_vec())));
    let limited = Server::url(server.url()).login("app", "secret");
    let store = builder(limited.clone()).build().unwrap();
    every_verb_works(&store).await;

    let elsewhere = builder(limited).prefix("other").build().unwrap();
    let error = elsewhere.create(&record(), now()).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn a_wrong_password_is_an_error_that_does_not_repeat_it() {
    let server = RedisServer::start();
    server.call(&["CONFIG", "SET", "requirepass", "right"]);
    let store = builder(Server::url(server.url()).login("default", "wrong-one")).build().unwrap();
    let error = store.load(&Token::random().unwrap(), now()).await.unwrap_err();
    let StoreError::Unavailable(cause) = error else { panic!("{error:?}") };
    assert!(!format!("{cause:?}{cause}").contains("wrong-one"));
}

async fn every_verb_works(store: &RedisStore) {
    store.ping().await.unwrap();
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    let patch = count_one().keep_only(["name"]).touch(now());
    assert_eq!(store.update(&token, &patch, now()).await.unwrap(), WriteOutcome::Done);
    let WriteOutcome::NewToken(token) = store.renew(&token, &patch, now()).await.unwrap() else { panic!() };
    assert!(store.load(&token, now()).await.unwrap().is_some());
    assert_eq!(store.count(now()).await.unwrap(), 1);
    assert_eq!(store.list(None, 10, now()).await.unwrap().records.len(), 1);
    assert_eq!(store.sweep(now()).await.unwrap(), 0);
    let to_ada = count_one().set("user", indexed("ada"));
    assert_eq!(store.update(&token, &to_ada, now()).await.unwrap(), WriteOutcome::Done);
    let WriteOutcome::NewToken(token) = store.renew(&token, &count_one(), now()).await.unwrap() else {
        panic!()
    };
    assert_eq!(store.find_by("user", &indexed("ada"), &[], now()).await.unwrap().len(), 1);
    assert_eq!(store.sweep(now()).await.unwrap(), 0);
    assert_eq!(store.destroy_by("user", &indexed("ada"), None, now()).await.unwrap().len(), 1);
    for on_full in [Evict::Oldest, Evict::Oldest, Evict::Reject] {
        let anonymous = store.create(&record(), now()).await.unwrap();
        let _ = signed_in(store, &anonymous, 1, on_full).await;
        signed_up(store, 1, on_full).await;
        assert_eq!(store.find_by("user", &indexed("ada"), &[], now()).await.unwrap().len(), 1);
    }
    store.clear().await.unwrap();
    let name = token.store_key().unwrap();
    store.raise(name, 7, now().after(crate::support::MINUTE), now()).await.unwrap();
    assert_eq!(store.floors(&[name], now()).await.unwrap()[0].value, 7);
    store.destroy(&token).await.unwrap();
    assert_eq!(store.clear().await.unwrap(), 0);
}

#[tokio::test]
async fn a_cluster_and_sentinels_need_the_additional_permissions_that_are_documented() {
    let (cluster, sentinel) = (RedisCluster::start(), RedisSentinel::start());
    for server in cluster.servers.iter().chain(&sentinel.servers) {
        let words = ACL.split_whitespace().chain(["+cluster|slots", "+asking", "+role"]);
        server.call(&words.collect::<Vec<_>>());
    }
    for server in [Server::cluster(cluster.urls()), Server::sentinel(sentinel.service(), [sentinel.url()])] {
        every_verb_works(&builder(server.login("app", "secret")).build().unwrap()).await;
    }
}
