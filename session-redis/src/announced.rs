//! What sentinels announce of a service, and what follows for the connection to its primary.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use redis::{PushInfo, PushKind};
use tokio::time::Instant;

use crate::layout::bytes;
use crate::pulse::Pulse;

/// What sentinels announce that tells of a failover: that one tries it, that it was elected to, and the result.
pub(crate) const CHANNELS: [&str; 3] = ["+try-failover", "+elected-leader", "+switch-master"];
/// How long a failover may take before the primary is used on, and how long some sentinels may not know of it.
pub(crate) const FAILOVER: Duration = Duration::from_secs(10);

/// What is announced of a service.
pub(crate) struct Service {
    pub(crate) name: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// How many announcements there were.
    announcements: u64,
    latest: Option<Announcement>,
    /// The primary, and the connection to it.
    primary: Option<(Address, Weak<Pulse>)>,
    /// The latest failover that a sentinel knew of, and when one did the last time.
    epoch: Option<(u64, Instant)>,
}

/// What the sentinel of an index announced of a service.
#[derive(Clone)]
pub(crate) struct Announcement {
    pub(crate) by: usize,
    pub(crate) at: Instant,
    /// The primary from now on; `None` where a failover begins.
    pub(crate) primary: Option<Address>,
}

/// Where a server is, as sentinels spell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Announcement {
    /// What a message of the sentinel of this index says of a service, if it does.
    fn of(service: &str, by: usize, push: &PushInfo) -> Option<Self> {
        let [channel, message] = push.data.as_slice() else { return None };
        let words: Vec<_> = str::from_utf8(bytes(message)?).ok()?.split(' ').collect();
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

    /// Whether a server is not to be written to any more, which was the primary until now.
    fn replaces(&self, primary: &Address) -> bool {
        self.primary.as_ref() != Some(primary)
    }
}

impl Service {
    pub(crate) fn new(name: String) -> Self {
        Self { name, state: Mutex::default() }
    }

    /// Takes note of what a sentinel says unasked, and leaves the primary that is about to be replaced at once.
    pub(crate) fn hear(&self, by: usize, push: &PushInfo) {
        let Some(announcement) = Announcement::of(&self.name, by, push) else { return };
        let mut state = self.state();
        if let Some((address, pulse)) = &state.primary
            && announcement.replaces(address)
            && let Some(pulse) = pulse.upgrade()
        {
            pulse.supersede();
        }
        state.announcements += 1;
        state.latest = Some(announcement);
    }

    /// Notes the connection to a primary that was found after so many announcements. `false` when another announcement
    /// came that replaces it.
    pub(crate) fn follow(&self, address: &Address, pulse: &Arc<Pulse>, announcements: u64) -> bool {
        let mut state = self.state();
        let is_replaced = state.latest.as_ref().is_some_and(|latest| latest.replaces(address));
        state.primary = Some((address.clone(), Arc::downgrade(pulse)));
        state.announcements == announcements || !is_replaced
    }

    /// Whether what a sentinel knows is not older than what one knew before. Sentinels that were set up anew begin again,
    /// which is believed when none knows better for long enough.
    pub(crate) fn is_current(&self, epoch: u64) -> bool {
        let mut state = self.state();
        let is_outdated = state.epoch.is_some_and(|(latest, at)| epoch < latest && at.elapsed() < FAILOVER);
        if !is_outdated {
            state.epoch = Some((epoch, Instant::now()));
        }
        !is_outdated
    }

    /// How many announcements there were, and the last of them, if not all sentinels may know of it yet.
    pub(crate) fn announced(&self) -> (u64, Option<Announcement>) {
        let state = self.state();
        let recent = state.latest.clone().filter(|latest| latest.at.elapsed() < FAILOVER);
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
    fn announcements_of_other_services_are_not_ours() {
        let of = |channel, text| Announcement::of("mymaster", 3, &message(channel, text));
        for channel in ["+try-failover", "+elected-leader"] {
            let tried = of(channel, "master mymaster 10.0.0.1 6379");
            assert!(matches!(tried, Some(Announcement { by: 3, primary: None, .. })));
        }
        let switched = of("+switch-master", "mymaster 10.0.0.1 6379 10.0.0.2 6380");
        let primary = Address { host: "10.0.0.2".to_owned(), port: 6380 };
        assert_eq!(switched.unwrap().primary, Some(primary));
        for (channel, text) in [
            ("+try-failover", "master other 10.0.0.1 6379"),
            ("+switch-master", "other 10.0.0.1 6379 10.0.0.2 6380"),
            ("+switch-master", "mymaster 10.0.0.1 6379"),
            ("+sdown", "master mymaster 10.0.0.1 6379"),
            ("", ""),
        ] {
            assert!(of(channel, text).is_none());
        }
    }
}
