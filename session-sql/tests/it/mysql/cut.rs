//! Connections that are cut, and servers that are killed, at every message.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use session_core::{
    Evict, Floor, Patch, Revocations as _, SessionLimit, Store as _, StoreError, Token, TokenSource,
};
use session_sql::SqlStore;
use sqlx::mysql::MySqlPoolOptions;
use test_support::MySqlServer;

use super::database::{directly, new_database, options_through, pool, store};
use crate::revocations::name;
use crate::support::{Cut, MINUTE, Proxy, count_one, indexed, now, of_user, record};

/// A store behind a proxy, with one connection, and another store in the same database.
async fn stores() -> (SqlStore, Proxy, SqlStore) {
    let (through, proxy) = options_through().await;
    let own = MySqlPoolOptions::new().max_connections(1).test_before_acquire(false);
    let store = store(own.connect_with(through.clone()).await.unwrap()).await;
    (store, proxy, SqlStore::new(pool(directly(through)).await))
}

/// Cuts the connection at each message of a call, before and after the server has it. `check` gets
/// the result of the call.
async fn cut_at_every_message<T>(
    proxy: &Proxy,
    call: impl AsyncFn() -> Result<T, StoreError>,
    check: impl AsyncFn(Result<T, StoreError>),
) {
    for cut in [Cut::Before, Cut::After] {
        for number in 1.. {
            assert!(number < 10, "a call without an end");
            proxy.cut_at(number, cut);
            let done = call().await;
            let was_cut = proxy.mend();
            assert!(was_cut || done.is_ok());
            check(done).await;
            if !was_cut {
                break;
            }
        }
    }
}

#[tokio::test]
async fn an_update_is_applied_once_or_not_at_all_and_the_error_says_if_that_is_unknown() {
    let (store, proxy, other) = stores().await;
    let token = store.create(&record(), now()).await.unwrap();
    let visits = Mutex::new(0);
    cut_at_every_message(
        &proxy,
        async || store.update(&token, &count_one(), now()).await,
        async |done| {
            let _ = other.update(&token, &Patch::new().set("name", *b"eve"), now()).await.unwrap();
            let record = other.load(&token, now()).await.unwrap().unwrap();
            let count = record.get("visits");
            let after = count.map_or(0, |value| str::from_utf8(&value[1..]).unwrap().parse::<u32>().unwrap());
            let before = std::mem::replace(&mut *visits.lock().unwrap(), after);
            match done {
                Ok(_) => assert_eq!(after, before + 1),
                Err(StoreError::Timeout) => assert!(after == before || after == before + 1),
                Err(_) => assert_eq!(after, before),
            }
        },
    )
    .await;
}

#[tokio::test]
async fn a_sign_in_is_done_whole_or_not_at_all_and_others_can_sign_in() {
    let (store, proxy, other) = stores().await;
    let value = indexed("ada");
    let max = NonZeroUsize::new(2).unwrap();
    let limit = SessionLimit { name: "user", value: &value, max, on_full: Evict::Oldest };
    for _ in 0..2 {
        other.create(&of_user("ada"), now()).await.unwrap();
    }
    cut_at_every_message(
        &proxy,
        async || store.create_limited(&of_user("ada"), limit, now()).await,
        async |done| {
            let _ = other.create_limited(&of_user("ada"), limit, now()).await.unwrap();
            assert_eq!(other.count(now()).await.unwrap(), 2, "{done:?}");
            assert_eq!(other.find_by("user", &value, &[], now()).await.unwrap().len(), 2);
        },
    )
    .await;
}

#[tokio::test]
async fn a_renewal_leaves_one_of_both_tokens() {
    let (store, proxy, other) = stores().await;
    let minted = Arc::new(Mutex::new(Vec::new()));
    let source = Arc::clone(&minted);
    let store = store.token_source(TokenSource::from_fn(move || {
        let token = Token::random()?;
        source.lock().unwrap().push(token.clone());
        Ok(token)
    }));
    store.create(&of_user("ada"), now()).await.unwrap();
    let live = async || {
        let minted = minted.lock().unwrap().clone();
        let mut live = Vec::new();
        for token in minted {
            live.extend(other.load(&token, now()).await.unwrap().map(|_| token));
        }
        live
    };
    cut_at_every_message(
        &proxy,
        async || store.renew(&live().await.remove(0), &count_one(), now()).await,
        async |_| assert_eq!(live().await.len(), 1),
    )
    .await;
}

#[tokio::test]
async fn destroying_by_value_destroys_all_or_none() {
    let (store, proxy, other) = stores().await;
    let value = indexed("ada");
    cut_at_every_message(
        &proxy,
        async || {
            for _ in 0..3 {
                other.create(&of_user("ada"), now()).await.unwrap();
            }
            store.destroy_by("user", &value, None, now()).await
        },
        async |done| {
            let left = other.destroy_by("user", &value, None, now()).await.unwrap().len();
            match done {
                Ok(destroyed) => assert_eq!((destroyed.len(), left), (3, 0)),
                Err(StoreError::Timeout) => assert!(left == 0 || left == 3),
                Err(_) => assert_eq!(left, 3),
            }
        },
    )
    .await;
}

#[tokio::test]
async fn a_raise_whose_reply_was_lost_returns_the_floor_that_it_replaced() {
    let (store, proxy, other) = stores().await;
    let now = now();
    let floor = Mutex::new(1);
    other.raise(name(1), 1, now.after(MINUTE), now).await.unwrap();
    cut_at_every_message(
        &proxy,
        async || {
            let to = *floor.lock().unwrap() + 1;
            store.raise(name(1), to, now.after(MINUTE), now).await
        },
        async |done| {
            let before = *floor.lock().unwrap();
            assert_eq!(done.unwrap(), Floor { value: before, since: now });
            assert_eq!(other.floors(&[name(1)], now).await.unwrap()[0].value, before + 1);
            *floor.lock().unwrap() += 1;
        },
    )
    .await;
}

#[tokio::test]
async fn a_server_that_is_killed_at_any_message_of_a_sign_in_has_done_it_whole_or_not_at_all() {
    let server = MySqlServer::start();
    let (options, port) = (new_database(&server).await, server.port());
    let server = Mutex::new(server);
    let proxy = Proxy::to(port).await;
    let pool_of = async |port| {
        let own = MySqlPoolOptions::new().max_connections(1).test_before_acquire(false);
        own.connect_with(options.clone().port(port)).await.unwrap()
    };
    let value = indexed("ada");
    let max = NonZeroUsize::new(2).unwrap();
    let limit = SessionLimit { name: "user", value: &value, max, on_full: Evict::Oldest };
    let first = store(pool_of(port).await).await;
    for _ in 0..2 {
        first.create(&of_user("ada"), now()).await.unwrap();
    }
    cut_at_every_message(
        &proxy,
        async || {
            let store = SqlStore::new(pool_of(proxy.port()).await);
            store.create_limited(&of_user("ada"), limit, now()).await
        },
        async |done| {
            {
                let mut server = server.lock().unwrap();
                server.kill();
                server.restart();
            }
            let store = SqlStore::new(pool_of(port).await);
            let found = store.find_by("user", &value, &[], now()).await.unwrap();
            assert_eq!((found.len(), store.count(now()).await.unwrap()), (2, 2), "{done:?}");
            let _ = store.create_limited(&of_user("ada"), limit, now()).await.unwrap();
        },
    )
    .await;
}

#[tokio::test]
async fn a_server_that_is_killed_loses_nothing_that_was_confirmed() {
    let mut server = MySqlServer::start();
    let options = new_database(&server).await;
    let store = store(pool(options).await).await;
    let value = indexed("ada");
    let token = store.create(&record(), now()).await.unwrap();
    let signed_in = store.create(&of_user("ada"), now()).await.unwrap();
    let _ = store.update(&token, &count_one(), now()).await.unwrap();
    server.kill();
    let failed = store.load(&token, now()).await;
    assert!(matches!(failed, Err(StoreError::Unavailable(_))), "{failed:?}");
    let failed = store.create(&record(), now()).await;
    assert!(matches!(failed, Err(StoreError::Unavailable(_) | StoreError::Timeout)), "{failed:?}");
    server.restart();
    let record = loop {
        // Each failure removes a connection to the killed server from the pool.
        if let Ok(record) = store.load(&token, now()).await {
            break record.unwrap();
        }
    };
    assert_eq!(record.get("visits"), Some(b"\x031".as_slice()));
    assert!(store.load(&signed_in, now()).await.unwrap().is_some());
    assert_eq!(store.find_by("user", &value, &[], now()).await.unwrap().len(), 1);
}
