//! Golden test of the sealed form: changing it makes all sealed sessions unreadable.

use std::fmt::Write as _;

use session_core::{HandleId, Meta, Patch, Record, Store as _, Timestamp, Token, TokenSource, entry};
use session_redis::{RedisStore, SealKey, SealKeyError};
use test_support::{RedisServer, Reply};

use crate::support::{MINUTE, builder, count_one, indexed};

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const TOKEN: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
const KEY: &str = "golden:{S7}Bvjk46dxXSAdVz0KpCN2LlXavWGiwCJ4-lbMbSlOA";

/// What is stored after [`write`].
const STORED: [(&str, &str); 10] = [
    ("a", "806835110131c36f8f49d53485560f8de001ee32ca5d7bd2bea3b7bf6a"),
    ("d", "343030303030303030303030302034303030303030303031303030"),
    (
        "f:cart\u{1f}Mi4dpZ5YWPRqtRbqnnETxQ",
        "8068351101d6ed528600ec07067d0c2fa356080524ac052051bb1a334b3b5b9d",
    ),
    ("f:name", "8068351101d8cda5592253e4f9879167038a56ac2fd926874bd891c20046"),
    ("f:user", "80683511010a51e793c4ff62365272853c6b4e70236cba212e"),
    ("f:visits", "806835110192a3af04942b21ed57ae82af0b71f934524c"),
    ("golden:i:s8BZi82VlIGCdK5UBeYJOYAbJrPJKqyj1xIjEaOxvsI", ""),
    ("l", "80683511010049c41d8d242912e07726e5246b12fadd025c8dabea0e87c41ac4cb4d81d3e618"),
    (
        "m",
        "806835110108c541d1e6e77307aa8e0daaad52eb86c6ebc1b0087c43ff899ad2b22dd00d63e9aba8\
         12be5bfa5bb4",
    ),
    (
        "s",
        "80683511011d458fc648e5f6f523ad9a218575e0f5e2e8a45a282902b43748ae04783da9aed59687\
         4c4d439b99bc36a815e415fd8db738273b5d95e7e2",
    ),
];

/// A published key, which looks random and is the same in each run.
fn key_bytes() -> [u8; 64] {
    let mut state = 5_u64;
    std::array::from_fn(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    })
}

fn store(server: &RedisServer) -> RedisStore {
    let tokens = TokenSource::from_fn(|| Ok(Token::from(TOKEN)));
    builder(server.url())
        .prefix("golden")
        .seal(SealKey::unchecked_for_tests(&key_bytes()), [])
        .token_source(tokens)
        .build()
        .unwrap()
}

/// Creates a session with an indexed field and an entry of a map, and counts a visit.
async fn write(store: &RedisStore) -> Token {
    let meta = Meta {
        id: HandleId::from([7; 16]),
        created_at: NOW,
        authenticated_at: Some(NOW),
        idle_deadline: Timestamp::from_millis(4_000_000_000_000),
        idle_timeout: 30 * MINUTE,
        lifetime_deadline: Timestamp::from_millis(4_000_000_001_000),
        remember: true,
    };
    let (apple, user) = (entry::name("cart", "apple"), indexed("ada"));
    let fields = [("name", b"\x01lovelace".as_slice()), ("user", &user), (&apple, b"\x01\x02")];
    let token = store.create(&Record::new(&meta, fields), NOW).await.unwrap();
    let _ = store.update(&token, &count_one(), NOW).await.unwrap();
    token
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}

/// The sealed fields of the session, and the names of the index sets.
fn stored(server: &RedisServer) -> Vec<(String, String)> {
    let value = |name: &String| match server.call(&["HGET", KEY, name]) {
        Reply::Text(Some(value)) => hex(&value),
        reply => panic!("{reply:?}"),
    };
    let names = server.call(&["HKEYS", KEY]).texts();
    let fields = names.into_iter().filter(|name| name != "i").map(|name| (value(&name), name));
    let mut stored: Vec<_> = fields.map(|(value, name)| (name, value)).collect();
    stored.extend(server.call(&["KEYS", "golden:i:*"]).texts().into_iter().map(|name| (name, String::new())));
    stored.sort();
    stored
}

#[tokio::test]
async fn sessions_are_sealed_to_the_bytes_of_the_first_version_and_open_from_them() {
    let server = RedisServer::start();
    let store = store(&server);
    let token = write(&store).await;
    let golden: Vec<_> =
        STORED.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    assert_eq!(stored(&server), golden);
    let written = store.load(&token, NOW).await.unwrap().unwrap();

    let _ = store.update(&token, &Patch::new().set("name", *b"\x01ada"), NOW).await.unwrap();
    for (name, value) in STORED {
        if !value.is_empty() {
            server.call_bytes(&[b"HSET", KEY.as_bytes(), name.as_bytes(), &unhex(value)]);
        }
    }
    assert_eq!(store.load(&token, NOW).await.unwrap().unwrap(), written);
}

#[test]
fn the_key_of_this_test_is_refused_elsewhere() {
    assert_eq!(SealKey::from_bytes(key_bytes()).unwrap_err(), SealKeyError::Weak);
}
