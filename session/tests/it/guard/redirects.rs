//! The way to the sign-in page, and back.

use axum::Router;
use axum::response::Redirect;
use axum::routing::{any, get, post};
use http::Method;
use session::ReturnTo;

use super::{Session, guard, send, send_guarded, signed_in, visit};
use crate::support::{Browser, Reply, Site, Verb};

/// Sends a stranger's request to a guarded page.
async fn redirected(site: &Site, method: Method, uri: &str) -> Reply {
    let mut request = Browser::new().request();
    (*request.uri_mut(), *request.method_mut()) = (uri.parse().unwrap(), method);
    send_guarded(site, request, guard().redirect_to("/login")).await
}

#[tokio::test]
async fn a_stranger_is_sent_to_the_sign_in_page_with_the_path_and_query_encoded() {
    let site = Site::new();
    for (uri, location) in [
        ("/", "/login?next=%2F"),
        ("/account", "/login?next=%2Faccount"),
        ("https://example.com/account", "/login?next=%2Faccount"),
        ("/account?page=2&all", "/login?next=%2Faccount%3Fpage%3D2%26all"),
        ("/search?q=a+b%20c", "/login?next=%2Fsearch%3Fq%3Da%2Bb%2520c"),
        ("/account?next=/other", "/login?next=%2Faccount%3Fnext%3D%2Fother"),
        ("/account?q=it's", "/login?next=%2Faccount%3Fq%3Dit%2527s"),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let reply = redirected(&site, method, uri).await;
            assert_eq!((reply.status.as_u16(), reply.body.as_str()), (303, ""));
            assert_eq!(reply.header("location").unwrap(), location);
            assert_eq!(reply.header("vary").unwrap(), "Cookie");
            assert!(!reply.has_set_cookie());
        }
    }
    assert_eq!(site.calls(), []);
}

#[tokio::test]
async fn the_page_can_have_a_query_of_its_own() {
    let site = Site::new();
    let reply =
        visit(&site, &Browser::at("https://example.com/account"), guard().redirect_to("/login?lang=de"))
            .await;
    assert_eq!(reply.header("location").unwrap(), "/login?lang=de&next=%2Faccount");
}

#[tokio::test]
async fn a_request_for_an_address_that_is_no_page_to_return_to_is_redirected_without_it() {
    let site = Site::new();
    let long = format!("/{}", "a".repeat(4000));
    for uri in [
        "https://example.com//evil.example",
        "https://example.com/..//evil.example",
        r"/\evil",
        "/%2f%2fevil",
        &long,
    ] {
        let reply = redirected(&site, Method::GET, uri).await;
        assert_eq!(
            (reply.status.as_u16(), reply.header("location").as_deref()),
            (303, Some("/login")),
            "{uri}"
        );
    }
}

#[tokio::test]
async fn the_way_back_leads_to_the_whole_path_of_a_nested_router() {
    let site = Site::new();
    let inner = Router::new().route("/orders", get(async || "orders")).layer(guard().redirect_to("/login"));
    let router = Router::new().nest("/shop", Router::new().nest("/account", inner));
    let reply = site.serve(&Browser::at("https://example.com/shop/account/orders?page=2"), router).await;
    assert_eq!(reply.header("location").unwrap(), "/login?next=%2Fshop%2Faccount%2Forders%3Fpage%3D2");
}

#[tokio::test]
async fn a_prefix_that_a_proxy_removed_counts_where_the_proxy_is_trusted() {
    let browser = Browser::at("https://example.com/account").sending("x-forwarded-prefix", "/shop");
    for (trusted, location) in [(true, "/login?next=%2Fshop%2Faccount"), (false, "/login?next=%2Faccount")] {
        let site = Site::with(|builder| if trusted { builder.trust_proxy(true) } else { builder });
        let reply = visit(&site, &browser, guard().redirect_to("/login")).await;
        assert_eq!(reply.header("location").unwrap(), location);
    }
    let hostile = Browser::at("https://example.com/account").sending("x-forwarded-prefix", "//evil.example");
    let site = Site::with(|builder| builder.trust_proxy(true));
    let reply = visit(&site, &hostile, guard().redirect_to("/login")).await;
    assert_eq!(reply.header("location").unwrap(), "/login");
}

#[tokio::test]
async fn signing_in_leads_back_to_the_page_and_a_hostile_link_to_the_home_page() {
    let site = Site::new();
    let login = async |session: Session, next: ReturnTo| {
        session.data.set_user_id(7);
        Redirect::to(next.as_str())
    };
    let router = Router::new()
        .route("/account", get(async |session: Session| format!("user {:?}", session.data.user_id())))
        .route_layer(guard().redirect_to("/login"))
        .route("/login", post(login).get(async || "form"));
    for (start, end) in
        [("/account?page=2", "/account?page=2"), ("/login?next=//evil.example", "/"), ("/login", "/")]
    {
        let mut browser = Browser::at(&format!("https://example.com{start}"));
        let reply = site.serve(&browser, router.clone()).await;
        let form = reply.header("location").unwrap_or(start.to_owned());
        let mut request = browser.request();
        (*request.uri_mut(), *request.method_mut()) = (form.parse().unwrap(), Method::POST);
        let reply = send(&site, router.clone(), request).await;
        assert_eq!(reply.header("location").unwrap(), end);
        browser.take_cookies(&reply);
        browser.uri = "https://example.com/account".to_owned();
        assert_eq!(site.serve(&browser, router.clone()).await.body, "user Some(7)");
    }
}

#[tokio::test]
async fn a_guard_that_covers_its_own_page_is_500_and_explained_and_no_endless_redirect() {
    let site = Site::new();
    let router = Router::new()
        .route("/login", get(async || "form"))
        .nest("/shop", Router::new().route("/login", get(async || "another")))
        .layer(guard().redirect_to("/login?lang=de"));
    for path in ["/login", "/login?lang=de", "/login?next=%2Faccount"] {
        let reply = site.serve(&Browser::at(&format!("https://example.com{path}")), router.clone()).await;
        assert_eq!(reply.status, 500);
        assert!(reply.body.contains("covers the page `/login`"), "{}", reply.body);
        let errors = site.errors.take();
        assert!(errors.len() == 1 && errors[0].contains("`route_layer`"), "{errors:?}");
    }
    let reply = site.serve(&Browser::at("https://example.com/shop/login"), router.clone()).await;
    assert_eq!(reply.header("location").unwrap(), "/login?lang=de&next=%2Fshop%2Flogin");
    let mut browser = signed_in(&site).await;
    browser.uri = "https://example.com/login".to_owned();
    assert_eq!(site.serve(&browser, router).await.body, "form");
    assert_eq!(site.calls(), [Verb::Load]);
}

#[tokio::test]
async fn with_a_header_for_the_token_the_response_varies_by_it() {
    let site = Site::with(|builder| builder.header("x-session"));
    let router = Router::new().fallback(any(async || "page")).layer(guard().redirect_to("/login"));
    let reply = site.serve(&Browser::new(), router).await;
    assert_eq!((reply.status.as_u16(), reply.header("vary").as_deref()), (303, Some("x-session")));
}

#[test]
fn a_page_that_is_no_path_of_this_site_panics_when_the_guard_is_built() {
    for page in ["", "login", "//evil.example", "https://example.com/login", "/login#top", "/\\evil"] {
        assert!(std::panic::catch_unwind(|| guard().redirect_to(page)).is_err(), "{page}");
        assert!(std::panic::catch_unwind(|| guard().reauthenticate_at(page)).is_err(), "{page}");
    }
}
