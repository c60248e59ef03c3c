//! Memory store: a sharded map of records as bytes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};

use super::store::{MinimalStore, decode, encode};
use crate::session_data::Visitor;

const SHARDS: usize = 64;

type Shard = HashMap<u128, Box<[u8]>>;

#[derive(Clone)]
pub(crate) struct Map(Arc<[Mutex<Shard>]>);

impl Map {
    pub(crate) fn new() -> Self {
        Self((0..SHARDS).map(|_| Mutex::default()).collect())
    }

    fn lock(&self, key: u128) -> MutexGuard<'_, Shard> {
        let shard = usize::from(key.to_be_bytes()[0]) % SHARDS;
        self.0[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Inserts a record under a fresh key.
    pub(crate) fn insert(&self, record: Box<[u8]>) -> Result<u128> {
        let mut key = [0; 16];
        getrandom::fill(&mut key)?;
        let key = u128::from_be_bytes(key);
        self.lock(key).insert(key, record);
        Ok(key)
    }

    /// Returns a copy of a record.
    pub(crate) fn get(&self, key: u128) -> Option<Box<[u8]>> {
        self.lock(key).get(&key).cloned()
    }
}

impl MinimalStore for Map {
    async fn load(&self, cookie: &str) -> Result<Visitor> {
        let record = self.get(u128::from_str_radix(cookie, 16)?).context("no such session")?;
        decode(&record)
    }

    async fn save(&self, cookie: Option<&str>, visitor: &Visitor) -> Result<Option<String>> {
        let record = encode(visitor)?.into();
        if let Some(cookie) = cookie {
            let key = u128::from_str_radix(cookie, 16)?;
            self.lock(key).insert(key, record);
            return Ok(None);
        }
        Ok(Some(format!("{:032x}", self.insert(record)?)))
    }
}
