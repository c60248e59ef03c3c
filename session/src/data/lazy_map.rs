//! Maps that most sessions leave empty.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

/// State of some of a databag's fields, by their index. Allocated when it is first borrowed mutably: an empty map costs
/// one word, and nothing to drop.
#[expect(clippy::box_collection, reason = "an empty map has to cost nothing, also when it is dropped")]
pub(super) struct LazyMap<V: 'static>(Option<Box<BTreeMap<usize, V>>>);

impl<V: 'static> LazyMap<V> {
    const EMPTY: &'static BTreeMap<usize, V> = &BTreeMap::new();

    pub(super) const fn new() -> Self {
        Self(None)
    }

    /// Removes a value, without allocating the map.
    pub(super) fn remove(&mut self, index: usize) -> Option<V> {
        self.0.as_mut()?.remove(&index)
    }

    /// Removes the values for which `keep` returns `false`, without allocating the map.
    pub(super) fn retain(&mut self, keep: impl FnMut(&usize, &mut V) -> bool) {
        if let Some(map) = &mut self.0 {
            map.retain(keep);
        }
    }
}

impl<V: 'static> Deref for LazyMap<V> {
    type Target = BTreeMap<usize, V>;

    fn deref(&self) -> &BTreeMap<usize, V> {
        self.0.as_deref().unwrap_or(Self::EMPTY)
    }
}

impl<V: 'static> DerefMut for LazyMap<V> {
    fn deref_mut(&mut self) -> &mut BTreeMap<usize, V> {
        self.0.get_or_insert_default()
    }
}
