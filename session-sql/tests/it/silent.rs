//! Connections whose peer accepts what it is sent and answers no more.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use session_core::{Evict, SessionLimit, Store as _, StoreError, Token, WriteOutcome};
use session_sql::SqlStore;
use tokio::sync::Notify;

use crate::support::{Cut, count_one, indexed, now, of_user, outage, record, run_on};

/// The limit of the stores.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);

/// A database that is reached through a proxy.
pub(crate) trait Proxied {
    /// A database with tables.
    async fn new() -> Self;
    /// A store that reaches it without the proxy.
    fn observer(&self) -> SqlStore;
    /// A store with one connection, which goes silent at a message.
    async fn silent_at(&self, message: usize, cut: Cut) -> Silent;
}

/// A store whose connection goes silent.
pub(crate) struct Silent {
    pub(crate) store: SqlStore,
    pub(crate) silence: Arc<Notify>,
    /// Lets new connections work.
    pub(crate) mend: Box<dyn Fn()>,
}

impl Silent {
    /// Makes a call, and lets the time pass when the connection has gone silent. Returns whether it has.
    async fn call<T>(&self, call: impl Future<Output = T>) -> (T, bool) {
        let mut call = pin!(call);
        tokio::select! {
            done = &mut call => (done, false),
            () = self.silence.notified() => {
                tokio::time::pause();
                let done = call.await;
                tokio::time::resume();
                (done, true)
            }
        }
    }

    /// Checks that the pool has its connection again.
    async fn recovers(&self) {
        (self.mend)();
        self.store.ping().await.unwrap();
    }
}

/// Lets the connection go silent at each message of a call. `check` gets the result.
async fn at_every_message<T, D: Proxied>(
    database: &D,
    call: impl AsyncFn(&SqlStore) -> Result<T, StoreError>,
    check: impl AsyncFn(Cut, Result<T, StoreError>),
) {
    for cut in [Cut::Before, Cut::After] {
        for message in 1.. {
            assert!(message < 10, "a call without an end");
            let silent = database.silent_at(message, cut).await;
            let (done, was_silent) = silent.call(call(&silent.store)).await;
            assert_eq!(done.is_err(), was_silent);
            check(cut, done).await;
            silent.recovers().await;
            if !was_silent {
                break;
            }
        }
    }
}

async fn a_read_fails_when_the_connection_goes_silent_and_the_next_call_works<D: Proxied>() {
    let database = D::new().await;
    let token = database.observer().create(&record(), now()).await.unwrap();
    at_every_message(
        &database,
        async |store| store.load(&token, now()).await,
        async |_, loaded| match loaded {
            Ok(loaded) => assert!(loaded.is_some()),
            failed => assert!(outage(failed).contains("`SqlStore::call_timeout`")),
        },
    )
    .await;
}

async fn a_write_on_a_connection_that_goes_silent_says_what_is_unknown<D: Proxied>() {
    let database = D::new().await;
    let observer = database.observer();
    let token = observer.create(&record(), now()).await.unwrap();
    let visits = async || {
        let record = observer.load(&token, now()).await.unwrap().unwrap();
        record.get("visits").map_or(0, |value| str::from_utf8(&value[1..]).unwrap().parse::<u32>().unwrap())
    };
    let counted = std::cell::Cell::new(0);
    at_every_message(
        &database,
        async |store| store.update(&token, &count_one(), now()).await,
        async |cut, done| {
            // Waits for whatever the server still does, and would wait for ever for a lock that is left.
            assert_eq!(observer.touch(&token, now(), now()).await.unwrap(), WriteOutcome::Done);
            let (before, after) = (counted.get(), visits().await);
            counted.set(after);
            match done {
                Ok(_) => assert_eq!(after, before + 1),
                Err(StoreError::Timeout) if cut == Cut::After => assert!(after - before <= 1),
                Err(StoreError::Timeout | StoreError::Unavailable(_)) => assert_eq!(after, before),
                Err(error) => panic!("{error}"),
            }
        },
    )
    .await;
    assert!(counted.get() > 2, "no write was executed whose reply was lost");
}

async fn a_sign_in_on_a_connection_that_goes_silent_is_whole_or_not_done_and_leaves_no_lock<D: Proxied>() {
    let database = D::new().await;
    let observer = database.observer();
    let value = indexed("ada");
    let max = 2.try_into().unwrap();
    let limit = SessionLimit { name: "user", value: &value, max, on_full: Evict::Oldest };
    for _ in 0..2 {
        observer.create(&of_user("ada"), now()).await.unwrap();
    }
    at_every_message(
        &database,
        async |store| store.create_limited(&of_user("ada"), limit, now()).await,
        async |_, done| {
            let _ = observer.create_limited(&of_user("ada"), limit, now()).await.unwrap();
            assert_eq!(observer.count(now()).await.unwrap(), 2, "{done:?}");
            assert_eq!(observer.find_by("user", &value, &[], now()).await.unwrap().len(), 2);
        },
    )
    .await;
}

async fn a_silent_connection_is_given_up_although_the_caller_stopped_waiting_before<D: Proxied>() {
    let database = D::new().await;
    let silent = database.silent_at(1, Cut::Before).await;
    let token = Token::random().unwrap();
    tokio::select! {
        loaded = silent.store.load(&token, now()) => panic!("{loaded:?}"),
        () = silent.silence.notified() => {}
    }
    pass(CALL_TIMEOUT).await;
    silent.recovers().await;
}

/// sqlx pings each connection that returns to its pool.
async fn a_connection_that_goes_silent_after_its_reply_is_given_up<D: Proxied>() {
    let database = D::new().await;
    for message in 1.. {
        let silent = database.silent_at(message, Cut::Next).await;
        let (loaded, _) = silent.call(silent.store.load(&Token::random().unwrap(), now())).await;
        if loaded.is_ok() {
            silent.silence.notified().await;
            pass(CALL_TIMEOUT).await;
            silent.recovers().await;
            break;
        }
    }
}

async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

run_on! { "mysql" mysql crate::mysql::proxied::Database:
    a_read_fails_when_the_connection_goes_silent_and_the_next_call_works
    a_write_on_a_connection_that_goes_silent_says_what_is_unknown
    a_sign_in_on_a_connection_that_goes_silent_is_whole_or_not_done_and_leaves_no_lock
    a_silent_connection_is_given_up_although_the_caller_stopped_waiting_before
    a_connection_that_goes_silent_after_its_reply_is_given_up
}

run_on! { "postgres" postgres crate::postgres::proxied::Database:
    a_read_fails_when_the_connection_goes_silent_and_the_next_call_works
    a_write_on_a_connection_that_goes_silent_says_what_is_unknown
    a_sign_in_on_a_connection_that_goes_silent_is_whole_or_not_done_and_leaves_no_lock
    a_silent_connection_is_given_up_although_the_caller_stopped_waiting_before
    a_connection_that_goes_silent_after_its_reply_is_given_up
}
