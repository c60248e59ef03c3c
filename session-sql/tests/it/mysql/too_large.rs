//! Sessions whose message the server does not accept.

use session_core::{Evict, Patch, Record, SessionLimit, Store as _, StoreError};
use sqlx::mysql::MySqlPoolOptions;

use super::database::{options_through, store};
use crate::support::{indexed, meta, now, of_user, record};

fn record_of(value: usize) -> Record {
    Record::new(&meta(), [("value", &*vec![7; value])])
}

/// Returns the length of the session that was refused, and the greatest that is not.
fn too_large<T: std::fmt::Debug>(result: Result<T, StoreError>) -> (usize, usize) {
    match result {
        Err(StoreError::TooLarge { actual, limit }) => (actual, limit),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_session_that_is_too_large_is_refused_and_changes_nothing() {
    let (options, proxy) = options_through().await;
    let pool = MySqlPoolOptions::new().max_connections(1).test_before_acquire(false);
    let store = store(pool.connect_lazy_with(options)).await;
    let (ada, value) = (of_user("ada"), indexed("ada"));
    let token = store.create(&ada, now()).await.unwrap();
    let large = Patch::new().set("value", vec![7; 2 << 20]).set("user", indexed("bob"));
    let limit =
        SessionLimit { name: "user", value: &value, max: 1.try_into().unwrap(), on_full: Evict::Oldest };
    too_large(store.create(&record_of(2 << 20), now()).await);
    too_large(store.update(&token, &large, now()).await);
    too_large(store.renew(&token, &large, now()).await);
    let sign_in = Record::new(&meta(), [("value", &*vec![7; 2 << 20]), ("user", &value)]);
    too_large(store.create_limited(&sign_in, limit, now()).await);
    assert_eq!(store.load(&token, now()).await.unwrap().as_ref(), Some(&ada));
    assert_eq!(store.find_by("user", &value, &[], now()).await.unwrap(), [ada]);
    assert_eq!(store.count(now()).await.unwrap(), 1);
    assert!(store.create_limited(&of_user("ada"), limit, now()).await.unwrap().result.is_some());
    assert_eq!(proxy.connections(), 1, "a connection was closed");
}

#[tokio::test]
async fn a_session_of_exactly_the_limit_is_stored_and_a_longer_one_is_not() {
    let (options, proxy) = options_through().await;
    let pool = MySqlPoolOptions::new().max_connections(1).test_before_acquire(false);
    let store = store(pool.connect_lazy_with(options)).await;
    let longer = (2 << 20) - 50;
    let (actual, limit) = too_large(store.create(&record_of(longer), now()).await);
    assert_eq!(actual, record_of(longer).as_bytes().len());
    let longest = longer - (actual - limit);
    assert_eq!(too_large(store.create(&record_of(longest + 1), now()).await), (limit + 1, limit));
    let token = store.create(&record_of(longest), now()).await.unwrap();
    let loaded = store.load(&token, now()).await.unwrap().unwrap();
    assert_eq!(loaded.get("value").map(<[u8]>::len), Some(longest));

    let token = store.create(&record(), now()).await.unwrap();
    let set = |length| Patch::new().set("value", vec![7; length]);
    let (actual, limit) = too_large(store.update(&token, &set(longer), now()).await);
    let longest = longer - (actual - limit);
    too_large(store.update(&token, &set(longest + 1), now()).await);
    proxy.take_passed();
    let _ = store.update(&token, &set(longest), now()).await.unwrap();
    assert_eq!(proxy.take_passed(), 3);
    assert_eq!(proxy.connections(), 1, "a connection was closed");
}
