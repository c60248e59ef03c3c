//! Typed access to single entries.
//!
//! A key that cannot name an entry reads as missing; writing to it makes the next patch fail.

use super::contents::Contents;
use super::entry_state::EntryKey;
use super::field_state::Write;
use crate::databag::Databag;

impl Contents {
    pub(crate) fn get_entry<T: Databag, R>(
        &mut self,
        place: usize,
        index: usize,
        key: &EntryKey,
        reader: impl FnOnce(&T) -> R,
    ) -> Option<R> {
        let (view, base) = self.view::<T>(place);
        let key = key.as_ref().ok()?;
        Some(reader(view.decoded_entry(base, index, key)))
    }

    pub(crate) fn insert_entry<T: Databag, R>(
        &mut self,
        place: usize,
        index: usize,
        key: &EntryKey,
        writer: impl FnOnce(&mut T) -> R,
    ) -> Option<R> {
        let (view, base) = self.view::<T>(place);
        let key = view.check_key(index, key)?;
        Some(view.write_entry(base, index, key, Write::Set, writer))
    }

    pub(crate) fn remove_entry<T: Databag, R>(
        &mut self,
        place: usize,
        index: usize,
        key: &EntryKey,
        writer: impl FnOnce(&mut T) -> R,
    ) -> Option<R> {
        let (view, base) = self.view::<T>(place);
        let key = key.as_ref().ok()?;
        view.decoded_entry(base, index, key);
        Some(view.write_entry(base, index, key, Write::Clear, writer))
    }

    pub(crate) fn add_to_entry<T: Databag, R>(
        &mut self,
        place: usize,
        index: usize,
        key: &EntryKey,
        by: i64,
        reader: impl FnOnce(&T) -> R,
    ) -> Option<R> {
        let (view, base) = self.view::<T>(place);
        let key = view.check_key(index, key)?;
        view.add_to_entry(base, index, key, by);
        Some(reader(view.bag(base)))
    }

    pub(crate) fn clear_entries<T: Databag, R>(
        &mut self,
        place: usize,
        index: usize,
        writer: impl FnOnce(&mut T) -> R,
    ) -> R {
        let (view, base) = self.view::<T>(place);
        view.clear_entries(base, index, writer)
    }
}
