//! How a cookie store is put together.

use std::sync::Arc;
use std::time::Duration;

use session_core::Revocations;

use crate::chunks::{self, COOKIE_LIMIT, MAX_CHUNKS};
use crate::envelope::Envelope;
use crate::revocable::Revocable;
use crate::{CookieStore, KeyRing};

/// The most that the clocks of two nodes may differ.
pub(crate) const MAX_SKEW: Duration = Duration::from_secs(60);
/// Room for at least this much of a session beside the cookie's name.
const LONGEST_NAME: usize = 256;

/// Builds a [`CookieStore`]; [`stateless`](Self::stateless) or [`revocable`](Self::revocable) ends it.
#[derive(Debug)]
#[must_use = "end with `stateless()` or `revocable(…)`"]
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

/// Why a cookie store cannot be built like this.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A cookie cannot have this name.
    #[error(
        "`{0}` cannot name a cookie: write 1 to {LONGEST_NAME} letters, digits or any of !#$%&'*+-.^_`|~"
    )]
    Name(String),
    /// A session cannot be split over so many cookies.
    #[error("a session cannot be split over {0} cookies: write 1 to {MAX_CHUNKS}")]
    Chunks(usize),
    /// The clocks of the nodes may not differ so much.
    #[error("a clock skew of {0:?} is too much: set the clocks by NTP and write at most {MAX_SKEW:?}")]
    Skew(Duration),
    /// The context is empty, so that the cookies of another application with the same key would open here.
    #[error("the context is empty: write the name of the application, such as `shop`")]
    Context,
    /// A setting has no effect on stateless cookies.
    #[error("`{0}` does nothing without server state: leave it out, or end with `revocable(…)`")]
    Stateless(&'static str),
}

impl CookieStoreBuilder {
    pub(crate) fn new(keys: KeyRing, context: String) -> Self {
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

    /// The name of the cookie, to which each seal is bound; `__Host-session` unless set.
    ///
    /// It must be the one that the HTTP layer uses.
    pub fn cookie_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Lets a session be split over that many cookies, up to 32; one unless set.
    ///
    /// The session is sealed as one, and [`split`](crate::split) and [`join`](crate::join) carry it. Browsers
    /// send all of it with each request, and many servers refuse more than 8 KiB of headers: two is plenty.
    pub fn chunked(mut self, max: usize) -> Self {
        self.chunks = max;
        self
    }

    /// How far the clocks of the nodes may differ: a seal from further in the future is none. 60 s, which is also
    /// the most, unless set.
    pub fn skew(mut self, skew: Duration) -> Self {
        self.skew = skew;
        self
    }

    /// How long a seal stays good after the next one was made, for requests that are already under way with it;
    /// 10 s unless set. Only for [`revocable`](Self::revocable).
    ///
    /// With zero an older seal is refused at once, and so are parallel requests of the same browser. Renewing and
    /// destroying always work at once.
    pub fn overlap(mut self, overlap: Duration) -> Self {
        self.overlap = Some(overlap);
        self
    }

    /// Lets the sessions in which this field has the same value be ended together ("log out everywhere"), and no others.
    /// Unless set, all fields marked `principal` or `index` are such groups. Only for [`revocable`](Self::revocable).
    ///
    /// The list need not remember a group for ever, because a session in one ends when its seal is more than 400 days
    /// old, which no browser would still send.
    pub fn grouped_by(mut self, field: impl Into<String>) -> Self {
        self.group = Some(field.into());
        self
    }

    /// Accepts databags with `counter` and `cas` fields although the last of two responses in flight wins: of two
    /// additions one may be lost, and both of two compared writes may succeed. They are refused unless this
    /// is called. In a [`revocable`](Self::revocable) store a compared write outdates every other cookie of its session,
    /// so that one of two succeeds and the other finds its session gone.
    pub fn accept_lost_updates(mut self) -> Self {
        self.lost_updates = true;
        self
    }

    /// A store that remembers nothing: a cookie is **valid until it expires**.
    ///
    /// Logging out, renewing and destroying ask the browser to forget its cookie. Whoever kept a copy can go on using
    /// it, and can return to an older state of the session, until the deadline in it. Keep the deadlines short, or
    /// use [`revocable`](Self::revocable).
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for settings that contradict each other.
    pub fn stateless(self) -> Result<CookieStore, ConfigError> {
        if self.overlap.is_some() {
            return Err(ConfigError::Stateless("overlap"));
        }
        if self.group.is_some() {
            return Err(ConfigError::Stateless("grouped_by"));
        }
        self.build(None)
    }

    /// A store that asks a list what was ended: destroyed, renewed and outdated cookies are refused by all nodes that
    /// share it.
    ///
    /// The sessions of a principal, or of another [group](Self::grouped_by), are ended together by
    /// `SessionManager::destroy_all` and `destroy_where`, all but the present one where that is asked for. How many there
    /// were is not known: the answer is 0. Listing sessions is unsupported.
    ///
    /// It costs one lookup for each load, one round trip more for each write, two for a session that belongs to somebody,
    /// and an entry for each session that was written to, until that session would have ended anyway. When the list
    /// cannot be reached, neither can the sessions.
    ///
    /// A changed session whose response never arrives is lost to its browser once the
    /// [`overlap`](Self::overlap) is over, as after a renewal with any store.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for settings that contradict each other.
    pub fn revocable(mut self, list: impl Revocations) -> Result<CookieStore, ConfigError> {
        let overlap = self.overlap.unwrap_or(Duration::from_secs(10));
        let revocable = Revocable::new(list, overlap, self.group.take(), self.context.clone());
        self.build(Some(revocable))
    }

    fn build(self, revocable: Option<Revocable>) -> Result<CookieStore, ConfigError> {
        if !is_token(&self.name) || self.name.len() > LONGEST_NAME {
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
            several => chunks::capacity(&self.name, several),
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
            identity: Arc::default(),
        })
    }
}

/// Whether a text is a token as RFC 9110 has it, which is what names a cookie.
fn is_token(text: &str) -> bool {
    let is_token_char = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_token_char)
}
