//! Finding the session's cookie among those of a request.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use session_core::Token;

/// The first cookie of that name that is not empty. Other cookies may hold any bytes.
pub(super) fn token(headers: &HeaderMap, name: &str) -> Option<Token> {
    let lines = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
    let pairs = lines.flat_map(|line| line.split(|byte| *byte == b';'));
    pairs
        .filter_map(|pair| str::from_utf8(pair).ok()?.split_once('='))
        .map(|(key, value)| (trim(key), trim(value)))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| Token::from(value))
}

/// Without blanks and tabs around it. Other kinds of space belong to the name: browsers let anybody set a cookie whose
/// name is a `__Host-` name but for such a space.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}
