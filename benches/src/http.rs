//! Requests over HTTP on loopback, server and load on a processor each.

use std::fs::{read_dir, read_to_string};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Stdio, exit};
use std::thread;

use anyhow::{Context as _, Result};
use tokio::runtime::Builder;
use tokio::task::LocalSet;

use crate::child::{self, Core};
use crate::load::{Seen, unpaced};
use crate::route::Route;
use crate::table::{Table, grouped, median};
use crate::variants::Variant;

const ROUNDS: usize = 5;
const ROUTES: [Route; 3] = [Route::Anon, Route::Read, Route::Write];

/// A server in a process of its own, which ends with this value.
struct Server {
    process: Child,
    port: String,
}

impl Server {
    fn start(variant: &Variant) -> Result<Self> {
        let mut command = child::pinned(Core::Measured, &["one", "server", variant.name])?;
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut port = String::new();
        let stdout = process.stdout.take().context("the server prints nothing")?;
        BufReader::new(stdout).read_line(&mut port)?;
        Ok(Self { process, port: port.trim().to_owned() })
    }

    /// What a client saw, and the processor time that a request took here, in microseconds.
    fn load(&self, route: Route) -> Result<(Seen, f64)> {
        let before = self.processor_time()?;
        let words = ["one", "load", &self.port, route.name()];
        let seen: Seen = child::output(&mut child::pinned(Core::Other, &words)?)?.parse()?;
        Ok((seen, (self.processor_time()? - before) / 1000.0 / seen.answered))
    }

    /// In nanoseconds, of all threads.
    fn processor_time(&self) -> Result<f64> {
        let threads = read_dir(format!("/proc/{}/task", self.process.id()))?;
        let times = threads.map(|thread| {
            let told = read_to_string(thread?.path().join("schedstat"))?;
            Ok(told.split(' ').next().context("a thread without time")?.parse::<f64>()?)
        });
        times.sum()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// The table: medians of rounds in which all take turns.
///
/// # Errors
///
/// When a server does not answer.
pub fn table(variants: &[&Variant]) -> Result<Table> {
    let variants: Vec<_> = variants.iter().filter(|variant| !variant.is_only_a_layer()).collect();
    let servers = variants.iter().map(|variant| Server::start(variant)).collect::<Result<Vec<_>>>()?;
    let mut seen: Vec<Vec<(Seen, f64)>> = vec![Vec::new(); servers.len() * ROUTES.len()];
    for _ in 0..ROUNDS {
        let turns = servers.iter().flat_map(|server| ROUTES.map(|route| (server, route)));
        for (turn, (server, route)) in turns.enumerate() {
            seen[turn].push(server.load(route)?);
        }
    }
    let heads = ROUTES.map(|route| format!("{}: requests/s (p50 / p99 µs; processor µs)", route.name()));
    let mut table = Table::new(std::iter::once("variant".to_owned()).chain(heads).chain(["busy".to_owned()]));
    for (variant, seen) in variants.iter().zip(seen.chunks(ROUTES.len())) {
        let mut busy = f64::INFINITY;
        let mut figures = Vec::new();
        for turns in seen {
            let of = |figure: fn(&(Seen, f64)) -> f64| median(turns.iter().map(figure).collect());
            let (rate, p50, p99) =
                (of(|turn| turn.0.per_second), of(|turn| turn.0.p50), of(|turn| turn.0.p99));
            let (rate, p50, p99) = (grouped(rate), grouped(p50), grouped(p99));
            figures.push(format!("{rate} ({p50} / {p99}; {:.1})", of(|turn| turn.1)));
            busy = busy.min(of(|turn| turn.0.per_second * turn.1 / 1e6));
        }
        table.row(variant.name, figures.into_iter().chain([format!("{:.0} %", busy * 100.0)]));
    }
    Ok(table)
}

/// What the server's process does: it says its port and answers until whoever started it ends.
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
        unpaced(&listener);
        println!("{}", listener.local_addr()?.port());
        std::io::stdout().flush()?;
        app.serve(listener).await
    })
}
