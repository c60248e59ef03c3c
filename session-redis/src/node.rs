//! One server, and the connections to it that all calls share.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use redis::{Cmd, Value};
use tokio::time::Instant;

use crate::failure::Failure;
use crate::line::Line;
use crate::settings::Settings;
use crate::target::Target;

/// One server. Calls take its connections in turn: the answers that come over one are read by one task after the other.
pub(crate) struct Node {
    lines: Box<[Arc<Line>]>,
    next: AtomicUsize,
}

impl Node {
    pub(crate) fn new(target: Target, settings: &Arc<Settings>) -> Arc<Self> {
        let target = Arc::new(target);
        let line = || Line::new(Arc::clone(&target), Arc::clone(settings));
        let lines = std::iter::repeat_with(line).take(settings.connections.max(1)).collect();
        Arc::new(Self { lines, next: AtomicUsize::new(0) })
    }

    /// Sends a command and waits for its answer. `asking` tells a server that is about to take over a slot that
    /// it is meant.
    pub(crate) async fn send(&self, cmd: &Cmd, asking: bool, until: Instant) -> Result<Value, Failure> {
        self.line().send(cmd, asking, until).await
    }

    /// Sends several commands in a row, with nobody else's in between. An answer may be an error of the server's.
    pub(crate) async fn send_all(&self, cmds: &[Cmd], until: Instant) -> Result<Vec<Value>, Failure> {
        self.line().send_all(cmds, until).await
    }

    /// Gives up the connections; the next calls make new ones.
    pub(crate) fn disconnect(&self) {
        self.lines.iter().for_each(|line| line.disconnect());
    }

    /// Whether there is a connection that is not known to be broken.
    pub(crate) fn is_connected(&self) -> bool {
        self.lines.iter().any(|line| line.is_connected())
    }

    fn line(&self) -> &Arc<Line> {
        &self.lines[self.next.fetch_add(1, Ordering::Relaxed) % self.lines.len()]
    }
}
