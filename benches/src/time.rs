//! Measures CPU time per request in nanoseconds: one thread, in process, without I/O.

use anyhow::Result;

use crate::route::Route;
use crate::table::{Table, grouped, median};
use crate::thread_time::Stopwatch;
use crate::variants::Variant;
use crate::workload::Workload;

const ROUNDS: usize = 5;
const REQUESTS: u32 = 2000;

/// Returns the table: medians of interleaved rounds.
///
/// # Errors
///
/// When an application fails.
pub fn table(variants: &[&Variant]) -> Result<Table> {
    let mut workloads = Vec::new();
    for variant in variants {
        for route in Route::ALL {
            workloads.push((Workload::new(variant, route, "")?, Vec::new()));
        }
    }
    for _ in 0..ROUNDS {
        for (workload, times) in &mut workloads {
            let start = Stopwatch::new();
            workload.repeat(REQUESTS)?;
            times.push(start.elapsed().as_secs_f64() * 1e9 / f64::from(REQUESTS));
        }
    }
    let mut medians = workloads.into_iter().map(|(_, times)| median(times));
    let routes = Route::ALL.map(Route::name);
    let mut table = Table::new(["variant"].iter().chain(&routes).copied());
    for variant in variants {
        table.row(variant.name, medians.by_ref().take(Route::ALL.len()).map(grouped));
    }
    Ok(table)
}
