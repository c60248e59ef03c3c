#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod builder;
mod ciphers;
mod contents;
mod envelope;
mod key;
mod key_error;
mod pieces;
mod refusal;
mod revocable;
mod ring;
mod store;
mod text;

#[cfg(feature = "passphrase")]
mod passphrase;

pub use builder::{ConfigError, CookieStoreBuilder};
pub use key::{Key, KeyId};
pub use key_error::KeyError;
pub use pieces::{COOKIE_LIMIT, MAX_PIECES, is_piece, join, join_all, leftovers, split};
pub use ring::KeyRing;
pub use store::CookieStore;

// Their features make `aes-siv` and `hkdf` erase what they make of a key; they have no other use here.
use {aes as _, cmac as _, hmac as _};
