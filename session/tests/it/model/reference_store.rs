//! The model: stored sessions, the data that handlers read, and the effect of commits. Times are seconds after the start.

use super::script::Action;

pub(super) const IDLE: u64 = 1800;
pub(super) const LIFETIME: u64 = 5400;

/// The fields `a` and `b` and the entries `x` and `y`, each as far as it is stored.
pub(super) type Fields = [Option<u32>; 4];

/// The initial data of a session.
const EMPTY: Fields = [None; 4];

/// Whether this value is the default of an unset field. An entry has none.
fn is_default(field: usize, value: Option<u32>) -> bool {
    field < 2 && value == Some(0)
}

/// The expected contents of the store. Tokens are unique numbers.
#[derive(Default)]
pub(super) struct ReferenceStore {
    pub(super) now: u64,
    /// The expected number of commits that found their session gone.
    pub(super) gone: usize,
    sessions: Vec<StoredSession>,
    tokens: usize,
}

pub(super) struct StoredSession {
    pub(super) fields: Fields,
    token: usize,
    idle: u64,
    end: u64,
}

impl StoredSession {
    pub(super) fn deadline(&self) -> u64 {
        self.idle.min(self.end)
    }
}

/// An explicit save with changes to a session that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SessionGone;

/// The expected cookie of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExpectedCookie {
    None,
    Token(usize),
    Deletion,
}

/// The state of one request.
pub(super) struct Handle {
    /// The fields as its handler reads them.
    pub(super) view: Fields,
    pub(super) cookie: ExpectedCookie,
    backing: Backing,
    /// The fields as they were loaded or last written.
    base: Fields,
    /// The idle deadline as it was loaded or last moved.
    idle: u64,
    written: [bool; 4],
    dropped: Dropped,
    /// Whether there is a stored record behind it.
    is_stored: bool,
    requested: Option<Requested>,
    used: bool,
    presented: bool,
}

/// Which fields were dropped, in increasing order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Dropped {
    None,
    /// All fields that are not `keep`: here all.
    Unkept,
    All,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Backing {
    New,
    Stored(usize),
    Gone,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Requested {
    Renew,
    Destroy,
}

impl Handle {
    pub(super) fn perform(&mut self, action: Action) {
        self.used |= !matches!(action, Action::Save);
        match action {
            Action::Read | Action::Save => {}
            Action::SetA(value) => self.write(0, Some(value)),
            Action::SetB(value) => self.write(1, Some(value)),
            Action::ClearA => self.write(0, None),
            Action::InsertX(value) => self.write(2, Some(value)),
            Action::InsertY(value) => self.write(3, Some(value)),
            Action::RemoveX => self.write(2, None),
            Action::ClearShelf => {
                self.write(2, None);
                self.write(3, None);
            }
            Action::Clear => self.clear(Dropped::All),
            Action::Renew => self.requested = self.requested.or(Some(Requested::Renew)),
            Action::RenewAndClear => {
                self.requested = self.requested.or(Some(Requested::Renew));
                self.clear(Dropped::Unkept);
            }
            Action::Destroy => {
                self.requested = Some(Requested::Destroy);
                self.rebase(EMPTY);
                self.is_stored = false;
                self.view = EMPTY;
            }
        }
    }

    fn write(&mut self, field: usize, value: Option<u32>) {
        self.view[field] = value;
        self.written[field] = true;
    }

    fn clear(&mut self, dropped: Dropped) {
        self.view = EMPTY;
        self.written = [false; 4];
        self.dropped = self.dropped.max(dropped);
    }

    /// Whether stored fields are to be dropped.
    fn drops(&self) -> bool {
        match self.dropped {
            Dropped::None => false,
            Dropped::Unkept => self.is_stored,
            Dropped::All => self.base != EMPTY,
        }
    }

    fn rebase(&mut self, base: Fields) {
        self.base = base;
        // A default that was set is stored along with other changes only.
        let waits = |field: usize| base[field].is_none() && is_default(field, self.view[field]);
        self.written = [0, 1, 2, 3].map(|field| self.written[field] && waits(field));
        self.dropped = Dropped::None;
    }

    /// Applies the changes to stored fields.
    fn applied(&self, mut fields: Fields) -> Fields {
        if self.drops() {
            fields = EMPTY;
        }
        let base = if self.dropped == Dropped::None { self.base } else { EMPTY };
        let differs = |field: usize| self.written[field] && base[field] != self.view[field];
        // Setting an unset field to its default is not a change, but is stored along with one.
        let is_default = |field: usize| base[field].is_none() && is_default(field, self.view[field]);
        let changes = self.drops() || (0..4).any(|field| differs(field) && !is_default(field));
        for (field, stored) in fields.iter_mut().enumerate() {
            if differs(field) && (changes || !is_default(field)) {
                *stored = self.view[field];
            }
        }
        fields
    }

    pub(super) fn is_gone_and_as_loaded(&self) -> bool {
        self.backing == Backing::Gone && self.requested.is_none() && !self.is_changed()
    }

    fn is_changed(&self) -> bool {
        self.applied(self.base) != self.base || self.drops()
    }
}

impl ReferenceStore {
    pub(super) fn len(&self) -> usize {
        self.sessions.iter().filter(|stored| self.now < stored.deadline()).count()
    }

    pub(super) fn find(&self, token: usize) -> Option<&StoredSession> {
        self.sessions.iter().find(|stored| stored.token == token && self.now < stored.deadline())
    }

    /// Returns the state of a request that presents a token.
    pub(super) fn load(&self, token: Option<usize>) -> Handle {
        let found = token.and_then(|token| self.find(token));
        let base = found.map_or(EMPTY, |stored| stored.fields);
        Handle {
            view: base,
            cookie: ExpectedCookie::None,
            backing: found.map_or(Backing::New, |stored| Backing::Stored(stored.token)),
            base,
            idle: found.map_or(0, |stored| stored.idle),
            written: [false; 4],
            dropped: Dropped::None,
            is_stored: found.is_some(),
            requested: None,
            used: false,
            presented: token.is_some(),
        }
    }

    /// Commits the state of a handle; after a failed request only explicit requests such as a renewal.
    pub(super) fn commit(&mut self, handle: &mut Handle, failed: bool) -> Result<(), SessionGone> {
        if failed && handle.requested != Some(Requested::Destroy) && handle.drops() {
            // Dropped fields are removed, and other changes are not saved.
            (handle.view, handle.written) = (EMPTY, [false; 4]);
        }
        let changed = if failed {
            handle.requested != Some(Requested::Destroy) && handle.drops()
        } else {
            handle.is_changed()
        };
        match (handle.backing, handle.requested) {
            (Backing::Gone | Backing::New, Some(Requested::Destroy)) => self.end(handle, changed),
            (Backing::Gone, requested) => {
                let wanted = requested == Some(Requested::Renew) || handle.is_changed();
                return if wanted { Err(SessionGone) } else { Ok(()) };
            }
            (Backing::Stored(token), Some(Requested::Destroy)) => {
                self.sessions.retain(|stored| stored.token != token);
                self.end(handle, changed);
            }
            (Backing::New, requested) if changed || requested.is_some() && !failed => self.create(handle),
            (Backing::New, _) => {}
            (Backing::Stored(token), requested) => {
                let slides = handle.used && self.now + IDLE > handle.idle;
                if changed || requested.is_some() || slides {
                    self.write(handle, token, changed, failed)?;
                } else if !failed {
                    handle.rebase(handle.base);
                }
            }
        }
        handle.requested = None;
        Ok(())
    }

    fn end(&mut self, handle: &mut Handle, changed: bool) {
        handle.backing = Backing::New;
        handle.is_stored = false;
        handle.cookie = if handle.presented { ExpectedCookie::Deletion } else { ExpectedCookie::None };
        if changed {
            self.create(handle);
        }
    }

    fn create(&mut self, handle: &mut Handle) {
        let fields = handle.applied(EMPTY);
        let (idle, end) = (self.now + IDLE, self.now + LIFETIME);
        let token = self.mint(handle);
        self.sessions.push(StoredSession { fields, token, idle, end });
        handle.idle = idle;
        handle.is_stored = true;
        handle.rebase(fields);
    }

    fn mint(&mut self, handle: &mut Handle) -> usize {
        self.tokens += 1;
        handle.backing = Backing::Stored(self.tokens);
        handle.cookie = ExpectedCookie::Token(self.tokens);
        self.tokens
    }

    /// Updates, renews or touches.
    fn write(
        &mut self,
        handle: &mut Handle,
        token: usize,
        changed: bool,
        failed: bool,
    ) -> Result<(), SessionGone> {
        let renews = handle.requested == Some(Requested::Renew);
        let (now, live) = (self.now, self.find(token).is_some());
        if !live {
            self.gone += 1;
            handle.backing = Backing::Gone;
            handle.cookie = ExpectedCookie::None;
            return if changed || renews { Err(SessionGone) } else { Ok(()) };
        }
        let token = if renews { (token, self.mint(handle)) } else { (token, token) };
        for stored in self.sessions.iter_mut().filter(|stored| stored.token == token.0) {
            stored.idle = now + IDLE;
            stored.token = token.1;
            if changed {
                stored.fields = handle.applied(stored.fields);
            }
        }
        handle.idle = now + IDLE;
        if !failed || changed {
            handle.rebase(handle.applied(handle.base));
        }
        Ok(())
    }
}
