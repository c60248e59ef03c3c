//! Servers that end with the test process, however it ends.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Starts and kills the server given as arguments, as the lines of the standard input say. At their end it sends the
/// server a signal and removes the directory.
const CONTROL: &str = r#"
dir=$1
signal=$2
shift 2
while read -r word log; do
    case $word in
        start) "$@" >/dev/null 2>"$dir/$log" & server=$! ;;
        kill) kill -KILL "$server"; wait "$server" ;;
    esac
done
kill -"$signal" "$server"
wait "$server"
rm -rf "$dir"
"#;

/// A server under the control of a shell. It ends on drop, and with the test process if it is never dropped, as in a
/// `static`.
pub(crate) struct Supervised {
    control: Child,
    dir: PathBuf,
    starts: u32,
}

impl Supervised {
    /// A server that is not started yet. The directory is removed at its end.
    ///
    /// # Panics
    ///
    /// When there is no shell.
    pub(crate) fn new(dir: &Path, program: &OsStr, arguments: &[String]) -> Self {
        Self::controlled_by(Command::new("sh"), dir, "KILL", program, arguments)
    }

    /// The same with a shell that runs as another user, and a signal that lets the server clean up at its end.
    pub(crate) fn controlled_by(
        mut control: Command,
        dir: &Path,
        signal: &str,
        program: &OsStr,
        arguments: &[String],
    ) -> Self {
        control.args(["-c", CONTROL, "sh"]).arg(dir).arg(signal).arg(program).args(arguments);
        let control = control.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let control = control.unwrap_or_else(|error| panic!("the shell cannot be started: {error}"));
        Self { control, dir: dir.to_owned(), starts: 0 }
    }

    /// Starts the server, with a new log.
    pub(crate) fn start(&mut self) {
        self.starts += 1;
        self.tell(&format!("start log{}", self.starts));
    }

    /// Kills the server with SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.tell("kill");
    }

    /// Returns the log since the last start.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.dir.join(format!("log{}", self.starts))).unwrap_or_default()
    }

    fn tell(&mut self, line: &str) {
        let Some(input) = &mut self.control.stdin else {
            unreachable!("it is open until the server is dropped")
        };
        writeln!(input, "{line}").unwrap_or_else(|error| panic!("the shell has ended: {error}"));
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        drop(self.control.stdin.take());
        self.control.wait().ok();
    }
}
