//! Measures memory stores that hold many sessions: live bytes, throughput, and latency while sessions expire.

mod bench_store;
mod map;
mod ruts;
mod session;
mod tower_sessions;

pub(crate) use self::session::record;

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tokio::runtime::{Builder, Runtime};

use self::bench_store::{BenchStore, Expiry};
use crate::allocations::Allocated;
use crate::process::{self, Cpus};
use crate::table::{Table, grouped, median};
use crate::thread_time::{Stopwatch, run_delay};

const STORES: [&str; 4] = ["bare-memory", "session-memory", "tower-sessions-memory", "ruts-memory"];
const SIZES: [u32; 3] = [10_000, 100_000, 1_000_000];
/// Processes per figure; the table shows the median.
const RUNS: usize = 3;
const ROUNDS: usize = 5;
const WINDOW: Duration = Duration::from_millis(200);
/// How long the latency of requests is measured after sessions expired.
const EXPIRY_WINDOW: Duration = Duration::from_millis(1500);
/// Shorter requests cannot be the longest one and are skipped, which saves reading `schedstat`.
const MIN_LATENCY: Duration = Duration::from_micros(50);
/// Reads between two checks of the clock.
const BATCH: u32 = 64;

/// Returns the table. Each figure is measured in its own process.
///
/// # Errors
///
/// When a store fails.
pub fn table() -> Result<Table> {
    let mut table = Table::new([
        "store",
        "sessions",
        "live bytes per session",
        "live bytes per session after all have expired",
        "inserts/s",
        "reads/s, one thread",
        "reads/s, two threads",
        "ratio",
        "longest request while half of them expire, µs",
    ]);
    for store in STORES {
        for size in SIZES {
            let sessions = grouped(size);
            let size = size.to_string();
            let live = process::output(&mut process::with_counting_allocator(&["memory", store, &size])?)?;
            let figures = live.trim_end().split('\t').map(str::to_owned).chain(speeds(store, &size)?);
            table.row(store, std::iter::once(sessions).chain(figures));
        }
    }
    Ok(table)
}

/// Runs [`speed`] in child processes and returns the medians.
fn speeds(store: &str, size: &str) -> Result<[String; 5]> {
    let mut runs: [Vec<f64>; 5] = Default::default();
    for _ in 0..RUNS {
        let output = process::output(&mut process::pinned(Cpus::Both, &["one", "memory", store, size])?)?;
        for (runs, figure) in runs.iter_mut().zip(output.split_whitespace()) {
            runs.push(figure.parse()?);
        }
    }
    let [inserts, one, two, ratios, longest] = runs.map(median);
    Ok([grouped(inserts), grouped(one), grouped(two), format!("{ratios:.2}"), grouped(longest)])
}

/// Returns the live bytes per session with `size` sessions, and after all have expired and been swept.
///
/// # Errors
///
/// When the store is unknown or fails.
pub fn live(store: &str, size: u32, allocated: fn() -> Allocated) -> Result<String> {
    match store {
        "bare-memory" => live_of(&map::Bytes::new()?, size, allocated),
        "session-memory" => live_of(&session::Memory::new()?, size, allocated),
        "tower-sessions-memory" => live_of(&tower_sessions::Json::new(size)?, size, allocated),
        "ruts-memory" => live_of(&ruts::Cache::new(size), size, allocated),
        _ => bail!("unknown memory store `{store}`: write one of {}", STORES.join(", ")),
    }
}

fn live_of(store: &impl BenchStore, size: u32, allocated: fn() -> Allocated) -> Result<String> {
    runtime()?.block_on(async {
        let before = allocated().live;
        for _ in 0..size {
            store.insert(Expiry::Short).await?;
        }
        let full = allocated().live;
        store.expire().await;
        store.sweep().await?;
        let each = |live: u64| live.saturating_sub(before) / u64::from(size);
        Ok(format!("{}\t{}", grouped(each(full)), grouped(each(allocated().live))))
    })
}

/// Returns inserts per second, reads per second of one and of two threads, their ratio, and the longest request in
/// microseconds while half of the sessions expire.
///
/// # Errors
///
/// When the store is unknown or fails.
pub fn speed(store: &str, size: u32) -> Result<String> {
    match store {
        "bare-memory" => speed_of(&map::Bytes::new()?, size),
        "session-memory" => speed_of(&session::Memory::new()?, size),
        "tower-sessions-memory" => speed_of(&tower_sessions::Json::new(size)?, size),
        "ruts-memory" => speed_of(&ruts::Cache::new(size), size),
        _ => bail!("unknown memory store `{store}`: write one of {}", STORES.join(", ")),
    }
}

fn speed_of<S: BenchStore>(store: &S, size: u32) -> Result<String> {
    let runtime = runtime()?;
    let start = Stopwatch::new();
    let (short, long) = runtime.block_on(async {
        let (mut short, mut long) = (Vec::new(), Vec::new());
        for _ in 0..size / 2 {
            short.push(store.insert(Expiry::Short).await?);
        }
        for _ in 0..size / 2 {
            long.push(store.insert(Expiry::Long).await?);
        }
        anyhow::Ok((short, long))
    })?;
    let inserts = f64::from(size) / start.elapsed().as_secs_f64();

    let keys: Vec<S::Key> = short.into_iter().chain(long).collect();
    let (mut one, mut two, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let rates = (reads(store, &keys, 1)?, reads(store, &keys, 2)?);
        one.push(rates.0);
        two.push(rates.1);
        ratios.push(rates.1 / rates.0);
    }

    let longest = runtime.block_on(longest(store, &keys[keys.len() / 2..]))?;
    let longest = longest.as_secs_f64() * 1e6;
    Ok(format!("{inserts} {} {} {} {longest}", median(one), median(two), median(ratios)))
}

/// Returns the longest request after half of the sessions have expired: reads, and every fourth request an insert.
async fn longest<S: BenchStore>(store: &S, living: &[S::Key]) -> Result<Duration> {
    store.expire().await;
    let (end, mut longest, mut number) = (Instant::now() + EXPIRY_WINDOW, Duration::ZERO, 0_u32);
    let mut waited = run_delay();
    while Instant::now() < end {
        let start = Instant::now();
        if number.is_multiple_of(4) {
            store.insert(Expiry::Long).await?;
        } else {
            store.read(&living[scatter(number) % living.len()]).await?;
        }
        let took = start.elapsed();
        if took > MIN_LATENCY {
            // Time in which the thread was runnable but not scheduled does not count.
            let before = std::mem::replace(&mut waited, run_delay());
            longest = longest.max(took.saturating_sub(waited.saturating_sub(before)));
        }
        number += 1;
    }
    Ok(longest)
}

/// Returns the reads per second of all `threads` together.
fn reads<S: BenchStore>(store: &S, keys: &[S::Key], threads: u32) -> Result<f64> {
    let ready = Barrier::new(threads as usize);
    thread::scope(|scope| {
        let reading = |thread| {
            let ready = &ready;
            scope.spawn(move || {
                runtime()?.block_on(async {
                    ready.wait();
                    let (own, end, mut done) = (Stopwatch::new(), Instant::now() + WINDOW, thread);
                    while Instant::now() < end {
                        for _ in 0..BATCH {
                            std::hint::black_box(store.read(&keys[scatter(done) % keys.len()]).await?);
                            done += threads;
                        }
                    }
                    anyhow::Ok(f64::from(done / threads) / own.elapsed().as_secs_f64())
                })
            })
        };
        let running: Vec<_> = (0..threads).map(reading).collect();
        let rates = running.into_iter().map(|thread| match thread.join() {
            Ok(rate) => rate,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        rates.sum()
    })
}

fn runtime() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_time().build()?)
}

/// Maps consecutive numbers to scattered ones, for random access.
fn scatter(number: u32) -> usize {
    let mixed = (u64::from(number) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    usize::try_from(mixed >> 32).unwrap_or_default()
}
