//! Sends commands: to the server that has the key, within a deadline, with retries if that is safe.

use std::sync::Arc;

use redis::{Cmd, ConnectionInfo, RedisConnectionInfo, Value};
use session_core::StoreError;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::client::address::{ConfigError, Kind, Server};
use crate::client::cluster::Cluster;
use crate::client::connect::FixedTarget;
#[cfg(feature = "tls")]
use crate::client::connect::install_crypto_provider;
use crate::client::failure::{Failure, Refusal};
use crate::client::node::Node;
use crate::client::sentinel::{PrimaryTarget, Sentinels};
use crate::client::settings::{Settings, WhileDisconnected};
use crate::key::Key;
use crate::lua::script::{Script, Version};

/// Connections to all servers of a store.
pub(crate) struct Client {
    pub(crate) topology: Topology,
    pub(crate) settings: Arc<Settings>,
}

pub(crate) enum Topology {
    /// One server, or the current primary of a service.
    Single(Arc<Node>),
    Cluster(Cluster),
}

/// Whether a command is retried that may have been executed already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Retry {
    /// It is idempotent.
    Safe,
    Never,
}

impl Client {
    /// Checks the address. Connects on the first call.
    pub(crate) fn new(server: &Server, settings: &Arc<Settings>) -> Result<Self, ConfigError> {
        let with_login = |info: ConnectionInfo| {
            let login = server.override_login(info.redis_settings().clone());
            info.set_redis_settings(login)
        };
        #[cfg(feature = "tls")]
        install_crypto_provider();
        let topology = match &server.kind {
            Kind::Single(url) => Topology::Single(Node::new(FixedTarget(with_login(url.clone()?)), settings)),
            Kind::Cluster(urls) => {
                let seeds = all(urls)?.into_iter().map(with_login).collect();
                Topology::Cluster(Cluster::new(seeds, Arc::clone(settings)))
            }
            Kind::Sentinel { service, sentinels } => {
                let login = server.override_login(RedisConnectionInfo::default());
                let sentinels = Sentinels::new(service.clone(), all(sentinels)?, settings);
                Topology::Single(Node::new(PrimaryTarget { sentinels, login }, settings))
            }
        };
        Ok(Self { topology, settings: Arc::clone(settings) })
    }

    pub(crate) fn is_cluster(&self) -> bool {
        matches!(self.topology, Topology::Cluster(_))
    }

    /// The version of a script for these servers.
    pub(crate) fn version<'a>(&self, script: &'a Script) -> &'a Version {
        script.version(self.is_cluster())
    }

    /// The deadline of a call that begins now.
    pub(crate) fn deadline(&self) -> Instant {
        Instant::now() + self.settings.response_timeout
    }

    /// Runs a script on the server that has the key. Sends its source if the server does not have it cached.
    pub(crate) async fn run(
        &self,
        script: &Script,
        key: &Key,
        cmd: &Cmd,
        retry: Retry,
        deadline: Instant,
    ) -> Result<Value, Failure> {
        match self.send(key.slot, cmd, retry, deadline).await {
            Err(Failure::Refused(Refusal::NoScript, _)) => {
                let eval = self.version(script).eval(cmd);
                self.send(key.slot, &eval, retry, deadline).await
            }
            result => result,
        }
    }

    /// Sends an idempotent command to the server that has the key.
    pub(crate) async fn query(&self, key: &Key, cmd: &Cmd, deadline: Instant) -> Result<Value, StoreError> {
        Ok(self.send(key.slot, cmd, Retry::Safe, deadline).await?)
    }

    /// Sends a command that only reads to a certain server.
    pub(crate) async fn query_node(&self, node: &Arc<Node>, cmd: &Cmd) -> Result<Value, StoreError> {
        query_node(node, cmd, self.deadline()).await
    }

    /// Checks that every primary replies, since each primary of a cluster has different sessions.
    pub(crate) async fn ping(&self) -> Result<(), StoreError> {
        let deadline = self.deadline();
        let nodes = match &self.topology {
            Topology::Single(node) => vec![Arc::clone(node)],
            Topology::Cluster(cluster) => cluster.primaries(deadline).await?.into_values().collect(),
        };
        let ping = |node| async move { query_node(&node, &redis::cmd("PING"), deadline).await.map(drop) };
        let pings: JoinSet<_> = nodes.into_iter().map(ping).collect();
        pings.join_all().await.into_iter().collect()
    }

    async fn send(&self, slot: u16, cmd: &Cmd, retry: Retry, deadline: Instant) -> Result<Value, Failure> {
        let mut attempts = 0;
        loop {
            let failure = match &self.topology {
                Topology::Single(node) => match node.send(cmd, false, deadline).await {
                    Ok(reply) => return Ok(reply),
                    Err(failure) => {
                        if matches!(failure, Failure::Refused(Refusal::NotPrimary, _)) {
                            node.disconnect();
                        }
                        failure
                    }
                },
                // Boxed, so that it does not enlarge the futures of a store on one server.
                Topology::Cluster(cluster) => match Box::pin(cluster.send(slot, cmd, deadline)).await {
                    Ok(reply) => return Ok(reply),
                    Err(failure) => failure,
                },
            };
            let is_retried = match &failure {
                Failure::NotSent(_) => self.settings.while_disconnected == WhileDisconnected::Wait,
                Failure::ConnectionLost(_) => retry == Retry::Safe && attempts < self.settings.retries,
                Failure::Refused(Refusal::Busy | Refusal::NotPrimary, _) => attempts < self.settings.retries,
                Failure::Refused(..) | Failure::Unsupported(_) | Failure::TimedOut => false,
            };
            let retry_at = Instant::now() + self.settings.pause(attempts);
            if !is_retried || retry_at >= deadline {
                return Err(failure);
            }
            sleep_until(retry_at).await;
            attempts += 1;
        }
    }
}

async fn query_node(node: &Arc<Node>, cmd: &Cmd, deadline: Instant) -> Result<Value, StoreError> {
    match node.send(cmd, false, deadline).await {
        Err(Failure::ConnectionLost(_)) => Ok(node.send(cmd, false, deadline).await?),
        result => Ok(result?),
    }
}

fn all(urls: &[Result<ConnectionInfo, ConfigError>]) -> Result<Vec<ConnectionInfo>, ConfigError> {
    if urls.is_empty() {
        return Err(ConfigError::NoServer);
    }
    urls.iter().cloned().collect()
}
