//! Performance goals of this library, compared with the measurements.

use std::collections::HashMap;

use anyhow::{Context as _, Result};

use crate::table::Table;

/// Measured tables by name.
pub type Tables = HashMap<&'static str, String>;

#[derive(Clone, Copy)]
enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// Position of a figure: table, first cells of the row, zero-based column.
pub(crate) type Position<'a> = (&'a str, &'a [&'a str], usize);

enum Figure {
    At(Position<'static>),
    /// Difference between the first and the second.
    Above(Position<'static>, Position<'static>),
    /// Ratio of the first to the second.
    Times(Position<'static>, Position<'static>),
}

use Bound::{AtLeast, AtMost};
use Figure::{Above, At, Times};

const MILLION: &[&str] = &["session-memory", "1 000 000"];
const POSTGRES_READS: &[&str] = &["session-postgres", "read", "32"];
const POSTGRES_WRITES: &[&str] = &["session-postgres", "write", "32"];
const WRITES: &[&str] = &["session-redis", "write", "32"];

#[rustfmt::skip]
const GOALS: &[(&str, Bound, Figure)] = &[
    ("instructions above the baseline, anonymous", AtMost(600.0),
        Above(("instructions", &["session-memory"], 1), ("instructions", &["none"], 1))),
    ("instructions, read in memory", AtMost(15_000.0), At(("instructions", &["session-memory"], 2))),
    ("instructions, write in memory", AtMost(22_000.0), At(("instructions", &["session-memory"], 4))),
    ("instructions, create in memory", AtMost(30_000.0), At(("instructions", &["session-memory"], 5))),
    ("instructions, read in a cookie", AtMost(26_000.0), At(("instructions", &["session-cookie"], 2))),
    ("instructions, write in a cookie", AtMost(46_000.0), At(("instructions", &["session-cookie"], 4))),
    ("instructions, read on Redis", AtMost(38_000.0), At(("instructions", &["session-redis"], 2))),
    ("instructions, write on Redis", AtMost(58_000.0), At(("instructions", &["session-redis"], 4))),
    ("HTTP throughput of reads in memory, relative to tower-sessions", AtLeast(1.3),
        Times(("http", &["session-memory"], 2), ("http", &["tower-sessions-memory"], 2))),
    ("HTTP throughput of reads in a cookie, relative to actix-session", AtLeast(1.5),
        Times(("http", &["session-cookie"], 2), ("http", &["actix-session-cookie"], 2))),
    ("throughput of `/write` on Redis, 32 in flight, relative to the bare client", AtLeast(0.9), At(("throughput", WRITES, 4))),
    ("the same, relative to tower-sessions", AtLeast(1.3), At(("throughput", WRITES, 5))),
    ("throughput of `/read` on PostgreSQL, 32 in flight, relative to the bare driver", AtLeast(0.9),
        At(("sql throughput", POSTGRES_READS, 4))),
    ("throughput of `/write` on PostgreSQL, 32 in flight, relative to tower-sessions", AtLeast(1.2),
        At(("sql throughput", POSTGRES_WRITES, 5))),
    ("live bytes per session with 1 000 000 sessions", AtMost(700.0), At(("memory", MILLION, 2))),
    ("live bytes per session after all have expired", AtMost(0.0), At(("memory", MILLION, 3))),
    ("read throughput of two threads, relative to one", AtLeast(1.8), At(("memory", MILLION, 7))),
    ("longest request while 500 000 sessions expire, µs", AtMost(1000.0), At(("memory", MILLION, 8))),
    ("longest read while PostgreSQL removes 500 000 sessions, ms", AtMost(50.0), At(("sql sessions", &["session-postgres"], 6))),
    ("the same, longest write", AtMost(50.0), At(("sql sessions", &["session-postgres"], 7))),
    ("longest read while SQLite removes 500 000 sessions, ms", AtMost(50.0), At(("sql sessions", &["session-sqlite"], 6))),
    ("the same, longest write", AtMost(50.0), At(("sql sessions", &["session-sqlite"], 7))),
    ("kept of 200 concurrent writes, in memory", AtLeast(200.0), At(("concurrency", &["session-memory"], 1))),
    ("kept of 200 concurrent writes, on Redis", AtLeast(200.0), At(("concurrency", &["session-redis"], 1))),
    ("kept of 200 concurrent writes, in PostgreSQL", AtLeast(200.0), At(("concurrency", &["session-postgres"], 1))),
    ("kept of 200 concurrent writes, in SQLite", AtLeast(200.0), At(("concurrency", &["session-sqlite"], 1))),
];

/// Returns the table.
///
/// # Errors
///
/// When a figure is missing in the tables.
pub fn table(tables: &Tables) -> Result<Table> {
    let mut table = Table::new(["goal", "at most", "at least", "measured", "reached"]);
    for (goal, bound, figure) in GOALS {
        let measured = figure.read(tables)?;
        let (most, least, reached) = match *bound {
            AtMost(most) => (format_number(most), String::new(), measured <= most),
            AtLeast(least) => (String::new(), format_number(least), measured >= least),
        };
        let reached = if reached { "yes" } else { "no" }.to_owned();
        table.row(goal, [most, least, format_number(measured), reached]);
    }
    Ok(table)
}

impl Figure {
    fn read(&self, tables: &Tables) -> Result<f64> {
        Ok(match *self {
            At(position) => cell(tables, position)?,
            Above(position, base) => cell(tables, position)? - cell(tables, base)?,
            Times(position, other) => cell(tables, position)? / cell(tables, other)?,
        })
    }
}

/// Parses the number at the start of a cell.
pub(crate) fn cell(tables: &Tables, (name, row, column): Position<'_>) -> Result<f64> {
    let begin = format!("| {} |", row.join(" | "));
    let line = tables.get(name).and_then(|table| table.lines().find(|line| line.starts_with(&begin)));
    let cell = line.and_then(|line| line.split('|').nth(column + 1)).unwrap_or_default();
    let digits = |sign: &char| sign.is_ascii_digit() || matches!(sign, ' ' | '.');
    let number: String = cell.chars().take_while(digits).filter(|sign| *sign != ' ').collect();
    number.parse().with_context(|| format!("no number in column {column} of {} of {name}", row.join(" ")))
}

/// Formats numbers below 10 with two decimals, others as integers.
fn format_number(number: f64) -> String {
    if number < 10.0 && number != 0.0 { format!("{number:.2}") } else { crate::table::grouped(number) }
}
