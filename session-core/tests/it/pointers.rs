//! Stores behind pointers.

use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::sync::Arc;

use session_core::{
    Cap, Cursor, DynStore, Evict, Field, HandleId, Meta, Page, Patch, Record, Store, StoreError, Timestamp,
    Token, Written,
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

    async fn update(&self, _: &Token, _: &Patch, _: Timestamp) -> Answer<Written> {
        own("own update")
    }

    async fn touch(&self, _: &Token, _: Timestamp, _: Timestamp) -> Answer<Written> {
        own("own touch")
    }

    async fn renew(&self, _: &Token, _: &Patch, _: Timestamp) -> Answer<Written> {
        own("own renew")
    }

    async fn destroy(&self, _: &Token) -> Answer<bool> {
        own("own destroy")
    }

    async fn ping(&self) -> Answer<()> {
        own("own ping")
    }

    fn needs_rewrite(&self, _: &Token) -> bool {
        true
    }

    fn writes_move(&self) -> bool {
        true
    }

    fn serves(&self, _: &Field) -> bool {
        false
    }

    fn is_stateless(&self) -> bool {
        true
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

    fn offers_caps(&self) -> bool {
        true
    }

    async fn create_within(&self, _: &Record, _: Cap<'_>, _: Timestamp) -> Answer<Option<Token>> {
        own("own create_within")
    }

    async fn renew_within(&self, _: &Token, _: &Patch, _: Cap<'_>, _: Timestamp) -> Answer<Written> {
        own("own renew_within")
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
    let cap = Cap { name: "user", value: b"ada", most: NonZeroUsize::MIN, evict: Evict::Oldest };
    let mut all = format!(
        "{} {} {} {} {} {}",
        store.name(),
        store.needs_rewrite(&token),
        store.writes_move(),
        store.serves(&Field::new("a")),
        store.is_stateless(),
        store.offers_caps(),
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
        store.create_within(&record, cap, now),
        store.renew_within(&token, &patch, cap, now),
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
