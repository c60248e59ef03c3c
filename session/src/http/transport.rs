//! Transport of the token: in a cookie, in a header, or in whichever of them a request uses.

use std::sync::Arc;

use http::header::COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue};
use session_core::Token;

use super::attributes::{CookieAttributes, Secure};
use super::client::{self, Client};
use super::connection::Connection;
use super::presented::{Details, Obstacle, Presented};
use super::request_info::RequestInfo;
use super::set_cookie::CookieTemplate;
use super::site_data::ClearSiteData;
use super::{headers, path, request_cookies, set_cookie};
use crate::client_change::ClientChange;
use crate::error::Error;
use crate::events::catch_panic;

pub(super) type PerRequest = Arc<dyn Fn(&RequestInfo<'_>, &mut CookieAttributes) + Send + Sync>;

/// Transport of tokens between clients and sessions.
pub(crate) struct Transport {
    pub(super) carrier: Carrier,
    pub(super) clear_site_data: Option<Box<ClearSiteData>>,
    pub(super) trust_proxy: bool,
    pub(crate) rolling: bool,
    /// Treatment of sessions that another client presents. `None` if the client is not read.
    pub(crate) client_change: Option<ClientChange>,
}

pub(super) enum Carrier {
    Cookie(CookieCarrier),
    Header(HeaderName),
    /// Whichever the request uses.
    Either(CookieCarrier, HeaderName),
}

/// A cookie of this name. The attributes are `Secure` unless they never are.
pub(super) struct CookieCarrier {
    pub(super) name: String,
    pub(super) template: CookieTemplate,
    pub(super) secure: Secure,
    pub(super) per_request: Option<PerRequest>,
}

impl Carrier {
    fn cookie(&self) -> Option<&CookieCarrier> {
        match self {
            Self::Cookie(cookie) | Self::Either(cookie, _) => Some(cookie),
            Self::Header(_) => None,
        }
    }

    fn header(&self) -> Option<&HeaderName> {
        match self {
            Self::Header(header) | Self::Either(_, header) => Some(header),
            Self::Cookie(_) => None,
        }
    }
}

impl Default for Transport {
    fn default() -> Self {
        let carrier = Carrier::Cookie(CookieCarrier {
            name: "__Host-session".to_owned(),
            template: CookieTemplate::default(),
            secure: Secure::Always,
            per_request: None,
        });
        Self { carrier, clear_site_data: None, trust_proxy: false, rolling: false, client_change: None }
    }
}

/// A token for the client, or the deletion of the one it has.
pub(crate) enum Outgoing {
    /// A token, and how long a cookie keeps it, as attributes.
    Token(Token, String),
    Deletion,
}

impl Transport {
    /// Reads the tokens that a request presents, and chooses the attributes of its response's cookie.
    pub(crate) fn read(&self, request: &RequestInfo<'_>) -> Presented {
        let mut presented = match self.carrier.cookie() {
            Some(cookie) => cookie.read(request, self.trust_proxy),
            None => Presented { by_header: true, ..Presented::default() },
        };
        if self.client_change.is_some() {
            presented.details_mut().client = Some(Client::read(request, self.trust_proxy));
        }
        if let Some(value) = self.carrier.header().and_then(|name| request.headers.get(name)) {
            presented.by_header = true;
            if let Some(text) = value.to_str().ok().filter(|text| !text.is_empty()) {
                let token = Token::from(text);
                presented.tokens.retain(|cookie| *cookie != token);
                if self.carrier.cookie().is_some() {
                    presented.details_mut().header_token = Some(token.clone());
                }
                presented.tokens.insert(0, token);
            }
        }
        presented
    }

    /// Records the token under which a session was found: the response uses the same transport.
    pub(crate) fn found(&self, presented: &mut Presented, token: &Token) {
        if let Carrier::Either(..) = self.carrier {
            let header_token = presented.details.as_ref().and_then(|details| details.header_token.as_ref());
            presented.by_header = header_token == Some(token);
        }
    }

    /// Whether tokens can travel in a cookie.
    #[cfg(feature = "adopt")]
    pub(super) fn uses_cookies(&self) -> bool {
        self.carrier.cookie().is_some()
    }

    /// The name and attributes of this response's cookie.
    #[cfg(feature = "adopt")]
    pub(super) fn cookie<'a>(&'a self, presented: &'a Presented) -> Option<(&'a str, &'a CookieAttributes)> {
        let cookie = self.carrier.cookie()?;
        Some((&cookie.name, presented.template().unwrap_or(&cookie.template).attributes()))
    }

    /// Checks the attributes for this request, which a function may have changed.
    pub(crate) fn check(&self, presented: &Presented) -> Result<(), Error> {
        match (self.carrier.cookie(), presented.template()) {
            (Some(cookie), Some(own)) if !presented.by_header => {
                own.attributes().check(&cookie.name).map_err(Error::Cookie)
            }
            _ => Ok(()),
        }
    }

    /// Writes the token or its deletion, and keeps the response out of shared caches.
    pub(crate) fn write(&self, presented: &Presented, outgoing: &Outgoing, headers: &mut HeaderMap) {
        self.vary(headers);
        match (&self.carrier, presented.by_header) {
            (Carrier::Header(name), _) | (Carrier::Either(_, name), true) => {
                let text = match outgoing {
                    Outgoing::Token(token, _) => token.expose(),
                    Outgoing::Deletion => "",
                };
                if let Ok(mut value) = HeaderValue::try_from(text) {
                    value.set_sensitive(true);
                    headers.insert(name, value);
                }
            }
            (Carrier::Cookie(cookie), _) | (Carrier::Either(cookie, _), false) => {
                cookie.write(presented, outgoing, headers);
            }
        }
        headers::forbid_shared_caching(headers);
    }

    /// The name and value of the request header in which a client presents a token.
    #[cfg(feature = "testing")]
    pub(crate) fn request_header(&self, token: &Token) -> (HeaderName, String) {
        match &self.carrier {
            Carrier::Header(name) => (name.clone(), token.expose().to_owned()),
            Carrier::Cookie(cookie) | Carrier::Either(cookie, _) => {
                let mut pairs = Vec::new();
                set_cookie::each(&cookie.name, token, |name, value| pairs.push(format!("{name}={value}")));
                (COOKIE, pairs.join("; "))
            }
        }
    }

    /// Makes the client drop the data of a session that ended; `sends_token` if the response also sends a new token.
    pub(super) fn clear_site_data(&self, sends_token: bool, headers: &mut HeaderMap) {
        if let Some(clear) = &self.clear_site_data {
            clear.write(sends_token, headers);
        }
    }

    /// Adds the headers of the token to `Vary`.
    pub(crate) fn vary(&self, headers: &mut HeaderMap) {
        if self.carrier.cookie().is_some() {
            headers::vary(headers, &COOKIE);
        }
        if let Some(name) = self.carrier.header() {
            headers::vary(headers, name);
        }
    }
}

impl CookieCarrier {
    fn read(&self, request: &RequestInfo<'_>, trust_proxy: bool) -> Presented {
        let headers = request.headers;
        let connection = Connection::of(request.connection, request.uri, headers, trust_proxy);
        let plain = self.secure == Secure::Auto && connection == Some(Connection::Plain);
        let own = (plain || self.per_request.is_some()).then(|| {
            let mut attributes = self.template.attributes().clone();
            attributes.secure &= !plain;
            let changed = self.per_request.as_ref().and_then(|change| {
                let mut changed = attributes.clone();
                let client = client::address(request, trust_proxy);
                let request = RequestInfo { connection, client, ..*request };
                catch_panic("cookie_per_request", || change(&request, &mut changed)).map(|()| changed)
            });
            CookieTemplate::new(changed.unwrap_or(attributes))
        });
        let attributes = own.as_ref().unwrap_or(&self.template).attributes();
        let obstacle = if attributes.secure && connection == Some(Connection::Plain) {
            Some(Obstacle::PlainHttp)
        } else if path::is_within(&attributes.path, request, trust_proxy) {
            None
        } else {
            Some(Obstacle::OutsidePath)
        };
        let (tokens, chunks) = request_cookies::find(headers, &self.name);
        let mut presented = Presented { tokens, obstacle, ..Presented::default() };
        if own.is_some() || !chunks.is_empty() {
            presented.details = Some(Box::new(Details { template: own, chunks, ..Details::default() }));
        }
        presented
    }

    fn write(&self, presented: &Presented, outgoing: &Outgoing, headers: &mut HeaderMap) {
        let template = presented.template().unwrap_or(&self.template);
        let mut put = |name: &str, value: &str, age: &str| {
            if let Some(line) = template.line(name, value, age) {
                headers::put_cookie(headers, name, line);
            }
        };
        let mut stale: Vec<&str> =
            presented.details.iter().flat_map(|details| &details.chunks).map(String::as_str).collect();
        match outgoing {
            Outgoing::Token(token, age) => {
                set_cookie::each(&self.name, token, |name, value| {
                    put(name, value, age);
                    stale.retain(|chunk| *chunk != name);
                });
            }
            Outgoing::Deletion => stale.insert(0, &self.name),
        }
        for name in stale {
            put(name, "", &set_cookie::past());
        }
    }
}
