//! Measures throughput on Redis by number of in-flight requests; application and Redis each have a CPU.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use test_support::RedisServer;
use tokio::runtime::Builder;
use tokio::task::{JoinSet, LocalSet};

use crate::process::{self, Cpus};
use crate::route::Route;
use crate::table::{Table, median};
use crate::thread_time::cpu_time;
use crate::variants::Variant;

const ROUNDS: usize = 5;
const WARM_UP: Duration = Duration::from_millis(100);
const WINDOW: Duration = Duration::from_millis(300);
const IN_FLIGHT: [usize; 4] = [1, 32, 64, 256];
/// Variants that the throughput of all others is compared with.
const REFERENCES: [&str; 2] = ["bare-redis", "tower-sessions-redis"];
const ROUTES: [Route; 2] = [Route::Read, Route::Write];

/// Requests per second in one round, and CPU microseconds per request.
type Round = (f64, f64);

/// Returns the table: medians of interleaved rounds, and each throughput relative to `bare-redis` and
/// `tower-sessions-redis` in the same round.
///
/// # Errors
///
/// When an application fails.
pub fn table(variants: &[&Variant]) -> Result<Table> {
    let variants: Vec<_> = variants.iter().filter(|variant| variant.uses_redis()).collect();
    let server = RedisServer::start();
    let pid = server.info("process_id").to_string();
    let pinned =
        Command::new("taskset").args(["-acp", Cpus::Other.list(), &pid]).stdout(Stdio::null()).status();
    pinned.context("cannot start `taskset`")?;
    let head = ["variant", "route", "in flight", "thousand/s"].map(str::to_owned);
    let ratios = REFERENCES.map(|reference| format!("vs {reference}"));
    let mut table = Table::new(head.into_iter().chain(ratios).chain(["CPU µs".to_owned()]));
    for (route, in_flight) in
        ROUTES.into_iter().flat_map(|route| IN_FLIGHT.map(|in_flight| (route, in_flight)))
    {
        let mut rounds: Vec<Vec<Round>> = vec![Vec::new(); variants.len()];
        for _ in 0..ROUNDS {
            for (variant, rounds) in variants.iter().zip(&mut rounds) {
                rounds.push(round(variant, route, in_flight, &server.url())?);
            }
        }
        for (variant, own) in variants.iter().zip(&rounds) {
            let rate = median(own.iter().map(|round| round.0 / 1000.0).collect());
            let ratios = REFERENCES.map(|reference| {
                let reference = variants.iter().position(|variant| variant.name == reference);
                reference.map_or_else(String::new, |reference| {
                    let ratios =
                        own.iter().zip(&rounds[reference]).map(|(own, reference)| own.0 / reference.0);
                    format!("{:.2}", median(ratios.collect()))
                })
            });
            let cpu = median(own.iter().map(|round| round.1).collect());
            let figures = [route.name().to_owned(), in_flight.to_string(), format!("{rate:.1}")];
            table.row(variant.name, figures.into_iter().chain(ratios).chain([format!("{cpu:.1}")]));
        }
    }
    Ok(table)
}

fn round(variant: &Variant, route: Route, in_flight: usize, redis: &str) -> Result<Round> {
    let words = ["one", "rate", variant.name, route.name(), &in_flight.to_string(), redis];
    let output = process::output(&mut process::pinned(Cpus::Measured, &words)?)?;
    let (rate, cpu) = output.trim().split_once(' ').context("expected two numbers")?;
    Ok((rate.parse()?, cpu.parse()?))
}

/// Returns requests per second with `in_flight` concurrent requests, each on its own session, and the CPU microseconds of
/// the application per request.
///
/// # Errors
///
/// When the application fails.
pub fn rate(variant: &Variant, route: Route, in_flight: usize, redis: &str) -> Result<Round> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        let app = variant.app(redis).await?;
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
