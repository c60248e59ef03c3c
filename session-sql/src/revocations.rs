//! Revocation list for sealed cookies.

use std::collections::HashMap;

use session_core::{BoxFuture, Floor, Revocations, StoreError, StoreKey, Timestamp};

use crate::backend::with_backend;
use crate::floor::Raise;
use crate::store::SqlStore;

/// Revocation list of a `CookieStore`, in a table of its own: [`clear`](session_core::Store::clear) does not remove it.
/// [`sweep`](session_core::Store::sweep) removes the names that have expired.
impl Revocations for SqlStore {
    fn floors<'a>(
        &'a self,
        names: &'a [StoreKey],
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Floor>, StoreError>> {
        Box::pin(async move {
            if names.is_empty() {
                return Ok(Vec::new());
            }
            let floors = with_backend!(self.backend, database => database.floors(names, now).await)?;
            let floors: HashMap<StoreKey, Floor> = floors.into_iter().collect();
            Ok(names.iter().map(|name| floors.get(name).copied().unwrap_or_default()).collect())
        })
    }

    /// Repeats the call once if the reply of the database was lost.
    fn raise(
        &self,
        name: StoreKey,
        to: u64,
        until: Timestamp,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Floor, StoreError>> {
        Box::pin(async move {
            let raise = Raise::new(name, to, until, now)?;
            with_backend!(self.backend, database => match database.raise(&raise).await {
                Err(StoreError::Timeout) => database.raise(&raise).await,
                result => result,
            })
        })
    }
}
