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
const ALL_BUT_COOKIES: [SiteData; 6] = [
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
    without_cookies: Option<HeaderValue>,
}

impl ClearSiteData {
    /// `None` for no kinds.
    pub(super) fn of(kinds: &[SiteData]) -> Option<Self> {
        let without_cookies: Vec<_> = if kinds.contains(&SiteData::All) {
            ALL_BUT_COOKIES.to_vec()
        } else {
            kinds.iter().copied().filter(|kind| *kind != SiteData::Cookies).collect()
        };
        Some(Self { all: list(kinds)?, without_cookies: list(&without_cookies) })
    }

    /// Extends an existing header of the response.
    pub(super) fn write(&self, sets_cookie: bool, headers: &mut HeaderMap) {
        let value = if sets_cookie { self.without_cookies.as_ref() } else { Some(&self.all) };
        if let Some(value) = value {
            headers.append(CLEAR_SITE_DATA, value.clone());
        }
    }
}

fn list(kinds: &[SiteData]) -> Option<HeaderValue> {
    let directives: Vec<_> = kinds.iter().map(|kind| kind.directive()).collect();
    HeaderValue::try_from(directives.join(", ")).ok().filter(|value| !value.is_empty())
}
