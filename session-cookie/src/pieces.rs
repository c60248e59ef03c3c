//! One token over several cookies.
//!
//! The first piece has the cookie's own name, the others `name.1`, `name.2` and so on. Each value is `.`, the number of
//! pieces as one base64url digit, eight characters that name the set, and its part of the token. Tokens are base64url, so
//! that a whole one is never taken for a piece.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use session_core::{StoreError, Token};
use sha2::{Digest as _, Sha256};

/// The most bytes of name and value that browsers keep of one cookie.
pub const COOKIE_LIMIT: usize = 4096;
/// The most cookies that one session is split over.
pub const MAX_PIECES: usize = 32;

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const MARK: char = '.';
const SET: usize = 8;
const HEADER: usize = 1 + 1 + SET;

/// The cookies, name and value, that carry a token: one with the token as it is when it fits, else several pieces.
///
/// # Errors
///
/// [`StoreError::TooLarge`] when [`MAX_PIECES`] are not enough.
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
    let count = (2..=MAX_PIECES).find(|count| text.len() <= capacity(name, *count));
    let limit = capacity(name, MAX_PIECES);
    let count = count.ok_or(StoreError::TooLarge { actual: text.len(), limit })?;
    let header = format!("{MARK}{}{}", char::from(DIGITS[count]), set_of(text));
    let mut rest = text;
    let piece = |index| {
        let name = piece_name(name, index);
        let (part, left) = rest.split_at(room(&name).min(rest.len()));
        rest = left;
        (name, format!("{header}{part}"))
    };
    Ok((0..count).map(piece).collect())
}

/// The token that the cookies of a request carry under this name, whole or in pieces.
///
/// Pieces may come in any order. Those of another set, and beyond the number that the first piece tells, are ignored,
/// so that what an earlier response left behind does no harm. `None` when there is no such cookie or a piece is
/// missing. Nothing is allocated before all pieces are there, and no more than they are long.
pub fn join<'a>(name: &str, cookies: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<Token> {
    let mut first = None;
    let mut others = Vec::new();
    for (full, value) in cookies {
        match index_of(name, full) {
            Some(0) => first = first.or(Some(value)),
            Some(index) if others.len() < 2 * MAX_PIECES => others.push((index, value)),
            _ => {}
        }
    }
    let first = first?;
    if !is_piece(first) {
        return Some(first.into());
    }
    let (header, _) = first.split_at_checked(HEADER)?;
    let count = DIGITS.iter().position(|digit| *digit == header.as_bytes()[1])?;
    let mut found: [Option<&str>; MAX_PIECES] = [None; MAX_PIECES];
    found[0] = Some(first);
    for (index, value) in others {
        if value.starts_with(header) {
            found[index] = found[index].or(Some(value));
        }
    }
    let pieces = found.get(..count).filter(|pieces| pieces.len() > 1)?;
    let parts: Option<Vec<&str>> =
        pieces.iter().map(|piece| piece.and_then(|value| value.get(HEADER..))).collect();
    let text = parts?.concat();
    header.ends_with(&set_of(&text)).then(|| text.into())
}

/// Whether a cookie's value is a piece of a token, and not a whole one.
pub fn is_piece(value: &str) -> bool {
    value.starts_with(MARK)
}

/// The names of cookies in a request that belong to an earlier, longer session under this name: to be deleted by a
/// response that sets `kept` cookies, or by one that ends the session and sets none.
pub fn leftovers<'a>(name: &str, names: impl IntoIterator<Item = &'a str>, kept: usize) -> Vec<&'a str> {
    let mut found: Vec<&str> = Vec::new();
    for full in names {
        if index_of(name, full).is_some_and(|index| index >= kept) && !found.contains(&full) {
            found.push(full);
        }
    }
    found
}

/// The longest token that so many pieces carry.
pub(crate) fn capacity(name: &str, pieces: usize) -> usize {
    (0..pieces).map(|index| room(&piece_name(name, index))).sum()
}

fn room(piece_name: &str) -> usize {
    COOKIE_LIMIT.saturating_sub(piece_name.len() + HEADER)
}

fn piece_name(name: &str, index: usize) -> String {
    if index == 0 { name.to_owned() } else { format!("{name}.{index}") }
}

/// The place of a cookie in the set of `name`; each place has one spelling.
fn index_of(name: &str, full: &str) -> Option<usize> {
    let rest = full.strip_prefix(name)?;
    if rest.is_empty() {
        return Some(0);
    }
    let digits = rest.strip_prefix('.').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let index = digits.parse().ok().filter(|index| (1..MAX_PIECES).contains(index))?;
    (!digits.starts_with('0')).then_some(index)
}

fn set_of(text: &str) -> String {
    let mut set = URL_SAFE_NO_PAD.encode(Sha256::digest(text));
    set.truncate(SET);
    set
}
