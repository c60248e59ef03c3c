//! Synchronises concurrent requests between reading and writing their session.

use tokio::sync::Barrier;

/// Holds requests that have read their session until the test lets all of them write.
pub(super) struct Gate {
    before: Barrier,
    behind: Barrier,
}

impl Gate {
    /// Creates a gate for `requests` requests and the caller of [`open`](Self::open).
    pub(super) fn new(requests: usize) -> Self {
        Self { before: Barrier::new(requests + 1), behind: Barrier::new(requests + 1) }
    }

    /// Waits until the gate opens; called by requests.
    pub(super) async fn pass(&self) {
        self.before.wait().await;
        self.behind.wait().await;
    }

    /// Waits until all requests have reached the gate.
    pub(super) async fn all_are_there(&self) {
        self.before.wait().await;
    }

    /// Opens the gate.
    pub(super) async fn open(&self) {
        self.behind.wait().await;
    }
}
