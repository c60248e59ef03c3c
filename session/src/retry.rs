//! Retrying a change after a conflict.

use crate::databag::Databag;

use crate::error::Error;
use crate::session::Session;

/// The maximum number of attempts before a conflict is an error.
const TRIES: usize = 16;

impl<T: Databag> Session<T> {
    /// Changes data and saves it; repeats after a reload as long as another request changed a `cas` field meanwhile.
    ///
    /// Changes made before the call are saved with the first attempt, and dropped with the second.
    ///
    /// ```
    /// # use session::{Databag, MemoryStore, SessionManager};
    /// #[derive(Databag)]
    /// struct Seat {
    ///     #[databag(cas)]
    ///     taken_by: Option<String>,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), session::Error> {
    /// # let session = SessionManager::<Seat>::new(MemoryStore::new()).create().await?;
    /// let is_mine = session
    ///     .retry(|seat| {
    ///         let free = seat.taken_by().is_none();
    ///         if free {
    ///             seat.set_taken_by("ada");
    ///         }
    ///         free
    ///     })
    ///     .await?;
    /// # assert!(is_mine);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`save`](Session::save) and [`reload`](Session::reload); [`Error::Conflict`] only after
    /// sixteen attempts.
    pub async fn retry<R>(&self, mut change: impl FnMut(&T::Accessors) -> R) -> Result<R, Error> {
        for _ in 1..TRIES {
            let result = change(&self.data);
            match self.save().await {
                Err(Error::Conflict { .. }) => self.reload().await?,
                saved => return saved.map(|()| result),
            }
        }
        let result = change(&self.data);
        self.save().await.map(|()| result)
    }
}
