//! Responses of status 5xx, handlers that panic, and sessions that cannot be committed.

use http::{HeaderMap, StatusCode};
use session::{Error, RequestInfo};

use super::{Site, empty, serve, write};
use crate::support::{Bag, Verb};

#[tokio::test]
async fn a_failed_response_saves_nothing_and_a_destroyed_session_ends_with_it() {
    let mut site = Site::new();
    site.visit(200, write).await;
    site.visit(500, write).await;
    assert_eq!(site.visit(200, |session| session.data.visits().to_string()).await.body, "1");
    let response = site
        .visit(500, |session| {
            session.destroy();
            String::new()
        })
        .await;
    assert_eq!(response.lines("set-cookie").len(), 1);
    assert_eq!((site.cookie.as_deref(), site.store.len()), (None, 0));
}

#[tokio::test]
async fn a_handler_that_panicked_saves_nothing() {
    let site = Site::new();
    let headers = HeaderMap::new();
    let exchange = site.manager.exchange(&RequestInfo::of_headers(&headers));
    write(&exchange.session::<Bag>().await.unwrap());
    let committed = exchange.finish(None).await;
    assert_eq!(committed.replaces(), None);
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn the_panic_of_a_handler_continues_after_the_commit_which_saves_nothing_but_a_destruction() {
    let mut site = Site::new();
    site.visit(200, write).await;
    for destroys in [false, true] {
        let (manager, request) = (site.manager.clone(), site.request("/"));
        let panicked = tokio::spawn(async move {
            serve(&manager, request, async |exchange| {
                let session = exchange.session::<Bag>().await?;
                write(&session);
                if destroys {
                    session.destroy();
                }
                panic!("out of order")
            })
            .await
        });
        assert_eq!(*panicked.await.unwrap_err().into_panic().downcast::<&str>().unwrap(), "out of order");
        if !destroys {
            assert_eq!(site.visit(200, |session| session.data.visits().to_string()).await.body, "1");
        }
    }
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn an_error_in_place_of_a_response_saves_nothing() {
    let site = Site::new();
    let headers = HeaderMap::new();
    let exchange = site.manager.exchange(&RequestInfo::of_headers(&headers));
    let handler = async {
        write(&exchange.session::<Bag>().await.unwrap());
        Err::<StatusCode, _>("disconnected")
    };
    let (result, committed) = exchange.run(handler, |result| result.ok()).await;
    assert_eq!((result, committed.replaces()), (Err("disconnected"), None));
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn an_outage_is_503_and_leaves_the_cookie_alone_and_a_save_that_fails_replaces_the_response() {
    let mut site = Site::new();
    site.visit(200, write).await;
    site.store.break_down(Verb::Load);
    let response = site.visit(200, write).await;
    assert_eq!((response.status, response.body.as_str()), (503, ""));
    assert_eq!(response.lines("set-cookie"), [""; 0]);
    assert_eq!(response.lines("vary"), ["Cookie"], "the answer depended on the cookie");
    site.store.recover();
    site.store.break_down(Verb::Update);
    let response = site.visit(200, write).await;
    assert_eq!((response.status, response.body.as_str()), (503, ""));
    assert_eq!(site.errors.take().len(), 2);
}

#[tokio::test]
async fn strict_mode_answers_409_where_the_session_is_gone() {
    let mut site = Site::with(|builder| builder.strict(true));
    site.visit(200, write).await;
    let (manager, request) = (site.manager.clone(), site.request("/"));
    let response = serve(&site.manager, request, async |exchange| {
        let session = exchange.session::<Bag>().await?;
        manager.clear().await.unwrap();
        write(&session);
        Ok(empty(StatusCode::OK))
    })
    .await;
    assert_eq!(response.status, 409);
    assert_eq!(response.lines("set-cookie"), [""; 0]);
}

#[tokio::test]
async fn the_error_that_replaces_a_response_can_be_rendered() {
    let site = Site::new();
    let exchange = site.manager.exchange(&RequestInfo::of_headers(&HeaderMap::new()));
    write(&exchange.session::<Bag>().await.unwrap());
    site.store.break_down(Verb::Create);
    let mut committed = exchange.finish(Some(StatusCode::OK)).await;
    assert_eq!(committed.replaces(), Some(StatusCode::SERVICE_UNAVAILABLE));
    assert!(matches!(committed.take_error(), Some(Error::Save(_))));
}
