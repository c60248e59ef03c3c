//! Failover announcements of sentinels, and the connection to the primary that they supersede.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use redis::{PushInfo, PushKind};
use tokio::time::Instant;

use crate::client::liveness::Liveness;
use crate::client::reply::{bytes, text};

/// Pub/sub channels for the steps of a failover: a sentinel attempts it, is elected to lead it, and has promoted a
/// replica.
pub(crate) const CHANNELS: [&str; 3] = ["+try-failover", "+elected-leader", "+switch-master"];
/// How long a failover may take before the old primary is used again, and how long some sentinels may not know of it.
pub(crate) const FAILOVER_TIMEOUT: Duration = Duration::from_secs(10);

/// A service that sentinels monitor, and the announcements about it.
pub(crate) struct Service {
    pub(crate) name: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Number of announcements received.
    announcements: u64,
    latest: Option<Announcement>,
    /// The primary, and the connection to it.
    primary: Option<(Address, Weak<Liveness>)>,
    /// The latest configuration epoch that a sentinel reported, and when one last did.
    epoch: Option<(u64, Instant)>,
}

/// An announcement by the sentinel with index `by`.
#[derive(Clone)]
pub(crate) struct Announcement {
    pub(crate) by: usize,
    pub(crate) at: Instant,
    /// The new primary; `None` at the start of a failover.
    pub(crate) primary: Option<Address>,
}

/// Address of a server as sentinels report it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Announcement {
    /// Parses a message from the sentinel with index `by`. Returns `None` if it does not concern the service.
    fn parse(service: &str, by: usize, push: &PushInfo) -> Option<Self> {
        let [channel, message] = push.data.as_slice() else { return None };
        let words: Vec<_> = text(message)?.split(' ').collect();
        let primary = match (&push.kind, bytes(channel)?, words.as_slice()) {
            (PushKind::Message, b"+try-failover" | b"+elected-leader", ["master", name, ..])
                if *name == service =>
            {
                None
            }
            (PushKind::Message, b"+switch-master", [name, _, _, host, port]) if *name == service => {
                Some(Address { host: (*host).to_owned(), port: port.parse().ok()? })
            }
            _ => return None,
        };
        Some(Self { by, at: Instant::now(), primary })
    }

    /// Whether the current primary must not be written to any more.
    fn supersedes(&self, primary: &Address) -> bool {
        self.primary.as_ref() != Some(primary)
    }
}

impl Service {
    pub(crate) fn new(name: String) -> Self {
        Self { name, state: Mutex::default() }
    }

    /// Handles a push message of a sentinel. Closes the connection to a primary that is about to be replaced.
    pub(crate) fn on_push(&self, by: usize, push: &PushInfo) {
        let Some(announcement) = Announcement::parse(&self.name, by, push) else { return };
        let mut state = self.state();
        if let Some((address, liveness)) = &state.primary
            && announcement.supersedes(address)
            && let Some(liveness) = liveness.upgrade()
        {
            liveness.supersede();
        }
        state.announcements += 1;
        state.latest = Some(announcement);
    }

    /// Registers the connection to a primary that was looked up after `announcements` announcements. Returns `false` if
    /// a later announcement supersedes it.
    pub(crate) fn register_primary(
        &self,
        address: &Address,
        liveness: &Arc<Liveness>,
        announcements: u64,
    ) -> bool {
        let mut state = self.state();
        let is_superseded = state.latest.as_ref().is_some_and(|latest| latest.supersedes(address));
        state.primary = Some((address.clone(), Arc::downgrade(liveness)));
        state.announcements == announcements || !is_superseded
    }

    /// Whether a reported configuration epoch is not older than one seen before. Sentinels that were set up anew start
    /// at zero, which is accepted once no later epoch was reported for [`FAILOVER_TIMEOUT`].
    pub(crate) fn is_current(&self, epoch: u64) -> bool {
        let mut state = self.state();
        let is_outdated =
            state.epoch.is_some_and(|(latest, at)| epoch < latest && at.elapsed() < FAILOVER_TIMEOUT);
        if !is_outdated {
            state.epoch = Some((epoch, Instant::now()));
        }
        !is_outdated
    }

    /// Number of announcements, and the latest one if some sentinels may not know of it yet.
    pub(crate) fn latest(&self) -> (u64, Option<Announcement>) {
        let state = self.state();
        let recent = state.latest.clone().filter(|latest| latest.at.elapsed() < FAILOVER_TIMEOUT);
        (state.announcements, recent)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use redis::Value;

    use super::*;

    fn message(channel: &str, message: &str) -> PushInfo {
        let text = |text: &str| Value::BulkString(text.as_bytes().to_vec());
        PushInfo { kind: PushKind::Message, data: vec![text(channel), text(message)] }
    }

    #[test]
    fn announcements_of_other_services_are_ignored() {
        let parse = |channel, text| Announcement::parse("mymaster", 3, &message(channel, text));
        for channel in ["+try-failover", "+elected-leader"] {
            let tried = parse(channel, "master mymaster 10.0.0.1 6379");
            assert!(matches!(tried, Some(Announcement { by: 3, primary: None, .. })));
        }
        let switched = parse("+switch-master", "mymaster 10.0.0.1 6379 10.0.0.2 6380");
        let primary = Address { host: "10.0.0.2".to_owned(), port: 6380 };
        assert_eq!(switched.unwrap().primary, Some(primary));
        for (channel, text) in [
            ("+try-failover", "master other 10.0.0.1 6379"),
            ("+switch-master", "other 10.0.0.1 6379 10.0.0.2 6380"),
            ("+switch-master", "mymaster 10.0.0.1 6379"),
            ("+sdown", "master mymaster 10.0.0.1 6379"),
            ("", ""),
        ] {
            assert!(parse(channel, text).is_none());
        }
    }
}
