//! A primary and a replica under Redis Sentinel.

use std::fs;
use std::process::{Child, Command};

use tempfile::TempDir;

use crate::process::{free_port, retry};
use crate::wait::wait_until;
use crate::{RedisServer, Reply, process, reply};

/// The name of the service.
const SERVICE: &str = "mymaster";
/// `down-after-milliseconds` for a fast failover.
const FAST_DOWN_AFTER: u32 = 500;
/// `down-after-milliseconds` that outlasts any test, even on an overloaded machine.
const NO_FAILOVER: u32 = 600_000;

/// A primary and a replica, monitored by sentinels.
pub struct RedisSentinel {
    /// The initial primary, then the replica.
    pub servers: Vec<RedisServer>,
    sentinels: Vec<Sentinel>,
}

/// One sentinel.
struct Sentinel {
    process: Child,
    port: u16,
    _dir: TempDir,
}

impl RedisSentinel {
    /// Starts servers and one sentinel that fails over on request only.
    ///
    /// # Panics
    ///
    /// When they do not start.
    pub fn start() -> Self {
        Self::with_sentinels(1)
    }

    /// Starts the same with `count` sentinels and a quorum of their majority.
    ///
    /// # Panics
    ///
    /// When they do not start.
    pub fn with_sentinels(count: usize) -> Self {
        Self::with(count, NO_FAILOVER)
    }

    /// Starts servers and one sentinel that replaces a primary that does not answer for half a second.
    ///
    /// # Panics
    ///
    /// When they do not start.
    pub fn with_failover() -> Self {
        Self::with(1, FAST_DOWN_AFTER)
    }

    fn with(count: usize, down_after: u32) -> Self {
        let primary = RedisServer::with(&["--repl-diskless-sync-delay", "0"]);
        let replica = RedisServer::with(&["--replicaof", "127.0.0.1", &primary.port().to_string()]);
        wait_until("the replica follows", || {
            replica.call(&["INFO", "replication"]).text().contains("master_link_status:up").then_some(())
        });
        let sentinels: Vec<_> = (0..count)
            .map(|_| retry(|| Sentinel::start(primary.port(), count / 2 + 1, down_after)))
            .collect();
        let others = (count - 1).to_string();
        for sentinel in &sentinels {
            wait_until("the sentinel knows the replica and the other sentinels", || {
                let master = sentinel.try_call(&["SENTINEL", "MASTER", SERVICE])?.texts();
                let number = |name: &str| master.get(master.iter().position(|word| word == name)? + 1);
                (number("num-slaves")? == "1" && *number("num-other-sentinels")? == others).then_some(())
            });
        }
        Self { servers: vec![primary, replica], sentinels }
    }

    /// Returns the name of the service.
    pub fn service(&self) -> &'static str {
        SERVICE
    }

    /// Returns the first sentinel's URL.
    pub fn url(&self) -> String {
        self.urls().remove(0)
    }

    /// Returns the URLs of all sentinels.
    pub fn urls(&self) -> Vec<String> {
        self.sentinels.iter().map(|sentinel| format!("redis://127.0.0.1:{}", sentinel.port)).collect()
    }

    /// Returns the first sentinel's reply to a command.
    ///
    /// # Panics
    ///
    /// When it does not answer.
    #[track_caller]
    pub fn call(&self, words: &[&str]) -> Reply {
        self.call_one(0, words)
    }

    /// Returns a sentinel's reply to a command.
    ///
    /// # Panics
    ///
    /// When it does not answer.
    #[track_caller]
    pub fn call_one(&self, index: usize, words: &[&str]) -> Reply {
        self.sentinels[index].try_call(words).unwrap_or_else(|| panic!("the sentinel does not answer"))
    }

    /// Returns the port of the primary according to the first sentinel.
    pub fn primary_port(&self) -> Option<u16> {
        let words = ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE];
        self.sentinels[0].try_call(&words)?.texts().get(1)?.parse().ok()
    }
}

impl Sentinel {
    /// Starts a sentinel on a free port; `None` when it ends at once.
    fn start(primary_port: u16, quorum: usize, down_after: u32) -> Option<Self> {
        let Ok(dir) = TempDir::new() else { panic!("no temporary directory can be created") };
        let file = dir.path().join("sentinel.conf");
        let port = free_port();
        let lines = format!(
            "port {port}\nbind 127.0.0.1\ndir {}\nsentinel monitor {SERVICE} 127.0.0.1 {primary_port} {quorum}\n\
             sentinel down-after-milliseconds {SERVICE} {down_after}\nsentinel failover-timeout {SERVICE} 3000\n",
            dir.path().display()
        );
        if let Err(error) = fs::write(&file, lines) {
            panic!("the sentinel's settings cannot be written: {error}");
        }
        let mut command = Command::new("redis-server");
        command.arg(&file).arg("--sentinel");
        Some(Self { process: process::start(command, port)?, port, _dir: dir })
    }

    fn try_call(&self, words: &[&str]) -> Option<Reply> {
        let words: Vec<_> = words.iter().map(|word| word.as_bytes()).collect();
        reply::call(self.port, &words).ok()
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
