//! Many commands at once.

use std::sync::Arc;

use redis::{Cmd, Value};
use session_core::StoreError;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::key::Key;
use crate::node::Node;
use crate::script::Script;
use crate::servers::{Repeat, Servers, Topology};

/// How many commands are sent in a row.
const CHUNK: usize = 500;

/// A command, and the key that says which server it is for.
pub(crate) struct Call {
    pub(crate) key: Key,
    pub(crate) cmd: Cmd,
}

impl Servers {
    /// Sends any number of commands as [`ask_together`](Servers::ask_together) does, some hundreds at a time.
    pub(crate) async fn ask_all(
        &self,
        calls: &[Call],
        script: Option<&Script>,
    ) -> Result<Vec<Option<Value>>, StoreError> {
        let mut answers = Vec::with_capacity(calls.len());
        for chunk in calls.chunks(CHUNK) {
            answers.extend(self.ask_together(chunk, script, self.until()).await?);
        }
        Ok(answers)
    }

    /// Sends commands that may be done twice, all for one server in one go, and returns the answers in order: `None`
    /// where the key holds something else than the command is for.
    ///
    /// What a server cannot answer just then (the key has moved, the script is forgotten) is sent again alone.
    pub(crate) async fn ask_together(
        &self,
        calls: &[Call],
        script: Option<&Script>,
        until: Instant,
    ) -> Result<Vec<Option<Value>>, StoreError> {
        let mut answers = Vec::with_capacity(calls.len());
        for (call, answer) in calls.iter().zip(self.send_together(calls, until).await) {
            let answer = match (answer, script) {
                (Some(answer), _) if !matches!(answer, Value::ServerError(_)) => Ok(answer),
                (_, Some(script)) => {
                    let answer = self.run(script, &call.key, &call.cmd, Repeat::Safe, until).await;
                    answer.map_err(StoreError::from)
                }
                (_, None) => self.ask(&call.key, &call.cmd, until).await,
            };
            answers.push(match answer {
                Err(StoreError::Corrupt(_)) => None,
                answer => Some(answer?),
            });
        }
        Ok(answers)
    }

    /// The answers, as far as servers could be reached.
    async fn send_together(&self, calls: &[Call], until: Instant) -> Vec<Option<Value>> {
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
    async fn by_node(&self, calls: &[Call], until: Instant) -> Vec<(Arc<Node>, Vec<usize>)> {
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
