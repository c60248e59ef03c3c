//! Limits on the number of sessions with a value.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use session_core::{Evict, Patch, SessionLimit, Store, Token, WriteOutcome};
use session_redis::{RedisStore, Server};
use test_support::{RedisCluster, RedisServer};
use tokio::task::JoinSet;

use crate::index::{found, keys, renewed};
use crate::support::{builder, indexed, now, of_user, record, store};

pub(crate) fn limit(value: &[u8], max: usize, on_full: Evict) -> SessionLimit<'_> {
    SessionLimit { name: "user", value, max: NonZeroUsize::new(max).unwrap(), on_full }
}

fn sign_in() -> Patch {
    Patch::new().set("user", indexed("ada"))
}

/// Creates a session of Ada under a limit.
pub(crate) async fn signed_up(store: &RedisStore, max: usize, on_full: Evict) -> Option<Token> {
    let value = indexed("ada");
    store.create_limited(&of_user("ada"), limit(&value, max, on_full), now()).await.unwrap().result
}

/// Renews a session for Ada under a limit.
pub(crate) async fn signed_in(store: &RedisStore, token: &Token, max: usize, on_full: Evict) -> WriteOutcome {
    let value = indexed("ada");
    store.renew_limited(token, &sign_in(), limit(&value, max, on_full), now()).await.unwrap().result
}

/// Fifty concurrent sign-ins through two stores, half of them with a session that exists already. Returns how many
/// succeeded, and the maximum number of sessions that was seen.
async fn sign_in_concurrently(stores: &[RedisStore; 2], max: usize, on_full: Evict) -> (usize, usize) {
    let mut logins = JoinSet::new();
    for number in 0..50 {
        let store = stores[number % 2].clone();
        let token = store.create(&record(), now()).await.unwrap();
        logins.spawn(async move {
            if number % 4 < 2 {
                return signed_up(&store, max, on_full).await.is_some();
            }
            matches!(signed_in(&store, &token, max, on_full).await, WriteOutcome::NewToken(_))
        });
    }
    let is_over = Arc::new(AtomicBool::new(false));
    let (watcher, seen) = (stores[0].clone(), Arc::clone(&is_over));
    let watching = tokio::spawn(async move {
        let mut max_seen = 0;
        while !seen.load(Ordering::SeqCst) {
            max_seen = max_seen.max(found(&watcher, "user", "ada").await.len());
        }
        max_seen
    });
    let let_in = logins.join_all().await.into_iter().filter(|is_in| *is_in).count();
    is_over.store(true, Ordering::SeqCst);
    (let_in, watching.await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_concurrent_sign_ins_through_two_stores_stay_within_the_limit() {
    let (server, cluster) = (RedisServer::start(), RedisCluster::start());
    for (server, is_exact) in [(Server::url(server.url()), true), (Server::cluster(cluster.urls()), false)] {
        for max in [1, 2, 7] {
            for on_full in [Evict::Oldest, Evict::Reject] {
                let prefix = format!("{on_full:?}{max}");
                let stores = [(), ()].map(|()| builder(server.clone()).prefix(&*prefix).build().unwrap());
                let (let_in, seen) = sign_in_concurrently(&stores, max, on_full).await;
                let left = found(&stores[1], "user", "ada").await.len();
                if on_full == Evict::Oldest {
                    assert_eq!((let_in, left), (50, max));
                } else if is_exact {
                    assert!(seen <= max, "{seen} of {max} at one moment");
                    assert_eq!((let_in, left), (max, max));
                } else {
                    assert!(left <= max && let_in == left, "{let_in} let in, {left} left, {max} may be");
                }
            }
        }
    }
}

/// A client that lacks the permission for the next command stands for one that crashed before it.
#[tokio::test]
async fn in_a_cluster_a_client_that_crashes_ends_nobody_and_keeps_nobody_out() {
    let cluster = RedisCluster::start();
    for server in &cluster.servers {
        server.call(&["ACL", "SETUSER", "index", "on", ">secret", "~session:i:*", "&*", "+@all"]);
        server.call(&["ACL", "SETUSER", "sessions", "on", ">secret", "~session:{*", "&*", "+@all"]);
        server.call(&["ACL", "SETUSER", "unwriting", "on", ">secret", "~*", "&*", "+@all", "-hset"]);
    }
    let store = builder(Server::cluster(cluster.urls())).build().unwrap();
    let as_user =
        |user: &str| builder(Server::cluster(cluster.urls()).login(user, "secret")).build().unwrap();
    let value = indexed("ada");
    let anonymous = store.create(&record(), now()).await.unwrap();
    let first = signed_up(&store, 1, Evict::Oldest).await.unwrap();
    for user in ["sessions", "index", "unwriting"] {
        for on_full in [Evict::Oldest, Evict::Reject] {
            let (limited, limit) = (as_user(user), limit(&value, 2, on_full));
            limited.create_limited(&of_user("ada"), limit, now()).await.unwrap_err();
            limited.renew_limited(&anonymous, &sign_in(), limit, now()).await.unwrap_err();
        }
        assert!(store.load(&first, now()).await.unwrap().is_some());
        assert_eq!(found(&store, "user", "ada").await.len(), 1);
    }
    // Members whose sessions were not written never showed.
    let second = signed_up(&store, 2, Evict::Reject).await.unwrap();
    assert_eq!(signed_up(&store, 2, Evict::Reject).await, None);
    assert_eq!(signed_in(&store, &anonymous, 2, Evict::Reject).await, WriteOutcome::LimitReached);
    signed_up(&store, 2, Evict::Oldest).await.unwrap();
    assert_eq!(store.load(&first, now()).await.unwrap(), None);
    assert!(store.load(&second, now()).await.unwrap().is_some());
    assert_eq!(found(&store, "user", "ada").await.len(), 2);
}

/// Returns how often a field of a key was read on a server.
fn fields_read(server: &RedisServer) -> i64 {
    let stats = server.call(&["INFO", "commandstats"]).text();
    let calls = |line: &str| {
        let name = line.strip_prefix("cmdstat_")?;
        let (name, rest) = name.split_once(":calls=")?;
        matches!(name, "hget" | "hmget" | "hgetall").then(|| rest.split(',').next()?.parse::<i64>().ok())?
    };
    stats.lines().filter_map(calls).sum()
}

#[tokio::test]
async fn a_sign_in_at_the_limit_looks_at_those_that_must_go_and_not_at_all_others() {
    let server = RedisServer::start();
    let store = store(server.url());
    let mut tokens = Vec::new();
    for _ in 0..300 {
        tokens.push(store.create(&of_user("ada"), now()).await.unwrap());
    }
    let anonymous = store.create(&record(), now()).await.unwrap();
    server.call(&["CONFIG", "RESETSTAT"]);
    for _ in 0..10 {
        assert_eq!(signed_up(&store, 300, Evict::Reject).await, None);
        assert_eq!(signed_in(&store, &anonymous, 300, Evict::Reject).await, WriteOutcome::LimitReached);
    }
    assert!(fields_read(&server) <= 20 * 10, "{} fields read", fields_read(&server));

    server.call(&["CONFIG", "RESETSTAT"]);
    signed_up(&store, 300, Evict::Oldest).await.unwrap();
    assert!(fields_read(&server) <= 4, "{} fields read", fields_read(&server));
    assert_eq!(store.load(&tokens[0], now()).await.unwrap(), None);
    assert!(store.load(&tokens[1], now()).await.unwrap().is_some());

    // Also when many are evicted.
    let before = found(&store, "user", "ada").await;
    let value = indexed("ada");
    let created =
        store.create_limited(&of_user("ada"), limit(&value, 2, Evict::Oldest), now()).await.unwrap();
    let left = found(&store, "user", "ada").await;
    assert_eq!((left.len(), created.evicted.len()), (2, 299));
    assert!(created.evicted.iter().all(|id| before.contains(id) && !left.contains(id)));
    assert!(store.load(&tokens[299], now()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_session_that_the_server_lost_keeps_nobody_out() {
    let server = RedisServer::start();
    let store = store(server.url());
    for _ in 0..3 {
        signed_up(&store, 3, Evict::Reject).await.unwrap();
    }
    assert_eq!(signed_up(&store, 3, Evict::Reject).await, None);
    let (lost, _) = keys(&[&server], "*:{*").remove(1);
    server.call(&["DEL", &lost]);
    signed_up(&store, 3, Evict::Reject).await.unwrap();
    assert_eq!(signed_up(&store, 3, Evict::Reject).await, None);
    assert_eq!(found(&store, "user", "ada").await.len(), 3);
}

#[tokio::test]
async fn changing_the_principal_frees_the_place_at_once() {
    let (server, cluster) = (RedisServer::start(), RedisCluster::start());
    for store in [store(server.url()), store(Server::cluster(cluster.urls()))] {
        for _ in 0..3 {
            let token = signed_up(&store, 1, Evict::Reject).await.unwrap();
            let on_phone = Patch::new().set("device", indexed("phone"));
            let token = renewed(&store, &token, &on_phone).await;
            assert_eq!(signed_up(&store, 1, Evict::Reject).await, None);
            renewed(&store, &token, &Patch::new().set("user", indexed("bob"))).await;
            let token = signed_up(&store, 1, Evict::Reject).await.unwrap();
            store.destroy(&token).await.unwrap();
        }
        assert_eq!(found(&store, "user", "bob").await.len(), 3);
    }
}
