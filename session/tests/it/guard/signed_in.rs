//! The extractor of a signed-in visitor.

use axum::response::IntoResponse;
use session::{AccessRejection, SessionManager, SessionRejection, SignedIn};
use tower::ServiceExt as _;

use super::{Session, Visitor, anonymous, signed_in};
use crate::support::{Browser, Reply, Site, Verb};

#[tokio::test]
async fn it_has_the_principal_without_an_option_and_everything_of_the_session() {
    let site = Site::new();
    let browser = signed_in(&site).await;
    let handler = async |visitor: SignedIn<Visitor>, session: Session| {
        let user_id: u64 = visitor.principal();
        visitor.data.set_cart(["tea".to_owned()]);
        assert_eq!(visitor.id(), session.id());
        assert_eq!(visitor.clone().into_session().data.cart(), session.data.cart());
        format!("{user_id}")
    };
    assert_eq!(site.visit_as(&browser, handler).await.body, "7");
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
}

#[tokio::test]
async fn nobody_is_401_and_the_handler_does_not_run() {
    let site = Site::new();
    let handler =
        async |visitor: SignedIn<Visitor>| -> String { panic!("{} is nobody", visitor.principal()) };
    for (browser, calls) in [(Browser::new(), vec![]), (anonymous(&site).await, vec![Verb::Load])] {
        let reply = site.visit_as(&browser, handler).await;
        assert_eq!(reply.status, 401);
        assert!(reply.body.starts_with("nobody is signed in"), "{}", reply.body);
        assert_eq!(reply.header("vary").unwrap(), "Cookie");
        assert!(!reply.has_set_cookie());
        assert_eq!(site.calls(), calls);
    }
}

#[tokio::test]
async fn as_an_option_and_as_a_result_it_leaves_strangers_to_the_handler() {
    let site = Site::new();
    let browser = signed_in(&site).await;
    let option = async |visitor: Option<SignedIn<Visitor>>| format!("{:?}", visitor.map(|it| it.principal()));
    let result = async |visitor: Result<SignedIn<Visitor>, AccessRejection>| match visitor {
        Ok(visitor) => visitor.principal().to_string().into_response(),
        Err(AccessRejection::NotSignedIn) => "stranger".into_response(),
        Err(other) => other.into_response(),
    };
    assert_eq!(site.visit_as(&browser, option).await.body, "Some(7)");
    assert_eq!(site.visit_as(&browser, result).await.body, "7");
    assert_eq!(site.visit_as(&Browser::new(), option).await.body, "None");
    assert_eq!(site.visit_as(&Browser::new(), result).await.body, "stranger");
    // An outage is neither a visitor nor a stranger.
    site.store.break_down(Verb::Load);
    assert_eq!(site.visit_as(&browser, result).await.status, 503);
}

/// In actix-web every error is a missing option.
#[tokio::test]
async fn in_axum_an_outage_is_no_missing_option() {
    let site = Site::new();
    let browser = signed_in(&site).await;
    let option = async |visitor: Option<SignedIn<Visitor>>| format!("{:?}", visitor.map(|it| it.principal()));
    site.store.break_down(Verb::Load);
    let router = axum::Router::new().fallback(axum::routing::any(option));
    assert_eq!(site.serve(&browser, router).await.status, 503);
}

#[tokio::test]
async fn it_keeps_the_principal_of_the_request_after_a_sign_out() {
    let site = Site::new();
    let browser = signed_in(&site).await;
    let sign_out = async |visitor: SignedIn<Visitor>| {
        visitor.destroy();
        assert_eq!(visitor.into_session().principal(), None);
    };
    let bye = async |visitor: SignedIn<Visitor>| {
        visitor.data.clear_user_id();
        format!("goodbye, {}", visitor.principal())
    };
    assert_eq!(site.visit_as(&browser, bye).await.body, "goodbye, 7");
    site.calls();
    let browser = signed_in(&site).await;
    assert_eq!(site.visit_as(&browser, sign_out).await.status, 200);
}

#[tokio::test]
async fn a_visitor_who_signs_in_during_the_request_is_signed_in() {
    let site = Site::new();
    let handler = async |session: Session| {
        assert!(SignedIn::of(session.clone()).is_err());
        session.data.set_user_id(9);
        SignedIn::of(session).unwrap().principal().to_string()
    };
    assert_eq!(site.visit_as(&Browser::new(), handler).await.body, "9");
}

#[tokio::test]
async fn without_the_layer_the_answer_is_500_and_explained() {
    let router = axum::Router::new().fallback(axum::routing::any(async |_: SignedIn<Visitor>| {}));
    let reply = Reply::read(router.oneshot(Browser::new().request()).await.unwrap()).await;
    assert_eq!(reply.status, 500);
    assert!(reply.body.starts_with(&SessionRejection::MissingLayer.to_string()), "{}", reply.body);
}

#[tokio::test]
async fn a_databag_with_a_generic_principal_has_it_too() {
    #[derive(session::Databag)]
    struct Generic<U> {
        #[databag(principal)]
        user: Option<U>,
    }
    let session = SessionManager::<Generic<String>>::new(session::MemoryStore::new()).create().await.unwrap();
    session.data.set_user("ada");
    assert_eq!(session.principal().unwrap(), "ada");
    session.save().await.unwrap();
}

#[tokio::test]
async fn debug_shows_no_principal() {
    let session = SessionManager::<Visitor>::new(session::MemoryStore::new()).create().await.unwrap();
    session.data.set_user_id(123_456);
    session.save().await.unwrap();
    let fresh = session::Fresh::<_, 60>::of(session.clone()).unwrap();
    for text in [
        format!("{:?}", SignedIn::of(session).unwrap()),
        format!("{fresh:?}"),
        format!("{:?}", fresh.into_signed_in()),
    ] {
        assert!(text.contains("Session") && !text.contains("123456"), "{text}");
    }
}
