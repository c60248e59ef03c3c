//! Throughput by number of requests in flight.

use anyhow::Result;
use tokio::runtime::Builder;

use super::application::LIBRARIES;
use super::database::Database;
use crate::process;
use crate::route::Route;
use crate::table::{Table, median};

const ROUNDS: usize = 5;
const IN_FLIGHT: [usize; 3] = [1, 32, 64];
const ROUTES: [Route; 2] = [Route::Read, Route::Write];
/// Positions of the libraries that the throughput of all is compared with.
const REFERENCES: [usize; 2] = [0, 2];

/// Returns the table: medians of interleaved rounds, and each throughput relative to that of the bare driver and of
/// `tower-sessions` in the same round. `names` are databases; all if it is empty.
///
/// # Errors
///
/// When an application fails.
pub fn table(names: &[&str]) -> Result<Table> {
    let head = ["variant", "route", "in flight", "thousand/s", "vs bare", "vs tower-sessions"];
    let mut table = Table::new(head);
    for database in Database::all()? {
        if names.is_empty() || names.contains(&database.name()) {
            add_rows(&mut table, &database)?;
        }
    }
    Ok(table)
}

fn add_rows(table: &mut Table, database: &Database) -> Result<()> {
    Builder::new_current_thread().enable_all().build()?.block_on(database.pin())?;
    for (route, in_flight) in
        ROUTES.into_iter().flat_map(|route| IN_FLIGHT.map(|in_flight| (route, in_flight)))
    {
        let mut rates: [Vec<f64>; 3] = Default::default();
        for _ in 0..ROUNDS {
            for (library, rates) in LIBRARIES.iter().zip(&mut rates) {
                rates.push(rate(library, database, route, in_flight)?);
            }
        }
        for (library, own) in LIBRARIES.iter().zip(&rates) {
            let rate = median(own.iter().map(|rate| rate / 1000.0).collect());
            let ratios = REFERENCES.map(|reference| {
                let ratios = own.iter().zip(&rates[reference]).map(|(own, reference)| own / reference);
                format!("{:.2}", median(ratios.collect()))
            });
            let figures = [route.name().to_owned(), in_flight.to_string(), format!("{rate:.1}")];
            table.row(&format!("{library}-{}", database.name()), figures.into_iter().chain(ratios));
        }
    }
    Ok(())
}

fn rate(library: &str, database: &Database, route: Route, in_flight: usize) -> Result<f64> {
    let (url, in_flight) = (database.url(), in_flight.to_string());
    let words = ["one", "sql-rate", library, &url, route.name(), &in_flight];
    let output = process::output(&mut process::pinned(database.application_cpus(), &words)?)?;
    Ok(output.trim().parse()?)
}
