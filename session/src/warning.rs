//! Warnings.

use std::fmt;

use crate::data::{MissingField, UnreadableField};
use crate::report::Chain;

/// A condition that was handled but deserves attention.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Warning {
    /// A stored field could not be read, and its default was used.
    #[error(transparent)]
    Field(#[from] UnreadableField),
    /// A field that its databag requires was missing or unreadable in the session of a principal, which was treated as
    /// absent.
    #[error(transparent)]
    Required(#[from] MissingField),
    /// A `Secure` cookie was pending on a connection known to be plain HTTP; nothing was saved or sent.
    #[error(
        "a session was not saved, because its Secure cookie cannot travel over plain HTTP; \
         serve HTTPS, trust the proxy that does, or call `plain_http()` for development"
    )]
    PlainHttp,
    /// A session was changed in a request outside the path of its cookie; nothing was saved or sent.
    #[error(
        "a session was not saved, because the request is outside the path of the session cookie; serve the route \
         under that path, or build the layer with a `path(…)` that covers it"
    )]
    OutsidePath,
    /// A request presented the tokens of two live sessions, so none of them is used.
    #[error(
        "a request carried the tokens of two live sessions, and neither was used; give the session cookie one name, \
         path and domain on all hosts that see it, and let a client send its token one way"
    )]
    SeveralSessions,
    /// A session of another library could not be [adopted](crate::Builder::adopt). It was left as it is, and its visitor has no
    /// session.
    #[cfg(feature = "adopt")]
    #[error("a session of another library was not adopted; its visitor has to sign in again")]
    NotAdopted(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The memory store is in use in production.
    #[error(
        "sessions are kept in this process's memory: a restart loses them and other processes do not see them; use another \
         store, or `production(false)` where that is fine"
    )]
    MemoryInProduction,
}

impl Warning {
    /// The warning with all its causes, outermost first, joined by `: `.
    pub fn report(&self) -> impl fmt::Display + '_ {
        Chain(self)
    }
}
