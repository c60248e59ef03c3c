//! Splitting of a token that is too long for one cookie into chunks.
//!
//! The first chunk has the cookie's own name, the others `name.1`, `name.2` and so on. Each value consists of `.`, the
//! number of chunks as one base64url digit, eight characters that identify the set, and a part of the token. Tokens are
//! base64url, so a whole token is never mistaken for a chunk.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use session_core::{StoreError, Token};
use sha2::{Digest as _, Sha256};

/// Maximum length of a cookie's name and value together, in bytes, that browsers accept.
pub const COOKIE_LIMIT: usize = 4096;
/// Maximum number of chunks of a token.
pub const MAX_CHUNKS: usize = 32;

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const CHUNK_MARKER: char = '.';
const SET_LENGTH: usize = 8;
const HEADER_LENGTH: usize = 1 + 1 + SET_LENGTH;
/// Maximum number of times that one set is joined.
const MAX_ATTEMPTS: usize = 8;

/// Returns the cookies, as names and values, that carry a token: the token itself if it fits into one cookie, several
/// chunks otherwise.
///
/// # Errors
///
/// [`StoreError::TooLarge`] when the token needs more than [`MAX_CHUNKS`].
///
/// ```
/// use session_cookie::{join, split};
/// use session_core::Token;
///
/// let token = Token::from("A".repeat(10_000));
/// let mut cookies = split("id", &token)?;
/// assert_eq!(cookies.len(), 3);
///
/// cookies.reverse();
/// let sent = cookies.iter().map(|(name, value)| (name.as_str(), value.as_str()));
/// assert_eq!(join("id", sent), Some(token));
/// # Ok::<_, session_core::StoreError>(())
/// ```
pub fn split(name: &str, token: &Token) -> Result<Vec<(String, String)>, StoreError> {
    let text = token.expose();
    if name.len() + text.len() <= COOKIE_LIMIT {
        return Ok(vec![(name.to_owned(), text.to_owned())]);
    }
    let count = (2..=MAX_CHUNKS).find(|count| text.len() <= capacity(name, *count));
    let limit = capacity(name, MAX_CHUNKS);
    let count = count.ok_or(StoreError::TooLarge { actual: text.len(), limit })?;
    let header = format!("{CHUNK_MARKER}{}{}", char::from(DIGITS[count]), set_of(text));
    let mut rest = text;
    let chunk = |index| {
        let name = chunk_name(name, index);
        let (part, left) = rest.split_at(chunk_capacity(&name).min(rest.len()));
        rest = left;
        (name, format!("{header}{part}"))
    };
    Ok((0..count).map(chunk).collect())
}

/// Returns the token that the cookies of a request carry under this name, whole or in chunks: the first of [`join_all`].
pub fn join<'a>(name: &str, cookies: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<Token> {
    join_all(name, cookies, 1).pop()
}

/// Returns up to `max` different tokens that the cookies of a request carry under this name, whole or in chunks, in the
/// order of the cookies with the name itself.
///
/// A client may send several, for other paths or domains or from an earlier deployment; only the store can determine
/// which one is valid. Chunks may come in any order and among other cookies. Chunks are ignored if they belong to
/// another set, if their index is beyond the number of chunks, or if joined they do not give the token that the set
/// identifies. A token with a missing chunk is ignored as well.
pub fn join_all<'a>(
    name: &str,
    cookies: impl IntoIterator<Item = (&'a str, &'a str)>,
    max: usize,
) -> Vec<Token> {
    let mut firsts = Vec::new();
    let mut sets: HashMap<&str, Set<'_>> = HashMap::new();
    for (full, value) in cookies {
        match index_of(name, full) {
            Some(0) => firsts.push(value),
            Some(index) => {
                if let Some(header) = header_of(value) {
                    sets.entry(header).or_default().chunks.push((index, value));
                }
            }
            None => {}
        }
    }
    let mut tokens: Vec<Token> = Vec::new();
    for first in firsts {
        if tokens.len() == max {
            break;
        }
        let token = if is_chunk(first) {
            header_of(first).and_then(|header| sets.get_mut(header)?.join(header, first))
        } else {
            Some(first.into())
        };
        tokens.extend(token.filter(|token| !tokens.contains(token)));
    }
    tokens
}

/// The chunks with the same header, except the first one.
#[derive(Default)]
struct Set<'a> {
    chunks: Vec<(usize, &'a str)>,
    joined: usize,
}

impl Set<'_> {
    /// Returns the token that starts with the chunk `first`.
    ///
    /// Of several chunks with the same index each is tried in turn, up to the maximum number of attempts. Forging a chunk
    /// of the set requires knowledge of the token.
    fn join(&mut self, header: &str, first: &str) -> Option<Token> {
        let count = DIGITS.iter().position(|digit| *digit == header.as_bytes()[1])?;
        let mut found: [Vec<&str>; MAX_CHUNKS] = Default::default();
        found[0].push(first);
        for (index, value) in &self.chunks {
            if !found[*index].contains(value) && found[*index].len() < MAX_ATTEMPTS {
                found[*index].push(value);
            }
        }
        let found = found.get(..count).filter(|chunks| chunks.len() > 1)?;
        let attempts = found.iter().map(Vec::len).max()?;
        for attempt in 0..attempts {
            if self.joined == MAX_ATTEMPTS {
                return None;
            }
            let part = |chunks: &Vec<&str>| {
                let chunk: &&str = chunks.get(attempt).or(chunks.last())?;
                Some(chunk[HEADER_LENGTH..].to_owned())
            };
            let text = found.iter().map(part).collect::<Option<Vec<_>>>()?.concat();
            self.joined += 1;
            if header.ends_with(&set_of(&text)) {
                return Some(text.into());
            }
        }
        None
    }
}

/// Returns the part of a chunk that is common to its set.
fn header_of(chunk: &str) -> Option<&str> {
    chunk.get(..HEADER_LENGTH).filter(|header| is_chunk(header))
}

/// Whether a cookie's value is a chunk rather than a whole token.
pub fn is_chunk(value: &str) -> bool {
    value.starts_with(CHUNK_MARKER)
}

/// Returns the names of the cookies in a request that a response must delete after setting `kept` chunks: those of an
/// earlier, longer token. A response that ends the session keeps 0.
pub fn stale_chunks<'a>(name: &str, names: impl IntoIterator<Item = &'a str>, kept: usize) -> Vec<&'a str> {
    let mut found: Vec<&str> = Vec::new();
    for full in names {
        if index_of(name, full).is_some_and(|index| index >= kept) && !found.contains(&full) {
            found.push(full);
        }
    }
    found
}

/// Returns the length of the longest token that fits into this number of chunks.
pub(crate) fn capacity(name: &str, chunks: usize) -> usize {
    (0..chunks).map(|index| chunk_capacity(&chunk_name(name, index))).sum()
}

fn chunk_capacity(chunk_name: &str) -> usize {
    COOKIE_LIMIT.saturating_sub(chunk_name.len() + HEADER_LENGTH)
}

fn chunk_name(name: &str, index: usize) -> String {
    if index == 0 { name.to_owned() } else { format!("{name}.{index}") }
}

/// Returns the index of a chunk from the name of its cookie; each index has only one valid form.
fn index_of(name: &str, full: &str) -> Option<usize> {
    let rest = full.strip_prefix(name)?;
    if rest.is_empty() {
        return Some(0);
    }
    let digits = rest.strip_prefix('.').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let index = digits.parse().ok().filter(|index| (1..MAX_CHUNKS).contains(index))?;
    (!digits.starts_with('0')).then_some(index)
}

fn set_of(text: &str) -> String {
    let mut set = URL_SAFE_NO_PAD.encode(Sha256::digest(text));
    set.truncate(SET_LENGTH);
    set
}
