//! Extraction of tokens from requests.

use crate::support::handlers::{read, write};
use crate::support::{Browser, Reply, Session, Site, Verb};

/// Returns a site with a session that holds the name `ada`, and its token.
async fn site_with_a_session() -> (Site, String) {
    let site = Site::new();
    let mut browser = Browser::new();
    site.visit(&mut browser, |session: Session| async move { session.data.set_name("ada") }).await;
    site.calls();
    (site, browser.token().to_owned())
}

/// Returns the name in the session of a request with these `Cookie` headers.
async fn name_for(site: &Site, lines: &[&[u8]]) -> String {
    let mut browser = Browser::new();
    for line in lines {
        browser.headers.append("cookie", http::HeaderValue::from_bytes(line).unwrap());
    }
    let reply = site.visit_as(&browser, read).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.has_set_cookie());
    reply.body
}

#[tokio::test]
async fn the_cookie_is_found_among_others_in_one_header_or_several() {
    let (site, token) = site_with_a_session().await;
    let ours = format!("__Host-session={token}");
    for lines in [
        vec![ours.clone()],
        vec![format!("a=1; {ours}; b=2")],
        vec![format!("a=1;{ours};b=2")],
        vec![format!(" \t a = 1 ;; ; {ours} ;")],
        vec![format!("flag; =; ==; a=b=c; {ours}")],
        vec!["a=1".to_owned(), ours.clone(), "b=2".to_owned()],
        vec![format!("json={{\"a\":\"b, c\"}}; {ours}")],
        vec![format!("q=\"quoted; {ours}; other\"")],
        vec![format!("__Host-session =  {token}")],
    ] {
        let lines: Vec<_> = lines.iter().map(String::as_bytes).collect();
        assert_eq!(name_for(&site, &lines).await, "ada", "{lines:?}");
        assert_eq!(site.calls(), [Verb::Load]);
    }
}

#[tokio::test]
async fn another_cookie_that_is_not_ascii_does_not_hide_the_sessions() {
    let (site, token) = site_with_a_session().await;
    for other in ["name=Zoë".as_bytes(), b"name=Zo\xeb", b"\xff\xfe=\xff"] {
        let line = [other, b"; __Host-session=", token.as_bytes()].concat();
        assert_eq!(name_for(&site, &[&line]).await, "ada");
        let line = [b"__Host-session=", token.as_bytes(), b"; ", other].concat();
        assert_eq!(name_for(&site, &[&line]).await, "ada");
    }
}

/// Browsers let any page set a cookie whose name starts with, say, U+2000, so trimming it would let attackers plant a
/// `__Host-` cookie.
#[tokio::test]
async fn a_name_is_not_ours_because_of_what_could_be_trimmed_off_it() {
    let (site, token) = site_with_a_session().await;
    for before in ["\u{2000}", "\u{a0}", "\u{85}", "\u{3000}", "\u{feff}", "\"", "$", "%20", "=", "x"] {
        let line = format!("{before}__Host-session={token}");
        assert_eq!(name_for(&site, &[line.as_bytes()]).await, "nobody", "{line}");
    }
    for name in ["__host-session", "__Host-session[]", "__Host-sessio", "__Host-session\u{a0}", ""] {
        let line = format!("{name}={token}");
        assert_eq!(name_for(&site, &[line.as_bytes()]).await, "nobody", "{line}");
    }
    assert_eq!(site.calls(), []);
}

#[tokio::test]
async fn of_several_cookies_of_the_sessions_name_the_live_one_counts() {
    let (site, token) = site_with_a_session().await;
    let ours = format!("__Host-session={token}");
    let [one, two, three] = ["one", "two", "three"].map(|dead| format!("__Host-session={dead}"));
    for (lines, loads) in [
        (vec![format!("{ours}; {one}")], 2),
        (vec![format!("{one}; {ours}")], 2),
        (vec![one.clone(), ours.clone()], 2),
        (vec![format!("{one}; {two}; {three}; {ours}")], 4),
        (vec![format!("{one}; {one}; {ours}; {ours}; {one}")], 2),
        (vec![format!("{one}; {one}; {one}; {one}; {ours}")], 2),
        (vec![format!("__Host-session=; {ours}")], 1),
    ] {
        let lines: Vec<_> = lines.iter().map(String::as_bytes).collect();
        assert_eq!(name_for(&site, &lines).await, "ada", "{lines:?}");
        assert_eq!(site.calls(), vec![Verb::Load; loads], "{lines:?}");
    }
    assert_eq!(site.warnings.take(), [""; 0]);
}

#[tokio::test]
async fn four_tokens_of_a_request_are_tried_at_most() {
    let (site, token) = site_with_a_session().await;
    let dead: Vec<_> = (0..50).map(|dead| format!("__Host-session=dead{dead}")).collect();
    let line = format!("{}; __Host-session={token}", dead.join("; "));
    assert_eq!(name_for(&site, &[line.as_bytes()]).await, "nobody");
    assert_eq!(site.calls(), [Verb::Load; 4]);
}

/// A cookie of another path or domain stays when the session's own is set, and browsers send both.
#[tokio::test]
async fn a_visitor_with_a_dead_cookie_of_another_path_signs_in() {
    let site = Site::new();
    for dead_first in [true, false] {
        let mut browser = Browser::new();
        let dead = ("__Host-session".to_owned(), "dead".to_owned());
        let mut together = Browser::new();
        together.cookies.push(dead.clone());
        let sign_in = |session: Session| async move { session.data.set_name("ada") };
        let reply = site.visit_as(&together, sign_in).await;
        browser.take_cookies(&reply);
        together.cookies.extend(browser.cookies.clone());
        if !dead_first {
            together.cookies.reverse();
        }
        assert_eq!(site.visit_as(&together, read).await.body, "ada");
        let reply = site.visit_as(&together, crate::support::handlers::destroy).await;
        assert_eq!(reply.set_cookie().value(), "");
        assert_eq!(site.visit_as(&together, read).await.body, "nobody");
    }
}

#[tokio::test]
async fn two_live_sessions_in_one_request_are_none_and_a_warning_that_shows_no_token() {
    let (site, ada) = site_with_a_session().await;
    let mut browser = Browser::new();
    site.visit(&mut browser, |session: Session| async move { session.data.set_name("eve") }).await;
    site.calls();
    let eve = browser.token().to_owned();
    for (one, two) in [(&ada, &eve), (&eve, &ada)] {
        let line = format!("__Host-session={one}; __Host-session=dead; __Host-session={two}");
        assert_eq!(name_for(&site, &[line.as_bytes()]).await, "nobody");
        let warnings = site.warnings.take();
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].starts_with("a request carried the tokens of two live sessions"));
        assert!(!warnings[0].contains(&ada) && !warnings[0].contains(&eve));
        assert_eq!(site.calls(), [Verb::Load; 3]);
    }
    let reply = site
        .visit_as(
            &Browser::new().sending("cookie", &format!("__Host-session={ada}; __Host-session={eve}")),
            write,
        )
        .await;
    let fresh = reply.set_cookie().value().to_owned();
    assert!(fresh != ada && fresh != eve);
    assert_eq!(site.store.len(), 3, "neither was written nor ended");
}

#[tokio::test]
async fn an_empty_cookie_is_no_token() {
    let (site, _) = site_with_a_session().await;
    for line in ["__Host-session=", "__Host-session= ", "__Host-session", ";;", ""] {
        assert_eq!(name_for(&site, &[line.as_bytes()]).await, "nobody");
    }
    assert_eq!(site.calls(), []);
}

#[tokio::test]
async fn a_token_spelt_otherwise_opens_nothing() {
    let (site, token) = site_with_a_session().await;
    let long = token.repeat(1000);
    for value in [
        format!("\"{token}\""),
        format!("{token}="),
        format!("{token}.sig"),
        format!("s:{token}"),
        format!("%20{token}"),
        format!("{token}\u{e9}"),
        token[1..].to_owned(),
        token.to_ascii_lowercase(),
        long,
    ] {
        let line = format!("__Host-session={value}");
        assert_eq!(name_for(&site, &[line.as_bytes()]).await, "nobody", "{value}");
    }
    assert_eq!(site.store.len(), 1);
    assert_eq!(site.errors.take(), [""; 0]);
}

#[tokio::test]
async fn a_token_in_the_query_the_path_or_another_header_is_ignored() {
    let (site, token) = site_with_a_session().await;
    let mut browsers = vec![
        Browser::at(&format!("https://example.com/?__Host-session={token}&session={token}")),
        Browser::at(&format!("https://example.com/;__Host-session={token}")),
        Browser::at(&format!("https://example.com/;jsessionid={token}")),
        Browser::at(&format!("https://{token}@example.com/")),
    ];
    for (name, value) in [
        ("authorization", format!("Bearer {token}")),
        ("x-session", token.clone()),
        ("__host-session", token.clone()),
        ("set-cookie", format!("__Host-session={token}")),
        ("cookie2", format!("__Host-session={token}")),
        ("x-cookie", format!("__Host-session={token}")),
    ] {
        browsers.push(Browser::new().sending(name, &value));
    }
    for browser in browsers {
        let reply = site.visit_as(&browser, read).await;
        assert_eq!(reply.body, "nobody");
        assert_eq!(site.calls(), []);
        let reply = site.visit_as(&browser, write).await;
        assert_ne!(reply.set_cookie().value(), token);
        assert_eq!(site.calls(), [Verb::Create]);
    }
}

#[tokio::test]
async fn a_token_in_the_body_is_ignored() {
    use tower::ServiceExt as _;

    let (site, token) = site_with_a_session().await;
    let mut request = Browser::new().request();
    *request.method_mut() = http::Method::POST;
    *request.body_mut() = format!("__Host-session={token}").into();
    request.headers_mut().insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
    let echo = |session: Session, body: String| async move { format!("{} {body}", session.data.name()) };
    let router = axum::Router::new().fallback(axum::routing::post(echo)).layer(site.layer.clone());
    let reply = Reply::read(router.oneshot(request).await.unwrap()).await;
    assert_eq!(reply.body, format!("nobody __Host-session={token}"), "and the body is whole");
    assert_eq!(site.calls(), []);
}
