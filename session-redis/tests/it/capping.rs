//! Values that only so many sessions may hold.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use session_core::{Cap, Evict, Patch, Store, Token, Written};
use session_redis::{RedisStore, Server};
use test_support::{RedisCluster, RedisServer, Reply};
use tokio::task::JoinSet;

use crate::commands::source;
use crate::index::{found, keys, masters, renewed};
use crate::support::{indexed, now, of_user, record, store};

pub(crate) fn cap(value: &[u8], most: usize, evict: Evict) -> Cap<'_> {
    Cap { name: "user", value, most: NonZeroUsize::new(most).unwrap(), evict }
}

fn sign_in() -> Patch {
    Patch::new().set("user", indexed("ada"))
}

/// A new session of Ada's, unless there are as many already.
pub(crate) async fn signed_up(store: &RedisStore, most: usize, evict: Evict) -> Option<Token> {
    let value = indexed("ada");
    store.create_within(&of_user("ada"), cap(&value, most, evict), now()).await.unwrap()
}

/// Makes a session Ada's, unless she has as many already.
pub(crate) async fn signed_in(store: &RedisStore, token: &Token, most: usize, evict: Evict) -> Written {
    let value = indexed("ada");
    store.renew_within(token, &sign_in(), cap(&value, most, evict), now()).await.unwrap()
}

/// Fifty sign in at once, through two stores, half of them with a session that they have already. Returns how many came
/// in, and how many of them were seen at once at most.
async fn rush(stores: &[RedisStore; 2], most: usize, evict: Evict) -> (usize, usize) {
    let mut logins = JoinSet::new();
    for number in 0..50 {
        let store = stores[number % 2].clone();
        let token = store.create(&record(), now()).await.unwrap();
        logins.spawn(async move {
            if number % 4 < 2 {
                return signed_up(&store, most, evict).await.is_some();
            }
            matches!(signed_in(&store, &token, most, evict).await, Written::Moved(_))
        });
    }
    let is_over = Arc::new(AtomicBool::new(false));
    let (watcher, seen) = (stores[0].clone(), Arc::clone(&is_over));
    let watching = tokio::spawn(async move {
        let mut most = 0;
        while !seen.load(Ordering::SeqCst) {
            most = most.max(found(&watcher, "user", "ada").await.len());
        }
        most
    });
    let let_in = logins.join_all().await.into_iter().filter(|is_in| *is_in).count();
    is_over.store(true, Ordering::SeqCst);
    (let_in, watching.await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_who_sign_in_at_once_through_two_stores_leave_no_more_than_fit() {
    let (server, cluster) = (RedisServer::start(), RedisCluster::start());
    for server in [Server::url(server.url()), Server::cluster(cluster.urls())] {
        for most in [1, 2, 7] {
            for evict in [Evict::Oldest, Evict::Reject] {
                let prefix = format!("{evict:?}{most}");
                let stores =
                    [(), ()].map(|()| RedisStore::builder(server.clone()).prefix(&*prefix).build().unwrap());
                let (let_in, seen) = rush(&stores, most, evict).await;
                assert_eq!(let_in, if evict == Evict::Oldest { 50 } else { most });
                if evict == Evict::Reject {
                    assert!(seen <= most, "{seen} of {most} at one moment");
                }
                assert_eq!(found(&stores[1], "user", "ada").await.len(), most);
            }
        }
    }
}

/// A client that may not do what comes next is one that crashed in between.
#[tokio::test]
async fn in_a_cluster_a_client_that_crashes_leaves_never_one_too_many() {
    let cluster = RedisCluster::start();
    for server in &cluster.servers {
        server.call(&["ACL", "SETUSER", "index", "on", ">secret", "~session:i:*", "&*", "+@all"]);
        server.call(&["ACL", "SETUSER", "sessions", "on", ">secret", "~session:{*", "&*", "+@all"]);
        server.call(&["ACL", "SETUSER", "unwriting", "on", ">secret", "~*", "&*", "+@all", "-hset"]);
    }
    let store = RedisStore::new(Server::cluster(cluster.urls())).unwrap();
    let as_user =
        |user: &str| RedisStore::new(Server::cluster(cluster.urls()).login(user, "secret")).unwrap();
    let value = indexed("ada");
    let anonymous = store.create(&record(), now()).await.unwrap();
    let crash = async |user: &str, most, evict| {
        let (limited, cap) = (as_user(user), cap(&value, most, evict));
        limited.create_within(&of_user("ada"), cap, now()).await.unwrap_err();
        limited.renew_within(&anonymous, &sign_in(), cap, now()).await.unwrap_err();
    };
    let first = signed_up(&store, 1, Evict::Oldest).await.unwrap();
    for user in ["sessions", "index"] {
        crash(user, 1, Evict::Oldest).await;
        assert!(store.load(&first, now()).await.unwrap().is_some());
        assert_eq!(found(&store, "user", "ada").await.len(), 1);
    }
    // Two places are taken now by whom nobody ever saw, for a while.
    assert_eq!(signed_up(&store, 3, Evict::Reject).await, None);
    assert_eq!(signed_in(&store, &anonymous, 3, Evict::Reject).await, Written::Full);
    assert_eq!(found(&store, "user", "ada").await.len(), 1);

    // They make room like others. Who crashes after that has ended one too many, and left none.
    crash("unwriting", 1, Evict::Oldest).await;
    assert_eq!(store.load(&first, now()).await.unwrap(), None);
    assert_eq!(found(&store, "user", "ada").await.len(), 0);
    signed_up(&store, 1, Evict::Oldest).await.unwrap();
    assert_eq!(found(&store, "user", "ada").await.len(), 1);
}

#[tokio::test]
async fn in_a_cluster_a_place_that_nobody_took_is_free_after_a_while() {
    let cluster = RedisCluster::start();
    let store = store(Server::cluster(cluster.urls()));
    let token = signed_up(&store, 1, Evict::Reject).await.unwrap();
    let (set, _) = keys(&masters(&cluster), "*:i:*").remove(0);
    let server = masters(&cluster)
        .into_iter()
        .find(|server| server.try_call(&["ZCARD", &set]).is_some_and(|reply| reply == Reply::Number(1)))
        .unwrap();
    store.destroy(&token).await.unwrap();
    for (seconds_ago, is_free) in [(50_u64, false), (70, true)] {
        let arrival = now().as_millis() * 1000 - seconds_ago * 1_000_000;
        let member = format!("{}{arrival}", "A".repeat(43));
        server.call(&["ZADD", &set, "9000000000000", &member]);
        assert_eq!(signed_up(&store, 1, Evict::Reject).await.is_some(), is_free);
        server.call(&["ZREM", &set, &member]);
    }
}

#[tokio::test]
async fn in_a_cluster_who_had_to_make_room_or_is_late_is_not_written() {
    let server = RedisServer::start();
    let create = source("create");
    let key = format!("session:{{AA}}{}", "A".repeat(41));
    let digest = "d".repeat(43);
    let write = |member: &str| {
        let join = format!("{digest} reach=9000000000000 member={member} oldest=1 now=1");
        let deadlines = "9000000000000 9000000000000";
        server.call(&["EVAL", &create, "1", &key, "never", "i:f:user", &join, "d", deadlines])
    };
    let member = |seconds_ago: u64| {
        let arrival = now().as_millis() * 1000 - seconds_ago * 1_000_000;
        format!("{}{arrival}", "A".repeat(43))
    };
    let evicted = member(1);
    server.call(&["EVAL", &source("evict"), "1", &key, &digest, &evicted]);
    assert!(matches!(write(&evicted), Reply::List(_)));
    assert_eq!(server.call(&["EXISTS", &key]).number(), 0);
    assert_eq!(write(&member(40)).number(), -6);
    assert_eq!(server.call(&["EXISTS", &key]).number(), 0);
    let written = member(2);
    assert_eq!(write(&written).number(), 1);
    assert_eq!(server.call(&["EXISTS", &key]).number(), 1);
    server.call(&["EVAL", &source("evict"), "1", &key, &digest, &written]);
    assert_eq!(server.call(&["EXISTS", &key]).number(), 0);
}

#[tokio::test]
async fn who_signs_in_as_somebody_else_frees_the_place_at_once() {
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
