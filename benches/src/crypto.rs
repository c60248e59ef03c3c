//! Measures hashing and encryption alone, in instructions under valgrind and in nanoseconds on the CPU.
//!
//! Valgrind does not emulate the CPU's SHA and wide AES instructions, so instruction counts overstate this work.

use std::hint::black_box;
use std::path::Path;

use aes_siv::KeyInit as _;
use aes_siv::siv::Aes256Siv;
use anyhow::{Context as _, Result, anyhow};
use session::Token;

use crate::instructions::run_callgrind;
use crate::process::{self, Cpus};
use crate::table::{Table, grouped, median};
use crate::thread_time::Stopwatch;
use crate::workload::counted_by_callgrind;

/// Operations: name on the command line and name in the table.
const OPERATIONS: [(&str, &str); 3] = [
    ("hash", "SHA-256 of a token, parsing its text included"),
    ("seal", "AES-256-SIV encryption of 640 bytes"),
    ("open", "AES-256-SIV decryption of 640 bytes"),
];
const REPETITIONS: u32 = 1000;
const ROUNDS: usize = 15;
/// Size of a padded session record in these benchmarks.
const BYTES: usize = 640;

/// Returns the table: instructions under valgrind and nanoseconds without it.
///
/// # Errors
///
/// When valgrind is not installed.
pub fn table() -> Result<Table> {
    let mut table = Table::new(["operation", "instructions under valgrind", "nanoseconds"]);
    for (name, title) in OPERATIONS {
        let instructions = run_callgrind(&["one", "crypto", name, "counted"], Path::new("/dev/null"))?;
        let nanoseconds =
            process::output(&mut process::pinned(Cpus::Measured, &["one", "crypto", name, "timed"])?)?;
        table.row(
            title,
            [grouped(instructions / u64::from(REPETITIONS)), grouped(nanoseconds.trim().parse::<f64>()?)],
        );
    }
    Ok(table)
}

/// Runs one operation repeatedly; called in the process that valgrind observes.
///
/// # Errors
///
/// When the operation fails.
pub fn under_callgrind(name: &str) -> Result<()> {
    let operation = prepare(name)?;
    counted_by_callgrind(&|| (0..REPETITIONS).try_for_each(|_| operation()))
}

/// Returns the nanoseconds of one operation: the median of 15 rounds.
///
/// # Errors
///
/// When the operation fails.
pub fn time(name: &str) -> Result<f64> {
    let operation = prepare(name)?;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let start = Stopwatch::new();
        (0..REPETITIONS).try_for_each(|_| operation())?;
        times.push(start.elapsed().as_secs_f64() * 1e9 / f64::from(REPETITIONS));
    }
    Ok(median(times))
}

fn prepare(name: &str) -> Result<Box<dyn Fn() -> Result<()>>> {
    let key = [7; 64].into();
    let encrypt = move |bytes: &[u8]| {
        Aes256Siv::new(&key).encrypt([&[0; 16]], bytes).map_err(|_| anyhow!("too long to seal"))
    };
    Ok(match name {
        "hash" => {
            let token = Token::random()?;
            Box::new(move || {
                // A token caches its hash.
                let fresh = Token::from(black_box(token.expose()));
                black_box(fresh.store_key()).context("not a token").map(drop)
            })
        }
        "seal" => Box::new(move || encrypt(black_box(&[b'x'; BYTES])).map(|sealed| drop(black_box(sealed)))),
        _ => {
            let sealed = encrypt(&[b'x'; BYTES])?;
            Box::new(move || {
                let opened = Aes256Siv::new(&key).decrypt([&[0; 16]], black_box(&sealed));
                opened.map(|bytes| drop(black_box(bytes))).map_err(|_| anyhow!("not sealed by this key"))
            })
        }
    })
}
