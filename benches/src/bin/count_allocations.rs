//! Benchmarks with a counting allocator, run by the main program as a child process.

#![forbid(unsafe_code)]

use std::alloc::System;

use anyhow::{Result, bail};
use benches::allocations::{self, Allocated};
use benches::many_sessions;
use benches::variants::without_redis;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn allocated() -> Allocated {
    let stats = ALLOCATOR.stats();
    Allocated {
        times: (stats.allocations + stats.reallocations) as u64,
        bytes: stats.bytes_allocated as u64,
        live: stats.bytes_allocated.saturating_sub(stats.bytes_deallocated) as u64,
    }
}

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["allocations", ref names @ ..] => {
            print!("{}", allocations::table(&without_redis(names), allocated)?);
        }
        ["memory", store, size] => println!("{}", many_sessions::live(store, size.parse()?, allocated)?),
        _ => bail!("this program is run by `cargo run --release -p benches`"),
    }
    Ok(())
}
