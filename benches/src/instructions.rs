//! Measures instructions per request with callgrind.
//!
//! The count of the same binary, route and number of requests is nearly the same on all machines of an architecture,
//! whatever their load. Valgrind does not emulate SHA and wide AES instructions, so code that uses them falls back to a
//! longer implementation.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::env::current_exe;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::route::Route;
use crate::table::{Table, grouped};
use crate::variants::Variant;
use crate::workload::{Workload, counted_by_callgrind};

/// Requests per count.
const REQUESTS: u32 = 1000;

/// Returns the table: instructions per request, and in parentheses those above the baseline without sessions.
///
/// # Errors
///
/// When valgrind is not installed or an application fails.
pub fn table(variants: &[&Variant], redis: &str) -> Result<Table> {
    let routes = Route::ALL.map(Route::name);
    let mut table = Table::new(["variant"].iter().chain(&routes).copied());
    let mut bases = HashMap::new();
    for variant in variants {
        let mut figures = Vec::new();
        for route in Route::ALL {
            let count = |variant: &Variant| count(variant, route, redis, Path::new("/dev/null"));
            let base = match bases.entry((variant.base(), route.name())) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(unknown) => *unknown.insert(count(Variant::from_name(variant.base())?)?),
            };
            if variant.name == variant.base() {
                figures.push(grouped(base));
                continue;
            }
            let each = count(variant)?;
            figures.push(format!("{} (+{})", grouped(each), grouped(each.saturating_sub(base))));
        }
        table.row(variant.name, figures);
    }
    Ok(table)
}

/// Returns the output of `callgrind_annotate`: instructions by function.
///
/// # Errors
///
/// When valgrind is not installed or the application fails.
pub fn profile(variant: &Variant, route: Route, redis: &str) -> Result<String> {
    let out = tempfile::NamedTempFile::new()?;
    let each = count(variant, route, redis, out.path())?;
    let annotated = Command::new("callgrind_annotate").arg("--threshold=95").arg(out.path()).output()?;
    let mut profile = format!("{each} instructions per request; by function, for {REQUESTS} requests:\n");
    profile += &String::from_utf8_lossy(&annotated.stdout);
    Ok(profile)
}

fn count(variant: &Variant, route: Route, redis: &str, out: &Path) -> Result<u64> {
    let count = run_callgrind(&["one", "callgrind", variant.name, route.name(), redis], out)?;
    Ok(count / u64::from(REQUESTS))
}

/// Runs this program with these arguments under callgrind and returns the instruction count.
///
/// # Errors
///
/// When valgrind is not installed or the program fails.
pub fn run_callgrind(arguments: &[&str], out: &Path) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--collect-atstart=no", "--toggle-collect=*counted_by_callgrind*"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(current_exe()?)
        .args(arguments)
        .output()
        .context("cannot start `valgrind`, which counts the instructions")?;
    let report = String::from_utf8_lossy(&output.stderr);
    let collected = report.lines().find_map(|line| line.split_once("Collected : "));
    let Some((_, collected)) = collected.filter(|_| output.status.success()) else {
        bail!("valgrind reported no instruction count for {}:\n{report}", arguments.join(" "));
    };
    Ok(collected.trim().parse()?)
}

/// Sends the requests; called in the process that valgrind observes.
///
/// # Errors
///
/// When the application fails.
pub fn under_callgrind(variant: &Variant, route: Route, redis: &str) -> Result<()> {
    let workload = Workload::new(variant, route, redis)?;
    counted_by_callgrind(&|| workload.repeat(REQUESTS))
}
