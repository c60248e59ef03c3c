//! Header names with a defined meaning in HTTP.

use http::HeaderName;

/// Families of names.
const PREFIXES: &[&str] =
    &["accept", "access-control-", "content-", "cross-origin-", "if-", "proxy-", "sec-", "x-forwarded-"];

/// Names outside these families: RFC 9110, 9111 and 9112, cookies, authentication, and headers that browsers and
/// proxies interpret.
const NAMES: &[&str] = &[
    "age",
    "allow",
    "alt-svc",
    "alt-used",
    "authentication-info",
    "authorization",
    "cache-control",
    "clear-site-data",
    "close",
    "connection",
    "cookie",
    "cookie2",
    "date",
    "dnt",
    "early-data",
    "etag",
    "expect",
    "expires",
    "forwarded",
    "from",
    "host",
    "http2-settings",
    "keep-alive",
    "last-modified",
    "link",
    "location",
    "max-forwards",
    "origin",
    "permissions-policy",
    "pragma",
    "prefer",
    "priority",
    "range",
    "referer",
    "referrer-policy",
    "refresh",
    "retry-after",
    "server",
    "server-timing",
    "set-cookie",
    "set-cookie2",
    "strict-transport-security",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "vary",
    "via",
    "warning",
    "www-authenticate",
    "x-content-type-options",
    "x-frame-options",
];

/// Whether clients, servers or proxies interpret a header of this name.
pub(super) fn is_reserved(name: &HeaderName) -> bool {
    let name = name.as_str();
    NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}
