//! Responses that need no commit.

use crate::databag::Databag;

use crate::engine::Touch;
use crate::link::{Due, Wishes};
use crate::live::Live;
use crate::plan::{Ask, Origin};
use crate::step::Slide;

impl<T: Databag> Live<T> {
    /// Lets the response leave where there is plainly nothing to write and nothing to tell the client: whether the
    /// session was accessed. `None`, and nothing done, where a commit has to decide.
    pub(crate) fn settle(&self) -> Option<bool> {
        let data = self.data.unwritten()?;
        let _turn = self.turn.try_take()?;
        let mut link = self.link();
        let accessed = data.accessed || link.accessed;
        let is_lost = link.lost && self.engine.settings.strict;
        if link.ask != Ask::Keep || link.due != Due::Nothing || link.wishes != Wishes::default() || is_lost {
            return None;
        }
        if let (Origin::Stored, Some(meta), Some(token)) = (link.origin, data.meta, &link.token) {
            let used = accessed || link.touch == Touch::EveryRequest;
            let slide = Slide::of(link.touch, &meta, self.engine.clock.now());
            if used && slide.is_some_and(|slide| slide.due) || self.engine.store.wants_rewrite(token) {
                return None;
            }
        }
        (link.delivered, link.left_behind) = (true, false);
        Some(accessed)
    }
}
