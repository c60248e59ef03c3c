//! Sessions that are renewed while their slot moves to another server of the cluster.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use session_core::{Store, StoreError, Token, TokenSource, WriteOutcome};
use session_redis::{RedisStore, Server};
use test_support::RedisCluster;
use tokio::task::JoinSet;

use crate::support::{count_one, eventually, now, record, store_with, visits};

const SESSIONS: usize = 3;

/// Shared by the tasks that renew: totals, and the signal to stop.
#[derive(Default)]
struct Tally {
    acknowledged: AtomicUsize,
    refused: AtomicUsize,
    stop: AtomicBool,
}

/// Tokens whose keys are all in the slot of the first.
fn tokens_of_one_slot() -> TokenSource {
    let tag = |token: &Token| token.store_key().unwrap().to_string()[..2].to_owned();
    let first = std::sync::OnceLock::new();
    TokenSource::from_fn(move || {
        loop {
            let token = Token::random()?;
            if *first.get_or_init(|| tag(&token)) == tag(&token) {
                return Ok(token);
            }
        }
    })
}

/// Renews one session over and over. Returns the token it has in the end, how often it was renewed, and its former
/// tokens.
async fn renew(store: RedisStore, mut token: Token, tally: Arc<Tally>) -> (Token, u64, Vec<Token>) {
    let (mut renewed, mut former) = (0, Vec::new());
    while !tally.stop.load(Ordering::SeqCst) {
        match store.renew(&token, &count_one(), now()).await {
            Ok(WriteOutcome::NewToken(fresh)) => {
                former.push(std::mem::replace(&mut token, fresh));
                renewed += 1;
                tally.acknowledged.fetch_add(1, Ordering::SeqCst);
            }
            Err(StoreError::Unavailable(_)) => {
                assert!(store.load(&token, now()).await.unwrap().is_some(), "what was refused was done");
                tally.refused.fetch_add(1, Ordering::SeqCst);
            }
            other => panic!("the session is there, and yet: {other:?}"),
        }
    }
    (token, renewed, former)
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_renewed_while_their_slot_moves_are_neither_lost_nor_doubled() {
    let cluster = RedisCluster::start();
    let patient = Duration::from_secs(30);
    let store = store_with(Server::cluster(cluster.urls()), |builder| {
        builder.token_source(tokens_of_one_slot()).response_timeout(patient).connect_timeout(patient)
    });
    let mut slot = None;
    let (tally, mut renewing) = (Arc::new(Tally::default()), JoinSet::new());
    for _ in 0..SESSIONS {
        let token = store.create(&record(), now()).await.unwrap();
        let hash = token.store_key().unwrap().to_string();
        let number = cluster.servers[0].call(&["CLUSTER", "KEYSLOT", &hash[..2]]).number();
        assert_eq!(*slot.get_or_insert(number), number);
        renewing.spawn(renew(store.clone(), token, Arc::clone(&tally)));
    }
    let slot = u16::try_from(slot.unwrap()).unwrap();
    let reaches = async |count: &AtomicUsize| {
        let goal = count.load(Ordering::SeqCst) + 2 * SESSIONS;
        eventually(async || (count.load(Ordering::SeqCst) >= goal).then_some(())).await;
    };
    for _ in 0..3 {
        reaches(&tally.acknowledged).await;
        let from = cluster.master_of(slot);
        let to = (from + 1) % 3;
        cluster.begin_migration(slot, to);
        // A renewal needs both keys in one place; while they may be in two, servers refuse it.
        reaches(&tally.refused).await;
        cluster.migrate(slot, to);
    }
    reaches(&tally.acknowledged).await;
    tally.stop.store(true, Ordering::SeqCst);

    for (token, renewed, former) in renewing.join_all().await {
        assert_eq!(visits(&store, &token).await, renewed);
        for token in former {
            assert_eq!(
                store.load(&token, now()).await.unwrap(),
                None,
                "a former token still opens a session"
            );
        }
    }
    assert_eq!(store.count(now()).await.unwrap(), SESSIONS as u64);
}
