//! `Set-Cookie`, spelt out.

use std::time::Duration;

use cookie::time::OffsetDateTime;
use cookie::{Cookie, CookieBuilder};
use http::HeaderValue;
use session_core::{Meta, Timestamp, Token};

use super::attributes::{CookieAttributes, SameSite};

/// The longest that browsers keep a cookie: 400 days.
const MAX_AGE: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// The cookies that give the client its token, one unless it is too long; kept beyond the browser session when the
/// session says so.
pub(super) fn token(
    name: &str,
    token: &Token,
    attributes: &CookieAttributes,
    meta: &Meta,
    now: Timestamp,
) -> Vec<Cookie<'static>> {
    let age = |mut cookie: CookieBuilder<'static>| {
        if meta.remember {
            let age = meta.deadline().since(now).min(MAX_AGE);
            let seconds = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
            cookie = cookie.max_age(cookie::time::Duration::seconds(seconds));
            if let Some(expires) = now.after(Duration::from_secs(age.as_secs())).to_system_time() {
                cookie = cookie.expires(OffsetDateTime::from(expires));
            }
        }
        cookie.build()
    };
    // A store that makes tokens of more than a cookie holds bounds them to what can be split.
    #[cfg(feature = "cookie")]
    if let Ok(pieces) = session_cookie::split(name, token) {
        return pieces.iter().map(|(name, value)| age(base(name, value, attributes))).collect();
    }
    vec![age(base(name, token.expose(), attributes))]
}

/// A cookie that makes the client forget: the same attributes, no value, a date long past.
pub(super) fn deletion(name: &str, attributes: &CookieAttributes) -> Cookie<'static> {
    base(name, "", attributes)
        .max_age(cookie::time::Duration::ZERO)
        .expires(OffsetDateTime::UNIX_EPOCH)
        .build()
}

fn base(name: &str, value: &str, attributes: &CookieAttributes) -> CookieBuilder<'static> {
    let mut cookie = Cookie::build((name.to_owned(), value.to_owned()))
        .path(attributes.path.clone())
        .secure(attributes.secure)
        .http_only(attributes.http_only)
        .partitioned(attributes.partitioned);
    if let Some(same_site) = attributes.same_site {
        cookie = cookie.same_site(match same_site {
            SameSite::Strict => cookie::SameSite::Strict,
            SameSite::Lax => cookie::SameSite::Lax,
            SameSite::None => cookie::SameSite::None,
        });
    }
    match &attributes.domain {
        Some(domain) => cookie.domain(domain.clone()),
        None => cookie,
    }
}

/// The header's value; `None` for a cookie that no header can hold, which checked attributes never make.
pub(super) fn value(cookie: &Cookie<'_>) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(cookie.to_string()).ok()?;
    value.set_sensitive(true);
    Some(value)
}
