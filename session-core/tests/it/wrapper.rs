//! Stores behind pointers.

use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::sync::Arc;

use session_core::{
    Capabilities, Cursor, DynStore, Evict, Field, HandleId, Meta, Page, Patch, Record, SessionLimit, Store,
    StoreError, Timestamp, Token, Wrapper, WriteOutcome,
};

/// A store whose every answer is its own and no default.
struct Own;

type Answer<T> = Result<T, StoreError>;

fn own<T>(verb: &'static str) -> Answer<T> {
    Err(StoreError::Unsupported(verb))
}

impl Store for Own {
    fn name(&self) -> &'static str {
        "own"
    }

    async fn load(&self, _: &Token, _: Timestamp) -> Answer<Option<Record>> {
        own("own load")
    }

    async fn create(&self, _: &Record, _: Timestamp) -> Answer<Token> {
        own("own create")
    }

    async fn update(&self, _: &Token, _: &Patch, _: Timestamp) -> Answer<WriteOutcome> {
        own("own update")
    }

    async fn touch(&self, _: &Token, _: Timestamp, _: Timestamp) -> Answer<WriteOutcome> {
        own("own touch")
    }

    async fn renew(&self, _: &Token, _: &Patch, _: Timestamp) -> Answer<WriteOutcome> {
        own("own renew")
    }

    async fn destroy(&self, _: &Token) -> Answer<bool> {
        own("own destroy")
    }

    async fn ping(&self) -> Answer<()> {
        own("own ping")
    }

    fn wants_rewrite(&self, _: &Token) -> bool {
        true
    }

    fn supports(&self, _: &Field) -> bool {
        false
    }

    async fn count(&self, _: Timestamp) -> Answer<u64> {
        own("own count")
    }

    async fn list(&self, _: Option<&Cursor>, _: usize, _: Timestamp) -> Answer<Page> {
        own("own list")
    }

    async fn find_by(&self, _: &str, _: &[u8], _: &[&str], _: Timestamp) -> Answer<Vec<Record>> {
        own("own find_by")
    }

    async fn destroy_by(&self, _: &str, _: &[u8], _: Option<HandleId>, _: Timestamp) -> Answer<u64> {
        own("own destroy_by")
    }

    async fn destroy_by_id(&self, _: HandleId, _: Option<(&str, &[u8])>, _: Timestamp) -> Answer<bool> {
        own("own destroy_by_id")
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default().with_record_in_token().with_stateless().with_session_limits()
    }

    async fn create_limited(&self, _: &Record, _: SessionLimit<'_>, _: Timestamp) -> Answer<Option<Token>> {
        own("own create_limited")
    }

    async fn renew_limited(
        &self,
        _: &Token,
        _: &Patch,
        _: SessionLimit<'_>,
        _: Timestamp,
    ) -> Answer<WriteOutcome> {
        own("own renew_limited")
    }

    async fn clear(&self) -> Answer<u64> {
        own("own clear")
    }

    async fn sweep(&self, _: Timestamp) -> Answer<u64> {
        own("own sweep")
    }
}

/// What a store says of itself and answers, verb by verb.
async fn answers(store: impl Store) -> String {
    let (now, id, token, patch) =
        (Timestamp::from_millis(0), HandleId::from([0; 16]), Token::from("a"), Patch::new());
    let meta = Meta {
        id,
        created_at: now,
        idle_deadline: now,
        idle_timeout: std::time::Duration::MAX,
        lifetime_deadline: now,
        remember: false,
    };
    let record = Record::new(&meta, []);
    let limit = SessionLimit { name: "user", value: b"ada", max: NonZeroUsize::MIN, on_full: Evict::Oldest };
    let mut all = format!(
        "{} {} {} {} {} {}",
        store.name(),
        store.wants_rewrite(&token),
        store.capabilities().record_in_token,
        store.supports(&Field::new("a")),
        store.capabilities().stateless,
        store.capabilities().session_limits,
    );
    macro_rules! ask {
        ($($answer:expr),* $(,)?) => { $(write!(all, " {:?}", $answer.await.map(drop)).unwrap();)* };
    }
    ask!(
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
async fn a_store_behind_a_pointer_answers_everything_itself() {
    let itself = answers(Own).await;
    assert_eq!(itself.matches("own ").count(), 17, "{itself}");
    assert_eq!(answers(Box::new(Own)).await, itself);
    assert_eq!(answers(Arc::new(Own)).await, itself);
    assert_eq!(answers(Box::new(Own) as Box<dyn DynStore>).await, itself);
    assert_eq!(answers(Arc::new(Own) as Arc<dyn DynStore>).await, itself);
    let twice: Arc<dyn DynStore> = Arc::new(Box::new(Own) as Box<dyn DynStore>);
    assert_eq!(answers(twice).await, itself);
}

struct Unchanged(Own);

impl Wrapper for Unchanged {
    fn inner(&self) -> &dyn DynStore {
        &self.0
    }
}

#[tokio::test]
async fn a_wrapper_that_changes_nothing_answers_as_the_store_in_it() {
    assert_eq!(answers(Unchanged(Own)).await, answers(Own).await);
}
