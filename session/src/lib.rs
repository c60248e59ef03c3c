#![doc = include_str!("docs/overview.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "http")]
mod access_rejection;
mod accessors;
mod authentication;
#[cfg(feature = "http")]
mod binding;
#[cfg(feature = "derive")]
mod bounds;
mod builder;
mod claim;
#[cfg(feature = "http")]
mod client_change;
mod clock;
mod codec;
mod commit;
mod config_error;
mod data;
mod databag;
mod deadlines;
mod decide;
mod default;
mod description;
mod engine;
mod error;
mod events;
mod expiry;
mod listeners;
mod lookup;
mod manager;
mod notify;
mod open;
mod outcome;
mod plan;
mod policy;
mod report;
mod retry;
mod session;
mod session_event;
mod session_info;
mod session_limit;
mod settings;
mod shared;
#[cfg(feature = "http")]
mod signed_in;
mod state;
mod warning;

#[cfg(feature = "actix")]
mod actix;
#[cfg(feature = "axum")]
mod axum;
#[cfg(feature = "csrf")]
pub mod csrf;
#[cfg(all(feature = "derive", feature = "memory"))]
pub mod guide;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "memory")]
mod memory;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "tower")]
mod tower;

#[cfg(feature = "http")]
pub use access_rejection::AccessRejection;
#[cfg(feature = "actix")]
pub use actix::{GuardMiddlewareService, SessionMiddleware, SessionMiddlewareService};
pub use builder::{Build, Builder};
#[cfg(feature = "http")]
pub use client_change::ClientChange;
pub use clock::{Clock, ManualClock};
pub use codec::{Codec, CodecError};
pub use config_error::ConfigError;
pub use data::{MissingField, UnreadableField};
pub use databag::{Databag, HasPrincipal, NoPrincipal};
pub use default::{configure, manager};
pub use description::Description;
pub use error::Error;
#[cfg(feature = "http")]
pub use error::SessionRejection;
#[cfg(feature = "http")]
pub use http::{
    ClientAddr, CommitResult, Connection, CookieAttributes, Exchange, Finish, Guard, GuardResponse, Priority,
    RequestInfo, ReturnTo, SameSite, Secure, SiteData, guard,
};
pub use manager::SessionManager;
#[cfg(feature = "memory")]
pub use memory::{MemoryStore, MemoryStoreBuilder};
pub use policy::Policy;
pub use session::Session;
#[cfg(feature = "cookie")]
pub use session_cookie::{CookieStore, Key, KeyRing};
#[cfg(any(feature = "redis-seal", feature = "sql-seal"))]
pub use session_core::seal::{SealKey, SealKeyError};
pub use session_core::{Cursor, Evict, HandleId, Meta, Record, Refusal, Store, StoreError, Timestamp, Token};
#[cfg(feature = "derive")]
#[doc = include_str!("docs/databag.md")]
pub use session_derive::Databag;
pub use session_event::{EndReason, SessionEvent};
pub use session_info::{SessionInfo, SessionPage};
#[cfg(feature = "redis")]
pub use session_redis::RedisStore;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
pub use session_sql::SqlStore;
pub use settings::Touch;
#[cfg(feature = "http")]
pub use signed_in::{Fresh, SignedIn};
#[cfg(feature = "tower")]
pub use tower::{GuardService, ResponseFuture, SessionLayer, SessionService};
pub use warning::Warning;

/// Sessions of other libraries, continued by [`Builder::adopt`].
#[cfg(feature = "adopt")]
pub mod adopt {
    #[cfg(any(feature = "adopt-postgres", feature = "adopt-redis"))]
    #[doc(inline)]
    pub use session_adopt::axum_session;
    #[doc(inline)]
    pub use session_adopt::{
        Found, Key, OldCookie, OldSession, OldSessions, OldStore, UnreadableValue, actix_session,
        tower_sessions,
    };
}

/// Less common items of [`CookieStore`].
#[cfg(feature = "cookie")]
pub mod cookie {
    pub use session_cookie::{
        COOKIE_LIMIT, ConfigError, CookieStoreBuilder, KeyError, KeyId, MAX_CHUNKS, join, join_all, split,
        stale_chunks,
    };
}

/// Less common items of [`RedisStore`].
#[cfg(feature = "redis")]
pub mod redis {
    #[cfg(feature = "redis-seal")]
    pub use crate::{SealKey, SealKeyError};
    pub use session_redis::{ConfigError, RedisStoreBuilder, Server, WhileDisconnected};
}

/// Rarely named items of [`SqlStore`].
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
pub mod sql {
    pub use session_sql::{InvalidTableName, Pool};
}

/// Items for implementing a custom store, and for tools that read one.
pub mod store {
    pub use crate::codec::value_as_json;
    pub use session_core::value::is_indexed;
    pub use session_core::{
        Bind, BoxFuture, Capabilities, Change, Conflict, Corrupt, Deadlines, DynStore, Field, Fields, Floor,
        Kind, Limited, Lookup, MemoryRevocations, Page, Patch, Revocations, SessionLimit, Store, StoreKey,
        TokenSource, Wrapper, WriteOutcome, value,
    };
}

/// The examples of the readme.
#[cfg(all(doctest, feature = "axum", feature = "derive", feature = "memory"))]
#[doc = include_str!("../README.md")]
struct Readme;

/// Misuses with compile errors whose text depends on the compiler version.
#[cfg(all(doctest, feature = "derive"))]
#[doc = include_str!("docs/refusals.md")]
struct Refusals;

/// Misuses that do not compile without a feature.
#[cfg(all(doctest, feature = "derive", not(feature = "bincode")))]
#[doc = include_str!("docs/refusals_without_bincode.md")]
struct RefusalsWithoutBincode;

/// Items for generated code. Not part of the public API.
#[doc(hidden)]
pub mod __private_0_1_0 {
    pub use core::clone::Clone;
    pub use core::convert::Into;
    pub use core::default::Default;
    pub use core::fmt;
    pub use core::marker::{PhantomData, Send};
    pub use core::mem;
    pub use core::ops::FnOnce;
    pub use core::option::Option::{self, None, Some};
    pub use core::primitive::{bool, i64, str, u8, usize};
    pub use core::result::Result::{self, Ok};
    pub use core::time::Duration;
    pub use std::boxed::Box;
    pub use std::string::String;
    pub use std::vec::Vec;

    pub use crate::Error;
    pub use crate::accessors::{claim, claim_entry};
    #[cfg(feature = "derive")]
    pub use crate::bounds::{Asserted, FieldType, IntoField, Push, ReadAgain};
    pub use crate::codec::{
        Bincode, Codec, CodecError, Count, CounterEntries, Enabled, EncodedEntries, Entries, EntryMap, With,
        decode, decode_counter, decode_with, encode, encode_counter, encode_with, entry_key,
    };
    pub use crate::data::{CollectionField, Wipe, WipeNothing, Wiper};
    pub use crate::databag::{Databag, HasPrincipal, NoPrincipal, Redacted, no_field};
    #[cfg(feature = "derive")]
    pub use crate::secret_implements_Debug_so_remove_Debug_from_the_derives;
    pub use crate::shared::Data;
    pub use serde::de::{DeserializeOwned, Deserializer};
    pub use serde::ser::{Serialize, Serializer};
    pub use session_core::{Bind, Field};
}
