//! Measures commands, round trips and bytes per request on Redis.

use anyhow::{Context as _, Result};
use test_support::RedisServer;

use crate::route::Route;
use crate::table::Table;
use crate::variants::Variant;
use crate::workload::Workload;

const REQUESTS: u32 = 200;
/// Fields of `INFO stats`: commands, those inside scripts included; socket reads; bytes received; bytes sent.
const FIGURES: [&str; 4] =
    ["total_commands_processed", "total_reads_processed", "total_net_input_bytes", "total_net_output_bytes"];

/// Returns the table.
///
/// # Errors
///
/// When an application fails.
pub fn table(variants: &[&Variant]) -> Result<Table> {
    let server = RedisServer::start();
    let mut table =
        Table::new(["variant", "route", "commands", "round trips", "bytes sent", "bytes received"]);
    for variant in variants.iter().filter(|variant| variant.uses_redis()) {
        for route in Route::ALL {
            let workload = Workload::new(variant, route, &server.url())?;
            // The `INFO` call itself is counted, so its cost is measured first.
            let (idle, before) = (figures(&server)?, figures(&server)?);
            workload.repeat(REQUESTS)?;
            let after = figures(&server)?;
            let each = |index: usize| {
                let info_call = before[index] - idle[index];
                format!("{:.1}", (after[index] - before[index] - info_call) / f64::from(REQUESTS))
            };
            let figures = std::iter::once(route.name().to_owned()).chain((0..FIGURES.len()).map(each));
            table.row(variant.name, figures);
        }
    }
    Ok(table)
}

fn figures(server: &RedisServer) -> Result<[f64; 4]> {
    let info = server.call(&["INFO", "stats"]).text();
    let mut figures = [0.0; 4];
    for (figure, name) in figures.iter_mut().zip(FIGURES) {
        let value = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        *figure = value.with_context(|| format!("INFO has no {name}"))?.trim().parse()?;
    }
    Ok(figures)
}
