//! Synchronises concurrent requests between reading and writing their session.

use tokio::sync::Barrier;

/// Concurrent requests on one session, each of which writes its own field.
pub(super) const REQUESTS: usize = 200;

/// Holds requests that have read their session until the test lets all of them write.
pub(super) struct WriteBarrier {
    arrived: Barrier,
    released: Barrier,
}

impl WriteBarrier {
    /// Creates a barrier for `requests` requests and the caller of [`release`](Self::release).
    pub(super) fn new(requests: usize) -> Self {
        Self { arrived: Barrier::new(requests + 1), released: Barrier::new(requests + 1) }
    }

    /// Waits until the barrier is released; called by requests.
    pub(super) async fn wait(&self) {
        self.arrived.wait().await;
        self.released.wait().await;
    }

    /// Waits until all requests have reached the barrier.
    pub(super) async fn wait_for_all(&self) {
        self.arrived.wait().await;
    }

    /// Lets all requests write.
    pub(super) async fn release(&self) {
        self.released.wait().await;
    }
}
