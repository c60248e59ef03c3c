//! Whether a request comes from a page of the application's own origin, without any state.

use http::header::{HOST, ORIGIN, REFERER, UPGRADE};
use http::{HeaderMap, HeaderName, Method, Uri};

use super::refusal::CsrfRefusal;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The origins whose pages may send unsafe requests.
#[derive(Clone, Debug, Default)]
pub(super) struct OriginCheck {
    trusted: Vec<Origin>,
}

/// The text is not an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not an origin: write scheme and host, and the port if it is not the default: `https://admin.example.com`"
)]
pub struct InvalidOrigin;

/// Scheme, host and port of a page, in lower case, without the default port.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    is_https: bool,
    authority: String,
}

impl Origin {
    fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let (is_https, authority) = match text.split_once("://")? {
            ("https", authority) => (true, authority),
            ("http", authority) => (false, authority),
            _ => return None,
        };
        let is_authority = !authority.is_empty() && authority.parse::<http::uri::Authority>().is_ok();
        let is_bare = !authority.contains(['@', '/', '?', '#', '*']);
        (is_authority && is_bare)
            .then(|| Self { is_https, authority: without_port(authority, is_https).to_owned() })
    }

    /// The origin of the page at this URL.
    fn of_url(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let authority = rest.split(['/', '?', '#', '\\']).next()?;
        Self::parse(&format!("{scheme}://{authority}"))
    }
}

/// Removes the default port of a scheme.
fn without_port(authority: &str, is_https: bool) -> &str {
    authority.strip_suffix(if is_https { ":443" } else { ":80" }).unwrap_or(authority)
}

impl OriginCheck {
    pub(super) fn trust(&mut self, origin: &str) -> Result<(), InvalidOrigin> {
        self.trusted.push(Origin::parse(origin).ok_or(InvalidOrigin)?);
        Ok(())
    }

    /// Refuses a request that may change something and was sent by a page of another origin.
    ///
    /// Browsers say so in `Sec-Fetch-Site`, or in `Origin` where they are older; neither can be set by a page. A request
    /// with none of them, nor a `Referer`, was not sent by a browser.
    pub(super) fn check(&self, method: &Method, headers: &HeaderMap, uri: &Uri) -> Result<(), CsrfRefusal> {
        // The opening of a web socket is a `GET`, and no other origin may read from one.
        if method.is_safe() && !headers.contains_key(UPGRADE) {
            return Ok(());
        }
        let is_allowed =
            match (only(headers, &SEC_FETCH_SITE), only(headers, &ORIGIN), only(headers, &REFERER)) {
                (Header::Text("same-origin" | "none"), _, _)
                | (Header::Missing, Header::Missing, Header::Missing) => true,
                (Header::Missing, Header::Text(origin), _) => {
                    self.allows(Origin::parse(origin), headers, uri)
                }
                (Header::Missing, Header::Missing, Header::Text(page)) => {
                    self.allows(Origin::of_url(page), headers, uri)
                }
                (_, Header::Text(origin), _) => self.trusts(Origin::parse(origin).as_ref()),
                _ => false,
            };
        if is_allowed { Ok(()) } else { Err(CsrfRefusal::CrossOrigin) }
    }

    fn trusts(&self, origin: Option<&Origin>) -> bool {
        origin.is_some_and(|origin| self.trusted.contains(origin))
    }

    /// Whether it is the origin of the request's own host, or trusted.
    fn allows(&self, origin: Option<Origin>, headers: &HeaderMap, uri: &Uri) -> bool {
        let Some(origin) = origin else { return false };
        let host = match only(headers, &HOST) {
            Header::Text(host) => Some(host),
            // HTTP/2 has the host in the URI.
            Header::Missing => uri.authority().map(http::uri::Authority::as_str),
            Header::Other => None,
        };
        let is_own = host
            .is_some_and(|host| without_port(host, origin.is_https).eq_ignore_ascii_case(&origin.authority));
        is_own || self.trusts(Some(&origin))
    }
}

enum Header<'a> {
    Missing,
    Text(&'a str),
    /// There are several, or it is not ASCII.
    Other,
}

fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Header<'a> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Header::Missing,
        (Some(value), None) => value.to_str().map_or(Header::Other, Header::Text),
        _ => Header::Other,
    }
}
