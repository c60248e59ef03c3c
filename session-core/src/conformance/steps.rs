//! Runs a call up to one of its pauses, and another call there.
//!
//! A call pauses where its future is pending. Every poll has the waker of the test, so a call goes on only when it is
//! woken.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::task::yield_now;

use super::fixture::Fixture;
use super::{Checked, Skipped};
use crate::Store;

/// The number of pauses of one call that are tried. A call in several round trips has fewer.
const MAX_PAUSES: usize = 24;

/// The polls after which a call may count as blocked by the one that pauses.
const MIN_POLLS: usize = 50;

/// Whether a call of a check has paused.
#[derive(Default)]
pub(super) struct Pauses(bool);

impl Pauses {
    /// Runs an attempt for each pause of a call, until the attempt returns that the call did not pause as often.
    pub(super) async fn each(&mut self, mut attempt: impl AsyncFnMut(usize) -> bool) {
        for pauses in 1..=MAX_PAUSES {
            if !attempt(pauses).await {
                return;
            }
            self.0 = true;
        }
    }

    /// Skips the check if no call has paused, so that it has shown nothing.
    pub(super) fn checked(self) -> Checked {
        self.0.then_some(()).ok_or(Skipped("no call waits, and the harness makes no pausing store"))
    }
}

/// Runs a call up to its pause number `pauses` and drops it there. Returns whether it paused as often.
pub(super) async fn drop_at_pause<T>(call: impl Future<Output = T>, pauses: usize) -> bool {
    let mut call = pin!(call);
    run_to_pause(call.as_mut(), pauses).await.is_none()
}

/// The results of two calls, the second of which ran in a pause of the first.
pub(super) struct Interleaved<A, B> {
    pub(super) first: A,
    pub(super) second: B,
    /// Whether the first call paused as often.
    pub(super) paused: bool,
}

impl<S: Store> Fixture<S> {
    /// Runs `first` up to its pause number `pauses`, then `second` as far as it gets, then both to their end.
    pub(super) async fn interleave<A, B>(
        &self,
        first: impl Future<Output = A>,
        second: impl Future<Output = B>,
        pauses: usize,
    ) -> Interleaved<A, B> {
        let (mut first, mut second) = (pin!(first), pin!(second));
        let mut first_result = run_to_pause(first.as_mut(), pauses).await;
        let has_paused = first_result.is_none();
        let mut second_result = run_patiently(second.as_mut(), 20 * self.fastest_create.get()).await;
        poll_fn(|context| {
            if first_result.is_none()
                && let Poll::Ready(result) = first.as_mut().poll(context)
            {
                first_result = Some(result);
            }
            if second_result.is_none()
                && let Poll::Ready(result) = second.as_mut().poll(context)
            {
                second_result = Some(result);
            }
            match (first_result.take(), second_result.take()) {
                (Some(first), Some(second)) => Poll::Ready(Interleaved { first, second, paused: has_paused }),
                unfinished => {
                    (first_result, second_result) = unfinished;
                    Poll::Pending
                }
            }
        })
        .await
    }
}

/// Returns the result, or `None` at the pause.
async fn run_to_pause<T>(mut call: Pin<&mut impl Future<Output = T>>, pauses: usize) -> Option<T> {
    let mut left = pauses;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        if let Poll::Ready(result) = call.as_mut().poll(context) {
            return Poll::Ready(Some(result));
        }
        left -= 1;
        if left == 0 { Poll::Ready(None) } else { Poll::Pending }
    })
    .await
}

/// Returns the result, or `None` if the call does not end by itself within this time.
async fn run_patiently<T>(mut call: Pin<&mut impl Future<Output = T>>, time: Duration) -> Option<T> {
    let start = Instant::now();
    for poll in 0.. {
        let result = poll_fn(|context| Poll::Ready(call.as_mut().poll(context))).await;
        if let Poll::Ready(result) = result {
            return Some(result);
        }
        if poll > MIN_POLLS && start.elapsed() > time {
            break;
        }
        yield_now().await;
    }
    None
}
