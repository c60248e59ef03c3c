//! Yielding to other tasks.

use std::future::poll_fn;
use std::task::Poll;

/// Returns `Pending` once and wakes its task.
pub(super) async fn yield_now() {
    let mut yielded = false;
    poll_fn(|context| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
