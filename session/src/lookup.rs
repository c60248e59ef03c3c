//! Lookup and revocation of sessions by principal or by another indexed field.

use session_core::{Cursor, HandleId, Page, Record};

use crate::data::{IndexedValue, listed_fields, principal_value};
use crate::databag::Databag;
use crate::error::Error;
use crate::manager::SessionManager;
use crate::session_event::EndReason;
use crate::session_info::{SessionInfo, SessionPage};

impl<T: Databag> SessionManager<T> {
    /// Returns the live sessions of a principal, for a page that lists where a user is signed in.
    ///
    /// The principal is the value of the field marked `principal`, without its `Option`, borrowed in any form that
    /// owns to it: `&7`, `&user.id`, `"ada"`.
    ///
    /// ```
    /// # use session::{Databag, MemoryStore, SessionManager};
    /// #[derive(Databag)]
    /// struct UserSession {
    ///     #[databag(principal)]
    ///     user_id: Option<u64>,
    ///     #[databag(label)]
    ///     device: String,
    ///     cart: Vec<String>,
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
    /// for listed in manager.sessions_of(&7).await? {
    ///     let here = if listed.is_current(&session) { " (this one)" } else { "" };
    ///     println!("{} since {:?}{here}", listed.labels.device, listed.meta.created_at);
    /// }
    /// let ended = manager.destroy_all(&7, session.id()).await?;
    /// assert_eq!(ended, 0, "the current session was excepted");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Manage`] when the store fails or keeps nothing on the server, [`Error::Field`] when the principal cannot
    /// be encoded.
    #[doc(alias = "devices")]
    #[doc(alias = "find_by_principal")]
    pub async fn sessions_of<Q>(&self, principal: &Q) -> Result<Vec<SessionInfo<T>>, Error>
    where
        Q: ToOwned<Owned = T::Principal> + ?Sized,
    {
        self.find_held(indexed_by::<T, _>(principal)).await
    }

    /// Returns the live sessions in which a field marked `index` or `principal` holds the value that `which` sets.
    ///
    /// ```
    /// # use session::{Databag, MemoryStore, SessionManager};
    /// #[derive(Databag)]
    /// struct UserSession {
    ///     #[databag(index)]
    ///     tenant: String,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), session::Error> {
    /// # let manager = SessionManager::<UserSession>::new(MemoryStore::new());
    /// let of_acme = manager.sessions_where(|of| of.set_tenant("acme")).await?;
    /// # assert!(of_acme.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::NotIndexed`] unless `which` sets exactly one such field; those of
    /// [`sessions_of`](SessionManager::sessions_of) otherwise.
    pub async fn sessions_where(
        &self,
        which: impl FnOnce(&T::Accessors),
    ) -> Result<Vec<SessionInfo<T>>, Error> {
        self.find_held(self.indexed_value(which)).await
    }

    /// Ends the live sessions of a principal, except the one of the handle id `except`, and returns how many: for "log
    /// out everywhere", or everywhere else.
    ///
    /// Each is reported as [ended everywhere](EndReason::Everywhere), unless the store does not know the sessions, like a
    /// revocable cookie store, for which the result is 0. Their data is not loaded:
    /// [`on_deleted`](crate::Builder::on_deleted) gets their principal alone.
    ///
    /// # Errors
    ///
    /// Those of [`sessions_of`](SessionManager::sessions_of). Some sessions may have been ended; the call can be
    /// repeated.
    #[doc(alias = "logout_everywhere")]
    #[doc(alias = "sign_out_everywhere")]
    #[doc(alias = "revoke")]
    pub async fn destroy_all<Q>(&self, principal: &Q, except: Option<HandleId>) -> Result<u64, Error>
    where
        Q: ToOwned<Owned = T::Principal> + ?Sized,
    {
        self.end(indexed_by::<T, _>(principal), except).await
    }

    /// Ends the live sessions in which an indexed field holds a value, except the one of the handle id `except`, and
    /// returns how many; `which` sets the value, as for [`sessions_where`](SessionManager::sessions_where).
    ///
    /// # Errors
    ///
    /// Those of [`sessions_where`](SessionManager::sessions_where). Some sessions may have been ended; the call can be
    /// repeated.
    pub async fn destroy_where(
        &self,
        which: impl FnOnce(&T::Accessors),
        except: Option<HandleId>,
    ) -> Result<u64, Error> {
        self.end(self.indexed_value(which), except).await
    }

    /// Ends one session of a principal, and returns whether it existed: for "sign out that device".
    ///
    /// A session of another principal is left alone, so the handle id may come from the user's own request.
    /// Its data is not loaded: [`on_deleted`](crate::Builder::on_deleted) gets its principal alone.
    ///
    /// # Errors
    ///
    /// Those of [`sessions_of`](SessionManager::sessions_of).
    #[doc(alias = "revoke")]
    pub async fn destroy_one<Q>(&self, principal: &Q, id: HandleId) -> Result<bool, Error>
    where
        Q: ToOwned<Owned = T::Principal> + ?Sized,
    {
        let Some((name, value)) = indexed_by::<T, _>(principal)? else { return Ok(false) };
        self.end_one(id, Some((name, &value))).await
    }

    /// Ends the session of a handle id, of any principal, and returns whether it existed: for administrators.
    ///
    /// The store may have to scan all sessions. One that is renewed meanwhile may be missed.
    /// Its data is not loaded: [`on_deleted`](crate::Builder::on_deleted) gets its handle id alone.
    ///
    /// # Errors
    ///
    /// [`Error::Manage`] when the store fails or keeps nothing on the server.
    pub async fn destroy_by_id(&self, id: HandleId) -> Result<bool, Error> {
        self.end_one(id, None).await
    }

    /// Returns a page of about `limit` live sessions of all principals and visitors, in the order of the store: for
    /// administrators. `after` is the [`next`](SessionPage::next) of the page before.
    ///
    /// Every session that is live while all pages are read is on one of them. A page may be short or empty although
    /// others follow.
    ///
    /// ```
    /// # use session::{Databag, MemoryStore, SessionManager};
    /// # #[derive(Databag)]
    /// # struct UserSession { #[databag(principal)] user_id: Option<u64> }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let manager = SessionManager::<UserSession>::new(MemoryStore::new());
    /// // The query `?after=…` of the administrator's request.
    /// # let query: Option<&str> = None;
    /// let after = query.map(str::parse).transpose()?;
    /// let page = manager.list(after.as_ref(), 50).await?;
    /// for session in page.sessions {
    ///     println!("{} {:?}", session.meta.id, session.labels.user_id);
    /// }
    /// if let Some(next) = page.next {
    ///     println!("next page: ?after={next}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Manage`] when the store fails or keeps nothing on the server.
    #[doc(alias = "pagination")]
    pub async fn list(&self, after: Option<&Cursor>, limit: usize) -> Result<SessionPage<T>, Error> {
        let engine = &self.engine;
        let page = engine.io(engine.store.list(after, limit, engine.clock.now())).await;
        let Page { records, next } = self.manage(page)?;
        Ok(SessionPage { sessions: self.listed(records), next })
    }

    async fn end_one(&self, id: HandleId, holding: Option<(&str, &[u8])>) -> Result<bool, Error> {
        let (engine, now) = (&self.engine, self.engine.clock.now());
        let is_ended = self.manage(engine.io(engine.store.destroy_by_id(id, holding, now)).await)?;
        if is_ended {
            engine.notify_ended(&[id], EndReason::ByHandleId, holding);
        }
        Ok(is_ended)
    }

    async fn find_held(
        &self,
        held: Result<Option<IndexedValue>, Error>,
    ) -> Result<Vec<SessionInfo<T>>, Error> {
        let Some((name, value)) = held? else { return Ok(Vec::new()) };
        let now = self.engine.clock.now();
        let fields = listed_fields::<T>();
        let found =
            self.manage(self.engine.io(self.engine.store.find_by(name, &value, &fields, now)).await)?;
        Ok(self.listed(found))
    }

    fn listed(&self, records: Vec<Record>) -> Vec<SessionInfo<T>> {
        let info = |record: Record| SessionInfo { meta: record.meta(), labels: self.labels(record) };
        records.into_iter().map(info).collect()
    }

    fn labels(&self, record: Record) -> T::Labels {
        let copy = self.engine.copy::<T>(Some(record));
        copy.shared.contents().labels::<T>(copy.view)
    }

    async fn end(
        &self,
        held: Result<Option<IndexedValue>, Error>,
        except: Option<HandleId>,
    ) -> Result<u64, Error> {
        let Some((name, value)) = held? else { return Ok(0) };
        let (engine, now) = (&self.engine, self.engine.clock.now());
        let ended = self.manage(engine.io(engine.store.destroy_by(name, &value, except, now)).await)?;
        engine.notify_ended(&ended, EndReason::Everywhere, Some((name, &value)));
        Ok(ended.len() as u64)
    }

    /// The one indexed field that `which` sets, and its value as it is stored.
    fn indexed_value(&self, which: impl FnOnce(&T::Accessors)) -> Result<Option<IndexedValue>, Error> {
        let data = self.engine.copy::<T>(None);
        which(&T::accessors(data.clone()));
        let mut set = data
            .shared
            .contents()
            .indexed_values::<T>(data.view)
            .map_err(|(name, source)| Error::Field { name, source })?;
        if set.len() == 1 { Ok(set.pop()) } else { Err(Error::NotIndexed) }
    }
}

/// Returns the stored value of a principal; `None` for one that is not stored, so that no session holds it.
fn indexed_by<T: Databag, Q>(principal: &Q) -> Result<Option<IndexedValue>, Error>
where
    Q: ToOwned<Owned = T::Principal> + ?Sized,
{
    principal_value::<T>(principal.to_owned()).map_err(|(name, source)| Error::Field { name, source })
}
