//! The store contract for stores without server state, and the settings of the builder.

use std::collections::HashSet;
use std::thread;
use std::time::Duration;

use session_cookie::{ConfigError, CookieStore, Key};
use session_core::{
    Change, Deadlines, MemoryRevocations, Patch, Store, StoreError, Timestamp, Token, WriteOutcome,
};

use crate::support::{APP, T0, key, later, meta, new_token, record, record_of, sealed, stateless};

#[tokio::test]
async fn a_created_session_is_loaded_as_it_was() {
    let store = stateless();
    let token = sealed(&store).await;
    assert_eq!(store.load(&token, T0).await.unwrap(), Some(record()));
}

#[test]
fn many_threads_seal_and_open_at_once() {
    let (store, other) = (stateless(), stateless());
    let work = || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for _ in 0..50 {
            let token = Token::from(runtime.block_on(sealed(&store)).expose());
            assert_eq!(runtime.block_on(other.load(&token, T0)).unwrap(), Some(record()));
        }
    };
    thread::scope(|scope| {
        for _ in 0..80 {
            scope.spawn(work);
        }
    });
}

#[tokio::test]
async fn a_session_is_gone_at_its_deadline_and_not_a_millisecond_before() {
    let store = stateless();
    let token = sealed(&store).await;
    let last = Timestamp::from_millis(later(1800).as_millis() - 1);
    assert!(store.load(&token, last).await.unwrap().is_some());
    assert_eq!(store.load(&token, later(1800)).await.unwrap(), None);
    assert_eq!(store.update(&token, &Patch::new(), later(1800)).await.unwrap(), WriteOutcome::Gone);
    assert_eq!(store.touch(&token, later(9000), later(1800)).await.unwrap(), WriteOutcome::Gone);
    assert_eq!(store.renew(&token, &Patch::new(), later(1800)).await.unwrap(), WriteOutcome::Gone);
}

#[tokio::test]
async fn touching_moves_the_deadline_forward_but_not_beyond_the_lifetime() {
    let store = stateless();
    let token = sealed(&store).await;
    assert_eq!(
        store.touch(&token, later(1000), T0).await.unwrap(),
        WriteOutcome::Done,
        "earlier is no change"
    );
    let token = new_token(store.touch(&token, later(90_000), later(1000)).await.unwrap());
    assert!(store.load(&token, later(86_399)).await.unwrap().is_some());
    assert_eq!(store.load(&token, later(86_400)).await.unwrap(), None);
}

#[tokio::test]
async fn a_cookie_sealed_in_the_future_is_refused() {
    let store = stateless();
    let token = store.create(&record(), later(60)).await.unwrap();
    assert!(store.load(&token, T0).await.unwrap().is_some(), "within the tolerated clock skew");
    let token = store.create(&record(), Timestamp::from_millis(later(60).as_millis() + 1)).await.unwrap();
    assert_eq!(store.load(&token, T0).await.unwrap(), None);

    let strict = CookieStore::builder(key(1), APP).skew(Duration::ZERO).stateless().unwrap();
    let token = strict.create(&record(), later(1)).await.unwrap();
    assert_eq!(strict.load(&token, T0).await.unwrap(), None);
}

#[tokio::test]
async fn a_patch_changes_the_fields_it_names_and_returns_a_new_token() {
    let store = stateless();
    let old = sealed(&store).await;
    let patch = Patch::new().set("theme", *b"light").remove("user").touch(later(2000));
    let new = new_token(store.update(&old, &patch, later(10)).await.unwrap());
    let found = store.load(&new, later(1900)).await.unwrap().unwrap();
    assert_eq!((found.get("theme"), found.get("user")), (Some(b"light".as_slice()), None));
    assert_eq!(found.meta().id, meta().id);
}

#[tokio::test]
async fn a_failed_comparison_is_a_conflict() {
    let store = stateless();
    let token = sealed(&store).await;
    let swap = Change::CompareAndSet { expected: Some(b"bob".to_vec()), value: Some(b"eve".to_vec()) };
    let written = store.update(&token, &Patch::new().with("user", swap), T0).await.unwrap();
    assert_eq!(written, WriteOutcome::Conflict("user".into()));
}

#[tokio::test]
async fn renewing_keeps_identity_and_lifetime() {
    let store = stateless();
    let old = sealed(&store).await;
    let new = new_token(store.renew(&old, &Patch::new(), later(10)).await.unwrap());
    assert_ne!(new, old);
    assert_eq!(store.load(&new, later(10)).await.unwrap().unwrap().meta(), meta());
}

#[tokio::test]
async fn of_two_responses_in_flight_the_last_cookie_wins() {
    let store = stateless();
    let token = sealed(&store).await;
    let a = new_token(store.update(&token, &Patch::new().set("a", *b"1"), T0).await.unwrap());
    let b = new_token(store.update(&token, &Patch::new().set("b", *b"2"), T0).await.unwrap());
    let (a, b) = (store.load(&a, T0).await.unwrap().unwrap(), store.load(&b, T0).await.unwrap().unwrap());
    assert_eq!((a.get("a"), a.get("b")), (Some(b"1".as_slice()), None));
    assert_eq!((b.get("a"), b.get("b")), (None, Some(b"2".as_slice())));
}

#[tokio::test]
async fn a_session_that_is_too_large_is_refused_and_keeps_its_cookie() {
    let store = stateless();
    let token = sealed(&store).await;
    let fits = store.create(&record_of(2910), T0).await.unwrap();
    assert!((4000..=4096).contains(&("__Host-session".len() + fits.expose().len())));

    let refused = store.update(&token, &Patch::new().set("blob", vec![0; 2950]), T0).await;
    let Err(StoreError::TooLarge { actual, limit: 4096 }) = refused else {
        panic!("{refused:?}");
    };
    assert!(actual > 4096, "{actual}");
    assert_eq!(store.load(&token, T0).await.unwrap(), Some(record()), "the old cookie is intact");
}

#[tokio::test]
async fn lengths_reveal_a_multiple_of_64_only() {
    let store = stateless();
    let mut lengths = HashSet::new();
    for bytes in 0..256 {
        let token = store.create(&record_of(bytes), T0).await.unwrap();
        let sealed = token.expose().len() * 3 / 4 - 37;
        assert_eq!(sealed % 64, 0);
        lengths.insert(sealed);
    }
    assert!(lengths.len() <= 5, "{lengths:?}");
}

#[tokio::test]
async fn sessions_cannot_be_counted_or_listed() {
    let store = stateless();
    assert!(matches!(store.count(T0).await, Err(StoreError::Unsupported("count"))));
    assert!(matches!(store.list(None, 10, T0).await, Err(StoreError::Unsupported("list"))));
    let destroyed = store.destroy_by("user", b"\x41ada", None, T0).await;
    assert!(matches!(destroyed, Err(StoreError::Unsupported("destroy_by"))));
}

#[tokio::test]
async fn new_deadlines_may_be_shorter() {
    let store = stateless();
    let token = sealed(&store).await;
    let deadlines = Deadlines {
        idle_timeout: Duration::from_secs(60),
        idle_deadline: later(60),
        lifetime_deadline: later(600),
        remember: true,
    };
    let token = new_token(store.update(&token, &Patch::new().set_deadlines(deadlines), T0).await.unwrap());
    assert!(store.load(&token, later(59)).await.unwrap().unwrap().meta().remember);
    assert_eq!(store.load(&token, later(60)).await.unwrap(), None);
}

#[test]
fn inconsistent_settings_are_refused_when_the_store_is_built() {
    let builder = || CookieStore::builder(Key::generate().unwrap(), APP);
    assert!(matches!(builder().cookie_name("a b").stateless(), Err(ConfigError::Name(_))));
    assert!(matches!(builder().cookie_name("").stateless(), Err(ConfigError::Name(_))));
    assert!(matches!(builder().chunked(0).stateless(), Err(ConfigError::Chunks(0))));
    assert!(matches!(builder().chunked(33).stateless(), Err(ConfigError::Chunks(33))));
    assert!(matches!(builder().skew(Duration::from_secs(61)).stateless(), Err(ConfigError::Skew(_))));
    assert!(matches!(builder().grouped_by("user").stateless(), Err(ConfigError::Stateless("grouped_by"))));
    assert!(matches!(builder().overlap(Duration::ZERO).stateless(), Err(ConfigError::Stateless("overlap"))));
    assert!(builder().grouped_by("user").revocable(MemoryRevocations::new()).is_ok());
    for context in ["", " ", "\t\n"] {
        let builder = || CookieStore::builder(Key::generate().unwrap(), context);
        assert!(matches!(builder().stateless(), Err(ConfigError::Context)));
        assert!(matches!(builder().revocable(MemoryRevocations::new()), Err(ConfigError::Context)));
    }
}

#[tokio::test]
async fn the_stateless_store_passes_the_conformance_suite() {
    session_core::conformance::run_stateless(async || {
        CookieStore::builder(Key::generate().unwrap(), APP).stateless().unwrap()
    })
    .await;
}

#[tokio::test]
async fn the_revocable_store_passes_the_conformance_suite() {
    session_core::conformance::run_stateless(async || {
        CookieStore::builder(Key::generate().unwrap(), APP).revocable(MemoryRevocations::new()).unwrap()
    })
    .await;
}
