//! Finding the session's cookie among those of a request.

use std::iter;

use http::HeaderMap;
use http::header::COOKIE;
use memchr::memchr;
use session_core::Token;

/// How many tokens of one request are tried.
const MOST: usize = 4;

/// The different tokens under that name, in one cookie each or in chunks of one, and the names of cookies that are chunks
/// beyond the first.
pub(super) fn find(headers: &HeaderMap, name: &str) -> (Vec<Token>, Vec<String>) {
    let mut cookies = named(headers, name);
    #[cfg(feature = "cookie")]
    {
        let Some(first) = cookies.next() else { return (Vec::new(), Vec::new()) };
        let others: Vec<_> = cookies.collect();
        // Mostly there is one alone, and it is whole.
        if others.is_empty() && first.0 == name && !session_cookie::is_chunk(first.1) {
            return (vec![first.1.into()], Vec::new());
        }
        let all = || iter::once(first).chain(others.iter().copied());
        let chunks = session_cookie::stale_chunks(name, all().map(|(key, _)| key), 1);
        (session_cookie::join_all(name, all(), MOST), chunks.into_iter().map(str::to_owned).collect())
    }
    #[cfg(not(feature = "cookie"))]
    {
        let mut tokens: Vec<Token> = Vec::new();
        while let Some((key, value)) = cookies.next()
            && tokens.len() < MOST
        {
            let token = Token::from(value);
            if key == name && !tokens.contains(&token) {
                tokens.push(token);
            }
        }
        (tokens, Vec::new())
    }
}

/// The cookies whose name begins like that and which are not empty. Other cookies than ours may hold any bytes.
///
/// Only blanks and tabs are no part of a name: browsers let anybody set a cookie whose name is a `__Host-` name but for
/// another kind of space. Of those that count as white space in ASCII no header holds others.
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

/// The cookie, if its name begins like that.
fn read<'a>(pair: &'a [u8], name: &str) -> Option<(&'a str, &'a str)> {
    let equals = name.len() + memchr(b'=', pair.strip_prefix(name.as_bytes())?)?;
    let (key, value) = str::from_utf8(pair).ok()?.split_at(equals);
    let (key, value) = (key.trim_ascii_end(), value[1..].trim_ascii_start());
    if value.is_empty() { None } else { Some((key, value)) }
}
