//! Paths of requests and cookies.

use std::borrow::Cow;

#[cfg(feature = "axum")]
use http::Extensions;
use http::Uri;

use super::request_info::RequestInfo;

/// Whether clients send a cookie of this path with such requests, by the rules of RFC 6265, 5.1.4.
pub(super) fn is_within(cookie: &str, request: &RequestInfo<'_>, trust_proxy: bool) -> bool {
    cookie == "/" || !request.is_uri_known || covers(cookie, &sent_path(request, trust_proxy))
}

/// The path that the client sent: before routers removed a prefix, as in axum's `OriginalUri`, and with the prefix that a
/// trusted proxy removed, as in `X-Forwarded-Prefix`.
pub(super) fn sent_path<'a>(request: &RequestInfo<'a>, trust_proxy: bool) -> Cow<'a, str> {
    let path = original(request).path();
    let prefix = request.headers.get("x-forwarded-prefix").filter(|_| trust_proxy);
    let prefix = prefix.and_then(|list| list.to_str().ok()?.split(',').next());
    let prefix = prefix.map(|first| first.trim().trim_end_matches('/'));
    match prefix.filter(|prefix| prefix.starts_with('/')) {
        Some(prefix) => [prefix, path].concat().into(),
        None => path.into(),
    }
}

fn covers(cookie: &str, path: &str) -> bool {
    path.strip_prefix(cookie)
        .is_some_and(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
}

/// The URI before nested routers removed the matched prefix.
#[cfg(feature = "axum")]
pub(super) fn original<'a>(request: &RequestInfo<'a>) -> &'a Uri {
    let noted = |extensions: &'a Extensions| extensions.get::<axum::extract::OriginalUri>();
    request.extensions.and_then(noted).map_or(request.uri, |original| &original.0)
}

#[cfg(not(feature = "axum"))]
pub(super) fn original<'a>(request: &RequestInfo<'a>) -> &'a Uri {
    request.uri
}
