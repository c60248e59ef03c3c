//! The requests that are measured.

use anyhow::{Result, anyhow};

/// What a client sends to an application that has set no cookie, so that reading a cookie costs it the same.
pub const COOKIE: &str = "session=nfH6E7bnI0VgmH1yGcMoV1DqhYs0U0zWmFq7mTn0sPk";

/// A request that every application answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// No cookie, session untouched.
    Anon,
    /// Reads one counter.
    Read,
    /// Reads every field.
    ReadAll,
    /// Adds one to the counter.
    Write,
    /// Creates a session; no cookie is sent.
    New,
}

impl Route {
    /// Every route, in the order of the tables.
    pub const ALL: [Self; 5] = [Self::Anon, Self::Read, Self::ReadAll, Self::Write, Self::New];

    /// The path, and without its slash the name.
    pub fn path(self) -> &'static str {
        match self {
            Self::Anon => "/anon",
            Self::Read => "/read",
            Self::ReadAll => "/read_all",
            Self::Write => "/write",
            Self::New => "/new",
        }
    }

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        &self.path()[1..]
    }

    /// The route of that name.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn named(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|route| route.name() == name);
        found.ok_or_else(|| anyhow!("no route `{name}`: write anon, read, read_all, write or new"))
    }

    /// Whether the request carries the cookie of a session.
    pub fn has_session(self) -> bool {
        matches!(self, Self::Read | Self::ReadAll | Self::Write)
    }
}
