//! Concurrent writes of sealed sessions.

use session_core::{Change, Evict, Patch, SessionLimit, Store as _, StoreError, Token, WriteOutcome};
use session_sql::SqlStore;
use tokio::task::JoinSet;

use crate::support::{Database, MINUTE, count_one, indexed, now, of_user, record, run_on, sealed};

/// Most of them add to a counter, the others set a field of their own, touch the session, or set its principal.
async fn write(store: &SqlStore, token: &Token, number: u32) -> Result<WriteOutcome, StoreError> {
    let patch = match number % 8 {
        5 => Patch::new().set(format!("field{number}"), *b"\x01x"),
        6 => return store.touch(token, now().after(MINUTE * (31 + number % 7)), now()).await,
        7 => Patch::new().set("user", indexed(&format!("ada{number}"))),
        _ => count_one(),
    };
    store.update(token, &patch, now()).await
}

async fn of_two_hundred_writes_at_once_none_is_lost_and_none_fails<D: Database>() {
    let store = sealed(&D::new().await, 1, []);
    let token = store.create(&record(), now()).await.unwrap();
    let mut writers = JoinSet::new();
    for number in 0..200 {
        let (store, token) = (store.clone(), token.clone());
        writers.spawn(async move { write(&store, &token, number).await });
    }
    for written in writers.join_all().await {
        assert_eq!(written.unwrap(), WriteOutcome::Done);
    }
    let record = store.load(&token, now()).await.unwrap().unwrap();
    assert_eq!(record.get("visits"), Some(b"\x03125".as_slice()));
    assert_eq!(record.fields().filter(|(name, _)| name.starts_with("field")).count(), 25);
    let user = record.get("user").unwrap();
    assert_eq!(store.find_by("user", user, &[], now()).await.unwrap().len(), 1);
}

async fn writes_of_a_session_that_is_destroyed_meanwhile_bring_none_back<D: Database>() {
    let store = sealed(&D::new().await, 1, []);
    for _ in 0..4 {
        let token = store.create(&of_user("ada"), now()).await.unwrap();
        let mut writers = JoinSet::new();
        for number in 0..20 {
            let (store, token) = (store.clone(), token.clone());
            writers.spawn(async move {
                if number == 7 {
                    return store.destroy(&token).await.map(|_| WriteOutcome::Gone);
                }
                write(&store, &token, number).await
            });
        }
        for written in writers.join_all().await {
            assert!(matches!(written, Ok(WriteOutcome::Done | WriteOutcome::Gone)), "{written:?}");
        }
        assert_eq!(store.load(&token, now()).await.unwrap(), None);
        assert_eq!(store.count(now()).await.unwrap(), 0);
    }
}

async fn of_concurrent_comparisons_and_renewals_one_succeeds<D: Database>() {
    let store = sealed(&D::new().await, 1, []);
    let token = store.create(&record(), now()).await.unwrap();
    let mut writers = JoinSet::new();
    for number in 0..12 {
        let (store, token) = (store.clone(), token.clone());
        let change = Change::CompareAndSet { expected: None, value: Some(vec![1, number]) };
        writers.spawn(async move {
            store.update(&token, &Patch::new().with("code", change), now()).await.unwrap()
        });
    }
    let written = writers.join_all().await;
    assert_eq!(written.iter().filter(|written| **written == WriteOutcome::Done).count(), 1, "{written:?}");

    let mut writers = JoinSet::new();
    for _ in 0..12 {
        let (store, token) = (store.clone(), token.clone());
        writers.spawn(async move { store.renew(&token, &count_one(), now()).await.unwrap() });
    }
    let written = writers.join_all().await;
    let renewed = written.iter().filter(|written| matches!(written, WriteOutcome::NewToken(_)));
    assert_eq!(renewed.count(), 1, "{written:?}");
    assert_eq!(store.count(now()).await.unwrap(), 1);
}

async fn a_limit_holds_in_a_storm_of_sign_ins_and_sign_outs<D: Database>() {
    let store = sealed(&D::new().await, 2, [1]);
    let mut tasks = JoinSet::new();
    for task in 0..8 {
        let store = store.clone();
        tasks.spawn(async move {
            let value = indexed("ada");
            let max = 3.try_into().unwrap();
            let limit = SessionLimit { name: "user", value: &value, max, on_full: Evict::Oldest };
            let patch = Patch::new().set("user", value.clone());
            for round in 0..6 {
                let mine = store.create_limited(&of_user("ada"), limit, now()).await.unwrap().result.unwrap();
                let anonymous = store.create(&record(), now()).await.unwrap();
                let _ = store.renew_limited(&anonymous, &patch, limit, now()).await.unwrap();
                match (task + round) % 3 {
                    0 => drop(store.destroy_by("user", &value, None, now()).await.unwrap()),
                    1 => drop(store.renew(&mine, &count_one(), now()).await.unwrap()),
                    _ => drop(store.update(&mine, &count_one(), now()).await.unwrap()),
                }
            }
        });
    }
    tasks.join_all().await;
    assert!(store.find_by("user", &indexed("ada"), &[], now()).await.unwrap().len() <= 3);
}

run_on! { "mysql" mysql crate::mysql::database::OnServer:
    of_two_hundred_writes_at_once_none_is_lost_and_none_fails
    writes_of_a_session_that_is_destroyed_meanwhile_bring_none_back
    of_concurrent_comparisons_and_renewals_one_succeeds
    a_limit_holds_in_a_storm_of_sign_ins_and_sign_outs
}

run_on! { "postgres" postgres crate::postgres::database::OnServer:
    of_two_hundred_writes_at_once_none_is_lost_and_none_fails
    writes_of_a_session_that_is_destroyed_meanwhile_bring_none_back
    of_concurrent_comparisons_and_renewals_one_succeeds
    a_limit_holds_in_a_storm_of_sign_ins_and_sign_outs
}

run_on! { "sqlite" sqlite crate::sqlite::database::InMemory:
    of_two_hundred_writes_at_once_none_is_lost_and_none_fails
    writes_of_a_session_that_is_destroyed_meanwhile_bring_none_back
    of_concurrent_comparisons_and_renewals_one_succeeds
    a_limit_holds_in_a_storm_of_sign_ins_and_sign_outs
}
