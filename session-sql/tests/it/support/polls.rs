//! Futures that are dropped before they complete.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

/// How a future is dropped after a number of polls.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Drop {
    /// Right away, while the database works.
    AtOnce,
    /// When it is woken, with the result of the database at hand.
    WhenWoken,
}

/// Polls a future a number of times and drops it, unless it completes.
pub(crate) async fn poll_times<T>(
    future: impl Future<Output = T>,
    mut polls: usize,
    drop: Drop,
) -> Option<T> {
    let mut future = pin!(future);
    poll_fn(|context| {
        if polls == 0 {
            return Poll::Ready(None);
        }
        polls -= 1;
        match (future.as_mut().poll(context), drop) {
            (Poll::Pending, Drop::AtOnce) if polls == 0 => Poll::Ready(None),
            (polled, _) => polled.map(Some),
        }
    })
    .await
}

/// Drops the future of a call after one poll, two polls and so on, until it completes. `check` follows each.
pub(crate) async fn drop_at_every_await<T>(call: impl AsyncFn() -> T, check: impl AsyncFn(Option<T>)) {
    for drop in [Drop::AtOnce, Drop::WhenWoken] {
        let mut polls = 1;
        loop {
            let done = poll_times(call(), polls, drop).await;
            let is_done = done.is_some();
            check(done).await;
            if is_done {
                break;
            }
            polls += 1;
        }
    }
}
