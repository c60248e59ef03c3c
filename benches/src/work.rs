//! One variant answering one route, again and again.

use anyhow::{Context as _, Result};
use http::HeaderValue;
use tokio::runtime::{Builder, Runtime};
use tokio::task::LocalSet;

use crate::app::App;
use crate::route::{COOKIE, Route};
use crate::variants::Variant;

/// Everything a request needs, ready before anything is counted.
pub struct Work {
    runtime: Runtime,
    tasks: LocalSet,
    app: App,
    route: Route,
    cookie: Option<HeaderValue>,
}

impl Work {
    /// The application and, where the route asks for one, a session in it; all paths are warm.
    ///
    /// # Errors
    ///
    /// When the application cannot be built or does not answer.
    pub fn new(variant: &Variant, route: Route, redis: &str) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let tasks = LocalSet::new();
        let (app, cookie) = tasks.block_on(&runtime, async {
            let app = variant.app(redis).await.with_context(|| format!("building {}", variant.name))?;
            let set = app.answer(Route::New, None).await?.cookie();
            anyhow::Ok((app, set.unwrap_or_else(|| HeaderValue::from_static(COOKIE))))
        })?;
        let work = Self { runtime, tasks, app, route, cookie: route.has_session().then_some(cookie) };
        work.repeat(50)?;
        Ok(work)
    }

    /// Sends that many requests.
    ///
    /// # Errors
    ///
    /// When one is not answered.
    pub fn repeat(&self, times: u32) -> Result<()> {
        self.tasks.block_on(&self.runtime, async {
            for _ in 0..times {
                self.app.answer(self.route, self.cookie.as_ref()).await?;
            }
            Ok(())
        })
    }
}

/// What is counted: the work under a name that valgrind finds.
///
/// # Errors
///
/// When it fails.
#[inline(never)]
pub fn counted_by_callgrind(work: &dyn Fn() -> Result<()>) -> Result<()> {
    work()
}
