//! The sentinels of a service: which server is its primary, and when another is about to be.
//!
//! A primary that is replaced goes on accepting writes until it is made a replica, some ten seconds later, and then loses
//! them. So it is left as soon as a sentinel announces that it tries a failover, which is before the replica stops
//! following, and calls wait until the chosen replica says that it is the primary.

use std::sync::Arc;
use std::time::Duration;

use redis::{ConnectionInfo, RedisConnectionInfo, Value};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};

use crate::announced::{Address, Announcement, FAILOVER, Service};
use crate::failure::{Cause, Failure};
use crate::layout::{bytes, pairs};
use crate::node::{Node, Wire};
use crate::pulse::Pulse;
use crate::settings::Settings;
use crate::target::{Target, at, is_primary, open_checked};

/// How long the others are waited for when one sentinel has answered.
const GRACE: Duration = Duration::from_millis(150);
/// How often the servers of a failover are asked how far it is.
const STEP: Duration = Duration::from_millis(20);
/// How often sentinels are asked when they announce nothing.
const PERIOD: Duration = Duration::from_secs(1);
/// How long a sentinel may try to be elected before the primary is used on.
const ELECTION: Duration = Duration::from_secs(1);
/// The sentinels of a service.
pub(crate) struct Sentinels {
    service: Arc<Service>,
    /// Each with its address, whose kind is that of the servers.
    members: Vec<(ConnectionInfo, Arc<Node>)>,
}

/// What sentinels know of a service.
struct View {
    primary: Address,
    /// Grows with each failover.
    epoch: u64,
    phase: Phase,
    /// The replica that the failover under way makes the primary.
    chosen: Option<Address>,
}

/// How far a failover is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    None,
    /// The sentinel is not elected yet.
    Election,
    Underway,
}

impl Sentinels {
    pub(crate) fn new(service: String, servers: Vec<ConnectionInfo>, settings: &Arc<Settings>) -> Arc<Self> {
        let service = Arc::new(Service::new(service));
        let member = |(index, server): (usize, ConnectionInfo)| {
            let target = Target::Sentinel { server: server.clone(), index, service: Arc::clone(&service) };
            (server, Node::new(target, settings))
        };
        let members = servers.into_iter().enumerate().map(member).collect();
        Arc::new(Self { service, members })
    }

    /// Connects to the primary; while it is being replaced, to the replica that takes its place, once it does.
    ///
    /// A failover that gets nowhere for too long is ignored, and the primary used on.
    pub(crate) async fn connect(
        self: &Arc<Self>,
        login: &RedisConnectionInfo,
        settings: &Settings,
    ) -> Result<Wire, Failure> {
        let begun = Instant::now();
        let until = begun + settings.connect_timeout;
        loop {
            let (announcements, announced) = self.service.announced();
            let view = self.ask(until, GRACE).await?;
            let (waited, election) = match announced {
                Some(Announcement { at, primary: None, .. }) => (at.elapsed(), ELECTION),
                _ => (begun.elapsed(), ELECTION.min(settings.connect_timeout / 2)),
            };
            let address = match view.phase {
                Phase::Underway if waited < FAILOVER => view.chosen.as_ref(),
                Phase::Election if waited < election => None,
                _ => Some(&view.primary),
            };
            if let Some(address) = address {
                match self.open(address, login, settings).await {
                    Ok(Some(mut wire)) if self.service.follow(address, &wire.pulse, announcements) => {
                        wire.attach(Arc::clone(self).guard(address.clone(), Arc::clone(&wire.pulse)));
                        return Ok(wire);
                    }
                    Ok(_) => {}
                    // It closes its connections when it becomes the primary.
                    Err(_) if view.chosen.as_ref() == Some(address) => {}
                    Err(failure) => return Err(failure),
                }
            }
            sleep(STEP).await;
        }
    }

    /// A connection to this server; `None` when it is not a primary, yet or any more.
    async fn open(
        &self,
        address: &Address,
        login: &RedisConnectionInfo,
        settings: &Settings,
    ) -> Result<Option<Wire>, Failure> {
        let Some((sentinel, _)) = self.members.first() else { return Ok(None) };
        let server = at(sentinel, &address.host, address.port).set_redis_settings(login.clone());
        let mut wire = open_checked(server, settings).await?;
        Ok(is_primary(&mut wire.connection).await?.then_some(wire))
    }

    /// Leaves a primary that was replaced without an announcement that was heard.
    async fn guard(self: Arc<Self>, address: Address, pulse: Arc<Pulse>) {
        loop {
            sleep(PERIOD).await;
            let view = self.ask(Instant::now() + PERIOD, PERIOD).await;
            if view.is_ok_and(|view| view.primary != address && view.chosen.as_ref() != Some(&address)) {
                return pulse.supersede();
            }
        }
    }

    /// Asks all sentinels at once, and believes the one that knows of the latest failover. What one announced just now
    /// the others may not know, so nothing is known without it.
    async fn ask(&self, until: Instant, grace: Duration) -> Result<View, Failure> {
        let mut announcer = self.service.announced().1.map(|announced| announced.by);
        let mut asking = JoinSet::new();
        for (index, (_, node)) in self.members.iter().enumerate() {
            let (node, service) = (Arc::clone(node), Arc::clone(&self.service));
            asking.spawn(async move { (index, ask(&node, &service.name, until).await) });
        }
        let (mut latest, mut end): (Option<View>, _) = (None, until);
        let mut failure = Failure::Unsent(Cause::new("no sentinel answered in time"));
        while let Ok(Some(answered)) = timeout_at(end, asking.join_next()).await {
            let Ok((index, answered)) = answered else { continue };
            match answered {
                Ok(view) => {
                    announcer = announcer.filter(|announcer| *announcer != index);
                    latest = Some(match latest {
                        Some(other) => other.and(view),
                        None => view,
                    });
                }
                Err(why) => failure = why,
            }
            if latest.is_some() && announcer.is_none() {
                end = end.min(Instant::now() + grace);
            }
        }
        let latest = latest.filter(|_| announcer.is_none()).ok_or(failure)?;
        if self.service.is_current(latest.epoch) {
            Ok(latest)
        } else {
            Err(Failure::Unsent(Cause::new("no sentinel that answers knows of the last failover yet")))
        }
    }
}

impl View {
    /// What two sentinels know. Only the one that leads a failover knows of it.
    fn and(self, other: Self) -> Self {
        let phase = self.phase.max(other.phase);
        let (latest, earlier) = if self.epoch >= other.epoch { (self, other) } else { (other, self) };
        Self { phase, chosen: latest.chosen.or(earlier.chosen), ..latest }
    }
}

/// What one sentinel knows of a service.
async fn ask(sentinel: &Arc<Node>, service: &str, until: Instant) -> Result<View, Failure> {
    let question = |about: &str| redis::cmd("SENTINEL").arg(about).arg(service).take();
    let questions = ["GET-MASTER-ADDR-BY-NAME", "MASTER", "REPLICAS"].map(question);
    let answers = sentinel.send_all(&questions, until).await.map_err(|failure| match failure {
        Failure::Lost(cause) => Failure::Unsent(cause),
        Failure::Late => Failure::Unsent(Cause::new("a sentinel did not answer in time")),
        failure => failure,
    })?;
    let [Value::Array(primary), state, replicas] = answers.as_slice() else { return Err(unknown()) };
    let [host, port] = primary.as_slice() else { return Err(unknown()) };
    let primary = address(bytes(host), bytes(port)).ok_or_else(unknown)?;
    // What a sentinel may not say it does not know.
    let state = pairs(state).unwrap_or_default();
    let epoch = entry(&state, b"config-epoch").and_then(|epoch| str::from_utf8(epoch).ok()?.parse().ok());
    let phase = match entry(&state, b"failover-state") {
        None | Some(b"none") => Phase::None,
        Some(b"wait_start") => Phase::Election,
        Some(_) => Phase::Underway,
    };
    let replicas = if let Value::Array(replicas) = replicas { replicas.as_slice() } else { &[] };
    let chosen = replicas.iter().filter(|_| phase == Phase::Underway).find_map(|replica| {
        let replica = pairs(replica)?;
        let mut flags = entry(&replica, b"flags")?.split(|byte| *byte == b',');
        flags.find(|flag| *flag == b"promoted")?;
        address(entry(&replica, b"ip"), entry(&replica, b"port"))
    });
    Ok(View { primary, epoch: epoch.unwrap_or(0), phase, chosen })
}

fn unknown() -> Failure {
    Failure::Unsent(Cause::new("no sentinel knows a primary of this service"))
}

fn entry<'a>(pairs: &[(&[u8], &'a [u8])], name: &[u8]) -> Option<&'a [u8]> {
    pairs.iter().find_map(|(other, value)| (*other == name).then_some(*value))
}

fn address(host: Option<&[u8]>, port: Option<&[u8]>) -> Option<Address> {
    let port = str::from_utf8(port?).ok()?.parse().ok()?;
    Some(Address { host: str::from_utf8(host?).ok()?.to_owned(), port })
}
