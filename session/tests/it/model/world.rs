//! The model: stored sessions, the data that handlers read, and the effect of commits. Times are seconds after the start.

use super::script::Act;

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
pub(super) struct World {
    pub(super) now: u64,
    /// The expected number of commits that found their session gone.
    pub(super) gone: usize,
    sessions: Vec<Kept>,
    tokens: usize,
}

pub(super) struct Kept {
    pub(super) fields: Fields,
    token: usize,
    idle: u64,
    end: u64,
}

impl Kept {
    pub(super) fn deadline(&self) -> u64 {
        self.idle.min(self.end)
    }
}

/// An explicit save with changes to a session that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lost;

/// The expected cookie of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    Token(usize),
    Deletion,
}

/// The state of one request.
pub(super) struct Handle {
    /// The fields as its handler reads them.
    pub(super) view: Fields,
    pub(super) due: Due,
    tie: Tie,
    /// The fields as they were loaded or last written.
    base: Fields,
    /// The idle deadline as it was loaded or last moved.
    idle: u64,
    written: [bool; 4],
    dropped: Dropped,
    /// Whether there is a stored record behind it.
    is_stored: bool,
    ask: Option<Ask>,
    used: bool,
    presented: bool,
}

/// Which fields were dropped, in increasing order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Dropped {
    Nothing,
    /// All fields that are not `keep`: here all.
    Unkept,
    All,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tie {
    New,
    To(usize),
    Gone,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ask {
    Renew,
    Destroy,
}

impl Handle {
    pub(super) fn perform(&mut self, act: Act) {
        self.used |= !matches!(act, Act::Save);
        match act {
            Act::Read | Act::Save => {}
            Act::SetA(value) => self.write(0, Some(value)),
            Act::SetB(value) => self.write(1, Some(value)),
            Act::ClearA => self.write(0, None),
            Act::InsertX(value) => self.write(2, Some(value)),
            Act::InsertY(value) => self.write(3, Some(value)),
            Act::RemoveX => self.write(2, None),
            Act::ClearShelf => {
                self.write(2, None);
                self.write(3, None);
            }
            Act::Clear => self.clear(Dropped::All),
            Act::Renew => self.ask = self.ask.or(Some(Ask::Renew)),
            Act::RenewAndClear => {
                self.ask = self.ask.or(Some(Ask::Renew));
                self.clear(Dropped::Unkept);
            }
            Act::Destroy => {
                self.ask = Some(Ask::Destroy);
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
            Dropped::Nothing => false,
            Dropped::Unkept => self.is_stored,
            Dropped::All => self.base != EMPTY,
        }
    }

    fn rebase(&mut self, base: Fields) {
        self.base = base;
        // A default that was set is stored along with other changes only.
        let waits = |field: usize| base[field].is_none() && is_default(field, self.view[field]);
        self.written = [0, 1, 2, 3].map(|field| self.written[field] && waits(field));
        self.dropped = Dropped::Nothing;
    }

    /// Applies the changes to stored fields.
    fn applied(&self, mut fields: Fields) -> Fields {
        if self.drops() {
            fields = EMPTY;
        }
        let base = if self.dropped == Dropped::Nothing { self.base } else { EMPTY };
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
        self.tie == Tie::Gone && self.ask.is_none() && !self.is_changed()
    }

    fn is_changed(&self) -> bool {
        self.applied(self.base) != self.base || self.drops()
    }
}

impl World {
    pub(super) fn len(&self) -> usize {
        self.sessions.iter().filter(|kept| self.now < kept.deadline()).count()
    }

    pub(super) fn find(&self, token: usize) -> Option<&Kept> {
        self.sessions.iter().find(|kept| kept.token == token && self.now < kept.deadline())
    }

    /// Returns the state of a request that presents a token.
    pub(super) fn load(&self, token: Option<usize>) -> Handle {
        let found = token.and_then(|token| self.find(token));
        let base = found.map_or(EMPTY, |kept| kept.fields);
        Handle {
            view: base,
            due: Due::Nothing,
            tie: found.map_or(Tie::New, |kept| Tie::To(kept.token)),
            base,
            idle: found.map_or(0, |kept| kept.idle),
            written: [false; 4],
            dropped: Dropped::Nothing,
            is_stored: found.is_some(),
            ask: None,
            used: false,
            presented: token.is_some(),
        }
    }

    /// Commits the state of a handle; after a failed request only explicit requests such as a renewal.
    pub(super) fn commit(&mut self, handle: &mut Handle, failed: bool) -> Result<(), Lost> {
        if failed && handle.ask != Some(Ask::Destroy) && handle.drops() {
            // Dropped fields are removed, and other changes are not saved.
            (handle.view, handle.written) = (EMPTY, [false; 4]);
        }
        let changed =
            if failed { handle.ask != Some(Ask::Destroy) && handle.drops() } else { handle.is_changed() };
        match (handle.tie, handle.ask) {
            (Tie::Gone | Tie::New, Some(Ask::Destroy)) => self.end(handle, changed),
            (Tie::Gone, ask) => {
                let wanted = ask == Some(Ask::Renew) || handle.is_changed();
                return if wanted { Err(Lost) } else { Ok(()) };
            }
            (Tie::To(token), Some(Ask::Destroy)) => {
                self.sessions.retain(|kept| kept.token != token);
                self.end(handle, changed);
            }
            (Tie::New, ask) if changed || ask.is_some() && !failed => self.create(handle),
            (Tie::New, _) => {}
            (Tie::To(token), ask) => {
                let slides = handle.used && self.now + IDLE > handle.idle;
                if changed || ask.is_some() || slides {
                    self.write(handle, token, changed, failed)?;
                } else if !failed {
                    handle.rebase(handle.base);
                }
            }
        }
        handle.ask = None;
        Ok(())
    }

    fn end(&mut self, handle: &mut Handle, changed: bool) {
        handle.tie = Tie::New;
        handle.is_stored = false;
        handle.due = if handle.presented { Due::Deletion } else { Due::Nothing };
        if changed {
            self.create(handle);
        }
    }

    fn create(&mut self, handle: &mut Handle) {
        let fields = handle.applied(EMPTY);
        let (idle, end) = (self.now + IDLE, self.now + LIFETIME);
        let token = self.mint(handle);
        self.sessions.push(Kept { fields, token, idle, end });
        handle.idle = idle;
        handle.is_stored = true;
        handle.rebase(fields);
    }

    fn mint(&mut self, handle: &mut Handle) -> usize {
        self.tokens += 1;
        handle.tie = Tie::To(self.tokens);
        handle.due = Due::Token(self.tokens);
        self.tokens
    }

    /// Updates, renews or touches.
    fn write(&mut self, handle: &mut Handle, token: usize, changed: bool, failed: bool) -> Result<(), Lost> {
        let renews = handle.ask == Some(Ask::Renew);
        let (now, live) = (self.now, self.find(token).is_some());
        if !live {
            self.gone += 1;
            handle.tie = Tie::Gone;
            handle.due = Due::Nothing;
            return if changed || renews { Err(Lost) } else { Ok(()) };
        }
        let token = if renews { (token, self.mint(handle)) } else { (token, token) };
        for kept in self.sessions.iter_mut().filter(|kept| kept.token == token.0) {
            kept.idle = now + IDLE;
            kept.token = token.1;
            if changed {
                kept.fields = handle.applied(kept.fields);
            }
        }
        handle.idle = now + IDLE;
        if !failed || changed {
            handle.rebase(handle.applied(handle.base));
        }
        Ok(())
    }
}
