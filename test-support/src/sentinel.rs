//! A primary and a replica, watched by a sentinel.

use std::fs;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::server::free_port;
use crate::wait::wait_until;
use crate::{RedisServer, Reply, reply};

/// The service's name.
const SERVICE: &str = "mymaster";

/// A primary and a replica, watched by a sentinel that decides alone.
pub struct RedisSentinel {
    /// The primary first, at the beginning.
    pub servers: Vec<RedisServer>,
    process: Child,
    port: u16,
    _dir: TempDir,
}

impl RedisSentinel {
    /// Servers that are ready for a failover.
    ///
    /// # Panics
    ///
    /// When they do not start.
    pub fn start() -> Self {
        let primary = RedisServer::with(&["--repl-diskless-sync-delay", "0"]);
        let replica = RedisServer::with(&["--replicaof", "127.0.0.1", &primary.port().to_string()]);
        wait_until("the replica follows", || {
            replica.call(&["INFO", "replication"]).text().contains("master_link_status:up").then_some(())
        });
        let Ok(dir) = TempDir::new() else { panic!("there is no place for temporary files") };
        let file = dir.path().join("sentinel.conf");
        let (port, primary_port) = (free_port(), primary.port());
        let lines = format!(
            "port {port}\nbind 127.0.0.1\ndir {}\nsentinel monitor {SERVICE} 127.0.0.1 {primary_port} 1\n\
             sentinel down-after-milliseconds {SERVICE} 500\nsentinel failover-timeout {SERVICE} 3000\n",
            dir.path().display()
        );
        if let Err(error) = fs::write(&file, lines) {
            panic!("the sentinel's settings cannot be written: {error}");
        }
        let mut command = Command::new("redis-server");
        command.arg(&file).arg("--sentinel").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = match command.spawn() {
            Ok(process) => process,
            Err(error) => panic!("`redis-server` cannot be started, is it installed? {error}"),
        };
        let sentinel = Self { servers: vec![primary, replica], process, port, _dir: dir };
        wait_until("the sentinel knows the replica", || {
            let words: [&[u8]; 3] = [b"SENTINEL", b"MASTER", SERVICE.as_bytes()];
            let master = reply::call(sentinel.port, &words).ok()?.texts();
            let slaves = master.iter().position(|word| word == "num-slaves")?;
            (master.get(slaves + 1)? == "1").then_some(())
        });
        sentinel
    }

    /// The service's name.
    pub fn service(&self) -> &'static str {
        SERVICE
    }

    /// The sentinel's URL.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// What the sentinel answers to a command.
    ///
    /// # Panics
    ///
    /// When it does not answer.
    #[track_caller]
    pub fn call(&self, words: &[&str]) -> Reply {
        let words: Vec<_> = words.iter().map(|word| word.as_bytes()).collect();
        reply::call(self.port, &words).unwrap_or_else(|_| panic!("the sentinel does not answer"))
    }

    /// The port of the server that the sentinel takes for the primary.
    pub fn primary_port(&self) -> Option<u16> {
        let words: [&[u8]; 3] = [b"SENTINEL", b"GET-MASTER-ADDR-BY-NAME", SERVICE.as_bytes()];
        reply::call(self.port, &words).ok()?.texts().get(1)?.parse().ok()
    }
}

impl Drop for RedisSentinel {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
