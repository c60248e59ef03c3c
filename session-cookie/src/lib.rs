#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod builder;
mod chunks;
mod contents;
mod envelope;
mod key;
mod key_error;
mod refusal;
mod revocable;
mod ring;
mod store;
mod text;

#[cfg(feature = "passphrase")]
mod passphrase;

pub use builder::{ConfigError, CookieStoreBuilder};
pub use chunks::{COOKIE_LIMIT, MAX_CHUNKS, is_chunk, join, join_all, leftovers, split};
pub use key::{Key, KeyId};
pub use key_error::KeyError;
pub use ring::KeyRing;
pub use store::CookieStore;

// Their features make `aes-siv` and `hkdf` erase what they make of a key; they have no other use here.
use {aes as _, cmac as _, hmac as _};
