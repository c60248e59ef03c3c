//! Extraction of the session's cookies from those of a request.

use std::iter;

use http::HeaderMap;
use http::header::COOKIE;
use memchr::memchr;

use super::presented::Tokens;

/// The maximum number of tokens of one request that are tried.
const MAX_TOKENS: usize = 4;

/// Returns the distinct tokens under that name, each whole or in chunks, and the names of cookies that are chunks
/// beyond the first.
pub(super) fn find(headers: &HeaderMap, name: &str) -> (Tokens, Vec<String>) {
    let mut cookies = named(headers, name);
    #[cfg(feature = "cookie")]
    {
        let Some(first) = cookies.next() else { return (Tokens::new(), Vec::new()) };
        let others: Vec<_> = cookies.collect();
        // The common case: one cookie, not in chunks.
        if others.is_empty() && first.0 == name && !session_cookie::is_chunk(first.1) {
            return (Tokens::from([first.1.into()]), Vec::new());
        }
        let all = || iter::once(first).chain(others.iter().copied());
        let chunks = session_cookie::stale_chunks(name, all().map(|(key, _)| key), 1);
        let tokens = session_cookie::join_all(name, all(), MAX_TOKENS);
        (tokens.into(), chunks.into_iter().map(str::to_owned).collect())
    }
    #[cfg(not(feature = "cookie"))]
    {
        let mut tokens = Tokens::new();
        while let Some((key, value)) = cookies.next()
            && tokens.len() < MAX_TOKENS
        {
            let token = value.into();
            if key == name && !tokens.contains(&token) {
                tokens.push(token);
            }
        }
        (tokens, Vec::new())
    }
}

/// Returns the non-empty cookies with this prefix of the name. Other cookies may contain arbitrary bytes.
///
/// Only spaces and tabs are trimmed from names: browsers accept a cookie from any host whose name is a `__Host-` name
/// except for another kind of white space. Other ASCII white space cannot occur in headers.
fn named<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let mut lines = headers.get_all(COOKIE).iter();
    let mut rest: &[u8] = &[];
    iter::from_fn(move || {
        loop {
            if rest.is_empty() {
                rest = lines.next()?.as_bytes();
            }
            let end = memchr(b';', rest).unwrap_or(rest.len());
            let pair = &rest[..end];
            rest = rest.get(end + 1..).unwrap_or_default();
            if let Some(cookie) = read(pair.trim_ascii(), name) {
                return Some(cookie);
            }
        }
    })
}

/// Returns the cookie if its name has this prefix.
fn read<'a>(pair: &'a [u8], name: &str) -> Option<(&'a str, &'a str)> {
    let equals = name.len() + memchr(b'=', pair.strip_prefix(name.as_bytes())?)?;
    let (key, value) = str::from_utf8(pair).ok()?.split_at(equals);
    let (key, value) = (key.trim_ascii_end(), value[1..].trim_ascii_start());
    if value.is_empty() { None } else { Some((key, value)) }
}
