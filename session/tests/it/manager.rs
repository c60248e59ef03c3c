//! Sessions without HTTP.

use session::{Error, MemoryStore, Record, SessionManager, Store, StoreError, Timestamp, Token};
use session_core::{Patch, WriteOutcome};

use crate::support::{Bag, Browser, Site, T0, Verb, seconds};

#[tokio::test]
async fn a_created_session_is_stored_at_once_with_every_field_at_its_default() {
    let (manager, site) = Site::managed(|builder| builder);
    let session = manager.create().await.unwrap();
    assert_eq!(site.calls(), [Verb::Create]);
    assert_eq!(site.store.len(), 1);
    assert!(session.is_new() && session.is_valid());
    assert_eq!(session.data.name(), "nobody");
    let meta = session.meta().unwrap();
    assert_eq!(Some(meta.id), session.id());
    assert_eq!((meta.created_at, meta.deadline()), (T0, T0.after(seconds(1800))));
}

#[tokio::test]
async fn a_session_created_with_a_databag_holds_its_fields() {
    let (manager, site) = Site::managed(|builder| builder);
    let bag = Bag { name: "ada".to_owned(), visits: 7, ..Bag::default() };
    let session = manager.create_with(bag).await.unwrap();
    let found = manager.get(&session.token().unwrap()).await.unwrap();
    assert_eq!((found.data.name().as_str(), found.data.visits(), found.data.user()), ("ada", 7, None));
    assert_eq!(found.id(), session.id());
    assert_eq!(site.calls(), [Verb::Create, Verb::Load]);
}

#[tokio::test]
async fn every_session_created_is_another_one() {
    let (manager, site) = Site::managed(|builder| builder);
    let one = manager.create().await.unwrap();
    let other = manager.create().await.unwrap();
    assert_ne!(one.id(), other.id());
    assert_ne!(one.token(), other.token());
    assert_eq!(site.store.len(), 2);
}

#[tokio::test]
async fn finding_answers_none_and_getting_an_error_for_a_session_that_is_not_there() {
    let (manager, site) = Site::managed(|builder| builder);
    for token in ["", "null", "A".repeat(43).as_str()] {
        assert!(manager.find(token).await.unwrap().is_none());
        assert!(matches!(manager.get(token).await, Err(Error::NotFound)));
    }
    assert_eq!(
        Error::NotFound.to_string(),
        "there is no such session; create one, or let the visitor sign in again"
    );
    assert_eq!(site.store.len(), 0);
    assert_eq!(site.errors.take(), [""; 0]);
}

#[tokio::test]
async fn an_outage_is_an_error_and_never_a_session_that_is_not_there() {
    let (manager, site) = Site::managed(|builder| builder);
    let token = manager.create().await.unwrap().token().unwrap();
    site.store.break_down(Verb::Load);
    assert!(matches!(manager.find(&token).await, Err(Error::Load(StoreError::Unavailable(_)))));
    assert_eq!(site.errors.take().len(), 1);
    assert!(matches!(manager.get(&token).await, Err(Error::Load(StoreError::Unavailable(_)))));
    assert_eq!(site.errors.take().len(), 1);
    site.store.recover();
    assert!(manager.find(&token).await.unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_ping_says_whether_the_store_answers() {
    let (manager, site) = Site::managed(|builder| builder.io_timeout(std::time::Duration::from_secs(2)));
    manager.ping().await.unwrap();
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(site.store.len(), 0);
    site.store.break_down(Verb::Load);
    assert!(matches!(manager.ping().await, Err(Error::Manage(StoreError::Unavailable(_)))));
    site.store.recover();
    site.store.hang(Verb::Load);
    assert!(matches!(manager.ping().await, Err(Error::Manage(StoreError::Timeout))));
    assert_eq!(site.errors.take().len(), 2);
    site.store.recover();
    manager.ping().await.unwrap();
}

#[tokio::test]
async fn saving_writes_what_changed_and_nothing_when_nothing_did() {
    let (manager, site) = Site::managed(|builder| builder);
    let session = manager.create().await.unwrap();
    session.data.set_name("ada");
    manager.save(&session).await.unwrap();
    manager.save(&session).await.unwrap();
    assert_eq!(site.calls(), [Verb::Create, Verb::Update]);
    let patches = site.store.take_patches();
    assert_eq!(patches.len(), 1);
    assert_eq!(patches[0].changes().map(|(name, _)| name).collect::<Vec<_>>(), ["name"]);
}

#[tokio::test]
async fn a_save_that_failed_can_be_tried_again() {
    let (manager, site) = Site::managed(|builder| builder);
    let session = manager.create().await.unwrap();
    session.data.set_name("ada");
    site.store.break_down(Verb::Update);
    assert!(matches!(manager.save(&session).await, Err(Error::Save(StoreError::Unavailable(_)))));
    assert_eq!(site.errors.take().len(), 1);
    assert_eq!(session.data.name(), "ada");
    site.store.recover();
    manager.save(&session).await.unwrap();
    assert_eq!(manager.get(&session.token().unwrap()).await.unwrap().data.name(), "ada");
    assert_eq!(site.errors.take(), [""; 0]);
}

#[tokio::test]
async fn two_handles_of_one_session_meet_in_the_store_and_keep_each_others_fields() {
    let (manager, _site) = Site::managed(|builder| builder);
    let one = manager.create().await.unwrap();
    let token = one.token().unwrap();
    let other = manager.get(&token).await.unwrap();
    one.data.set_a(1u32);
    other.data.set_b(2u32);
    assert_eq!(other.data.a(), 0, "nothing is shared but the store");
    one.save().await.unwrap();
    other.save().await.unwrap();
    let found = manager.get(&token).await.unwrap();
    assert_eq!((found.data.a(), found.data.b()), (1, 2));
}

#[tokio::test]
async fn destroying_ends_a_session_at_once_and_may_be_repeated() {
    let (manager, site) = Site::managed(|builder| builder);
    let session = manager.create().await.unwrap();
    let token = session.token().unwrap();
    session.data.set_name("ada");
    manager.destroy(&session).await.unwrap();
    assert_eq!(site.calls(), [Verb::Create, Verb::Destroy]);
    assert!(!session.is_valid());
    assert!(session.token().is_none() && session.id().is_none());
    assert_eq!(session.data.name(), "nobody");
    assert!(manager.find(&token).await.unwrap().is_none());
    manager.destroy(&session).await.unwrap();
    assert_eq!(site.calls(), [Verb::Load]);
}

#[tokio::test]
async fn a_destroy_that_failed_is_an_error_and_the_session_may_be_alive() {
    let (manager, site) = Site::managed(|builder| builder);
    let session = manager.create().await.unwrap();
    let token = session.token().unwrap();
    site.store.break_down(Verb::Destroy);
    assert!(matches!(manager.destroy(&session).await, Err(Error::Destroy(_))));
    assert_eq!(site.errors.take().len(), 1);
    site.store.recover();
    assert!(manager.find(&token).await.unwrap().is_some());
    manager.destroy(&session).await.unwrap();
    assert!(manager.find(&token).await.unwrap().is_none());
}

#[tokio::test]
async fn saving_a_session_that_another_handle_destroyed_is_refused_and_revives_nothing() {
    let (manager, site) = Site::managed(|builder| builder);
    let one = manager.create().await.unwrap();
    let other = manager.get(&one.token().unwrap()).await.unwrap();
    manager.destroy(&other).await.unwrap();
    one.data.set_name("ada");
    assert!(matches!(one.save().await, Err(Error::Gone)));
    assert!(matches!(one.save().await, Err(Error::Gone)), "it stays refused");
    assert_eq!(site.store.len(), 0);
    assert_eq!(site.gone.take(), [one.id().unwrap().to_string()]);
    assert_eq!(site.errors.take(), [""; 0]);
    assert!(!one.is_valid() && one.token().is_none());
    assert_eq!(site.calls(), [Verb::Create, Verb::Load, Verb::Destroy, Verb::Update]);
}

#[tokio::test]
async fn what_was_requested_of_a_session_that_is_gone_is_refused_each_time_and_destroying_it_is_not() {
    let actions: [fn(&crate::support::Session); 4] = [
        |session| session.renew(),
        |session| session.set_lifetime(seconds(60)),
        |session| session.remember(true),
        |session| session.clear(),
    ];
    for action in actions {
        let (manager, site) = Site::managed(|builder| builder);
        let session = manager.create().await.unwrap();
        session.data.set_name("ada");
        session.save().await.unwrap();
        manager.clear().await.unwrap();
        action(&session);
        assert!(matches!(session.save().await, Err(Error::Gone)));
        assert!(matches!(session.save().await, Err(Error::Gone)));
        assert_eq!(site.store.len(), 0);
        manager.destroy(&session).await.unwrap();
        assert_eq!(site.errors.take(), [""; 0]);
    }
}

#[tokio::test]
async fn reloading_drops_what_was_not_saved_and_shows_what_others_saved() {
    let (manager, site) = Site::managed(|builder| builder);
    let session = manager.create().await.unwrap();
    let other = manager.get(&session.token().unwrap()).await.unwrap();
    other.data.set_a(1u32);
    other.save().await.unwrap();
    session.data.set_name("ada");
    site.calls();
    session.reload().await.unwrap();
    assert_eq!((session.data.name().as_str(), session.data.a()), ("nobody", 1));
    session.save().await.unwrap();
    assert_eq!(site.calls(), [Verb::Load]);

    manager.destroy(&other).await.unwrap();
    assert!(matches!(session.reload().await, Err(Error::Gone)));
    assert_eq!((session.data.name().as_str(), session.data.a()), ("nobody", 0));
    assert!(!session.is_valid());
}

#[tokio::test]
async fn a_reload_that_fails_leaves_everything_as_it_was() {
    let (manager, site) = Site::managed(|builder| builder);
    let session = manager.create().await.unwrap();
    session.data.set_name("ada");
    site.store.break_down(Verb::Load);
    assert!(matches!(session.reload().await, Err(Error::Load(_))));
    assert_eq!(session.data.name(), "ada");
    assert!(session.is_valid());
    session.save().await.unwrap();
    assert_eq!(site.errors.take().len(), 1);
}

#[tokio::test]
async fn counting_and_visiting_see_only_the_living() {
    let (manager, site) = Site::managed(|builder| builder);
    manager.create().await.unwrap();
    site.at(1000);
    for name in ["ada", "grace"] {
        manager.create_with(Bag { name: name.to_owned(), ..Bag::default() }).await.unwrap();
    }
    site.at(1800);
    assert_eq!(site.store.len(), 3, "the bytes of the expired one are still there");
    assert_eq!(manager.count().await.unwrap(), 2);
    let mut names = Vec::new();
    let visited = manager.for_each(|meta, data| {
        assert_eq!(meta.created_at, T0.after(seconds(1000)));
        names.push(data.name());
        Ok::<_, Error>(())
    });
    visited.await.unwrap();
    names.sort();
    assert_eq!(names, ["ada", "grace"]);
}

#[tokio::test]
async fn visiting_reaches_each_of_many_sessions_once() {
    let (manager, _site) = Site::managed(|builder| builder);
    let mut created = Vec::new();
    for _ in 0..1000 {
        created.push(manager.create().await.unwrap().id().unwrap());
    }
    let mut visited = Vec::new();
    let all = manager.for_each(|meta, _| {
        visited.push(meta.id);
        Ok::<_, Error>(())
    });
    all.await.unwrap();
    created.sort();
    visited.sort();
    assert_eq!(visited, created);
}

#[tokio::test]
async fn an_error_of_the_visitor_ends_the_visit_and_is_the_visits_own() {
    #[derive(Debug)]
    struct StopVisit(Option<Error>);
    impl From<Error> for StopVisit {
        fn from(error: Error) -> Self {
            Self(Some(error))
        }
    }

    let (manager, site) = Site::managed(|builder| builder);
    for _ in 0..3 {
        manager.create().await.unwrap();
    }
    let mut visited = 0;
    let all = manager.for_each(|_, _| {
        visited += 1;
        if visited == 2 { Err(StopVisit(None)) } else { Ok(()) }
    });
    assert!(matches!(all.await, Err(StopVisit(None))));
    assert_eq!(visited, 2);
    assert_eq!(site.errors.take(), [""; 0]);
}

#[tokio::test]
async fn what_a_visitor_sets_goes_nowhere() {
    let (manager, site) = Site::managed(|builder| builder);
    let token = manager.create().await.unwrap().token().unwrap();
    site.calls();
    let all = manager.for_each(|_, data| {
        data.set_name("ada");
        Ok::<_, Error>(())
    });
    all.await.unwrap();
    assert_eq!(site.calls(), []);
    assert_eq!(manager.get(&token).await.unwrap().data.name(), "nobody");
}

#[tokio::test]
async fn clearing_ends_every_session_and_says_how_many_there_were() {
    let (manager, site) = Site::managed(|builder| builder);
    let token = manager.create().await.unwrap().token().unwrap();
    manager.create().await.unwrap();
    assert_eq!(manager.clear().await.unwrap(), 2);
    assert_eq!((site.store.len(), manager.count().await.unwrap()), (0, 0));
    assert!(manager.find(&token).await.unwrap().is_none());
    assert_eq!(manager.clear().await.unwrap(), 0);
}

#[tokio::test]
async fn a_session_made_by_hand_is_the_one_that_the_layer_finds() {
    let (manager, site) = Site::managed(|builder| builder);
    let bag = Bag { name: "ada".to_owned(), ..Bag::default() };
    let token = manager.create_with(bag).await.unwrap().token().unwrap();
    let browser = Browser::with_cookie("__Host-session", token.expose());
    assert_eq!(site.name_of(&browser).await, "ada");
}

#[test]
fn a_manager_says_in_which_store_it_keeps_its_sessions() {
    assert_eq!(SessionManager::<Bag>::new(MemoryStore::new()).store_name(), "memory");
    assert_eq!(Site::managed(|builder| builder).0.store_name(), "spy");
}

#[tokio::test]
async fn what_a_store_does_not_offer_is_an_error_that_names_it() {
    let manager = SessionManager::<Bag>::new(MinimalStore(MemoryStore::new()));
    let session = manager.create().await.unwrap();
    assert!(matches!(manager.count().await, Err(Error::Manage(StoreError::Unsupported("count")))));
    assert!(matches!(manager.sweep().await, Err(Error::Manage(StoreError::Unsupported("sweep")))));
    assert!(matches!(manager.clear().await, Err(Error::Manage(StoreError::Unsupported("clear")))));
    let visit = manager.for_each(|_, _| Ok::<_, Error>(())).await;
    assert!(matches!(visit, Err(Error::Manage(StoreError::Unsupported("list")))));
    assert!(manager.find(&session.token().unwrap()).await.unwrap().is_some());
}

/// A store with only the required methods.
struct MinimalStore(MemoryStore);

impl Store for MinimalStore {
    fn name(&self) -> &'static str {
        "six verbs"
    }

    async fn load(&self, token: &Token, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.0.load(token, now).await
    }

    async fn create(&self, record: &Record, now: Timestamp) -> Result<Token, StoreError> {
        self.0.create(record, now).await
    }

    async fn update(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        self.0.update(token, patch, now).await
    }

    async fn touch(&self, token: &Token, to: Timestamp, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        self.0.touch(token, to, now).await
    }

    async fn renew(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        self.0.renew(token, patch, now).await
    }

    async fn destroy(&self, token: &Token) -> Result<bool, StoreError> {
        self.0.destroy(token).await
    }
}
