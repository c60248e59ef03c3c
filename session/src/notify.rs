//! Reports events of sessions to the listeners of single events and to the callback of all events.

use std::sync::Arc;
use std::time::Duration;

use session_core::{HandleId, Meta, Record, Timestamp};

use crate::data::Handover;
use crate::engine::Engine;
use crate::events::Event;
use crate::session_event::{EndReason, SessionEvent};
use crate::shared::Shared;
use crate::state::Ending;

impl Shared {
    /// Reports that the session was created.
    pub(crate) fn notify_started(&self) {
        self.notify(Event::Started);
        self.report(|id| SessionEvent::Started { id });
        if self.engine.hooks.hear_events() && self.contents().has_principal() {
            self.report(|id| SessionEvent::SignedIn { id });
        }
    }

    /// Reports that the session was created as the continuation of one of another library.
    #[cfg(feature = "adopt")]
    pub(crate) fn notify_adopted(&self) {
        self.notify(Event::Started);
        self.report(|id| SessionEvent::Started { id });
        self.report(|id| SessionEvent::Adopted { id });
    }

    /// Reports that the session got a new token under the same handle id.
    pub(crate) fn notify_renewed(&self, handover: Handover, authenticates: bool) {
        self.notify(Event::Regenerated);
        self.report(|id| SessionEvent::Renewed { id });
        if handover == Handover::SignedIn {
            self.report(|id| SessionEvent::SignedIn { id });
        } else if authenticates {
            self.report(|id| SessionEvent::Reauthenticated { id });
        }
    }

    /// Reports that the principal of the session, whose record was `before`, changed or was removed.
    pub(crate) fn notify_handed_over(&self, before: Record) {
        let hooks = &self.engine.hooks;
        if hooks.hear_events() {
            let (before, is_signed_in) = (before.meta().id, self.contents().has_principal());
            self.report(|id| {
                if is_signed_in {
                    SessionEvent::PrincipalChanged { before, id }
                } else {
                    SessionEvent::SignedOut { id: before }
                }
            });
            hooks.event(|| SessionEvent::Ended { id: before, how: EndReason::PrincipalChanged });
        }
        self.notify_of(Event::Deleted, before);
        self.notify(Event::Started);
        self.report(|id| SessionEvent::Started { id });
    }

    /// Reports that the session was destroyed through its handle.
    pub(crate) fn notify_destroyed(&self, Ending { record, how }: Ending) {
        let hooks = &self.engine.hooks;
        if hooks.hear_events() {
            let id = record.meta().id;
            if self.contents().principal_in(&record).is_some() {
                hooks.event(|| SessionEvent::SignedOut { id });
            }
            hooks.event(|| SessionEvent::Ended { id, how });
        }
        self.notify_of(Event::Deleted, record);
    }

    /// Reports an event of the session under its present handle id.
    fn report(&self, event: impl FnOnce(HandleId) -> SessionEvent) {
        if self.engine.hooks.hear_events()
            && let Some(meta) = self.contents_without_record().meta()
        {
            self.engine.hooks.event(|| event(meta.id));
        }
    }
}

impl Engine {
    /// Reports sessions that were ended without being loaded. Of their data, listeners see the field and value `held` by
    /// which they were found.
    pub(crate) fn notify_ended(
        self: &Arc<Self>,
        ids: &[HandleId],
        how: EndReason,
        held: Option<(&str, &[u8])>,
    ) {
        for id in ids.iter().copied() {
            self.hooks.event(|| SessionEvent::Ended { id, how });
            if self.listeners.hear(Event::Deleted) {
                self.listeners.notify(Event::Deleted, Record::new(&unread_meta(id), held), self);
            }
        }
    }
}

/// The meta of a record that was not read, of which only the handle id is known.
fn unread_meta(id: HandleId) -> Meta {
    Meta {
        id,
        created_at: Timestamp::from_millis(0),
        authenticated_at: None,
        idle_deadline: Timestamp::NEVER,
        idle_timeout: Duration::MAX,
        lifetime_deadline: Timestamp::NEVER,
        remember: false,
    }
}
