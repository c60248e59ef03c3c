//! `Clear-Site-Data` for responses that end a session.

use http::{HeaderMap, HeaderName, HeaderValue};

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// A kind of data that browsers hold for a site, as `Clear-Site-Data` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SiteData {
    /// `"*"`: all kinds, cookies included.
    All,
    /// `"cache"`: responses, so that the back button shows no pages of a user who signed out.
    Cache,
    /// `"clientHints"`.
    ClientHints,
    /// `"cookies"`: all cookies of the registrable domain, those of its other hosts included.
    Cookies,
    /// `"executionContexts"`: open pages, which are reloaded.
    ExecutionContexts,
    /// `"prefetchCache"`.
    PrefetchCache,
    /// `"prerenderCache"`.
    PrerenderCache,
    /// `"storage"`: local storage, databases, service workers.
    Storage,
}

/// The kinds other than cookies.
const BESIDE_COOKIES: [SiteData; 6] = [
    SiteData::Cache,
    SiteData::ClientHints,
    SiteData::ExecutionContexts,
    SiteData::PrefetchCache,
    SiteData::PrerenderCache,
    SiteData::Storage,
];

impl SiteData {
    fn directive(self) -> &'static str {
        match self {
            Self::All => "\"*\"",
            Self::Cache => "\"cache\"",
            Self::ClientHints => "\"clientHints\"",
            Self::Cookies => "\"cookies\"",
            Self::ExecutionContexts => "\"executionContexts\"",
            Self::PrefetchCache => "\"prefetchCache\"",
            Self::PrerenderCache => "\"prerenderCache\"",
            Self::Storage => "\"storage\"",
        }
    }
}

/// The values of `Clear-Site-Data`.
pub(super) struct ClearSiteData {
    all: HeaderValue,
    /// Without cookies, for a response that sets one: browsers may clear it too.
    beside_cookie: Option<HeaderValue>,
}

impl ClearSiteData {
    /// `None` for no kinds.
    pub(super) fn of(kinds: &[SiteData]) -> Option<Self> {
        let beside_cookie: Vec<_> = if kinds.contains(&SiteData::All) {
            BESIDE_COOKIES.to_vec()
        } else {
            kinds.iter().copied().filter(|kind| *kind != SiteData::Cookies).collect()
        };
        Some(Self { all: list(kinds)?, beside_cookie: list(&beside_cookie) })
    }

    /// Extends an existing header of the response.
    pub(super) fn write(&self, beside_cookie: bool, headers: &mut HeaderMap) {
        let value = if beside_cookie { self.beside_cookie.as_ref() } else { Some(&self.all) };
        if let Some(value) = value {
            headers.append(CLEAR_SITE_DATA, value.clone());
        }
    }
}

fn list(kinds: &[SiteData]) -> Option<HeaderValue> {
    let directives: Vec<_> = kinds.iter().map(|kind| kind.directive()).collect();
    HeaderValue::try_from(directives.join(", ")).ok().filter(|value| !value.is_empty())
}
