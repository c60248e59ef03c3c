//! The servers of a cluster, and which of them has a slot.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use redis::{Cmd, ConnectionInfo, Value};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::failure::{Cause, Failure, Refusal};
use crate::layout::bytes;
use crate::node::Node;
use crate::settings::Settings;
use crate::target::{Target, at};

/// How often a command follows the cluster from server to server.
const REDIRECTS: u32 = 6;
/// How often without a pause: from a server that does not know yet, to one that has not got the slot yet. Servers that
/// point at each other do so until word has gone round.
const AT_ONCE: u32 = 3;
/// How long a map is good at least: a cluster in trouble is not to be asked about it by every call.
const FRESH: Duration = Duration::from_millis(50);

/// `host:port`.
type Address = String;

pub(crate) struct Cluster {
    /// Where the cluster is first looked for. All servers are logged in to as the first of them.
    seeds: Vec<ConnectionInfo>,
    settings: Arc<Settings>,
    map: RwLock<Map>,
    /// When the map was last drawn.
    drawn: Mutex<Option<Instant>>,
    /// Whether a server has not answered since, so that it may not be whom to ask.
    doubtful: AtomicBool,
}

#[derive(Default)]
struct Map {
    /// The masters' slots: the first, the last, and whose they are, in order.
    ranges: Vec<(u16, u16, Address)>,
    nodes: BTreeMap<Address, Arc<Node>>,
}

impl Cluster {
    pub(crate) fn new(seeds: Vec<ConnectionInfo>, settings: Arc<Settings>) -> Self {
        Self {
            seeds,
            settings,
            map: RwLock::default(),
            drawn: Mutex::default(),
            doubtful: AtomicBool::new(true),
        }
    }

    /// Sends a command to whoever has the slot.
    pub(crate) async fn send(&self, slot: u16, cmd: &Cmd, until: Instant) -> Result<Value, Failure> {
        let mut node = self.owner(slot, until).await?;
        let mut asking = false;
        for redirects in 0..REDIRECTS {
            if let Some(pauses) = redirects.checked_sub(AT_ONCE) {
                sleep_until(until.min(Instant::now() + self.settings.pause(pauses))).await;
            }
            let failure = match node.send(cmd, asking, until).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            match &failure {
                Failure::Refused(Refusal::Moved(address), _) => {
                    // What the server says is worth more than a map that may be just as old as ours.
                    node = self.named_by(&node, address)?;
                    asking = false;
                    self.redraw(until).await.ok();
                }
                Failure::Refused(Refusal::Ask(address), _) => {
                    node = self.named_by(&node, address)?;
                    asking = true;
                }
                Failure::Refused(Refusal::NotLocal, _) => {
                    self.redraw(until).await.ok();
                    node = self.owner(slot, until).await?;
                    asking = false;
                }
                Failure::Unsent(_)
                | Failure::Lost(_)
                | Failure::Refused(Refusal::NotMaster | Refusal::Busy, _) => {
                    if self.redraw(until).await.is_err() {
                        self.doubtful.store(true, Ordering::Release);
                    }
                    return Err(failure);
                }
                Failure::Late => {
                    self.doubtful.store(true, Ordering::Release);
                    return Err(failure);
                }
                Failure::Refused(..) | Failure::Outdated(_) => return Err(failure),
            }
        }
        Err(Failure::Refused(Refusal::Busy, Cause::new("the servers of the cluster point at each other")))
    }

    /// Who has the slot, as far as is known.
    pub(crate) async fn owner(&self, slot: u16, until: Instant) -> Result<Arc<Node>, Failure> {
        if self.doubtful.swap(false, Ordering::AcqRel) || self.master(slot).is_none() {
            let redrawn = self.redraw(until).await;
            if self.master(slot).is_none() {
                redrawn?;
            }
        }
        let unserved = || Failure::Unsent(Cause::new("no server of the cluster has the slot"));
        self.master(slot).ok_or_else(unserved)
    }

    /// The masters by their addresses, in an order that stays.
    pub(crate) async fn masters(&self, until: Instant) -> Result<BTreeMap<Address, Arc<Node>>, Failure> {
        self.redraw(until).await?;
        let map = self.map.read().unwrap_or_else(PoisonError::into_inner);
        let masters = map
            .ranges
            .iter()
            .filter_map(|(_, _, address)| Some((address.clone(), Arc::clone(map.nodes.get(address)?))));
        Ok(masters.collect())
    }

    fn master(&self, slot: u16) -> Option<Arc<Node>> {
        let map = self.map.read().unwrap_or_else(PoisonError::into_inner);
        let index = map.ranges.partition_point(|(_, last, _)| *last < slot);
        let (first, _, address) = map.ranges.get(index)?;
        (*first <= slot).then(|| map.nodes.get(address).cloned())?
    }

    fn node(&self, address: &str) -> Result<Arc<Node>, Failure> {
        let malformed = || Failure::Unsent(Cause::new("the cluster names a server without its address"));
        let (host, port) = address.rsplit_once(':').ok_or_else(malformed)?;
        let port = port.parse().map_err(|_| malformed())?;
        let mut map = self.map.write().unwrap_or_else(PoisonError::into_inner);
        let seed = self.seeds.first().ok_or_else(malformed)?;
        let node = map
            .nodes
            .entry(address.to_owned())
            .or_insert_with(|| Node::new(Target::Fixed(at(seed, host, port)), &self.settings));
        Ok(Arc::clone(node))
    }

    /// The server that another names. One that does not know its own name leaves out the host that they share.
    fn named_by(&self, informant: &Node, address: &str) -> Result<Arc<Node>, Failure> {
        match (address.rsplit_once(':'), informant.host()) {
            (Some(("" | "?", port)), Some(host)) => self.node(&format!("{host}:{port}")),
            _ => self.node(address),
        }
    }

    /// Asks the cluster for its slots, unless somebody just did.
    async fn redraw(&self, until: Instant) -> Result<(), Failure> {
        let mut drawn = timeout_at(until, self.drawn.lock()).await.map_err(|_| Failure::Late)?;
        if drawn.is_some_and(|drawn| drawn.elapsed() < FRESH) {
            return Ok(());
        }
        let mut failure = Failure::Unsent(Cause::new("no server of the cluster was named"));
        for (address, node) in self.informants() {
            let mut question = redis::cmd("CLUSTER");
            question.arg("SLOTS");
            // Each may take half of the time that is left, so that there is some for the others.
            let now = Instant::now();
            match node.send(&question, false, now + until.saturating_duration_since(now) / 2).await {
                Ok(answer) => {
                    let Some(ranges) = ranges(&answer, &address).filter(|ranges| !ranges.is_empty()) else {
                        continue;
                    };
                    for (_, _, address) in &ranges {
                        self.node(address)?;
                    }
                    let mut map = self.map.write().unwrap_or_else(PoisonError::into_inner);
                    map.nodes.retain(|address, _| ranges.iter().any(|(_, _, owner)| owner == address));
                    map.ranges = ranges;
                    *drawn = Some(Instant::now());
                    return Ok(());
                }
                Err(why) => failure = why,
            }
        }
        Err(failure)
    }

    /// Who can be asked: the servers known so far, those first that are connected to, then those named at first.
    fn informants(&self) -> Vec<(Address, Arc<Node>)> {
        let map = self.map.read().unwrap_or_else(PoisonError::into_inner);
        let mut informants: Vec<_> =
            map.nodes.iter().map(|(address, node)| (address.clone(), Arc::clone(node))).collect();
        informants.sort_by_key(|(_, node)| !node.is_connected());
        for seed in &self.seeds {
            let address = seed.addr().to_string();
            if !map.nodes.contains_key(&address) {
                let node = Node::new(Target::Fixed(seed.clone()), &self.settings);
                informants.push((address, node));
            }
        }
        informants
    }
}

/// The masters' slots in an answer to CLUSTER SLOTS, given by the server at `informant`.
fn ranges(answer: &Value, informant: &str) -> Option<Vec<(u16, u16, Address)>> {
    let Value::Array(entries) = answer else { return None };
    let mut ranges = Vec::with_capacity(entries.len());
    for entry in entries {
        let Value::Array(entry) = entry else { return None };
        let [Value::Int(first), Value::Int(last), Value::Array(master), ..] = entry.as_slice() else {
            return None;
        };
        let [host, Value::Int(port), ..] = master.as_slice() else { return None };
        // A server that does not know its own name leaves it out.
        let host = match bytes(host).and_then(|host| str::from_utf8(host).ok()) {
            Some(host) if !host.is_empty() && host != "?" => host,
            _ => informant.rsplit_once(':')?.0,
        };
        ranges.push((u16::try_from(*first).ok()?, u16::try_from(*last).ok()?, format!("{host}:{port}")));
    }
    ranges.sort();
    Some(ranges)
}
