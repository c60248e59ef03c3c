//! The store, clock, settings and callbacks that all sessions of a manager or layer share.

use std::any::TypeId;
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use session_core::{
    BoxFuture, Deadlines, DynStore, HandleId, Meta, Record, Refusal, Store, StoreError, Timestamp, Token,
};

use crate::clock::Clock;
use crate::data::OnUnreadable;
use crate::deadlines::DeadlineOverrides;
use crate::error::Error;
use crate::events::{Hooks, Listeners};
use crate::session_event::SessionEvent;
use crate::settings::Settings;
#[cfg(feature = "http")]
use crate::warning::Warning;

pub(crate) struct Engine {
    pub(crate) store: AnyStore,
    pub(crate) clock: Clock,
    pub(crate) settings: Settings,
    pub(crate) hooks: Hooks,
    pub(crate) listeners: Listeners<Arc<Engine>>,
    /// How often a session was given other deadlines.
    pub(crate) deadline_changes: AtomicU64,
    /// How many requests presented the tokens of two live sessions.
    #[cfg(feature = "http")]
    pub(crate) duplicates: AtomicU64,
    /// Warns of fields that cannot be read.
    pub(crate) on_unreadable: OnUnreadable,
    /// A databag that the store supports, so that it is asked once.
    pub(crate) supported: OnceLock<TypeId>,
    #[cfg(feature = "http")]
    pub(crate) transport: crate::http::Transport,
}

/// The store, whichever it is. Unlike an `Arc<dyn DynStore>` it is no [`Store`] itself, so that a call goes through one
/// pointer and makes one future.
pub(crate) struct AnyStore(Box<dyn DynStore>);

impl AnyStore {
    pub(crate) fn new(store: impl Store) -> Self {
        Self(Box::new(store))
    }
}

impl Deref for AnyStore {
    type Target = dyn DynStore;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl Engine {
    /// Waits for the store, as long as the settings allow.
    pub(crate) async fn io<R>(&self, answer: BoxFuture<'_, Result<R, StoreError>>) -> Result<R, StoreError> {
        match self.settings.io_timeout {
            None => answer.await,
            // A timer is large, and most settings have none.
            Some(limit) => {
                Box::pin(tokio::time::timeout(limit, answer)).await.unwrap_or(Err(StoreError::Timeout))
            }
        }
    }

    /// The present, as a load that begins now sees the deadlines of sessions.
    pub(crate) fn present(&self) -> Seen {
        Seen { deadline_changes: self.deadline_changes.load(Ordering::Acquire), at: self.clock.now() }
    }

    /// Finds the record of a token. What is corrupt is reported and counts as none.
    pub(crate) async fn load(&self, token: &Token) -> Result<Option<Record>, Error> {
        self.check_loaded(self.io(self.store.load(token, self.clock.now())).await)
    }

    /// Finds the record of a token that a client presents. A refused token is an event.
    pub(crate) async fn load_for_client(&self, token: &Token) -> Result<Option<Record>, Error> {
        let now = self.clock.now();
        let loaded = self.io(self.store.load(token, now)).await;
        if self.hooks.hear_events() && matches!(loaded, Ok(None)) {
            let reason = Box::pin(self.refusal(token, now)).await;
            self.hooks.event(|| SessionEvent::TokenRefused { reason });
        }
        self.check_loaded(loaded)
    }

    /// The reason for which a token opens nothing, as far as it is known in time.
    async fn refusal(&self, token: &Token, now: Timestamp) -> Refusal {
        let reason = self.store.refusal(token, now);
        match self.settings.io_timeout {
            None => reason.await,
            Some(limit) => tokio::time::timeout(limit, reason).await.unwrap_or(Refusal::Unknown),
        }
    }

    /// Reports the failure of a load. What is corrupt counts as none.
    fn check_loaded(&self, loaded: Result<Option<Record>, StoreError>) -> Result<Option<Record>, Error> {
        match loaded {
            Ok(found) => Ok(found),
            Err(error @ StoreError::Corrupt(_)) => {
                self.hooks.error(&Error::Load(error));
                Ok(None)
            }
            Err(error) => {
                let error = Error::Load(error);
                self.hooks.error(&error);
                Err(error)
            }
        }
    }

    /// The session that a client presents: its token and record, or the first token that opens nothing.
    ///
    /// Of several tokens the one of a live session counts. Two live sessions are none, because it is unknown which of them is
    /// meant, and one may have been planted. Two states of one session, which only clients that hold their
    /// sessions themselves can have, are that session as it was used last.
    #[cfg(feature = "http")]
    pub(crate) async fn load_presented(
        &self,
        tokens: &[Token],
    ) -> Result<(Option<Token>, Option<Record>), Error> {
        let mut live: Option<(&Token, Record)> = None;
        for token in tokens {
            let Some(record) = self.load_for_client(token).await? else { continue };
            live = match live {
                Some((_, other)) if other.meta().id != record.meta().id => {
                    let count = self.duplicates.fetch_add(1, Ordering::Relaxed) + 1;
                    self.hooks.counted_warning(&Warning::SeveralSessions, count);
                    self.hooks.event(|| SessionEvent::TokenRefused { reason: Refusal::Duplicate });
                    return Ok((tokens.first().cloned(), None));
                }
                Some(other) if other.1.meta().idle_deadline >= record.meta().idle_deadline => Some(other),
                _ => Some((token, record)),
            };
        }
        Ok(match live {
            Some((token, record)) => (Some(token.clone()), Some(record)),
            None => (tokens.first().cloned(), None),
        })
    }

    /// The meta of a session created at `now`, by which somebody may sign in.
    pub(crate) fn new_meta(
        &self,
        overrides: &DeadlineOverrides,
        signs_in: bool,
        now: Timestamp,
    ) -> Result<Meta, StoreError> {
        let Deadlines { idle_timeout, idle_deadline, lifetime_deadline, remember } =
            self.settings.new_deadlines(overrides, signs_in, now);
        Ok(Meta {
            id: HandleId::random()?,
            created_at: now,
            authenticated_at: signs_in.then_some(now),
            idle_deadline,
            idle_timeout,
            lifetime_deadline,
            remember,
        })
    }
}

/// A moment of an engine: what was loaded then may be out of date by a later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) at: Timestamp,
    /// How often this engine had given a session other deadlines by then.
    pub(crate) deadline_changes: u64,
}
