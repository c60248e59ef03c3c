//! The most recent requests, with what each did to its session.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use session::HandleId;
use tokio::sync::watch;

use crate::calls::{self, Calls};

/// The number of requests that are remembered, of all visitors together.
const CAPACITY: usize = 256;

/// A request that was answered by this process.
#[derive(Clone)]
pub(crate) struct Answered {
    /// Method and path, without the query.
    pub(crate) request: String,
    pub(crate) status: u16,
    pub(crate) calls: Calls,
    pub(crate) time: Duration,
}

#[derive(Default)]
pub(crate) struct Activity {
    answered: Mutex<VecDeque<Answered>>,
    count: watch::Sender<u64>,
}

impl Activity {
    /// Returns the last `limit` requests of a session, newest first.
    pub(crate) fn of(&self, session: HandleId, limit: usize) -> Vec<Answered> {
        let answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let of_session = answered.iter().rev().filter(|answered| answered.calls.session == Some(session));
        of_session.take(limit).cloned().collect()
    }

    /// Returns a receiver that is notified of each request, once it is answered.
    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.count.subscribe()
    }

    fn add(&self, request: Answered) {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        if answered.len() == CAPACITY {
            answered.pop_front();
        }
        answered.push_back(request);
        drop(answered);
        self.count.send_modify(|count| *count += 1);
    }
}

/// Middleware that records each request, outside of the session layer so that the commit is included.
pub(crate) async fn observe(State(activity): State<Arc<Activity>>, request: Request, next: Next) -> Response {
    let name = format!("{} {}", request.method(), request.uri().path());
    let start = Instant::now();
    let (response, calls) = calls::during(next.run(request)).await;
    let (status, time) = (response.status().as_u16(), start.elapsed());
    activity.add(Answered { request: name, status, calls, time });
    response
}
