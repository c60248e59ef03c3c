//! The process-wide manager.

use std::thread;

use session::{ConfigError, Databag, MemoryStore, SessionManager};

use crate::support::{Bag, Log, Site, seconds};

/// There is one per process, so a single test covers it.
#[tokio::test]
async fn the_process_has_one_manager_set_once_for_one_databag() {
    assert!(session::manager::<Bag>().is_none());

    let no_timeout = || SessionManager::<Bag>::builder(MemoryStore::new()).timeout(seconds(0)).build();
    assert_eq!(session::configure(no_timeout), Err(ConfigError::NoIdleTimeout));
    assert!(session::manager::<Bag>().is_none(), "what was refused sets nothing");

    let events = Log::default();
    let configure = || {
        let (started, deleted) = (events.clone(), events.clone());
        session::configure(|| {
            SessionManager::<Bag>::builder(MemoryStore::new())
                .timeout(seconds(60))
                .session_key("sid")
                .on_started(move |id, _| started.push(format!("started {id}")))
                .on_deleted(move |id, _| deleted.push(format!("deleted {id}")))
                .build()
        })
    };
    let outcomes: Vec<_> = thread::scope(|scope| {
        let racers: Vec<_> = (0..8).map(|_| scope.spawn(configure)).collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(()) | Err(ConfigError::AlreadyConfigured))));
    assert_eq!(
        ConfigError::AlreadyConfigured.to_string(),
        "`session::configure` was called before; the default is set once, when the process starts"
    );

    let untouched = || -> Result<SessionManager<Bag>, _> { panic!("the second call builds nothing") };
    assert_eq!(session::configure(untouched), Err(ConfigError::AlreadyConfigured));
    let (manager, _site) = Site::managed(|builder| builder);
    assert_eq!(session::configure(|| Ok(manager)), Err(ConfigError::AlreadyConfigured));
    let other = || Ok(SessionManager::<Other>::new(MemoryStore::new()));
    assert_eq!(session::configure(other), Err(ConfigError::AlreadyConfigured));
    assert!(session::manager::<Other>().is_none(), "it is a manager of another databag");

    let manager = session::manager::<Bag>().unwrap();
    assert_eq!(manager.store_name(), "memory");
    let session = manager.create().await.unwrap();
    let (id, token) = (session.id().unwrap(), session.token().unwrap());
    assert_eq!(session.meta().unwrap().idle_timeout, seconds(60));
    assert!(session.cookie().unwrap().to_str().unwrap().starts_with("sid="));
    let again = session::manager::<Bag>().unwrap();
    again.destroy(&again.get(&token).await.unwrap()).await.unwrap();
    assert!(manager.find(&token).await.unwrap().is_none());
    assert_eq!(events.take(), [format!("started {id}"), format!("deleted {id}")]);
}

#[derive(Databag)]
struct Other {}
