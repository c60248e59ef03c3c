//! Throughput of an application in process.

use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::runtime::Builder;
use tokio::task::{JoinSet, LocalSet};

use crate::app::App;
use crate::route::Route;
use crate::thread_time::cpu_time;

/// Long enough for servers that prepare a statement anew the first times a connection executes it.
const WARM_UP: Duration = Duration::from_millis(500);
const WINDOW: Duration = Duration::from_millis(300);

/// Requests per second in one round, and CPU microseconds per request.
pub type Round = (f64, f64);

/// Returns requests per second with `in_flight` concurrent requests, each on its own session, and the CPU microseconds
/// of this thread per request.
///
/// # Errors
///
/// When the application fails.
pub fn of(app: impl Future<Output = Result<App>>, route: Route, in_flight: usize) -> Result<Round> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        let app = app.await?;
        let mut cookies = Vec::new();
        for _ in 0..in_flight {
            cookies.push(app.request(Route::New, None).await?.cookie());
        }
        let before = cpu_time();
        let begin = Instant::now() + WARM_UP;
        let mut requests = JoinSet::new();
        for cookie in cookies {
            let app = app.clone();
            requests.spawn_local(async move {
                let (mut done, mut all) = (0_u32, 0_u32);
                loop {
                    app.request(route, cookie.as_ref()).await?;
                    all += 1;
                    let now = Instant::now();
                    if now >= begin + WINDOW {
                        return anyhow::Ok((done, all));
                    }
                    done += u32::from(now >= begin);
                }
            });
        }
        let (mut done, mut all) = (0.0, 0.0);
        while let Some(request) = requests.join_next().await {
            let request = request??;
            done += f64::from(request.0);
            all += f64::from(request.1);
        }
        let cpu = cpu_time().saturating_sub(before).as_secs_f64() * 1e6 / all;
        Ok((done / WINDOW.as_secs_f64(), cpu))
    })
}
