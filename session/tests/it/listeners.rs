//! Listeners to sessions of a manager.

use session::{Builder, Databag, HandleId, MemoryStore, SessionLayer, SessionManager};

use crate::support::{Bag, Browser, Log, Session, Site, Verb, seconds};

/// Creates a manager whose five listeners record the event and the name in the data, and check the handle id.
fn listening(
    configure: impl FnOnce(Builder<SessionManager<Bag>>) -> Builder<SessionManager<Bag>>,
) -> (SessionManager<Bag>, Site, Log) {
    let log = Log::default();
    let record = |moment: &'static str| {
        let log = log.clone();
        move |id: HandleId, data: &<Bag as Databag>::Accessors| {
            log.push(format!("{moment} {} {id}", data.name()));
        }
    };
    let (manager, site) = Site::managed(|builder| {
        configure(builder)
            .on_started(record("started"))
            .on_loaded(record("loaded"))
            .on_client(record("client"))
            .on_regenerated(record("regenerated"))
            .on_deleted(record("deleted"))
    });
    (manager, site, log)
}

/// Returns the recorded events, without the handle ids, which must all be `id`.
fn take(log: &Log, id: &str) -> Vec<String> {
    let lines = log.take();
    lines.iter().map(|line| line.strip_suffix(id).unwrap().trim_end().to_owned()).collect()
}

async fn id_of(session: Session) -> String {
    session.id().unwrap().to_string()
}

/// Returns a visitor with a stored session, after the events were taken, and its handle id.
async fn known_visitor(site: &Site, log: &Log) -> (Browser, String) {
    let mut browser = site.visitor("ada").await;
    let id = site.visit(&mut browser, id_of).await.body;
    site.calls();
    log.take();
    (browser, id)
}

#[tokio::test]
async fn a_first_write_starts_a_session_and_gives_it_to_the_client() {
    let (_, site, log) = listening(|builder| builder);
    let mut browser = Browser::new();
    site.visit(&mut browser, |session: Session| async move { session.data.set_name("ada") }).await;
    let recorded = log.take();
    let id = site.visit(&mut browser, id_of).await.body;
    assert_eq!(recorded, [format!("started ada {id}"), format!("client ada {id}")]);
    assert_eq!(log.take(), [format!("loaded ada {id}")]);
}

#[tokio::test]
async fn an_anonymous_or_unknown_visitor_is_no_event() {
    let (_, site, log) = listening(|builder| builder);
    let read = |session: Session| async move { session.data.name() };
    site.visit(&mut Browser::new(), read).await;
    site.visit(&mut Browser::with_cookie("__Host-session", &"A".repeat(43)), read).await;
    site.visit(&mut Browser::new(), |session: Session| async move { session.destroy() }).await;
    assert_eq!(log.take(), [""; 0]);
}

#[tokio::test]
async fn a_session_is_loaded_once_in_a_request_however_often_it_is_requested() {
    let (_, site, log) = listening(|builder| builder);
    let (mut browser, id) = known_visitor(&site, &log).await;
    site.visit(&mut browser, |_: Session, _: Session, _: Session| async {}).await;
    assert_eq!(take(&log, &id), ["loaded ada"]);
    assert_eq!(site.calls(), [Verb::Load]);
}

#[tokio::test]
async fn a_request_that_does_not_use_its_session_is_no_event() {
    let (_, site, log) = listening(|builder| builder);
    let (mut browser, _) = known_visitor(&site, &log).await;
    site.visit(&mut browser, || async {}).await;
    assert_eq!(log.take(), [""; 0]);
}

#[tokio::test]
async fn a_renewal_is_reported_with_the_data_it_carried_along_and_goes_to_the_client() {
    let (_, site, log) = listening(|builder| builder);
    let (mut browser, id) = known_visitor(&site, &log).await;
    site.visit(&mut browser, |session: Session| async move {
        session.renew();
        session.data.set_name("grace");
    })
    .await;
    assert_eq!(take(&log, &id), ["loaded ada", "regenerated grace", "client grace"]);
}

#[tokio::test]
async fn a_destroyed_session_is_reported_once_with_the_data_that_it_had_and_as_nothing_else() {
    let (_, site, log) = listening(|builder| builder);
    let (mut browser, id) = known_visitor(&site, &log).await;
    site.visit(&mut browser, |session: Session| async move {
        session.destroy();
        session.destroy();
        session.save().await.unwrap();
    })
    .await;
    assert_eq!(take(&log, &id), ["loaded ada", "deleted ada"]);
    assert_eq!(site.calls(), [Verb::Load, Verb::Destroy]);
}

#[tokio::test]
async fn a_session_that_replaces_a_destroyed_one_starts_under_a_handle_id_of_its_own() {
    let (_, site, log) = listening(|builder| builder);
    let (mut browser, id) = known_visitor(&site, &log).await;
    site.visit(&mut browser, |session: Session| async move {
        session.destroy();
        session.data.set_name("grace");
    })
    .await;
    let recorded = log.take();
    let new_id = site.visit(&mut browser, id_of).await.body;
    assert_ne!(new_id, id);
    assert_eq!(
        recorded,
        [
            format!("loaded ada {id}"),
            format!("deleted ada {id}"),
            format!("started grace {new_id}"),
            format!("client grace {new_id}"),
        ]
    );
}

#[tokio::test]
async fn what_failed_is_not_reported_as_done() {
    let (_, site, log) = listening(|builder| builder);
    let (browser, id) = known_visitor(&site, &log).await;
    for verb in [Verb::Create, Verb::Renew, Verb::Destroy] {
        site.store.break_down(verb);
    }
    site.visit_as(&Browser::new(), |session: Session| async move { session.data.set_name("grace") }).await;
    assert_eq!(log.take(), [""; 0]);
    site.visit_as(&browser, |session: Session| async move { session.renew() }).await;
    assert_eq!(take(&log, &id), ["loaded ada"]);
    site.visit_as(&browser, |session: Session| async move { session.destroy() }).await;
    assert_eq!(take(&log, &id), ["loaded ada"]);
    site.store.recover();
    site.visit_as(&browser, |session: Session| async move { session.destroy() }).await;
    assert_eq!(take(&log, &id), ["loaded ada", "deleted ada"]);
}

#[tokio::test]
async fn a_deletion_that_failed_is_reported_once_when_it_succeeds() {
    let (manager, site, log) = listening(|builder| builder);
    let session = manager.create_with(Bag { name: "ada".to_owned(), ..Bag::default() }).await.unwrap();
    let id = session.id().unwrap().to_string();
    site.store.break_down(Verb::Destroy);
    manager.destroy(&session).await.unwrap_err();
    assert_eq!(take(&log, &id), ["started ada"]);
    site.store.recover();
    manager.destroy(&session).await.unwrap();
    manager.destroy(&session).await.unwrap();
    assert_eq!(take(&log, &id), ["deleted ada"]);
}

#[tokio::test]
async fn a_session_found_gone_at_commit_is_reported_only_to_the_hook_for_it() {
    let (manager, site, log) = listening(|builder| builder);
    let (browser, id) = known_visitor(&site, &log).await;
    let store = site.store.clone();
    site.visit_as(&browser, |session: Session| async move {
        session.renew();
        session.data.set_name("grace");
        session::Store::clear(&*store.inner).await.unwrap();
    })
    .await;
    assert_eq!(take(&log, &id), ["loaded ada"]);
    assert_eq!(site.gone.take(), [id]);
    assert_eq!(manager.count().await.unwrap(), 0);
}

#[tokio::test]
async fn a_session_that_expired_is_not_reported_as_deleted() {
    let (manager, site, log) = listening(|builder| builder);
    let (mut browser, _) = known_visitor(&site, &log).await;
    site.at(1800);
    site.visit(&mut browser, |session: Session| async move { session.data.name() }).await;
    assert_eq!(manager.sweep().await.unwrap(), 1);
    assert_eq!(log.take(), [""; 0]);
}

async fn panic_after_write(session: Session) {
    session.data.set_name("ada");
    session.save().await.unwrap();
    panic!("the handler fails");
}

#[tokio::test]
async fn a_token_that_never_reached_the_response_is_not_reported_as_given_to_the_client() {
    let (_, site, log) = listening(|builder| builder);
    let request = tokio::spawn(async move { site.visit(&mut Browser::new(), panic_after_write).await });
    assert!(request.await.unwrap_err().is_panic());
    let recorded = log.take();
    assert_eq!(recorded.len(), 1);
    assert!(recorded[0].starts_with("started ada "), "{recorded:?}");
}

#[tokio::test]
async fn a_rolling_cookie_is_reported_also_when_no_handler_used_the_session() {
    let (_, site, log) = listening(|builder| builder.rolling(true).persistent(true));
    let (mut browser, id) = known_visitor(&site, &log).await;
    let reply = site.visit(&mut browser, || async {}).await;
    assert!(reply.has_set_cookie());
    assert_eq!(take(&log, &id), ["loaded ada", "client ada"]);
}

#[tokio::test]
async fn without_http_each_call_reports_its_own_event() {
    let (manager, _site, log) = listening(|builder| builder);
    let session = manager.create().await.unwrap();
    let id = session.id().unwrap().to_string();
    assert_eq!(take(&log, &id), ["started nobody"]);
    session.data.set_name("ada");
    session.save().await.unwrap();
    assert_eq!(take(&log, &id), [""; 0]);
    let found = manager.get(&session.token().unwrap()).await.unwrap();
    assert_eq!(take(&log, &id), ["loaded ada"]);
    found.renew();
    found.save().await.unwrap();
    assert_eq!(take(&log, &id), ["regenerated ada"]);
    let mut headers = http::HeaderMap::new();
    found.set_cookies(&mut headers);
    found.set_cookies(&mut headers);
    assert_eq!(take(&log, &id), ["client ada"]);
    manager.destroy(&found).await.unwrap();
    assert_eq!(take(&log, &id), ["deleted ada"]);
}

#[tokio::test]
async fn a_listener_that_reads_the_data_does_not_count_as_use_of_the_session() {
    let (_, site, log) = listening(|builder| builder);
    let (mut browser, id) = known_visitor(&site, &log).await;
    site.at(1000);
    let reply = site.visit(&mut browser, |_: Session| async {}).await;
    assert_eq!(take(&log, &id), ["loaded ada"]);
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(reply.header("vary"), None);
}

#[tokio::test]
async fn what_a_listener_sets_goes_nowhere() {
    let (_, site) = Site::managed(|builder| builder.on_loaded(|_, data| data.set_name("mallory")));
    let mut browser = site.visitor("ada").await;
    assert_eq!(site.name_of(&browser).await, "ada");
    site.visit(&mut browser, |session: Session| async move { session.data.set_visits(1u64) }).await;
    assert_eq!(site.name_of(&browser).await, "ada");
    assert_eq!(site.errors.take(), [""; 0]);
}

#[tokio::test]
async fn all_requests_of_a_manager_s_layers_call_its_listeners() {
    let (manager, site, log) = listening(|builder| builder);
    let (browser, id) = known_visitor(&site, &log).await;
    let second = Site { layer: manager.clone().layer(), ..site };
    second.name_of(&browser).await;
    assert_eq!(take(&log, &id), ["loaded ada"]);
}

#[test]
fn a_memory_store_in_production_is_warned_about_once_when_it_is_built() {
    const WARNING: &str = "sessions are kept in this process's memory: a restart loses them and other processes do not see them; use another store, or `production(false)` where that is fine";
    let warned = |production| {
        let log = Log::default();
        let lines = log.clone();
        let layer = SessionLayer::builder(MemoryStore::new())
            .idle_timeout(seconds(60))
            .production(production)
            .on_warning(move |warning| lines.push(warning.to_string()))
            .build()
            .unwrap();
        drop(layer);
        log.take()
    };
    assert_eq!(warned(true), [WARNING]);
    assert_eq!(warned(false), [""; 0]);
    let (_, site) = Site::managed(|builder| builder.production(true));
    assert_eq!(site.warnings.take(), [""; 0], "a store that survives a restart is none to warn about");
}
