//! Old sessions that clients hold: which of them were adopted.

use std::time::Duration;

use session_core::{Revocations, StoreError, StoreKey, Timestamp};

use super::held::{Held, Stored};

/// How long a session may be adopted again, so that no request which is under way at the same time finds its visitor signed out.
const OVERLAP: Duration = Duration::from_secs(10);

pub(crate) struct Claims {
    adopted: Box<dyn Revocations>,
    /// When adoption ends, and nothing needs to be remembered any more.
    until: Timestamp,
}

impl Claims {
    pub(crate) fn new(adopted: impl Revocations, until: Timestamp) -> Self {
        Self { adopted: Box::new(adopted), until }
    }

    pub(crate) async fn find(&self, hash: [u8; 32], now: Timestamp) -> Result<Held, StoreError> {
        if now >= self.until {
            return Ok(Held::Nothing);
        }
        let floors = self.adopted.floors(&[StoreKey::from(hash)], now).await?;
        let is_open = floors.iter().all(|floor| floor.value == 0 || now.since(floor.since) < OVERLAP);
        let session = Stored { bytes: Vec::new(), expires_at: None };
        Ok(if is_open { Held::Session(session) } else { Held::Nothing })
    }

    pub(crate) async fn claim(&self, hash: [u8; 32], now: Timestamp) -> Result<bool, StoreError> {
        if now >= self.until {
            return Ok(false);
        }
        let before = self.adopted.raise(StoreKey::from(hash), u64::MAX, self.until, now).await?;
        Ok(before.value == 0 || now.since(before.since) < OVERLAP)
    }
}
