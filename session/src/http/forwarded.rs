//! What a trusted proxy says about the client's request.

use http::HeaderMap;
use http::header::FORWARDED;

/// Whether the client is connected by TLS: `X-Forwarded-Proto` or `Forwarded` says so, and neither says otherwise.
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

/// The `proto` of the first element of a `Forwarded` line (RFC 7239): the one that the proxy next to the client added.
/// What does not follow the grammar is a word of its own, so that it is not taken for silence.
fn proto(line: &str) -> Option<String> {
    let mut rest = line.trim_start_matches([' ', '\t', ',']);
    let mut found = None;
    loop {
        let end = rest.find(['=', ';', ',']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let is_proto = name.trim().eq_ignore_ascii_case("proto");
        let (value, after) = match after.strip_prefix('=') {
            Some(value) => match read_value(value) {
                Some(read) => read,
                None => return Some(String::new()),
            },
            None => (String::new(), after),
        };
        // An element names each parameter once; two values contradict each other.
        if is_proto && found.replace(value).is_some() {
            return Some(String::new());
        }
        match after.trim_start().strip_prefix(';') {
            Some(next) => rest = next,
            None => return found,
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
