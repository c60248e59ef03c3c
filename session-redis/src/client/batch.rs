//! Sends many commands at once: one pipeline for each server, in chunks.

use std::sync::Arc;

use redis::{Cmd, Value};
use session_core::StoreError;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::client::failure::{Failure, Refusal};
use crate::client::node::Node;
use crate::client::send::{Client, Retry, Topology};
use crate::key::Key;
use crate::lua::script::Script;

/// Maximum number of commands in a chunk.
const MAX_CHUNK: usize = 500;
/// Approximate size of the replies to a chunk, in bytes. Small enough that other callers wait less for the connection,
/// and that a slow line delivers them before the response timeout.
const REPLY_BUDGET: usize = 1 << 18;

/// A command, and the key that determines its server.
pub(crate) struct Call {
    pub(crate) key: Key,
    pub(crate) cmd: Cmd,
}

/// Number of commands in the next chunk.
#[derive(Clone, Copy)]
pub(crate) struct ChunkSize(usize);

impl ChunkSize {
    /// For commands with short replies.
    pub(crate) const SHORT_REPLIES: Self = Self(MAX_CHUNK);
    /// For commands with replies of unknown length: small at first.
    pub(crate) const LONG_REPLIES: Self = Self(8);

    /// Adjusts the size to the budget, from the replies to the last chunk.
    fn adapt(&mut self, replies: &[Option<Value>]) {
        let bytes: usize = replies.iter().flatten().map(size).sum();
        let fit = REPLY_BUDGET.saturating_mul(replies.len()) / bytes.max(1);
        self.0 = fit.clamp(1, MAX_CHUNK);
    }
}

impl Client {
    /// Sends idempotent commands in chunks. Returns the replies in order, or the first failure; `None` stands for a key
    /// that holds a value of another type.
    pub(crate) async fn query_all(
        &self,
        mut calls: &[Call],
        mut chunk: ChunkSize,
    ) -> Result<Vec<Option<Value>>, StoreError> {
        let mut replies = Vec::with_capacity(calls.len());
        while !calls.is_empty() {
            let (now, later) = calls.split_at(chunk.0.min(calls.len()));
            let received = self.query_chunk(now, None, self.deadline()).await?;
            chunk.adapt(&received);
            replies.extend(received);
            calls = later;
        }
        Ok(replies)
    }

    /// Runs a script for each call, in chunks. A failure of one call does not affect the others.
    pub(crate) async fn run_all(
        &self,
        script: &Script,
        calls: &[Call],
    ) -> Vec<Result<Option<Value>, StoreError>> {
        let mut replies = Vec::with_capacity(calls.len());
        for chunk in calls.chunks(MAX_CHUNK) {
            replies.extend(self.send_chunk(chunk, Some(script), self.deadline()).await);
        }
        replies
    }

    /// Sends idempotent commands, or runs an idempotent script, in one chunk. Returns the replies in order, or the first
    /// failure.
    pub(crate) async fn query_chunk(
        &self,
        calls: &[Call],
        script: Option<&Script>,
        deadline: Instant,
    ) -> Result<Vec<Option<Value>>, StoreError> {
        // Boxed, so that it does not enlarge the futures of writes that need none.
        Box::pin(self.send_chunk(calls, script, deadline)).await.into_iter().collect()
    }

    /// Sends a chunk. A command that failed in its pipeline (its key has moved, its script is not cached) is sent again
    /// on its own.
    async fn send_chunk(
        &self,
        calls: &[Call],
        script: Option<&Script>,
        deadline: Instant,
    ) -> Vec<Result<Option<Value>, StoreError>> {
        let mut replies = Vec::with_capacity(calls.len());
        let mut piped = self.send_pipelines(&calls.iter().collect::<Vec<_>>(), deadline).await;
        if let Some(script) = script {
            self.load_script(calls, &mut piped, script, deadline).await;
        }
        for (call, reply) in calls.iter().zip(piped) {
            let reply = match (reply, script) {
                (Some(reply), _) if !matches!(reply, Value::ServerError(_)) => Ok(reply),
                (_, Some(script)) => {
                    let reply = self.run(script, &call.key, &call.cmd, Retry::Safe, deadline).await;
                    reply.map_err(StoreError::from)
                }
                (_, None) => self.query(&call.key, &call.cmd, deadline).await,
            };
            replies.push(match reply {
                Err(StoreError::Corrupt(_)) => Ok(None),
                reply => reply.map(Some),
            });
        }
        replies
    }

    /// While a server has the script not cached: runs one call with the source, then the others in a pipeline again.
    async fn load_script(
        &self,
        calls: &[Call],
        replies: &mut [Option<Value>],
        script: &Script,
        deadline: Instant,
    ) {
        while let Some(first) = replies.iter().position(|reply| is_no_script(reply.as_ref())) {
            let Call { key, cmd } = &calls[first];
            replies[first] = self.run(script, key, cmd, Retry::Safe, deadline).await.ok();
            let again: Vec<_> =
                (first..replies.len()).filter(|at| is_no_script(replies[*at].as_ref())).collect();
            let sent: Vec<_> = again.iter().map(|at| &calls[*at]).collect();
            for (at, reply) in again.iter().zip(self.send_pipelines(&sent, deadline).await) {
                replies[*at] = reply;
            }
        }
    }

    /// Sends one pipeline to each server. `None` stands for a call whose server could not be reached.
    async fn send_pipelines(&self, calls: &[&Call], deadline: Instant) -> Vec<Option<Value>> {
        let mut replies = vec![None; calls.len()];
        let mut pipelines = JoinSet::new();
        for (node, indices) in self.by_node(calls, deadline).await {
            let cmds: Vec<_> = indices.iter().map(|index| calls[*index].cmd.clone()).collect();
            pipelines.spawn(async move { (indices, node.send_all(&cmds, deadline).await) });
        }
        while let Some(finished) = pipelines.join_next().await {
            if let Ok((indices, Ok(values))) = finished {
                for (index, value) in indices.into_iter().zip(values) {
                    replies[index] = Some(value);
                }
            }
        }
        replies
    }

    /// The servers of the calls, each with the indices of its calls.
    async fn by_node(&self, calls: &[&Call], deadline: Instant) -> Vec<(Arc<Node>, Vec<usize>)> {
        if calls.is_empty() {
            return Vec::new();
        }
        let cluster = match &self.topology {
            Topology::Single(node) => return vec![(Arc::clone(node), (0..calls.len()).collect())],
            Topology::Cluster(cluster) => cluster,
        };
        let mut nodes: Vec<(Arc<Node>, Vec<usize>)> = Vec::new();
        for (index, call) in calls.iter().enumerate() {
            let Ok(owner) = cluster.owner(call.key.slot, deadline).await else { continue };
            match nodes.iter_mut().find(|(node, _)| Arc::ptr_eq(node, &owner)) {
                Some((_, indices)) => indices.push(index),
                None => nodes.push((owner, vec![index])),
            }
        }
        nodes
    }
}

/// Whether a reply is the error `NOSCRIPT`.
fn is_no_script(reply: Option<&Value>) -> bool {
    let Some(reply @ Value::ServerError(_)) = reply else { return false };
    let failure = reply.clone().extract_error().map_err(|error| Failure::classify(&error));
    matches!(failure, Err(Failure::Refused(Refusal::NoScript, _)))
}

/// Number of bytes in the bulk strings of a reply.
fn size(reply: &Value) -> usize {
    match reply {
        Value::BulkString(text) => text.len(),
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Map(pairs) => pairs.iter().map(|(name, value)| size(name) + size(value)).sum(),
        _ => 0,
    }
}
