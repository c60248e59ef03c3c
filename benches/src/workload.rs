//! Repeated requests for one route of one variant.

use anyhow::{Context as _, Result};
use http::HeaderValue;
use tokio::runtime::{Builder, Runtime};
use tokio::task::LocalSet;

use crate::app::App;
use crate::route::{COOKIE, Route};
use crate::variants::Variant;

/// An application with a warmed-up route, ready for measuring.
pub struct Workload {
    runtime: Runtime,
    tasks: LocalSet,
    app: App,
    route: Route,
    cookie: Option<HeaderValue>,
}

impl Workload {
    /// Builds the application, creates a session if the route needs one, and sends 50 warm-up requests.
    ///
    /// # Errors
    ///
    /// When the application cannot be built or a request fails.
    pub fn new(variant: &Variant, route: Route, redis: &str) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let tasks = LocalSet::new();
        let (app, cookie) = tasks.block_on(&runtime, async {
            let app = variant.app(redis).await.with_context(|| format!("building {}", variant.name))?;
            let set = app.request(Route::New, None).await?.cookie();
            anyhow::Ok((app, set.unwrap_or_else(|| HeaderValue::from_static(COOKIE))))
        })?;
        let workload = Self { runtime, tasks, app, route, cookie: route.has_session().then_some(cookie) };
        workload.repeat(50)?;
        Ok(workload)
    }

    /// Sends `times` requests.
    ///
    /// # Errors
    ///
    /// When a request fails.
    pub fn repeat(&self, times: u32) -> Result<()> {
        self.tasks.block_on(&self.runtime, async {
            for _ in 0..times {
                self.app.request(self.route, self.cookie.as_ref()).await?;
            }
            Ok(())
        })
    }
}

/// Calls `work`. Callgrind only counts inside this function, which it finds by name.
///
/// # Errors
///
/// The error of `work`.
#[inline(never)]
pub fn counted_by_callgrind(work: &dyn Fn() -> Result<()>) -> Result<()> {
    work()
}
