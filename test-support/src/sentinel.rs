//! A primary and a replica, watched by sentinels.

use std::fs;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::server::free_port;
use crate::wait::wait_until;
use crate::{RedisServer, Reply, reply};

/// The service's name.
const SERVICE: &str = "mymaster";
/// After how long a primary that does not answer is replaced, in milliseconds: soon, or not before the test is over, even
/// where the machine has more to do than it can.
const SOON: u32 = 500;
const NEVER: u32 = 600_000;

/// A primary and a replica, watched by sentinels.
pub struct RedisSentinel {
    /// The primary first, at the beginning.
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
    /// Servers that are ready for a failover, watched by a sentinel that starts one when it is asked to.
    ///
    /// # Panics
    ///
    /// When they do not start.
    pub fn start() -> Self {
        Self::watched_by(1)
    }

    /// The same, watched by so many sentinels, most of which must agree.
    ///
    /// # Panics
    ///
    /// When they do not start.
    pub fn watched_by(count: usize) -> Self {
        Self::with(count, NEVER)
    }

    /// Servers that are ready for a failover, watched by a sentinel that decides alone to replace a primary that does not
    /// answer for half a second.
    ///
    /// # Panics
    ///
    /// When they do not start.
    pub fn vigilant() -> Self {
        Self::with(1, SOON)
    }

    fn with(count: usize, down_after: u32) -> Self {
        let primary = RedisServer::with(&["--repl-diskless-sync-delay", "0"]);
        let replica = RedisServer::with(&["--replicaof", "127.0.0.1", &primary.port().to_string()]);
        wait_until("the replica follows", || {
            replica.call(&["INFO", "replication"]).text().contains("master_link_status:up").then_some(())
        });
        let sentinels: Vec<_> =
            (0..count).map(|_| Sentinel::start(primary.port(), count / 2 + 1, down_after)).collect();
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

    /// The service's name.
    pub fn service(&self) -> &'static str {
        SERVICE
    }

    /// The first sentinel's URL.
    pub fn url(&self) -> String {
        self.urls().remove(0)
    }

    /// The URLs of all sentinels.
    pub fn urls(&self) -> Vec<String> {
        self.sentinels.iter().map(|sentinel| format!("redis://127.0.0.1:{}", sentinel.port)).collect()
    }

    /// What the first sentinel answers to a command.
    ///
    /// # Panics
    ///
    /// When it does not answer.
    #[track_caller]
    pub fn call(&self, words: &[&str]) -> Reply {
        self.call_one(0, words)
    }

    /// What one of the sentinels answers to a command.
    ///
    /// # Panics
    ///
    /// When it does not answer.
    #[track_caller]
    pub fn call_one(&self, index: usize, words: &[&str]) -> Reply {
        self.sentinels[index].try_call(words).unwrap_or_else(|| panic!("the sentinel does not answer"))
    }

    /// The port of the server that the first sentinel takes for the primary.
    pub fn primary_port(&self) -> Option<u16> {
        let words = ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE];
        self.sentinels[0].try_call(&words)?.texts().get(1)?.parse().ok()
    }
}

impl Sentinel {
    fn start(primary_port: u16, quorum: usize, down_after: u32) -> Self {
        let Ok(dir) = TempDir::new() else { panic!("there is no place for temporary files") };
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
        command.arg(&file).arg("--sentinel").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match command.spawn() {
            Ok(process) => Self { process, port, _dir: dir },
            Err(error) => panic!("`redis-server` cannot be started, is it installed? {error}"),
        }
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
