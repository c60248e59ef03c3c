//! A Redis Cluster of six servers.

use crate::process::{free_port, retry};
use crate::wait::wait_until;
use crate::{RedisServer, Reply};

/// The first slot of each of the three masters, and the end.
const BOUNDS: [u16; 4] = [0, 5461, 10923, 16384];

/// A node timeout in milliseconds that outlasts any test, even on an overloaded machine, so that no master is replaced.
const NO_FAILOVER: &str = "600000";

/// Three masters with one replica each.
pub struct RedisCluster {
    /// The masters first, then their replicas in the same order; they may change roles later.
    pub servers: Vec<RedisServer>,
}

impl RedisCluster {
    /// Starts a cluster and waits until its replicas are up to date. Failing masters are not replaced.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn start() -> Self {
        let cluster = Self::with_failover();
        for server in &cluster.servers {
            server.call(&["CONFIG", "SET", "cluster-node-timeout", NO_FAILOVER]);
        }
        cluster.wait_until_healthy();
        cluster
    }

    /// Starts the same with automatic failover of masters that do not answer for a second.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn with_failover() -> Self {
        let servers: Vec<_> = (0..6).map(|_| start_one()).collect();
        for (index, bounds) in BOUNDS.windows(2).enumerate() {
            let (first, last) = (bounds[0].to_string(), (bounds[1] - 1).to_string());
            servers[index].call(&["CLUSTER", "ADDSLOTSRANGE", &first, &last]);
        }
        for (index, server) in servers.iter().enumerate() {
            server.call(&["CLUSTER", "SET-CONFIG-EPOCH", &(index + 1).to_string()]);
        }
        for server in &servers[1..] {
            let bus = servers[0].call(&["CONFIG", "GET", "cluster-port"]).texts();
            server.call(&["CLUSTER", "MEET", "127.0.0.1", &servers[0].port().to_string(), &bus[1]]);
        }
        let cluster = Self { servers };
        let knows_all = |server: &RedisServer| info(server, "cluster_known_nodes") == "6";
        wait_until("all servers know each other", || cluster.servers.iter().all(knows_all).then_some(()));
        for index in 0..3 {
            let master = cluster.id(index);
            wait_until("a replica knows its master", || {
                let answer = cluster.servers[index + 3].call(&["CLUSTER", "REPLICATE", &master]);
                (answer == Reply::Text(Some(b"OK".to_vec()))).then_some(())
            });
        }
        cluster.wait_until_healthy();
        cluster
    }

    /// Waits until all running servers see all slots served and all replicas in sync.
    ///
    /// # Panics
    ///
    /// When that does not happen.
    pub fn wait_until_healthy(&self) {
        wait_until("the cluster is healthy", || self.servers.iter().all(is_healthy).then_some(()));
    }

    /// Returns the URLs of all servers.
    pub fn urls(&self) -> Vec<String> {
        self.servers.iter().map(RedisServer::url).collect()
    }

    /// Returns the node id of a server.
    pub fn id(&self, index: usize) -> String {
        self.servers[index].call(&["CLUSTER", "MYID"]).text()
    }

    /// Returns the index of the master that serves a slot, according to the first running server.
    ///
    /// # Panics
    ///
    /// When no server serves it.
    pub fn master_of(&self, slot: u16) -> usize {
        wait_until("a server has the slot", || {
            let answer = self.servers.iter().find_map(|server| server.try_call(&["CLUSTER", "SLOTS"]))?;
            let Reply::List(ranges) = answer else { return None };
            let port = ranges.iter().find_map(|range| {
                let Reply::List(range) = range else { return None };
                let (first, last) = (range[0].number(), range[1].number());
                let Reply::List(master) = &range[2] else { return None };
                (first..=last).contains(&slot.into()).then(|| master[1].number())
            })?;
            self.servers.iter().position(|server| i64::from(server.port()) == port)
        })
    }

    /// Starts moving a slot to another master, without moving keys, as [`migrate`](RedisCluster::migrate) does: a key may be
    /// on either server.
    ///
    /// # Panics
    ///
    /// When no server serves the slot.
    pub fn begin_migration(&self, slot: u16, to: usize) {
        let (from, number) = (self.master_of(slot), slot.to_string());
        self.servers[to].call(&["CLUSTER", "SETSLOT", &number, "IMPORTING", &self.id(from)]);
        self.servers[from].call(&["CLUSTER", "SETSLOT", &number, "MIGRATING", &self.id(to)]);
    }

    /// Moves a slot with all its keys to another master, one key at a time.
    ///
    /// # Panics
    ///
    /// When a server refuses.
    pub fn migrate(&self, slot: u16, to: usize) {
        let (from, number) = (self.master_of(slot), slot.to_string());
        let (source, target) = (&self.servers[from], &self.servers[to]);
        self.begin_migration(slot, to);
        loop {
            let keys = source.call(&["CLUSTER", "GETKEYSINSLOT", &number, "1"]).texts();
            let [key] = keys.as_slice() else { break };
            source.call(&["MIGRATE", "127.0.0.1", &target.port().to_string(), key, "0", "5000"]);
        }
        for server in [target, source] {
            server.call(&["CLUSTER", "SETSLOT", &number, "NODE", &self.id(to)]);
        }
    }
}

fn start_one() -> RedisServer {
    retry(|| {
        RedisServer::try_with(&[
            "--cluster-enabled",
            "yes",
            "--cluster-port",
            &free_port().to_string(),
            "--cluster-node-timeout",
            "1000",
            "--cluster-replica-validity-factor",
            "0",
            "--repl-diskless-sync-delay",
            "0",
        ])
    })
}

fn info(server: &RedisServer, name: &str) -> String {
    let info = server.call(&["CLUSTER", "INFO"]).text();
    info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap_or_default().to_owned()
}

fn is_healthy(server: &RedisServer) -> bool {
    if server.try_call(&["PING"]).is_none() {
        return true;
    }
    let is_in_sync = || {
        let info = server.call(&["INFO", "replication"]).text();
        !info.contains("role:slave") || info.contains("master_link_status:up")
    };
    info(server, "cluster_state") == "ok" && info(server, "cluster_slots_ok") == "16384" && is_in_sync()
}
