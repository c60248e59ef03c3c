//! Updates that wait for a connection at the same time.

use std::pin::pin;

use session_core::{Patch, Store as _, StoreError, Token, WriteOutcome, conformance};
use session_sql::SqlStore;
use sqlx::postgres::PgPoolOptions;
use tokio::task::{JoinSet, yield_now};
use tokio::time::timeout;

use super::busy::{Busy, one_connection, sessions};
use super::database::{database, pool, store_beside, until_waiting};
use crate::support::{Cut, Drop, MINUTE, count_one, now, poll_times};

async fn count(store: &SqlStore, token: &Token) -> u32 {
    let record = store.load(token, now()).await.unwrap().unwrap();
    record.get("visits").map_or(0, |value| str::from_utf8(&value[1..]).unwrap().parse().unwrap())
}

/// Counts a visit.
async fn visit(store: SqlStore, token: Token) -> Result<WriteOutcome, StoreError> {
    store.update(&token, &count_one(), now()).await
}

#[tokio::test]
async fn updates_that_wait_for_a_connection_are_one_statement_and_each_changes_its_session() {
    let database = database().await;
    let (store, tokens, records) = sessions(&database, 20).await;
    let busy = Busy::new(database).await;
    let later = now().after(60 * MINUTE);
    let mut updates = busy
        .start(&tokens[..10], move |store: SqlStore, token: Token| async move {
            let patch = Patch::new().set("theme", *b"\x01dark").remove("name").touch(later);
            store.update(&token, &patch, now()).await
        })
        .await;
    updates.extend(busy.start(&tokens[10..], visit).await);
    let (statements, results) = busy.serve(updates).await;
    assert_eq!(statements, 1);
    assert!(results.into_iter().all(|result| result.unwrap() == WriteOutcome::Done));
    for token in &tokens[..10] {
        let record = store.load(token, now()).await.unwrap().unwrap();
        assert_eq!((record.get("theme"), record.get("name")), (Some(b"\x01dark".as_slice()), None));
        assert_eq!(record.meta().idle_deadline, later);
    }
    for (token, before) in tokens[10..].iter().zip(&records[10..]) {
        assert_eq!(count(&store, token).await, 1);
        let record = store.load(token, now()).await.unwrap().unwrap();
        assert_eq!((record.get("name"), record.meta()), (before.get("name"), before.meta()));
    }
}

#[tokio::test]
async fn several_updates_of_one_session_are_all_executed() {
    let database = database().await;
    let (store, tokens, _) = sessions(&database, 2).await;
    let busy = Busy::new(database).await;
    let updates = busy.start(tokens.iter().cycle().take(20), visit).await;
    let (_, results) = busy.serve(updates).await;
    assert!(results.into_iter().all(|result| result.unwrap() == WriteOutcome::Done));
    assert_eq!([count(&store, &tokens[0]).await, count(&store, &tokens[1]).await], [10, 10]);
}

#[tokio::test]
async fn a_session_that_ended_or_was_renewed_meanwhile_is_gone_and_the_others_are_written() {
    let database = database().await;
    let (store, tokens, _) = sessions(&database, 4).await;
    let busy = Busy::new(database).await;
    let updates = busy.start(&tokens, visit).await;
    assert!(store.destroy(&tokens[0]).await.unwrap());
    let renewed = store.renew(&tokens[1], &Patch::new(), now()).await.unwrap();
    let WriteOutcome::NewToken(renewed) = renewed else { panic!("not renewed") };
    let (_, results) = busy.serve(updates).await;
    let results: Vec<_> = results.into_iter().map(Result::unwrap).collect();
    let [gone, done] = [WriteOutcome::Gone, WriteOutcome::Done];
    assert_eq!(results, [gone.clone(), gone, done.clone(), done]);
    assert_eq!(count(&store, &renewed).await, 0);
}

#[tokio::test]
async fn a_session_that_another_write_has_locked_holds_up_no_other() {
    let database = database().await;
    let (store, tokens, _) = sessions(&database, 3).await;
    let others = pool(database.clone()).await;
    let mut lock = others.begin().await.unwrap();
    let locked = sqlx::query("select from session where key = $1 for update");
    locked.bind(&tokens[0].store_key().unwrap().as_bytes()[..]).execute(&mut *lock).await.unwrap();
    let busy = Busy::new(database).await;
    let mut updates = busy.start(&tokens, visit).await;
    drop(busy.connection);
    for update in updates.drain(1..) {
        assert_eq!(update.await.unwrap().unwrap(), WriteOutcome::Done);
    }
    until_waiting(&others, 1).await;
    lock.commit().await.unwrap();
    assert_eq!(updates.remove(0).await.unwrap().unwrap(), WriteOutcome::Done);
    assert_eq!(count(&store, &tokens[0]).await, 1);
}

#[tokio::test]
async fn a_damaged_session_hinders_no_other() {
    let database = database().await;
    let (store, tokens, _) = sessions(&database, 3).await;
    let damage = sqlx::query("update session set fields = '1' where key = $1");
    let damage = damage.bind(tokens[1].store_key().unwrap().as_bytes().to_vec());
    damage.execute(&one_connection(database.clone()).await).await.unwrap();
    let busy = Busy::new(database).await;
    let updates = busy.start(&tokens, visit).await;
    let (_, results) = busy.serve(updates).await;
    assert!(matches!(results[1], Err(StoreError::Corrupt(_))), "{results:?}");
    assert_eq!([count(&store, &tokens[0]).await, count(&store, &tokens[2]).await], [1, 1]);
}

#[tokio::test]
async fn an_update_that_is_dropped_takes_no_other_with_it_and_none_is_executed_twice() {
    let database = database().await;
    for drop in [Drop::AtOnce, Drop::WhenWoken] {
        for polls in 1.. {
            let (store, tokens, _) = sessions(&database, 3).await;
            let busy = Busy::new(database.clone()).await;
            let mut first = Box::pin(visit(busy.store.clone(), tokens[0].clone()));
            assert!(poll_times(&mut first, 1, Drop::AtOnce).await.is_none());
            let updates = busy.start(&tokens[1..], visit).await;
            std::mem::drop(busy.connection);
            let done = poll_times(first, polls, drop).await;
            for (update, token) in updates.into_iter().zip(&tokens[1..]) {
                assert_eq!(update.await.unwrap().unwrap(), WriteOutcome::Done, "{polls} {drop:?}");
                assert_eq!(count(&store, token).await, 1, "{polls} {drop:?}");
            }
            let counted = count(&store, &tokens[0]).await;
            assert!(counted == 1 || counted == 0 && done.is_none(), "{polls} {drop:?}");
            if done.is_some() {
                break;
            }
        }
    }
}

#[tokio::test]
async fn an_update_that_is_not_polled_any_more_holds_up_no_other() {
    let database = database().await;
    let (store, tokens, _) = sessions(&database, 3).await;
    let busy = Busy::new(database).await;
    let mut first = pin!(visit(busy.store.clone(), tokens[0].clone()));
    assert!(poll_times(first.as_mut(), 1, Drop::AtOnce).await.is_none());
    let updates = busy.start(&tokens[1..], visit).await;
    busy.serve_by(first.as_mut()).await;
    for update in updates {
        let update = timeout(2 * MINUTE, update).await.expect("the update waits for another one");
        assert_eq!(update.unwrap().unwrap(), WriteOutcome::Done);
    }
    assert_eq!(first.await.unwrap(), WriteOutcome::Done);
    for token in &tokens {
        assert_eq!(count(&store, token).await, 1);
    }
}

#[tokio::test]
async fn updates_whose_connection_is_cut_may_have_been_executed_and_are_not_repeated() {
    let database = database().await;
    for (cut, counted) in [(Cut::Before, 0), (Cut::After, 1)] {
        let (store, tokens, _) = sessions(&database, 3).await;
        let busy = Busy::cutting(database.clone(), cut).await;
        let updates = busy.start(&tokens, visit).await;
        drop(busy.connection);
        while busy.proxy.statements() == 0 {
            yield_now().await;
        }
        busy.proxy.mend();
        for (update, token) in updates.into_iter().zip(&tokens) {
            assert!(matches!(update.await.unwrap(), Err(StoreError::Timeout)), "{cut:?}");
            assert_eq!(count(&store, token).await, counted, "{cut:?}");
        }
    }
}

#[tokio::test]
async fn a_large_update_is_executed_alone() {
    let database = database().await;
    let (store, tokens, _) = sessions(&database, 3).await;
    let busy = Busy::new(database).await;
    let mut updates = busy.start(&tokens[..2], visit).await;
    let large = async |store: SqlStore, token| {
        store.update(&token, &Patch::new().set("page", vec![1; 100_000]), now()).await
    };
    updates.extend(busy.start(&tokens[2..], large).await);
    let (statements, results) = busy.serve(updates).await;
    assert_eq!(statements, 2);
    assert!(results.into_iter().all(|result| result.unwrap() == WriteOutcome::Done));
    let record = store.load(&tokens[2], now()).await.unwrap().unwrap();
    assert_eq!(record.get("page").unwrap().len(), 100_000);
}

/// Two processes that write the same sessions, with few connections each.
#[tokio::test]
async fn no_addition_is_lost_or_made_twice_where_many_write_the_same_sessions() {
    let database = database().await;
    let (store, tokens, _) = sessions(&database, 6).await;
    let mut stores = Vec::new();
    for _ in 0..2 {
        let options = PgPoolOptions::new().max_connections(2).connect_with(database.clone());
        stores.push(SqlStore::new(options.await.unwrap()));
    }
    let mut writers = JoinSet::new();
    for writer in 0..40 {
        let (store, tokens) = (stores[writer % 2].clone(), tokens.clone());
        writers.spawn(async move {
            for step in 0..12 {
                let token = &tokens[(writer / 2 + step) % tokens.len()];
                assert_eq!(visit(store.clone(), token.clone()).await.unwrap(), WriteOutcome::Done);
            }
        });
    }
    writers.join_all().await;
    for token in &tokens {
        assert_eq!(count(&store, token).await, 80);
    }
}

#[tokio::test]
async fn it_keeps_the_store_contract_on_a_single_connection_whatever_isolation_is_the_default() {
    let serializable = database().await.options([("default_transaction_isolation", "serializable")]);
    let pool = one_connection(serializable).await;
    conformance::run(async || store_beside(&pool).await).await;
}
