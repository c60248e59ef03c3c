//! Maps whose entries are encoded separately.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use serde::de::DeserializeOwned;
use serde::ser::Serialize;

use super::counter::{Count, decode_counter, encode_counter};
use super::entry_key::{self, KeyError, entry_key};
use super::error::CodecError;
use super::format::Codec;
use super::value::{decode, encode};

/// A map whose entries are stored separately.
#[diagnostic::on_unimplemented(
    message = "the entries of `{Self}` cannot be stored one by one",
    label = "not a map for `#[databag(entries)]`",
    note = "write `BTreeMap<K, V>` or `HashMap<K, V>`, with keys and values that are `Serialize + DeserializeOwned`"
)]
pub trait EntryMap: Default {
    /// The type of its keys.
    type Key: Serialize + DeserializeOwned;
    /// The type of its values.
    type Value: Serialize + DeserializeOwned;

    /// Returns the keys.
    fn keys(&self) -> impl Iterator<Item = &Self::Key>;

    /// Returns the value of a key.
    fn get(&self, key: &Self::Key) -> Option<&Self::Value>;

    /// Sets the value of a key and returns the former one.
    fn insert(&mut self, key: Self::Key, value: Self::Value) -> Option<Self::Value>;

    /// Removes a key and returns its value.
    fn remove(&mut self, key: &Self::Key) -> Option<Self::Value>;
}

macro_rules! entry_map {
    ($map:ident $($hasher:ident)?, $($bound:tt)*) => {
        impl<K, V, $($hasher)?> EntryMap for $map<K, V, $($hasher)?>
        where
            K: Serialize + DeserializeOwned + $($bound)*,
            V: Serialize + DeserializeOwned,
            $($hasher: BuildHasher + Default,)?
        {
            type Key = K;
            type Value = V;

            fn keys(&self) -> impl Iterator<Item = &K> {
                self.keys()
            }

            fn get(&self, key: &K) -> Option<&V> {
                self.get(key)
            }

            fn insert(&mut self, key: K, value: V) -> Option<V> {
                self.insert(key, value)
            }

            fn remove(&mut self, key: &K) -> Option<V> {
                self.remove(key)
            }
        }
    };
}

entry_map! { BTreeMap, Ord }
entry_map! { HashMap S, Eq + Hash }

/// The entries of a field, whatever the types of its map. Keys are the text that `entry_key` returns.
pub trait Entries {
    /// Returns the keys.
    ///
    /// # Errors
    ///
    /// When one of them cannot name an entry.
    fn keys(&self) -> Result<Vec<String>, KeyError>;

    /// Appends the encoded value of a key to `out`; `false` if there is none.
    ///
    /// # Errors
    ///
    /// When the value cannot be encoded.
    fn encode(&self, key: &str, out: &mut Vec<u8>) -> Result<bool, CodecError>;

    /// Puts a stored value into the map.
    ///
    /// # Errors
    ///
    /// When key or value are not of the map's types. The map is then unchanged.
    fn decode(&mut self, key: &str, value: &[u8]) -> Result<(), CodecError>;

    /// Removes a key.
    fn remove(&mut self, key: &str);
}

/// Entries with values in a codec.
pub struct EncodedEntries<'a, M: EntryMap> {
    /// The map.
    pub map: &'a mut M,
    /// The codec of new values.
    pub codec: Codec,
    /// The version of the values.
    pub version: Option<u32>,
}

impl<M: EntryMap> Entries for EncodedEntries<'_, M> {
    fn keys(&self) -> Result<Vec<String>, KeyError> {
        self.map.keys().map(entry_key).collect()
    }

    fn encode(&self, key: &str, out: &mut Vec<u8>) -> Result<bool, CodecError> {
        let Some(value) = self.map.get(&entry_key::decode(key)?) else { return Ok(false) };
        encode(value, self.codec, self.version, out).map(|()| true)
    }

    fn decode(&mut self, key: &str, value: &[u8]) -> Result<(), CodecError> {
        self.map.insert(entry_key::decode(key)?, decode(value, self.version)?);
        Ok(())
    }

    fn remove(&mut self, key: &str) {
        remove(self.map, key);
    }
}

/// Entries with counters as values.
pub struct CounterEntries<'a, M: EntryMap<Value: Count>>(pub &'a mut M);

impl<M: EntryMap<Value: Count>> Entries for CounterEntries<'_, M> {
    fn keys(&self) -> Result<Vec<String>, KeyError> {
        self.0.keys().map(entry_key).collect()
    }

    fn encode(&self, key: &str, out: &mut Vec<u8>) -> Result<bool, CodecError> {
        let Some(value) = self.0.get(&entry_key::decode(key)?) else { return Ok(false) };
        encode_counter(*value, out);
        Ok(true)
    }

    fn decode(&mut self, key: &str, value: &[u8]) -> Result<(), CodecError> {
        self.0.insert(entry_key::decode(key)?, decode_counter(value)?);
        Ok(())
    }

    fn remove(&mut self, key: &str) {
        remove(self.0, key);
    }
}

fn remove(map: &mut impl EntryMap, key: &str) {
    if let Ok(key) = entry_key::decode(key) {
        map.remove(&key);
    }
}
