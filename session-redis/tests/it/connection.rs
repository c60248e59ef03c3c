//! The shared connection: when it is opened, kept and closed.

use std::time::Duration;

use session_core::{Store, StoreError, WriteOutcome};
use session_redis::{RedisStore, Server};
use test_support::{RedisCluster, RedisServer};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::support::{
    Proxy, UNLIMITED, builder, count_one, eventually, indexed, now, of_user, record, store,
};

/// Signs in and destroys all sessions of the user, repeatedly.
async fn signs_in_and_out(store: RedisStore, user: String) {
    for _ in 0..20 {
        let token = store.create(&of_user(&user), now()).await.unwrap();
        let WriteOutcome::NewToken(token) = store.renew(&token, &count_one(), now()).await.unwrap() else {
            panic!()
        };
        assert_eq!(store.destroy_by("user", &indexed(&user), None, now()).await.unwrap().len(), 1);
        assert!(store.load(&token, now()).await.unwrap().is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_number_of_tasks_end_their_sessions_at_once_over_one_connection() {
    let (server, cluster) = (RedisServer::start(), RedisCluster::start());
    for tasks in [1, 2, 3, 8] {
        for (store, is_cluster) in
            [(store(server.url()), false), (store(Server::cluster(cluster.urls())), true)]
        {
            let before = server.info("total_connections_received");
            let mut running = JoinSet::new();
            for task in 0..tasks {
                running.spawn(signs_in_and_out(store.clone(), format!("user {task}")));
            }
            timeout(Duration::from_secs(180), running.join_all()).await.expect("the store hangs");
            if !is_cluster {
                // The connection of the store, the one for bulk operations, and that of the query.
                assert_eq!(server.info("total_connections_received"), before + 1 + 1 + 1, "{tasks} tasks");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_number_of_callers_outlive_connections_that_close_at_once() {
    let server = RedisServer::start();
    for callers in [1, 2, 3, 8, 64] {
        let token = store(server.url()).create(&record(), now()).await.unwrap();
        // The handshake passes, but no command does.
        let proxy = Proxy::to(server.port(), 0, false).await;
        let store = store(proxy.url());
        let mut calls = JoinSet::new();
        for _ in 0..callers {
            let (store, token) = (store.clone(), token.clone());
            calls.spawn(async move { store.load(&token, now()).await.unwrap_err() });
        }
        let failed = timeout(Duration::from_secs(30), calls.join_all()).await.expect("a caller hangs");
        for error in failed {
            assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
        }
        // Connections are only opened by calls, each of which sends its command four times at most.
        assert!(proxy.connections() <= 4 * callers, "{} for {callers}", proxy.connections());
        proxy.restore();
        store.load(&token, now()).await.unwrap();
    }
}

/// Calls that are cancelled long before the response timeout, until one returns.
async fn impatient_calls_recover(store: &RedisStore, proxy: &Proxy) {
    let token = eventually(async || store.create(&record(), now()).await.ok()).await;
    proxy.stall();
    let load = async || {
        let patience = Duration::from_millis(50);
        timeout(patience, store.load(&token, now())).await.ok().and_then(Result::ok)
    };
    assert_eq!(load().await, None);
    assert!(eventually(load).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_connection_is_given_up_although_its_callers_stopped_waiting() {
    let (server, cluster) = (RedisServer::start(), RedisCluster::start());
    let patience = Duration::from_millis(500);
    let proxy = Proxy::to(server.port(), UNLIMITED, true).await;
    let store = builder(proxy.url()).response_timeout(patience).build().unwrap();
    impatient_calls_recover(&store, &proxy).await;

    let ports: Vec<_> = cluster.servers.iter().map(RedisServer::port).collect();
    let proxies = Proxy::to_all(&ports, UNLIMITED, true).await;
    let server = Server::cluster(proxies.urls());
    let store = builder(server).response_timeout(patience).build().unwrap();
    impatient_calls_recover(&store, &proxies).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_that_stop_waiting_cost_nobody_a_connection_that_replies() {
    let server = RedisServer::start();
    let proxy = Proxy::to(server.port(), UNLIMITED, true).await;
    let store = store(proxy.url());
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    for micros in 0..200 {
        let calls = async {
            let _ = store.update(&token, &count_one(), now()).await;
            let _ = store.find_by("user", &indexed("ada"), &[], now()).await;
            let _ = store.count(now()).await;
        };
        timeout(Duration::from_micros(10 * micros), calls).await.ok();
    }
    assert!(store.load(&token, now()).await.unwrap().is_some());
    // One more for bulk operations.
    assert_eq!(proxy.connections(), 2);
}
