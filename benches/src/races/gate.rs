//! Where requests wait for each other.

use tokio::sync::Barrier;

/// Passed by requests that have read their session and are about to write it, all at once.
pub(super) struct Gate {
    before: Barrier,
    behind: Barrier,
}

impl Gate {
    /// For that many requests and whoever opens it.
    pub(super) fn new(requests: usize) -> Self {
        Self { before: Barrier::new(requests + 1), behind: Barrier::new(requests + 1) }
    }

    /// Waits until it was opened.
    pub(super) async fn pass(&self) {
        self.before.wait().await;
        self.behind.wait().await;
    }

    /// Waits until all requests are there.
    pub(super) async fn all_are_there(&self) {
        self.before.wait().await;
    }

    /// Lets them pass.
    pub(super) async fn open(&self) {
        self.behind.wait().await;
    }
}
