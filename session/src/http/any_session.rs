//! A session whose databag only the handler knows.

use std::any::Any;
use std::sync::Arc;

use crate::databag::Databag;
use http::{HeaderMap, StatusCode};
use session_core::BoxFuture;

use super::finish::Finish;
use crate::link::Due;
use crate::live::Live;
use crate::plan::Ask;
use crate::step::{Age, When};

/// A session whose databag is not known here. A status is that of the response that is ready, `None` for a panic.
pub(super) trait AnySession: Any + Send + Sync {
    /// Lets the response leave where there is plainly nothing to write and nothing to tell the client. `None`, and
    /// nothing done, where a commit has to decide.
    fn settle(&self) -> Option<Finish>;
    /// Brings the store to where the session is. No token can be sent after what this says.
    fn commit(self: Arc<Self>, status: Option<StatusCode>) -> BoxFuture<'static, Finish>;
    /// Tells the client what is due.
    fn send(&self, due: Due, headers: &mut HeaderMap);
}

impl<T: Databag> AnySession for Live<T> {
    fn settle(&self) -> Option<Finish> {
        let transport = &self.engine.transport;
        if transport.rolling || transport.check(&self.incoming()).is_err() {
            return None;
        }
        Live::settle(self).map(Finish::nothing)
    }

    fn commit(self: Arc<Self>, status: Option<StatusCode>) -> BoxFuture<'static, Finish> {
        Box::pin(async move {
            let transport = &self.engine.transport;
            if let Err(error) = transport.check(&self.incoming()) {
                self.engine.hooks.error(&error);
                // No token can be sent, and whoever leaves has left nevertheless.
                if self.data.departs() || self.link().ask == Ask::Destroy {
                    let when = When::Response { failed: true, used: false, age: Age::Untold };
                    Live::commit(&self, when).await.ok();
                }
                let mut finish = self.finish(Some(error));
                if finish.due != Due::Deletion {
                    finish.due = Due::Nothing;
                }
                return finish;
            }
            let failed = status.is_none_or(|status| status.is_server_error());
            let rolling = transport.rolling;
            let age = match status {
                None | Some(StatusCode::NOT_MODIFIED) => Age::Untold,
                Some(_) if rolling => Age::Rolling,
                Some(_) => Age::Moved,
            };
            let error = Live::commit(&self, When::Response { failed, used: rolling, age }).await.err();
            // A token that is due although the commit failed comes from an earlier save, and opens the session.
            self.finish(error)
        })
    }

    fn send(&self, due: Due, headers: &mut HeaderMap) {
        Live::send(self, due, headers);
    }
}
