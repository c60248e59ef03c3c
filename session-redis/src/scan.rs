//! What concerns all sessions of a store: they are found by SCAN, a bounded number at a time.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use redis::{Cmd, Value};
use session_core::{Cursor, HandleId, Page, StoreError, Timestamp};

use crate::batch::Call;
use crate::key::Key;
use crate::layout::{bytes, is_live, read_record};
use crate::outcome::unexpected;
use crate::servers::Topology;
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

/// Names of keys, and where the others are.
struct Found {
    names: Vec<Vec<u8>>,
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
            let found = self.scan(&self.prefix.sessions(), place, STRIDE).await?;
            let deadlines = |key: &Key| redis::cmd("HGET").arg(&key.name).arg("d").take();
            for (_, answer) in self.ask_sessions(&found, deadlines).await? {
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
            let found = self.scan(&self.prefix.sessions(), place.take(), limit.clamp(1, STRIDE)).await?;
            let hashes = |key: &Key| redis::cmd("HGETALL").arg(&key.name).take();
            for (key, answer) in self.ask_sessions(&found, hashes).await? {
                // One session that cannot be read is no reason to show none.
                if let Ok(Some(record)) = read_record(&answer, &key, &self.sealing)
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

    /// Ends the live session of a handle id, and returns how many there were.
    pub(crate) async fn destroy_by_id(&self, id: HandleId, now: Timestamp) -> Result<u64, StoreError> {
        let mut place = None;
        loop {
            let found = self.scan(&self.prefix.sessions(), place, STRIDE).await?;
            let hashes = |key: &Key| redis::cmd("HGETALL").arg(&key.name).take();
            for (key, answer) in self.ask_sessions(&found, hashes).await? {
                if let Ok(Some(record)) = read_record(&answer, &key, &self.sealing)
                    && record.meta().id == id
                    && record.is_live(now)
                {
                    return self.destroy_all(&[key], None).await;
                }
            }
            place = found.next;
            if place.is_none() {
                return Ok(0);
            }
        }
    }

    pub(crate) async fn clear(&self) -> Result<u64, StoreError> {
        self.remove(None).await
    }

    pub(crate) async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.remove(Some(now)).await
    }

    /// Ends all sessions, or those that have expired at a moment, and returns how many there were.
    async fn remove(&self, expired: Option<Timestamp>) -> Result<u64, StoreError> {
        let mut removed = 0;
        let mut place = None;
        loop {
            let found = self.scan(&self.prefix.sessions(), place, STRIDE).await?;
            removed += self.destroy_all(&self.sessions(&found), expired).await?;
            place = found.next;
            if place.is_none() {
                break;
            }
        }
        loop {
            let found = self.scan(&self.prefix.indexes(), place, STRIDE).await?;
            for index in found.names.iter().filter_map(|name| self.prefix.parse_index(name)) {
                self.sweep_index(&index).await?;
            }
            place = found.next;
            if place.is_none() {
                return Ok(removed);
            }
        }
    }

    /// The sessions among what was found.
    fn sessions(&self, found: &Found) -> Vec<Key> {
        found.names.iter().filter_map(|name| self.prefix.parse(name)).collect()
    }

    /// The sessions among what was found, with what they answer.
    async fn ask_sessions(
        &self,
        found: &Found,
        question: impl Fn(&Key) -> Cmd,
    ) -> Result<Vec<(Key, Value)>, StoreError> {
        let keys = self.sessions(found);
        let calls: Vec<_> = keys.iter().map(|key| Call { key: key.clone(), cmd: question(key) }).collect();
        let answers = self.servers.ask_all(&calls, None).await?;
        // Something else may have a name like a session's.
        let answers = answers.into_iter().map(|answer| answer.unwrap_or(Value::Nil));
        Ok(keys.into_iter().zip(answers).collect())
    }

    /// Looks for keys from a place on.
    async fn scan(&self, pattern: &str, place: Option<Place>, stride: usize) -> Result<Found, StoreError> {
        let until = self.servers.until();
        let nodes = match &self.servers.topology {
            Topology::One(node) => BTreeMap::from([(String::new(), Arc::clone(node))]),
            Topology::Cluster(cluster) => cluster.masters(until).await?,
        };
        let place = place.unwrap_or(Place { server: String::new(), cursor: 0 });
        let Some((server, node)) = nodes.range(place.server.clone()..).next() else {
            return Ok(Found { names: Vec::new(), next: None });
        };
        let cursor = if *server == place.server { place.cursor } else { 0 };
        let mut cmd = redis::cmd("SCAN");
        cmd.arg(cursor).arg("MATCH").arg(pattern).arg("COUNT").arg(stride);
        let answer = self.servers.ask_node(node, &cmd).await?;
        let (cursor, names) = read_scan(&answer).ok_or_else(unexpected)?;
        let mut names: Vec<_> = names.iter().filter_map(bytes).map(<[u8]>::to_vec).collect();
        names.sort_unstable();
        names.dedup();
        let next = if cursor == 0 {
            let further = (Bound::Excluded(server.clone()), Bound::Unbounded);
            nodes.range(further).next().map(|(server, _)| Place { server: server.clone(), cursor: 0 })
        } else {
            Some(Place { server: server.clone(), cursor })
        };
        Ok(Found { names, next })
    }
}

fn read_scan(answer: &Value) -> Option<(u64, &[Value])> {
    let Value::Array(parts) = answer else { return None };
    let [cursor, Value::Array(names)] = parts.as_slice() else { return None };
    Some((str::from_utf8(bytes(cursor)?).ok()?.parse().ok()?, names))
}
