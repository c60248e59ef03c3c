//! Golden tests of the sealed form: changing it logs out every user.

use aes_siv::KeyInit;
use aes_siv::siv::Aes256Siv;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use session_cookie::{CookieStore, Key};
use session_core::{Record, Store, Token};

use crate::support::{APP, T0, key_bytes, later, meta, record, sealed, stateless};

/// The key of the fixtures. It is public, so every checked constructor refuses it.
fn published() -> [u8; 64] {
    let mut state = 1_u64;
    std::array::from_fn(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    })
}

/// Seals contents as specified, without the store.
fn seal_by_hand(key: &[u8; 64], name: &str, context: &str, nonce: [u8; 16], contents: &[u8]) -> Token {
    let id = Key::unchecked_for_tests(key).id();
    let version_and_id = [&[1], id.as_bytes().as_slice()].concat();
    let headers: [&[u8]; 5] =
        [b"session-cookie/v1", name.as_bytes(), context.as_bytes(), &version_and_id, &nonce];
    let sealed = Aes256Siv::new(key.into()).encrypt(headers, contents).unwrap();
    URL_SAFE_NO_PAD.encode([version_and_id.as_slice(), &nonce, &sealed].concat()).into()
}

/// Contents as specified: sealed at, maximum deadline, generation, joined group at, length, record, zeros.
fn contents(numbers: [u64; 4], record: &[u8]) -> Vec<u8> {
    let mut contents: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    contents.extend_from_slice(&u32::try_from(record.len()).unwrap().to_le_bytes());
    contents.extend_from_slice(record);
    contents.resize(contents.len().next_multiple_of(64), 0);
    contents
}

fn fresh_contents(record: &Record) -> Vec<u8> {
    let max_deadline = record.meta().lifetime_deadline.as_millis();
    contents([T0.as_millis(), max_deadline, 0, T0.as_millis()], record.as_bytes())
}

/// Records, names and contexts, and the tokens that they are sealed to.
fn fixtures() -> [(Record, &'static str, &'static str, &'static str); 3] {
    [
        (Record::new(&meta(), []), "__Host-session", APP, include_str!("fixtures/empty.txt")),
        (record(), "__Host-session", APP, include_str!("fixtures/two_fields.txt")),
        (record(), "id", "shop, production", include_str!("fixtures/other_name_and_context.txt")),
    ]
}

#[tokio::test]
async fn tokens_of_earlier_versions_still_open() {
    for (record, name, context, text) in fixtures() {
        let key = Key::unchecked_for_tests(&published());
        let store = CookieStore::builder(key, context).cookie_name(name).stateless().unwrap();
        assert_eq!(store.load(&text.trim_end().into(), T0).await.unwrap(), Some(record));
    }
}

#[test]
fn the_sealed_form_is_the_specified_one() {
    for (record, name, context, text) in fixtures() {
        let token = seal_by_hand(&published(), name, context, [0x5a; 16], &fresh_contents(&record));
        assert_eq!(token.expose(), text.trim_end());
    }
}

#[tokio::test]
async fn the_store_seals_in_the_specified_form() {
    let token = sealed(&stateless()).await;
    let bytes = URL_SAFE_NO_PAD.decode(token.expose()).unwrap();
    let nonce = bytes[5..21].try_into().unwrap();
    let by_hand = seal_by_hand(&key_bytes(1), "__Host-session", APP, nonce, &fresh_contents(&record()));
    assert_eq!(token.expose(), by_hand.expose());
}

#[tokio::test]
async fn a_token_without_a_valid_record_is_refused() {
    let store = stateless();
    let numbers = [T0.as_millis(), later(1800).as_millis(), 0, 0];
    let record = record();
    let good = contents(numbers, record.as_bytes());
    let mut dirty = good.clone();
    *dirty.last_mut().unwrap() = 1;
    let mut overlong = good.clone();
    overlong.resize(good.len() + 64, 0);
    let mut length_beyond = good.clone();
    length_beyond[32..36].copy_from_slice(&u32::MAX.to_le_bytes());
    let bomb = [&record.as_bytes()[..50], &[0xff; 9], &[1]].concat();

    let load = async |contents: &[u8]| {
        store.load(&seal_by_hand(&key_bytes(1), "__Host-session", APP, [1; 16], contents), T0).await.unwrap()
    };
    assert_eq!(load(&good).await, Some(record), "the valid contents open");
    for contents in [dirty, overlong, length_beyond, contents(numbers, &bomb), contents(numbers, b""), vec![]]
    {
        assert_eq!(load(&contents).await, None);
    }
}
