//! A store with an index and session limits, with or without a fault.

use std::collections::BTreeMap;

use session_core::value::is_indexed;
use session_core::{
    Capabilities, Evict, HandleId, Limited as LimitedResult, Patch, Record, SessionLimit, Store, StoreError,
    Timestamp, Token, WriteOutcome,
};
use tokio::sync::{Mutex, MutexGuard};

use crate::faulty::custom_store::MapStore;

/// A fault of the session limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    None,
    Ignores,
    EvictsTheNewest,
    EvictsByCreation,
    CountsRenewed,
    CountsExpired,
    CountsOtherFields,
    EvictsWithoutNewSession,
    ChecksBeforeWriting,
    ReportsNoEviction,
    ReportsNoSessionEnded,
    ReportsExpiredSessions,
}

/// A map, the token of each session, and the indexed values in the order in which sessions took them, under one lock.
pub(crate) struct Limited {
    state: Mutex<State>,
    fault: Fault,
}

#[derive(Default)]
struct State {
    store: MapStore,
    tokens: BTreeMap<HandleId, Token>,
    arrivals: Vec<(HandleId, String, Vec<u8>)>,
}

impl State {
    /// Updates the index of a session.
    async fn index(&mut self, token: &Token, now: Timestamp) -> Result<(), StoreError> {
        let Some(record) = self.store.load(token, now).await? else { return Ok(()) };
        let id = record.meta().id;
        self.tokens.insert(id, token.clone());
        let held: Vec<_> = record.fields().filter(|(_, value)| is_indexed(value)).collect();
        self.arrivals.retain(|(other, name, value)| *other != id || held.contains(&(name, value)));
        for (name, value) in held {
            let arrival = (id, name.to_owned(), value.to_vec());
            if !self.arrivals.contains(&arrival) {
                self.arrivals.push(arrival);
            }
        }
        Ok(())
    }

    async fn index_written(
        &mut self,
        token: &Token,
        written: &WriteOutcome,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        match written {
            WriteOutcome::Done => self.index(token, now).await,
            WriteOutcome::NewToken(fresh) => self.index(fresh, now).await,
            _ => Ok(()),
        }
    }

    /// Returns the live sessions that hold a value, in the order in which they took it.
    async fn holders(&self, name: &str, value: &[u8], now: Timestamp) -> Result<Vec<Record>, StoreError> {
        let mut holders = Vec::new();
        for (id, ..) in self.arrivals.iter().filter(|(_, field, held)| field == name && held == value) {
            if let Some(token) = self.tokens.get(id) {
                holders.extend(self.store.load(token, now).await?);
            }
        }
        Ok(holders)
    }

    async fn destroy(&self, id: HandleId) -> Result<(), StoreError> {
        match self.tokens.get(&id) {
            Some(token) => self.store.destroy(token).await.map(drop),
            None => Ok(()),
        }
    }
}

impl Limited {
    pub(crate) fn new(fault: Fault) -> Self {
        Self { state: Mutex::default(), fault }
    }

    /// Returns the sessions to evict for a new session with this id, or `None` if it is refused.
    async fn evicted(
        &self,
        state: &State,
        limit: SessionLimit<'_>,
        id: HandleId,
        now: Timestamp,
    ) -> Result<Option<Vec<HandleId>>, StoreError> {
        let at = if self.fault == Fault::CountsExpired { Timestamp::from_millis(0) } else { now };
        let mut holders = state.holders(limit.name, limit.value, at).await?;
        if self.fault == Fault::CountsOtherFields {
            holders.extend(state.holders("device", limit.value, at).await?);
        }
        holders.retain(|record| record.meta().id != id);
        match self.fault {
            Fault::EvictsTheNewest => holders.reverse(),
            Fault::EvictsByCreation => holders.sort_by_key(|record| record.meta().created_at),
            Fault::Ignores => holders.clear(),
            _ => {}
        }
        let excess = (holders.len() + 1).saturating_sub(limit.max.get());
        if excess > 0 && limit.on_full == Evict::Reject {
            return Ok(None);
        }
        Ok(Some(holders.iter().take(excess).map(|record| record.meta().id).collect()))
    }

    /// Destroys sessions, and returns those that the write reports.
    async fn evict(&self, state: &State, sessions: Vec<HandleId>) -> Result<Vec<HandleId>, StoreError> {
        for session in &sessions {
            state.destroy(*session).await?;
        }
        Ok(if self.fault == Fault::ReportsNoEviction { Vec::new() } else { sessions })
    }

    /// Returns the state for the write after the check. With the fault, concurrent writes run in between.
    async fn relock<'a>(&'a self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        if self.fault != Fault::ChecksBeforeWriting {
            return state;
        }
        drop(state);
        for _ in 0..50 {
            tokio::task::yield_now().await;
            std::thread::yield_now();
        }
        self.state.lock().await
    }
}

impl Store for Limited {
    fn name(&self) -> &'static str {
        "limited"
    }

    async fn load(&self, token: &Token, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.state.lock().await.store.load(token, now).await
    }

    async fn create(&self, record: &Record, now: Timestamp) -> Result<Token, StoreError> {
        let mut state = self.state.lock().await;
        let token = state.store.create(record, now).await?;
        state.index(&token, now).await?;
        Ok(token)
    }

    async fn update(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        let mut state = self.state.lock().await;
        let written = state.store.update(token, patch, now).await?;
        state.index_written(token, &written, now).await?;
        Ok(written)
    }

    async fn touch(
        &self,
        token: &Token,
        deadline: Timestamp,
        now: Timestamp,
    ) -> Result<WriteOutcome, StoreError> {
        self.state.lock().await.store.touch(token, deadline, now).await
    }

    async fn renew(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        let mut state = self.state.lock().await;
        let written = state.store.renew(token, patch, now).await?;
        state.index_written(token, &written, now).await?;
        Ok(written)
    }

    async fn destroy(&self, token: &Token) -> Result<bool, StoreError> {
        self.state.lock().await.store.destroy(token).await
    }

    async fn find_by(
        &self,
        name: &str,
        value: &[u8],
        _fields: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Record>, StoreError> {
        self.state.lock().await.holders(name, value, now).await
    }

    async fn destroy_by(
        &self,
        name: &str,
        value: &[u8],
        except: Option<HandleId>,
        now: Timestamp,
    ) -> Result<Vec<HandleId>, StoreError> {
        let state = self.state.lock().await;
        let mut ended = Vec::new();
        for record in state.holders(name, value, Timestamp::from_millis(0)).await? {
            if except != Some(record.meta().id) {
                state.destroy(record.meta().id).await?;
                if record.is_live(now) || self.fault == Fault::ReportsExpiredSessions {
                    ended.push(record.meta().id);
                }
            }
        }
        if self.fault == Fault::ReportsNoSessionEnded {
            ended.clear();
        }
        Ok(ended)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default().with_session_limits()
    }

    async fn create_limited(
        &self,
        record: &Record,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> Result<LimitedResult<Option<Token>>, StoreError> {
        let state = self.state.lock().await;
        let Some(evicted) = self.evicted(&state, limit, record.meta().id, now).await? else {
            return Ok(None.into());
        };
        let mut state = self.relock(state).await;
        let token = state.store.create(record, now).await?;
        state.index(&token, now).await?;
        Ok(LimitedResult { result: Some(token), evicted: self.evict(&state, evicted).await? })
    }

    async fn renew_limited(
        &self,
        token: &Token,
        patch: &Patch,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> Result<LimitedResult<WriteOutcome>, StoreError> {
        let state = self.state.lock().await;
        let Some(record) = state.store.load(token, now).await? else {
            if self.fault == Fault::EvictsWithoutNewSession {
                for holder in state.holders(limit.name, limit.value, now).await? {
                    state.destroy(holder.meta().id).await?;
                }
            }
            return Ok(WriteOutcome::Gone.into());
        };
        let keeps = record.get(limit.name) == Some(limit.value) && self.fault != Fault::CountsRenewed;
        let evicted =
            if keeps { Some(Vec::new()) } else { self.evicted(&state, limit, record.meta().id, now).await? };
        let Some(evicted) = evicted else { return Ok(WriteOutcome::LimitReached.into()) };
        let mut state = self.relock(state).await;
        let written = state.store.renew(token, patch, now).await?;
        state.index_written(token, &written, now).await?;
        let evicted = match written {
            WriteOutcome::NewToken(_) => self.evict(&state, evicted).await?,
            _ => Vec::new(),
        };
        Ok(LimitedResult { result: written, evicted })
    }
}
