//! Revocation list for sealed cookies.
//!
//! Each name is one key. Its value has six words, numbers in 20 digits: the floor, since when it is there, until when
//! it is kept, the id of the last call that raised it, and the two words that this call returned.

use redis::Value;
use session_core::{BoxFuture, Floor, HandleId, Revocations, StoreError, StoreKey, Timestamp};

use crate::client::batch::Call;
use crate::client::reply::text;
use crate::client::send::Retry;
use crate::damage::Damage;
use crate::inner::Inner;
use crate::lua::script::RAISE_FLOOR;
use crate::store::RedisStore;

/// Revocation list of a `CookieStore`. It shares only servers and prefix with the store's own sessions:
/// [`clear`](session_core::Store::clear) does not remove it.
impl Revocations for RedisStore {
    fn floors<'a>(
        &'a self,
        names: &'a [StoreKey],
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Floor>, StoreError>> {
        Box::pin(self.0.floors(names, now))
    }

    fn raise(
        &self,
        name: StoreKey,
        to: u64,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Floor, StoreError>> {
        Box::pin(self.0.raise(name, to, expires_at, now))
    }
}

impl Inner {
    async fn floors(&self, names: &[StoreKey], now: Timestamp) -> Result<Vec<Floor>, StoreError> {
        let calls: Vec<_> = names
            .iter()
            .map(|name| {
                let key = self.prefix.floor(name);
                Call { cmd: redis::cmd("GET").arg(&key.name).take(), key }
            })
            .collect();
        let replies = self.client.query_chunk(&calls, None, self.client.deadline()).await?;
        let floor = |reply: Option<Value>| match reply {
            Some(Value::Nil) => Ok(Floor::default()),
            reply => {
                let stored = reply.as_ref().and_then(text);
                stored.and_then(|stored| read_stored(stored, now)).ok_or_else(|| Damage::NotAFloor.into())
            }
        };
        replies.into_iter().map(floor).collect()
    }

    async fn raise(
        &self,
        name: StoreKey,
        to: u64,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Floor, StoreError> {
        let key = self.prefix.floor(&name);
        let mut cmd = self.client.version(&RAISE_FLOOR).call(&[&key.name]);
        for number in [to, now.as_millis(), expires_at.as_millis()] {
            cmd.arg(format!("{number:020}"));
        }
        // Identifies the call, so that a second execution returns what the first one did.
        cmd.arg(HandleId::random()?.to_string());
        let deadline = self.client.deadline();
        let reply = self.client.run(&RAISE_FLOOR, &key, &cmd, Retry::Safe, deadline).await;
        let reply = reply.map_err(|failure| match StoreError::from(failure) {
            StoreError::Corrupt(_) => Damage::NotAFloor.into(),
            error => error,
        })?;
        let before = text(&reply).and_then(|before| read_floor(&mut before.split(' ')));
        before.ok_or_else(|| Damage::NotAFloor.into())
    }
}

/// The stored floor, or the default one if it is no longer kept.
fn read_stored(stored: &str, now: Timestamp) -> Option<Floor> {
    let mut words = stored.split(' ');
    let floor = read_floor(&mut words)?;
    let expires_at = words.next()?.parse().ok()?;
    Some(if now < Timestamp::from_millis(expires_at) { floor } else { Floor::default() })
}

fn read_floor<'a>(words: &mut impl Iterator<Item = &'a str>) -> Option<Floor> {
    let mut number = || words.next()?.parse().ok();
    Some(Floor { value: number()?, since: Timestamp::from_millis(number()?) })
}
