//! Generates `BENCHMARKS.md` from the template `report.md`.

use anyhow::Result;

use crate::goals::{self, Tables};
use crate::{machine, unused_features};

const MEASUREMENTS: [&str; 15] = [
    "instructions",
    "allocations",
    "time",
    "crypto",
    "carts",
    "cookies",
    "http",
    "traffic",
    "throughput",
    "sql traffic",
    "sql throughput",
    "memory",
    "sql sessions",
    "concurrency",
    "lines",
];

/// Returns the page. `measure` returns the table of the benchmark with these arguments.
///
/// # Errors
///
/// When a benchmark fails.
pub fn page(mut measure: impl FnMut(&[&str]) -> Result<String>) -> Result<String> {
    let mut page = include_str!("report.md").to_owned();
    page = page.replace("{machine}", &machine::description()).replace("{versions}", &machine::versions());
    let mut tables = Tables::new();
    for name in MEASUREMENTS {
        let table = measure(&name.split(' ').collect::<Vec<_>>())?;
        // A run is long: results so far are not lost when a later benchmark fails.
        eprintln!("{name}\n\n{table}");
        page = page.replace(&format!("{{{name}}}\n"), &table);
        tables.insert(name, table);
    }
    page = page.replace("{unused features}\n", &unused_features::table(&tables)?.to_string());
    Ok(page.replace("{goals}\n", &goals::table(&tables)?.to_string()))
}
