//! The same application, once for each way to keep its sessions.

mod none;
mod session;

use std::future::ready;
use std::pin::Pin;

use anyhow::{Result, anyhow};

use crate::app::App;

/// An application being put together.
type Building = Pin<Box<dyn Future<Output = Result<App>>>>;

/// One way to keep sessions.
pub struct Variant {
    /// The library and where sessions live, such as `session-memory`.
    pub name: &'static str,
    build: fn(&str) -> Building,
}

/// All of them, in the order of the tables.
pub const VARIANTS: &[Variant] = &[
    Variant { name: "none", build: |_| Box::pin(ready(none::app())) },
    Variant { name: "session-memory", build: |_| Box::pin(ready(session::memory())) },
    Variant { name: "session-cookie", build: |_| Box::pin(ready(session::cookie())) },
];

impl Variant {
    /// The variant of that name.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn named(name: &str) -> Result<&'static Self> {
        let names = || VARIANTS.iter().map(|variant| variant.name).collect::<Vec<_>>().join(", ");
        let found = VARIANTS.iter().find(|variant| variant.name == name);
        found.ok_or_else(|| anyhow!("no variant `{name}`: write one of {}", names()))
    }

    /// The application, on the Redis at that URL if it uses one.
    ///
    /// # Errors
    ///
    /// When its store cannot be reached.
    pub async fn app(&self, redis: &str) -> Result<App> {
        (self.build)(redis).await
    }
}
