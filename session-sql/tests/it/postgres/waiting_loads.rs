//! Loads that wait for a connection at the same time.

use std::pin::pin;

use session_core::Token;
use session_core::{Patch, Record, Store as _, StoreError, WriteOutcome, conformance};
use tokio::task::yield_now;
use tokio::time::timeout;

use super::busy::{Busy, one_connection, sessions, start_load};
use super::database::{database, store_beside};
use crate::support::{Cut, Drop, MINUTE, key, meta, now, poll_times};

#[tokio::test]
async fn loads_that_wait_for_a_connection_are_one_statement_and_each_gets_its_session() {
    let database = database().await;
    let (_, mut tokens, records) = sessions(&database, 20).await;
    tokens.extend([tokens[3].clone(), Token::random().unwrap()]);
    let busy = Busy::new(database).await;
    let loads = busy.load(&tokens).await;
    let (statements, results) = busy.serve(loads).await;
    assert_eq!(statements, 1);
    let mut found: Vec<_> = results.into_iter().map(Result::unwrap).collect();
    assert_eq!(found.pop(), Some(None));
    assert_eq!(found.pop(), Some(Some(records[3].clone())));
    assert_eq!(found, records.into_iter().map(Some).collect::<Vec<_>>());
}

#[tokio::test]
async fn however_many_loads_wait_all_of_them_are_served() {
    let database = database().await;
    let (_, tokens, _) = sessions(&database, 3).await;
    let busy = Busy::new(database).await;
    let loads = busy.load(tokens.iter().cycle().take(150)).await;
    let (statements, results) = busy.serve(loads).await;
    assert_eq!(statements, 3);
    assert!(results.into_iter().all(|result| result.unwrap().is_some()));
}

#[tokio::test]
async fn each_load_goes_by_its_own_clock() {
    let database = database().await;
    let (_, tokens, records) = sessions(&database, 1).await;
    let busy = Busy::new(database).await;
    let later = now().after(31 * MINUTE);
    let loads = [now(), later, now()].map(|now| start_load(&busy.store, &tokens[0], now)).into();
    yield_now().await;
    let (_, results) = busy.serve(loads).await;
    let found: Vec<_> = results.into_iter().map(Result::unwrap).collect();
    assert_eq!(found, [Some(records[0].clone()), None, Some(records[0].clone())]);
}

#[tokio::test]
async fn a_damaged_session_hides_no_other() {
    let database = database().await;
    let (_, tokens, _) = sessions(&database, 3).await;
    let pool = one_connection(database.clone()).await;
    let damage = sqlx::query("update session set fields = '[]' where key = $1");
    damage.bind(&tokens[1].store_key().unwrap().as_bytes()[..]).execute(&pool).await.unwrap();
    let busy = Busy::new(database).await;
    let loads = busy.load(&tokens).await;
    let (_, results) = busy.serve(loads).await;
    assert!(results[0].is_ok() && results[2].is_ok());
    assert!(matches!(results[1], Err(StoreError::Corrupt(_))));
}

#[tokio::test]
async fn sealed_sessions_are_loaded_together_too() {
    let database = database().await;
    let (store, ..) = sessions(&database, 0).await;
    let sealed = store.seal(key(1), []);
    let record = Record::new(&meta(), [("name", b"\x01ada".as_slice())]);
    let tokens = [sealed.create(&record, now()).await.unwrap(), sealed.create(&record, now()).await.unwrap()];
    let mut busy = Busy::new(database).await;
    busy.store = busy.store.seal(key(1), []);
    let loads = busy.load(&tokens).await;
    let (statements, results) = busy.serve(loads).await;
    assert_eq!(statements, 1);
    assert!(results.into_iter().all(|result| result.unwrap().as_ref() == Some(&record)));
}

/// Whoever executes the statement for all may be dropped, with a request that ends, at any point.
#[tokio::test]
async fn a_load_that_is_dropped_takes_no_other_with_it() {
    let database = database().await;
    let (_, tokens, records) = sessions(&database, 3).await;
    for drop in [Drop::AtOnce, Drop::WhenWoken] {
        for polls in 1.. {
            let busy = Busy::new(database.clone()).await;
            let mut first = Box::pin(busy.store.load(&tokens[0], now()));
            assert!(poll_times(&mut first, 1, Drop::AtOnce).await.is_none());
            let loads = busy.load(&tokens[1..]).await;
            std::mem::drop(busy.connection);
            let done = poll_times(first, polls, drop).await;
            for (load, record) in loads.into_iter().zip(&records[1..]) {
                assert_eq!(load.await.unwrap().unwrap().as_ref(), Some(record), "{polls} {drop:?}");
            }
            if done.is_some() {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_load_that_is_not_polled_any_more_holds_up_no_other() {
    let database = database().await;
    let (_, tokens, records) = sessions(&database, 3).await;
    let busy = Busy::new(database).await;
    let store = busy.store.clone();
    let mut first = pin!(store.load(&tokens[0], now()));
    assert!(poll_times(first.as_mut(), 1, Drop::AtOnce).await.is_none());
    let loads = busy.load(&tokens[1..]).await;
    busy.serve_by(first.as_mut()).await;
    for (load, record) in loads.into_iter().zip(&records[1..]) {
        let load = timeout(2 * MINUTE, load).await.expect("the load waits for another one");
        assert_eq!(load.unwrap().unwrap().as_ref(), Some(record));
    }
    assert_eq!(first.await.unwrap().as_ref(), Some(&records[0]));
}

#[tokio::test]
async fn loads_whose_connection_is_cut_are_repeated_each_by_itself() {
    let database = database().await;
    let (_, tokens, records) = sessions(&database, 3).await;
    for cut in [Cut::Before, Cut::After] {
        let busy = Busy::cutting(database.clone(), cut).await;
        let loads = busy.load(&tokens).await;
        drop(busy.connection);
        while busy.proxy.statements() == 0 {
            yield_now().await;
        }
        busy.proxy.mend();
        for (load, record) in loads.into_iter().zip(&records) {
            assert_eq!(load.await.unwrap().unwrap().as_ref(), Some(record), "{cut:?}");
        }
    }
}

#[tokio::test]
async fn loads_that_are_dropped_while_they_wait_are_not_executed() {
    let database = database().await;
    let (_, tokens, _) = sessions(&database, 1).await;
    let busy = Busy::new(database).await;
    let loads = busy.load(&tokens).await;
    for load in loads {
        load.abort();
    }
    let loads = busy.load(&tokens).await;
    let (statements, results) = busy.serve(loads).await;
    assert_eq!((statements, results.len()), (1, 1));
    assert!(results.into_iter().all(|result| result.unwrap().is_some()));
}

#[tokio::test]
async fn it_keeps_the_store_contract_on_a_single_connection() {
    let pool = one_connection(database().await).await;
    conformance::run(async || store_beside(&pool).await).await;
}

#[tokio::test]
async fn what_is_written_before_a_load_is_what_it_loads() {
    let database = database().await;
    let (store, tokens, _) = sessions(&database, 1).await;
    let busy = Busy::new(database).await;
    let mut loads = busy.load(&tokens).await;
    let patch = Patch::new().set("theme", *b"\x01dark");
    assert_eq!(store.update(&tokens[0], &patch, now()).await.unwrap(), WriteOutcome::Done);
    loads.extend(busy.load(&tokens).await);
    let (_, results) = busy.serve(loads).await;
    let last = results.into_iter().next_back().unwrap().unwrap().unwrap();
    assert_eq!(last.get("theme"), Some(b"\x01dark".as_slice()));
}
