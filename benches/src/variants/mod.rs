//! The same application on each library and store.

mod actix_session;
mod axum_session;
pub(crate) mod bare;
mod none;
mod ruts;
pub(crate) mod session;
pub(crate) mod tower_sessions;

use std::future::ready;
use std::pin::Pin;

use anyhow::{Result, anyhow};

use crate::app::App;

/// An application being built.
type AppFuture = Pin<Box<dyn Future<Output = Result<App>>>>;

/// A library with one of its stores.
pub struct Variant {
    /// Library and store, such as `session-memory`.
    pub name: &'static str,
    build: fn(&str) -> AppFuture,
}

/// All variants, in the order of the tables.
#[rustfmt::skip]
pub const VARIANTS: &[Variant] = &[
    Variant { name: "none", build: |_| Box::pin(ready(Ok(none::app()))) },
    Variant { name: "none-layer", build: |_| Box::pin(ready(Ok(none::layer()))) },
    Variant { name: "none-extension", build: |_| Box::pin(ready(Ok(none::extension()))) },
    Variant { name: "bare-memory", build: |_| Box::pin(ready(Ok(bare::memory()))) },
    Variant { name: "session-memory", build: |_| Box::pin(ready(session::memory())) },
    Variant { name: "tower-sessions-memory", build: |_| Box::pin(ready(Ok(tower_sessions::memory()))) },
    Variant { name: "axum_session-memory", build: |_| Box::pin(axum_session::memory()) },
    Variant { name: "ruts-memory", build: |_| Box::pin(ready(Ok(ruts::memory()))) },
    Variant { name: "bare-cookie", build: |_| Box::pin(ready(bare::cookies())) },
    Variant { name: "session-cookie", build: |_| Box::pin(ready(session::cookie())) },
    Variant { name: "tower-sessions-cookie", build: |_| Box::pin(ready(Ok(tower_sessions::cookie()))) },
    Variant { name: "none-actix", build: |_| Box::pin(actix_session::none()) },
    Variant { name: "actix-session-cookie", build: |_| Box::pin(actix_session::cookie()) },
    Variant { name: "bare-redis", build: |url| Box::pin(bare::redis(url.to_owned())) },
    Variant { name: "session-redis", build: |url| Box::pin(ready(session::redis(url))) },
    Variant { name: "tower-sessions-redis", build: |url| Box::pin(tower_sessions::redis(url.to_owned())) },
    Variant { name: "actix-session-redis", build: |url| Box::pin(actix_session::redis(url.to_owned())) },
];

/// Returns the variants whose name starts with one of these prefixes; all variants if `names` is empty.
pub fn with_prefix(names: &[&str]) -> Vec<&'static Variant> {
    let chosen =
        |variant: &&Variant| names.is_empty() || names.iter().any(|name| variant.name.starts_with(name));
    VARIANTS.iter().filter(chosen).collect()
}

/// Like [`with_prefix`], without the variants on Redis.
pub fn without_redis(names: &[&str]) -> Vec<&'static Variant> {
    with_prefix(names).into_iter().filter(|variant| !variant.uses_redis()).collect()
}

impl Variant {
    /// Whether the variant has sessions.
    pub fn has_sessions(&self) -> bool {
        !self.name.starts_with("none")
    }

    /// Whether the variant only measures the cost of a layer.
    pub fn is_only_a_layer(&self) -> bool {
        matches!(self.name, "none-layer" | "none-extension")
    }

    /// The baseline: the variant without sessions on the same web framework.
    pub fn base(&self) -> &'static str {
        if self.name.contains("actix") { "none-actix" } else { "none" }
    }

    /// Whether sessions are stored in Redis.
    pub fn uses_redis(&self) -> bool {
        self.name.ends_with("-redis")
    }

    /// Returns the variant with this name.
    ///
    /// # Errors
    ///
    /// When there is no such variant.
    pub fn from_name(name: &str) -> Result<&'static Self> {
        let names = || VARIANTS.iter().map(|variant| variant.name).collect::<Vec<_>>().join(", ");
        let found = VARIANTS.iter().find(|variant| variant.name == name);
        found.ok_or_else(|| anyhow!("unknown variant `{name}`: write one of {}", names()))
    }

    /// Builds the application. `redis` is the URL of the Redis server, if the variant uses one.
    ///
    /// # Errors
    ///
    /// When its store cannot be reached.
    pub async fn app(&self, redis: &str) -> Result<App> {
        (self.build)(redis).await
    }
}
