//! Writes that were executed and whose reply was lost.

use std::num::NonZeroUsize;
use std::time::Duration;

use session_core::{Evict, Patch, SessionLimit, Store, StoreError, Token, WriteOutcome};
use session_redis::{RedisStore, RedisStoreBuilder, Server};
use test_support::{RedisCluster, RedisServer};
use tokio::time::timeout;

use crate::index::found;
use crate::limit::{signed_in, signed_up};
use crate::support::{
    MINUTE, Proxy, UNLIMITED, builder, count_one, indexed, now, of_user, record, store, store_with,
};

/// Loads the scripts into the server's cache, so that the next command of each verb is the one that is executed.
async fn warm_up(store: &RedisStore) {
    for on_full in [Evict::Oldest, Evict::Reject] {
        signed_up(store, 1, on_full).await;
        let token = store.create(&record(), now()).await.unwrap();
        let _ = signed_in(store, &token, 1, on_full).await;
    }
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    let _ = store.renew(&token, &count_one(), now()).await.unwrap();
    store.clear().await.unwrap();
}

async fn is_live(store: &RedisStore, token: &Token) -> bool {
    store.load(token, now()).await.unwrap().is_some()
}

async fn nobody_is_locked_out(store: &RedisStore, proxy: &Proxy) {
    for on_full in [Evict::Reject, Evict::Oldest] {
        warm_up(store).await;
        proxy.lose_next_reply();
        let token = signed_up(store, 1, on_full).await.expect("the first session of all is refused");
        assert!(is_live(store, &token).await);
        assert_eq!(found(store, "user", "ada").await.len(), 1);
        store.destroy(&token).await.unwrap();

        let anonymous = store.create(&record(), now()).await.unwrap();
        proxy.lose_next_reply();
        let signed_in = signed_in(store, &anonymous, 1, on_full).await;
        let WriteOutcome::NewToken(token) = signed_in else { panic!("signing in returned {signed_in:?}") };
        assert!(is_live(store, &token).await && !is_live(store, &anonymous).await);
        assert_eq!(found(store, "user", "ada").await.len(), 1);
        store.clear().await.unwrap();
    }
    // Nor is another session evicted for one that is counted twice.
    let first = signed_up(store, 2, Evict::Oldest).await.unwrap();
    proxy.lose_next_reply();
    let second = signed_up(store, 2, Evict::Oldest).await.unwrap();
    assert!(is_live(store, &first).await && is_live(store, &second).await);
    assert_eq!(store.count(now()).await.unwrap(), 2);
}

#[tokio::test]
async fn a_sign_in_whose_reply_is_lost_locks_nobody_out() {
    let server = RedisServer::start();
    let proxy = Proxy::to(server.port(), UNLIMITED, true).await;
    nobody_is_locked_out(&store(proxy.url()), &proxy).await;
}

#[cfg(feature = "seal")]
#[tokio::test]
async fn a_sealed_sign_in_whose_reply_is_lost_locks_nobody_out() {
    let server = RedisServer::start();
    let proxy = Proxy::to(server.port(), UNLIMITED, true).await;
    let store = builder(proxy.url()).seal(crate::sealing::key(1), []).build().unwrap();
    nobody_is_locked_out(&store, &proxy).await;
}

/// A sign-in of Ada's, with a limit of one session.
async fn sign_in(store: &RedisStore, anonymous: Option<&Token>) -> Result<Option<Token>, StoreError> {
    let value = indexed("ada");
    let limit = SessionLimit { name: "user", value: &value, max: NonZeroUsize::MIN, on_full: Evict::Reject };
    let Some(anonymous) = anonymous else {
        return Ok(store.create_limited(&of_user("ada"), limit, now()).await?.result);
    };
    let patch = Patch::new().set("user", value.clone());
    Ok(match store.renew_limited(anonymous, &patch, limit, now()).await?.result {
        WriteOutcome::NewToken(token) => Some(token),
        _ => None,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_failed_or_was_given_up_locks_nobody_out() {
    let server = RedisServer::start();
    let proxy = Proxy::to(server.port(), UNLIMITED, true).await;
    let plain = store_with(proxy.url(), |builder| builder.retries(0));
    #[cfg(feature = "seal")]
    let sealed = store_with(proxy.url(), |builder| builder.retries(0).seal(crate::sealing::key(1), []));
    let stores = [
        (&plain, false),
        #[cfg(feature = "seal")]
        (&sealed, true),
    ];
    for (store, is_sealed) in stores {
        warm_up(store).await;
        for with_a_session in [false, true] {
            let anonymous = store.create(&record(), now()).await.unwrap();
            let anonymous = with_a_session.then_some(&anonymous);
            // A sealed session is read first.
            if !(is_sealed && with_a_session) {
                proxy.lose_next_reply();
                sign_in(store, anonymous).await.unwrap_err();
                let token = sign_in(store, None).await.unwrap().expect("a lost reply locks out");
                assert!(is_live(store, &token).await);
                store.destroy(&token).await.unwrap();
            }
            // The server executes it after its caller is gone.
            let anonymous = store.create(&record(), now()).await.unwrap();
            server.suspend();
            let patience = Duration::from_millis(50);
            timeout(patience, sign_in(store, with_a_session.then_some(&anonymous))).await.unwrap_err();
            server.resume();
            let token = sign_in(store, None).await.unwrap().expect("a call that was given up locks out");
            assert!(is_live(store, &token).await);
            store.clear().await.unwrap();
        }
    }
}

/// A sign-in in a cluster, where it is several commands, with the reply to one of them lost. Returns whether that one
/// was sent.
async fn cluster_locks_nobody_out(store: &RedisStore, proxy: &Proxy, on_full: Evict, number: usize) -> bool {
    proxy.lose_reply(number);
    let token = signed_up(store, 1, on_full).await.expect("the first session of all is refused");
    let mut was_lost = proxy.lost_reply();
    assert!(is_live(store, &token).await);
    assert_eq!(found(store, "user", "ada").await.len(), 1);

    proxy.lose_reply(number);
    let WriteOutcome::NewToken(token) = signed_in(store, &token, 1, on_full).await else {
        panic!("who is signed in already is refused")
    };
    was_lost |= proxy.lost_reply();
    assert!(is_live(store, &token).await);
    store.destroy(&token).await.unwrap();

    let anonymous = store.create(&record(), now()).await.unwrap();
    proxy.lose_reply(number);
    let signed_in = signed_in(store, &anonymous, 1, on_full).await;
    was_lost |= proxy.lost_reply();
    let WriteOutcome::NewToken(token) = signed_in else { panic!("signing in returned {signed_in:?}") };
    assert!(is_live(store, &token).await && !is_live(store, &anonymous).await);
    assert_eq!(found(store, "user", "ada").await.len(), 1);

    // Nor is another session evicted for one that is counted twice.
    proxy.lose_reply(number);
    let second = signed_up(store, 2, on_full).await.expect("one session is taken for two");
    was_lost |= proxy.lost_reply();
    assert!(is_live(store, &token).await && is_live(store, &second).await);
    proxy.lose_reply(number);
    assert_eq!(signed_up(store, 2, on_full).await.is_some(), matches!(on_full, Evict::Oldest));
    was_lost |= proxy.lost_reply();
    assert_eq!(store.count(now()).await.unwrap(), 2);
    store.clear().await.unwrap();
    was_lost
}

/// The same without retries: the sign-in fails, and the next one succeeds.
async fn failing_in_a_cluster_locks_nobody_out(store: &RedisStore, proxy: &Proxy, number: usize) -> bool {
    let mut was_lost = false;
    for with_a_session in [false, true] {
        let anonymous = store.create(&record(), now()).await.unwrap();
        proxy.lose_reply(number);
        let first = sign_in(store, with_a_session.then_some(&anonymous)).await;
        was_lost |= proxy.lost_reply();
        if let Ok(token) = first {
            assert!(store.destroy(&token.expect("the first session of all is refused")).await.unwrap());
        }
        let token = sign_in(store, None).await.unwrap().expect("a lost reply locks out");
        assert!(is_live(store, &token).await);
        store.clear().await.unwrap();
    }
    was_lost
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_in_a_cluster_whose_reply_is_lost_locks_nobody_out() {
    let cluster = RedisCluster::start();
    let ports: Vec<_> = cluster.servers.iter().map(RedisServer::port).collect();
    let proxy = Proxy::to_all(&ports, UNLIMITED, true).await;
    let patient = |builder: RedisStoreBuilder| builder.response_timeout(MINUTE).connect_timeout(MINUTE);
    let plain =
        |retries| store_with(Server::cluster(proxy.urls()), |builder| patient(builder).retries(retries));
    #[cfg(feature = "seal")]
    let sealed = |retries| {
        store_with(Server::cluster(proxy.urls()), |builder| {
            patient(builder).retries(retries).seal(crate::sealing::key(1), [])
        })
    };
    let stores = [
        (plain(5), plain(0)),
        #[cfg(feature = "seal")]
        (sealed(5), sealed(0)),
    ];
    for (store, once) in &stores {
        for on_full in [Evict::Reject, Evict::Oldest] {
            let mut number = 1;
            while cluster_locks_nobody_out(store, &proxy, on_full, number).await {
                number += 1;
            }
            assert!(number > 2, "a sign-in in a cluster is more than one command");
        }
        let mut number = 1;
        while failing_in_a_cluster_locks_nobody_out(once, &proxy, number).await {
            number += 1;
        }
    }
}

/// A renewal that adds to a counter, with and without an indexed value, with the reply to each of its commands lost.
async fn renewals_are_done_once(store: &RedisStore, proxy: &Proxy) {
    for record in [record(), of_user("ada")] {
        let mut token = store.create(&record, now()).await.unwrap();
        for times in 1..=3 {
            proxy.lose_next_reply();
            let renewed = store.renew(&token, &count_one(), now()).await.unwrap();
            let WriteOutcome::NewToken(fresh) = renewed else { panic!("renewing returned {renewed:?}") };
            assert!(!is_live(store, &token).await);
            assert_eq!(crate::support::visits(store, &fresh).await, times);
            token = fresh;
        }
        proxy.lose_next_reply();
        store.destroy(&token).await.unwrap();
        proxy.lose_next_reply();
        let gone = store.renew(&token, &count_one(), now()).await.unwrap();
        assert_eq!(gone, WriteOutcome::Gone, "what was ended came back");
        assert_eq!(store.count(now()).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_renewal_whose_reply_is_lost_is_done_once_and_known() {
    let (server, cluster) = (RedisServer::start(), RedisCluster::start());
    let proxy = Proxy::to(server.port(), UNLIMITED, true).await;
    let one = store(proxy.url());
    warm_up(&one).await;
    renewals_are_done_once(&one, &proxy).await;
    let ports: Vec<_> = cluster.servers.iter().map(RedisServer::port).collect();
    let proxies = Proxy::to_all(&ports, UNLIMITED, true).await;
    let all = store(Server::cluster(proxies.urls()));
    renewals_are_done_once(&all, &proxies).await;
}
