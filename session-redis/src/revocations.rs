//! What servers remember of sessions that clients hold themselves.
//!
//! A name is one key. Its value is the floor and since when it is there, until when it is remembered, the last call
//! that raised it, and what that was answered: six words, the numbers in 20 digits.

use redis::Value;
use session_core::{BoxFuture, Floor, HandleId, Revocations, StoreError, StoreKey, Timestamp};

use crate::batch::Call;
use crate::layout::{Damage, bytes};
use crate::outcome::corrupt;
use crate::script::RAISE;
use crate::servers::Repeat;
use crate::store::{Inner, RedisStore};

/// The list that a revocable `CookieStore` asks. It shares nothing with the store's own sessions but the servers and
/// the prefix: [`clear`](session_core::Store::clear) leaves it alone.
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
        until: Timestamp,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Floor, StoreError>> {
        Box::pin(self.0.raise(name, to, until, now))
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
        let answers = self.servers.ask_together(&calls, None, self.servers.until()).await?;
        let floor = |answer: Option<Value>| match answer {
            Some(Value::Nil) => Ok(Floor::default()),
            answer => {
                let stored = answer.as_ref().and_then(bytes).and_then(|stored| str::from_utf8(stored).ok());
                stored.and_then(|stored| read_stored(stored, now)).ok_or_else(|| corrupt(Damage::NotAFloor))
            }
        };
        answers.into_iter().map(floor).collect()
    }

    async fn raise(
        &self,
        name: StoreKey,
        to: u64,
        remembered: Timestamp,
        now: Timestamp,
    ) -> Result<Floor, StoreError> {
        let key = self.prefix.floor(&name);
        let mut cmd = self.servers.version(&RAISE).on(&[&key.name]);
        for number in [to, now.as_millis(), remembered.as_millis()] {
            cmd.arg(format!("{number:020}"));
        }
        // By this word a call that was sent twice is known, and answered as the first time.
        cmd.arg(HandleId::random()?.to_string());
        let until = self.servers.until();
        let answer = self.servers.run(&RAISE, &key, &cmd, Repeat::Safe, until).await.map_err(|failure| {
            let error = StoreError::from(failure);
            if let StoreError::Corrupt(_) = error { corrupt(Damage::NotAFloor) } else { error }
        })?;
        let before = bytes(&answer).and_then(|before| str::from_utf8(before).ok());
        before.and_then(|before| read_floor(&mut before.split(' '))).ok_or_else(|| corrupt(Damage::NotAFloor))
    }
}

/// The floor that is stored, unless it is not to be remembered any more.
fn read_stored(stored: &str, now: Timestamp) -> Option<Floor> {
    let mut words = stored.split(' ');
    let floor = read_floor(&mut words)?;
    let until = words.next()?.parse().ok()?;
    Some(if now < Timestamp::from_millis(until) { floor } else { Floor::default() })
}

fn read_floor<'a>(words: &mut impl Iterator<Item = &'a str>) -> Option<Floor> {
    let mut number = || words.next()?.parse().ok();
    Some(Floor { value: number()?, since: Timestamp::from_millis(number()?) })
}
