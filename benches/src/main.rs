//! What sessions cost, next to other crates, on the same work.
//!
//! ```sh
//! cargo run --release -p benches -- instructions                        # every variant
//! cargo run --release -p benches -- instructions none session           # those that begin so
//! cargo run --release -p benches -- profile session-memory write        # which functions spend them
//! ```

#![forbid(unsafe_code)]

use anyhow::{Result, bail};
use benches::instructions;
use benches::route::Route;
use benches::variants::Variant;

const USAGE: &str = "write `instructions [variant…]` or `profile variant route`";

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["instructions", ref variants @ ..] => print!("{}", instructions::table(variants, "")?),
        ["profile", variant, route] => {
            print!("{}", instructions::profile(Variant::named(variant)?, Route::named(route)?, "")?);
        }
        ["under-callgrind", variant, route, redis] => {
            instructions::under_callgrind(Variant::named(variant)?, Route::named(route)?, redis)?;
        }
        _ => bail!(USAGE),
    }
    Ok(())
}
