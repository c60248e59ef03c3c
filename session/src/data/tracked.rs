//! A record, the databag made of it so far, and what was written to that.

use std::collections::BTreeMap;

use smallvec::{SmallVec, smallvec};

use super::claim::Owner;
use super::drops::{Drops, Scope};
use super::flash::Flash;
use super::held::Held;
use super::ignored::{Ignored, OnIgnored};
use super::moves::{Move, Moves};
use crate::clock::Clock;
use crate::codec::header;
use crate::databag::Databag;
use session_core::Kind;
use session_core::value::{counter, read_counter};
use session_core::{Field, Meta, Patch, Record, Timestamp};

/// The field in the bag is what the record says, or newer.
pub(super) const DECODED: u8 = 1;
/// The field was written to since the last patch.
pub(super) const CHANGED: u8 = 2;
/// The field is in a patch whose fate is not known yet.
pub(super) const SENT: u8 = 4;
/// The field was cleared: it is to leave the record.
pub(super) const CLEARED: u8 = 8;
/// The field was shown for the only time: what was shown is to leave the record, nothing else.
pub(super) const TAKEN: u8 = 16;

/// The request itself set the value, which owes nothing to what the record holds.
pub(super) const OWN: u8 = 32;

/// One byte for each field, without an allocation for most databags.
pub(super) type Flags = SmallVec<[u8; 24]>;

pub(super) struct Tracked<T> {
    pub(super) record: Option<Record>,
    /// What reached the store and is not in `record` yet.
    pub(super) arrived: Option<Patch>,
    pub(super) clock: Clock,
    pub(super) bag: Option<Held<T>>,
    /// One byte of the flags above for each of `T::FIELDS`; empty before the first access.
    pub(super) flags: Flags,
    /// When the values in the bag expire, of those that do.
    pub(super) deadlines: BTreeMap<usize, Timestamp>,
    /// What was done to counters.
    pub(super) moves: BTreeMap<usize, Moves>,
    /// What became of flash fields.
    pub(super) flashes: BTreeMap<usize, Flash>,
    pub(super) drops: Drops,
    /// Whether the session goes from the record's person to another, or to nobody, so that it shows no more of what the
    /// record holds than what is kept.
    pub(super) departed: bool,
    /// Whether the record may be replaced by what the last patch made of it.
    pub(super) in_flight: bool,
    pub(super) accessed: bool,
    /// The fields that could not be read, until the hook is called.
    pub(super) ignored: Vec<Ignored>,
    pub(super) on_ignored: Option<OnIgnored>,
    /// What this is the data of.
    pub(super) owner: Option<Owner>,
}

impl<T: Databag> Tracked<T> {
    pub(super) fn new(record: Option<Record>) -> Self {
        Self {
            record,
            arrived: None,
            clock: Clock::system(),
            bag: None,
            flags: Flags::new(),
            deadlines: BTreeMap::new(),
            moves: BTreeMap::new(),
            flashes: BTreeMap::new(),
            drops: Drops::default(),
            departed: false,
            in_flight: false,
            accessed: false,
            ignored: Vec::new(),
            on_ignored: None,
            owner: None,
        }
    }

    /// A bag of which every stored field counts as written.
    pub(super) fn from_bag(bag: T) -> Self {
        let flags = smallvec![DECODED | CHANGED; T::FIELDS.len()];
        let mut tracked = Self { bag: Some(bag.into()), flags, ..Self::new(None) };
        for index in 0..T::FIELDS.len() {
            tracked.note(index);
        }
        tracked
    }

    /// Makes of the record what the store holds by now.
    pub(super) fn catch_up(&mut self) {
        if let (Some(patch), Some(record)) = (&self.arrived, &self.record) {
            // The store accepted the patch, so there is no conflict.
            self.record = record.apply(patch).ok().or_else(|| self.record.take());
            self.arrived = None;
        }
    }

    /// What the record says of its session by now, without making it anew.
    pub(super) fn meta(&self) -> Option<Meta> {
        let meta = self.record.as_ref()?.meta();
        Some(self.arrived.as_ref().map_or(meta, |patch| patch.meta(meta)))
    }

    /// The bag, with whatever was decoded or written so far.
    pub(super) fn bag(&mut self) -> &mut T {
        self.accessed = true;
        self.start()
    }

    pub(super) fn start(&mut self) -> &mut T {
        if self.flags.is_empty() {
            self.flags = smallvec![0; T::FIELDS.len()];
        }
        self.bag.get_or_insert_default()
    }

    /// Writes to the field at `index` of the bag.
    pub(super) fn write<R>(&mut self, index: usize, change: u8, writer: impl FnOnce(&mut T) -> R) -> R {
        self.mark(index, change);
        let returned = writer(self.bag());
        self.stamp(index);
        self.note(index);
        if T::FIELDS[index].is_principal() {
            self.judge();
        }
        returned
    }

    pub(super) fn mark(&mut self, index: usize, change: u8) {
        self.start();
        self.flags[index] = (self.flags[index] & !(CLEARED | TAKEN)) | DECODED | change;
    }

    /// Gives a value that was just set its time.
    fn stamp(&mut self, index: usize) {
        match T::FIELDS[index].ttl.filter(|_| self.flags[index] & CLEARED == 0) {
            Some(ttl) => self.deadlines.insert(index, self.clock.now().after(ttl)),
            None => self.deadlines.remove(&index),
        };
    }

    /// Takes note of what a write meant besides the value.
    fn note(&mut self, index: usize) {
        let is_cleared = self.flags[index] & CLEARED != 0;
        match T::FIELDS[index].kind {
            Kind::Plain | Kind::Cas => {}
            Kind::Counter { .. } => {
                let number = if is_cleared { 0 } else { self.number(index) };
                self.moves.entry(index).or_default().push(Move::Set(number));
                self.count(index);
            }
            Kind::Flash => self.flash(index).set(!is_cleared),
        }
    }

    /// The bag, with the field at `index` decoded.
    pub(super) fn decoded(&mut self, index: usize) -> &mut T {
        self.bag();
        if self.flags[index] & DECODED == 0 {
            self.decode(index);
            self.flags[index] |= DECODED;
        } else if !self.deadlines.is_empty() {
            self.expire(index);
        }
        self.bag()
    }

    fn decode(&mut self, index: usize) {
        let field = &T::FIELDS[index];
        if let Kind::Counter { .. } = field.kind {
            return self.count(index);
        }
        let scope = self.scope();
        let bag = self.bag.get_or_insert_default();
        let Some(stored) = live(self.record.as_ref(), field, scope, &self.clock) else { return };
        match (bag.decode(index, stored), header::deadline(stored)) {
            (Err(error), _) => self.ignored.push(Ignored::of::<T>(index, error)),
            (Ok(()), Some(deadline)) => drop(self.deadlines.insert(index, deadline)),
            (Ok(()), None) => {}
        }
    }

    /// Goes back to the default where the value's time has passed.
    pub(super) fn expire(&mut self, index: usize) {
        if self.deadlines.get(&index).is_some_and(|deadline| *deadline <= self.clock.now()) {
            self.reset(index);
            self.flags[index] = DECODED;
        }
    }

    /// Puts the default back, without a change to write.
    pub(super) fn reset(&mut self, index: usize) {
        let mut default = Held::default();
        self.start().swap(&mut default, index);
        self.deadlines.remove(&index);
    }

    /// Adds to a counter.
    pub(super) fn add(&mut self, index: usize, by: i64) {
        self.decoded(index);
        let Kind::Counter { min, max } = T::FIELDS[index].kind else { return };
        let own = self.own(index);
        let before = self.number(index);
        let by = before.saturating_add(by).clamp(min, max).saturating_sub(before);
        if by != 0 {
            self.mark(index, CHANGED | own);
            self.moves.entry(index).or_default().push(Move::Add(by));
            self.count(index);
        }
    }

    /// Shows in a counter what was done to it since the record.
    pub(super) fn count(&mut self, index: usize) {
        let field = &T::FIELDS[index];
        let Kind::Counter { min, max } = field.kind else { return };
        let moved = self.moves.get(&index).copied().unwrap_or_default().total();
        self.put_number(index, 0);
        let scope = self.scope();
        let bag = self.bag.get_or_insert_default();
        let stored = live(self.record.as_ref(), field, scope, &self.clock);
        if let (Some(stored), Move::Add(_)) = (stored, moved)
            && let Err(error) = bag.decode(index, stored)
            && self.flags[index] & DECODED == 0
        {
            self.ignored.push(Ignored::of::<T>(index, error));
        }
        let number = moved.on(self.number(index)).clamp(min, max);
        self.put_number(index, number);
    }

    fn put_number(&mut self, index: usize, number: i64) {
        let put = self.start().decode(index, &counter(number));
        debug_assert!(put.is_ok(), "a counter takes any number");
    }

    /// What a counter shows.
    fn number(&mut self, index: usize) -> i64 {
        let mut value = Vec::new();
        let encoded = self.start().encode(index, &mut value);
        encoded.ok().and_then(|_| read_counter(&value)).unwrap_or(0)
    }

    /// Drops the values in `scope`, but not what is known of a patch under way.
    pub(super) fn forget(&mut self, scope: Scope) {
        let stays = |index: &usize| !scope.includes(&T::FIELDS[*index]);
        let decoded = |index: &usize| self.flags.get(*index).is_some_and(|flags| flags & DECODED != 0);
        let stay: Vec<_> = (0..T::FIELDS.len()).filter(|index| stays(index) && decoded(index)).collect();
        let mut bag = (!stay.is_empty()).then(Held::<T>::default);
        if let (Some(new), Some(old)) = (&mut bag, &mut self.bag) {
            for index in stay {
                new.swap(old, index);
            }
        }
        self.bag = bag;
        for (_, flags) in self.flags.iter_mut().enumerate().filter(|(index, _)| !stays(index)) {
            *flags &= SENT;
        }
        self.deadlines.retain(|index, _| stays(index));
        self.moves.retain(|index, _| stays(index));
        self.flashes.retain(|index, _| stays(index));
        self.drops.add(scope);
        if T::FIELDS.iter().any(|field| field.is_principal() && scope.includes(field)) {
            self.judge();
        }
    }

    /// Which fields the record counts for no more.
    #[inline]
    pub(super) fn scope(&self) -> Scope {
        self.drops.scope().max(if self.departed { Scope::Unkept } else { Scope::Nothing })
    }

    /// What the record holds of a field, unless that was dropped or has expired.
    pub(super) fn live(&self, field: &Field) -> Option<&[u8]> {
        live(self.record.as_ref(), field, self.scope(), &self.clock)
    }
}

/// What a record holds of a field, unless that was dropped or has expired.
pub(super) fn live<'a>(
    record: Option<&'a Record>,
    field: &Field,
    scope: Scope,
    clock: &Clock,
) -> Option<&'a [u8]> {
    let value = stored(record.filter(|_| !scope.includes(field))?, field)?;
    header::deadline(value).is_none_or(|deadline| clock.now() < deadline).then_some(value)
}

/// What a record holds of a field, under whichever name.
pub(super) fn stored<'a>(record: &'a Record, field: &Field) -> Option<&'a [u8]> {
    field.names().find_map(|name| record.get(name))
}
