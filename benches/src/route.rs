//! Routes of the benchmarked application.

use anyhow::{Result, anyhow};

/// `Cookie` header sent to variants without sessions, so that parsing it is part of the baseline.
pub const COOKIE: &str = "session=nfH6E7bnI0VgmH1yGcMoV1DqhYs0U0zWmFq7mTn0sPk";

/// A route of the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Does not access the session; no cookie is sent.
    Anon,
    /// Reads the counter.
    Read,
    /// Reads every field.
    ReadAll,
    /// Increments the counter.
    Write,
    /// Creates a session; no cookie is sent.
    New,
}

impl Route {
    /// All routes, in the order of the tables.
    pub const ALL: [Self; 5] = [Self::Anon, Self::Read, Self::ReadAll, Self::Write, Self::New];

    /// The path of the URL.
    pub fn path(self) -> &'static str {
        match self {
            Self::Anon => "/anon",
            Self::Read => "/read",
            Self::ReadAll => "/read_all",
            Self::Write => "/write",
            Self::New => "/new",
        }
    }

    /// The name in tables and on the command line.
    pub fn name(self) -> &'static str {
        &self.path()[1..]
    }

    /// Returns the route with this name.
    ///
    /// # Errors
    ///
    /// When there is no such route.
    pub fn from_name(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|route| route.name() == name);
        found.ok_or_else(|| anyhow!("unknown route `{name}`: write anon, read, read_all, write or new"))
    }

    /// Whether the request sends a session cookie.
    pub fn has_session(self) -> bool {
        matches!(self, Self::Read | Self::ReadAll | Self::Write)
    }
}
