//! Finding the session's cookie among those of a request.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use memchr::memchr;
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
    let pairs = lines.flat_map(pairs);
    pairs.filter_map(move |pair| {
        let pair = trim(pair);
        let equals = name.len() + memchr(b'=', pair.strip_prefix(name.as_bytes())?)?;
        let (key, value) = (trim(&pair[..equals]), trim(&pair[equals + 1..]));
        if value.is_empty() { None } else { Some((str::from_utf8(key).ok()?, str::from_utf8(value).ok()?)) }
    })
}

/// What stands between the semicolons.
fn pairs(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let line = rest?;
        let end = memchr(b';', line);
        rest = end.map(|end| &line[end + 1..]);
        Some(&line[..end.unwrap_or(line.len())])
    })
}

/// Without blanks and tabs around it. Other kinds of space belong to the name: browsers let anybody set a cookie whose
/// name is a `__Host-` name but for such a space.
fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}
