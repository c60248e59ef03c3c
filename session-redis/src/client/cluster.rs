//! Cluster routing: the slot map, and following `MOVED` and `ASK` redirects.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use redis::{Cmd, ConnectionInfo, Value};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::client::connect::{FixedTarget, with_address};
use crate::client::failure::{Cause, Failure, Refusal};
use crate::client::node::Node;
use crate::client::reply::text;
use crate::client::settings::Settings;

/// Maximum number of redirects that a command follows.
const MAX_REDIRECTS: u32 = 6;
/// Number of redirects followed without a pause: one from a node that is out of date, one to a node that does not have
/// the slot yet. Nodes may redirect to each other until the new owner of a slot is known to all.
const IMMEDIATE_REDIRECTS: u32 = 3;
/// Minimum age of the slot map before it is fetched again, so that not every call fetches it while the cluster fails.
const MIN_REFRESH: Duration = Duration::from_millis(50);

/// `host:port`.
type Address = String;

pub(crate) struct Cluster {
    /// Nodes that were configured. The login of the first one is used for all nodes.
    seeds: Vec<ConnectionInfo>,
    settings: Arc<Settings>,
    slots: RwLock<SlotMap>,
    /// When the slot map was last fetched.
    refreshed_at: Mutex<Option<Instant>>,
    /// Whether a node has failed to reply since, so that the slot map may be outdated.
    is_stale: AtomicBool,
}

#[derive(Default)]
struct SlotMap {
    /// First slot, last slot and primary of each range, in ascending order.
    ranges: Vec<(u16, u16, Address)>,
    nodes: BTreeMap<Address, Arc<Node>>,
}

impl Cluster {
    pub(crate) fn new(seeds: Vec<ConnectionInfo>, settings: Arc<Settings>) -> Self {
        Self {
            seeds,
            settings,
            slots: RwLock::default(),
            refreshed_at: Mutex::default(),
            is_stale: AtomicBool::new(true),
        }
    }

    /// Sends a command to the primary of a slot.
    pub(crate) async fn send(&self, slot: u16, cmd: &Cmd, deadline: Instant) -> Result<Value, Failure> {
        let mut node = self.owner(slot, deadline).await?;
        let mut asking = false;
        for redirects in 0..MAX_REDIRECTS {
            if let Some(pauses) = redirects.checked_sub(IMMEDIATE_REDIRECTS) {
                sleep_until(deadline.min(Instant::now() + self.settings.pause(pauses))).await;
            }
            let failure = match node.send(cmd, asking, deadline).await {
                Ok(reply) => return Ok(reply),
                Err(failure) => failure,
            };
            match &failure {
                Failure::Refused(Refusal::Moved(address), _) => {
                    // The redirect takes precedence over a slot map, which may be as old as the current one.
                    node = self.redirect_target(&node, address)?;
                    asking = false;
                    self.refresh(deadline).await.ok();
                }
                Failure::Refused(Refusal::Ask(address), _) => {
                    node = self.redirect_target(&node, address)?;
                    asking = true;
                }
                Failure::Refused(Refusal::NotLocal, _) => {
                    self.refresh(deadline).await.ok();
                    node = self.owner(slot, deadline).await?;
                    asking = false;
                }
                Failure::NotSent(_)
                | Failure::ConnectionLost(_)
                | Failure::Refused(Refusal::NotPrimary | Refusal::Busy, _) => {
                    if self.refresh(deadline).await.is_err() {
                        self.is_stale.store(true, Ordering::Release);
                    }
                    return Err(failure);
                }
                Failure::TimedOut => {
                    self.is_stale.store(true, Ordering::Release);
                    return Err(failure);
                }
                Failure::Refused(..) | Failure::Unsupported(_) => return Err(failure),
            }
        }
        Err(Failure::Refused(Refusal::Busy, Cause::new("the nodes of the cluster redirect to each other")))
    }

    /// The primary of a slot, according to the slot map.
    pub(crate) async fn owner(&self, slot: u16, deadline: Instant) -> Result<Arc<Node>, Failure> {
        if self.is_stale.swap(false, Ordering::AcqRel) || self.primary(slot).is_none() {
            let refreshed = self.refresh(deadline).await;
            if self.primary(slot).is_none() {
                refreshed?;
            }
        }
        let unserved = || Failure::NotSent(Cause::new("no node of the cluster serves the slot"));
        self.primary(slot).ok_or_else(unserved)
    }

    /// The primaries by address.
    pub(crate) async fn primaries(&self, deadline: Instant) -> Result<BTreeMap<Address, Arc<Node>>, Failure> {
        self.refresh(deadline).await?;
        let slots = self.slots.read().unwrap_or_else(PoisonError::into_inner);
        let primaries = slots
            .ranges
            .iter()
            .filter_map(|(_, _, address)| Some((address.clone(), Arc::clone(slots.nodes.get(address)?))));
        Ok(primaries.collect())
    }

    fn primary(&self, slot: u16) -> Option<Arc<Node>> {
        let slots = self.slots.read().unwrap_or_else(PoisonError::into_inner);
        let index = slots.ranges.partition_point(|(_, last, _)| *last < slot);
        let (first, _, address) = slots.ranges.get(index)?;
        (*first <= slot).then(|| slots.nodes.get(address).cloned())?
    }

    fn node(&self, address: &str) -> Result<Arc<Node>, Failure> {
        let malformed = || Failure::NotSent(Cause::new("the cluster reports a node without its address"));
        let (host, port) = address.rsplit_once(':').ok_or_else(malformed)?;
        let port = port.parse().map_err(|_| malformed())?;
        let mut slots = self.slots.write().unwrap_or_else(PoisonError::into_inner);
        let seed = self.seeds.first().ok_or_else(malformed)?;
        let node = slots
            .nodes
            .entry(address.to_owned())
            .or_insert_with(|| Node::new(FixedTarget(with_address(seed, host, port)), &self.settings));
        Ok(Arc::clone(node))
    }

    /// The node at the address of a redirect. A node that does not know its own name omits the host, which is then the
    /// host of the node that redirects.
    fn redirect_target(&self, from: &Node, address: &str) -> Result<Arc<Node>, Failure> {
        match (address.rsplit_once(':'), from.host()) {
            (Some(("" | "?", port)), Some(host)) => self.node(&format!("{host}:{port}")),
            _ => self.node(address),
        }
    }

    /// Fetches the slot map, unless another call has just done so.
    async fn refresh(&self, deadline: Instant) -> Result<(), Failure> {
        let refreshing = timeout_at(deadline, self.refreshed_at.lock()).await;
        let mut refreshed_at = refreshing.map_err(|_| Failure::TimedOut)?;
        if refreshed_at.is_some_and(|refreshed_at| refreshed_at.elapsed() < MIN_REFRESH) {
            return Ok(());
        }
        let mut failure = Failure::NotSent(Cause::new("no node of the cluster was configured"));
        for (address, node) in self.known_nodes() {
            let mut cmd = redis::cmd("CLUSTER");
            cmd.arg("SLOTS");
            // Each node gets half of the remaining time, so that some is left for the others.
            let now = Instant::now();
            match node.send(&cmd, false, now + deadline.saturating_duration_since(now) / 2).await {
                Ok(reply) => {
                    let Some(ranges) = read_slots(&reply, &address).filter(|ranges| !ranges.is_empty())
                    else {
                        continue;
                    };
                    for (_, _, address) in &ranges {
                        self.node(address)?;
                    }
                    let mut slots = self.slots.write().unwrap_or_else(PoisonError::into_inner);
                    slots.nodes.retain(|address, _| ranges.iter().any(|(_, _, owner)| owner == address));
                    slots.ranges = ranges;
                    *refreshed_at = Some(Instant::now());
                    return Ok(());
                }
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// The nodes that may have a slot map: those of the current one, connected ones first, then the configured ones.
    fn known_nodes(&self) -> Vec<(Address, Arc<Node>)> {
        let slots = self.slots.read().unwrap_or_else(PoisonError::into_inner);
        let mut known: Vec<_> =
            slots.nodes.iter().map(|(address, node)| (address.clone(), Arc::clone(node))).collect();
        known.sort_by_key(|(_, node)| !node.is_connected());
        for seed in &self.seeds {
            let address = seed.addr().to_string();
            if !slots.nodes.contains_key(&address) {
                known.push((address, Node::new(FixedTarget(seed.clone()), &self.settings)));
            }
        }
        known
    }
}

/// The ranges in the reply to `CLUSTER SLOTS` of the node at `address`.
fn read_slots(reply: &Value, address: &str) -> Option<Vec<(u16, u16, Address)>> {
    let Value::Array(entries) = reply else { return None };
    let mut ranges = Vec::with_capacity(entries.len());
    for entry in entries {
        let Value::Array(entry) = entry else { return None };
        let [Value::Int(first), Value::Int(last), Value::Array(primary), ..] = entry.as_slice() else {
            return None;
        };
        let [host, Value::Int(port), ..] = primary.as_slice() else { return None };
        // A node that does not know its own name omits the host.
        let host = match text(host) {
            Some(host) if !host.is_empty() && host != "?" => host,
            _ => address.rsplit_once(':')?.0,
        };
        ranges.push((u16::try_from(*first).ok()?, u16::try_from(*last).ok()?, format!("{host}:{port}")));
    }
    ranges.sort();
    Some(ranges)
}
