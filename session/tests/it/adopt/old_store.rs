//! A store of another library, in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use session::adopt::{Found, OldCookie, OldSession, OldSessions};
use session::store::BoxFuture;
use session::{StoreError, Timestamp, Token};
use tokio::sync::Semaphore;

use crate::support::{T0, seconds};

#[derive(Clone)]
pub(crate) struct OldStore {
    state: Arc<Mutex<State>>,
    cookie: OldCookie,
    /// Held while sessions are replaced; closed for as long as nothing holds them up.
    gate: Arc<Semaphore>,
}

#[derive(Default)]
struct State {
    sessions: HashMap<String, Kept>,
    lookups: usize,
    outage: Outage,
}

enum Kept {
    Session(String, Timestamp),
    Successor(Token),
}

#[derive(Clone, Copy, Default, PartialEq)]
pub(crate) enum Outage {
    #[default]
    None,
    /// Nothing can be found.
    Find,
    /// Nothing can be replaced.
    Replace,
    /// Sessions are replaced, and the reply is lost.
    ReplyToReplace,
}

impl Default for OldStore {
    fn default() -> Self {
        let (state, gate) = (Arc::default(), Arc::new(Semaphore::new(0)));
        gate.close();
        Self { state, cookie: OldCookie::new("old").domain("example.com"), gate }
    }
}

impl OldStore {
    pub(crate) fn with_cookie(self, cookie: OldCookie) -> Self {
        Self { cookie, ..self }
    }

    /// Adds a session with the values of a JSON object, which expires that many seconds after the start.
    pub(crate) fn insert(&self, id: &str, values: &str, expires: u64) {
        let kept = Kept::Session(values.to_owned(), T0.after(seconds(expires)));
        self.state.lock().unwrap().sessions.insert(id.to_owned(), kept);
    }

    pub(crate) fn has(&self, id: &str) -> bool {
        matches!(self.state.lock().unwrap().sessions.get(id), Some(Kept::Session(..)))
    }

    pub(crate) fn fail(&self, outage: Outage) {
        self.state.lock().unwrap().outage = outage;
    }

    /// Takes the number of lookups since the last time.
    pub(crate) fn take_lookups(&self) -> usize {
        std::mem::take(&mut self.state.lock().unwrap().lookups)
    }

    pub(crate) fn lookups(&self) -> usize {
        self.state.lock().unwrap().lookups
    }

    /// Forgets successors, as a minute later.
    pub(crate) fn forget_successors(&self) {
        self.state.lock().unwrap().sessions.retain(|_, kept| matches!(kept, Kept::Session(..)));
    }

    /// Makes requests wait before they replace a session, until the returned gate is closed.
    pub(crate) fn hold(&mut self) -> Arc<Semaphore> {
        self.gate = Arc::new(Semaphore::new(0));
        Arc::clone(&self.gate)
    }

    fn find(&self, id: &str, now: Timestamp) -> Result<Option<Found>, StoreError> {
        let mut state = self.state.lock().unwrap();
        state.lookups += 1;
        if state.outage == Outage::Find {
            return Err(StoreError::Unavailable("connection refused".into()));
        }
        Ok(match state.sessions.get(id) {
            Some(Kept::Session(values, expires)) if now < *expires => {
                let values =
                    serde_json::from_str(values).map_err(|error| StoreError::Corrupt(error.into()))?;
                Some(Found::Session(OldSession::new(values, Some(*expires))))
            }
            Some(Kept::Successor(token)) => Some(Found::Successor(token.clone())),
            _ => None,
        })
    }

    fn replace(&self, id: &str, successor: &Token) -> Result<bool, StoreError> {
        let mut state = self.state.lock().unwrap();
        if state.outage == Outage::Replace {
            return Err(StoreError::Unavailable("connection refused".into()));
        }
        let is_first = matches!(state.sessions.get(id), Some(Kept::Session(..)));
        if is_first {
            state.sessions.insert(id.to_owned(), Kept::Successor(successor.clone()));
        }
        if state.outage == Outage::ReplyToReplace { Err(StoreError::Timeout) } else { Ok(is_first) }
    }
}

impl OldSessions for OldStore {
    fn cookie(&self) -> &OldCookie {
        &self.cookie
    }

    fn find<'a>(&'a self, id: &'a str, now: Timestamp) -> BoxFuture<'a, Result<Option<Found>, StoreError>> {
        Box::pin(async move { self.find(id, now) })
    }

    fn replace<'a>(
        &'a self,
        id: &'a str,
        successor: &'a Token,
        _now: Timestamp,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async move {
            // It is closed rather than opened.
            let _ = self.gate.acquire().await;
            self.replace(id, successor)
        })
    }
}
