//! Whether the client would send a cookie of some path with a request.

use http::{Extensions, HeaderMap, Uri};

/// Whether a cookie of this path comes with such requests, by the rules of RFC 6265, 5.1.4.
///
/// What counts is the path that the client sent: before routers removed a prefix, as axum notes in `OriginalUri`, and
/// with the prefix that a trusted proxy removed, as it says in `X-Forwarded-Prefix`.
pub(super) fn is_within(
    cookie: &str,
    uri: &Uri,
    headers: &HeaderMap,
    extensions: &Extensions,
    trust_proxy: bool,
) -> bool {
    if cookie == "/" {
        return true;
    }
    let path = original(extensions).unwrap_or(uri).path();
    let prefix = headers.get("x-forwarded-prefix").filter(|_| trust_proxy).and_then(|it| it.to_str().ok());
    let prefix =
        prefix.and_then(|list| list.split(',').next()).map(|first| first.trim().trim_end_matches('/'));
    match prefix.filter(|prefix| prefix.starts_with('/')) {
        Some(prefix) => covers(cookie, &[prefix, path].concat()),
        None => covers(cookie, path),
    }
}

fn covers(cookie: &str, path: &str) -> bool {
    path.strip_prefix(cookie)
        .is_some_and(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
}

/// The URI before nested routers removed what they matched.
#[cfg(feature = "axum")]
fn original(extensions: &Extensions) -> Option<&Uri> {
    extensions.get::<axum::extract::OriginalUri>().map(|original| &original.0)
}

#[cfg(not(feature = "axum"))]
fn original(_: &Extensions) -> Option<&Uri> {
    None
}
