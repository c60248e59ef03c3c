//! Sending commands: to the right server, in time, and again where that is safe.

use std::sync::Arc;

use redis::{Cmd, Value};
use session_core::StoreError;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::cluster::Cluster;
use crate::failure::{Failure, Refusal};
use crate::key::Key;
use crate::node::Node;
use crate::script::{Script, Version};
use crate::settings::{Settings, WhileDisconnected};

/// Everything a store talks to.
pub(crate) struct Servers {
    pub(crate) topology: Topology,
    pub(crate) settings: Arc<Settings>,
}

pub(crate) enum Topology {
    /// One server, or whoever is the master just now.
    One(Arc<Node>),
    Cluster(Cluster),
}

/// Whether a command that may have been done already can be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Doing it twice is the same as doing it once.
    Safe,
    Unsafe,
}

impl Servers {
    pub(crate) fn is_cluster(&self) -> bool {
        matches!(self.topology, Topology::Cluster(_))
    }

    /// A script as these servers need it.
    pub(crate) fn version<'a>(&self, script: &'a Script) -> &'a Version {
        script.version(self.is_cluster())
    }

    /// Runs a script on the server that has the key, telling the server the script when it has forgotten it.
    pub(crate) async fn run(
        &self,
        script: &Script,
        key: &Key,
        cmd: &Cmd,
        repeat: Repeat,
        until: Instant,
    ) -> Result<Value, Failure> {
        match self.send(key.slot, cmd, repeat, until).await {
            Err(Failure::Refused(Refusal::NoScript, _)) => {
                let in_full = self.version(script).in_full(cmd);
                self.send(key.slot, &in_full, repeat, until).await
            }
            answered => answered,
        }
    }

    /// Sends a command that only reads, or that may be done twice.
    pub(crate) async fn ask(&self, key: &Key, cmd: &Cmd, until: Instant) -> Result<Value, StoreError> {
        Ok(self.send(key.slot, cmd, Repeat::Safe, until).await?)
    }

    /// Sends a command that only reads to one certain server.
    pub(crate) async fn ask_node(&self, node: &Arc<Node>, cmd: &Cmd) -> Result<Value, StoreError> {
        ask_node(node, cmd, self.until()).await
    }

    /// Checks that every primary answers; in a cluster each has sessions that no other has.
    pub(crate) async fn ping(&self) -> Result<(), StoreError> {
        let until = self.until();
        let nodes = match &self.topology {
            Topology::One(node) => vec![Arc::clone(node)],
            Topology::Cluster(cluster) => cluster.masters(until).await?.into_values().collect(),
        };
        let ping = |node| async move { ask_node(&node, &redis::cmd("PING"), until).await.map(drop) };
        let pings: JoinSet<_> = nodes.into_iter().map(ping).collect();
        pings.join_all().await.into_iter().collect()
    }

    /// When a call that begins now must be answered.
    pub(crate) fn until(&self) -> Instant {
        Instant::now() + self.settings.response_timeout
    }

    async fn send(&self, slot: u16, cmd: &Cmd, repeat: Repeat, until: Instant) -> Result<Value, Failure> {
        let mut attempts = 0;
        loop {
            let failure = match &self.topology {
                Topology::One(node) => match node.send(cmd, false, until).await {
                    Ok(answer) => return Ok(answer),
                    Err(failure) => {
                        if matches!(failure, Failure::Refused(Refusal::NotMaster, _)) {
                            node.disconnect();
                        }
                        failure
                    }
                },
                Topology::Cluster(cluster) => match cluster.send(slot, cmd, until).await {
                    Ok(answer) => return Ok(answer),
                    Err(failure) => failure,
                },
            };
            let again = match &failure {
                Failure::Unsent(_) => self.settings.while_disconnected == WhileDisconnected::Wait,
                Failure::Lost(_) => repeat == Repeat::Safe && attempts < self.settings.retries,
                Failure::Refused(Refusal::Busy | Refusal::NotMaster, _) => attempts < self.settings.retries,
                Failure::Refused(..) | Failure::Outdated(_) | Failure::Late => false,
            };
            let next = Instant::now() + self.settings.pause(attempts);
            if !again || next >= until {
                return Err(failure);
            }
            sleep_until(next).await;
            attempts += 1;
        }
    }
}

async fn ask_node(node: &Arc<Node>, cmd: &Cmd, until: Instant) -> Result<Value, StoreError> {
    match node.send(cmd, false, until).await {
        Err(Failure::Lost(_)) => Ok(node.send(cmd, false, until).await?),
        answered => Ok(answered?),
    }
}
