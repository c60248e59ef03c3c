//! Session limits under concurrency.

use std::num::NonZeroUsize;

use session_core::{Evict, HandleId, Patch, SessionLimit, Store as _, WriteOutcome};
use session_sql::SqlStore;
use sqlx::PgPool;
use tokio::task::JoinSet;

use super::database::{database, pool, store, until_waiting};
use crate::support::{indexed, now, of_user, record};

const MAX: usize = 3;

fn limit(value: &[u8], on_full: Evict) -> SessionLimit<'_> {
    SessionLimit { name: "user", value, max: NonZeroUsize::new(MAX).unwrap(), on_full }
}

/// Signs in repeatedly: with a new session, with an anonymous one, again with that one, and as another user.
async fn sign_in_repeatedly(store: SqlStore, users: [&'static str; 2], on_full: Evict) {
    for _ in 0..10 {
        let value = indexed(users[0]);
        let _ = store.create_limited(&of_user(users[0]), limit(&value, on_full), now()).await.unwrap();
        let mut token = store.create(&record(), now()).await.unwrap();
        for user in [users[0], users[0], users[1]] {
            let value = indexed(user);
            let patch = Patch::new().set("user", value.clone());
            let signed_in = store.renew_limited(&token, &patch, limit(&value, on_full), now()).await.unwrap();
            match signed_in.result {
                WriteOutcome::NewToken(new) => token = new,
                WriteOutcome::Gone | WriteOutcome::LimitReached => break,
                other => panic!("{other:?}"),
            }
        }
    }
}

async fn deadlocks(pool: &PgPool) -> i64 {
    let deadlocks = "select deadlocks from pg_stat_database where datname = current_database()";
    sqlx::query_scalar(deadlocks).fetch_one(pool).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_sign_ins_and_sign_outs_stays_within_the_limit_without_a_deadlock() {
    for on_full in [Evict::Oldest, Evict::Reject] {
        let pool = pool(database().await).await;
        let store = store(pool.clone()).await;
        let mut tasks = JoinSet::new();
        for at in 0..8 {
            let users = if at % 2 == 0 { ["ada", "bob"] } else { ["bob", "ada"] };
            tasks.spawn(sign_in_repeatedly(store.clone(), users, on_full));
        }
        let sign_outs = store.clone();
        tasks.spawn(async move {
            for at in 0..20 {
                let value = indexed(["ada", "bob"][at % 2]);
                sign_outs.destroy_by("user", &value, None, now()).await.unwrap();
            }
        });
        tasks.join_all().await;
        for user in ["ada", "bob"] {
            let held = store.find_by("user", &indexed(user), &[], now()).await.unwrap().len();
            assert!(held <= MAX, "{held} sessions of {user}");
        }
        assert_eq!(deadlocks(&pool).await, 0);
    }
}

/// Ada's ids, sorted.
async fn ids(store: &SqlStore) -> Vec<HandleId> {
    let found = store.find_by("user", &indexed("ada"), &[], now()).await.unwrap();
    let mut ids: Vec<_> = found.iter().map(|record| record.meta().id).collect();
    ids.sort_unstable();
    ids
}

#[tokio::test]
async fn a_sign_in_that_waited_for_another_counts_it() {
    let pool = pool(database().await).await;
    let store = store(pool.clone()).await;
    let mut tokens = Vec::new();
    for _ in 0..MAX {
        tokens.push(store.create(&of_user("ada"), now()).await.unwrap());
    }
    let before = ids(&store).await;
    // The first sign-in waits for the row of a session that it may have to evict, the others for the first.
    let mut lock = pool.begin().await.unwrap();
    sqlx::query("select from session limit 1 for update").execute(&mut *lock).await.unwrap();
    let mut sign_ins = Vec::new();
    for waiting in 1..=4 {
        let store = store.clone();
        sign_ins.push(tokio::spawn(async move {
            let value = indexed("ada");
            let record = of_user("ada");
            let created = store.create_limited(&record, limit(&value, Evict::Oldest), now()).await.unwrap();
            (created.result.unwrap(), record.meta().id, created.evicted)
        }));
        until_waiting(&pool, waiting).await;
    }
    lock.commit().await.unwrap();
    let (mut created, mut evicted) = (Vec::new(), Vec::new());
    for sign_in in sign_ins {
        let (_, id, others) = sign_in.await.unwrap();
        created.push(id);
        evicted.extend(others);
    }
    // Those before are evicted, and then the first of the new ones.
    let mut expected = [&before[..], &created[..1]].concat();
    expected.sort_unstable();
    evicted.sort_unstable();
    assert_eq!(evicted, expected);
    let mut left = created[1..].to_vec();
    left.sort_unstable();
    assert_eq!(ids(&store).await, left);
    for token in tokens {
        assert_eq!(store.load(&token, now()).await.unwrap(), None);
    }
}

#[tokio::test]
async fn an_expired_session_is_removed_to_make_room_and_not_returned() {
    let store = store(pool(database().await).await).await;
    let value = indexed("ada");
    let mut long = of_user("ada");
    long = long.with_idle_deadline(now().after(std::time::Duration::from_hours(20)));
    for _ in 0..2 {
        store.create(&of_user("ada"), now()).await.unwrap();
    }
    let later = now().after(std::time::Duration::from_hours(1));
    for on_full in [Evict::Reject, Evict::Oldest] {
        let created = store.create_limited(&long, limit(&value, on_full), later).await.unwrap();
        assert!(created.result.is_some() && created.evicted.is_empty());
    }
    assert_eq!(store.sweep(later).await.unwrap(), 0);
    assert_eq!(store.count(later).await.unwrap(), 2);
}
