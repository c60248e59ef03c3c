//! Claims: exactly one of several concurrent requests takes a value.

use session_core::{Patch, Record, WriteOutcome};

use crate::data::Contents;
use crate::decide::Trigger;
use crate::error::Error;
use crate::plan::{Origin, Requested};
use crate::session_event::SessionEvent;
use crate::shared::Shared;
use crate::state::Response;

impl Shared {
    /// Applies the patch that claims a field, if it has a value. Returns the record after it, if
    /// this request got the value. Held under the commit lock.
    pub(crate) async fn claim(
        &self,
        field: &'static str,
        claim: impl FnOnce(&mut Contents) -> Option<Patch>,
    ) -> Result<Option<Record>, Error> {
        let engine = &self.engine;
        let store = &engine.store;
        let capabilities = store.capabilities();
        if capabilities.stateless {
            return Err(Error::Unclaimable { store: store.name() });
        }
        let input = self.commit_input(Trigger::Save);
        if input.response == Response::Copy {
            return Err(Error::Detached);
        }
        let (Origin::Stored, Requested::Nothing | Requested::Renew) = (input.origin, input.requested) else {
            return Ok(None);
        };
        let (patch, record) = {
            let mut contents = self.contents();
            (claim(&mut contents), contents.record().cloned())
        };
        let (Some(patch), Some(record), Some(token)) = (patch, record, &input.token) else { return Ok(None) };
        if capabilities.record_in_token && input.response == Response::Sent {
            return Err(Error::HeadersSent);
        }
        if capabilities.record_in_token && input.is_obstructed {
            self.warn_of_obstacle();
            return Ok(None);
        }
        let Ok(after) = record.apply(&patch) else { return Ok(None) };
        match engine.io(store.update(token, &patch, input.now)).await.map_err(Error::Save)? {
            WriteOutcome::Done => self.state().confirmed(false),
            // The response was sent meanwhile; no request has the value now.
            WriteOutcome::NewToken(_) if self.state().response == Response::Sent => {
                return Err(Error::HeadersSent);
            }
            WriteOutcome::NewToken(token) => self.state().moved_to(token),
            WriteOutcome::Gone => {
                self.state().gone(true);
                engine.hooks.gone(record.meta().id);
                return Ok(None);
            }
            WriteOutcome::Conflict(_) => {
                engine.hooks.event(|| SessionEvent::ClaimLost { id: record.meta().id, field });
                return Ok(None);
            }
            WriteOutcome::LimitReached => return Ok(None),
        }
        Ok(Some(after))
    }
}
