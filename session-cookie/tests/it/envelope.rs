//! The sealed form, byte for byte: a change here logs everybody out.

use aes_siv::KeyInit;
use aes_siv::siv::Aes256Siv;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use session_cookie::CookieStore;
use session_core::{Record, Store, Token};

use crate::support::{T0, key, key_bytes, later, meta, record, sealed, stateless};

/// A seal as the specification has it, by hand.
pub(crate) fn seal_by_hand(name: &str, context: &str, nonce: [u8; 16], contents: &[u8]) -> Token {
    let key = key(1);
    let version_and_id = [&[1], key.id().as_bytes().as_slice()].concat();
    let headers: [&[u8]; 5] =
        [b"session-cookie/v1", name.as_bytes(), context.as_bytes(), &version_and_id, &nonce];
    let sealed = Aes256Siv::new(&key_bytes(1).into()).encrypt(headers, contents).unwrap();
    URL_SAFE_NO_PAD.encode([version_and_id.as_slice(), &nonce, &sealed].concat()).into()
}

/// Contents as the specification has them: sealed at, horizon, generation, epoch, record behind its length, zeros.
pub(crate) fn contents(numbers: [u64; 4], record: &[u8]) -> Vec<u8> {
    let mut contents: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    contents.extend_from_slice(&u32::try_from(record.len()).unwrap().to_le_bytes());
    contents.extend_from_slice(record);
    contents.resize(contents.len().next_multiple_of(64), 0);
    contents
}

fn fresh_contents(record: &Record) -> Vec<u8> {
    let horizon = record.meta().lifetime_deadline.as_millis();
    contents([T0.as_millis(), horizon, 0, T0.as_millis()], record.as_bytes())
}

/// `Record`, name, context and what they have always been sealed to.
fn fixtures() -> [(Record, &'static str, &'static str, &'static str); 3] {
    [
        (Record::new(&meta(), []), "__Host-session", "", include_str!("fixtures/empty.txt")),
        (record(), "__Host-session", "", include_str!("fixtures/two_fields.txt")),
        (record(), "id", "shop, production", include_str!("fixtures/other_name_and_context.txt")),
    ]
}

#[tokio::test]
async fn what_was_ever_sealed_still_opens() {
    for (record, name, context, text) in fixtures() {
        let store = CookieStore::builder(key(1)).cookie_name(name).context(context).stateless().unwrap();
        assert_eq!(store.load(&text.trim_end().into(), T0).await.unwrap(), Some(record));
    }
}

#[test]
fn the_sealed_form_is_the_specified_one() {
    for (record, name, context, text) in fixtures() {
        let token = seal_by_hand(name, context, [0x5a; 16], &fresh_contents(&record));
        assert_eq!(token.expose(), text.trim_end());
    }
}

#[tokio::test]
async fn the_store_seals_in_the_specified_form() {
    let token = sealed(&stateless()).await;
    let bytes = URL_SAFE_NO_PAD.decode(token.expose()).unwrap();
    let nonce = bytes[5..21].try_into().unwrap();
    let by_hand = seal_by_hand("__Host-session", "", nonce, &fresh_contents(&record()));
    assert_eq!(token.expose(), by_hand.expose());
}

#[tokio::test]
async fn a_seal_that_holds_no_record_is_none() {
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
        store.load(&seal_by_hand("__Host-session", "", [1; 16], contents), T0).await.unwrap()
    };
    assert_eq!(load(&good).await, Some(record), "the seal itself is in order");
    for contents in [dirty, overlong, length_beyond, contents(numbers, &bomb), contents(numbers, b""), vec![]]
    {
        assert_eq!(load(&contents).await, None);
    }
}
