//! Writes that were done and whose answer never came.

use session_core::{Evict, Store, Token, Written};
use session_redis::{RedisStore, Server};
use test_support::{RedisCluster, RedisServer};

use crate::capping::{signed_in, signed_up};
use crate::index::found;
use crate::support::{NEVER, Proxy, count_one, now, of_user, record, store};

/// Teaches the server the scripts, so that the next command of each verb is the one that is done.
async fn warm_up(store: &RedisStore) {
    for evict in [Evict::Oldest, Evict::Reject] {
        signed_up(store, 1, evict).await;
        let token = store.create(&record(), now()).await.unwrap();
        let _ = signed_in(store, &token, 1, evict).await;
    }
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    let _ = store.renew(&token, &count_one(), now()).await.unwrap();
    store.clear().await.unwrap();
}

async fn is_live(store: &RedisStore, token: &Token) -> bool {
    store.load(token, now()).await.unwrap().is_some()
}

async fn nobody_is_locked_out(store: &RedisStore, proxy: &Proxy) {
    for evict in [Evict::Reject, Evict::Oldest] {
        warm_up(store).await;
        proxy.lose_next_answer();
        let token = signed_up(store, 1, evict).await.expect("the first session of all is refused");
        assert!(is_live(store, &token).await);
        assert_eq!(found(store, "user", "ada").await.len(), 1);
        store.destroy(&token).await.unwrap();

        let anonymous = store.create(&record(), now()).await.unwrap();
        proxy.lose_next_answer();
        let signed_in = signed_in(store, &anonymous, 1, evict).await;
        let Written::Moved(token) = signed_in else { panic!("signing in answered {signed_in:?}") };
        assert!(is_live(store, &token).await && !is_live(store, &anonymous).await);
        assert_eq!(found(store, "user", "ada").await.len(), 1);
        store.clear().await.unwrap();
    }
    // Nor is another session ended for one that is there twice.
    let first = signed_up(store, 2, Evict::Oldest).await.unwrap();
    proxy.lose_next_answer();
    let second = signed_up(store, 2, Evict::Oldest).await.unwrap();
    assert!(is_live(store, &first).await && is_live(store, &second).await);
    assert_eq!(store.count(now()).await.unwrap(), 2);
}

#[tokio::test]
async fn a_sign_in_whose_answer_is_lost_locks_nobody_out() {
    let server = RedisServer::start();
    let proxy = Proxy::to(server.port(), NEVER, true).await;
    nobody_is_locked_out(&store(proxy.url()), &proxy).await;
}

#[cfg(feature = "seal")]
#[tokio::test]
async fn a_sealed_sign_in_whose_answer_is_lost_locks_nobody_out() {
    let server = RedisServer::start();
    let proxy = Proxy::to(server.port(), NEVER, true).await;
    let store = RedisStore::builder(proxy.url()).seal(crate::sealing::key(1), []).build().unwrap();
    nobody_is_locked_out(&store, &proxy).await;
}

/// A renewal that counts, with and without an index, each command of which may lose its answer.
async fn renewals_are_done_once(store: &RedisStore, proxy: &Proxy) {
    for record in [record(), of_user("ada")] {
        let mut token = store.create(&record, now()).await.unwrap();
        for times in 1..=3 {
            proxy.lose_next_answer();
            let renewed = store.renew(&token, &count_one(), now()).await.unwrap();
            let Written::Moved(fresh) = renewed else { panic!("renewing answered {renewed:?}") };
            assert!(!is_live(store, &token).await);
            assert_eq!(crate::support::visits(store, &fresh).await, times);
            token = fresh;
        }
        proxy.lose_next_answer();
        store.destroy(&token).await.unwrap();
        proxy.lose_next_answer();
        let gone = store.renew(&token, &count_one(), now()).await.unwrap();
        assert_eq!(gone, Written::Gone, "what was ended came back");
        assert_eq!(store.count(now()).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_renewal_whose_answer_is_lost_is_done_once_and_known() {
    let (server, cluster) = (RedisServer::start(), RedisCluster::start());
    let proxy = Proxy::to(server.port(), NEVER, true).await;
    let one = store(proxy.url());
    warm_up(&one).await;
    renewals_are_done_once(&one, &proxy).await;
    let ports: Vec<_> = cluster.servers.iter().map(RedisServer::port).collect();
    let proxies = Proxy::to_all(&ports, NEVER, true).await;
    let all = store(Server::cluster(proxies.urls()));
    renewals_are_done_once(&all, &proxies).await;
}
