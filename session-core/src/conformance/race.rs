//! Threads that start together, round after round.

use std::hint::spin_loop;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::yield_now;

use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::fixture::Fixture;
use crate::Store;

/// The spins after which a thread that waits lets others run.
const SPINS: usize = 200;

/// Where threads wait for each other. They spin, because waking a thread takes longer than an operation in memory.
struct StartingLine {
    threads: usize,
    arrived: AtomicUsize,
    is_abandoned: AtomicBool,
}

impl StartingLine {
    fn wait(&self, round: usize) {
        self.arrived.fetch_add(1, Ordering::SeqCst);
        let mut spins = 0;
        while self.arrived.load(Ordering::SeqCst) < self.threads * (round + 1) {
            if self.is_abandoned.load(Ordering::SeqCst) {
                return;
            }
            spins += 1;
            if spins > SPINS { yield_now() } else { spin_loop() }
        }
    }
}

/// A thread's place at the line. A thread that panics holds nobody up.
struct Place<'a>(&'a StartingLine);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.is_abandoned.store(true, Ordering::SeqCst);
    }
}

impl<S: Store> Fixture<S> {
    /// Runs a job for each item in turn, on several threads at once, and returns the results for each item in the order
    /// of the threads.
    ///
    /// The threads start each round together, and from round to round one or the other is a little later.
    pub(super) async fn race<I, T, F, J>(&self, threads: usize, items: Vec<I>, job: J) -> Vec<Vec<T>>
    where
        I: Clone + Send + Sync + 'static,
        T: Send + 'static,
        F: Future<Output = T>,
        J: Fn(usize, I, Arc<S>) -> F + Send + Sync + 'static,
    {
        let mut rounds: Vec<_> = items.iter().map(|_| Vec::with_capacity(threads)).collect();
        let line =
            StartingLine { threads, arrived: AtomicUsize::new(0), is_abandoned: AtomicBool::new(false) };
        let shared = Arc::new((job, line, items));
        let spawn = |thread| {
            let (shared, store, runtime) = (Arc::clone(&shared), Arc::clone(&self.store), Handle::current());
            spawn_blocking(move || {
                let (job, line, items) = &*shared;
                let _place = Place(line);
                let run = |(round, item): (usize, &I)| {
                    line.wait(round);
                    (0..delay(thread, round)).for_each(|_| spin_loop());
                    runtime.block_on(job(thread, item.clone(), Arc::clone(&store)))
                };
                items.iter().enumerate().map(run).collect::<Vec<T>>()
            })
        };
        let spawned: Vec<_> = (0..threads).map(spawn).collect();
        for thread in spawned {
            let results = thread.await.unwrap_or_else(|error| resume_unwind(error.into_panic()));
            rounds.iter_mut().zip(results).for_each(|(round, result)| round.push(result));
        }
        rounds
    }
}

/// Returns by how many spins a thread is late. The threads of a race are so in every order.
fn delay(thread: usize, round: usize) -> usize {
    (round >> (2 * (thread % 16))) % 4 * 32
}
