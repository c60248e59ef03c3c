//! Sessions by whom they belong to, or by what else they are indexed.

use std::fmt;

use session_core::{Change, Databag, HandleId, Meta};

use crate::{Error, SessionManager};

/// A stored session as a list shows it: a copy, of no effect on the session.
pub struct Listed<T: Databag> {
    /// Its handle id, when it was created and last seen, and its deadlines.
    pub meta: Meta,
    /// Its data. What is set through it goes nowhere.
    pub data: T::Accessors,
}

impl<T: Databag> fmt::Debug for Listed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listed").field("meta", &self.meta).finish_non_exhaustive()
    }
}

impl<T: Databag> SessionManager<T> {
    /// The live sessions in which a field marked `principal` or `index` holds a value: `whose` sets it.
    ///
    /// For the page "where you are signed in"; the current session is the one whose
    /// [`id`](crate::Session::id) is the same.
    ///
    /// ```
    /// # use session::{Databag, MemoryStore, SessionManager};
    /// #[derive(Databag)]
    /// struct UserSession {
    ///     #[databag(principal)]
    ///     user_id: Option<u64>,
    ///     device: String,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), session::Error> {
    /// # let manager = SessionManager::<UserSession>::new(MemoryStore::new());
    /// let session = manager.create().await?;
    /// session.data.set_user_id(7);
    /// session.data.set_device("phone");
    /// session.save().await?;
    ///
    /// for listed in manager.sessions_of(|of| of.set_user_id(7)).await? {
    ///     println!("{} since {:?}", listed.data.device(), listed.meta.created_at);
    /// }
    /// let ended = manager.destroy_all(|of| of.set_user_id(7), session.id()).await?;
    /// assert_eq!(ended, 0, "the current session was excepted");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::NotIndexed`] unless `whose` sets exactly one such field, to something else than its default;
    /// [`Error::Manage`] when the store fails or keeps nothing on the server.
    pub async fn sessions_of(&self, whose: impl FnOnce(&T::Accessors)) -> Result<Vec<Listed<T>>, Error> {
        let (name, value) = self.indexed(whose)?;
        let now = self.engine.clock.now();
        let found = self.manage(self.engine.io(self.engine.store.find_by(name, &value, now)).await)?;
        let list = |record: session_core::Record| Listed {
            meta: record.meta(),
            data: T::accessors(self.engine.data(Some(record))),
        };
        Ok(found.into_iter().map(list).collect())
    }

    /// Ends the live sessions in which a field marked `principal` or `index` holds a value, but the one of the handle
    /// id `except`, and returns how many: for "log out everywhere", or everywhere else.
    ///
    /// Their data is not loaded, so [`on_deleted`](crate::Builder::on_deleted) is not told of them.
    ///
    /// # Errors
    ///
    /// Those of [`sessions_of`](SessionManager::sessions_of). Some may be ended then; it can be called again.
    pub async fn destroy_all(
        &self,
        whose: impl FnOnce(&T::Accessors),
        except: Option<HandleId>,
    ) -> Result<u64, Error> {
        let (name, value) = self.indexed(whose)?;
        let now = self.engine.clock.now();
        self.manage(self.engine.io(self.engine.store.destroy_by(name, &value, except, now)).await)
    }

    /// The one indexed field that `whose` sets, and its value as it is stored.
    fn indexed(&self, whose: impl FnOnce(&T::Accessors)) -> Result<(&'static str, Vec<u8>), Error> {
        let data = self.engine.data::<T>(None);
        whose(&T::accessors(data.clone()));
        let patch = data.patch(false).map_err(|(name, source)| Error::Field { name, source })?;
        let mut set = patch.changes().filter_map(|(name, change)| {
            let field = T::FIELDS.iter().find(|field| field.name == name && field.is_indexed())?;
            match change {
                Change::Set(value) | Change::Swap { value: Some(value), .. } => {
                    Some((field.name, value.clone()))
                }
                _ => None,
            }
        });
        match (set.next(), set.next()) {
            (Some(one), None) => Ok(one),
            _ => Err(Error::NotIndexed),
        }
    }
}
