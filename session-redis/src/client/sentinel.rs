//! Sentinel: finds the primary of a service, and follows its failovers.
//!
//! A primary that is being replaced goes on accepting writes until it becomes a replica, some ten seconds later, and
//! then loses them. It is therefore left as soon as a sentinel announces that it attempts a failover, while the replica
//! still receives writes. Calls then wait until the promoted replica reports that it is the primary.

use std::sync::Arc;
use std::time::Duration;

use redis::{ConnectionInfo, PushInfo, RedisConnectionInfo, Value};
use session_core::BoxFuture;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};

use crate::client::announcements::{Address, Announcement, CHANNELS, FAILOVER_TIMEOUT, Service};
use crate::client::connect::{Connection, Target, is_primary, open, open_checked, with_address};
use crate::client::failure::{Cause, Failure};
use crate::client::liveness::Liveness;
use crate::client::node::Node;
use crate::client::reply::{bytes, pairs};
use crate::client::settings::Settings;

/// How long to wait for the other sentinels after the first one has replied.
const GRACE: Duration = Duration::from_millis(150);
/// Polling interval during a failover.
const FAILOVER_POLL: Duration = Duration::from_millis(20);
/// Polling interval of the primary while nothing is announced.
const POLL: Duration = Duration::from_secs(1);
/// How long the election of a leading sentinel may take before the old primary is used again.
const ELECTION_TIMEOUT: Duration = Duration::from_secs(1);

/// The sentinels of a service.
pub(crate) struct Sentinels {
    service: Arc<Service>,
    /// Each sentinel with its address. Servers are reached by the same kind of address.
    members: Vec<(ConnectionInfo, Arc<Node>)>,
}

/// The current primary of the service.
pub(crate) struct PrimaryTarget {
    pub(crate) sentinels: Arc<Sentinels>,
    /// Credentials and database of the primary.
    pub(crate) login: RedisConnectionInfo,
}

impl Target for PrimaryTarget {
    fn connect<'a>(&'a self, settings: &'a Settings) -> BoxFuture<'a, Result<Connection, Failure>> {
        Box::pin(self.sentinels.connect(&self.login, settings))
    }
}

/// A sentinel, by its index, which announces failovers of the service.
struct SentinelTarget {
    server: ConnectionInfo,
    index: usize,
    service: Arc<Service>,
}

impl Target for SentinelTarget {
    fn connect<'a>(&'a self, settings: &'a Settings) -> BoxFuture<'a, Result<Connection, Failure>> {
        let (service, index) = (Arc::clone(&self.service), self.index);
        let on_push = move |push: &PushInfo| service.on_push(index, push);
        Box::pin(async move {
            let mut connection = open(self.server.clone(), settings, on_push).await?;
            // A sentinel whose ACL forbids to subscribe is polled only.
            connection.multiplexed.subscribe(&CHANNELS).await.ok();
            Ok(connection)
        })
    }
}

/// State of a service as sentinels report it.
struct View {
    primary: Address,
    /// Configuration epoch, which each failover increments.
    epoch: u64,
    phase: Phase,
    /// The replica that is promoted by the failover in progress.
    promoted: Option<Address>,
}

/// Phase of a failover.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    None,
    /// The sentinel is not elected yet.
    Election,
    InProgress,
}

impl Sentinels {
    pub(crate) fn new(service: String, servers: Vec<ConnectionInfo>, settings: &Arc<Settings>) -> Arc<Self> {
        let service = Arc::new(Service::new(service));
        let member = |(index, server): (usize, ConnectionInfo)| {
            let target = SentinelTarget { server: server.clone(), index, service: Arc::clone(&service) };
            (server, Node::new(target, settings))
        };
        let members = servers.into_iter().enumerate().map(member).collect();
        Arc::new(Self { service, members })
    }

    /// Connects to the primary; during a failover, to the promoted replica once it is the primary.
    ///
    /// A failover that takes too long is ignored, and the old primary used again.
    async fn connect(
        self: &Arc<Self>,
        login: &RedisConnectionInfo,
        settings: &Settings,
    ) -> Result<Connection, Failure> {
        let begun = Instant::now();
        let deadline = begun + settings.connect_timeout;
        loop {
            let (announcements, latest) = self.service.latest();
            let view = self.query(deadline, GRACE).await?;
            let (waited, election_timeout) = match latest {
                Some(Announcement { at, primary: None, .. }) => (at.elapsed(), ELECTION_TIMEOUT),
                _ => (begun.elapsed(), ELECTION_TIMEOUT.min(settings.connect_timeout / 2)),
            };
            let address = match view.phase {
                Phase::InProgress if waited < FAILOVER_TIMEOUT => view.promoted.as_ref(),
                Phase::Election if waited < election_timeout => None,
                _ => Some(&view.primary),
            };
            if let Some(address) = address {
                match self.open_primary(address, login, settings).await {
                    Ok(Some(mut connection))
                        if self.service.register_primary(address, &connection.liveness, announcements) =>
                    {
                        let liveness = Arc::clone(&connection.liveness);
                        connection.attach(Arc::clone(self).monitor(address.clone(), liveness));
                        return Ok(connection);
                    }
                    Ok(_) => {}
                    // A replica closes its connections when it is promoted.
                    Err(_) if view.promoted.as_ref() == Some(address) => {}
                    Err(failure) => return Err(failure),
                }
            }
            sleep(FAILOVER_POLL).await;
        }
    }

    /// Connects to this server; `None` if it is not a primary, or not yet.
    async fn open_primary(
        &self,
        address: &Address,
        login: &RedisConnectionInfo,
        settings: &Settings,
    ) -> Result<Option<Connection>, Failure> {
        let Some((sentinel, _)) = self.members.first() else { return Ok(None) };
        let server = with_address(sentinel, &address.host, address.port).set_redis_settings(login.clone());
        let mut connection = open_checked(server, settings).await?;
        Ok(is_primary(&mut connection.multiplexed).await?.then_some(connection))
    }

    /// Closes the connection to a primary that was replaced while its announcement was missed.
    async fn monitor(self: Arc<Self>, address: Address, liveness: Arc<Liveness>) {
        loop {
            sleep(POLL).await;
            let view = self.query(Instant::now() + POLL, POLL).await;
            if view.is_ok_and(|view| view.primary != address && view.promoted.as_ref() != Some(&address)) {
                return liveness.supersede();
            }
        }
    }

    /// Queries all sentinels at once, and returns the view with the latest epoch. Fails unless the sentinel of a recent
    /// announcement is among those that reply, because the others may not know of that failover.
    async fn query(&self, deadline: Instant, grace: Duration) -> Result<View, Failure> {
        let mut announcer = self.service.latest().1.map(|latest| latest.by);
        let mut queries = JoinSet::new();
        for (index, (_, node)) in self.members.iter().enumerate() {
            let (node, service) = (Arc::clone(node), Arc::clone(&self.service));
            queries.spawn(async move { (index, query(&node, &service.name, deadline).await) });
        }
        let (mut latest, mut end): (Option<View>, _) = (None, deadline);
        let mut failure = Failure::NotSent(Cause::new("no sentinel replied in time"));
        while let Ok(Some(finished)) = timeout_at(end, queries.join_next()).await {
            let Ok((index, view)) = finished else { continue };
            match view {
                Ok(view) => {
                    announcer = announcer.filter(|announcer| *announcer != index);
                    latest = Some(match latest {
                        Some(other) => other.merge(view),
                        None => view,
                    });
                }
                Err(error) => failure = error,
            }
            if latest.is_some() && announcer.is_none() {
                end = end.min(Instant::now() + grace);
            }
        }
        let latest = latest.filter(|_| announcer.is_none()).ok_or(failure)?;
        if self.service.is_current(latest.epoch) {
            Ok(latest)
        } else {
            Err(Failure::NotSent(Cause::new("no reachable sentinel knows of the last failover yet")))
        }
    }
}

impl View {
    /// Merges the views of two sentinels. Only the leader of a failover reports it.
    fn merge(self, other: Self) -> Self {
        let phase = self.phase.max(other.phase);
        let (latest, earlier) = if self.epoch >= other.epoch { (self, other) } else { (other, self) };
        Self { phase, promoted: latest.promoted.or(earlier.promoted), ..latest }
    }
}

/// Queries one sentinel for the state of a service.
async fn query(sentinel: &Arc<Node>, service: &str, deadline: Instant) -> Result<View, Failure> {
    let cmd = |subcommand: &str| redis::cmd("SENTINEL").arg(subcommand).arg(service).take();
    let cmds = ["GET-MASTER-ADDR-BY-NAME", "MASTER", "REPLICAS"].map(cmd);
    let replies = sentinel.send_all(&cmds, deadline).await.map_err(|failure| match failure {
        Failure::ConnectionLost(cause) => Failure::NotSent(cause),
        Failure::TimedOut => Failure::NotSent(Cause::new("a sentinel did not reply in time")),
        failure => failure,
    })?;
    let [Value::Array(primary), state, replicas] = replies.as_slice() else { return Err(unknown()) };
    let [host, port] = primary.as_slice() else { return Err(unknown()) };
    let primary = read_address(bytes(host), bytes(port)).ok_or_else(unknown)?;
    // An ACL may forbid to read the state of the failover.
    let state = pairs(state).unwrap_or_default();
    let epoch = entry(&state, b"config-epoch").and_then(|epoch| str::from_utf8(epoch).ok()?.parse().ok());
    let phase = match entry(&state, b"failover-state") {
        None | Some(b"none") => Phase::None,
        Some(b"wait_start") => Phase::Election,
        Some(_) => Phase::InProgress,
    };
    let replicas = if let Value::Array(replicas) = replicas { replicas.as_slice() } else { &[] };
    let promoted = replicas.iter().filter(|_| phase == Phase::InProgress).find_map(|replica| {
        let replica = pairs(replica)?;
        let mut flags = entry(&replica, b"flags")?.split(|byte| *byte == b',');
        flags.find(|flag| *flag == b"promoted")?;
        read_address(entry(&replica, b"ip"), entry(&replica, b"port"))
    });
    Ok(View { primary, epoch: epoch.unwrap_or(0), phase, promoted })
}

fn unknown() -> Failure {
    Failure::NotSent(Cause::new("no sentinel knows a primary of this service"))
}

fn entry<'a>(pairs: &[(&[u8], &'a [u8])], name: &[u8]) -> Option<&'a [u8]> {
    pairs.iter().find_map(|(other, value)| (*other == name).then_some(*value))
}

fn read_address(host: Option<&[u8]>, port: Option<&[u8]>) -> Option<Address> {
    let port = str::from_utf8(port?).ok()?.parse().ok()?;
    Some(Address { host: str::from_utf8(host?).ok()?.to_owned(), port })
}
