//! Calls that wait for a connection at the same time.
//!
//! Every call waits for a connection of the pool. The first one that gets a connection takes all calls that wait by then, and
//! executes them in one statement. While connections are free, a call is alone; the busier the pool, the more calls a
//! statement serves.

use std::mem::take;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot::{self, Receiver, Sender};

/// How many calls are executed together at most.
const MAX_CALLS: usize = 64;

/// The calls that are not executed yet. `C` is what a call does, `R` its result.
pub(super) struct Queue<C, R>(Mutex<Calls<C, R>>);

struct Calls<C, R> {
    waiting: Vec<Waiting<C, R>>,
    next_number: u64,
}

/// A call whose future waits for the result.
pub(super) struct Waiting<C, R> {
    number: u64,
    pub(super) call: C,
    result: Sender<R>,
}

/// How a call is executed.
pub(super) enum Turn<T, C, R> {
    /// Another call that got a connection first has executed it; `None` if that failed.
    Executed(Option<R>),
    /// There is a connection for it, and for others.
    Connected { connection: T, call: C, others: Vec<Waiting<C, R>> },
}

impl<C, R> Waiting<C, R> {
    pub(super) fn finish(self, result: R) {
        // The future that waits may have been dropped.
        let _ = self.result.send(result);
    }
}

impl<C, R> Default for Queue<C, R> {
    fn default() -> Self {
        Self(Mutex::new(Calls { waiting: Vec::new(), next_number: 0 }))
    }
}

impl<C, R> Queue<C, R> {
    /// Waits until this future has a connection, or until the call is executed.
    ///
    /// # Errors
    ///
    /// When there is no connection and no other call executes this one.
    pub(super) async fn wait<T, E>(
        &self,
        call: C,
        connection: impl Future<Output = Result<T, E>>,
    ) -> Result<Turn<T, C, R>, E> {
        let (number, mut result) = self.push(call);
        let connection = tokio::select! {
            biased;
            result = &mut result => return Ok(Turn::Executed(result.ok())),
            connection = connection => connection,
        };
        let taken = match connection {
            Ok(connection) => self.take(number).map(|(call, others)| Ok((connection, call, others))),
            Err(error) => self.remove(number).then_some(Err(error)),
        };
        match taken {
            Some(Ok((connection, call, others))) => Ok(Turn::Connected { connection, call, others }),
            Some(Err(error)) => Err(error),
            None => Ok(Turn::Executed(result.await.ok())),
        }
    }

    fn push(&self, call: C) -> (u64, Receiver<R>) {
        let (sender, receiver) = oneshot::channel();
        let mut calls = self.lock();
        let number = calls.next_number;
        calls.next_number += 1;
        calls.waiting.push(Waiting { number, call, result: sender });
        (number, receiver)
    }

    /// Takes a call and the oldest others, unless another one has taken the call.
    fn take(&self, number: u64) -> Option<(C, Vec<Waiting<C, R>>)> {
        let mut calls = self.lock();
        let position = calls.position(number)?;
        let own = calls.waiting.remove(position);
        calls.waiting.retain(|call| !call.result.is_closed());
        let others = if calls.waiting.len() < MAX_CALLS {
            take(&mut calls.waiting)
        } else {
            calls.waiting.drain(..MAX_CALLS - 1).collect()
        };
        Some((own.call, others))
    }

    /// Removes a call. Returns `false` if another one has taken it.
    fn remove(&self, number: u64) -> bool {
        let mut calls = self.lock();
        calls.position(number).map(|position| calls.waiting.remove(position)).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Calls<C, R>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C, R> Calls<C, R> {
    fn position(&self, number: u64) -> Option<usize> {
        self.waiting.iter().position(|call| call.number == number)
    }
}
