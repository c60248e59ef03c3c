//! Finding the session's cookie among those of a request.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use session_core::Token;

/// The token under that name, in one cookie or in pieces of one.
pub(super) fn token(headers: &HeaderMap, name: &str) -> Option<Token> {
    #[cfg(feature = "cookie")]
    return session_cookie::join(name, pairs(headers));
    #[cfg(not(feature = "cookie"))]
    return pairs(headers).find(|(key, _)| *key == name).map(|(_, value)| Token::from(value));
}

/// The names of cookies that are pieces of a token beyond the first.
pub(super) fn pieces(headers: &HeaderMap, name: &str) -> Vec<String> {
    #[cfg(feature = "cookie")]
    {
        let names = pairs(headers).map(|(key, _)| key);
        session_cookie::leftovers(name, names, 1).into_iter().map(str::to_owned).collect()
    }
    #[cfg(not(feature = "cookie"))]
    {
        let _ = (headers, name);
        Vec::new()
    }
}

/// The cookies that are not empty, as names and values. Other cookies than ours may hold any bytes.
fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let lines = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
    let pairs = lines.flat_map(|line| line.split(|byte| *byte == b';'));
    pairs
        .filter_map(|pair| str::from_utf8(pair).ok()?.split_once('='))
        .map(|(key, value)| (trim(key), trim(value)))
        .filter(|(_, value)| !value.is_empty())
}

/// Without blanks and tabs around it. Other kinds of space belong to the name: browsers let anybody set a cookie whose
/// name is a `__Host-` name but for such a space.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}
