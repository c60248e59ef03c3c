//! Stores behind pointers, and wrappers.

use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::sync::Arc;

use session_core::{
    Capabilities, Cursor, DynStore, Evict, Field, HandleId, Limited, Meta, Page, Patch, Record, Refusal,
    SessionLimit, Store, StoreError, Timestamp, Token, Wrapper, WriteOutcome,
};

/// A store that implements every method with a distinct result.
struct Distinct;

type Outcome<T> = Result<T, StoreError>;

fn own<T>(operation: &'static str) -> Outcome<T> {
    Err(StoreError::Unsupported(operation))
}

impl Store for Distinct {
    fn name(&self) -> &'static str {
        "own"
    }

    async fn load(&self, _: &Token, _: Timestamp) -> Outcome<Option<Record>> {
        own("own load")
    }

    async fn create(&self, _: &Record, _: Timestamp) -> Outcome<Token> {
        own("own create")
    }

    async fn update(&self, _: &Token, _: &Patch, _: Timestamp) -> Outcome<WriteOutcome> {
        own("own update")
    }

    async fn touch(&self, _: &Token, _: Timestamp, _: Timestamp) -> Outcome<WriteOutcome> {
        own("own touch")
    }

    async fn renew(&self, _: &Token, _: &Patch, _: Timestamp) -> Outcome<WriteOutcome> {
        own("own renew")
    }

    async fn destroy(&self, _: &Token) -> Outcome<bool> {
        own("own destroy")
    }

    async fn refusal(&self, _: &Token, _: Timestamp) -> Refusal {
        Refusal::Revoked
    }

    async fn ping(&self) -> Outcome<()> {
        own("own ping")
    }

    fn wants_rewrite(&self, _: &Token) -> bool {
        true
    }

    fn supports(&self, _: &Field) -> bool {
        false
    }

    async fn count(&self, _: Timestamp) -> Outcome<u64> {
        own("own count")
    }

    async fn list(&self, _: Option<&Cursor>, _: usize, _: Timestamp) -> Outcome<Page> {
        own("own list")
    }

    async fn find_by(&self, _: &str, _: &[u8], _: &[&str], _: Timestamp) -> Outcome<Vec<Record>> {
        own("own find_by")
    }

    async fn destroy_by(
        &self,
        _: &str,
        _: &[u8],
        _: Option<HandleId>,
        _: Timestamp,
    ) -> Outcome<Vec<HandleId>> {
        own("own destroy_by")
    }

    async fn destroy_by_id(&self, _: HandleId, _: Option<(&str, &[u8])>, _: Timestamp) -> Outcome<bool> {
        own("own destroy_by_id")
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default().with_record_in_token().with_stateless().with_session_limits()
    }

    async fn create_limited(
        &self,
        _: &Record,
        _: SessionLimit<'_>,
        _: Timestamp,
    ) -> Outcome<Limited<Option<Token>>> {
        own("own create_limited")
    }

    async fn renew_limited(
        &self,
        _: &Token,
        _: &Patch,
        _: SessionLimit<'_>,
        _: Timestamp,
    ) -> Outcome<Limited<WriteOutcome>> {
        own("own renew_limited")
    }

    async fn clear(&self) -> Outcome<u64> {
        own("own clear")
    }

    async fn sweep(&self, _: Timestamp) -> Outcome<u64> {
        own("own sweep")
    }
}

/// Returns the results of all methods of a store as text.
async fn results(store: impl Store) -> String {
    let (now, id, token, patch) =
        (Timestamp::from_millis(0), HandleId::from([0; 16]), Token::from("a"), Patch::new());
    let meta = Meta {
        id,
        created_at: now,
        authenticated_at: None,
        idle_deadline: now,
        idle_timeout: std::time::Duration::MAX,
        lifetime_deadline: now,
        remember: false,
    };
    let record = Record::new(&meta, []);
    let limit = SessionLimit { name: "user", value: b"ada", max: NonZeroUsize::MIN, on_full: Evict::Oldest };
    let mut all = format!(
        "{} {} {} {} {} {} {}",
        store.name(),
        store.wants_rewrite(&token),
        store.capabilities().record_in_token,
        store.supports(&Field::new("a")),
        store.capabilities().stateless,
        store.capabilities().session_limits,
        store.refusal(&token, now).await,
    );
    macro_rules! call {
        ($($result:expr),* $(,)?) => { $(write!(all, " {:?}", $result.await.map(drop)).unwrap();)* };
    }
    call!(
        store.load(&token, now),
        store.create(&record, now),
        store.update(&token, &patch, now),
        store.touch(&token, now, now),
        store.renew(&token, &patch, now),
        store.destroy(&token),
        store.ping(),
        store.count(now),
        store.list(None, 1, now),
        store.find_by("user", b"ada", &["device"], now),
        store.destroy_by("user", b"ada", None, now),
        store.destroy_by_id(id, None, now),
        store.create_limited(&record, limit, now),
        store.renew_limited(&token, &patch, limit, now),
        store.clear(),
        store.sweep(now),
    );
    all
}

#[tokio::test]
async fn a_store_behind_a_pointer_forwards_every_method() {
    let itself = results(Distinct).await;
    assert_eq!(itself.matches("own ").count(), 17, "{itself}");
    assert_eq!(results(Box::new(Distinct)).await, itself);
    assert_eq!(results(Arc::new(Distinct)).await, itself);
    assert_eq!(results(Box::new(Distinct) as Box<dyn DynStore>).await, itself);
    assert_eq!(results(Arc::new(Distinct) as Arc<dyn DynStore>).await, itself);
    let twice: Arc<dyn DynStore> = Arc::new(Box::new(Distinct) as Box<dyn DynStore>);
    assert_eq!(results(twice).await, itself);
}

struct Unchanged(Distinct);

impl Wrapper for Unchanged {
    fn inner(&self) -> &dyn DynStore {
        &self.0
    }
}

#[tokio::test]
async fn a_wrapper_without_overrides_forwards_every_method() {
    assert_eq!(results(Unchanged(Distinct)).await, results(Distinct).await);
}
