//! Measures throughput on Redis by number of in-flight requests; application and Redis each have a CPU.

use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};
use test_support::RedisServer;

use crate::process::{self, Cpus};
use crate::rate::Round;
use crate::route::Route;
use crate::table::{Table, median};
use crate::variants::Variant;

const ROUNDS: usize = 5;
const IN_FLIGHT: [usize; 4] = [1, 32, 64, 256];
/// Variants that the throughput of all others is compared with.
const REFERENCES: [&str; 2] = ["bare-redis", "tower-sessions-redis"];
const ROUTES: [Route; 2] = [Route::Read, Route::Write];

/// Returns the table: medians of interleaved rounds, and each throughput relative to `bare-redis` and
/// `tower-sessions-redis` in the same round.
///
/// # Errors
///
/// When an application fails.
pub fn table(variants: &[&Variant]) -> Result<Table> {
    let variants: Vec<_> = variants.iter().filter(|variant| variant.uses_redis()).collect();
    let server = RedisServer::start();
    let pid = server.info("process_id").to_string();
    let pinned =
        Command::new("taskset").args(["-acp", Cpus::Other.list(), &pid]).stdout(Stdio::null()).status();
    pinned.context("cannot start `taskset`")?;
    let head = ["variant", "route", "in flight", "thousand/s"].map(str::to_owned);
    let ratios = REFERENCES.map(|reference| format!("vs {reference}"));
    let mut table = Table::new(head.into_iter().chain(ratios).chain(["CPU µs".to_owned()]));
    for (route, in_flight) in
        ROUTES.into_iter().flat_map(|route| IN_FLIGHT.map(|in_flight| (route, in_flight)))
    {
        let mut rounds: Vec<Vec<Round>> = vec![Vec::new(); variants.len()];
        for _ in 0..ROUNDS {
            for (variant, rounds) in variants.iter().zip(&mut rounds) {
                rounds.push(round(variant, route, in_flight, &server.url())?);
            }
        }
        for (variant, own) in variants.iter().zip(&rounds) {
            let rate = median(own.iter().map(|round| round.0 / 1000.0).collect());
            let ratios = REFERENCES.map(|reference| {
                let reference = variants.iter().position(|variant| variant.name == reference);
                reference.map_or_else(String::new, |reference| {
                    let ratios =
                        own.iter().zip(&rounds[reference]).map(|(own, reference)| own.0 / reference.0);
                    format!("{:.2}", median(ratios.collect()))
                })
            });
            let cpu = median(own.iter().map(|round| round.1).collect());
            let figures = [route.name().to_owned(), in_flight.to_string(), format!("{rate:.1}")];
            table.row(variant.name, figures.into_iter().chain(ratios).chain([format!("{cpu:.1}")]));
        }
    }
    Ok(table)
}

fn round(variant: &Variant, route: Route, in_flight: usize, redis: &str) -> Result<Round> {
    let words = ["one", "rate", variant.name, route.name(), &in_flight.to_string(), redis];
    let output = process::output(&mut process::pinned(Cpus::Measured, &words)?)?;
    let (rate, cpu) = output.trim().split_once(' ').context("expected two numbers")?;
    Ok((rate.parse()?, cpu.parse()?))
}
