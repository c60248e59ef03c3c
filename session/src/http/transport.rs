//! How the token travels: in a cookie, or in a header of its own.

use std::fmt;
use std::sync::Arc;

use http::header::COOKIE;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Uri};
use session_core::Token;

use super::attributes::{CookieAttributes, Secure};
use super::connection::Connection;
use super::outgoing::Outgoing;
use super::set_cookie::Look;
use super::{headers, path, request_cookies, set_cookie};
use crate::hooks::contained;
use crate::{Error, Warning};

/// What a per-request function for the cookie's attributes can look at.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct RequestInfo<'a> {
    /// The request's headers.
    pub headers: &'a HeaderMap,
    /// The request's URI.
    pub uri: &'a Uri,
    /// How the request came, as far as it is known.
    pub connection: Option<Connection>,
}

impl fmt::Debug for RequestInfo<'_> {
    /// Shows the names of headers and the path, since values and queries carry credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestInfo")
            .field("headers", &self.headers.keys().map(HeaderName::as_str).collect::<Vec<_>>())
            .field("path", &self.uri.path())
            .field("connection", &self.connection)
            .finish()
    }
}

pub(super) type PerRequest = Arc<dyn Fn(&RequestInfo<'_>, &mut CookieAttributes) + Send + Sync>;

/// How tokens travel between clients and sessions.
pub(crate) struct Transport {
    pub(super) carrier: Carrier,
    pub(super) trust_proxy: bool,
    pub(crate) rolling: bool,
}

pub(super) enum Carrier {
    /// The attributes are `Secure` unless they never are.
    Cookie {
        name: String,
        look: Look,
        secure: Secure,
        per_request: Option<PerRequest>,
    },
    Header(HeaderName),
}

impl Default for Transport {
    fn default() -> Self {
        let carrier = Carrier::Cookie {
            name: "__Host-session".to_owned(),
            look: Look::default(),
            secure: Secure::Always,
            per_request: None,
        };
        Self { carrier, trust_proxy: false, rolling: false }
    }
}

/// What a request says about its session and how to answer it.
#[derive(Clone)]
pub(crate) struct Incoming {
    /// The tokens that the client presents. Of several, which only cookies of several paths or domains make, the live one
    /// counts.
    pub(crate) tokens: Vec<Token>,
    /// The names of further cookies that carry parts of a token.
    chunks: Vec<String>,
    /// The attributes of this response's cookie, where they are not those of all.
    look: Option<Box<Look>>,
    /// Why no token can be sent back, if none can.
    pub(crate) obstacle: Option<Obstacle>,
}

/// Why a request's client cannot be given a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// The cookie is `Secure`, and the connection known to be plain HTTP.
    PlainHttp,
    /// The client would not send the cookie to where this request went.
    OutsidePath,
}

impl Obstacle {
    pub(crate) fn warning(self) -> Warning {
        match self {
            Self::PlainHttp => Warning::PlainHttp,
            Self::OutsidePath => Warning::OutsidePath,
        }
    }
}

impl Transport {
    /// What a request says. Without a URI it is taken to be inside the cookie's path.
    pub(crate) fn read(&self, headers: &HeaderMap, uri: Option<&Uri>, extensions: &Extensions) -> Incoming {
        let target = uri;
        let unknown = Uri::default();
        let uri = uri.unwrap_or(&unknown);
        let connection = Connection::of(uri, headers, extensions, self.trust_proxy);
        match &self.carrier {
            Carrier::Header(name) => Incoming {
                tokens: headers
                    .get(name)
                    .and_then(|value| value.to_str().ok())
                    .filter(|text| !text.is_empty())
                    .map(Token::from)
                    .into_iter()
                    .collect(),
                chunks: Vec::new(),
                look: None,
                obstacle: None,
            },
            Carrier::Cookie { name, look, secure, per_request } => {
                let plain = *secure == Secure::Auto && connection == Some(Connection::Plain);
                let own = (plain || per_request.is_some()).then(|| {
                    let mut attributes = look.attributes().clone();
                    attributes.secure &= !plain;
                    let changed = per_request.as_ref().and_then(|change| {
                        let mut changed = attributes.clone();
                        let request = RequestInfo { headers, uri, connection };
                        contained("cookie_per_request", || change(&request, &mut changed)).map(|()| changed)
                    });
                    Box::new(Look::new(changed.unwrap_or(attributes)))
                });
                let attributes = own.as_deref().unwrap_or(look).attributes();
                let covers =
                    |uri| path::is_within(&attributes.path, uri, headers, extensions, self.trust_proxy);
                let obstacle = if attributes.secure && connection == Some(Connection::Plain) {
                    Some(Obstacle::PlainHttp)
                } else if target.is_none_or(covers) {
                    None
                } else {
                    Some(Obstacle::OutsidePath)
                };
                let (tokens, chunks) = request_cookies::find(headers, name);
                Incoming { tokens, chunks, look: own, obstacle }
            }
        }
    }

    /// Whether the attributes for this request, perhaps changed by a function, still go together.
    pub(crate) fn check(&self, incoming: &Incoming) -> Result<(), Error> {
        match (&self.carrier, &incoming.look) {
            (Carrier::Cookie { name, .. }, Some(own)) => own.attributes().check(name).map_err(Error::Cookie),
            _ => Ok(()),
        }
    }

    /// Tells the client about its token, and caches to keep out of it.
    pub(crate) fn write(&self, incoming: &Incoming, outgoing: &Outgoing, headers: &mut HeaderMap) {
        self.vary(headers);
        match &self.carrier {
            Carrier::Cookie { name, look, .. } => {
                let look = incoming.look.as_deref().unwrap_or(look);
                let mut put = |name: &str, value: &str, age: &str| {
                    if let Some(line) = look.line(name, value, age) {
                        headers::put_cookie(headers, name, line);
                    }
                };
                let mut stale: Vec<&str> = incoming.chunks.iter().map(String::as_str).collect();
                match outgoing {
                    Outgoing::Token(token, age) => {
                        set_cookie::each(name, token, |name, value| {
                            put(name, value, age);
                            stale.retain(|chunk| *chunk != name);
                        });
                    }
                    Outgoing::Deletion => stale.insert(0, name),
                }
                for name in stale {
                    put(name, "", &set_cookie::past());
                }
            }
            Carrier::Header(name) => {
                let text = match outgoing {
                    Outgoing::Token(token, _) => token.expose(),
                    Outgoing::Deletion => "",
                };
                if let Ok(mut value) = HeaderValue::try_from(text) {
                    value.set_sensitive(true);
                    headers.insert(name, value);
                }
            }
        }
        headers::keep_private(headers);
    }

    /// Tells caches that the response depends on the token.
    pub(crate) fn vary(&self, headers: &mut HeaderMap) {
        match &self.carrier {
            Carrier::Cookie { .. } => headers::vary(headers, &COOKIE),
            Carrier::Header(name) => headers::vary(headers, name),
        }
    }
}
