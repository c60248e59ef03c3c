//! The revocation list, in each database.

use std::sync::Mutex;

use session_core::{Floor, Revocations as _, Store as _, StoreError, StoreKey, Timestamp};
use session_sql::SqlStore;
use tokio::task::JoinSet;

use crate::support::{Database, MINUTE, drop_at_every_await, meta, now, of_user, run_on};

pub(crate) fn name(number: u16) -> StoreKey {
    let mut bytes = [0; 32];
    bytes[..2].copy_from_slice(&number.to_be_bytes());
    bytes.into()
}

async fn floor(store: &SqlStore, name: StoreKey, now: Timestamp) -> Floor {
    store.floors(&[name], now).await.unwrap()[0]
}

/// How many calls raise the floor of one name at once.
const CALLS: u64 = 64;

async fn concurrent_raises_replace_each_other_one_by_one_up_to_the_highest<D: Database>() {
    let store = D::new().await.store();
    let now = now();
    let mut tasks = JoinSet::new();
    for call in 0..CALLS {
        let (store, to) = (store.clone(), (call * 29) % CALLS + 1);
        tasks.spawn(
            async move { (to, store.raise(name(1), to, now.after(MINUTE), now).await.unwrap().value) },
        );
    }
    let mut returned = tasks.join_all().await;
    returned.sort_unstable();
    let mut floor_before = 0;
    for (to, before) in returned.iter().filter(|(to, before)| before < to) {
        assert_eq!(*before, floor_before, "the call that raised to {to} returned what it did not replace");
        floor_before = *to;
    }
    assert_eq!(floor_before, CALLS);
    for (to, before) in returned.iter().filter(|(to, before)| before >= to) {
        assert!(returned.iter().any(|(raised, replaced)| raised == before && replaced < raised), "{to}");
    }
    assert_eq!(floor(&store, name(1), now).await, Floor { value: CALLS, since: now });
}

async fn an_expired_name_has_no_floor_and_gets_a_lower_one<D: Database>() {
    let store = D::new().await.store();
    let (now, later) = (now(), now().after(2 * MINUTE));
    store.raise(name(1), 9, now.after(MINUTE), now).await.unwrap();
    assert_eq!(floor(&store, name(1), later).await, Floor::default());
    let raised = store.raise(name(1), 5, later.after(MINUTE), later).await.unwrap();
    assert_eq!(raised, Floor::default());
    assert_eq!(floor(&store, name(1), later).await, Floor { value: 5, since: later });
}

async fn a_name_that_is_raised_to_zero_has_the_default_floor<D: Database>() {
    let store = D::new().await.store();
    for _ in 0..2 {
        store.raise(name(1), 0, now().after(MINUTE), now()).await.unwrap();
        assert_eq!(floor(&store, name(1), now()).await, Floor::default());
    }
}

/// More names than one statement removes.
const MANY: u16 = 600;

async fn a_sweep_removes_the_names_that_have_expired_and_counts_sessions_alone<D: Database>() {
    let database = D::new().await;
    let (store, now) = (database.store(), now());
    for number in 0..MANY {
        store.raise(name(number), 7, now.after(MINUTE), now).await.unwrap();
    }
    store.raise(name(MANY), 7, now.after(60 * MINUTE), now).await.unwrap();
    store.raise(name(MANY + 1), 7, Timestamp::NEVER, now).await.unwrap();
    store.raise(name(0), 8, now.after(60 * MINUTE), now).await.unwrap();
    store.create(&of_user("ada"), now).await.unwrap();
    assert_eq!(store.sweep(now).await.unwrap(), 0);
    let names = "select count(*) from session_revocation";
    assert_eq!(database.number(names).await, i64::from(MANY) + 2);

    let later = now.after(31 * MINUTE);
    assert_eq!(store.sweep(later).await.unwrap(), 1);
    assert_eq!(database.number(names).await, 3);
    let floors = store.floors(&[name(0), name(1), name(MANY), name(MANY + 1)], later).await.unwrap();
    assert_eq!(floors.iter().map(|floor| floor.value).collect::<Vec<_>>(), [8, 0, 7, 7]);
}

async fn clearing_the_sessions_keeps_the_floors<D: Database>() {
    let store = D::new().await.store();
    store.create(&of_user("ada"), now()).await.unwrap();
    store.raise(name(1), 7, now().after(MINUTE), now()).await.unwrap();
    assert_eq!(store.clear().await.unwrap(), 1);
    assert_eq!(floor(&store, name(1), now()).await.value, 7);
}

async fn a_damaged_floor_is_an_error_and_never_no_floor<D: Database>() {
    let database = D::new().await;
    let (store, now) = (database.store(), now());
    store.raise(name(1), 7, now.after(MINUTE), now).await.unwrap();
    database.execute("update session_revocation set since = -1").await;
    for result in [
        store.floors(&[name(1)], now).await.map(drop),
        store.raise(name(1), 8, now.after(MINUTE), now).await.map(drop),
    ] {
        assert!(matches!(result, Err(StoreError::Corrupt(_))), "{result:?}");
    }
}

async fn a_dropped_raise_is_done_or_not_and_leaves_no_lock<D: Database>() {
    let store = D::new().await.store();
    let now = now();
    let next = Mutex::new(0);
    store.raise(name(1), 1, now.after(MINUTE), now).await.unwrap();
    drop_at_every_await(
        async || {
            let to = {
                let mut next = next.lock().unwrap();
                *next += 2;
                *next
            };
            store.raise(name(1), to, now.after(MINUTE), now).await.unwrap()
        },
        async |done| {
            let dropped = *next.lock().unwrap();
            // Waits for whatever the database still does, and would wait for ever for a lock that is left.
            let before = store.raise(name(1), dropped + 1, now.after(MINUTE), now).await.unwrap().value;
            assert!(before == dropped || (before == dropped - 1 && done.is_none()), "{before} of {dropped}");
        },
    )
    .await;
}

async fn a_floor_whose_name_is_the_key_of_a_session_leaves_the_session_alone<D: Database>() {
    let store = D::new().await.store();
    let record = session_core::Record::new(&meta(), []);
    let token = store.create(&record, now()).await.unwrap();
    let key = token.store_key().unwrap();
    store.raise(key, u64::MAX, now().after(MINUTE), now()).await.unwrap();
    assert!(store.load(&token, now()).await.unwrap().is_some());
    assert!(store.destroy(&token).await.unwrap());
    assert_eq!(floor(&store, key, now()).await.value, u64::MAX);
}

run_on! { "mysql" mysql crate::mysql::database::OnServer:
    concurrent_raises_replace_each_other_one_by_one_up_to_the_highest
    an_expired_name_has_no_floor_and_gets_a_lower_one
    a_name_that_is_raised_to_zero_has_the_default_floor
    a_sweep_removes_the_names_that_have_expired_and_counts_sessions_alone
    clearing_the_sessions_keeps_the_floors
    a_damaged_floor_is_an_error_and_never_no_floor
    a_dropped_raise_is_done_or_not_and_leaves_no_lock
    a_floor_whose_name_is_the_key_of_a_session_leaves_the_session_alone
}

run_on! { "postgres" postgres crate::postgres::database::OnServer:
    concurrent_raises_replace_each_other_one_by_one_up_to_the_highest
    an_expired_name_has_no_floor_and_gets_a_lower_one
    a_name_that_is_raised_to_zero_has_the_default_floor
    a_sweep_removes_the_names_that_have_expired_and_counts_sessions_alone
    clearing_the_sessions_keeps_the_floors
    a_damaged_floor_is_an_error_and_never_no_floor
    a_dropped_raise_is_done_or_not_and_leaves_no_lock
    a_floor_whose_name_is_the_key_of_a_session_leaves_the_session_alone
}

run_on! { "sqlite" sqlite crate::sqlite::database::InMemory:
    concurrent_raises_replace_each_other_one_by_one_up_to_the_highest
    an_expired_name_has_no_floor_and_gets_a_lower_one
    a_name_that_is_raised_to_zero_has_the_default_floor
    a_sweep_removes_the_names_that_have_expired_and_counts_sessions_alone
    clearing_the_sessions_keeps_the_floors
    a_damaged_floor_is_an_error_and_never_no_floor
    a_dropped_raise_is_done_or_not_and_leaves_no_lock
    a_floor_whose_name_is_the_key_of_a_session_leaves_the_session_alone
}
