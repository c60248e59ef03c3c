//! What all sessions of one manager or layer share: the store, the clock, the settings, the hooks.

use std::any::{Any, TypeId};
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::clock::Clock;
use crate::data::{Data, OnIgnored, OnUnsaved};
use crate::databag::Databag;
use session_core::{BoxFuture, DynStore, Evict, HandleId, Meta, Record, Store, StoreError, Timestamp, Token};

#[cfg(feature = "http")]
use crate::Warning;
use crate::hooks::Hooks;
use crate::link::{Seen, Wishes};
use crate::{ConfigError, Error};

/// When using a session moves its idle deadline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Touch {
    /// When its data or state was read or written. The default.
    #[default]
    OnUse,
    /// On every request that presents its token, at one load each.
    EveryRequest,
    /// Never: the idle timeout counts from creation.
    Never,
}

#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) idle_timeout: Duration,
    pub(crate) lifetime: Duration,
    pub(crate) remember: bool,
    pub(crate) touch: Touch,
    pub(crate) strict: bool,
    pub(crate) io_timeout: Option<Duration>,
    pub(crate) max_bytes: usize,
    pub(crate) production: bool,
    /// How many sessions a principal may have.
    pub(crate) session_limit: Option<(usize, Evict)>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            idle_timeout: Duration::from_secs(60 * 60),
            lifetime: Duration::from_secs(24 * 60 * 60),
            remember: false,
            touch: Touch::OnUse,
            strict: false,
            io_timeout: None,
            max_bytes: 64 << 10,
            production: !cfg!(debug_assertions),
            session_limit: None,
        }
    }
}

pub(crate) struct Engine {
    pub(crate) store: AnyStore,
    pub(crate) clock: Clock,
    pub(crate) settings: Settings,
    pub(crate) hooks: Hooks,
    /// How often a session was given other deadlines.
    pub(crate) limits: AtomicU64,
    /// Warns of fields that cannot be read.
    pub(crate) on_ignored: OnIgnored,
    /// A databag that the store serves, so that it is asked once.
    pub(crate) checked: OnceLock<TypeId>,
    /// `Arc<Listeners<T>>` when the manager of a databag `T` built this.
    pub(crate) listeners: Option<Arc<dyn Any + Send + Sync>>,
    #[cfg(feature = "http")]
    pub(crate) transport: crate::http::Transport,
    /// Opens a session that no handler asked for, with the databag that the listeners expect.
    #[cfg(feature = "tower")]
    pub(crate) open_unused: crate::http::OpenUnused,
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
        Seen { limits: self.limits.load(Ordering::Acquire), at: self.clock.now() }
    }

    /// Finds the record of a token. What is corrupt is reported and counts as none.
    pub(crate) async fn load(&self, token: &Token) -> Result<Option<Record>, Error> {
        match self.io(self.store.load(token, self.clock.now())).await {
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
    /// Of several tokens the one of a live session counts. Two live sessions are none, because which of them is meant
    /// cannot be told, and one may have been planted. Two states of one session, which only clients that hold their
    /// sessions themselves can have, are that session as it was used last.
    #[cfg(feature = "http")]
    pub(crate) async fn load_presented(
        &self,
        tokens: &[Token],
    ) -> Result<(Option<Token>, Option<Record>), Error> {
        let mut live: Option<(&Token, Record)> = None;
        for token in tokens {
            let Some(record) = self.load(token).await? else { continue };
            live = match live {
                Some((_, other)) if other.meta().id != record.meta().id => {
                    self.hooks.warning(&Warning::SeveralSessions);
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

    /// The data of a record, on this engine's clock and with its warnings.
    pub(crate) fn data<T: Databag>(&self, record: Option<Record>) -> Data<T> {
        self.adopt(Data::new(record))
    }

    /// Gives data this engine's clock and warnings.
    pub(crate) fn adopt<T: Databag>(&self, data: Data<T>) -> Data<T> {
        data.with_clock(self.clock.clone()).on_ignored(Arc::clone(&self.on_ignored))
    }

    /// Whether the store keeps what the fields of a databag promise.
    pub(crate) fn check<T: Databag>(&self) -> Result<(), ConfigError> {
        let this = TypeId::of::<T>();
        if self.checked.get() == Some(&this) {
            return Ok(());
        }
        match T::FIELDS.iter().find(|field| !self.store.supports(field)) {
            None => {
                self.checked.get_or_init(|| this);
                Ok(())
            }
            Some(field) => Err(ConfigError::Unserved { store: self.store.name(), field: field.name }),
        }
    }

    /// What a session created at `now` says of itself.
    pub(crate) fn new_meta(&self, wishes: &Wishes, now: Timestamp) -> Result<Meta, StoreError> {
        let idle_timeout = wishes.idle_timeout.unwrap_or(self.settings.idle_timeout);
        Ok(Meta {
            id: HandleId::random()?,
            created_at: now,
            idle_deadline: now.after(idle_timeout),
            idle_timeout,
            lifetime_deadline: now.after(wishes.lifetime.unwrap_or(self.settings.lifetime)),
            remember: wishes.remember.unwrap_or(self.settings.remember),
        })
    }
}

impl OnUnsaved for Engine {
    fn unsaved(&self) {
        self.hooks.error(&Error::Unsaved);
    }
}
