//! Faults of one server, and how the store reacts.

use std::time::{Duration, Instant};

use session_core::{Patch, Store, StoreError, WriteOutcome};
use session_redis::{Server, WhileDisconnected};
use test_support::{RedisCluster, RedisServer};
use tokio::net::TcpListener;

use crate::support::{builder, count_one, eventually, fake_server, now, record, store, under_load};

#[tokio::test(flavor = "multi_thread")]
async fn scripts_are_sent_again_to_a_server_that_lost_them() {
    let server = RedisServer::start();
    let store = store(server.url());
    let token = store.create(&record(), now()).await.unwrap();
    let failed = under_load(&store, &token, async || {
        for _ in 0..50 {
            server.call(&["SCRIPT", "FLUSH"]);
        }
    });
    assert_eq!(failed.await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_connection_is_replaced() {
    let server = RedisServer::start();
    let store = store(server.url());
    let token = store.create(&record(), now()).await.unwrap();
    for _ in 0..5 {
        under_load(&store, &token, async || {
            server.call(&["CLIENT", "KILL", "TYPE", "normal"]);
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_done_twice_does_not_notice_a_killed_connection() {
    let server = RedisServer::start();
    let store = store(server.url());
    let token = store.create(&record(), now()).await.unwrap();
    for _ in 0..20 {
        server.call(&["CLIENT", "KILL", "TYPE", "normal"]);
        assert!(store.load(&token, now()).await.unwrap().is_some());
        server.call(&["CLIENT", "KILL", "TYPE", "normal"]);
        assert_eq!(store.touch(&token, now(), now()).await.unwrap(), WriteOutcome::Done);
        server.call(&["CLIENT", "KILL", "TYPE", "normal"]);
        let ended = store.create(&record(), now()).await.unwrap();
        server.call(&["CLIENT", "KILL", "TYPE", "normal"]);
        store.destroy(&ended).await.unwrap();
        assert_eq!(store.load(&ended, now()).await.unwrap(), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_outlives_a_server_that_is_killed() {
    let mut server = RedisServer::with(&["--appendonly", "yes", "--appendfsync", "always"]);
    let store = store(server.url());
    let token = store.create(&record(), now()).await.unwrap();
    let ended = store.create(&record(), now()).await.unwrap();
    store.destroy(&ended).await.unwrap();
    let failed = under_load(&store, &token, async || {
        server.kill();
        assert!(matches!(store.load(&token, now()).await, Err(StoreError::Unavailable(_))));
        assert!(matches!(store.create(&record(), now()).await, Err(StoreError::Unavailable(_))));
        server.restart();
    });
    assert!(failed.await > 0);
    assert_eq!(store.load(&ended, now()).await.unwrap(), None);
    assert_eq!(store.count(now()).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_waits_does_not_notice_a_restart() {
    let mut server = RedisServer::with(&["--appendonly", "yes", "--appendfsync", "always"]);
    let store = builder(server.url())
        .while_disconnected(WhileDisconnected::Wait)
        .response_timeout(Duration::from_secs(30))
        .build()
        .unwrap();
    let token = store.create(&record(), now()).await.unwrap();
    server.kill();
    let loading = tokio::spawn({
        let (store, token) = (store.clone(), token.clone());
        async move { store.load(&token, now()).await.unwrap() }
    });
    server.restart();
    assert!(loading.await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_never_replies_costs_no_more_than_the_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    // The system accepts connections, and the server never reads from them.
    let store = builder(url).response_timeout(Duration::from_millis(100)).build().unwrap();
    let token = session_core::Token::random().unwrap();
    let patch = Patch::new();
    let patient = Duration::from_secs(20);
    let calls = async {
        let load = store.load(&token, now()).await.unwrap_err();
        let update = store.update(&token, &patch, now()).await.unwrap_err();
        let destroy = store.destroy(&token).await.unwrap_err();
        let count = store.count(now()).await.unwrap_err();
        [load, update, destroy, count]
    };
    for error in tokio::time::timeout(patient, calls).await.expect("a call hangs") {
        assert!(matches!(error, StoreError::Timeout | StoreError::Unavailable(_)), "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_server_stalls_nobody_beyond_the_timeout_and_is_used_again_afterwards() {
    let server = RedisServer::start();
    let store = builder(server.url()).response_timeout(Duration::from_millis(200)).build().unwrap();
    let token = store.create(&record(), now()).await.unwrap();
    server.call(&["CLIENT", "PAUSE", "2000", "ALL"]);
    let error = store.load(&token, now()).await.unwrap_err();
    assert!(matches!(error, StoreError::Timeout | StoreError::Unavailable(_)), "{error:?}");
    eventually(async || store.load(&token, now()).await.ok().flatten()).await;
}

#[tokio::test]
async fn a_full_server_refuses_whole_writes_and_still_ends_sessions() {
    let server = RedisServer::start();
    let store = store(server.url());
    let before = record();
    let token = store.create(&before, now()).await.unwrap();
    server.call(&["CONFIG", "SET", "maxmemory-policy", "noeviction", "maxmemory", "1mb"]);
    let patch = count_one().remove("name").set("theme", *b"\x01dark");
    for error in [
        store.create(&before, now()).await.unwrap_err(),
        store.update(&token, &patch.clone().set("large", vec![0; 1000]), now()).await.unwrap_err(),
        store.update(&token, &count_one(), now()).await.unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    }
    assert_eq!(store.load(&token, now()).await.unwrap(), Some(before));
    assert_eq!(store.count(now()).await.unwrap(), 1);
    store.destroy(&token).await.unwrap();
    assert_eq!(store.count(now()).await.unwrap(), 0);
    server.call(&["CONFIG", "SET", "maxmemory", "0"]);
    store.create(&record(), now()).await.unwrap();
}

#[tokio::test]
async fn a_read_only_replica_is_read_and_refuses_writes() {
    let primary = RedisServer::start();
    let token = builder(primary.url()).build().unwrap().create(&record(), now()).await.unwrap();
    let replica = RedisServer::with(&["--replicaof", "127.0.0.1", &primary.port().to_string()]);
    let store = builder(replica.url()).build().unwrap();
    eventually(async || store.load(&token, now()).await.ok().flatten()).await;
    let error = store.update(&token, &count_one(), now()).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    assert!(store.create(&record(), now()).await.is_err());
    assert!(store.destroy(&token).await.is_err());
    assert!(store.load(&token, now()).await.unwrap().is_some());
    replica.call(&["REPLICAOF", "NO", "ONE"]);
    assert_eq!(store.update(&token, &count_one(), now()).await.unwrap(), WriteOutcome::Done);
}

#[tokio::test]
async fn what_is_not_a_session_is_corrupt() {
    let server = RedisServer::start();
    let store = store(server.url());
    for command in [
        &["SET", "KEY", "text"] as &[&str],
        &["HSET", "KEY", "f:name", "lovelace"],
        &["HSET", "KEY", "m", "m", "l", "l", "d", "soon"],
    ] {
        let token = store.create(&record(), now()).await.unwrap();
        let key = server.call(&["KEYS", "*"]).texts().remove(0);
        server.call(&["DEL", &key]);
        let command: Vec<_> = command.iter().map(|word| if *word == "KEY" { &key } else { *word }).collect();
        server.call(&command);
        for error in [
            store.load(&token, now()).await.unwrap_err(),
            store.update(&token, &count_one(), now()).await.unwrap_err(),
            store.renew(&token, &count_one(), now()).await.unwrap_err(),
        ] {
            assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
        }
        assert_eq!(store.list(None, 10, now()).await.unwrap().records, []);
        assert_eq!(store.count(now()).await.unwrap(), 0);
        store.destroy(&token).await.unwrap();
    }
}

#[tokio::test]
async fn a_reply_of_the_wrong_kind_is_an_outage_and_neither_no_session_nor_a_corrupt_one() {
    for strange in [
        "+OK\r\n",
        ":0\r\n",
        "_\r\n",
        "$-1\r\n",
        "$0\r\n\r\n",
        "$5\r\nhello\r\n",
        "*0\r\n",
        "*2\r\n$1\r\nd\r\n$1\r\n1\r\n",
        "#f\r\n",
        "%1\r\n:1\r\n:2\r\n",
        "~0\r\n",
    ] {
        let store = store(fake_server("7.0.0", strange).await);
        let error = store.load(&session_core::Token::random().unwrap(), now()).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{strange:?}: {error:?}");
    }
}

#[tokio::test]
async fn concurrent_calls_share_one_connection() {
    let server = RedisServer::start();
    let store = store(server.url());
    let before = server.info("total_connections_received");
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let store = store.clone();
        calls.spawn(async move { store.create(&record(), now()).await.unwrap() });
    }
    calls.join_all().await;
    // The connection of the store, and that of the query.
    assert_eq!(server.info("total_connections_received"), before + 1 + 1);
}

#[tokio::test]
async fn an_outage_fails_fast() {
    let mut server = RedisServer::start();
    let store = builder(server.url()).backoff(Duration::from_secs(60)).build().unwrap();
    let token = store.create(&record(), now()).await.unwrap();
    server.kill();
    assert!(store.load(&token, now()).await.is_err());
    let start = Instant::now();
    for _ in 0..1000 {
        assert!(matches!(store.load(&token, now()).await, Err(StoreError::Unavailable(_))));
    }
    assert!(start.elapsed() < Duration::from_secs(60), "calls wait for the connection");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ping_fails_while_a_primary_is_down() {
    let (mut server, mut cluster) = (RedisServer::start(), RedisCluster::with_failover());
    let (one, all) = (store(server.url()), store(Server::cluster(cluster.urls())));
    one.ping().await.unwrap();
    all.ping().await.unwrap();
    server.call(&["CLIENT", "KILL", "TYPE", "normal"]);
    one.ping().await.unwrap();
    server.kill();
    cluster.servers[1].kill();
    for store in [&one, &all] {
        assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));
    }
    server.restart();
    eventually(async || one.ping().await.ok()).await;
    // Its replica is promoted.
    eventually(async || all.ping().await.ok()).await;
}
