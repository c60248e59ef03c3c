//! Statements that wait for the row of a session, and what they do with what they find then.

use std::time::Duration;

use session_core::{Change, HandleId, Patch, Record, Store as _, Token, WriteOutcome};
use session_sql::SqlStore;
use sqlx::{PgPool, Postgres, Transaction};
use tokio::task::JoinHandle;

use super::database::{database, pool, store, until_waiting};
use crate::support::{MINUTE, count_one, indexed, meta, now, of_user};

/// A session of ada's whose row another transaction has locked.
struct Locked {
    store: SqlStore,
    pool: PgPool,
    token: Token,
    id: HandleId,
    lock: Transaction<'static, Postgres>,
    waiting: i64,
}

impl Locked {
    async fn new() -> Self {
        let pool = pool(database().await).await;
        let store = store(pool.clone()).await;
        let record = of_user("ada");
        let token = store.create(&record, now()).await.unwrap();
        let mut lock = pool.begin().await.unwrap();
        sqlx::query("select from session for update").execute(&mut *lock).await.unwrap();
        Self { store, pool, token, id: record.meta().id, lock, waiting: 0 }
    }

    /// Starts a call, and returns when it waits for the row, after the calls before it.
    async fn start<T, F>(&mut self, call: impl FnOnce(SqlStore, Token) -> F) -> JoinHandle<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let call = tokio::spawn(call(self.store.clone(), self.token.clone()));
        self.waiting += 1;
        until_waiting(&self.pool, self.waiting).await;
        call
    }

    /// Starts an update.
    async fn update(&mut self, patch: Patch) -> JoinHandle<WriteOutcome> {
        self.start(|store, token| async move { store.update(&token, &patch, now()).await.unwrap() }).await
    }

    /// Starts a renewal.
    async fn renew(&mut self, patch: Patch) -> JoinHandle<WriteOutcome> {
        self.start(|store, token| async move { store.renew(&token, &patch, now()).await.unwrap() }).await
    }

    /// Starts a call that destroys the sessions of ada.
    async fn destroy_all(&mut self) -> JoinHandle<Vec<HandleId>> {
        let value = indexed("ada");
        self.start(|store, _| async move { store.destroy_by("user", &value, None, now()).await.unwrap() })
            .await
    }

    /// Lets the calls go on, in the order in which they were started.
    async fn unlock(self) -> SqlStore {
        self.lock.commit().await.unwrap();
        self.store
    }
}

fn new_token(written: WriteOutcome) -> Token {
    match written {
        WriteOutcome::NewToken(token) => token,
        other => panic!("not renewed: {other:?}"),
    }
}

fn compare_and_set(value: &str) -> Patch {
    let expected = Some(b"\x01lovelace".to_vec());
    Patch::new().with("name", Change::CompareAndSet { expected, value: Some(value.into()) })
}

async fn find(store: &SqlStore, user: &str) -> Vec<Record> {
    store.find_by("user", &indexed(user), &["name"], now()).await.unwrap()
}

#[tokio::test]
async fn a_comparison_sees_what_it_waited_for() {
    let mut session = Locked::new().await;
    let (first, second) =
        (session.update(compare_and_set("1")).await, session.renew(compare_and_set("2")).await);
    let token = session.token.clone();
    let store = session.unlock().await;
    assert_eq!(first.await.unwrap(), WriteOutcome::Done);
    assert_eq!(second.await.unwrap(), WriteOutcome::Conflict("name".to_owned()));
    assert_eq!(store.load(&token, now()).await.unwrap().unwrap().get("name"), Some(b"1".as_slice()));
}

#[tokio::test]
async fn a_comparison_with_an_absent_field_sees_what_it_waited_for() {
    let mut session = Locked::new().await;
    let claim = Patch::new().with("code", Change::CompareAndSet { expected: None, value: Some(vec![1]) });
    let (first, second) = (session.update(Patch::new().set("code", [2])).await, session.update(claim).await);
    session.unlock().await;
    assert_eq!(first.await.unwrap(), WriteOutcome::Done);
    assert_eq!(second.await.unwrap(), WriteOutcome::Conflict("code".to_owned()));
}

#[tokio::test]
async fn writes_that_waited_keep_the_fields_of_those_before() {
    let mut session = Locked::new().await;
    let writes = [
        session.update(Patch::new().set("theme", *b"dark")).await,
        session.update(count_one()).await,
        session
            .update(Patch::new().with("name", Change::RemoveIf { expected: b"\x01lovelace".to_vec() }))
            .await,
        session.update(Patch::new().set("cart", *b"tea")).await,
        session.update(count_one().set("user", indexed("bob"))).await,
    ];
    let token = session.token.clone();
    let store = session.unlock().await;
    for write in writes {
        assert_eq!(write.await.unwrap(), WriteOutcome::Done);
    }
    let record = store.load(&token, now()).await.unwrap().unwrap();
    let expected = Record::new(
        &record.meta(),
        [("theme", b"dark".as_slice()), ("visits", b"\x032"), ("cart", b"tea"), ("user", &indexed("bob"))],
    );
    assert_eq!(record, expected);
    assert_eq!((find(&store, "ada").await.len(), find(&store, "bob").await.len()), (0, 1));
}

#[tokio::test]
async fn a_write_that_waited_for_a_renewal_or_the_end_finds_the_session_gone() {
    for patch in [Patch::new().set("name", *b"eve"), count_one()] {
        let mut session = Locked::new().await;
        let renewed = session.renew(Patch::new()).await;
        let updated = session.update(patch.clone()).await;
        let renewed_again = session.renew(patch.clone()).await;
        let touched = session
            .start(|store, token| async move { store.touch(&token, now().after(60 * MINUTE), now()).await })
            .await;
        let destroyed = session.start(|store, token| async move { store.destroy(&token).await }).await;
        let store = session.unlock().await;
        let token = new_token(renewed.await.unwrap());
        assert_eq!(updated.await.unwrap(), WriteOutcome::Gone);
        assert_eq!(renewed_again.await.unwrap(), WriteOutcome::Gone);
        assert_eq!(touched.await.unwrap().unwrap(), WriteOutcome::Gone);
        assert!(!destroyed.await.unwrap().unwrap());
        let record = store.load(&token, now()).await.unwrap().unwrap();
        assert_eq!(record.get("name"), Some(b"\x01lovelace".as_slice()));

        let mut session = Locked::new().await;
        let destroyed = session.start(|store, token| async move { store.destroy(&token).await }).await;
        let (updated, renewed) = (session.update(patch.clone()).await, session.renew(patch).await);
        let store = session.unlock().await;
        assert!(destroyed.await.unwrap().unwrap());
        assert_eq!(updated.await.unwrap(), WriteOutcome::Gone);
        assert_eq!(renewed.await.unwrap(), WriteOutcome::Gone);
        assert_eq!(store.count(now()).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_session_that_was_renewed_meanwhile_is_destroyed_by_its_value() {
    let mut session = Locked::new().await;
    let renewed = session.renew(count_one()).await;
    let (first, second) = (session.destroy_all().await, session.destroy_all().await);
    let id = session.id;
    let store = session.unlock().await;
    let token = new_token(renewed.await.unwrap());
    assert_eq!([first.await.unwrap(), second.await.unwrap()].concat(), [id]);
    assert_eq!(store.load(&token, now()).await.unwrap(), None);
}

#[tokio::test]
async fn a_session_that_lost_the_value_meanwhile_is_not_destroyed_by_it() {
    for patch in [
        Patch::new().set("user", indexed("bob")),
        Patch::new().remove("user"),
        Patch::new().set("user", [1]),
        Patch::new().drop_all(),
    ] {
        let mut session = Locked::new().await;
        let renewed = session.renew(patch).await;
        let destroyed = session.destroy_all().await;
        let store = session.unlock().await;
        let token = new_token(renewed.await.unwrap());
        assert_eq!(destroyed.await.unwrap(), []);
        assert!(store.load(&token, now()).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_value_that_was_set_while_another_write_waited_is_removed_by_it() {
    let mut session = Locked::new().await;
    let set = session.update(Patch::new().set("user", indexed("bob"))).await;
    let removed = session.update(Patch::new().drop_all()).await;
    let store = session.unlock().await;
    assert_eq!(set.await.unwrap(), WriteOutcome::Done);
    assert_eq!(removed.await.unwrap(), WriteOutcome::Done);
    assert_eq!((find(&store, "ada").await.len(), find(&store, "bob").await.len()), (0, 0));
    assert_eq!(store.destroy_by("user", &indexed("bob"), None, now()).await.unwrap(), []);
    assert_eq!(store.count(now()).await.unwrap(), 1);
}

#[tokio::test]
async fn a_sweep_waits_for_no_request_and_reads_wait_for_nothing() {
    let session = Locked::new().await;
    let later = now().after(31 * MINUTE);
    let expired = session.store.create(&Record::new(&meta(), []), now()).await.unwrap();
    assert_eq!(session.store.sweep(later).await.unwrap(), 1);
    assert_eq!(session.store.load(&expired, now()).await.unwrap(), None);
    assert!(session.store.load(&session.token, now()).await.unwrap().is_some());
    let store = session.unlock().await;
    assert_eq!(store.sweep(later).await.unwrap(), 1);
}

#[tokio::test]
async fn a_timeout_of_the_server_is_an_outage_and_changes_nothing() {
    let options = database().await;
    let store = store(pool(options.clone()).await).await;
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    let impatient = SqlStore::new(pool(options.clone().options([("lock_timeout", "1ms")])).await);
    let observer = pool(options).await;
    let mut lock = observer.begin().await.unwrap();
    sqlx::query("select from session for update").execute(&mut *lock).await.unwrap();
    let patch = Patch::new().set("name", *b"eve");
    let failed = tokio::time::timeout(Duration::from_mins(1), impatient.update(&token, &patch, now()));
    let error = failed.await.unwrap().unwrap_err();
    assert!(matches!(error, session_core::StoreError::Unavailable(_)), "{error}");
    lock.commit().await.unwrap();
    let record = impatient.load(&token, now()).await.unwrap().unwrap();
    assert_eq!(record.get("name"), Some(b"\x01lovelace".as_slice()));
}
