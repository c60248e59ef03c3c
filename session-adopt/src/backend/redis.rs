//! Old sessions in Redis: one string for each.

use redis::aio::MultiplexedConnection;
use redis::{Client, FromRedisValue, RedisError, Script, ScriptInvocation};
use session_core::{StoreError, Token};
use tokio::sync::Mutex;

use super::held::{Held, Stored};
use crate::successor;

/// Returns the sealed successor, or else the session, which an old version of the application may have written again.
const FIND: &str = "
local successor = redis.call('GET', KEYS[2])
if successor then return {2, successor} end
local session = redis.call('GET', KEYS[1])
if session then return {1, session} end
return {0, ''}
";

/// Replaces the session by its sealed successor. What may fail for lack of memory comes first.
const REPLACE: &str = "
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return redis.call('DEL', KEYS[1])
";

pub(crate) struct Redis {
    client: Client,
    /// Opened with the first command, and again after it failed.
    connection: Mutex<Option<MultiplexedConnection>>,
    /// Comes before ids in the names of keys.
    pub(super) prefix: String,
    find: Script,
    replace: Script,
}

impl Redis {
    pub(super) fn new(client: Client, prefix: &str) -> Self {
        let (find, replace) = (Script::new(FIND), Script::new(REPLACE));
        Self { client, connection: Mutex::default(), prefix: prefix.to_owned(), find, replace }
    }

    pub(super) async fn find(&self, id: &str) -> Result<Held, StoreError> {
        let (kind, bytes): (u8, Vec<u8>) = self.run(&self.at(&self.find, id)).await?;
        Ok(match kind {
            1 => Held::Session(Stored { bytes, expires_at: None }),
            2 => Held::Successor(String::from_utf8_lossy(&bytes).into_owned()),
            _ => Held::Nothing,
        })
    }

    pub(super) async fn replace(&self, id: &str, successor: &Token) -> Result<bool, StoreError> {
        let mut script = self.at(&self.replace, id);
        script.arg(successor::seal(id, successor)).arg(successor::FOUND_FOR.as_secs() * 1000);
        self.run(&script).await
    }

    /// A script on the keys of this session and its successor.
    fn at<'a>(&self, script: &'a Script, id: &str) -> ScriptInvocation<'a> {
        let mut script = script.prepare_invoke();
        script.key(format!("{}{id}", self.prefix)).key(successor::name(id));
        script
    }

    async fn run<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T, StoreError> {
        let mut connection = self.connect().await.map_err(|error| unavailable(&error))?;
        let reply = script.invoke_async(&mut connection).await;
        if reply.as_ref().is_err_and(RedisError::is_unrecoverable_error) {
            *self.connection.lock().await = None;
        }
        reply.map_err(|error| if error.is_timeout() { StoreError::Timeout } else { unavailable(&error) })
    }

    async fn connect(&self) -> Result<MultiplexedConnection, RedisError> {
        let mut connection = self.connection.lock().await;
        if let Some(connection) = &*connection {
            return Ok(connection.clone());
        }
        let new = self.client.get_multiplexed_async_connection().await?;
        Ok(connection.insert(new).clone())
    }
}

/// The text of an error may quote keys, which contain ids.
fn unavailable(error: &RedisError) -> StoreError {
    StoreError::Unavailable(
        format!("the Redis server of the old sessions failed: {}", error.category()).into(),
    )
}
