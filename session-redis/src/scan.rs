//! Operations on all sessions of a store: finds their keys by SCAN, a bounded number at a time.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use redis::{Cmd, Value};
use session_core::{Cursor, HandleId, Page, StoreError, Timestamp};

use crate::client::batch::{Call, ChunkSize};
use crate::client::failure::unexpected_reply;
use crate::client::reply::{bytes, text};
use crate::client::send::Topology;
use crate::inner::Inner;
use crate::key::Key;
use crate::layout::is_live;
use crate::record::{hmget, read_id, read_record};

/// Number of keys that one SCAN visits.
const SCAN_COUNT: usize = 500;
/// Maximum number of SCANs for one page of a list.
const SCANS_PER_PAGE: usize = 16;
/// A list visits at least this fraction of the keys seen so far for each page, so that it ends although sessions are
/// created faster than pages are read.
const GROWTH: usize = 128;
/// Maximum number of keys that one SCAN of a list visits.
const MAX_SCAN_COUNT: usize = 10_000;

/// Position of a scan: a server, and the cursor there. Servers are visited in the order of their addresses.
struct Position {
    server: String,
    cursor: u64,
}

/// Cursor of a list: a position, and the number of keys visited so far.
struct ListCursor {
    position: Option<Position>,
    seen: usize,
}

/// Result of one SCAN: names of keys, and the position of the next one.
struct Scanned {
    names: Vec<Vec<u8>>,
    next: Option<Position>,
}

impl ListCursor {
    fn decode(cursor: &Cursor) -> Option<Self> {
        let mut words = str::from_utf8(&cursor.0).ok()?.splitn(3, ' ');
        let (seen, cursor) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        Some(Self { position: Some(Position { server: words.next()?.to_owned(), cursor }), seen })
    }

    fn encode(self) -> Option<Cursor> {
        let Position { server, cursor } = self.position?;
        Some(Cursor(format!("{} {cursor} {server}", self.seen).into_bytes()))
    }
}

impl Inner {
    pub(crate) async fn count(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut live = 0;
        let mut position = None;
        loop {
            let scanned = self.scan(&self.prefix.sessions(), position, SCAN_COUNT).await?;
            let query = |key: &Key| redis::cmd("HGET").arg(&key.name).arg("d").take();
            for (_, reply) in self.query_sessions(&scanned, query, ChunkSize::SHORT_REPLIES).await? {
                live += u64::from(bytes(&reply).is_some_and(|deadlines| is_live(deadlines, now)));
            }
            position = scanned.next;
            if position.is_none() {
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
        let mut cursor = match after {
            None => ListCursor { position: None, seen: 0 },
            Some(after) => match ListCursor::decode(after) {
                Some(cursor) => cursor,
                None => return Ok(page),
            },
        };
        for _ in 0..SCANS_PER_PAGE {
            let count = limit.max(cursor.seen / GROWTH).clamp(1, MAX_SCAN_COUNT);
            let scanned = self.scan(&self.prefix.sessions(), cursor.position.take(), count).await?;
            cursor.seen = cursor.seen.saturating_add(count);
            let query = |key: &Key| redis::cmd("HGETALL").arg(&key.name).take();
            for (key, reply) in self.query_sessions(&scanned, query, ChunkSize::LONG_REPLIES).await? {
                // A session that cannot be read does not hide the others.
                if let Ok(Some(record)) = read_record(&reply, &key, &self.sealing)
                    && record.is_live(now)
                {
                    page.records.push(record);
                }
            }
            cursor.position = scanned.next;
            if cursor.position.is_none() || page.records.len() >= limit {
                break;
            }
        }
        page.next = cursor.encode();
        Ok(page)
    }

    /// Destroys the session with a handle id. Returns whether there was one that had not expired.
    pub(crate) async fn destroy_by_id(&self, id: HandleId, now: Timestamp) -> Result<bool, StoreError> {
        let mut position = None;
        loop {
            let scanned = self.scan(&self.prefix.sessions(), position, SCAN_COUNT).await?;
            let query = |key: &Key| hmget(key, &["m", "d"]);
            for (key, reply) in self.query_sessions(&scanned, query, ChunkSize::SHORT_REPLIES).await? {
                let Value::Array(stored) = &reply else { continue };
                let [Some(identity), deadlines] = [0, 1].map(|at| stored.get(at).and_then(bytes)) else {
                    continue;
                };
                if read_id(identity, &key, &self.sealing).is_ok_and(|found| found == id) {
                    let destroyed = self.destroy_all(&self.bulk, &[key], None).await?;
                    let was_live = deadlines.is_none_or(|deadlines| is_live(deadlines, now));
                    return Ok(was_live && destroyed > 0);
                }
            }
            position = scanned.next;
            if position.is_none() {
                return Ok(false);
            }
        }
    }

    pub(crate) async fn clear(&self) -> Result<u64, StoreError> {
        self.remove(None).await
    }

    pub(crate) async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.remove(Some(now)).await
    }

    /// Destroys all sessions, or those that had expired at a time, and returns how many. Fails if one cannot be
    /// destroyed, after all others are.
    async fn remove(&self, expired: Option<Timestamp>) -> Result<u64, StoreError> {
        let (mut removed, mut result) = (0, Ok(()));
        let mut position = None;
        loop {
            let scanned = self.scan(&self.prefix.sessions(), position, SCAN_COUNT).await?;
            match self.destroy_all(&self.bulk, &self.sessions(&scanned), expired).await {
                Ok(more) => removed += more,
                Err(failure) => result = result.and(Err(failure)),
            }
            position = scanned.next;
            if position.is_none() {
                break;
            }
        }
        loop {
            let scanned = self.scan(&self.prefix.indexes(), position, SCAN_COUNT).await?;
            let indexes: Vec<_> =
                scanned.names.iter().filter_map(|name| self.prefix.parse_index(name)).collect();
            result = result.and(self.sweep_indexes(&indexes).await);
            position = scanned.next;
            if position.is_none() {
                return result.map(|()| removed);
            }
        }
    }

    /// The keys of sessions among those scanned.
    fn sessions(&self, scanned: &Scanned) -> Vec<Key> {
        scanned.names.iter().filter_map(|name| self.prefix.parse(name)).collect()
    }

    /// Sends a query to each session among the keys scanned.
    async fn query_sessions(
        &self,
        scanned: &Scanned,
        query: impl Fn(&Key) -> Cmd,
        chunk: ChunkSize,
    ) -> Result<Vec<(Key, Value)>, StoreError> {
        let keys = self.sessions(scanned);
        let calls: Vec<_> = keys.iter().map(|key| Call { key: key.clone(), cmd: query(key) }).collect();
        let replies = self.bulk.query_all(&calls, chunk).await?;
        // A value of another type may have a name like that of a session.
        let replies = replies.into_iter().map(|reply| reply.unwrap_or(Value::Nil));
        Ok(keys.into_iter().zip(replies).collect())
    }

    /// Runs one SCAN at a position.
    async fn scan(
        &self,
        pattern: &str,
        position: Option<Position>,
        count: usize,
    ) -> Result<Scanned, StoreError> {
        let deadline = self.bulk.deadline();
        let nodes = match &self.bulk.topology {
            Topology::Single(node) => BTreeMap::from([(String::new(), Arc::clone(node))]),
            Topology::Cluster(cluster) => cluster.primaries(deadline).await?,
        };
        let position = position.unwrap_or(Position { server: String::new(), cursor: 0 });
        let Some((server, node)) = nodes.range(position.server.clone()..).next() else {
            return Ok(Scanned { names: Vec::new(), next: None });
        };
        let cursor = if *server == position.server { position.cursor } else { 0 };
        let mut cmd = redis::cmd("SCAN");
        cmd.arg(cursor).arg("MATCH").arg(pattern).arg("COUNT").arg(count);
        let reply = self.bulk.query_node(node, &cmd).await?;
        let (cursor, names) = read_scan(&reply).ok_or_else(unexpected_reply)?;
        let mut names: Vec<_> = names.iter().filter_map(bytes).map(<[u8]>::to_vec).collect();
        names.sort_unstable();
        names.dedup();
        let next = if cursor == 0 {
            let others = (Bound::Excluded(server.clone()), Bound::Unbounded);
            nodes.range(others).next().map(|(server, _)| Position { server: server.clone(), cursor: 0 })
        } else {
            Some(Position { server: server.clone(), cursor })
        };
        Ok(Scanned { names, next })
    }
}

/// The next cursor, and names of keys.
fn read_scan(reply: &Value) -> Option<(u64, &[Value])> {
    let Value::Array(parts) = reply else { return None };
    let [cursor, Value::Array(names)] = parts.as_slice() else { return None };
    Some((text(cursor)?.parse().ok()?, names))
}
