//! A seal that was changed in any way does not open, and whatever an intact seal holds, it does no harm.

#![no_main]

use aes_siv::KeyInit as _;
use aes_siv::siv::Aes256Siv;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use session_cookie::CookieStore;
use session_cookie_fuzz::{APP, NOW, key, key_bytes, ready, record, store};
use session_core::{Patch, Store as _, Token};
use std::sync::LazyLock;

static STORE: LazyLock<CookieStore> = LazyLock::new(store);

fuzz_target!(|bytes: &[u8]| {
    if let [first, changes @ ..] = bytes {
        if first & 1 == 0 { change_a_seal(changes) } else { seal_what_comes(changes) }
    }
});

/// The first byte is the length of the session, each further three are a place and what is put there.
fn change_a_seal(bytes: &[u8]) {
    let Some((length, changes)) = bytes.split_first() else { return };
    let sealed = ready(STORE.create(&record(&vec![b'x'; (*length).into()]), NOW)).unwrap();
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
    let opens = ready(STORE.load(&changed.as_str().into(), NOW)).unwrap().is_some();
    assert_eq!(opens, changed == sealed.expose());
}

fn seal_what_comes(contents: &[u8]) {
    let key = key();
    let head = [&[1], key.id().as_bytes().as_slice()].concat();
    let headers: [&[u8]; 5] = [b"session-cookie/v1", b"__Host-session", APP.as_bytes(), &head, &[0; 16]];
    // A good beginning, so that it is the record and its fields that vary.
    let now = NOW.as_millis().to_le_bytes();
    let length = u32::try_from(contents.len()).unwrap().to_le_bytes();
    let mut whole = [now.as_slice(), &now, &[0; 16], &length, contents].concat();
    whole.resize(whole.len().next_multiple_of(64), 0);
    let sealed = Aes256Siv::new(&key_bytes().into()).encrypt(headers, &whole).unwrap();
    let token = Token::from(URL_SAFE_NO_PAD.encode([head.as_slice(), &[0; 16], &sealed].concat()));
    if let Some(record) = ready(STORE.load(&token, NOW)).unwrap() {
        assert_eq!(record.as_bytes(), contents);
        record.fields().for_each(drop);
        let _ = ready(STORE.update(&token, &Patch::new().set("value", *b"new").remove("other"), NOW));
    }
}
