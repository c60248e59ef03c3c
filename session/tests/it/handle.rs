//! Shared state of all handles of one session in a request.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;

use actix_web::error::ErrorUnauthorized;
use axum::Router;
use axum::extract::{FromRequestParts, Request};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::any;
use http::StatusCode;
use http::request::Parts;

use crate::support::{Browser, Session, Site, Verb};

/// A guard that requires a signed-in user.
struct User(String);

impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, StatusCode> {
        let session = Session::from_request_parts(parts, state).await.unwrap();
        session.data.update_visits(|visits| *visits += 1);
        session.data.user().map(Self).ok_or(StatusCode::UNAUTHORIZED)
    }
}

impl actix_web::FromRequest for User {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, actix_web::Error>>>>;

    fn from_request(request: &actix_web::HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        let session = <Session as actix_web::FromRequest>::extract(request);
        Box::pin(async {
            let session = session.await?;
            session.data.update_visits(|visits| *visits += 1);
            session.data.user().map(Self).ok_or_else(|| ErrorUnauthorized("sign in"))
        })
    }
}

/// Reads the changes of the handler and adds to them.
async fn middleware(session: Session, request: Request, next: Next) -> Response {
    session.data.update_visits(|visits| *visits += 1);
    let response = next.run(request).await;
    assert_eq!(session.data.name(), "grace");
    session.data.update_items(|items| items.push("after".to_owned()));
    response
}

#[tokio::test]
async fn guard_middleware_and_handler_see_and_change_one_state() {
    let site = Site::new();
    let mut browser = Browser::new();
    site.visit(&mut browser, |session: Session| async move { session.data.set_user("ada") }).await;
    site.calls();

    let handler = |User(user): User, session: Session| async move {
        let again = session.clone();
        session.data.set_name("grace");
        format!("{user} {} {}", again.data.name(), again.data.visits())
    };
    let router = Router::new().fallback(any(handler)).layer(from_fn(middleware));
    let reply = site.serve(&browser, router).await;
    assert_eq!(reply.body, "ada grace 2");
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);

    let stored = |session: Session| async move {
        let data = &session.data;
        format!("{} {} {:?}", data.name(), data.visits(), data.items())
    };
    assert_eq!(site.visit(&mut browser, stored).await.body, r#"grace 2 ["after"]"#);
}

#[tokio::test]
async fn what_a_guard_wrote_is_saved_although_it_turned_the_visitor_away() {
    let site = Site::new();
    let mut browser = Browser::new();
    let reply = site.visit(&mut browser, |_: User| async { "let in" }).await;
    assert_eq!(reply.status, 401);
    assert_eq!(site.calls(), [Verb::Create]);
    let visits = |session: Session| async move { session.data.visits().to_string() };
    assert_eq!(site.visit(&mut browser, visits).await.body, "1");
}

#[tokio::test]
async fn clones_of_a_handle_share_renewal_and_destruction() {
    let (manager, site) = Site::managed(|builder| builder);
    let session = manager.create().await.unwrap();
    let clone = session.clone();
    clone.renew();
    session.save().await.unwrap();
    assert_eq!(site.calls(), [Verb::Create, Verb::Renew]);
    assert_eq!(session.token(), clone.token());

    clone.data.set_name("ada");
    session.destroy();
    assert_eq!(clone.data.name(), "nobody");
    assert!(clone.id().is_none() && clone.is_new());
    clone.save().await.unwrap();
    assert_eq!(site.calls(), [Verb::Destroy]);
    assert!(!session.is_valid() && session.token().is_none());
}

#[tokio::test]
async fn saves_of_two_clones_at_once_write_once() {
    let (manager, site) = Site::managed(|builder| builder);
    let session = manager.create().await.unwrap();
    site.calls();
    session.data.set_name("ada");
    let clone = session.clone();
    let (one, other) = tokio::join!(session.save(), clone.save());
    one.unwrap();
    other.unwrap();
    assert_eq!(site.calls(), [Verb::Update]);
}

#[tokio::test]
async fn a_change_made_while_a_save_is_under_way_is_not_lost() {
    let (manager, site) = Site::managed(|builder| builder);
    let session = manager.create().await.unwrap();
    let token = session.token().unwrap();
    session.data.set_a(1u32);
    site.store.hang(Verb::Update);
    let meanwhile = async {
        session.data.set_a(2u32);
        session.data.set_b(3u32);
        site.store.recover();
    };
    let (saved, ()) = tokio::join!(session.save(), meanwhile);
    saved.unwrap();
    assert_eq!(manager.get(&token).await.unwrap().data.a(), 1);
    assert_eq!((session.data.a(), session.data.b()), (2, 3));
    session.save().await.unwrap();
    let found = manager.get(&token).await.unwrap();
    assert_eq!((found.data.a(), found.data.b()), (2, 3));
}

#[tokio::test]
async fn a_renewal_or_destruction_requested_while_a_save_is_under_way_is_not_lost() {
    let (manager, site) = Site::managed(|builder| builder);
    let session = manager.create().await.unwrap();
    let first = session.token().unwrap();
    for asked in [Session::renew, Session::destroy] {
        session.data.update_a(|a| *a += 1);
        site.store.hang(Verb::Update);
        let meanwhile = async {
            asked(&session);
            site.store.recover();
        };
        let (saved, ()) = tokio::join!(session.save(), meanwhile);
        saved.unwrap();
        session.save().await.unwrap();
    }
    let calls = [Verb::Create, Verb::Update, Verb::Renew, Verb::Update, Verb::Destroy];
    assert_eq!(site.calls(), calls);
    assert!(manager.find(&first).await.unwrap().is_none());
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn using_a_session_inside_a_closure_of_its_own_panics_with_the_reason_and_does_no_harm() {
    const MESSAGE: &str = "the session's data was used inside a closure given to its own `read` or `update_…` \
                           method: take what you need out of the closure, or use the closure's argument";
    let (manager, site) = Site::managed(|builder| builder);
    let session = manager.create().await.unwrap();
    session.data.set_name("ada");
    let data = &session.data;
    let reentries: [&dyn Fn(); 6] = [
        &|| data.update_items(|items| items.push(data.name())),
        &|| data.update_items(|_| data.set_visits(7u64)),
        &|| data.update_items(|_| data.update_name(String::clear)),
        &|| data.read(|_| data.clear_name()),
        &|| data.read(|_| session.clear()),
        &|| data.read(|_| assert!(session.id().is_some())),
    ];
    for (index, reenter) in reentries.into_iter().enumerate() {
        let panic = catch_unwind(AssertUnwindSafe(reenter)).unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&MESSAGE), "re-entry {index}");
    }
    assert_eq!((data.name().as_str(), data.visits(), data.items().len()), ("ada", 0, 0));
    session.save().await.unwrap();
    let found = manager.get(&session.token().unwrap()).await.unwrap();
    assert_eq!(found.data.name(), "ada");
    assert_eq!(site.errors.take(), [""; 0]);
}

#[tokio::test]
async fn another_session_may_be_used_inside_a_closure() {
    let (manager, _site) = Site::managed(|builder| builder);
    let (one, other) = (manager.create().await.unwrap(), manager.create().await.unwrap());
    one.data.update_name(|name| other.data.set_name(name.clone() + " else"));
    assert_eq!(other.data.name(), "nobody else");
}

#[tokio::test]
async fn a_panic_inside_a_closure_leaves_the_session_usable() {
    let (manager, _site) = Site::managed(|builder| builder);
    let session = manager.create().await.unwrap();
    let panic = AssertUnwindSafe(|| session.data.update_name(|_| panic!("the application fails")));
    catch_unwind(panic).unwrap_err();
    session.data.set_name("ada");
    session.save().await.unwrap();
    assert_eq!(manager.get(&session.token().unwrap()).await.unwrap().data.name(), "ada");
}

#[tokio::test]
async fn threads_that_share_a_handle_wait_for_each_other() {
    let (manager, _site) = Site::managed(|builder| builder);
    let session = manager.create().await.unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..1000).for_each(|_| session.data.update_visits(|visits| *visits += 1)));
        }
    });
    assert_eq!(session.data.visits(), 4000);
}
