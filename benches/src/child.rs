//! This program again, in a process of its own: so that nothing that one measurement did shows in the next.

use std::env::{current_exe, var_os};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

/// The two processors that are used: one for what is measured, one for what puts load on it.
#[derive(Clone, Copy)]
pub enum Core {
    /// Where servers run, and what is measured alone.
    Measured,
    /// Where clients run, or Redis.
    Other,
    /// Either.
    Both,
}

impl Core {
    /// As `taskset` numbers them.
    pub fn number(self) -> &'static str {
        match self {
            Self::Measured => "0",
            Self::Other => "1",
            Self::Both => "0,1",
        }
    }
}

/// Goes before whatever else wants the processors, if that is allowed. Linux weighs whole terminals against each other,
/// so being nice to those of the own one would change nothing.
const FIRST: &str = "{ echo -15 >/proc/self/autogroup; } 2>/dev/null; exec taskset -c \"$@\"";

/// This program with these arguments, on one processor or two.
///
/// # Errors
///
/// When this program cannot be found any more.
pub fn pinned(core: Core, arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new("setsid");
    command.args(["sh", "-c", FIRST, "sh", core.number()]).arg(current_exe()?).args(arguments);
    Ok(command)
}

/// What it prints.
///
/// # Errors
///
/// When it cannot be started or fails.
pub fn output(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_owned();
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("{} cannot be started", program.display()))?;
    ensure!(output.status.success(), "{command:?} failed");
    Ok(String::from_utf8(output.stdout)?)
}

/// The same measurements under an allocator that counts, which would disturb all others.
///
/// # Errors
///
/// When it cannot be built.
pub fn counted(arguments: &[&str]) -> Result<Command> {
    let cargo = var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let words = ["build", "--quiet", "--release", "-p", "benches", "--bin", "counted"];
    let built = Command::new(cargo).args(words).stdout(Stdio::null()).status()?;
    ensure!(built.success(), "the binary `counted` cannot be built");
    let path: PathBuf = current_exe()?.with_file_name("counted");
    let mut command = Command::new(path);
    command.args(arguments);
    Ok(command)
}
