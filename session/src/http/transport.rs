//! How the token travels: in a cookie, or in a header of its own.

use std::sync::Arc;

use http::header::COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue};
use session_core::Token;

use super::attributes::{CookieAttributes, Secure};
use super::connection::Connection;
use super::request_info::RequestInfo;
use super::set_cookie::CookieTemplate;
use super::site_data::ClearSiteData;
use super::{headers, path, request_cookies, set_cookie};
use crate::error::Error;
use crate::events::contained;
use crate::warning::Warning;

pub(super) type PerRequest = Arc<dyn Fn(&RequestInfo<'_>, &mut CookieAttributes) + Send + Sync>;

/// How tokens travel between clients and sessions.
pub(crate) struct Transport {
    pub(super) carrier: Carrier,
    pub(super) clear_site_data: Option<Box<ClearSiteData>>,
    pub(super) trust_proxy: bool,
    pub(crate) rolling: bool,
}

pub(super) enum Carrier {
    /// The attributes are `Secure` unless they never are.
    Cookie {
        name: String,
        template: CookieTemplate,
        secure: Secure,
        per_request: Option<PerRequest>,
    },
    Header(HeaderName),
}

impl Default for Transport {
    fn default() -> Self {
        let carrier = Carrier::Cookie {
            name: "__Host-session".to_owned(),
            template: CookieTemplate::default(),
            secure: Secure::Always,
            per_request: None,
        };
        Self { carrier, clear_site_data: None, trust_proxy: false, rolling: false }
    }
}

/// The tokens that a request presents, and how to answer it.
#[derive(Clone)]
pub(crate) struct Presented {
    /// The tokens that the client presents. Of several, which only cookies of several paths or domains make, the live one
    /// counts.
    pub(crate) tokens: Vec<Token>,
    /// The names of further cookies that carry parts of a token.
    chunks: Vec<String>,
    /// The attributes of this response's cookie, where they are not those of all.
    template: Option<Box<CookieTemplate>>,
    /// Why no token can be sent back, if none can.
    pub(crate) obstacle: Option<Obstacle>,
}

/// A token for the client, or the deletion of its own.
pub(crate) enum Outgoing {
    /// A token, and how long a cookie keeps it, as attributes.
    Token(Token, String),
    Deletion,
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
    /// Reads the tokens that a request presents, and chooses the attributes of its response's cookie.
    pub(crate) fn read(&self, request: &RequestInfo<'_>) -> Presented {
        let headers = request.headers;
        match &self.carrier {
            Carrier::Header(name) => Presented {
                tokens: headers
                    .get(name)
                    .and_then(|value| value.to_str().ok())
                    .filter(|text| !text.is_empty())
                    .map(Token::from)
                    .into_iter()
                    .collect(),
                chunks: Vec::new(),
                template: None,
                obstacle: None,
            },
            Carrier::Cookie { name, template, secure, per_request } => {
                let connection = Connection::of(request.connection, request.uri, headers, self.trust_proxy);
                let plain = *secure == Secure::Auto && connection == Some(Connection::Plain);
                let own = (plain || per_request.is_some()).then(|| {
                    let mut attributes = template.attributes().clone();
                    attributes.secure &= !plain;
                    let changed = per_request.as_ref().and_then(|change| {
                        let mut changed = attributes.clone();
                        let request = RequestInfo { connection, ..*request };
                        contained("cookie_per_request", || change(&request, &mut changed)).map(|()| changed)
                    });
                    Box::new(CookieTemplate::new(changed.unwrap_or(attributes)))
                });
                let attributes = own.as_deref().unwrap_or(template).attributes();
                let obstacle = if attributes.secure && connection == Some(Connection::Plain) {
                    Some(Obstacle::PlainHttp)
                } else if path::is_within(&attributes.path, request, self.trust_proxy) {
                    None
                } else {
                    Some(Obstacle::OutsidePath)
                };
                let (tokens, chunks) = request_cookies::find(headers, name);
                Presented { tokens, chunks, template: own, obstacle }
            }
        }
    }

    /// Whether the attributes for this request, perhaps changed by a function, still go together.
    pub(crate) fn check(&self, presented: &Presented) -> Result<(), Error> {
        match (&self.carrier, &presented.template) {
            (Carrier::Cookie { name, .. }, Some(own)) => own.attributes().check(name).map_err(Error::Cookie),
            _ => Ok(()),
        }
    }

    /// Writes the token or its deletion, and keeps the response out of shared caches.
    pub(crate) fn write(&self, presented: &Presented, outgoing: &Outgoing, headers: &mut HeaderMap) {
        self.vary(headers);
        match &self.carrier {
            Carrier::Cookie { name, template, .. } => {
                let template = presented.template.as_deref().unwrap_or(template);
                let mut put = |name: &str, value: &str, age: &str| {
                    if let Some(line) = template.line(name, value, age) {
                        headers::put_cookie(headers, name, line);
                    }
                };
                let mut stale: Vec<&str> = presented.chunks.iter().map(String::as_str).collect();
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

    /// Has the client drop the data of a session that ended, `beside_token` where the response gives it a token of another.
    pub(super) fn clear_site_data(&self, beside_token: bool, headers: &mut HeaderMap) {
        if let Some(clear) = &self.clear_site_data {
            clear.write(beside_token, headers);
        }
    }

    /// Adds to `Vary` that the response depends on the token.
    pub(crate) fn vary(&self, headers: &mut HeaderMap) {
        match &self.carrier {
            Carrier::Cookie { .. } => headers::vary(headers, &COOKIE),
            Carrier::Header(name) => headers::vary(headers, name),
        }
    }
}
