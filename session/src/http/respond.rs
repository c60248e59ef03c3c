//! The commit of a session when its response is ready.

use std::sync::Arc;

use http::StatusCode;

use super::commit_result::CommitResult;
use crate::decide::{CookieAge, Trigger};
use crate::error::Error;
use crate::plan::Requested;
use crate::shared::Shared;
use crate::state::{PendingCookie, Response, Unsaved};

impl Shared {
    /// The fast path: nothing to write and no cookie to send. Returns whether the session was accessed; `None`, without
    /// effect, if a commit is needed.
    pub(super) fn settle_response(&self) -> Option<bool> {
        let transport = &self.engine.transport;
        if transport.rolling || self.check_cookie().is_err() {
            return None;
        }
        self.settle()
    }

    /// Checks the attributes of this response's cookie.
    fn check_cookie(&self) -> Result<(), Error> {
        self.presented.as_ref().map_or(Ok(()), |presented| self.engine.transport.check(presented))
    }

    pub(super) async fn commit_response(self: Arc<Self>, status: Option<StatusCode>) -> CommitResult {
        if let Err(error) = self.check_cookie() {
            self.engine.hooks.error(&error);
            // No token can be sent, but a sign-out takes effect.
            if self.contents().departs() || self.state().requested == Requested::Destroy {
                let trigger = Trigger::Response { failed: true, used: false, age: CookieAge::Untold };
                self.commit(trigger).await.ok();
            }
            return self.close_response(Some(error), |pending| {
                pending == PendingCookie::Deletion && !self.is_obstructed()
            });
        }
        let failed = status.is_none_or(|status| status.is_server_error());
        let rolling = self.engine.transport.rolling;
        let age = match status {
            None | Some(StatusCode::NOT_MODIFIED) => CookieAge::Untold,
            Some(_) if rolling => CookieAge::Rolling,
            Some(_) => CookieAge::Moved,
        };
        let error = self.commit(Trigger::Response { failed, used: rolling, age }).await.err();
        // A token that is pending although the commit failed comes from an earlier save, and is valid.
        self.close_response(error, |_| !self.is_obstructed())
    }

    /// The result of the commit, with the pending cookie if that can be sent. No token can be sent after this.
    fn close_response(
        self: &Arc<Self>,
        error: Option<Error>,
        can_send: impl FnOnce(PendingCookie) -> bool,
    ) -> CommitResult {
        let (has_changes, is_used) = {
            let mut contents = self.contents_without_record();
            (contents.has_changes(), contents.is_accessed())
        };
        let mut state = self.state();
        let accessed = is_used || state.accessed;
        state.response = Response::Sent;
        state.unsaved = Unsaved::known_if(has_changes || state.requested != Requested::Nothing);
        let pending = state.take_pending(false);
        drop(state);
        let pending = if can_send(pending) { pending } else { PendingCookie::None };
        CommitResult::of(Arc::clone(self), error, pending, accessed)
    }
}
