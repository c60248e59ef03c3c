//! Measures allocations and allocated bytes per request.

use anyhow::Result;

use crate::route::Route;
use crate::table::{Table, grouped};
use crate::variants::Variant;
use crate::workload::Workload;

const REQUESTS: u32 = 200;

/// Allocator counters since the start of the process.
#[derive(Clone, Copy)]
pub struct Allocated {
    /// Number of allocations, reallocations included.
    pub times: u64,
    /// Allocated bytes; a reallocation counts with its new size.
    pub bytes: u64,
    /// Live bytes: allocated and not yet freed.
    pub live: u64,
}

/// Returns the table. `allocated` reads the counters, before and after the requests.
///
/// # Errors
///
/// When an application fails.
pub fn table(variants: &[&Variant], allocated: fn() -> Allocated) -> Result<Table> {
    let routes = Route::ALL.map(Route::name);
    let mut table = Table::new(["variant"].iter().chain(&routes).copied());
    for variant in variants {
        let mut figures = Vec::new();
        for route in Route::ALL {
            let workload = Workload::new(variant, route, "")?;
            let before = allocated();
            workload.repeat(REQUESTS)?;
            let after = allocated();
            let each = |count: u64| grouped(count / u64::from(REQUESTS));
            let (times, bytes) = (each(after.times - before.times), each(after.bytes - before.bytes));
            figures.push(format!("{times} / {bytes}"));
        }
        table.row(variant.name, figures);
    }
    Ok(table)
}
