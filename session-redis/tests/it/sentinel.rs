//! Failovers requested from Sentinel while sessions are written.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use session_core::{Record, Store, Token, WriteOutcome};
use session_redis::{RedisStore, Server};
use test_support::RedisSentinel;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::support::{count_one, eventually, now, of_user, record, store, store_with};

const WRITERS: u64 = 8;
/// Maximum lag of the replica.
const LAG: Duration = Duration::from_secs(1);

/// The last acknowledged operation on one session, and its time.
struct Entry {
    token: Token,
    counted: u64,
    is_ended: bool,
    at: Instant,
}

/// Creates sessions, updates them, destroys every other one, and records what was acknowledged.
async fn write(store: RedisStore, writer: u64, written: Arc<AtomicU64>, stop: Arc<AtomicBool>) -> Vec<Entry> {
    let mut ledger = Vec::new();
    let mut enter = |token: &Token, counted, is_ended| {
        written.fetch_add(1, Ordering::SeqCst);
        ledger.push(Entry { token: token.clone(), counted, is_ended, at: Instant::now() });
    };
    // Sessions with an unknown outcome are not in the ledger. Those that are gone were lost.
    for round in 0.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        sleep(Duration::from_millis(2)).await;
        let record = if round % 3 == 0 { of_user(&format!("user {writer}")) } else { record() };
        let Ok(mut token) = store.create(&record, now()).await else { continue };
        match store.update(&token, &count_one(), now()).await {
            Ok(WriteOutcome::Done) => {}
            Ok(_) => {
                enter(&token, 0, false);
                continue;
            }
            Err(_) => continue,
        }
        let mut counted = 1;
        if round % 4 == 0 {
            match store.renew(&token, &count_one(), now()).await {
                Ok(WriteOutcome::NewToken(fresh)) => {
                    enter(&token, 0, true);
                    (token, counted) = (fresh, 2);
                }
                Ok(_) => {
                    enter(&token, 1, false);
                    continue;
                }
                Err(_) => continue,
            }
        }
        if round % 2 == 0 {
            enter(&token, counted, false);
        } else if store.destroy(&token).await.is_ok() {
            enter(&token, counted, true);
        }
    }
    ledger
}

/// Compares the stored sessions with the ledger.
///
/// On an overloaded machine the replica lags behind, and the announcement of the failover may be read after the
/// promotion. So one in a hundred may be missing, all of them acknowledged right before or during the failover.
async fn agrees(store: &RedisStore, ledger: &[Entry], failover: RangeInclusive<Instant>) {
    let (mut lost, mut revived, mut during) = (0, 0, 0);
    for entry in ledger {
        let found = eventually(async || store.load(&entry.token, now()).await.ok()).await;
        let visits = |record: &Record| record.get("visits").map_or(0, |visits| visits[1] - b'0');
        let is_there =
            found.is_some_and(|record| entry.is_ended || u64::from(visits(&record)) == entry.counted);
        if is_there != entry.is_ended {
            continue;
        }
        let count = match entry.is_ended {
            _ if failover.contains(&entry.at) => &mut during,
            true => &mut revived,
            false => &mut lost,
        };
        *count += 1;
    }
    assert_eq!((lost, revived), (0, 0), "lost and revived of {}", ledger.len());
    assert!(during <= ledger.len() / 100, "{during} of {} were lost during the failover", ledger.len());
}

/// Writes while the sentinel `leader` performs a failover, until the old primary is a replica.
async fn nothing_is_lost(sentinel: &RedisSentinel, leader: usize) {
    let store = store(Server::sentinel(sentinel.service(), sentinel.urls()));
    let (written, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        writers.spawn(write(store.clone(), writer, Arc::clone(&written), Arc::clone(&stop)));
    }
    let reaches = async |goal| {
        eventually(async || (written.load(Ordering::SeqCst) >= goal).then_some(())).await;
    };
    reaches(200).await;
    let old = sentinel.primary_port();
    let before = Instant::now();
    sleep(LAG).await;
    loop {
        sentinel.call_one(leader, &["SENTINEL", "FAILOVER", sentinel.service()]);
        let switched = eventually(async || (sentinel.primary_port() != old).then_some(()));
        // A sentinel on an overloaded machine may abort it.
        if timeout(Duration::from_secs(10), switched).await.is_ok() {
            break;
        }
    }
    let failover = before..=Instant::now();
    let replica = sentinel.servers.iter().find(|server| Some(server.port()) == old).unwrap();
    let is_replica =
        || replica.try_call(&["INFO", "replication"])?.text().contains("role:slave").then_some(());
    reaches(written.load(Ordering::SeqCst) + 500).await;
    eventually(async || is_replica()).await;
    stop.store(true, Ordering::SeqCst);
    let ledger: Vec<_> = writers.join_all().await.into_iter().flatten().collect();
    agrees(&store, &ledger, failover).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_failover_loses_nothing_that_was_acknowledged() {
    nothing_is_lost(&RedisSentinel::start(), 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_failover_loses_nothing_whichever_sentinel_leads_it() {
    for leader in [0, 2] {
        nothing_is_lost(&RedisSentinel::with_sentinels(3), leader).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sentinel_that_hangs_is_not_waited_for() {
    let sentinel = RedisSentinel::start();
    // The system accepts its connections, and it never reads from them.
    let hung = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let urls = [format!("redis://{}", hung.local_addr().unwrap()), sentinel.url()];
    let patience = Duration::from_secs(40);
    let store = store_with(Server::sentinel(sentinel.service(), urls), |builder| {
        builder.connect_timeout(patience).response_timeout(patience)
    });
    let begun = Instant::now();
    let token = store.create(&record(), now()).await.unwrap();
    assert!(begun.elapsed() < patience / 4, "the sentinel is waited for");
    for server in &sentinel.servers {
        server.call(&["CLIENT", "KILL", "TYPE", "normal"]);
    }
    assert!(store.load(&token, now()).await.unwrap().is_some());
    assert!(begun.elapsed() < patience / 4, "the sentinel is waited for");
}
