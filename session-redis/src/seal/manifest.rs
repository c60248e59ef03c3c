//! Sealed hashes: each field is sealed by itself, and a manifest binds all of them to each other.
//!
//! The manifest is the sealed value of the field `s`: a counter of the session's writes (8 bytes, little-endian), and
//! the SHA-256 of names and stored values of the other fields. With it, no field can be removed, added or rolled back
//! alone.

use redis::Value;
use session_core::Record;
use session_core::seal::SealRing;
use sha2::{Digest as _, Sha256};

use crate::client::reply::pairs;
use crate::damage::Damage;
use crate::key::Key;
use crate::layout::{META_FIELDS, each_field};
use crate::seal::{entry, place};

/// Name of the field that holds the manifest.
pub(crate) const MANIFEST: &str = "s";
/// Name of the field that the manifest covers and that is not sealed itself, since scripts read it.
const DEADLINES: &str = "d";

/// Seals the fields of a record. The manifest comes last.
pub(crate) fn seal(record: &Record, writes: u64, key: &Key, ring: &SealRing) -> Vec<(String, Vec<u8>)> {
    let mut fields = Vec::new();
    each_field(record, |name, value| {
        fields.push(match entry::sealed_form(name, value, key, ring) {
            Some((name, value)) => {
                let sealed = ring.seal(place(key, &name), &value);
                (name, sealed)
            }
            None if name == DEADLINES => (name.to_owned(), value.to_vec()),
            None => (name.to_owned(), ring.seal(place(key, name), value)),
        });
    });
    let digest = digest(fields.iter().map(|(name, value)| (name.as_bytes(), &value[..])).collect());
    let manifest = [&writes.to_le_bytes()[..], &digest].concat();
    fields.push((MANIFEST.to_owned(), ring.seal(place(key, MANIFEST), &manifest)));
    fields
}

/// Verifies that the fields of a hash were sealed together. Returns the counter of writes.
pub(crate) fn verify(fields: &[(&[u8], &[u8])], key: &Key, ring: &SealRing) -> Result<u64, Damage> {
    let stored = find(fields, MANIFEST).ok_or(Damage::Manifest)?;
    let manifest = ring.open(place(key, MANIFEST), stored).ok_or(Damage::Seal)?;
    let (writes, sealed) = manifest.split_first_chunk().ok_or(Damage::Manifest)?;
    let covered = fields.iter().filter(|(name, _)| is_covered(name)).copied().collect();
    if sealed == digest(covered) { Ok(u64::from_le_bytes(*writes)) } else { Err(Damage::Manifest) }
}

/// A sealed hash as it is stored.
pub(crate) struct Stored<'a> {
    pub(crate) fields: Vec<(&'a [u8], &'a [u8])>,
    pub(crate) writes: u64,
}

impl<'a> Stored<'a> {
    pub(crate) fn read(reply: &'a Value, key: &Key, ring: &SealRing) -> Result<Self, Damage> {
        let fields = pairs(reply).ok_or(Damage::NotASession)?;
        let writes = verify(&fields, key, ring)?;
        Ok(Self { fields, writes })
    }

    /// The sealed value of a field.
    pub(crate) fn get(&self, name: &str) -> Option<&'a [u8]> {
        find(&self.fields, name)
    }

    /// Names of its fields that are not among `others`.
    pub(crate) fn without(&self, others: &[(String, Vec<u8>)]) -> Vec<&'a [u8]> {
        let names = self.fields.iter().map(|(name, _)| *name).filter(|name| is_covered(name));
        names.filter(|name| others.iter().all(|(other, _)| other.as_bytes() != *name)).collect()
    }
}

fn find<'a>(fields: &[(&[u8], &'a [u8])], name: &str) -> Option<&'a [u8]> {
    fields.iter().find_map(|(other, value)| (*other == name.as_bytes()).then_some(*value))
}

fn is_covered(name: &[u8]) -> bool {
    name.starts_with(b"f:") || META_FIELDS.iter().any(|field| field.as_bytes() == name)
}

fn digest(mut fields: Vec<(&[u8], &[u8])>) -> [u8; 32] {
    fields.sort_unstable();
    let mut digest = Sha256::new();
    for part in fields.into_iter().flat_map(<[&[u8]; 2]>::from) {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}
