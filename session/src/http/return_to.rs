//! The page to return to after signing in.

use std::borrow::Cow;
use std::fmt;

use http::HeaderValue;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The maximum length, in bytes.
const MAX_LENGTH: usize = 2048;

/// The parameter of the sign-in page's query.
const PARAMETER: &str = "next";

/// What a path or query contains only in encoded form. The apostrophe is included for templates that do not escape.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'\'')
    .add(b'<')
    .add(b'>')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// What the value of a parameter contains only in encoded form.
const ENCODED_IN_VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What programs take for a slash, some of them after Unicode normalisation.
const SLASHES: &[char] = &['/', '\\', '\u{2044}', '\u{2215}', '\u{2216}', '\u{fe68}', '\u{ff0f}', '\u{ff3c}'];

/// The page to return to after signing in: a path of this site, with its query.
///
/// A [`Guard`](crate::Guard) sends strangers to the sign-in page with the path that they wanted to visit in the parameter
/// `next`. That parameter is part of a link that anybody can write, so a redirect to it unchecked is an *open redirect*:
/// `/login?next=//evil.example` signs the user in on this site and shows them a page of another one. A `ReturnTo` is
/// never such an address. With the feature `axum` it is an extractor:
///
/// ```
/// # #[cfg(feature = "axum")]
/// # mod site {
/// # use axum::{extract::Form, response::Redirect};
/// # use session::{Databag, ReturnTo, Session};
/// # #[derive(Databag)]
/// # struct Visitor { #[databag(principal)] user_id: Option<u64> }
/// # #[derive(serde::Deserialize)]
/// # struct Login { user_id: u64 }
/// async fn login(session: Session<Visitor>, next: ReturnTo, Form(login): Form<Login>) -> Redirect {
///     session.data.set_user_id(login.user_id);
///     Redirect::to(next.as_str())
/// }
/// # }
/// ```
///
/// It is `/`, the [default](ReturnTo::default), if the parameter is missing or is not such a path; an `Option<ReturnTo>` is
/// `None`. It can also be deserialized, as a field of a form or a query, with `#[serde(default)]`, and kept in a session while
/// [another site](crate::guide::oauth) signs the user in.
///
/// The text is ASCII without spaces, quotes and angle brackets: other characters are percent-encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[doc(alias("open redirect", "next", "redirect_to", "safe_redirect"))]
pub struct ReturnTo(Cow<'static, str>);

impl ReturnTo {
    /// Parses a path of this site; `None` for everything else.
    ///
    /// A path begins with one slash. Other addresses are refused, and so is whatever some browser or server might treat as one:
    /// paths with a backslash or a control character, paths that begin with two slashes once `.` and `..` are resolved
    /// and percent-encoded characters are decoded, and paths longer than 2048 bytes.
    ///
    /// ```
    /// use session::ReturnTo;
    ///
    /// assert_eq!(ReturnTo::parse("/orders?page=2").unwrap().as_str(), "/orders?page=2");
    /// for elsewhere in ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"] {
    ///     assert_eq!(ReturnTo::parse(elsewhere), None);
    /// }
    /// ```
    #[doc(alias = "url_has_allowed_host_and_scheme")]
    pub fn parse(path: &str) -> Option<Self> {
        let is_plain = path.len() <= MAX_LENGTH && !path.contains(|c: char| c == '\\' || c.is_control());
        if !is_plain || !path.starts_with('/') || names_host(path) {
            return None;
        }
        let encoded = utf8_percent_encode(path, ENCODED).to_string();
        (encoded.len() <= MAX_LENGTH).then_some(Self(encoded.into()))
    }

    /// The parameter `next` of a query, such as `next=%2Forders`; `None` if it is missing or not a path of this site.
    pub fn from_query(query: &str) -> Option<Self> {
        let next = query.split('&').find_map(|pair| pair.strip_prefix(PARAMETER)?.strip_prefix('='))?;
        let next = next.replace('+', " ");
        Self::parse(&percent_decode_str(&next).decode_utf8().ok()?)
    }

    /// The path with its query.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path without its query.
    pub(super) fn path(&self) -> &str {
        self.0.split(['?', '#']).next().unwrap_or_default()
    }

    /// This page with the parameter `next`.
    pub(super) fn with_next(&self, next: Option<&Self>) -> Option<HeaderValue> {
        let Some(next) = next else { return HeaderValue::from_str(&self.0).ok() };
        let separator = if self.0.contains('?') { '&' } else { '?' };
        let value = utf8_percent_encode(&next.0, ENCODED_IN_VALUE);
        HeaderValue::try_from(format!("{}{separator}{PARAMETER}={value}", self.0)).ok()
    }
}

/// Whether the path begins with two slashes, as it is or where dot segments end, so that what follows might be treated as
/// a host; or contains an encoded control character.
fn names_host(path: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    let mut depth = 0_usize;
    let mut segments = decoded.split(SLASHES).skip(1).peekable();
    while let Some(segment) = segments.next() {
        match segment {
            "" if depth == 0 && segments.peek().is_some() => return true,
            "." => {}
            ".." => depth = depth.saturating_sub(1),
            _ => depth += 1,
        }
    }
    decoded.contains(char::is_control)
}

impl Default for ReturnTo {
    /// The home page, `/`.
    fn default() -> Self {
        Self("/".into())
    }
}

impl fmt::Display for ReturnTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for ReturnTo {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<ReturnTo> for String {
    fn from(path: ReturnTo) -> Self {
        path.0.into_owned()
    }
}

impl Serialize for ReturnTo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ReturnTo {
    /// Text that is not a path of this site is the home page: a hostile link must not prevent anybody from signing in.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::parse(&String::deserialize(deserializer)?).unwrap_or_default())
    }
}
