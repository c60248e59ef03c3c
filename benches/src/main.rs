//! What sessions cost, next to other crates, on the same work.
//!
//! ```sh
//! cargo run --release -p benches -- instructions                        # every variant
//! cargo run --release -p benches -- instructions none session           # those that begin so
//! cargo run --release -p benches -- profile session-memory write        # which functions spend them
//! cargo run --release -p benches -- allocations
//! cargo run --release -p benches -- time
//! ```

#![forbid(unsafe_code)]

use anyhow::{Result, bail};
use benches::child::{self, Core};
use benches::route::Route;
use benches::variants::{Variant, beginning, without_redis};
use benches::{instructions, time};
use test_support::RedisServer;

const USAGE: &str = "write `instructions [variant…]`, `profile variant route`, `allocations` or `time`";

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["instructions", ref names @ ..] => {
            print!("{}", instructions::table(&beginning(names), &RedisServer::start().url())?);
        }
        ["profile", variant, route] => {
            let (variant, route) = (Variant::named(variant)?, Route::named(route)?);
            print!("{}", instructions::profile(variant, route, &RedisServer::start().url())?);
        }
        ["allocations"] => print!("{}", child::output(&mut child::counted(&["allocations"])?)?),
        ["time"] => print!("{}", child::output(&mut child::pinned(Core::Measured, &["timed"])?)?),
        ["under-callgrind", variant, route, redis] => {
            instructions::under_callgrind(Variant::named(variant)?, Route::named(route)?, redis)?;
        }
        ["timed"] => print!("{}", time::table(&without_redis())?),
        _ => bail!(USAGE),
    }
    Ok(())
}
