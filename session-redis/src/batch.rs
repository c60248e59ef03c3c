//! Many commands at once.

use std::sync::Arc;

use redis::{Cmd, Value};
use session_core::StoreError;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::failure::{Failure, Refusal};
use crate::key::Key;
use crate::node::Node;
use crate::script::Script;
use crate::servers::{Repeat, Servers, Topology};

/// How many commands are sent in a row at most.
const CHUNK: usize = 500;
/// How many bytes of answers to them there should be, about: others wait for less, and a slow line has them in time.
const BUDGET: usize = 1 << 18;

/// A command, and the key that says which server it is for.
pub(crate) struct Call {
    pub(crate) key: Key,
    pub(crate) cmd: Cmd,
}

/// How many commands are sent in a row.
#[derive(Clone, Copy)]
pub(crate) struct Stride(usize);

impl Stride {
    /// Where answers are short.
    pub(crate) const SHORT: Self = Self(CHUNK);
    /// Where answers may be long: a few at first.
    pub(crate) const LONG: Self = Self(8);

    /// As many as stay within the budget, going by the answers to the last ones.
    fn adapt(&mut self, answers: &[Option<Value>]) {
        let bytes: usize = answers.iter().flatten().map(size).sum();
        let fit = BUDGET.saturating_mul(answers.len()) / bytes.max(1);
        self.0 = fit.clamp(1, CHUNK);
    }
}

impl Servers {
    /// Sends any number of commands as [`ask_together`](Servers::ask_together) does, some at a time.
    pub(crate) async fn ask_all(
        &self,
        mut calls: &[Call],
        mut stride: Stride,
    ) -> Result<Vec<Option<Value>>, StoreError> {
        let mut answers = Vec::with_capacity(calls.len());
        while !calls.is_empty() {
            let (now, later) = calls.split_at(stride.0.min(calls.len()));
            let answered = self.ask_together(now, None, self.until()).await?;
            stride.adapt(&answered);
            answers.extend(answered);
            calls = later;
        }
        Ok(answers)
    }

    /// Runs a script any number of times, some hundreds at a time, each whatever became of the others.
    pub(crate) async fn run_all(
        &self,
        script: &Script,
        calls: &[Call],
    ) -> Vec<Result<Option<Value>, StoreError>> {
        let mut answers = Vec::with_capacity(calls.len());
        for calls in calls.chunks(CHUNK) {
            answers.extend(self.ask_each(calls, Some(script), self.until()).await);
        }
        answers
    }

    /// Sends commands as [`ask_each`](Servers::ask_each) does, all or none of which are of use.
    pub(crate) async fn ask_together(
        &self,
        calls: &[Call],
        script: Option<&Script>,
        until: Instant,
    ) -> Result<Vec<Option<Value>>, StoreError> {
        self.ask_each(calls, script, until).await.into_iter().collect()
    }

    /// Sends commands that may be done twice, all for one server in one go, and returns the answers in order: `None`
    /// where the key holds something else than the command is for.
    ///
    /// What a server cannot answer just then (the key has moved, the script is forgotten) is sent again alone.
    async fn ask_each(
        &self,
        calls: &[Call],
        script: Option<&Script>,
        until: Instant,
    ) -> Vec<Result<Option<Value>, StoreError>> {
        let mut answers = Vec::with_capacity(calls.len());
        let mut sent = self.send_together(&calls.iter().collect::<Vec<_>>(), until).await;
        if let Some(script) = script {
            self.send_again(calls, &mut sent, script, until).await;
        }
        for (call, answer) in calls.iter().zip(sent) {
            let answer = match (answer, script) {
                (Some(answer), _) if !matches!(answer, Value::ServerError(_)) => Ok(answer),
                (_, Some(script)) => {
                    let answer = self.run(script, &call.key, &call.cmd, Repeat::Safe, until).await;
                    answer.map_err(StoreError::from)
                }
                (_, None) => self.ask(&call.key, &call.cmd, until).await,
            };
            answers.push(match answer {
                Err(StoreError::Corrupt(_)) => Ok(None),
                answer => answer.map(Some),
            });
        }
        answers
    }

    /// Sends the calls again together that came to a server which has forgotten the script, after one of them told it.
    async fn send_again(
        &self,
        calls: &[Call],
        answers: &mut [Option<Value>],
        script: &Script,
        until: Instant,
    ) {
        while let Some(first) = answers.iter().position(|answer| is_forgotten(answer.as_ref())) {
            let Call { key, cmd } = &calls[first];
            answers[first] = self.run(script, key, cmd, Repeat::Safe, until).await.ok();
            let again: Vec<_> =
                (first..answers.len()).filter(|at| is_forgotten(answers[*at].as_ref())).collect();
            let sent: Vec<_> = again.iter().map(|at| &calls[*at]).collect();
            for (at, answer) in again.iter().zip(self.send_together(&sent, until).await) {
                answers[*at] = answer;
            }
        }
    }

    /// The answers, as far as servers could be reached.
    async fn send_together(&self, calls: &[&Call], until: Instant) -> Vec<Option<Value>> {
        let mut answers = vec![None; calls.len()];
        let mut sending = JoinSet::new();
        for (node, places) in self.by_node(calls, until).await {
            let cmds: Vec<_> = places.iter().map(|place| calls[*place].cmd.clone()).collect();
            sending.spawn(async move { (places, node.send_all(&cmds, until).await) });
        }
        while let Some(sent) = sending.join_next().await {
            if let Ok((places, Ok(values))) = sent {
                for (place, value) in places.into_iter().zip(values) {
                    answers[place] = Some(value);
                }
            }
        }
        answers
    }

    /// Which servers the commands are for, and which of them.
    async fn by_node(&self, calls: &[&Call], until: Instant) -> Vec<(Arc<Node>, Vec<usize>)> {
        if calls.is_empty() {
            return Vec::new();
        }
        let cluster = match &self.topology {
            Topology::One(node) => return vec![(Arc::clone(node), (0..calls.len()).collect())],
            Topology::Cluster(cluster) => cluster,
        };
        let mut nodes: Vec<(Arc<Node>, Vec<usize>)> = Vec::new();
        for (place, call) in calls.iter().enumerate() {
            let Ok(owner) = cluster.owner(call.key.slot, until).await else { continue };
            match nodes.iter_mut().find(|(node, _)| Arc::ptr_eq(node, &owner)) {
                Some((_, places)) => places.push(place),
                None => nodes.push((owner, vec![place])),
            }
        }
        nodes
    }
}

/// Whether the server has forgotten the script.
fn is_forgotten(answer: Option<&Value>) -> bool {
    let Some(answer @ Value::ServerError(_)) = answer else { return false };
    let failure = answer.clone().extract_error().map_err(|error| Failure::of(&error));
    matches!(failure, Err(Failure::Refused(Refusal::NoScript, _)))
}

/// How many bytes of texts there are in an answer.
fn size(answer: &Value) -> usize {
    match answer {
        Value::BulkString(text) => text.len(),
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Map(pairs) => pairs.iter().map(|(name, value)| size(name) + size(value)).sum(),
        _ => 0,
    }
}
