//! Opening sealed cookies: a modified one fails, and an authentic one with arbitrary content does not panic.

use std::sync::LazyLock;

use aes_siv::KeyInit as _;
use aes_siv::siv::Aes256Siv;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use session_cookie::CookieStore;
use session_core::{Patch, Store as _, Token};

use crate::block_on;
use crate::sealing::{APP, NOW, key, key_bytes, record, store};

static STORE: LazyLock<CookieStore> = LazyLock::new(store);

/// Input: which of the two, then the modifications or the content.
///
/// # Panics
///
/// When a modified cookie opens or another check fails.
pub fn run(bytes: &[u8]) {
    if let [first, changes @ ..] = bytes {
        if first & 1 == 0 { change_a_seal(changes) } else { seal_any_content(changes) }
    }
}

/// A few modifications, and a valid record.
pub fn seeds() -> Vec<Vec<u8>> {
    vec![
        vec![0, 20, 0, 1, b'x', 77, 2, b'y', 33, 0, 1],
        [&[1], record(b"\x02\xa5value").as_bytes()].concat(),
        vec![1],
    ]
}

/// The first byte is the length of the session's field; each three further bytes are a position and a byte for it.
fn change_a_seal(bytes: &[u8]) {
    let Some((length, changes)) = bytes.split_first() else { return };
    let sealed = block_on(STORE.create(&record(&vec![b'x'; (*length).into()]), NOW)).unwrap();
    let mut text = sealed.expose().as_bytes().to_vec();
    for change in changes.chunks_exact(3) {
        let place = usize::from(u16::from_le_bytes([change[0], change[1]]) >> 2) % text.len();
        match change[0] & 3 {
            0 => text[place] = change[2],
            1 => text.insert(place, change[2]),
            2 => text.truncate(place.max(1)),
            _ => text[place] ^= 1 << (change[2] % 8),
        }
    }
    let Ok(changed) = String::from_utf8(text) else { return };
    let opens = block_on(STORE.load(&changed.as_str().into(), NOW)).unwrap().is_some();
    assert_eq!(opens, changed == sealed.expose());
}

fn seal_any_content(contents: &[u8]) {
    let key = key();
    let head = [&[1], key.id().as_bytes().as_slice()].concat();
    let headers: [&[u8]; 5] = [b"session-cookie/v1", b"__Host-session", APP.as_bytes(), &head, &[0; 16]];
    // A valid prefix, so that only the record and its fields vary.
    let now = NOW.as_millis().to_le_bytes();
    let length = u32::try_from(contents.len()).unwrap().to_le_bytes();
    let mut whole = [now.as_slice(), &now, &[0; 16], &length, contents].concat();
    whole.resize(whole.len().next_multiple_of(64), 0);
    let sealed = Aes256Siv::new(&key_bytes().into()).encrypt(headers, &whole).unwrap();
    let token = Token::from(URL_SAFE_NO_PAD.encode([head.as_slice(), &[0; 16], &sealed].concat()));
    if let Some(record) = block_on(STORE.load(&token, NOW)).unwrap() {
        assert_eq!(record.as_bytes(), contents);
        record.fields().for_each(drop);
        let _ = block_on(STORE.update(&token, &Patch::new().set("value", *b"new").remove("other"), NOW));
    }
}
