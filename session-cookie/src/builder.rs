//! Settings of a cookie store and their validation.

use std::sync::Arc;
use std::time::Duration;

use session_core::Revocations;

use crate::chunks::{self, COOKIE_LIMIT, MAX_CHUNKS};
use crate::contents::MAX_SKEW;
use crate::envelope::Envelope;
use crate::refusal::RefusalLog;
use crate::revocable::Revocable;
use crate::ring::KeyRing;
use crate::store::CookieStore;

/// Maximum length of the cookie's name; the rest of a cookie's 4096 bytes is for the session.
const MAX_NAME_LENGTH: usize = 256;

/// Builder of a [`CookieStore`], finished by [`stateless`](Self::stateless) or [`revocable`](Self::revocable).
#[derive(Debug)]
#[must_use = "finish with `stateless()` or `revocable(…)`"]
pub struct CookieStoreBuilder {
    keys: KeyRing,
    name: String,
    context: String,
    chunks: usize,
    skew: Duration,
    overlap: Option<Duration>,
    group: Option<String>,
    lost_updates: bool,
}

/// An invalid setting of a cookie store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The cookie's name is not valid.
    #[error(
        "`{0}` is not a valid cookie name: use 1 to {MAX_NAME_LENGTH} letters, digits or any of !#$%&'*+-.^_`|~"
    )]
    Name(String),
    /// The number of chunks is out of range.
    #[error("a session cannot be split into {0} chunks: use 1 to {MAX_CHUNKS}")]
    Chunks(usize),
    /// The clock skew is too large.
    #[error("a clock skew of {0:?} is too large: synchronise the clocks by NTP and use at most {MAX_SKEW:?}")]
    Skew(Duration),
    /// The context is empty: cookies of another application with the same key and no context would open here.
    #[error("the context is empty: use the name of the application, such as `shop`")]
    Context,
    /// A setting has no effect on a stateless store.
    #[error("`{0}` has no effect on a stateless store: leave it out, or finish with `revocable(…)`")]
    Stateless(&'static str),
}

impl CookieStore {
    /// Starts building a store that seals with these keys, a single [`Key`](crate::Key) or a [`KeyRing`], for the
    /// application named by `context`, such as `"shop"`.
    ///
    /// Each sealed cookie is bound to the context: cookies of another application do not open even if it has the same
    /// keys. Environments of one application that share a key need different contexts, too.
    pub fn builder(keys: impl Into<KeyRing>, context: impl Into<String>) -> CookieStoreBuilder {
        CookieStoreBuilder::new(keys.into(), context.into())
    }
}

impl CookieStoreBuilder {
    fn new(keys: KeyRing, context: String) -> Self {
        Self {
            keys,
            name: "__Host-session".into(),
            context,
            chunks: 1,
            skew: MAX_SKEW,
            overlap: None,
            group: None,
            lost_updates: false,
        }
    }

    /// Sets the name of the cookie, to which each sealed cookie is bound; `__Host-session` by default.
    ///
    /// It must equal the name that the HTTP layer uses.
    pub fn cookie_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets the maximum number of chunks, each a separate cookie, that a session is split into; 1 by default, 32 at
    /// most.
    ///
    /// The session is sealed as a whole, then split by [`split`](crate::split) and put together by
    /// [`join`](crate::join). Browsers send all chunks with each request, and many servers refuse more than 8 KiB of
    /// headers: use no more than two without need.
    pub fn chunked(mut self, max: usize) -> Self {
        self.chunks = max;
        self
    }

    /// Sets the tolerated difference between the clocks of the nodes: a cookie sealed further in the future is refused.
    /// 60 s by default, which is also the maximum.
    pub fn skew(mut self, skew: Duration) -> Self {
        self.skew = skew;
        self
    }

    /// Sets how long a cookie stays valid after a newer one superseded it, for requests that are already in flight; 10 s
    /// by default. [`revocable`](Self::revocable) stores only.
    ///
    /// With zero an older cookie is refused at once, and so are parallel requests of the same browser. Renewing and
    /// destroying a session always take effect at once.
    pub fn overlap(mut self, overlap: Duration) -> Self {
        self.overlap = Some(overlap);
        self
    }

    /// Groups sessions by the values of this field only, for ending all sessions of a group ("log out everywhere"). By
    /// default each field marked `principal` or `index` forms groups. [`revocable`](Self::revocable) stores only.
    ///
    /// A session in a group ends when its cookie is 400 days old, which is the longest that browsers keep one. This
    /// bounds how long the list remembers a group.
    pub fn grouped_by(mut self, field: impl Into<String>) -> Self {
        self.group = Some(field.into());
        self
    }

    /// Accepts databags with `counter` and `cas` fields, which are refused by default, because the last of two responses
    /// in flight wins: of two additions one may be lost, and two compare-and-set writes may both succeed.
    ///
    /// In a [`revocable`](Self::revocable) store a compare-and-set write supersedes every other cookie of its session:
    /// one of two succeeds, and the other finds the session gone.
    pub fn accept_lost_updates(mut self) -> Self {
        self.lost_updates = true;
        self
    }

    /// Builds a store without server state: a cookie is **valid until it expires**.
    ///
    /// Logout, renewal and destruction only ask the browser to delete or replace its cookie. A copy of it stays usable
    /// until its deadline, and restores an older state of the session. Keep the deadlines short, or use
    /// [`revocable`](Self::revocable).
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for an invalid setting.
    pub fn stateless(self) -> Result<CookieStore, ConfigError> {
        if self.overlap.is_some() {
            return Err(ConfigError::Stateless("overlap"));
        }
        if self.group.is_some() {
            return Err(ConfigError::Stateless("grouped_by"));
        }
        self.build(None)
    }

    /// Builds a store with a revocation list: every node that shares it refuses destroyed, renewed and superseded
    /// cookies.
    ///
    /// `SessionManager::destroy_all` and `destroy_where` end all sessions of a principal or of another
    /// [group](Self::grouped_by), optionally except the current one. They return 0, because the number of sessions is
    /// unknown. Listing sessions is unsupported.
    ///
    /// Each load costs one lookup in the list; each write costs one round trip, or two for a session in a group. Each
    /// session that was written to has an entry until its deadline. While the list is unavailable, so are the sessions.
    ///
    /// If the response that carries a changed session never arrives, the browser's cookie is refused once the
    /// [`overlap`](Self::overlap) is over, as after a renewal with any store.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for an invalid setting.
    pub fn revocable(mut self, list: impl Revocations) -> Result<CookieStore, ConfigError> {
        let overlap = self.overlap.unwrap_or(Duration::from_secs(10));
        let revocable = Revocable::new(list, overlap, self.group.take(), self.context.clone());
        self.build(Some(revocable))
    }

    fn build(self, revocable: Option<Revocable>) -> Result<CookieStore, ConfigError> {
        if !is_token(&self.name) || self.name.len() > MAX_NAME_LENGTH {
            return Err(ConfigError::Name(self.name));
        }
        if !(1..=MAX_CHUNKS).contains(&self.chunks) {
            return Err(ConfigError::Chunks(self.chunks));
        }
        if self.skew > MAX_SKEW {
            return Err(ConfigError::Skew(self.skew));
        }
        if self.context.trim().is_empty() {
            return Err(ConfigError::Context);
        }
        let capacity = match self.chunks {
            1 => COOKIE_LIMIT - self.name.len(),
            count => chunks::capacity(&self.name, count),
        };
        let envelope = Envelope { name: self.name, context: self.context };
        let lost_updates = self.lost_updates;
        Ok(CookieStore {
            keys: self.keys,
            envelope,
            capacity,
            skew: self.skew,
            revocable,
            lost_updates,
            refused: RefusalLog::default(),
            identity: Arc::default(),
        })
    }
}

/// Whether a text is a `token` of RFC 9110, the syntax of cookie names.
fn is_token(text: &str) -> bool {
    let is_token_char = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_token_char)
}
