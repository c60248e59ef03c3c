//! Clusters and sentinels whose servers die or change roles.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use session_core::{Store, Token, WriteOutcome};
use session_redis::{RedisStore, Server};
use test_support::{RedisCluster, RedisSentinel, RedisServer, wait_until};

use crate::support::{
    count_one, eventually, indexed, now, of_user, record, store, store_with, under_load, visits,
};

/// Waits until a replica has all that its primary acknowledged. Redis loses what it has not received when the primary
/// dies.
fn replicated(master: &RedisServer, replica: &RedisServer) {
    wait_until("the replica has caught up", || {
        (master.info("master_repl_offset") <= replica.info("slave_repl_offset")).then_some(())
    });
}

/// Creates sessions spread over the slots, each with a counter of one.
async fn sessions(store: &RedisStore, count: usize) -> Vec<Token> {
    let mut tokens = Vec::new();
    for _ in 0..count {
        let token = store.create(&record(), now()).await.unwrap();
        assert_eq!(store.update(&token, &count_one(), now()).await.unwrap(), WriteOutcome::Done);
        tokens.push(token);
    }
    tokens
}

async fn all_are_there_and_writable(store: &RedisStore, tokens: &[Token]) {
    for token in tokens {
        assert_eq!(visits(store, token).await, 1);
        let written = eventually(async || store.update(token, &count_one(), now()).await.ok()).await;
        assert_eq!(written, WriteOutcome::Done);
        assert!(visits(store, token).await >= 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_loses_a_master_loses_no_session() {
    let mut cluster = RedisCluster::with_failover();
    let store = store(Server::cluster(cluster.urls()));
    let tokens = sessions(&store, 30).await;
    let ended = sessions(&store, 10).await;
    for token in &ended {
        store.destroy(token).await.unwrap();
    }
    for master in 0..3 {
        replicated(&cluster.servers[master], &cluster.servers[master + 3]);
    }
    cluster.servers[0].kill();
    all_are_there_and_writable(&store, &tokens).await;
    for token in &ended {
        assert_eq!(store.load(token, now()).await.unwrap(), None);
        assert_eq!(store.update(token, &count_one(), now()).await.unwrap(), WriteOutcome::Gone);
    }
    cluster.servers[0].restart();
    cluster.wait_until_healthy();
    let count = eventually(async || store.count(now()).await.ok()).await;
    assert_eq!(count, 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_that_moves_under_load_loses_no_write() {
    let cluster = RedisCluster::start();
    let store = store(Server::cluster(cluster.urls()));
    let token = store.create(&record(), now()).await.unwrap();
    let keys: Vec<_> =
        (0..3).flat_map(|master| cluster.servers[master].call(&["KEYS", "*"]).texts()).collect();
    let slot = cluster.servers[0].call(&["CLUSTER", "KEYSLOT", &keys[0]]).number();
    let slot = u16::try_from(slot).unwrap();
    for _ in 0..2 {
        let from = cluster.master_of(slot);
        let failed = under_load(&store, &token, async || cluster.migrate(slot, (from + 1) % 3));
        assert_eq!(failed.await, 0);
    }
    let written = store.renew(&token, &count_one(), now()).await.unwrap();
    assert!(matches!(written, WriteOutcome::NewToken(_)));
    assert_eq!(store.count(now()).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_do_not_know_their_own_names_are_found_where_they_replied() {
    let cluster = RedisCluster::start();
    for server in &cluster.servers {
        server.call(&["CONFIG", "SET", "cluster-preferred-endpoint-type", "unknown-endpoint"]);
    }
    let store = store(Server::cluster([cluster.urls().remove(0)]));
    let tokens = sessions(&store, 20).await;
    for master in 0..3 {
        let Some(key) = cluster.servers[master].call(&["KEYS", "*"]).texts().first().cloned() else {
            continue;
        };
        let slot = cluster.servers[0].call(&["CLUSTER", "KEYSLOT", &key]).number();
        // The store is redirected by `MOVED slot :port`.
        cluster.migrate(u16::try_from(slot).unwrap(), (master + 1) % 3);
    }
    for token in &tokens {
        assert_eq!(store.update(token, &count_one(), now()).await.unwrap(), WriteOutcome::Done);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_whose_keys_are_on_their_way_is_run_when_they_have_arrived() {
    let cluster = Arc::new(RedisCluster::start());
    let store = store_with(Server::cluster(cluster.urls()), |builder| {
        builder.response_timeout(Duration::from_secs(20)).retries(20)
    });
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    let WriteOutcome::NewToken(token) = store.renew(&token, &count_one(), now()).await.unwrap() else {
        panic!()
    };
    // The redirect from the old key to the new one was migrated first, so the script finds one key of two.
    let keys: Vec<_> =
        (0..3).flat_map(|master| cluster.servers[master].call(&["KEYS", "*"]).texts()).collect();
    let pointer = keys.iter().find(|key| key.ends_with('>')).unwrap();
    let slot = u16::try_from(cluster.servers[0].call(&["CLUSTER", "KEYSLOT", pointer]).number()).unwrap();
    let from = cluster.master_of(slot);
    let to = (from + 1) % 3;
    cluster.begin_migration(slot, to);
    let port = cluster.servers[to].port().to_string();
    cluster.servers[from].call(&["MIGRATE", "127.0.0.1", &port, pointer, "0", "5000"]);
    let moving = tokio::task::spawn_blocking({
        let cluster = Arc::clone(&cluster);
        move || {
            std::thread::sleep(Duration::from_millis(200));
            cluster.migrate(slot, to);
        }
    });
    assert!(store.destroy(&token).await.unwrap());
    moving.await.unwrap();
    assert_eq!(store.load(&token, now()).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn slots_that_move_hide_no_session() {
    let cluster = RedisCluster::start();
    let store = store(Server::cluster(cluster.urls()));
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    let moved = store.renew(&token, &count_one(), now()).await.unwrap();
    assert!(matches!(moved, WriteOutcome::NewToken(_)));
    let stop = Arc::new(AtomicBool::new(false));
    let looking = tokio::spawn({
        let (store, stop) = (store.clone(), Arc::clone(&stop));
        async move {
            while !stop.load(Ordering::SeqCst) {
                assert_eq!(store.find_by("user", &indexed("ada"), &[], now()).await.unwrap().len(), 1);
            }
        }
    });
    let keys: Vec<_> =
        (0..3).flat_map(|master| cluster.servers[master].call(&["KEYS", "*"]).texts()).collect();
    assert_eq!(keys.len(), 3);
    for key in keys {
        let slot = cluster.servers[0].call(&["CLUSTER", "KEYSLOT", &key]).number();
        let slot = u16::try_from(slot).unwrap();
        cluster.migrate(slot, (cluster.master_of(slot) + 1) % 3);
        store.create(&of_user("bob"), now()).await.unwrap();
    }
    stop.store(true, Ordering::SeqCst);
    looking.await.unwrap();
    assert_eq!(store.destroy_by("user", &indexed("ada"), None, now()).await.unwrap().len(), 1);
    assert_eq!(store.destroy_by("user", &indexed("bob"), None, now()).await.unwrap().len(), 3);
    assert_eq!(store.count(now()).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_loses_its_primary_loses_no_session() {
    let mut sentinel = RedisSentinel::with_failover();
    let store = store(Server::sentinel(sentinel.service(), [sentinel.url()]));
    let tokens = sessions(&store, 10).await;
    replicated(&sentinel.servers[0], &sentinel.servers[1]);
    sentinel.servers[0].kill();
    all_are_there_and_writable(&store, &tokens).await;
    // The store may follow before the sentinel reports it.
    let replaced = Some(sentinel.servers[1].port());
    eventually(async || (sentinel.primary_port() == replaced).then_some(())).await;
    assert_eq!(store.count(now()).await.unwrap(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_hang_are_replaced_like_those_that_die() {
    let cluster = RedisCluster::with_failover();
    let sentinel = RedisSentinel::with_failover();
    for (server, master, replica) in [
        (Server::cluster(cluster.urls()), &cluster.servers[0], &cluster.servers[3]),
        (Server::sentinel(sentinel.service(), [sentinel.url()]), &sentinel.servers[0], &sentinel.servers[1]),
    ] {
        let patient = store_with(server.clone(), |builder| builder.prefix("hang"));
        let tokens = sessions(&patient, 12).await;
        let store = store_with(server, |builder| {
            let short = Duration::from_millis(300);
            builder.prefix("hang").response_timeout(short).connect_timeout(short)
        });
        replicated(master, replica);
        master.suspend();
        all_are_there_and_writable(&store, &tokens).await;
        master.resume();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_becomes_a_replica_is_left() {
    let sentinel = RedisSentinel::start();
    let store = store(Server::sentinel(sentinel.service(), [sentinel.url()]));
    let tokens = sessions(&store, 10).await;
    replicated(&sentinel.servers[0], &sentinel.servers[1]);
    let words = ["SENTINEL", "FAILOVER", sentinel.service()];
    sentinel.call(&words);
    all_are_there_and_writable(&store, &tokens).await;
    assert_eq!(store.count(now()).await.unwrap(), 10);
}
