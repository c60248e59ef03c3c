//! Allocations and bytes per request.

use anyhow::Result;

use crate::route::Route;
use crate::table::{Table, grouped};
use crate::variants::Variant;
use crate::work::Work;

const TIMES: u32 = 200;

/// What was allocated since the process began.
#[derive(Clone, Copy)]
pub struct Allocated {
    /// How often, growing counted.
    pub times: u64,
    /// How much, what grew counted again.
    pub bytes: u64,
    /// How much of it was not freed.
    pub live: u64,
}

/// The table, asking `allocated` before and after.
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
            let work = Work::new(variant, route, "")?;
            let before = allocated();
            work.repeat(TIMES)?;
            let after = allocated();
            let each = |count: u64| grouped(count / u64::from(TIMES));
            let (times, bytes) = (each(after.times - before.times), each(after.bytes - before.bytes));
            figures.push(format!("{times} / {bytes}"));
        }
        table.row(variant.name, figures);
    }
    Ok(table)
}
