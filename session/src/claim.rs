//! Values that exactly one of several requests may have.

use std::any::Any;
use std::sync::{Arc, Weak};

use crate::data::{Claim, Data};
use crate::databag::Databag;
use session_core::{Kind, WriteOutcome};

use crate::Error;
use crate::live::Live;
use crate::plan::{Ask, Origin};
use crate::step::When;

/// Takes what an earlier request left in the flash field at `index` out of the store, for this caller alone.
///
/// # Errors
///
/// [`Error::Detached`] when the session's handles are gone, [`Error::Unclaimable`], [`Error::HeadersSent`], and whatever
/// keeps the store from writing.
pub async fn claim<T: Databag, R>(
    data: &Data<T>,
    index: usize,
    taker: impl FnOnce(&mut T) -> R,
) -> Result<Option<R>, Error> {
    let owner = data.owner().and_then(|owner| owner.downcast::<Live<T>>().ok());
    let Some(live) = owner else { return Err(Error::Detached) };
    let _turn = live.turn.take().await;
    live.claim(index, taker).await.inspect_err(|error| live.engine.hooks.error(error))
}

impl<T: Databag> Live<T> {
    /// Makes it what handles share. The accessors of fields that can be claimed find it again.
    pub(crate) fn share(self) -> Arc<Self> {
        let live = Arc::new(self);
        if T::FIELDS.iter().any(|field| field.kind == Kind::Flash) {
            let owner: Weak<Self> = Arc::downgrade(&live);
            live.data.set_owner(owner as Weak<dyn Any + Send + Sync>);
        }
        live
    }

    async fn claim<R>(&self, index: usize, taker: impl FnOnce(&mut T) -> R) -> Result<Option<R>, Error> {
        let (engine, data) = (&self.engine, &self.data);
        let store = &engine.store;
        if store.capabilities().stateless {
            return Err(Error::Unclaimable { store: store.name() });
        }
        let start = self.start(When::Now);
        let (Origin::Stored, Ask::Keep | Ask::Renew) = (start.origin, start.ask) else { return Ok(None) };
        let (Some(claim), Some(record), Some(token)) = (data.claim(index), data.record(), &start.token)
        else {
            return Ok(None);
        };
        if store.capabilities().record_in_token && start.delivered {
            return Err(Error::HeadersSent);
        }
        if store.capabilities().record_in_token && start.barred {
            self.warn_of_obstacle();
            return Ok(None);
        }
        let Ok(after) = record.apply(claim.patch()) else { return Ok(self.lost(&claim)) };
        match engine.io(store.update(token, claim.patch(), start.now)).await.map_err(Error::Save)? {
            WriteOutcome::Done => self.link().kept(false),
            // The response left meanwhile; nobody has the value now.
            WriteOutcome::NewToken(_) if self.link().delivered => return Err(Error::HeadersSent),
            WriteOutcome::NewToken(token) => self.link().moved_to(token),
            WriteOutcome::Gone => {
                self.link().lost();
                engine.hooks.gone(record.meta().id);
                return Ok(self.lost(&claim));
            }
            WriteOutcome::Conflict(_) | WriteOutcome::LimitReached => return Ok(self.lost(&claim)),
        }
        Ok(Some(data.won(claim, after, taker)))
    }

    fn lost<R>(&self, claim: &Claim<T>) -> Option<R> {
        self.data.lost(claim);
        None
    }
}
