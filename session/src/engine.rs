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
    /// Number of overrides of deadlines so far.
    pub(crate) deadline_changes: AtomicU64,
    /// Number of requests that presented the tokens of two live sessions.
    #[cfg(feature = "http")]
    pub(crate) duplicates: AtomicU64,
    /// Warns about fields that cannot be read.
    pub(crate) on_unreadable: OnUnreadable,
    /// A databag that the store supports, so that the check is made once.
    pub(crate) supported: OnceLock<TypeId>,
    #[cfg(feature = "http")]
    pub(crate) transport: crate::http::Transport,
    /// Sessions of another library that are continued.
    #[cfg(feature = "adopt")]
    pub(crate) adoption: Option<crate::http::Adoption<Arc<Engine>>>,
}

/// The store as a trait object. Unlike an `Arc<dyn DynStore>` it does not implement [`Store`], so that a call goes
/// through one pointer and allocates one future.
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
    /// Awaits a store call, up to the I/O timeout.
    pub(crate) async fn io<R>(&self, answer: BoxFuture<'_, Result<R, StoreError>>) -> Result<R, StoreError> {
        match self.settings.io_timeout {
            None => answer.await,
            // A timer is large, and most settings have none.
            Some(limit) => {
                Box::pin(tokio::time::timeout(limit, answer)).await.unwrap_or(Err(StoreError::Timeout))
            }
        }
    }

    /// The current time and deadline epoch, for a load that starts now.
    pub(crate) fn present(&self) -> Seen {
        Seen { deadline_changes: self.deadline_changes.load(Ordering::Acquire), at: self.clock.now() }
    }

    /// Loads the record of a token. A corrupt one is reported and treated as absent.
    pub(crate) async fn load(&self, token: &Token) -> Result<Option<Record>, Error> {
        self.check_loaded(self.io(self.store.load(token, self.clock.now())).await)
    }

    /// Loads the record of a token that a client presents. Reports a refused token as an event.
    pub(crate) async fn load_for_client(
        &self,
        token: &Token,
        now: Timestamp,
    ) -> Result<Option<Record>, Error> {
        let loaded = self.io(self.store.load(token, now)).await;
        if matches!(loaded, Ok(None)) && self.hooks.hear_events() {
            let reason = Box::pin(self.refusal(token, now)).await;
            self.hooks.event(|| SessionEvent::TokenRefused { reason });
        }
        self.check_loaded(loaded)
    }

    /// The reason for refusing a token, if the store knows it within the timeout.
    async fn refusal(&self, token: &Token, now: Timestamp) -> Refusal {
        let reason = self.store.refusal(token, now);
        match self.settings.io_timeout {
            None => reason.await,
            Some(limit) => tokio::time::timeout(limit, reason).await.unwrap_or(Refusal::Unknown),
        }
    }

    /// Reports the failure of a load. A corrupt record is treated as absent.
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

    /// The session that a client presents: its token and record, or the first refused token.
    ///
    /// Of several tokens the one of a live session is used. If two sessions are live none is used, because an attacker
    /// may have planted one of them. Two states of one session, which only clients that hold their sessions themselves
    /// can have, resolve to the state that was used last.
    #[cfg(feature = "http")]
    pub(crate) async fn load_presented(
        &self,
        tokens: &[Token],
        now: Timestamp,
    ) -> Result<(Option<Token>, Option<Record>), Error> {
        let mut live: Option<(&Token, Record)> = None;
        for token in tokens {
            let Some(record) = self.load_for_client(token, now).await? else { continue };
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

    /// The meta of a session created at `now`, with which a user may sign in.
    pub(crate) fn new_meta(
        &self,
        overrides: Option<&DeadlineOverrides>,
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

/// A point in time of an engine, to detect that loaded deadlines may be outdated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) at: Timestamp,
    /// Number of overrides of deadlines at that time.
    pub(crate) deadline_changes: u64,
}
