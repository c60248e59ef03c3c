//! Concurrent requests of one session in a store.

use std::sync::Arc;
use std::time::Duration;

use session::{
    Databag, Error, ManualClock, MemoryStore, Record, Session, SessionManager, Store, Timestamp, Token,
};

use super::record;

#[derive(Databag)]
struct Bag {
    #[databag(counter)]
    visits: u32,
    #[databag(cas)]
    step: u8,
    #[databag(ttl = "1m")]
    code: Option<String>,
    #[databag(flash)]
    notices: Vec<String>,
    #[databag(keep)]
    theme: String,
    theirs: u8,
}

type Accessors = <Bag as Databag>::Accessors;

/// A session in a store.
struct Shared {
    store: Arc<MemoryStore>,
    manager: SessionManager<Bag>,
    token: Token,
    clock: ManualClock,
}

impl Shared {
    async fn new() -> Self {
        let clock = ManualClock::starting_at(Timestamp::from_millis(0));
        let store = Arc::new(MemoryStore::new());
        let manager = SessionManager::builder(Arc::clone(&store)).clock(&clock).build().unwrap();
        let token = store.create(&record([]), clock.now()).await.unwrap();
        Self { store, manager, token, clock }
    }

    async fn record(&self) -> Record {
        self.store.load(&self.token, self.clock.now()).await.unwrap().unwrap()
    }

    /// Starts a request.
    async fn begin(&self) -> (Accessors, Session<Bag>) {
        let session = self.manager.get(&self.token).await.unwrap();
        (session.data.clone(), session)
    }

    /// Ends the request. Returns the field that was changed meanwhile, if it is a conflict.
    async fn end(&self, session: &Session<Bag>) -> Result<(), String> {
        match session.save().await {
            Err(Error::Conflict { field }) => Err(field),
            Err(error) => panic!("{error}"),
            Ok(()) => Ok(()),
        }
    }
}

#[tokio::test]
async fn a_hundred_requests_that_add_one_make_a_hundred() {
    let shared = std::sync::Arc::new(Shared::new().await);
    let start = std::sync::Arc::new(tokio::sync::Barrier::new(100));
    let requests: Vec<_> = (0..100)
        .map(|_| {
            let (shared, start) = (shared.clone(), start.clone());
            tokio::spawn(async move {
                let (bag, data) = shared.begin().await;
                start.wait().await;
                assert_eq!(bag.add_visits(1), 1);
                assert_eq!(shared.end(&data).await, Ok(()));
            })
        })
        .collect();
    for request in requests {
        request.await.unwrap();
    }
    assert_eq!(shared.begin().await.0.visits(), 100);
}

#[tokio::test]
async fn of_two_requests_that_write_a_compared_field_one_wins() {
    let shared = Shared::new().await;
    let ((one, of_one), (two, of_two)) = (shared.begin().await, shared.begin().await);
    one.set_step(1);
    two.set_step(2);
    two.set_theirs(2);
    assert_eq!(shared.end(&of_one).await, Ok(()));
    assert_eq!(shared.end(&of_two).await, Err("step".into()));
    let (seen, data) = shared.begin().await;
    assert_eq!((seen.step(), seen.theirs()), (1, 0));
    seen.update_step(|step| *step += 1);
    assert_eq!(shared.end(&data).await, Ok(()));
    one.set_step(9);
    assert_eq!(shared.end(&of_one).await, Err("step".into()));
}

#[tokio::test]
async fn who_saw_a_value_expired_does_not_drop_the_one_that_took_its_place() {
    let shared = Shared::new().await;
    let (bag, data) = shared.begin().await;
    bag.set_code("old");
    assert_eq!(shared.end(&data).await, Ok(()));
    shared.clock.advance(Duration::from_secs(60));
    let ((late, of_late), (fresh, of_fresh)) = (shared.begin().await, shared.begin().await);
    assert_eq!(late.code(), None);
    late.set_theirs(1);
    fresh.set_code("new");
    assert_eq!(shared.end(&of_fresh).await, Ok(()));
    assert_eq!(shared.end(&of_late).await, Ok(()));
    let (seen, _) = shared.begin().await;
    assert_eq!((seen.code().as_deref(), seen.theirs()), (Some("new"), 1));
}

#[tokio::test]
async fn what_has_expired_is_gone_from_the_store_with_the_next_write() {
    let shared = Shared::new().await;
    let (bag, data) = shared.begin().await;
    bag.set_code("old");
    assert_eq!(shared.end(&data).await, Ok(()));
    shared.clock.advance(Duration::from_secs(60));
    let (bag, data) = shared.begin().await;
    assert_eq!(bag.code(), None);
    assert_eq!(shared.end(&data).await, Ok(()));
    assert!(shared.record().await.get("code").is_some(), "nothing was changed, so nothing was written");
    bag.add_visits(1);
    assert_eq!(shared.end(&data).await, Ok(()));
    assert!(shared.record().await.get("code").is_none());
}

#[tokio::test]
async fn a_message_is_shown_once_to_the_next_request_that_takes_it() {
    let shared = Shared::new().await;
    let (bag, data) = shared.begin().await;
    bag.set_notices(["saved".to_owned()]);
    assert_eq!(bag.take_notices(), [""; 0]);
    assert_eq!(shared.end(&data).await, Ok(()));

    let (bag, data) = shared.begin().await;
    bag.set_theirs(1);
    assert_eq!(shared.end(&data).await, Ok(()));

    let (bag, data) = shared.begin().await;
    assert_eq!(bag.take_notices(), ["saved"]);
    bag.keep_notices();
    assert_eq!(shared.end(&data).await, Ok(()));

    let (bag, data) = shared.begin().await;
    assert_eq!(bag.take_notices(), ["saved"]);
    assert_eq!(shared.end(&data).await, Ok(()));
    assert!(shared.record().await.get("notices").is_none());
    assert_eq!(shared.begin().await.0.take_notices(), [""; 0]);
}

#[tokio::test]
async fn taking_a_message_leaves_the_one_that_another_request_set_meanwhile() {
    let shared = Shared::new().await;
    let (bag, data) = shared.begin().await;
    bag.set_notices(["first".to_owned()]);
    assert_eq!(shared.end(&data).await, Ok(()));
    let ((reader, of_reader), (writer, of_writer)) = (shared.begin().await, shared.begin().await);
    writer.set_notices(["second".to_owned()]);
    assert_eq!(reader.take_notices(), ["first"]);
    assert_eq!(shared.end(&of_writer).await, Ok(()));
    assert_eq!(shared.end(&of_reader).await, Ok(()));
    assert_eq!(shared.begin().await.0.take_notices(), ["second"]);
}

#[tokio::test]
async fn only_what_is_kept_survives_when_the_rest_is_dropped() {
    let shared = Shared::new().await;
    let (bag, data) = shared.begin().await;
    bag.set_theme("dark");
    bag.set_theirs(1);
    bag.add_visits(1);
    assert_eq!(shared.end(&data).await, Ok(()));
    let (bag, data) = shared.begin().await;
    data.renew_and_clear();
    assert_eq!((bag.theme().as_str(), bag.theirs(), bag.visits()), ("dark", 0, 0));
    assert_eq!(shared.end(&data).await, Ok(()));
    let token = data.token().unwrap();
    let record = shared.store.load(&token, shared.clock.now()).await.unwrap().unwrap();
    let names: Vec<_> = record.fields().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(names, ["theme"]);
}
