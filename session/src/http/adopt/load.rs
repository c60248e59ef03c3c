//! Finds the old session that a request presents, and replaces it by a session of this library.
//!
//! The new session is stored before the old one ends: whatever fails or is cancelled in between, one of them is there. The token
//! of the new one is known to no client before the old one has ended, so that one old session has one successor.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use session_adopt::{Found, OldSession};
use session_core::{BoxError, Record, StoreError, Timestamp, Token};

use super::adoption::Adoption;
use crate::engine::{Engine, Seen};
use crate::error::Error;
use crate::events::Event;
use crate::http::client;
use crate::http::presented::Presented;
use crate::http::request_info::RequestInfo;
use crate::shared::Shared;
use crate::state::Response;
use crate::warning::Warning;

/// A stored session that continues one of another library.
pub(in crate::http) struct Adopted {
    token: Token,
    record: Record,
    /// Whether this request created it; otherwise an earlier one did, whose response may not have arrived yet.
    is_created: bool,
}

impl Adopted {
    /// Returns the session, whose token is pending.
    pub(in crate::http) fn open(
        &self,
        engine: &Arc<Engine>,
        presented: Presented,
        seen: Seen,
        response: Response,
    ) -> Shared {
        let (token, record) = (Some(self.token.clone()), Some(self.record.clone()));
        let mut shared = Shared::new(Arc::clone(engine), token, record, seen, response);
        shared.state().moved_to(self.token.clone());
        shared.presented = Some(presented);
        shared
    }

    pub(in crate::http) fn notify(&self, session: &Shared) {
        if self.is_created {
            session.notify_adopted();
        }
        session.notify(Event::Loaded);
    }
}

impl Engine {
    /// Adds the ids of old sessions that a request presents.
    pub(in crate::http) fn read_old(&self, mut presented: Presented, request: &RequestInfo<'_>) -> Presented {
        if let Some(adoption) = &self.adoption {
            let address = client::address(request, self.transport.trust_proxy);
            let ids = adoption.old.cookie().read(request.headers, address);
            if !ids.is_empty() {
                presented.old_mut().ids = ids;
            }
        }
        presented
    }

    /// Returns the session that continues an old one which the request presents.
    pub(in crate::http) async fn adopt(
        self: &Arc<Self>,
        presented: &mut Presented,
        seen: Seen,
    ) -> Result<Option<Adopted>, Error> {
        let ids = presented.old().map(|old| old.ids.clone()).unwrap_or_default();
        let (Some(adoption), false) = (&self.adoption, ids.is_empty()) else { return Ok(None) };
        // The client would not get the new token.
        if presented.obstacle().is_some() || self.transport.check(presented).is_err() {
            return Ok(None);
        }
        for id in &ids {
            let adopted = self.adopt_one(adoption, id, presented, seen.at).await;
            if let Some(adopted) = adopted.inspect_err(|error| self.hooks.error(error))? {
                presented.adopt();
                return Ok(Some(adopted));
            }
        }
        Ok(None)
    }

    async fn adopt_one(
        self: &Arc<Self>,
        adoption: &Adoption<Arc<Self>>,
        id: &str,
        presented: &Presented,
        now: Timestamp,
    ) -> Result<Option<Adopted>, Error> {
        match self.find_old(adoption, id, now).await? {
            None => Ok(None),
            Some(Found::Session(old)) => self.replace_old(adoption, id, &old, presented, now).await,
            Some(found) => self.follow_old(found, now).await,
        }
    }

    /// Looks up an old session. One that cannot be read is reported and counts as absent.
    async fn find_old(
        &self,
        adoption: &Adoption<Arc<Self>>,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<Found>, Error> {
        match self.io(adoption.old.find(id, now)).await {
            Err(error @ StoreError::Corrupt(_)) => {
                self.not_adopted(adoption, error.into());
                Ok(None)
            }
            found => found.map_err(Error::Load),
        }
    }

    async fn replace_old(
        self: &Arc<Self>,
        adoption: &Adoption<Arc<Self>>,
        id: &str,
        old: &OldSession,
        presented: &Presented,
        now: Timestamp,
    ) -> Result<Option<Adopted>, Error> {
        let record = match (adoption.map)(old, self, presented, now) {
            Ok(Some(record)) => record,
            Ok(None) => return Ok(None),
            Err(error) => {
                self.not_adopted(adoption, error);
                return Ok(None);
            }
        };
        let token = self.io(self.store.create(&record, now)).await.map_err(Error::Save)?;
        // After an error the old session may have ended. The new one stays, for the next request finds one of them.
        if self.io(adoption.old.replace(id, &token, now)).await.map_err(Error::Load)? {
            return Ok(Some(Adopted { token, record, is_created: true }));
        }
        // Another request was first. Nobody has this token, and the session expires if it is not destroyed.
        let _ = self.io(self.store.destroy(&token)).await;
        match self.find_old(adoption, id, now).await? {
            Some(found) => self.follow_old(found, now).await,
            None => Ok(None),
        }
    }

    /// Loads the session by which an earlier request replaced an old one, unless it has ended.
    async fn follow_old(&self, found: Found, now: Timestamp) -> Result<Option<Adopted>, Error> {
        let Found::Successor(token) = found else { return Ok(None) };
        let loaded = self.load_for_client(&token, now).await?;
        Ok(loaded.map(|record| Adopted { token, record, is_created: false }))
    }

    fn not_adopted(&self, adoption: &Adoption<Arc<Self>>, cause: BoxError) {
        let count = adoption.failures.fetch_add(1, Ordering::Relaxed) + 1;
        self.hooks.counted_warning(&Warning::NotAdopted(cause), count);
    }
}
