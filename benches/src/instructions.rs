//! Instructions per request, counted by valgrind.
//!
//! The same binary, route and number of requests give nearly the same count on any machine of this architecture,
//! whatever else it does. Valgrind knows no SHA and no wide AES instructions, so what uses them falls back to longer code.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::env::current_exe;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::route::Route;
use crate::table::{Table, grouped};
use crate::variants::Variant;
use crate::work::{Work, counted_by_callgrind};

/// Requests counted together.
const TIMES: u32 = 1000;

/// The table, with what each variant adds to the application without sessions.
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
                Entry::Vacant(unknown) => *unknown.insert(count(Variant::named(variant.base())?)?),
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

/// Which functions spend them, as `callgrind_annotate` tells it.
///
/// # Errors
///
/// When valgrind is not installed or the application fails.
pub fn profile(variant: &Variant, route: Route, redis: &str) -> Result<String> {
    let out = tempfile::NamedTempFile::new()?;
    let each = count(variant, route, redis, out.path())?;
    let annotated = Command::new("callgrind_annotate").arg("--threshold=95").arg(out.path()).output()?;
    let mut profile = format!("{each} instructions per request; by function, of {TIMES} requests:\n");
    profile += &String::from_utf8_lossy(&annotated.stdout);
    Ok(profile)
}

fn count(variant: &Variant, route: Route, redis: &str, out: &Path) -> Result<u64> {
    let collected = collected(&["one", "callgrind", variant.name, route.name(), redis], out)?;
    Ok(collected / u64::from(TIMES))
}

/// What valgrind counts when this program is run with these arguments.
///
/// # Errors
///
/// When valgrind is not installed or the program fails.
pub fn collected(arguments: &[&str], out: &Path) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--collect-atstart=no", "--toggle-collect=*counted_by_callgrind*"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(current_exe()?)
        .args(arguments)
        .output()
        .context("counting instructions needs `valgrind`, is it installed?")?;
    let report = String::from_utf8_lossy(&output.stderr);
    let collected = report.lines().find_map(|line| line.split_once("Collected : "));
    let Some((_, collected)) = collected.filter(|_| output.status.success()) else {
        bail!("valgrind counts nothing for {}:\n{report}", arguments.join(" "));
    };
    Ok(collected.trim().parse()?)
}

/// What runs under valgrind.
///
/// # Errors
///
/// When the application fails.
pub fn under_callgrind(variant: &Variant, route: Route, redis: &str) -> Result<()> {
    let work = Work::new(variant, route, redis)?;
    counted_by_callgrind(&|| work.repeat(TIMES))
}
