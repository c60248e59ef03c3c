//! A record seen as a databag: decoded on first use, watched for changes.

use std::fmt;
use std::mem;
use std::sync::Arc;

use crate::lock::Lock;
use crate::patch::{Change, Patch};
use crate::{CodecError, Databag, Field, Record};

/// The field in the bag is what the record says, or newer.
const DECODED: u8 = 1;
/// The field was written to since the last patch.
const CHANGED: u8 = 2;
/// The field is in a patch whose fate is not known yet.
const SENT: u8 = 4;
/// The field was cleared: it is to leave the record.
const CLEARED: u8 = 8;

/// The data of one session, shared by all handles of one request.
///
/// Generated accessors go through it. A field is decoded when it is first used, and encoded only when it was written
/// to. Methods that take a closure hold a short lock meanwhile.
///
/// # Panics
///
/// Using the same session's data inside such a closure panics with a message that says so; it never hangs.
pub struct Data<T>(Arc<Lock<Tracked<T>>>);

struct Tracked<T> {
    record: Option<Record>,
    bag: Option<T>,
    /// One byte of the flags above for each of `T::FIELDS`; empty before the first access.
    flags: Vec<u8>,
    dropped: Dropped,
    /// Whether the record may be replaced by what the last patch made of it.
    in_flight: bool,
    accessed: bool,
    ignored: Vec<Ignored>,
}

/// Whether all fields of the record were dropped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dropped {
    No,
    /// Since the last patch.
    Yes,
    /// In a patch whose fate is not known yet.
    Sent,
}

/// A stored field that could not be read and shows its default instead. Its bytes stay in the store until it is set.
#[derive(Debug, thiserror::Error)]
#[error("field `{name}` cannot be read and shows its default")]
pub struct Ignored {
    /// The name under which the field is stored.
    pub name: &'static str,
    /// Why it could not be read.
    #[source]
    pub error: CodecError,
}

impl<T: Databag> Data<T> {
    /// The data of a record, or of a session that has none yet.
    pub fn new(record: Option<Record>) -> Self {
        Self(Arc::new(Lock::new(Tracked::new(record, None))))
    }

    /// The data of a session yet to be created, as `bag` says; every stored field counts as written.
    pub fn from_bag(bag: T) -> Self {
        let mut tracked = Tracked::new(None, Some(bag));
        tracked.flags = vec![DECODED | CHANGED; T::FIELDS.len()];
        Self(Arc::new(Lock::new(tracked)))
    }

    /// Reads the whole databag in place, decoding all of it.
    ///
    /// ```
    /// # use session_core::{Data, Databag};
    /// fn total<T: Databag>(data: &Data<T>, count: impl Fn(&T) -> usize) -> usize {
    ///     data.read(|bag| count(bag))
    /// }
    /// ```
    pub fn read<R>(&self, reader: impl FnOnce(&T) -> R) -> R {
        let tracked = &mut *self.0.lock();
        for index in 0..T::FIELDS.len() {
            tracked.decoded(index);
        }
        reader(tracked.bag())
    }

    /// Reads one stored field.
    #[doc(hidden)]
    pub fn get<R>(&self, index: usize, reader: impl FnOnce(&T) -> R) -> R {
        reader(self.0.lock().decoded(index))
    }

    /// Overwrites one stored field. What `writer` returns, the old value, is dropped by the caller, outside the lock.
    #[doc(hidden)]
    pub fn set<R>(&self, index: usize, writer: impl FnOnce(&mut T) -> R) -> R {
        let tracked = &mut *self.0.lock();
        tracked.bag();
        tracked.mark(index, CHANGED);
        writer(tracked.bag())
    }

    /// Changes one stored field in place.
    #[doc(hidden)]
    pub fn update<R>(&self, index: usize, writer: impl FnOnce(&mut T) -> R) -> R {
        let tracked = &mut *self.0.lock();
        tracked.decoded(index);
        tracked.mark(index, CHANGED);
        writer(tracked.bag())
    }

    /// Takes one stored field out: `writer` leaves the default behind.
    #[doc(hidden)]
    pub fn take<R>(&self, index: usize, writer: impl FnOnce(&mut T) -> R) -> R {
        let tracked = &mut *self.0.lock();
        tracked.decoded(index);
        tracked.mark(index, CHANGED | CLEARED);
        writer(tracked.bag())
    }

    /// Uses fields that are never stored.
    #[doc(hidden)]
    pub fn unstored<R>(&self, user: impl FnOnce(&mut T) -> R) -> R {
        user(self.0.lock().bag())
    }

    /// Drops the values of all fields; those of the record too, with the next patch.
    pub fn clear(&self) {
        let tracked = &mut *self.0.lock();
        tracked.accessed = true;
        tracked.forget();
        tracked.dropped = Dropped::Yes;
    }

    /// Becomes the data of another record, without any change to write.
    pub fn replace(&self, record: Option<Record>) {
        let tracked = &mut *self.0.lock();
        *tracked = Tracked {
            accessed: tracked.accessed,
            ignored: mem::take(&mut tracked.ignored),
            ..Tracked::new(record, None)
        };
    }

    /// The record as it was last read or written.
    pub fn record(&self) -> Option<Record> {
        self.0.lock().record.clone()
    }

    /// Whether anybody used the data yet.
    pub fn is_accessed(&self) -> bool {
        self.0.lock().accessed
    }

    /// Whether something was written to the data that no patch has carried to the store yet. Whether it differs from
    /// the record only the patch can tell.
    pub fn is_written(&self) -> bool {
        let tracked = self.0.lock();
        tracked.dropped != Dropped::No || tracked.flags.iter().any(|flags| flags & (CHANGED | SENT) != 0)
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
        self.0.lock().patch(creating)
    }

    /// The last patch reached the store and made this of the record.
    pub fn written(&self, record: Record) {
        let tracked = &mut *self.0.lock();
        if !mem::take(&mut tracked.in_flight) {
            return;
        }
        tracked.record = Some(record);
        for flags in &mut tracked.flags {
            *flags &= !SENT;
        }
        if tracked.dropped == Dropped::Sent {
            tracked.dropped = Dropped::No;
        }
    }

    /// The fields that could not be read since the last call.
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

impl<T: Databag> Tracked<T> {
    fn new(record: Option<Record>, bag: Option<T>) -> Self {
        Self {
            record,
            bag,
            flags: Vec::new(),
            dropped: Dropped::No,
            in_flight: false,
            accessed: false,
            ignored: Vec::new(),
        }
    }

    /// The bag, with whatever was decoded or written so far.
    fn bag(&mut self) -> &mut T {
        self.accessed = true;
        self.start()
    }

    fn start(&mut self) -> &mut T {
        if self.flags.is_empty() {
            self.flags = vec![0; T::FIELDS.len()];
        }
        self.bag.get_or_insert_with(T::default)
    }

    fn mark(&mut self, index: usize, change: u8) {
        self.start();
        self.flags[index] = (self.flags[index] & !CLEARED) | DECODED | change;
    }

    /// The bag, with the field at `index` decoded.
    fn decoded(&mut self, index: usize) -> &T {
        self.bag();
        if self.flags[index] & DECODED == 0 {
            self.decode(index);
            self.flags[index] |= DECODED;
        }
        self.bag()
    }

    fn decode(&mut self, index: usize) {
        let field = &T::FIELDS[index];
        if self.dropped != Dropped::No {
            return;
        }
        if let (Some(record), Some(bag)) = (&self.record, &mut self.bag)
            && let Some(value) = stored(record, field)
            && let Err(error) = bag.decode(index, value)
        {
            self.ignored.push(Ignored { name: field.name, error });
        }
    }

    /// Drops all values, but not what is known of a patch under way.
    fn forget(&mut self) {
        self.bag = None;
        for flags in &mut self.flags {
            *flags &= SENT;
        }
    }

    fn patch(&mut self, creating: bool) -> Result<Patch, (&'static str, CodecError)> {
        if creating {
            self.start();
        }
        let mut patch = Patch::new();
        let dropped = self.dropped != Dropped::No;
        if dropped && self.stores_fields() {
            patch = patch.keep_only::<&str>([]);
        }
        let record = self.record.as_ref().filter(|_| !dropped);
        let mut default = None;
        let mut sent = self.flags.clone();
        for (index, (field, flags)) in T::FIELDS.iter().zip(&mut sent).enumerate() {
            let constructed = creating && field.readonly;
            let Some(bag) = self.bag.as_ref().filter(|_| *flags & (CHANGED | SENT) != 0 || constructed)
            else {
                continue;
            };
            // A patch of unknown fate may have changed the field in the store: what the record says is no news then.
            let unsure = *flags & SENT != 0 && !dropped;
            let changes = patch.changes().count();
            let old = record.and_then(|record| stored(record, field));
            let value =
                if *flags & CLEARED == 0 { encoded(bag, index, old.map_or(0, <[u8]>::len))? } else { None };
            match value {
                Some(value) if !unsure && old == Some(&value) => {}
                Some(value)
                    if !unsure
                        && !constructed
                        && old.is_none()
                        && encoded(default.get_or_insert_with(T::default), index, value.len())?.as_ref()
                            == Some(&value) => {}
                Some(value) => patch.push(field.name.into(), Change::Set(value)),
                None => {
                    for name in names(field) {
                        if unsure && name == field.name
                            || record.is_some_and(|record| record.get(name).is_some())
                        {
                            patch.push(name.into(), Change::Remove);
                        }
                    }
                }
            }
            *flags &= !(CHANGED | SENT);
            if patch.changes().count() > changes {
                *flags |= SENT;
            }
        }
        self.flags = sent;
        if dropped {
            self.dropped = if patch.kept().is_some() { Dropped::Sent } else { Dropped::No };
        }
        self.in_flight = true;
        Ok(patch)
    }

    /// Whether the store may hold fields of this session.
    fn stores_fields(&self) -> bool {
        self.dropped == Dropped::Sent
            || self.record.as_ref().is_some_and(|record| !record.fields().is_empty())
            || self.flags.iter().any(|flags| flags & SENT != 0)
    }
}

fn names(field: &Field) -> impl Iterator<Item = &'static str> {
    std::iter::once(field.name).chain(field.aliases.iter().copied())
}

fn stored<'a>(record: &'a Record, field: &Field) -> Option<&'a [u8]> {
    names(field).find_map(|name| record.get(name))
}

fn encoded<T: Databag>(
    bag: &T,
    index: usize,
    length: usize,
) -> Result<Option<Vec<u8>>, (&'static str, CodecError)> {
    let mut value = Vec::with_capacity(length);
    let present = bag.encode(index, &mut value).map_err(|error| (T::FIELDS[index].name, error))?;
    Ok(present.then_some(value))
}
