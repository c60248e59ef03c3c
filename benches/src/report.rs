//! All measurements in one page.

use anyhow::Result;

use crate::goals::{self, Tables};
use crate::machine;

const MEASUREMENTS: [&str; 11] = [
    "instructions",
    "allocations",
    "time",
    "crypto",
    "carts",
    "cookies",
    "http",
    "wire",
    "flights",
    "crowd",
    "races",
];

/// The page, filled with what `measure` says of each measurement.
///
/// # Errors
///
/// When one fails.
pub fn filled(mut measure: impl FnMut(&'static str) -> Result<String>) -> Result<String> {
    let mut page = include_str!("report.md").to_owned();
    page = page.replace("{machine}", &machine::description()).replace("{versions}", &machine::versions());
    let mut tables = Tables::new();
    for name in MEASUREMENTS {
        let table = measure(name)?;
        // It takes long, and what is known is not lost when something fails later.
        eprintln!("{name}\n\n{table}");
        page = page.replace(&format!("{{{name}}}\n"), &table);
        tables.insert(name, table);
    }
    Ok(page.replace("{goals}\n", &goals::table(&tables)?.to_string()))
}
