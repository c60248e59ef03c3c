//! Command line of the benchmarks.
//!
//! ```sh
//! cargo run --release -p benches -- all > BENCHMARKS.md                 # all benchmarks, about 15 minutes
//! cargo run --release -p benches -- instructions none session           # variants by name prefix
//! cargo run --release -p benches -- profile session-memory write        # instructions by function
//! ```
//!
//! `allocations`, `time`, `cookies`, `http`, `traffic` (commands and bytes on Redis) and `throughput` (on Redis) accept
//! name prefixes as well. `crypto`, `carts` (maps of entries), `memory` (many sessions in memory), `concurrency`
//! (concurrent requests on one session) and `lines` (of code, for the same tasks) take no arguments. `sql traffic`, `sql throughput` and `sql sessions` (a million of
//! them, or as many as an argument says) measure stores in PostgreSQL and SQLite; `sql` alone runs all three.

#![forbid(unsafe_code)]

use anyhow::{Result, bail};
use benches::process::{self, Cpus};
use benches::route::Route;
use benches::variants::{Variant, with_prefix, without_redis};
use benches::{
    carts, concurrency, cookies, crypto, http, instructions, lines, load_generator, many_sessions, rate,
    redis_throughput, redis_traffic, report, sql, time,
};
use test_support::RedisServer;

const USAGE: &str = "write `all`, `instructions`, `allocations`, `time`, `http`, `traffic`, `throughput`, `cookies`, \
                     `crypto`, `carts`, `memory`, `concurrency`, `sql`, `lines`, \
                     or `profile variant route`";

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if !run_child(&words)? {
        print!("{}", run_benchmark(&words)?);
    }
    Ok(())
}

/// Runs one benchmark and returns its table as Markdown.
fn run_benchmark(words: &[&str]) -> Result<String> {
    Ok(match *words {
        ["all"] => report::page(run_benchmark)?,
        ["instructions", ref names @ ..] => {
            instructions::table(&with_prefix(names), &RedisServer::start().url())?.to_string()
        }
        ["profile", variant, route] => {
            let (variant, route) = (Variant::from_name(variant)?, Route::from_name(route)?);
            instructions::profile(variant, route, &RedisServer::start().url())?
        }
        ["allocations", ..] => process::output(&mut process::with_counting_allocator(words)?)?,
        ["time", ref names @ ..] => {
            process::output(&mut process::pinned(Cpus::Measured, &[&["one", "time"], names].concat())?)?
        }
        ["http", ref names @ ..] => http::table(&without_redis(names))?.to_string(),
        ["traffic", ref names @ ..] => redis_traffic::table(&with_prefix(names))?.to_string(),
        ["throughput", ref names @ ..] => {
            process::output(&mut process::pinned(Cpus::Both, &[&["one", "throughput"], names].concat())?)?
        }
        ["cookies", ref names @ ..] => cookies::table(&without_redis(names))?.to_string(),
        ["carts"] => carts::table()?.to_string(),
        ["crypto"] => crypto::table()?.to_string(),
        ["lines"] => lines::table().to_string(),
        ["memory"] => many_sessions::table()?.to_string(),
        ["sql"] => {
            let parts = ["traffic", "throughput", "sessions"].map(|part| run_benchmark(&["sql", part]));
            parts.into_iter().collect::<Result<Vec<_>>>()?.join("\n")
        }
        ["sql", "traffic"] => sql::traffic()?.to_string(),
        ["sql", "throughput", ref names @ ..] => {
            process::output(&mut process::pinned(Cpus::Both, &[&["one", "sql-throughput"], names].concat())?)?
        }
        ["sql", "sessions"] => sql::many_sessions(1_000_000)?.to_string(),
        ["sql", "sessions", number] => sql::many_sessions(number.parse()?)?.to_string(),
        ["concurrency"] => concurrency::table()?.to_string(),
        _ => bail!(USAGE),
    })
}

/// Runs the part of a benchmark that has its own process. Returns `false` for other arguments.
fn run_child(words: &[&str]) -> Result<bool> {
    match *words {
        ["one", "callgrind", variant, route, redis] => {
            instructions::under_callgrind(Variant::from_name(variant)?, Route::from_name(route)?, redis)?;
        }
        ["one", "cart", kind, operation, size] => carts::under_callgrind(kind, operation, size.parse()?)?,
        ["one", "crypto", what, "counted"] => crypto::under_callgrind(what)?,
        ["one", "crypto", what, "timed"] => println!("{}", crypto::time(what)?),
        ["one", "time", ref names @ ..] => print!("{}", time::table(&without_redis(names))?),
        ["one", "server", variant] => http::serve(Variant::from_name(variant)?)?,
        ["one", "load", port, route] => {
            println!("{}", load_generator::run(port.parse()?, Route::from_name(route)?)?);
        }
        ["one", "throughput", ref names @ ..] => print!("{}", redis_throughput::table(&with_prefix(names))?),
        ["one", "rate", variant, route, in_flight, redis] => {
            let (variant, route) = (Variant::from_name(variant)?, Route::from_name(route)?);
            let (rate, cpu) = rate::of(variant.app(redis), route, in_flight.parse()?)?;
            println!("{rate} {cpu}");
        }
        ["one", "sql-throughput", ref names @ ..] => print!("{}", sql::throughput(names)?),
        ["one", "sql-rate", library, url, route, in_flight] => {
            println!("{}", rate::of(sql::app(library, url), Route::from_name(route)?, in_flight.parse()?)?.0);
        }
        ["one", "memory", store, size] => println!("{}", many_sessions::speed(store, size.parse()?)?),
        _ => return Ok(false),
    }
    Ok(true)
}
