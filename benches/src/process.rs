//! Child processes: each measurement runs in a fresh process, so that none influences another.

use std::env::{current_exe, var_os};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

/// The CPUs that a process may use: one for the measured code, one for the load generator.
#[derive(Clone, Copy)]
pub enum Cpus {
    /// CPU 0: servers, and measurements of a single process.
    Measured,
    /// CPU 1: the load generator or Redis.
    Other,
    /// Both CPUs.
    Both,
}

impl Cpus {
    /// The list for `taskset -c`.
    pub fn list(self) -> &'static str {
        match self {
            Self::Measured => "0",
            Self::Other => "1",
            Self::Both => "0,1",
        }
    }
}

/// Shell script that raises the scheduling priority, where permitted, and pins the process. With autogroup scheduling
/// Linux weighs whole sessions against each other, so `nice` would only act within the session created by `setsid`.
const PIN_AND_PRIORITISE: &str = "{ echo -15 >/proc/self/autogroup; } 2>/dev/null; exec taskset -c \"$@\"";

/// Returns a command that runs this program with these arguments, pinned to `cpus`.
///
/// # Errors
///
/// When the path of this program is unknown.
pub fn pinned(cpus: Cpus, arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new("setsid");
    command.args(["sh", "-c", PIN_AND_PRIORITISE, "sh", cpus.list()]).arg(current_exe()?).args(arguments);
    Ok(command)
}

/// Runs the command and returns its standard output.
///
/// # Errors
///
/// When the command cannot be started or fails.
pub fn output(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_owned();
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("cannot start {}", program.display()))?;
    ensure!(output.status.success(), "{command:?} failed");
    Ok(String::from_utf8(output.stdout)?)
}

/// Builds the binary `count_allocations`, whose allocator counts, and returns a command that runs it. Counting would
/// slow down all other measurements, hence the separate binary.
///
/// # Errors
///
/// When the build fails.
pub fn with_counting_allocator(arguments: &[&str]) -> Result<Command> {
    let cargo = var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let words = ["build", "--quiet", "--release", "-p", "benches", "--bin", "count_allocations"];
    let built = Command::new(cargo).args(words).stdout(Stdio::null()).status()?;
    ensure!(built.success(), "cannot build the binary `count_allocations`");
    let path: PathBuf = current_exe()?.with_file_name("count_allocations");
    let mut command = Command::new(path);
    command.args(arguments);
    Ok(command)
}
