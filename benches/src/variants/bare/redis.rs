//! Redis store on the `redis` crate: one hash per session, HGETALL to read, one script to write.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use bincode::config::standard;
use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands as _, Client, Script};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::store::MinimalStore;
use crate::session_data::Visitor;

const HOUR: u32 = 3_600_000;
const WRITE: &str =
    "redis.call('HSET', KEYS[1], unpack(ARGV, 2)); return redis.call('PEXPIRE', KEYS[1], ARGV[1])";

#[derive(Clone)]
pub(super) struct Hashes {
    connection: MultiplexedConnection,
    write: Arc<Script>,
}

impl Hashes {
    pub(super) async fn new(url: &str) -> Result<Self> {
        let connection = Client::open(url)?.get_multiplexed_async_connection().await?;
        Ok(Self { connection, write: Arc::new(Script::new(WRITE)) })
    }
}

fn encode(value: impl Serialize) -> Result<Vec<u8>> {
    Ok(bincode::serde::encode_to_vec(value, standard())?)
}

fn decode<T: DeserializeOwned>(fields: &HashMap<String, Vec<u8>>, name: &str) -> Result<T> {
    let value = fields.get(name).context("a field is missing")?;
    Ok(bincode::serde::decode_from_slice(value, standard())?.0)
}

impl MinimalStore for Hashes {
    async fn load(&self, cookie: &str) -> Result<Visitor> {
        let fields: HashMap<String, Vec<u8>> = self.connection.clone().hgetall(cookie).await?;
        Ok(Visitor {
            user_id: decode(&fields, "user_id")?,
            name: decode(&fields, "name")?,
            roles: decode(&fields, "roles")?,
            counter: decode(&fields, "counter")?,
            token: decode(&fields, "token")?,
            preferences: decode(&fields, "preferences")?,
        })
    }

    async fn save(&self, cookie: Option<&str>, visitor: &Visitor) -> Result<Option<String>> {
        let mut connection = self.connection.clone();
        if let Some(cookie) = cookie {
            let mut call = self.write.key(cookie);
            call.arg(HOUR).arg("counter").arg(encode(visitor.counter)?);
            let () = call.invoke_async(&mut connection).await?;
            return Ok(None);
        }
        let mut key = [0; 16];
        getrandom::fill(&mut key)?;
        let key = format!("{:032x}", u128::from_be_bytes(key));
        let mut call = self.write.key(&key);
        call.arg(HOUR);
        call.arg("counter").arg(encode(visitor.counter)?).arg("user_id").arg(encode(visitor.user_id)?);
        call.arg("name").arg(encode(&visitor.name)?).arg("token").arg(encode(&visitor.token)?);
        call.arg("roles").arg(encode(&visitor.roles)?);
        call.arg("preferences").arg(encode(&visitor.preferences)?);
        let () = call.invoke_async(&mut connection).await?;
        Ok(Some(key))
    }
}
