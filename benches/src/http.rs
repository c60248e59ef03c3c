//! Measures throughput and latency over HTTP on loopback; server and load generator each have a CPU.

use std::fs::{read_dir, read_to_string};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Stdio, exit};
use std::thread;

use anyhow::{Context as _, Result};
use tokio::runtime::Builder;
use tokio::task::LocalSet;

use crate::load_generator::{Measurement, disable_pacing};
use crate::process::{self, Cpus};
use crate::route::Route;
use crate::table::{Table, grouped, median};
use crate::variants::Variant;

const ROUNDS: usize = 5;
const ROUTES: [Route; 3] = [Route::Anon, Route::Read, Route::Write];

/// A server in a child process, killed on drop.
struct Server {
    child: Child,
    port: String,
}

impl Server {
    fn start(variant: &Variant) -> Result<Self> {
        let mut command = process::pinned(Cpus::Measured, &["one", "server", variant.name])?;
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut port = String::new();
        let stdout = child.stdout.take().context("the server has no standard output")?;
        BufReader::new(stdout).read_line(&mut port)?;
        Ok(Self { child, port: port.trim().to_owned() })
    }

    /// Returns what the client measured, and the CPU microseconds of the server per request.
    fn load(&self, route: Route) -> Result<(Measurement, f64)> {
        let before = self.cpu_time()?;
        let words = ["one", "load", &self.port, route.name()];
        let measurement: Measurement =
            process::output(&mut process::pinned(Cpus::Other, &words)?)?.parse()?;
        Ok((measurement, (self.cpu_time()? - before) / 1000.0 / measurement.responses))
    }

    /// CPU time of all threads of the server, in nanoseconds.
    fn cpu_time(&self) -> Result<f64> {
        let threads = read_dir(format!("/proc/{}/task", self.child.id()))?;
        let times = threads.map(|thread| {
            let schedstat = read_to_string(thread?.path().join("schedstat"))?;
            Ok(schedstat.split(' ').next().context("schedstat is empty")?.parse::<f64>()?)
        });
        times.sum()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Returns the table: medians of interleaved rounds.
///
/// # Errors
///
/// When a server fails.
pub fn table(variants: &[&Variant]) -> Result<Table> {
    let variants: Vec<_> = variants.iter().filter(|variant| !variant.is_only_a_layer()).collect();
    let servers = variants.iter().map(|variant| Server::start(variant)).collect::<Result<Vec<_>>>()?;
    let mut measurements: Vec<Vec<(Measurement, f64)>> = vec![Vec::new(); servers.len() * ROUTES.len()];
    for _ in 0..ROUNDS {
        let pairs = servers.iter().flat_map(|server| ROUTES.map(|route| (server, route)));
        for (pair, (server, route)) in pairs.enumerate() {
            measurements[pair].push(server.load(route)?);
        }
    }
    let heads = ROUTES.map(|route| format!("{}: requests/s (p50 / p99 µs; CPU µs)", route.name()));
    let mut table = Table::new(std::iter::once("variant".to_owned()).chain(heads).chain(["busy".to_owned()]));
    for (variant, measurements) in variants.iter().zip(measurements.chunks(ROUTES.len())) {
        let mut busy = f64::INFINITY;
        let mut figures = Vec::new();
        for rounds in measurements {
            let of = |figure: fn(&(Measurement, f64)) -> f64| median(rounds.iter().map(figure).collect());
            let (rate, p50, p99) =
                (of(|round| round.0.per_second), of(|round| round.0.p50), of(|round| round.0.p99));
            let (rate, p50, p99) = (grouped(rate), grouped(p50), grouped(p99));
            figures.push(format!("{rate} ({p50} / {p99}; {:.1})", of(|round| round.1)));
            busy = busy.min(of(|round| round.0.per_second * round.1 / 1e6));
        }
        table.row(variant.name, figures.into_iter().chain([format!("{:.0} %", busy * 100.0)]));
    }
    Ok(table)
}

/// Runs the server process: prints the port and serves until standard input is closed.
///
/// # Errors
///
/// When the application cannot be built or the listener fails.
pub fn serve(variant: &Variant) -> Result<()> {
    thread::spawn(|| {
        std::io::stdin().read_to_end(&mut Vec::new()).ok();
        exit(0);
    });
    let runtime = Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        let app = variant.app("").await?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        disable_pacing(&listener);
        println!("{}", listener.local_addr()?.port());
        std::io::stdout().flush()?;
        app.serve(listener).await
    })
}
