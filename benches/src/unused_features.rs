//! Cost of features for an application that does not use them: instructions per request without them and with them.

use anyhow::Result;

use crate::goals::{Tables, cell};
use crate::route::Route;
use crate::table::{Table, grouped};

/// Instructions per request by route, in the order of [`Route::ALL`], at commit b5cee64: before the features that the page
/// lists. Its `benches` were built with rustc 1.95.0, with the dependencies of `benches` and the `Cargo.lock` of the commit
/// that added this table.
const BEFORE: [(&str, [f64; 5]); 4] = [
    ("none", [8_537.0, 9_237.0, 9_351.0, 9_260.0, 8_539.0]),
    ("session-memory", [11_218.0, 22_481.0, 40_952.0, 29_171.0, 44_628.0]),
    ("session-cookie", [11_214.0, 31_949.0, 50_423.0, 52_519.0, 51_312.0]),
    ("session-redis", [11_214.0, 46_064.0, 66_655.0, 69_520.0, 72_841.0]),
];

/// Returns the table: instructions per request without the features → with them, and the difference in percent.
///
/// # Errors
///
/// When a count is missing in the tables.
pub fn table(tables: &Tables) -> Result<Table> {
    let routes = Route::ALL.map(Route::name);
    let mut table = Table::new(["variant"].iter().chain(&routes).copied());
    for (variant, counts) in BEFORE {
        let mut figures = Vec::new();
        for (route, before) in counts.into_iter().enumerate() {
            let today = cell(tables, ("instructions", &[variant], route + 1))?;
            let percent = (today / before - 1.0) * 100.0;
            figures.push(format!("{} → {} ({percent:+.1} %)", grouped(before), grouped(today)));
        }
        table.row(variant, figures);
    }
    Ok(table)
}
