//! Principals whose type changed.

#![expect(clippy::redundant_closure_for_method_calls, reason = "the type of accessors has no name to write")]

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::{Deserialize, Serialize};
use session::{Databag, Error, HandleId, SessionManager, Token};

use super::Value;
use super::backend::{Backend, backends, server_backends};

#[derive(Databag)]
struct By<T> {
    #[databag(principal)]
    user: Option<T>,
}

impl<T: Value> By<T> {
    async fn sign_in(backend: &Backend, user: T) -> Token {
        backend.write::<Self>(|data| data.set_user(user)).await
    }
}

#[derive(Databag)]
struct InJson<T> {
    #[databag(principal, codec = "json")]
    user: Option<T>,
}

impl<T: Value> InJson<T> {
    async fn sign_in(backend: &Backend, user: T) -> Token {
        backend.write::<Self>(|data| data.set_user(user)).await
    }
}

#[tokio::test]
async fn a_number_stays_the_same_user_in_a_type_of_another_sign() {
    for backend in server_backends() {
        let token = backend.write::<By<u64>>(|data| data.set_user(84_u64)).await;
        let (new, warnings) = backend.version::<By<i64>>();
        assert_eq!(new.get(&token).await.unwrap().data.user(), Some(84));
        assert_eq!(new.sessions_of(&84).await.unwrap().len(), 1);
        for other in [42, -42, 168, -84] {
            assert!(new.sessions_of(&other).await.unwrap().is_empty(), "{other}");
        }
        assert!(warnings.take().is_empty());
    }
}

#[tokio::test]
async fn a_principal_that_does_not_fit_is_nobody_and_no_user_of_the_new_type() {
    for backend in server_backends() {
        let token = backend.write::<By<u64>>(|data| data.set_user(1_u64 << 63)).await;
        let (signed, warnings) = backend.version::<By<i64>>();
        assert_eq!(signed.get(&token).await.unwrap().data.user(), None);
        let warning = warnings.take();
        assert!(warning.len() == 1 && warning[0].contains("`user`"), "{warning:?}");
        for user in [i64::MIN, i64::MAX, 0, -1] {
            assert!(signed.sessions_of(&user).await.unwrap().is_empty(), "{user}");
        }
        let (named, warnings) = backend.version::<By<String>>();
        assert_eq!(named.get(&token).await.unwrap().data.user(), None);
        assert_eq!(warnings.take().len(), 1);
        for user in ["", "9223372036854775808"] {
            assert!(named.sessions_of(user).await.unwrap().is_empty(), "{user}");
        }
    }
}

const NUMBERS: [&str; 14] = [
    "0",
    "1",
    "-1",
    "84",
    "-84",
    "127",
    "-128",
    "255",
    "65535",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "170141183460469231731687303715884105727",
    "340282366920938463463374607431768211455",
];

macro_rules! each_integer {
    ($then:ident!($($argument:tt)*)) => {
        $then! { $($argument)* u8 i16 u64 i64 u128 i128 }
    };
}

/// Signs in as each number that each type can represent.
macro_rules! sign_in {
    ($backend:ident, $bag:ident, $signed_in:ident; $($type:ident)*) => { $(
        let (manager, _) = $backend.version::<$bag<$type>>();
        for number in NUMBERS {
            if let Ok(user) = number.parse::<$type>() {
                let session = manager.create().await.unwrap();
                session.data.set_user(user);
                session.save().await.unwrap();
                let (id, token) = (session.id().unwrap(), session.token().unwrap());
                $signed_in.entry(number).or_insert_with(Vec::new).push((id, token));
            }
        }
    )* };
}

/// Finds the sessions of each number that each type can represent.
macro_rules! find {
    ($backend:ident, $bag:ident, $signed_in:ident; $($type:ident)*) => { $(
        let (manager, warnings) = $backend.version::<$bag<$type>>();
        for number in NUMBERS {
            if let Ok(user) = number.parse::<$type>() {
                let mut ids: Vec<_> = $signed_in[number].iter().map(|(id, _)| *id).collect();
                ids.sort();
                assert_eq!(found(&manager.sessions_of(&user).await.unwrap()), ids, "{number} as {}", stringify!($type));
            }
        }
        assert!(warnings.take().is_empty());
    )* };
}

/// Reads each session as one of each type.
macro_rules! read {
    ($backend:ident, $bag:ident, $signed_in:ident; $($type:ident)*) => { $(
        for (number, sessions) in &$signed_in {
            let user = number.parse::<$type>().ok();
            for (_, token) in sessions {
                let (shown, warnings) = $backend.read::<$bag<$type>, _>(token, |data| data.user()).await;
                let case = format!("{number} as {} on {}", stringify!($type), $backend.name);
                assert_eq!(shown, user, "{case}");
                assert_eq!(warnings.len(), usize::from(user.is_none()), "{case}: {warnings:?}");
            }
        }
    )* };
}

/// The handle ids of sessions, in order.
fn found<T: Databag>(sessions: &[session::SessionInfo<T>]) -> Vec<HandleId> {
    let mut ids: Vec<_> = sessions.iter().map(|session| session.meta.id).collect();
    ids.sort();
    ids
}

macro_rules! check_numbers {
    ($backend:ident, $bag:ident) => {
        let mut signed_in = BTreeMap::new();
        each_integer! { sign_in!($backend, $bag, signed_in;) }
        if $backend.finds_by_principal {
            each_integer! { find!($backend, $bag, signed_in;) }
        }
        read! { $backend, $bag, signed_in; u8 u64 i64 u128 }
    };
}

#[tokio::test]
async fn a_number_of_each_type_is_the_same_user_in_each_other_or_nobody() {
    for backend in &backends() {
        check_numbers!(backend, By);
    }
}

#[tokio::test]
async fn a_number_in_json_of_each_type_is_the_same_user_in_each_other_or_nobody() {
    for backend in &backends() {
        check_numbers!(backend, InJson);
    }
}

#[tokio::test]
async fn what_a_cookie_holds_is_found_by_nobody() {
    for backend in backends().iter().filter(|backend| !backend.finds_by_principal) {
        backend.write::<By<u64>>(|data| data.set_user(84_u64)).await;
        let (manager, _) = backend.version::<By<i64>>();
        assert!(matches!(manager.sessions_of(&84).await, Err(Error::Manage(_))), "{}", backend.name);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct UserId(u64);

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum User {
    #[default]
    Guest,
    Member(u64),
    Admin,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum NextUser {
    Admin,
    Moderator,
    #[default]
    Guest,
    Member(u64),
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Tenant {
    tenant: u64,
    user: u64,
}

/// Checks the principal of a session in the next version: that user, or none, and no other.
macro_rules! is {
    (@by $bag:ident { $($old:expr => $new:ty: $person:expr, not $others:expr;)* }) => { $(
        for backend in &backends() {
            let case = format!("{}: {} on {}", stringify!($bag), stringify!($old => $new), backend.name);
            let token = $bag::sign_in(backend, $old).await;
            let person: Option<$new> = $person;
            let (shown, warnings) = backend.read::<$bag<$new>, _>(&token, |data| data.user()).await;
            assert_eq!(shown, person, "{case}");
            assert_eq!(warnings.len(), usize::from(person.is_none()), "{case}: {warnings:?}");
            assert_finds::<$bag<$new>, _>(backend, &case, &$others).await;
        }
    )* };
    ($($rows:tt)*) => { is!(@by By { $($rows)* }); is!(@by InJson { $($rows)* }); };
}

/// Checks that no session is found by these values.
async fn assert_finds<T, U>(backend: &Backend, case: &str, others: &[U])
where
    T: Databag<Principal = U>,
    U: Clone + Debug,
{
    let (manager, _): (SessionManager<T>, _) = backend.version();
    for other in others.iter().filter(|_| backend.finds_by_principal) {
        assert!(manager.sessions_of(other).await.unwrap().is_empty(), "{case}: {other:?}");
    }
}

#[tokio::test]
async fn a_principal_of_another_shape_is_the_same_person_or_nobody() {
    is! {
        84_u64 => UserId: Some(UserId(84)), not [UserId(42), UserId(0)];
        UserId(84) => i64: Some(84), not [42, -42, 168];
        84_u64 => String: None, not ["84".to_owned(), String::new(), "T".to_owned()];
        "84".to_owned() => u64: None, not [84, 0, 2, 56];
        84_u64 => User: None, not [User::Guest, User::Member(84), User::Admin];
        User::Admin => NextUser: Some(NextUser::Admin), not [NextUser::Guest, NextUser::Moderator, NextUser::Member(0)];
        User::Member(7) => NextUser: Some(NextUser::Member(7)), not [NextUser::Admin, NextUser::Member(0)];
        User::Member(7) => u64: None, not [7, 0, 1];
        NextUser::Moderator => User: None, not [User::Guest, User::Member(0), User::Admin];
        vec![104_u64, 105] => String: None, not ["hi".to_owned(), String::new()];
        vec![1_u64, 2] => Tenant: None, not [Tenant { tenant: 1, user: 2 }, Tenant { tenant: 2, user: 1 }];
        Tenant { tenant: 1, user: 2 } => Vec<u64>: None, not [vec![1, 2], vec![2, 1], vec![]];
    }
}

#[cfg(feature = "bincode")]
#[tokio::test]
async fn a_principal_of_another_version_is_nobody() {
    #[derive(Databag)]
    struct First<T> {
        #[databag(principal, codec = "bincode", version = 1)]
        user: Option<T>,
    }
    #[derive(Databag)]
    struct Second<T> {
        #[databag(principal, codec = "bincode", version = 2)]
        user: Option<T>,
    }
    for backend in &backends() {
        let token = backend.write::<First<u64>>(|data| data.set_user(84_u64)).await;
        let (shown, warnings) = backend.read::<Second<i64>, _>(&token, |data| data.user()).await;
        assert_eq!((shown, warnings.len()), (None, 1), "{}", backend.name);
        assert_finds::<Second<i64>, _>(backend, "i64", &[84, 42, -42]).await;
        assert_finds::<Second<u64>, _>(backend, "u64", &[84, 42, 168]).await;
        assert_finds::<By<u64>, _>(backend, "MessagePack", &[84, 42, 168]).await;
        assert_finds::<InJson<u64>, _>(backend, "JSON", &[84, 42, 168]).await;
    }
}
