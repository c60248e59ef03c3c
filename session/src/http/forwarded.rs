//! Headers of a trusted proxy: `X-Forwarded-*` and `Forwarded`.

use std::net::{IpAddr, SocketAddr};

use http::header::{FORWARDED, GetAll};
use http::{HeaderMap, HeaderValue};

/// Whether the client is connected by TLS according to `X-Forwarded-Proto` or `Forwarded`, and neither contradicts it.
pub(super) fn is_https(headers: &HeaderMap) -> bool {
    let single = headers.get("x-forwarded-proto").map(|value| value.to_str().unwrap_or_default());
    let single = single.map(|value| value.split(',').next().unwrap_or_default().trim().to_owned());
    let standard = headers.get(FORWARDED).and_then(|value| match value.to_str() {
        Ok(line) => proto(line),
        Err(_) => Some(String::new()),
    });
    let mut words = single.into_iter().chain(standard).peekable();
    words.peek().is_some() && words.all(|word| word.eq_ignore_ascii_case("https"))
}

/// The client's address as the proxy next to this server saw it: the last one in `X-Forwarded-For` or `Forwarded`. Those before
/// it may be forged by the client. `None` if it is not an address, or the headers contradict each other.
pub(super) fn client(headers: &HeaderMap) -> Option<IpAddr> {
    let listed = last(&headers.get_all("x-forwarded-for"));
    let listed = listed.map(|line| line.rsplit(',').next().unwrap_or_default().to_owned());
    let standard = last(&headers.get_all(FORWARDED)).and_then(|line| {
        let (mut found, mut rest) = element(line, "for");
        while let Some(next) = rest {
            (found, rest) = element(next, "for");
        }
        found
    });
    let mut words = listed.into_iter().chain(standard).map(|word| address(word.trim()));
    let first = words.next()??;
    words.all(|other| other == Some(first)).then_some(first)
}

fn last<'a>(lines: &GetAll<'a, HeaderValue>) -> Option<&'a str> {
    lines.iter().next_back().map(|value| value.to_str().unwrap_or_default())
}

/// An address with or without a port, in brackets where it is IPv6 with one.
fn address(word: &str) -> Option<IpAddr> {
    let bare = || word.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6);
    let with_port = || word.parse::<SocketAddr>().ok().map(|address| address.ip());
    let address = word.parse().ok().or_else(bare).or_else(with_port)?;
    Some(address.to_canonical())
}

/// The `proto` of the first element of a `Forwarded` line (RFC 7239): the one that the proxy next to the client added.
fn proto(line: &str) -> Option<String> {
    element(line.trim_start_matches([' ', '\t', ',']), "proto").0
}

/// The value of a parameter in the first element of a `Forwarded` line, and the elements after it. Text that does not
/// follow the grammar is returned as a value, so that it is not mistaken for a missing parameter.
fn element<'a>(line: &'a str, parameter: &str) -> (Option<String>, Option<&'a str>) {
    let malformed = (Some(String::new()), None);
    let (mut rest, mut found) = (line, None);
    loop {
        let end = rest.find(['=', ';', ',']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let is_wanted = name.trim().eq_ignore_ascii_case(parameter);
        let (value, after) = match after.strip_prefix('=') {
            Some(value) => match read_value(value) {
                Some(read) => read,
                None => return malformed,
            },
            None => (String::new(), after),
        };
        // An element names each parameter once; two values contradict each other.
        if is_wanted && found.replace(value).is_some() {
            return malformed;
        }
        let after = after.trim_start();
        match after.strip_prefix(';') {
            Some(next) => rest = next,
            None if after.is_empty() => return (found, None),
            None => return after.strip_prefix(',').map_or(malformed, |next| (found, Some(next))),
        }
    }
}

/// A token or quoted string, and what follows it. `None` for a quotation without an end.
fn read_value(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start();
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([';', ',']).unwrap_or(text.len());
        let (value, rest) = text.split_at(end);
        return Some((value.trim().to_owned(), rest));
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((index, char)) = chars.next() {
        match char {
            '"' => return Some((value, &quoted[index + 1..])),
            '\\' => value.push(chars.next()?.1),
            _ => value.push(char),
        }
    }
    None
}
