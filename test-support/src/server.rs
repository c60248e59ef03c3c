//! A single Redis server.

use std::path::PathBuf;
use std::process::{Child, Command};

use tempfile::TempDir;

use crate::process::{free_port, retry};
use crate::wait::wait_until;
use crate::{Reply, process, reply};

/// A `redis-server` process, killed on drop.
pub struct RedisServer {
    process: Option<Child>,
    port: u16,
    pub(crate) dir: TempDir,
    pub(crate) settings: Vec<String>,
}

impl RedisServer {
    /// Starts a server without persistence.
    ///
    /// # Panics
    ///
    /// When there is no `redis-server` or it does not start.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// Starts a server with further arguments, such as `["--appendonly", "yes"]`.
    ///
    /// # Panics
    ///
    /// When there is no `redis-server` or it does not start.
    pub fn with(settings: &[&str]) -> Self {
        retry(|| Self::try_with(settings))
    }

    /// Starts a server on a free port; `None` when it ends at once.
    pub(crate) fn try_with(settings: &[&str]) -> Option<Self> {
        let Ok(dir) = TempDir::new() else { panic!("no temporary directory can be created") };
        let settings = settings.iter().map(ToString::to_string).collect();
        let mut server = Self { process: None, port: free_port(), dir, settings };
        server.try_start().then_some(server)
    }

    /// Returns its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns its URL.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Returns the path of its Unix socket.
    pub fn socket(&self) -> PathBuf {
        self.dir.path().join("socket")
    }

    /// Kills it with SIGKILL.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().ok();
            process.wait().ok();
        }
    }

    /// Stops it with SIGSTOP: connections stay open, new ones are accepted by the kernel, and nothing is answered.
    ///
    /// # Panics
    ///
    /// When it does not run.
    pub fn suspend(&self) {
        self.signal("-STOP");
    }

    /// Resumes it with SIGCONT.
    ///
    /// # Panics
    ///
    /// When it does not run.
    pub fn resume(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let Some(process) = &self.process else { panic!("the server does not run") };
        let sent = Command::new("sh").arg("-c").arg(format!("kill {signal} {}", process.id())).status();
        assert!(sent.is_ok_and(|sent| sent.success()), "the shell's `kill` cannot send {signal}");
    }

    /// Restarts it on the same port with its files.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn restart(&mut self) {
        self.kill();
        // Its port may have been taken meanwhile, for a moment.
        wait_until("redis-server starts again", || self.try_start().then_some(()));
    }

    fn try_start(&mut self) -> bool {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--save", "", "--port", &self.port.to_string()]);
        command.arg("--dir").arg(self.dir.path()).arg("--unixsocket").arg(self.socket());
        command.args(&self.settings);
        self.process = process::start(command, self.port);
        self.process.is_some()
    }

    /// Returns the reply to a command, sent over a new connection.
    ///
    /// # Panics
    ///
    /// When it does not answer.
    #[track_caller]
    pub fn call(&self, words: &[&str]) -> Reply {
        self.try_call(words).unwrap_or_else(|| panic!("the server does not answer {words:?}"))
    }

    /// Returns the reply to a command of arbitrary bytes, sent over a new connection.
    ///
    /// # Panics
    ///
    /// When it does not answer.
    #[track_caller]
    pub fn call_bytes(&self, words: &[&[u8]]) -> Reply {
        reply::call(self.port, words).unwrap_or_else(|error| panic!("the server does not answer: {error}"))
    }

    /// Returns the reply to a command, or `None` when the server cannot be reached.
    pub fn try_call(&self, words: &[&str]) -> Option<Reply> {
        let words: Vec<_> = words.iter().map(|word| word.as_bytes()).collect();
        reply::call(self.port, &words).ok()
    }

    /// Returns a number of INFO, such as `total_commands_processed`.
    ///
    /// # Panics
    ///
    /// When INFO has no such number.
    #[track_caller]
    pub fn info(&self, name: &str) -> i64 {
        let info = self.call(&["INFO", "everything"]).text();
        let value = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("INFO has no {name}"))
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}
