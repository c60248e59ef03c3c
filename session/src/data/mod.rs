//! A record seen as a databag: decoded on first use, watched for changes.

mod claim;
mod drops;
mod flash;
mod handover;
mod held;
mod ignored;
mod lock;
mod lookup;
mod moves;
mod open;
mod outgoing;
mod shared;
#[cfg(test)]
mod tests;
mod tracked;
mod unwritten;
mod wipe;

use std::fmt;
use std::mem;
use std::sync::Arc;

pub(crate) use self::claim::Claim;
use self::drops::Scope;
pub(crate) use self::handover::Handover;
pub use self::ignored::Ignored;
pub(crate) use self::ignored::OnIgnored;
use self::open::Open;
pub(crate) use self::shared::OnUnsaved;
use self::shared::Shared;
use self::tracked::{CHANGED, CLEARED, DECODED, OWN, SENT, Tracked};
pub use self::wipe::{Wipe, WipeNothing, Wiper};
use crate::clock::Clock;
use crate::codec::CodecError;
use crate::databag::Databag;
use session_core::Patch;
use session_core::{Meta, Record};

/// The data of one session, shared by all handles of one request.
///
/// Generated accessors go through it. A field is decoded when it is first used, and encoded only when it was written
/// to. Methods that take a closure hold a short lock meanwhile.
///
/// # Panics
///
/// Using the same session's data inside such a closure panics with a message that says so; it never hangs.
pub struct Data<T>(Arc<Shared<T>>);

impl<T: Databag> Data<T> {
    /// The data of a record, or of a session that has none yet.
    pub fn new(record: Option<Record>) -> Self {
        Self(Arc::new(Shared::new(Tracked::new(record))))
    }

    /// The data of a session yet to be created, as `bag` says; every stored field counts as written.
    pub fn from_bag(bag: T) -> Self {
        Self(Arc::new(Shared::new(Tracked::from_bag(bag))))
    }

    /// Tells the time by this clock: when fields expire, and from when on that counts. The system's otherwise.
    #[must_use]
    pub fn with_clock(self, clock: impl Into<Clock>) -> Self {
        self.0.lock().clock = clock.into();
        self
    }

    /// Calls this hook with each field that cannot be read, once the accessor that found out is done. Without a hook
    /// they wait for [`take_ignored`](Data::take_ignored).
    #[must_use]
    pub fn on_ignored(self, hook: OnIgnored) -> Self {
        self.0.lock().on_ignored = Some(hook);
        self
    }

    /// The data, on the record as it is by now.
    fn tracked(&self) -> Open<'_, T> {
        let mut tracked = Open::new(self.0.lock());
        if tracked.arrived.is_some() {
            tracked.catch_up();
        }
        tracked
    }

    /// Reads the whole databag in place, decoding all of it.
    ///
    /// ```
    /// # use session::{Databag, SessionManager};
    /// fn total<T: Databag>(data: &Data<T>, count: impl Fn(&T) -> usize) -> usize {
    ///     data.read(|bag| count(bag))
    /// }
    /// ```
    pub fn read<R>(&self, reader: impl FnOnce(&T) -> R) -> R {
        let tracked = &mut *self.tracked();
        for index in 0..T::FIELDS.len() {
            tracked.decoded(index);
        }
        reader(tracked.bag())
    }

    /// Reads one stored field.
    #[doc(hidden)]
    pub fn get<R>(&self, index: usize, reader: impl FnOnce(&T) -> R) -> R {
        reader(self.tracked().decoded(index))
    }

    /// Overwrites one stored field. What `writer` returns, the old value, is dropped by the caller, outside the lock.
    #[doc(hidden)]
    pub fn set<R>(&self, index: usize, writer: impl FnOnce(&mut T) -> R) -> R {
        self.tracked().write(index, CHANGED | OWN, writer)
    }

    /// Changes one stored field in place.
    #[doc(hidden)]
    pub fn update<R>(&self, index: usize, writer: impl FnOnce(&mut T) -> R) -> R {
        let tracked = &mut *self.tracked();
        tracked.decoded(index);
        let own = tracked.own(index);
        tracked.write(index, CHANGED | own, writer)
    }

    /// Takes one stored field out: `writer` leaves the default behind.
    #[doc(hidden)]
    pub fn take<R>(&self, index: usize, writer: impl FnOnce(&mut T) -> R) -> R {
        let tracked = &mut *self.tracked();
        tracked.decoded(index);
        tracked.write(index, CHANGED | CLEARED | OWN, writer)
    }

    /// Adds to a counter. `reader` sees what it makes of it here.
    #[doc(hidden)]
    pub fn add<R>(&self, index: usize, by: i64, reader: impl FnOnce(&T) -> R) -> R {
        let tracked = &mut *self.tracked();
        tracked.add(index, by);
        reader(tracked.bag())
    }

    /// Shows `taker` a databag with what an earlier request left in a flash field, if that was not taken yet.
    #[doc(hidden)]
    pub fn take_flash<R>(&self, index: usize, taker: impl FnOnce(&mut T) -> R) -> Option<R> {
        let loaded = self.tracked().take_flash(index);
        loaded.map(|mut bag| taker(&mut bag))
    }

    /// Leaves for the next request what an earlier one left in a flash field.
    #[doc(hidden)]
    pub fn keep_flash(&self, index: usize) {
        self.tracked().keep_flash(index);
    }

    /// Uses fields that are never stored.
    #[doc(hidden)]
    pub fn unstored<R>(&self, user: impl FnOnce(&mut T) -> R) -> R {
        user(self.tracked().bag())
    }

    /// Drops the values of all fields; those of the record too, with the next patch.
    pub fn clear(&self) {
        self.forget(Scope::All);
    }

    /// Like [`clear`](Data::clear), but for the fields declared to be kept: those stay as they are, changes included.
    pub fn clear_unkept(&self) {
        self.forget(Scope::Unkept);
    }

    fn forget(&self, scope: Scope) {
        let tracked = &mut *self.tracked();
        tracked.accessed = true;
        tracked.forget(scope);
    }

    /// Becomes the data of another record, without any change to write.
    pub fn replace(&self, record: Option<Record>) {
        let tracked = &mut *self.tracked();
        *tracked = Tracked {
            clock: tracked.clock.clone(),
            accessed: tracked.accessed,
            ignored: mem::take(&mut tracked.ignored),
            on_ignored: tracked.on_ignored.take(),
            owner: mem::take(&mut tracked.owner),
            ..Tracked::new(record)
        };
    }

    /// The record as it was last read or written.
    pub fn record(&self) -> Option<Record> {
        self.tracked().record.clone()
    }

    /// What the record says of its session; `None` where there is none.
    pub fn meta(&self) -> Option<Meta> {
        self.0.lock().meta()
    }

    /// The same for output that must not fail: `None` also inside a closure that uses this data.
    pub fn shown_meta(&self) -> Option<Meta> {
        self.0.lock_unless_held()?.meta()
    }

    /// Takes over what the store says of the session by now, besides its fields. Without a record it does nothing.
    pub fn refresh(&self, meta: Meta) {
        let tracked = &mut *self.tracked();
        tracked.record = tracked.record.as_ref().map(|record| record.with_meta(meta));
    }

    /// Whether anybody used the data yet.
    pub fn is_accessed(&self) -> bool {
        self.0.lock().accessed
    }

    /// Whether something was written to the data that no patch has carried to the store yet. Whether it differs from
    /// the record only the patch can tell.
    pub fn is_written(&self) -> bool {
        self.0.lock().is_written()
    }

    /// What to write: for each field written to, whatever differs from the record.
    ///
    /// With `creating` also the read-only fields, which have no later chance. When the patch reached the store,
    /// [`written`](Data::written) says so; until then the same fields are part of every further patch, whatever
    /// they hold by then. One patch is under way at a time.
    ///
    /// # Errors
    ///
    /// The name of a field whose value cannot be encoded, and why.
    pub fn patch(&self, creating: bool) -> Result<Patch, (&'static str, CodecError)> {
        self.tracked().patch(creating)
    }

    /// The last patch reached the store and made this of the record.
    pub fn written(&self, record: Record) {
        self.arrived(|tracked| tracked.record = Some(record));
    }

    /// The last patch reached the store, and with it this, which is applied to the record once somebody looks at it.
    pub fn patched(&self, patch: Patch) {
        self.arrived(|tracked| tracked.arrived = Some(patch));
    }

    fn arrived(&self, keep: impl FnOnce(&mut Tracked<T>)) {
        let tracked = &mut *self.tracked();
        if !mem::take(&mut tracked.in_flight) {
            return;
        }
        keep(tracked);
        for flags in &mut tracked.flags {
            // What is stored by now belongs to the person whose session that is.
            let stored = if *flags & CHANGED == 0 { OWN } else { 0 };
            *flags &= !(SENT | stored);
        }
        tracked.drops.written();
        // What a counter shows is counted from the new record on.
        for index in tracked.moves.keys() {
            tracked.flags[*index] &= !DECODED;
        }
        tracked.moves.retain(|_, moves| moves.written());
        if tracked.departed {
            tracked.catch_up();
            tracked.judge();
        }
    }

    /// The fields that could not be read since the last call, where no [hook](Data::on_ignored) was called.
    pub fn take_ignored(&self) -> Vec<Ignored> {
        mem::take(&mut self.0.lock().ignored)
    }
}

impl<T> Clone for Data<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Data<T> {
    /// Shows nothing of what the data holds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Data").finish_non_exhaustive()
    }
}
