//! A session whose databag only the handler knows.

use std::any::Any;

use session_core::{BoxFuture, Databag};

use super::outgoing::Outgoing;
use crate::plan::Ask;
use crate::step::When;
use crate::{Error, Session};

/// A session whose databag is not known here.
pub(super) trait AnySession: Send + Sync {
    fn as_any(&self) -> &dyn Any;
    /// Lets the response leave where there is nothing to write and nothing to tell the client: whether the session
    /// was accessed. `None`, and nothing done, where there may be.
    fn settle(&self, when: When) -> Option<bool>;
    fn commit(&self, when: When) -> BoxFuture<'_, Result<(), Error>>;
    fn is_accessed(&self) -> bool;
    /// What the client is told; nothing can be told after this.
    fn deliver(&self, roll: bool) -> Option<Outgoing>;
    /// No token can be sent any more.
    fn close(&self);
    /// The client was told.
    fn sent(&self, outgoing: &Outgoing);
}

impl<T: Databag> AnySession for Session<T> {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn settle(&self, when: When) -> Option<bool> {
        Session::settle(self, when)
    }

    fn commit(&self, when: When) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(Session::commit(self, when))
    }

    fn is_accessed(&self) -> bool {
        Session::is_accessed(self)
    }

    fn deliver(&self, roll: bool) -> Option<Outgoing> {
        let outgoing = self.outgoing(roll);
        let changed = self.live.has_changes();
        let mut link = self.link();
        link.delivered = true;
        link.left_behind = changed || link.ask != Ask::Keep;
        outgoing
    }

    fn close(&self) {
        self.link().delivered = true;
    }

    fn sent(&self, outgoing: &Outgoing) {
        Session::sent(self, outgoing);
    }
}
