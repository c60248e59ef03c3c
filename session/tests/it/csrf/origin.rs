//! Requests that pages of other origins send.

use std::convert::Infallible;

use axum::body::Body;
use http::{Request, Response, StatusCode, Version};
use session::csrf::{CsrfLayer, CsrfRefusal, InvalidOrigin};
use tower::{Layer as _, ServiceExt as _, service_fn};

/// Sends a request with these headers to `https://shop.example/order`.
async fn send(layer: &CsrfLayer, method: &str, headers: &[(&str, &str)]) -> Response<Body> {
    let mut request = Request::builder().method(method).uri("/order").header("host", "shop.example");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    answer(layer, request.body(Body::empty()).unwrap()).await
}

async fn answer(layer: &CsrfLayer, request: Request<Body>) -> Response<Body> {
    let service = service_fn(async |_: Request<Body>| {
        let mut reached = Response::new(Body::empty());
        *reached.status_mut() = StatusCode::ACCEPTED;
        Ok::<_, Infallible>(reached)
    });
    layer.layer(service).oneshot(request).await.unwrap()
}

async fn passes(layer: &CsrfLayer, method: &str, headers: &[(&str, &str)]) -> bool {
    let response = send(layer, method, headers).await;
    let refusal = response.extensions().get::<CsrfRefusal>().copied();
    match response.status() {
        StatusCode::ACCEPTED => assert_eq!(refusal, None),
        StatusCode::FORBIDDEN => assert_eq!(refusal, Some(CsrfRefusal::CrossOrigin)),
        status => panic!("{status}"),
    }
    response.status() == StatusCode::ACCEPTED
}

const UNSAFE: [&str; 6] = ["POST", "PUT", "PATCH", "DELETE", "CONNECT", "UNHEARD-OF"];

#[tokio::test]
async fn safe_methods_pass_whichever_page_sends_them() {
    for method in ["GET", "HEAD", "OPTIONS", "TRACE"] {
        for headers in [
            &[][..],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
            &[("origin", "null")],
        ] {
            assert!(passes(&CsrfLayer::new(), method, headers).await, "{method} {headers:?}");
        }
    }
}

#[tokio::test]
async fn pages_of_the_same_origin_and_the_address_bar_may_send_anything() {
    for method in UNSAFE {
        for headers in [
            &[("sec-fetch-site", "same-origin")][..],
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "same-origin"), ("origin", "https://shop.example")],
            &[("origin", "https://shop.example")],
            &[("origin", "https://SHOP.example")],
            &[("origin", "http://shop.example")],
            &[("referer", "https://shop.example/cart?page=2")],
            &[("referer", "https://shop.example")],
        ] {
            assert!(passes(&CsrfLayer::new(), method, headers).await, "{method} {headers:?}");
        }
    }
}

#[tokio::test]
async fn pages_of_other_origins_are_refused() {
    for method in UNSAFE {
        for headers in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://shop.example")],
            &[("sec-fetch-site", "same-site"), ("origin", "https://blog.shop.example")],
            &[("origin", "https://evil.example")],
            &[("origin", "https://shop.example.evil.example")],
            &[("origin", "https://evilshop.example")],
            &[("origin", "https://blog.shop.example")],
            &[("origin", "https://shop.example:8443")],
            &[("origin", "https://shop.example@evil.example")],
            &[("origin", "null")],
            &[("origin", "null"), ("referer", "https://shop.example/")],
            &[("origin", "https://evil.example"), ("referer", "https://shop.example/")],
            &[("referer", "https://evil.example/")],
            &[("referer", "https://evil.example/https://shop.example/")],
            &[("referer", "https://shop.example@evil.example/")],
            &[("referer", "https://evil.example\\@shop.example/")],
            &[("referer", "https://shop.example.evil.example/")],
        ] {
            assert!(!passes(&CsrfLayer::new(), method, headers).await, "{method} {headers:?}");
        }
    }
}

#[tokio::test]
async fn headers_that_no_browser_sends_are_refused() {
    for headers in [
        &[("sec-fetch-site", "")][..],
        &[("sec-fetch-site", "Same-Origin")],
        &[("sec-fetch-site", "same-origin, cross-site")],
        &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "yes"), ("origin", "https://shop.example")],
        &[("origin", "")],
        &[("origin", "shop.example")],
        &[("origin", "https://")],
        &[("origin", "https://shop.example/")],
        &[("origin", "ftp://shop.example")],
        &[("origin", "https://shop.example https://evil.example")],
        &[("origin", "https://shop.example"), ("origin", "https://evil.example")],
        &[("referer", "")],
        &[("referer", "about:blank")],
        &[("referer", "/cart")],
        &[("origin", "https://shop.example"), ("host", "shop.example"), ("host", "evil.example")],
    ] {
        assert!(!passes(&CsrfLayer::new(), "POST", headers).await, "{headers:?}");
    }
}

#[tokio::test]
async fn a_header_that_is_not_text_is_refused() {
    for name in ["sec-fetch-site", "origin", "referer"] {
        let value = http::HeaderValue::from_bytes(b"https://shop.example\xff").unwrap();
        let request = Request::post("/order").header("host", "shop.example").header(name, value);
        let response = answer(&CsrfLayer::new(), request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), 403, "{name}");
    }
}

#[tokio::test]
async fn programs_that_are_no_browsers_pass() {
    for method in UNSAFE {
        assert!(passes(&CsrfLayer::new(), method, &[]).await, "{method}");
    }
}

#[tokio::test]
async fn the_host_may_be_in_the_uri_and_may_name_the_default_port() {
    for (version, uri, host, origin, expected) in [
        (Version::HTTP_2, "https://shop.example/order", None, "https://shop.example", 202),
        (Version::HTTP_2, "https://shop.example/order", None, "https://evil.example", 403),
        (Version::HTTP_11, "/order", Some("shop.example:443"), "https://shop.example", 202),
        (Version::HTTP_11, "/order", Some("shop.example:80"), "http://shop.example", 202),
        (Version::HTTP_11, "/order", Some("shop.example:80"), "https://shop.example", 403),
        (Version::HTTP_11, "/order", Some("127.0.0.1:3000"), "http://127.0.0.1:3000", 202),
        (Version::HTTP_11, "/order", Some("127.0.0.1:3000"), "http://127.0.0.1:3001", 403),
        (Version::HTTP_11, "/order", Some("[::1]:3000"), "http://[::1]:3000", 202),
        (Version::HTTP_10, "/order", None, "https://shop.example", 403),
    ] {
        let mut request = Request::post(uri).version(version).header("origin", origin);
        if let Some(host) = host {
            request = request.header("host", host);
        }
        let response = answer(&CsrfLayer::new(), request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), expected, "{uri} {host:?} {origin}");
    }
}

#[tokio::test]
async fn pages_of_a_trusted_origin_may_send_anything_and_no_page_that_is_similar() {
    let layer =
        CsrfLayer::new().trust("https://admin.example:8443").unwrap().trust("http://LOCALHOST").unwrap();
    for (site, origin, expected) in [
        (Some("cross-site"), "https://admin.example:8443", true),
        (Some("same-site"), "https://admin.example:8443", true),
        (None, "https://admin.example:8443", true),
        (None, "http://localhost", true),
        (None, "http://localhost:80", true),
        (Some("cross-site"), "https://admin.example", false),
        (Some("cross-site"), "http://admin.example:8443", false),
        (Some("cross-site"), "https://www.admin.example:8443", false),
        (None, "https://localhost", false),
        (None, "null", false),
    ] {
        let mut headers = vec![("origin", origin)];
        headers.extend(site.map(|site| ("sec-fetch-site", site)));
        assert_eq!(passes(&layer, "POST", &headers).await, expected, "{site:?} {origin}");
    }
}

#[tokio::test]
async fn a_page_of_another_origin_cannot_open_a_web_socket() {
    let handshake = [("connection", "upgrade"), ("upgrade", "websocket")];
    for (header, expected) in [
        (("sec-fetch-site", "same-origin"), true),
        (("sec-fetch-site", "cross-site"), false),
        (("origin", "https://shop.example"), true),
        (("origin", "https://evil.example"), false),
    ] {
        let headers = [&handshake[..], &[header]].concat();
        assert_eq!(passes(&CsrfLayer::new(), "GET", &headers).await, expected, "{header:?}");
    }
}

#[test]
fn what_is_no_origin_cannot_be_trusted() {
    for text in [
        "",
        "null",
        "admin.example",
        "https://",
        "https://admin.example/",
        "https://admin.example/path",
        "https://user@admin.example",
        "https://*.example",
        "https://admin.example?x",
        "https://admin.example#x",
        "https://admin example",
        "ftp://admin.example",
        "*",
    ] {
        assert_eq!(CsrfLayer::new().trust(text).unwrap_err(), InvalidOrigin, "{text}");
    }
    assert!(InvalidOrigin.to_string().contains("https://admin.example.com"));
    assert_eq!(CsrfRefusal::CrossOrigin.status(), StatusCode::FORBIDDEN);
}
