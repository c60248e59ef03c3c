//! Measures throughput on Redis by number of in-flight requests; application and Redis each have a CPU.

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
/// Variants that the throughput of all others is compared with.
const OTHERS: [&str; 2] = ["bare-redis", "tower-sessions-redis"];
const ROUTES: [Route; 2] = [Route::Read, Route::Write];

/// Requests per second in one round, and CPU microseconds per request.
type Turn = (f64, f64);

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
    let moved =
        Command::new("taskset").args(["-acp", Core::Other.number(), &pid]).stdout(Stdio::null()).status();
    moved.context("cannot start `taskset`")?;
    let heads = ["variant", "route", "in flight", "thousand/s"].map(str::to_owned);
    let shares = OTHERS.map(|other| format!("vs {other}"));
    let mut table = Table::new(heads.into_iter().chain(shares).chain(["CPU µs".to_owned()]));
    for (route, flight) in ROUTES.into_iter().flat_map(|route| FLIGHTS.map(|flight| (route, flight))) {
        let mut turns: Vec<Vec<Turn>> = vec![Vec::new(); variants.len()];
        for _ in 0..ROUNDS {
            for (variant, turns) in variants.iter().zip(&mut turns) {
                turns.push(turn(variant, route, flight, &server.url())?);
            }
        }
        for (variant, own) in variants.iter().zip(&turns) {
            let rate = median(own.iter().map(|turn| turn.0 / 1000.0).collect());
            let shares = OTHERS.map(|other| {
                let other = variants.iter().position(|variant| variant.name == other);
                other.map_or_else(String::new, |other| {
                    let shares = own.iter().zip(&turns[other]).map(|(own, other)| own.0 / other.0);
                    format!("{:.2}", median(shares.collect()))
                })
            });
            let processor = median(own.iter().map(|turn| turn.1).collect());
            let figures = [route.name().to_owned(), flight.to_string(), format!("{rate:.1}")];
            table.row(variant.name, figures.into_iter().chain(shares).chain([format!("{processor:.1}")]));
        }
    }
    Ok(table)
}

fn turn(variant: &Variant, route: Route, flight: usize, redis: &str) -> Result<Turn> {
    let words = ["one", "flight", variant.name, route.name(), &flight.to_string(), redis];
    let told = child::output(&mut child::pinned(Core::Measured, &words)?)?;
    let (rate, processor) = told.trim().split_once(' ').context("expected two numbers")?;
    Ok((rate.parse()?, processor.parse()?))
}

/// Returns requests per second with `flight` requests in flight, each on its own session, and the CPU microseconds of
/// the application per request.
///
/// # Errors
///
/// When the application fails.
pub fn rate(variant: &Variant, route: Route, flight: usize, redis: &str) -> Result<Turn> {
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
