//! Opening arbitrary bytes as a cookie, as text or base64-encoded, fails without a panic.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use session_cookie::{CookieStore, join};
use session_core::{Store as _, Token};

use crate::block_on;
use crate::sealing::{NOW, key, record, store};

static STORE: LazyLock<CookieStore> = LazyLock::new(store);

/// Input: arbitrary bytes.
///
/// # Panics
///
/// When the bytes open as a cookie or another check fails.
pub fn run(bytes: &[u8]) {
    let key = key();
    let text = String::from_utf8_lossy(bytes);
    let addressed = [&[1], key.id().as_bytes().as_slice(), bytes].concat();
    for text in [text.clone().into_owned(), URL_SAFE_NO_PAD.encode(bytes), URL_SAFE_NO_PAD.encode(addressed)]
    {
        let token = Token::from(text);
        assert!(block_on(STORE.load(&token, NOW)).unwrap().is_none());
        block_on(STORE.destroy(&token)).unwrap();
        STORE.wants_rewrite(&token);
    }
    let cookies: Vec<(&str, &str)> = text.split(';').filter_map(|pair| pair.split_once('=')).collect();
    join("a", cookies);
}

/// Parts of sealed cookies, since a whole one opens, and of cookies in chunks.
pub fn seeds() -> Vec<Vec<u8>> {
    let sealed = block_on(STORE.create(&record(b"value"), NOW)).unwrap();
    let text = sealed.expose();
    let bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
    vec![text.as_bytes()[8..].to_vec(), bytes[9..].to_vec(), b"a=2.abc;a.1=def;a.2=g".to_vec()]
}
