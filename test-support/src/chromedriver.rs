//! A driver of Chromium browsers.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::supervised::Supervised;
use crate::wait::wait_until;

/// A `chromedriver` process, through which tests control Chromium by the protocol of `WebDriver`. It ends with the test process.
pub struct ChromeDriver {
    port: u16,
    dir: PathBuf,
    _process: Supervised,
}

impl ChromeDriver {
    /// Starts a driver on a free port.
    ///
    /// # Panics
    ///
    /// When there is no `chromedriver` or it does not start.
    pub fn start() -> Self {
        let Ok(dir) = TempDir::new() else { panic!("no temporary directory can be created") };
        // The process removes it.
        let dir = dir.keep();
        // It says on the standard output, and not in the log, on which port it listens.
        let arguments = ["-c", "exec chromedriver --port=0 >&2"].map(str::to_owned);
        let (control, program) = (Command::new("sh"), OsStr::new("sh"));
        let mut process = Supervised::controlled_by(control, &dir, "TERM", program, &arguments);
        process.start();
        let port = wait_until("chromedriver says on which port it listens; `./test` installs it", || {
            let log = process.log();
            let (_, rest) = log.split_once("started successfully on port ")?;
            rest.split_once('.')?.0.parse().ok()
        });
        Self { port, dir, _process: process }
    }

    /// Returns its URL.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Returns a directory that is removed when the driver ends, for the profiles of browsers.
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}
