//! What concerns all sessions of a store: they are found by SCAN, a bounded number at a time.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use redis::{Cmd, Value};
use session_core::{Cursor, HandleId, Page, StoreError, Timestamp};

use crate::batch::{Call, Stride};
use crate::key::Key;
use crate::layout::{bytes, is_live, read_id, read_record};
use crate::limit::fields;
use crate::outcome::unexpected;
use crate::servers::Topology;
use crate::store::Inner;

/// How many keys of the server one SCAN looks at.
const STRIDE: usize = 500;
/// How many times a page of a list looks further while it is not full.
const STEPS: usize = 16;
/// After how many pages a list looks at more keys for each, so that it ends though more come than a page holds.
const PAGES: usize = 128;
/// How many keys of the server a list looks at in one go at most.
const MOST: usize = 10_000;

/// Where a scan stands: at which server, and how far in it. Servers are visited in the order of their addresses.
struct Place {
    server: String,
    cursor: u64,
}

/// Where a list stands, and how many keys of the servers it has looked at.
struct Mark {
    place: Option<Place>,
    seen: usize,
}

/// Names of keys, and where the others are.
struct Found {
    names: Vec<Vec<u8>>,
    next: Option<Place>,
}

impl Mark {
    /// `None` when it is no place in a list.
    fn read(cursor: &Cursor) -> Option<Self> {
        let mut words = str::from_utf8(&cursor.0).ok()?.splitn(3, ' ');
        let (seen, cursor) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        Some(Self { place: Some(Place { server: words.next()?.to_owned(), cursor }), seen })
    }

    fn write(self) -> Option<Cursor> {
        let Place { server, cursor } = self.place?;
        Some(Cursor(format!("{} {cursor} {server}", self.seen).into_bytes()))
    }
}

impl Inner {
    pub(crate) async fn count(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut live = 0;
        let mut place = None;
        loop {
            let found = self.scan(&self.prefix.sessions(), place, STRIDE).await?;
            let deadlines = |key: &Key| redis::cmd("HGET").arg(&key.name).arg("d").take();
            for (_, answer) in self.ask_sessions(&found, deadlines, Stride::SHORT).await? {
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
        let mut mark = match after {
            None => Mark { place: None, seen: 0 },
            Some(after) => match Mark::read(after) {
                Some(mark) => mark,
                None => return Ok(page),
            },
        };
        for _ in 0..STEPS {
            let stride = limit.max(mark.seen / PAGES).clamp(1, MOST);
            let found = self.scan(&self.prefix.sessions(), mark.place.take(), stride).await?;
            mark.seen = mark.seen.saturating_add(stride);
            let hashes = |key: &Key| redis::cmd("HGETALL").arg(&key.name).take();
            for (key, answer) in self.ask_sessions(&found, hashes, Stride::LONG).await? {
                // One session that cannot be read is no reason to show none.
                if let Ok(Some(record)) = read_record(&answer, &key, &self.sealing)
                    && record.is_live(now)
                {
                    page.records.push(record);
                }
            }
            mark.place = found.next;
            if mark.place.is_none() || page.records.len() >= limit {
                break;
            }
        }
        page.next = mark.write();
        Ok(page)
    }

    /// Ends the session of a handle id, and returns how many there were that had not expired.
    pub(crate) async fn destroy_by_id(&self, id: HandleId, now: Timestamp) -> Result<u64, StoreError> {
        let mut place = None;
        loop {
            let found = self.scan(&self.prefix.sessions(), place, STRIDE).await?;
            let question = |key: &Key| fields(key, &["m", "d"]);
            for (key, answer) in self.ask_sessions(&found, question, Stride::SHORT).await? {
                let Value::Array(stored) = &answer else { continue };
                let [Some(identity), deadlines] = [0, 1].map(|at| stored.get(at).and_then(bytes)) else {
                    continue;
                };
                if read_id(identity, &key, &self.sealing).is_ok_and(|found| found == id) {
                    let ended = self.destroy_all(&self.bulk, &[key], None).await?;
                    let was_live = deadlines.is_none_or(|deadlines| is_live(deadlines, now));
                    return Ok(if was_live { ended } else { 0 });
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

    /// Ends all sessions, or those that have expired at a moment, and returns how many there were. What fails for one is
    /// told when all others are done.
    async fn remove(&self, expired: Option<Timestamp>) -> Result<u64, StoreError> {
        let (mut removed, mut result) = (0, Ok(()));
        let mut place = None;
        loop {
            let found = self.scan(&self.prefix.sessions(), place, STRIDE).await?;
            match self.destroy_all(&self.bulk, &self.sessions(&found), expired).await {
                Ok(more) => removed += more,
                Err(failure) => result = result.and(Err(failure)),
            }
            place = found.next;
            if place.is_none() {
                break;
            }
        }
        loop {
            let found = self.scan(&self.prefix.indexes(), place, STRIDE).await?;
            let indexes: Vec<_> =
                found.names.iter().filter_map(|name| self.prefix.parse_index(name)).collect();
            result = result.and(self.sweep_indexes(&indexes).await);
            place = found.next;
            if place.is_none() {
                return result.map(|()| removed);
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
        stride: Stride,
    ) -> Result<Vec<(Key, Value)>, StoreError> {
        let keys = self.sessions(found);
        let calls: Vec<_> = keys.iter().map(|key| Call { key: key.clone(), cmd: question(key) }).collect();
        let answers = self.bulk.ask_all(&calls, stride).await?;
        // Something else may have a name like a session's.
        let answers = answers.into_iter().map(|answer| answer.unwrap_or(Value::Nil));
        Ok(keys.into_iter().zip(answers).collect())
    }

    /// Looks for keys from a place on.
    async fn scan(&self, pattern: &str, place: Option<Place>, stride: usize) -> Result<Found, StoreError> {
        let until = self.bulk.until();
        let nodes = match &self.bulk.topology {
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
        let answer = self.bulk.ask_node(node, &cmd).await?;
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
