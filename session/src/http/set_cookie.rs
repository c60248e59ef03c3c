//! Formatting of `Set-Cookie`.

use std::sync::OnceLock;
use std::time::Duration;

use crate::clock::Clock;
use cookie::time::OffsetDateTime;
use cookie::{Cookie, CookieBuilder};
use http::HeaderValue;
use session_core::{Meta, Token};

use super::attributes::{CookieAttributes, Priority, SameSite};

/// The maximum time that browsers keep a cookie: 400 days.
const MAX_AGE: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// The last second that an HTTP date can represent: the end of the year 9999, since the Unix epoch.
const LAST_DATE: u64 = 253_402_300_799;

/// Attributes of cookies, with their text for all responses that share them.
#[derive(Clone, Default)]
pub(super) struct CookieTemplate {
    attributes: CookieAttributes,
    formatted: OnceLock<String>,
}

impl CookieTemplate {
    pub(super) fn new(attributes: CookieAttributes) -> Self {
        Self { attributes, formatted: OnceLock::new() }
    }

    pub(super) fn attributes(&self) -> &CookieAttributes {
        &self.attributes
    }

    /// The attributes as text.
    pub(super) fn text(&self) -> &str {
        self.formatted.get_or_init(|| format_attributes(&self.attributes)).trim_start_matches("; ")
    }

    /// The header's value; `None` for a cookie that is not a valid header value, which does not occur with checked
    /// attributes.
    pub(super) fn line(&self, name: &str, value: &str, age: &str) -> Option<HeaderValue> {
        let attributes = self.formatted.get_or_init(|| format_attributes(&self.attributes));
        let mut line = HeaderValue::try_from([name, "=", value, attributes, age].concat()).ok()?;
        line.set_sensitive(true);
        Some(line)
    }
}

fn format_attributes(attributes: &CookieAttributes) -> String {
    let mut cookie = Cookie::build(("", ""))
        .path(&attributes.path)
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
    if let Some(domain) = &attributes.domain {
        cookie = cookie.domain(domain);
    }
    let mut text = without_pair(cookie);
    text.push_str(match attributes.priority {
        None => "",
        Some(Priority::Low) => "; Priority=Low",
        Some(Priority::Medium) => "; Priority=Medium",
        Some(Priority::High) => "; Priority=High",
    });
    text
}

/// The attributes for the age of the cookie: none unless the session is remembered.
pub(super) fn age(meta: &Meta, clock: &Clock) -> String {
    if !meta.remember {
        return String::new();
    }
    let now = clock.now();
    let age = meta.deadline().since(now).min(MAX_AGE);
    let seconds = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
    let mut cookie = Cookie::build(("", "")).max_age(cookie::time::Duration::seconds(seconds));
    let expires = (now.after(Duration::from_secs(age.as_secs())).as_millis() / 1000).min(LAST_DATE);
    if let Ok(expires) = OffsetDateTime::from_unix_timestamp(expires.cast_signed()) {
        cookie = cookie.expires(expires);
    }
    without_pair(cookie)
}

/// The age attributes that delete a cookie: zero, and a date in the past.
pub(super) fn past() -> String {
    let cookie = Cookie::build(("", "")).max_age(cookie::time::Duration::ZERO);
    without_pair(cookie.expires(OffsetDateTime::UNIX_EPOCH))
}

/// The attributes alone, with the leading separator.
fn without_pair(cookie: CookieBuilder<'_>) -> String {
    let mut text = cookie.build().to_string();
    text.remove(0);
    text
}

/// Names and values of the cookies that carry a token: one, unless it is too long.
pub(super) fn each(name: &str, token: &Token, mut put: impl FnMut(&str, &str)) {
    let text = token.expose();
    // A store with tokens longer than a cookie limits them to what chunks can hold.
    #[cfg(feature = "cookie")]
    if name.len() + text.len() > session_cookie::COOKIE_LIMIT
        && let Ok(chunks) = session_cookie::split(name, token)
    {
        return chunks.iter().for_each(|(name, value)| put(name, value));
    }
    put(name, text);
}
