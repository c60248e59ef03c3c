//! Responses and error callbacks when an application is misconfigured or a handler returns an error.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse as _;
use axum::routing::get;
use http::StatusCode;
use session::{Databag, Error, MemoryStore, SessionLayer, SessionManager, StoreError};
use tower::ServiceExt as _;

use crate::support::{Bag, Browser, Reply, Session, Site, SpyStore, Verb, respond};

async fn idle(_: Session) {}

async fn guard(_: Session, request: Request, next: Next) -> axum::response::Response {
    next.run(request).await
}

async fn request(router: Router, path: &str) -> Reply {
    let request = Browser::at(&format!("https://example.com{path}")).request();
    Reply::read(router.oneshot(request).await.unwrap()).await
}

#[tokio::test]
async fn a_route_or_a_guard_outside_of_the_layer_says_in_the_body_where_the_layer_belongs() {
    let layer = SessionLayer::new(MemoryStore::new());
    let routers = [
        Router::new().route("/", get(idle)),
        Router::new().layer(layer.clone()).route("/", get(idle)),
        Router::new().route("/", get(async || ())).layer(layer.clone()).layer(from_fn(guard)),
    ];
    for router in routers {
        let reply = request(router, "/").await;
        assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(reply.header("content-type").as_deref(), Some("text/plain; charset=utf-8"));
        assert!(
            reply.body.contains("add `.layer(session::SessionLayer::new(store))` to the router"),
            "{reply:?}"
        );
    }
}

/// A store that supports neither counters nor compare-and-set.
#[derive(Clone)]
struct Plain(SpyStore);

impl session::Store for Plain {
    fn name(&self) -> &'static str {
        "plain"
    }

    async fn load(
        &self,
        token: &session::Token,
        now: session::Timestamp,
    ) -> Result<Option<session::Record>, StoreError> {
        self.0.load(token, now).await
    }

    async fn create(
        &self,
        record: &session::Record,
        now: session::Timestamp,
    ) -> Result<session::Token, StoreError> {
        self.0.create(record, now).await
    }

    async fn update(
        &self,
        token: &session::Token,
        patch: &session::store::Patch,
        now: session::Timestamp,
    ) -> Result<session::store::WriteOutcome, StoreError> {
        self.0.update(token, patch, now).await
    }

    async fn touch(
        &self,
        token: &session::Token,
        deadline: session::Timestamp,
        now: session::Timestamp,
    ) -> Result<session::store::WriteOutcome, StoreError> {
        self.0.touch(token, deadline, now).await
    }

    async fn renew(
        &self,
        token: &session::Token,
        patch: &session::store::Patch,
        now: session::Timestamp,
    ) -> Result<session::store::WriteOutcome, StoreError> {
        self.0.renew(token, patch, now).await
    }

    async fn destroy(&self, token: &session::Token) -> Result<bool, StoreError> {
        self.0.destroy(token).await
    }

    fn supports(&self, field: &session_core::Field) -> bool {
        matches!(field.kind, session_core::Kind::Plain)
    }
}

#[derive(Databag)]
struct Counting {
    #[databag(counter)]
    visits: u64,
}

#[derive(Databag)]
struct Comparing {
    #[databag(cas)]
    seat: Option<String>,
}

#[tokio::test]
async fn a_databag_that_the_store_cannot_serve_is_reported_in_the_body_and_to_the_error_callback() {
    let reported = Arc::new(Mutex::new(Vec::new()));
    let hook = Arc::clone(&reported);
    let layer = SessionLayer::builder(Plain(SpyStore::default()))
        .on_error(move |error| hook.lock().unwrap().push(error.report().to_string()))
        .build()
        .unwrap();
    let request = || Browser::new().request();
    let counting = respond(Some(layer.clone()), request(), async |_: session::Session<Counting>| ()).await;
    let counting = (Reply::read(counting).await, std::mem::take(&mut *reported.lock().unwrap()));
    let comparing = respond(Some(layer), request(), async |_: session::Session<Comparing>| ()).await;
    let comparing = (Reply::read(comparing).await, std::mem::take(&mut *reported.lock().unwrap()));
    for ((reply, reported), field) in [(counting, "`visits`"), (comparing, "`seat`")] {
        assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(reply.body.contains(field) && reply.body.contains("use a store on the server"), "{reply:?}");
        assert_eq!(reported, [reply.body.trim_end()]);
    }
}

#[tokio::test]
async fn a_databag_that_names_a_field_of_another_is_reported_to_the_error_callback() {
    #[derive(Databag)]
    struct Clashing {
        name: String,
    }
    let site = Site::new();
    let handler = |_: Session, _: session::Session<Clashing>| async {};
    let reply = site.visit(&mut Browser::new(), handler).await;
    assert_eq!(site.errors.take(), [reply.body.trim_end()]);
    assert!(reply.body.contains("Clashing"), "{reply:?}");
}

#[tokio::test]
async fn a_failed_load_is_reported_to_the_error_callback_once_and_to_the_client_by_its_status() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    site.store.break_down(Verb::Load);
    let reply = site.visit(&mut browser, |_: Session, _: Session| async {}).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (503, ""));
    assert_eq!(site.errors.take().len(), 1);
}

#[tokio::test]
async fn a_handler_may_return_an_error_which_answers_with_its_status_and_in_debug_builds_its_causes() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    let handler = |session: Session| async move {
        session.data.set_a(1u32);
        session.save().await
    };
    site.store.break_down(Verb::Update);
    let reply = site.visit(&mut browser, handler).await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    let parts = ["the session could not be saved", "the session store is unavailable", "connection refused"];
    assert!(parts.iter().all(|part| reply.body.contains(part)), "{}", reply.body);
    assert!(!reply.body.contains("ada"), "{}", reply.body);
}

#[tokio::test]
async fn middleware_finds_the_error_of_a_failed_commit_in_the_response() {
    let site = Site::new();
    let browser = site.visitor("ada").await;
    site.store.break_down(Verb::Update);
    let router = Router::new()
        .route("/", get(async |session: Session| session.data.set_a(1u32)))
        .layer(site.layer.clone())
        .layer(from_fn(async |request: Request, next: Next| {
            let response = next.run(request).await;
            match response.extensions().get::<Arc<Error>>() {
                Some(error) => (error.status(), format!("our own page: {error}")).into_response(),
                None => response,
            }
        }));
    let reply = Reply::read(router.oneshot(browser.request()).await.unwrap()).await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(reply.body.starts_with("our own page: the session could not be saved"), "{}", reply.body);
}

#[tokio::test]
async fn a_manager_is_a_layer() {
    let manager = SessionManager::<Bag>::new(MemoryStore::new());
    let router = Router::new().route("/", get(async |session: Session| session.data.name())).layer(manager);
    assert_eq!(request(router, "/").await.body, "nobody");
}

#[test]
fn each_error_has_one_status_whoever_answers_with_it() {
    let unavailable = || StoreError::Unavailable("connection refused".into());
    let statuses = [
        (Error::Gone, 409),
        (Error::Conflict { field: "seat".into() }, 409),
        (Error::TooManySessions, 409),
        (Error::NotFound, 404),
        (Error::Load(unavailable()), 503),
        (Error::Save(unavailable()), 503),
        (Error::Save(StoreError::Timeout), 503),
        (Error::Save(StoreError::TooLarge { actual: 2, limit: 1 }), 500),
        (Error::Destroy(unavailable()), 503),
        (Error::Manage(StoreError::Unsupported("count")), 500),
        (Error::HeadersSent, 500),
    ];
    for (error, status) in statuses {
        assert_eq!(error.status().as_u16(), status, "{error}");
        let load = session::SessionRejection::Unavailable(Arc::new(error));
        assert_eq!(load.status().as_u16(), status);
        assert_eq!(Error::Rejected(load).into_response().status().as_u16(), status);
    }
}

#[tokio::test]
async fn a_store_chosen_at_run_time_is_a_store() {
    for spied in [false, true] {
        let store: Box<dyn session::store::DynStore> =
            if spied { Box::new(SpyStore::<MemoryStore>::default()) } else { Box::new(MemoryStore::new()) };
        let handler = async |session: Session| session.data.set_name("ada");
        let response = respond(Some(SessionLayer::new(store)), Browser::new().request(), handler).await;
        assert!(response.headers().contains_key("set-cookie"), "{response:?}");
    }
}
