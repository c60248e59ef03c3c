//! State of a flash field in one request.

use super::wipe_on_drop::WipeOnDrop;
use crate::databag::Databag;

/// A flash field in one request.
pub(super) struct Flash<T: Databag> {
    /// The value that an earlier request set.
    pub(super) loaded: Option<Vec<u8>>,
    /// Whether it was taken, or dropped without being taken.
    pub(super) taken: bool,
    /// Whether this request set a value for a later one, or pushed to it.
    pub(super) own: bool,
    /// The items that this request pushed, unless it set or cleared the value since. The field holds them after the
    /// loaded value, or alone once that was taken.
    pub(super) pushed: Option<Pushed<T>>,
}

impl<T: Databag> Flash<T> {
    /// Marks the value as expired.
    pub(super) fn expired(&mut self) {
        self.taken |= self.own;
        self.own = false;
        self.pushed = None;
    }

    /// Marks the pushed items as stored.
    pub(super) fn saved(&mut self) {
        if let Some(Pushed { saved, unsaved, field }) = &mut self.pushed {
            (field.append)(saved, unsaved);
            *unsaved = field.empty();
        }
    }

    /// Discards the pushed items that were saved.
    pub(super) fn forget_saved(&mut self) {
        if let Some(Pushed { saved, field, .. }) = &mut self.pushed {
            *saved = field.empty();
        }
    }
}

/// The items that one request pushed to a flash field, each in the same field of a databag.
pub(super) struct Pushed<T: Databag> {
    saved: WipeOnDrop<T>,
    unsaved: WipeOnDrop<T>,
    field: CollectionField<T>,
}

impl<T: Databag> Pushed<T> {
    pub(super) fn new(field: CollectionField<T>) -> Self {
        Self { saved: field.empty(), unsaved: field.empty(), field }
    }

    /// The databag to push the next item to.
    pub(super) fn unsaved(&mut self) -> &mut T {
        &mut self.unsaved
    }

    /// A databag without items.
    pub(super) fn empty(&self) -> WipeOnDrop<T> {
        self.field.empty()
    }

    /// Adds the items to those of another databag.
    pub(super) fn append_to(&self, bag: &mut T) {
        (self.field.append)(bag, &self.saved);
        (self.field.append)(bag, &self.unsaved);
    }
}

/// A field of a databag whose type is a collection.
pub struct CollectionField<T> {
    /// Removes all items.
    pub clear: fn(&mut T),
    /// Adds clones of the items of another databag.
    pub append: fn(&mut T, &T),
}

impl<T: Databag> CollectionField<T> {
    /// A databag with no items in this field.
    fn empty(&self) -> WipeOnDrop<T> {
        let mut bag = WipeOnDrop::default();
        (self.clear)(&mut bag);
        bag
    }
}
