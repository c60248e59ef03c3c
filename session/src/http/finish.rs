//! What a commit means for the response.

use crate::databag::Databag;
use session_core::BoxFuture;

use crate::Error;
use crate::link::Due;
use crate::live::Live;
use crate::plan::Ask;

/// What a commit means for the response.
pub(crate) struct Finish {
    /// What replaces the handler's response.
    pub(crate) error: Option<Error>,
    pub(super) due: Due,
    pub(super) accessed: bool,
}

impl Finish {
    /// There was nothing to write, and there is nothing to tell the client.
    pub(super) fn nothing(accessed: bool) -> Self {
        Self { error: None, due: Due::Nothing, accessed }
    }
}

/// What a response that is ready waits for.
pub(crate) enum Finishing {
    /// Nothing, and it stays as it is: nobody asked for the session.
    Unused,
    /// Nothing.
    Settled(Finish),
    Commit(BoxFuture<'static, Finish>),
}

impl<T: Databag> Live<T> {
    /// What the response needs after the commit. No token can be sent after this.
    pub(super) fn finish(&self, error: Option<Error>) -> Finish {
        let changed = self.data.has_changes();
        let accessed = self.is_accessed();
        let mut link = self.link();
        link.delivered = true;
        link.left_behind = changed || link.ask != Ask::Keep;
        let due = link.take_due(false);
        let due = if link.deliverable { due } else { Due::Nothing };
        Finish { error, due, accessed }
    }
}
