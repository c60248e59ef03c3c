//! Processes of servers, and free ports for them.

use std::net::TcpListener;
use std::process::{Child, Command, Output, Stdio};

use crate::wait::wait_until;
use crate::{Reply, reply};

/// Starts a server whose port `command` was given, and waits until it answers there. `None` when it ended before, as it
/// does when another process took one of its ports.
///
/// # Panics
///
/// When there is no `redis-server`.
pub(crate) fn start(mut command: Command, port: u16) -> Option<Child> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut process = match command.spawn() {
        Ok(process) => process,
        Err(error) => panic!("`redis-server` cannot be started, is it installed? {error}"),
    };
    let id = format!("process_id:{}", process.id());
    // Another server may answer on the port.
    let is_own =
        |info: &Reply| matches!(info, Reply::Text(Some(_))) && info.text().lines().any(|line| line == id);
    wait_until("redis-server answers or ends", || {
        if process.try_wait().is_ok_and(|ended| ended.is_some()) {
            return Some(false);
        }
        reply::call(port, &[b"INFO", b"server"]).is_ok_and(|info| is_own(&info)).then_some(true)
    })
    .then_some(process)
}

/// Runs a command to its end.
///
/// # Panics
///
/// When it fails, with all that it wrote.
pub(crate) fn run(mut command: Command) {
    match command.stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => {}
        Ok(Output { status, stdout, stderr }) => {
            let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
            panic!("{command:?} failed, {status}: {stdout}{stderr}")
        }
        Err(error) => panic!("{command:?} cannot be started: {error}"),
    }
}

/// Calls `start` until it succeeds: between the choice of a free port and its use another process may take it.
///
/// # Panics
///
/// When it fails ten times.
pub(crate) fn retry<T>(start: impl FnMut() -> Option<T>) -> T {
    let started = std::iter::repeat_with(start).take(10).find_map(|started| started);
    started.unwrap_or_else(|| panic!("the server ended at once, ten times"))
}

/// Returns a free port.
///
/// # Panics
///
/// When there is none.
pub(crate) fn free_port() -> u16 {
    match TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()) {
        Ok(address) => address.port(),
        Err(error) => panic!("there is no free port: {error}"),
    }
}
