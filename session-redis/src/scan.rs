//! What concerns all sessions of a store: they are found by SCAN, a bounded number at a time.

use std::collections::BTreeMap;
use std::iter;
use std::ops::Bound;
use std::sync::Arc;

use redis::{Cmd, Value};
use session_core::{Cursor, Page, StoreError, Timestamp};

use crate::key::Key;
use crate::layout::{bytes, is_live, read_record};
use crate::node::Node;
use crate::outcome::unexpected;
use crate::script::{SWEEP, Script};
use crate::servers::{Repeat, Topology};
use crate::store::Inner;

/// How many keys of the server one SCAN looks at.
const STRIDE: usize = 500;
/// How many times a page of a list looks further while it is not full.
const STEPS: usize = 16;

/// Where a scan stands: at which server, and how far in it. Servers are visited in the order of their addresses.
struct Place {
    server: String,
    cursor: u64,
}

/// Keys of this store, the server that has them, and where the others are.
struct Found {
    keys: Vec<Key>,
    node: Option<Arc<Node>>,
    next: Option<Place>,
}

impl Place {
    fn read(cursor: &Cursor) -> Option<Self> {
        let (cursor, server) = str::from_utf8(&cursor.0).ok()?.split_once(' ')?;
        Some(Self { server: server.to_owned(), cursor: cursor.parse().ok()? })
    }

    fn write(&self) -> Cursor {
        Cursor(format!("{} {}", self.cursor, self.server).into_bytes())
    }
}

impl Inner {
    pub(crate) async fn count(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut live = 0;
        let mut place = None;
        loop {
            let found = self.scan(place, STRIDE).await?;
            let deadlines = |key: &Key| redis::cmd("HGET").arg(&key.name).arg("d").take();
            for answer in self.each(&found, None, deadlines).await? {
                live += u64::from(bytes(&answer).is_some_and(|deadlines| is_live(deadlines, now)));
            }
            place = found.next;
            if place.is_none() {
                return Ok(live);
            }
        }
    }

    pub(crate) async fn list(
        &self,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        let mut page = Page::default();
        let mut place = after.and_then(Place::read);
        for _ in 0..STEPS {
            let found = self.scan(place.take(), limit.clamp(1, STRIDE)).await?;
            let hashes = |key: &Key| redis::cmd("HGETALL").arg(&key.name).take();
            let answers = self.each(&found, None, hashes).await?;
            for (key, answer) in found.keys.iter().zip(answers) {
                // One session that cannot be read is no reason to show none.
                if let Ok(Some(record)) = read_record(&answer, key, &self.sealing)
                    && record.is_live(now)
                {
                    page.records.push(record);
                }
            }
            place = found.next;
            if place.is_none() || page.records.len() >= limit {
                break;
            }
        }
        page.next = place.map(|place| place.write());
        Ok(page)
    }

    pub(crate) async fn clear(&self) -> Result<u64, StoreError> {
        self.remove(None, |key| redis::cmd("UNLINK").arg(&key.name).take()).await
    }

    pub(crate) async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.remove(Some(&SWEEP), |key| SWEEP.on(&[&key.name]).arg(now.as_millis()).take()).await
    }

    /// Sends a command for each session, and adds up how many were removed.
    async fn remove(&self, script: Option<&Script>, cmd: impl Fn(&Key) -> Cmd) -> Result<u64, StoreError> {
        let mut removed = 0;
        let mut place = None;
        loop {
            let found = self.scan(place, STRIDE).await?;
            for answer in self.each(&found, script, &cmd).await? {
                removed += u64::from(answer == Value::Int(1));
            }
            place = found.next;
            if place.is_none() {
                return Ok(removed);
            }
        }
    }

    /// Looks for keys of this store from a place on.
    async fn scan(&self, place: Option<Place>, stride: usize) -> Result<Found, StoreError> {
        let until = self.servers.until();
        let nodes = match &self.servers.topology {
            Topology::One(node) => BTreeMap::from([(String::new(), Arc::clone(node))]),
            Topology::Cluster(cluster) => cluster.masters(until).await?,
        };
        let place = place.unwrap_or(Place { server: String::new(), cursor: 0 });
        let Some((server, node)) = nodes.range(place.server.clone()..).next() else {
            return Ok(Found { keys: Vec::new(), node: None, next: None });
        };
        let cursor = if *server == place.server { place.cursor } else { 0 };
        let mut cmd = redis::cmd("SCAN");
        cmd.arg(cursor).arg("MATCH").arg(self.prefix.pattern()).arg("COUNT").arg(stride);
        let answer = self.servers.ask_node(node, &cmd).await?;
        let (cursor, names) = read_scan(&answer).ok_or_else(unexpected)?;
        let mut keys: Vec<_> = names.iter().filter_map(|name| self.prefix.parse(bytes(name)?)).collect();
        keys.sort_by(|a, b| a.name.cmp(&b.name));
        keys.dedup_by(|a, b| a.name == b.name);
        let next = if cursor == 0 {
            let further = (Bound::Excluded(server.clone()), Bound::Unbounded);
            nodes.range(further).next().map(|(server, _)| Place { server: server.clone(), cursor: 0 })
        } else {
            Some(Place { server: server.clone(), cursor })
        };
        Ok(Found { keys, node: Some(Arc::clone(node)), next })
    }

    /// Sends a command for each key, all at once, and returns the answers in order. What the server cannot answer
    /// just then (the key has moved, the script is forgotten) is sent again alone.
    async fn each(
        &self,
        found: &Found,
        script: Option<&Script>,
        cmd: impl Fn(&Key) -> Cmd,
    ) -> Result<Vec<Value>, StoreError> {
        let Some(node) = found.node.as_ref().filter(|_| !found.keys.is_empty()) else {
            return Ok(Vec::new());
        };
        let cmds: Vec<_> = found.keys.iter().map(cmd).collect();
        let answers = node.send_all(&cmds, self.servers.until()).await.unwrap_or_default();
        let answers = answers.into_iter().map(Some).chain(iter::repeat_with(|| None));
        let mut result = Vec::with_capacity(cmds.len());
        for ((key, cmd), answer) in found.keys.iter().zip(&cmds).zip(answers) {
            let answer = match (answer, script) {
                (Some(answer), _) if !matches!(answer, Value::ServerError(_)) => answer,
                (_, Some(script)) => self.servers.run(script, key, cmd, Repeat::Safe).await?,
                (_, None) => match self.servers.ask(key, cmd).await {
                    // Something else has a name like a session's.
                    Err(StoreError::Corrupt(_)) => Value::Nil,
                    answer => answer?,
                },
            };
            result.push(answer);
        }
        Ok(result)
    }
}

fn read_scan(answer: &Value) -> Option<(u64, &[Value])> {
    let Value::Array(parts) = answer else { return None };
    let [cursor, Value::Array(names)] = parts.as_slice() else { return None };
    Some((str::from_utf8(bytes(cursor)?).ok()?.parse().ok()?, names))
}
