//! The number of statements of each verb. Each is one round trip.

use std::num::NonZeroUsize;

use session_core::{Change, Evict, Patch, Revocations as _, SessionLimit, Store as _, Token, WriteOutcome};
use session_sql::SqlStore;

use super::database::{database, pool, port, store};
use super::proxy::Proxy;
use crate::revocations::name;
use crate::support::{MINUTE, count_one, indexed, key, now, of_user, record};

/// Returns the result of a call and the number of its statements.
async fn counted<T>(proxy: &Proxy, call: impl Future<Output = T>) -> (T, usize) {
    let before = proxy.statements();
    let result = call.await;
    (result, proxy.statements() - before)
}

async fn store_and_proxy() -> (SqlStore, Proxy) {
    let proxy = Proxy::to(port()).await;
    let store = store(pool(database().await.port(proxy.port())).await).await;
    (store, proxy)
}

#[tokio::test]
async fn reads_and_writes_of_a_session_are_one_statement_each() {
    let (store, proxy) = store_and_proxy().await;
    let (token, statements) = counted(&proxy, store.create(&of_user("ada"), now())).await;
    let token = token.unwrap();
    assert_eq!(statements, 1);
    let (loaded, statements) = counted(&proxy, store.load(&token, now())).await;
    assert!(loaded.unwrap().is_some() && statements == 1);
    let compare_and_set =
        Change::CompareAndSet { expected: Some(b"\x01lovelace".to_vec()), value: Some(b"bob".to_vec()) };
    for patch in [
        Patch::new(),
        Patch::new().set("theme", *b"dark").remove("name"),
        count_one(),
        Patch::new()
            .with("name", Change::CompareAndSet { expected: None, value: Some(b"\x01lovelace".to_vec()) }),
        Patch::new().with("name", compare_and_set),
        Patch::new().with("name", Change::RemoveIf { expected: b"bob".to_vec() }),
        Patch::new().set("user", indexed("bob")),
        Patch::new().keep_only(["theme"]),
        Patch::new().drop_all(),
    ] {
        let (written, statements) = counted(&proxy, store.update(&token, &patch, now())).await;
        assert_eq!((written.unwrap(), statements), (WriteOutcome::Done, 1), "{patch:?}");
    }
    let (touched, statements) = counted(&proxy, store.touch(&token, now().after(60 * MINUTE), now())).await;
    assert_eq!((touched.unwrap(), statements), (WriteOutcome::Done, 1));
    let (renewed, statements) = counted(&proxy, store.renew(&token, &count_one(), now())).await;
    let WriteOutcome::NewToken(token) = renewed.unwrap() else { panic!("not renewed") };
    assert_eq!(statements, 1);
    assert_eq!(counted(&proxy, store.destroy(&token)).await.1, 1);
}

#[tokio::test]
async fn writes_that_fail_are_one_statement_each() {
    let (store, proxy) = store_and_proxy().await;
    let token = store.create(&record(), now()).await.unwrap();
    let patch = Patch::new().with("name", Change::CompareAndSet { expected: None, value: None });
    let conflict = WriteOutcome::Conflict("name".to_owned());
    let (written, statements) = counted(&proxy, store.update(&token, &patch, now())).await;
    assert_eq!((written.unwrap(), statements), (conflict.clone(), 1));
    let (written, statements) = counted(&proxy, store.renew(&token, &patch, now())).await;
    assert_eq!((written.unwrap(), statements), (conflict, 1));
    store.destroy(&token).await.unwrap();
    for patch in [Patch::new(), count_one(), patch] {
        let (written, statements) = counted(&proxy, store.update(&token, &patch, now())).await;
        assert_eq!((written.unwrap(), statements), (WriteOutcome::Gone, 1));
    }
}

#[tokio::test]
async fn lookups_are_one_statement_each() {
    let (store, proxy) = store_and_proxy().await;
    let value = indexed("ada");
    let ids: Vec<_> = (0..3).map(|_| of_user("ada")).collect();
    for record in &ids {
        store.create(record, now()).await.unwrap();
    }
    assert_eq!(counted(&proxy, store.find_by("user", &value, &["name"], now())).await.1, 1);
    assert_eq!(counted(&proxy, store.list(None, 10, now())).await.1, 1);
    assert_eq!(counted(&proxy, store.count(now())).await.1, 1);
    assert_eq!(counted(&proxy, store.ping()).await.1, 1);
    let id = ids[0].meta().id;
    assert_eq!(counted(&proxy, store.destroy_by_id(id, Some(("user", &value)), now())).await.1, 1);
    assert_eq!(counted(&proxy, store.destroy_by_id(id, None, now())).await.1, 1);
    assert_eq!(counted(&proxy, store.destroy_by("user", &value, None, now())).await.1, 1);
}

#[tokio::test]
async fn floors_of_any_number_of_names_are_one_statement_and_so_is_a_raise() {
    let (store, proxy) = store_and_proxy().await;
    let (one, other) = (name(1), name(2));
    for before in [0, 7] {
        let (raised, statements) = counted(&proxy, store.raise(one, 7, now().after(MINUTE), now())).await;
        assert_eq!((raised.unwrap().value, statements), (before, 1));
    }
    let (floors, statements) = counted(&proxy, store.floors(&[other, one], now())).await;
    assert_eq!((floors.unwrap()[1].value, statements), (7, 1));
}

#[tokio::test]
async fn a_sweep_is_a_statement_for_sessions_and_one_for_the_revocation_list() {
    let (store, proxy) = store_and_proxy().await;
    assert_eq!(counted(&proxy, store.sweep(now())).await.1, 2);
}

/// The lock on the value, the write that starts from what others have committed before, and the commit.
#[tokio::test]
async fn writes_under_a_limit_are_three_statements_each() {
    let (store, proxy) = store_and_proxy().await;
    let value = indexed("ada");
    let limit = SessionLimit { name: "user", value: &value, max: NonZeroUsize::MIN, on_full: Evict::Oldest };
    let token = store.create(&record(), now()).await.unwrap();
    assert_eq!(counted(&proxy, store.create_limited(&of_user("ada"), limit, now())).await.1, 3);
    let sign_in = Patch::new().set("user", value.clone());
    assert_eq!(counted(&proxy, store.renew_limited(&token, &sign_in, limit, now())).await.1, 3);
}

/// One statement reads the session, the other one replaces it.
#[tokio::test]
async fn writes_of_a_sealed_session_are_two_statements_each_and_reads_one() {
    let (store, proxy) = store_and_proxy().await;
    let (store, value) = (store.seal(key(2), [key(1)]), indexed("ada"));
    let (token, statements) = counted(&proxy, store.create(&of_user("ada"), now())).await;
    let token = token.unwrap();
    assert_eq!(statements, 1);
    assert_eq!(counted(&proxy, store.load(&token, now())).await.1, 1);
    assert_eq!(counted(&proxy, store.find_by("user", &value, &["name"], now())).await.1, 1);
    assert_eq!(counted(&proxy, store.list(None, 10, now())).await.1, 1);
    let (touched, statements) = counted(&proxy, store.touch(&token, now().after(60 * MINUTE), now())).await;
    assert_eq!((touched.unwrap(), statements), (WriteOutcome::Done, 2));
    let patch = count_one().set("user", indexed("bob"));
    let (written, statements) = counted(&proxy, store.update(&token, &patch, now())).await;
    assert_eq!((written.unwrap(), statements), (WriteOutcome::Done, 2));
    let (renewed, statements) = counted(&proxy, store.renew(&token, &count_one(), now())).await;
    let WriteOutcome::NewToken(token) = renewed.unwrap() else { panic!("not renewed") };
    assert_eq!(statements, 2);
    let gone = counted(&proxy, store.update(&Token::random().unwrap(), &count_one(), now())).await;
    assert_eq!((gone.0.unwrap(), gone.1), (WriteOutcome::Gone, 1));
    assert_eq!(counted(&proxy, store.destroy_by("user", &indexed("bob"), None, now())).await.1, 1);
    assert_eq!(counted(&proxy, store.destroy(&token)).await.1, 1);

    // The lock on the value, the write and the commit, and to renew a session reading it.
    let limit = SessionLimit { name: "user", value: &value, max: NonZeroUsize::MIN, on_full: Evict::Oldest };
    let token = store.create(&record(), now()).await.unwrap();
    assert_eq!(counted(&proxy, store.create_limited(&of_user("ada"), limit, now())).await.1, 3);
    let sign_in = Patch::new().set("user", value.clone());
    assert_eq!(counted(&proxy, store.renew_limited(&token, &sign_in, limit, now())).await.1, 4);
}
