//! Interface that generated accessors call.

use crate::data::{Claim, CollectionField, Contents, EntryKey};
use crate::databag::Databag;
use crate::error::Error;
use crate::shared::Data;

/// Accessors hold a short lock while they run a closure.
///
/// # Panics
///
/// Using the same session's data inside such a closure panics with a message that says so; it never hangs.
impl<T: Databag> Data<T> {
    /// Reads the whole databag in place, decoding all of it.
    pub fn read<R>(&self, reader: impl FnOnce(&T) -> R) -> R {
        self.shared.contents().read(self.view, reader)
    }

    /// Reads one stored field.
    pub fn get<R>(&self, index: usize, reader: impl FnOnce(&T) -> R) -> R {
        self.shared.contents().get(self.view, index, reader)
    }

    /// Overwrites one stored field. `writer` returns the old value, which the caller drops outside the lock.
    pub fn set<R>(&self, index: usize, writer: impl FnOnce(&mut T) -> R) -> R {
        self.shared.contents().set(self.view, index, writer)
    }

    /// Changes one stored field in place.
    pub fn update<R>(&self, index: usize, writer: impl FnOnce(&mut T) -> R) -> R {
        self.shared.contents().update(self.view, index, writer)
    }

    /// Takes one stored field: `writer` replaces it by the default.
    pub fn take<R>(&self, index: usize, writer: impl FnOnce(&mut T) -> R) -> R {
        self.shared.contents().take(self.view, index, writer)
    }

    /// Adds to a counter. `reader` sees the sum as this request knows it.
    pub fn add<R>(&self, index: usize, by: i64, reader: impl FnOnce(&T) -> R) -> R {
        self.shared.contents().add(self.view, index, by, reader)
    }

    /// Passes `taker` a databag with the flash value of an earlier request, unless it was taken already.
    pub fn take_flash<R>(&self, index: usize, taker: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.shared.contents().take_flash(self.view, index, taker)
    }

    /// Appends to a flash field the items that `push` adds to the same field of a databag.
    pub fn push_flash(&self, index: usize, field: CollectionField<T>, push: impl FnOnce(&mut T)) {
        self.shared.contents().push_flash(self.view, index, field, push);
    }

    /// Keeps the flash value of an earlier request for the next one.
    pub fn keep_flash(&self, index: usize) {
        self.shared.contents().keep_flash::<T>(self.view, index);
    }

    /// Reads one entry of a stored field. `None` for a key that cannot name an entry.
    pub fn entry<R>(&self, index: usize, key: &EntryKey, reader: impl FnOnce(&T) -> R) -> Option<R> {
        self.shared.contents().get_entry(self.view, index, key, reader)
    }

    /// Sets one entry of a stored field. `writer` returns the old value, which the caller drops outside the lock.
    pub fn insert_entry<R>(
        &self,
        index: usize,
        key: &EntryKey,
        writer: impl FnOnce(&mut T) -> R,
    ) -> Option<R> {
        self.shared.contents().insert_entry(self.view, index, key, writer)
    }

    /// Removes one entry of a stored field.
    pub fn remove_entry<R>(
        &self,
        index: usize,
        key: &EntryKey,
        writer: impl FnOnce(&mut T) -> R,
    ) -> Option<R> {
        self.shared.contents().remove_entry(self.view, index, key, writer)
    }

    /// Adds to one entry of a stored field. `reader` sees the sum as this request knows it.
    pub fn add_to_entry<R>(
        &self,
        index: usize,
        key: &EntryKey,
        by: i64,
        reader: impl FnOnce(&T) -> R,
    ) -> Option<R> {
        self.shared.contents().add_to_entry(self.view, index, key, by, reader)
    }

    /// Removes all entries of a stored field: `writer` replaces it by an empty map.
    pub fn clear_entries<R>(&self, index: usize, writer: impl FnOnce(&mut T) -> R) -> R {
        self.shared.contents().clear_entries(self.view, index, writer)
    }

    /// Uses fields that are never stored.
    pub fn unstored<R>(&self, user: impl FnOnce(&mut T) -> R) -> R {
        self.shared.contents().unstored(self.view, user)
    }
}

/// Claims the flash value of an earlier request: removes it from the store and returns it to exactly one caller.
///
/// # Errors
///
/// [`Error::Detached`] for a copy, [`Error::Unclaimable`], [`Error::HeadersSent`], and errors of the
/// store.
pub async fn claim<T: Databag, R>(
    data: &Data<T>,
    index: usize,
    taker: impl FnOnce(&mut T) -> R,
) -> Result<Option<R>, Error> {
    claim_by(data, index, |contents| contents.claim(data.view, index), taker).await
}

/// Claims one entry of a stored field, in the same way. `None` for a key that cannot name an entry.
///
/// # Errors
///
/// Those of [`claim`].
pub async fn claim_entry<T: Databag, R>(
    data: &Data<T>,
    index: usize,
    key: EntryKey,
    taker: impl FnOnce(&mut T) -> R,
) -> Result<Option<R>, Error> {
    claim_by(data, index, |contents| contents.claim_entry(data.view, index, &key), taker).await
}

async fn claim_by<T: Databag, R>(
    data: &Data<T>,
    index: usize,
    begin: impl FnOnce(&mut Contents) -> Option<Claim<T>>,
    taker: impl FnOnce(&mut T) -> R,
) -> Result<Option<R>, Error> {
    let Data { shared, view, .. } = data;
    let _commit = shared.commit_lock.lock().await;
    let mut claimed: Option<Claim<T>> = None;
    let won = shared.claim(T::FIELDS[index].name, |contents| {
        claimed = begin(contents);
        claimed.as_ref().map(|claim| claim.patch.clone())
    });
    let won = won.await.inspect_err(|error| shared.engine.hooks.error(error))?;
    let Some(mut claim) = claimed else { return Ok(None) };
    let is_won = won.is_some();
    shared.contents().end_claim(*view, &claim, won);
    Ok(is_won.then(|| claim.take(taker)))
}
