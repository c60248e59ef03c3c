//! Requests in flight at once to applications on Redis: application and Redis on a processor each.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use test_support::RedisServer;
use tokio::runtime::Builder;
use tokio::task::{JoinSet, LocalSet};

use crate::child::{self, Core};
use crate::own_time::used;
use crate::route::Route;
use crate::table::{Table, median};
use crate::variants::Variant;

const ROUNDS: usize = 5;
const WARM_UP: Duration = Duration::from_millis(100);
const TURN: Duration = Duration::from_millis(300);
const FLIGHTS: [usize; 4] = [1, 32, 64, 256];
const ROUTES: [Route; 2] = [Route::Read, Route::Write];

/// The table: medians of rounds in which all take turns, in thousand requests per second and as a share of the
/// first variant's.
///
/// # Errors
///
/// When an application fails.
pub fn table(variants: &[&Variant]) -> Result<Table> {
    let variants: Vec<_> = variants.iter().filter(|variant| variant.uses_redis()).collect();
    let server = RedisServer::start();
    let pid = server.info("process_id").to_string();
    let moved =
        Command::new("taskset").args(["-acp", Core::Other.number(), &pid]).stdout(Stdio::null()).status();
    moved.context("`taskset` cannot be started")?;
    let heads =
        ROUTES.map(|route| format!("{}: thousand/s (share of the first; processor µs)", route.name()));
    let mut table = Table::new(["variant", "in flight"].map(str::to_owned).into_iter().chain(heads));
    for flight in FLIGHTS {
        let mut rates = vec![vec![Vec::new(); ROUTES.len()]; variants.len()];
        for _ in 0..ROUNDS {
            for (variant, rates) in variants.iter().zip(&mut rates) {
                for (route, rates) in ROUTES.iter().zip(rates) {
                    let words =
                        ["one", "flight", variant.name, route.name(), &flight.to_string(), &server.url()];
                    let told = child::output(&mut child::pinned(Core::Measured, &words)?)?;
                    let (rate, processor) = told.trim().split_once(' ').context("no two figures")?;
                    rates.push((rate.parse::<f64>()?, processor.parse::<f64>()?));
                }
            }
        }
        for (variant, turns) in variants.iter().zip(&rates) {
            let figures = turns.iter().zip(&rates[0]).map(|(turns, first)| {
                let shares = median(turns.iter().zip(first).map(|(turn, first)| turn.0 / first.0).collect());
                let rate = median(turns.iter().map(|turn| turn.0 / 1000.0).collect());
                format!("{rate:.1} ({shares:.2}; {:.1})", median(turns.iter().map(|turn| turn.1).collect()))
            });
            table.row(variant.name, std::iter::once(flight.to_string()).chain(figures));
        }
    }
    Ok(table)
}

/// Requests per second with that many in flight, each on a session of its own, and the microseconds of processor time
/// that one takes the application.
///
/// # Errors
///
/// When the application fails.
pub fn rate(variant: &Variant, route: Route, flight: usize, redis: &str) -> Result<(f64, f64)> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        let app = variant.app(redis).await?;
        let mut cookies = Vec::new();
        for _ in 0..flight {
            cookies.push(app.answer(Route::New, None).await?.cookie());
        }
        let before = used();
        let begin = Instant::now() + WARM_UP;
        let mut requests = JoinSet::new();
        for cookie in cookies {
            let app = app.clone();
            requests.spawn_local(async move {
                let (mut done, mut all) = (0_u32, 0_u32);
                loop {
                    app.answer(route, cookie.as_ref()).await?;
                    all += 1;
                    let now = Instant::now();
                    if now >= begin + TURN {
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
        let processor = used().saturating_sub(before).as_secs_f64() * 1e6 / all;
        Ok((done / TURN.as_secs_f64(), processor))
    })
}
