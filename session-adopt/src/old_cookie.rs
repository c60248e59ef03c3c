//! The cookie of another library.

use std::fmt;
use std::net::IpAddr;

use cookie::time::{Duration, OffsetDateTime};
use cookie::{Cookie, CookieJar, Key};
use http::header::{COOKIE, USER_AGENT};
use http::{HeaderMap, HeaderValue};

/// The maximum number of cookies of one request that are tried.
const MAX_COOKIES: usize = 4;

/// The cookie of another library: its name, the attributes by which a browser identifies it, and its protection.
///
/// ```
/// use session_adopt::{Key, OldCookie};
///
/// # let secret = [0; 64];
/// let cookie = OldCookie::new("id").domain("example.com").signed(Key::from(&secret));
/// ```
#[derive(Clone)]
pub struct OldCookie {
    name: String,
    path: String,
    domain: Option<String>,
    protection: Protection,
}

#[derive(Clone)]
enum Protection {
    None,
    Signed(Key),
    Private(Key),
    SignedForClient(Key),
}

impl OldCookie {
    /// A cookie of this name with the path `/` and no domain, whose value is not protected.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), path: "/".to_owned(), domain: None, protection: Protection::None }
    }

    /// The path with which the cookie was sent. `/` unless set.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// The domain with which the cookie was sent. None unless set.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// Its value was signed with this key by the crate `cookie`. Values that were not are ignored.
    pub fn signed(mut self, key: Key) -> Self {
        self.protection = Protection::Signed(key);
        self
    }

    /// Its value was encrypted with this key by the crate `cookie`. Values that were not are ignored.
    pub fn private(mut self, key: Key) -> Self {
        self.protection = Protection::Private(key);
        self
    }

    pub(crate) fn signed_for_client(mut self, key: Key) -> Self {
        self.protection = Protection::SignedForClient(key);
        self
    }

    pub(crate) fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Returns the distinct values of this cookie that a request presents, verified and without their protection. `client` is the
    /// address of the client, if it is known.
    pub fn read(&self, headers: &HeaderMap, client: Option<IpAddr>) -> Vec<String> {
        let mut values = Vec::new();
        let pairs = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        for pair in pairs.flat_map(|line| line.split(';')).filter(|pair| self.names(pair)).take(MAX_COOKIES) {
            if let Some(value) =
                Cookie::parse_encoded(pair.to_owned()).ok().and_then(|it| self.verify(it, headers, client))
                && !values.contains(&value)
            {
                values.push(value);
            }
        }
        values
    }

    /// Whether this is the pair of a cookie of this name.
    fn names(&self, pair: &str) -> bool {
        pair.split_once('=').is_some_and(|(name, _)| name.trim_ascii() == self.name)
    }

    fn verify(
        &self,
        mut cookie: Cookie<'static>,
        headers: &HeaderMap,
        client: Option<IpAddr>,
    ) -> Option<String> {
        let jar = CookieJar::new();
        let verified = match &self.protection {
            Protection::None => Some(cookie),
            Protection::Signed(key) => jar.signed(key).verify(cookie),
            Protection::Private(key) => jar.private(key).decrypt(cookie),
            Protection::SignedForClient(key) => {
                // What was signed is the value followed by the description of the client.
                let client = describe(headers, client);
                cookie.set_value(format!("{}{client}", cookie.value()));
                let mut verified = jar.signed(key).verify(cookie)?;
                verified.set_value(verified.value().strip_suffix(&client)?.to_owned());
                Some(verified)
            }
        };
        verified.map(|cookie| cookie.value().to_owned()).filter(|value| !value.is_empty())
    }

    /// Returns the `Set-Cookie` that makes a browser remove the cookie; `None` if its attributes do not form a header.
    pub fn removal(&self) -> Option<HeaderValue> {
        let mut cookie = Cookie::build((self.name.as_str(), ""))
            .path(&self.path)
            .http_only(true)
            .max_age(Duration::ZERO)
            .expires(OffsetDateTime::UNIX_EPOCH);
        if let Some(domain) = &self.domain {
            cookie = cookie.domain(domain);
        }
        // Browsers ignore cookies with such names otherwise.
        if self.name.starts_with("__") {
            cookie = cookie.secure(true);
        }
        HeaderValue::try_from(cookie.build().to_string()).ok()
    }

    /// Whether a cookie with this name, path and domain replaces this one in a browser.
    pub fn is_replaced_by(&self, name: &str, path: &str, domain: Option<&str>) -> bool {
        let without_dot = |domain: &str| domain.trim_start_matches('.').to_ascii_lowercase();
        self.name == name
            && self.path == path
            && self.domain.as_deref().map(without_dot) == domain.map(without_dot)
    }
}

/// Address and user agent, in the form of `axum_session`. Between them are headers of proxies, which are not used by default.
fn describe(headers: &HeaderMap, client: Option<IpAddr>) -> String {
    let address = client.map(|address| address.to_string()).unwrap_or_default();
    let user_agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    format!("{address};;;;{user_agent}")
}

impl fmt::Debug for OldCookie {
    /// Prints no key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OldCookie")
            .field("name", &self.name)
            .field("path", &self.path)
            .field("domain", &self.domain)
            .finish_non_exhaustive()
    }
}
