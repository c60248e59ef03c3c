//! Finding the session's cookie among those of a request.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use session_core::Token;

/// The token under that name, in one cookie or in pieces of one, and the names of cookies that are pieces beyond the
/// first.
pub(super) fn find(headers: &HeaderMap, name: &str) -> (Option<Token>, Vec<String>) {
    let mut cookies = named(headers, name);
    #[cfg(feature = "cookie")]
    {
        let Some(first) = cookies.next() else { return (None, Vec::new()) };
        let others: Vec<_> = cookies.collect();
        let all = || std::iter::once(first).chain(others.iter().copied());
        let pieces = session_cookie::leftovers(name, all().map(|(key, _)| key), 1);
        (session_cookie::join(name, all()), pieces.into_iter().map(str::to_owned).collect())
    }
    #[cfg(not(feature = "cookie"))]
    (cookies.find(|(key, _)| *key == name).map(|(_, value)| Token::from(value)), Vec::new())
}

/// The cookies whose name begins like that and which are not empty. Other cookies than ours may hold any bytes.
fn named<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let lines = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
    let pairs = lines.flat_map(|line| line.split(|byte| *byte == b';'));
    pairs
        .filter(|pair| pair.trim_ascii_start().starts_with(name.as_bytes()))
        .filter_map(|pair| str::from_utf8(pair).ok()?.split_once('='))
        .map(|(key, value)| (trim(key), trim(value)))
        .filter(|(_, value)| !value.is_empty())
}

/// Without blanks and tabs around it. Other kinds of space belong to the name: browsers let anybody set a cookie whose
/// name is a `__Host-` name but for such a space.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}
