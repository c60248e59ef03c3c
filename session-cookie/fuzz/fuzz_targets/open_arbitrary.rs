//! No bytes open by chance, as text or as what base64 of them decodes to, and none make the store panic.

#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use session_cookie::{CookieStore, join};
use session_cookie_fuzz::{NOW, key, ready, store};
use session_core::{Store as _, Token};
use std::sync::LazyLock;

static STORE: LazyLock<CookieStore> = LazyLock::new(store);

fuzz_target!(|bytes: &[u8]| {
    let key = key();
    let text = String::from_utf8_lossy(bytes);
    let addressed = [&[1], key.id().as_bytes().as_slice(), bytes].concat();
    for text in [text.clone().into_owned(), URL_SAFE_NO_PAD.encode(bytes), URL_SAFE_NO_PAD.encode(addressed)] {
        let token = Token::from(text);
        assert!(ready(STORE.load(&token, NOW)).unwrap().is_none());
        ready(STORE.destroy(&token)).unwrap();
        STORE.wants_rewrite(&token);
    }
    let cookies: Vec<(&str, &str)> = text.split(';').filter_map(|pair| pair.split_once('=')).collect();
    join("a", cookies);
});
