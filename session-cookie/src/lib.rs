#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod base64url;
mod builder;
mod chunks;
mod contents;
mod envelope;
mod key;
mod key_error;
mod key_id;
mod refusal;
mod revocable;
mod ring;
mod store;

#[cfg(feature = "passphrase")]
mod passphrase;

pub use builder::{ConfigError, CookieStoreBuilder};
pub use chunks::{COOKIE_LIMIT, MAX_CHUNKS, is_chunk, join, join_all, split, stale_chunks};
pub use key::Key;
pub use key_error::KeyError;
pub use key_id::KeyId;
pub use ring::KeyRing;
pub use store::CookieStore;

// Dependencies for their `zeroize` features only, which make `aes-siv` and `hkdf` erase key material.
use {aes as _, cmac as _, hmac as _};
