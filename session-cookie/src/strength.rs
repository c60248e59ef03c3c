//! Tells random bytes from what people write instead of them.

use crate::KeyError;

/// The fewest bytes of a secret.
const SHORTEST: usize = 32;
/// The fewest different bytes among 32, and among 64: random bytes have fewer once in 10¹⁵ times or less.
const DISTINCT_IN_32: usize = 14;
const DISTINCT_IN_64: usize = 32;

/// Fragments, in lower case, of keys that shipped as defaults or stand in documentation.
const PLACEHOLDERS: [&str; 16] = [
    "secret",
    "change_me",
    "change-me",
    "change me",
    "changeme",
    "changethis",
    "thisismys",
    "password",
    "placeholder",
    "insecure",
    "example",
    "default",
    "development",
    "your_key",
    "your-key",
    "keyboard cat",
];

/// # Errors
///
/// When the bytes are too few or were hardly drawn at random.
pub(crate) fn check(bytes: &[u8]) -> Result<(), KeyError> {
    if bytes.is_empty() {
        return Err(KeyError::Empty);
    }
    if is_placeholder(bytes) {
        return Err(KeyError::Placeholder);
    }
    if bytes.len() < SHORTEST {
        return Err(KeyError::Short(bytes.len()));
    }
    if is_text(bytes) {
        return Err(KeyError::Text);
    }
    let (first, second) = bytes.split_at(bytes.len() / 2);
    if first == second {
        return Err(KeyError::EqualHalves);
    }
    let distinct = distinct(bytes);
    let least = if bytes.len() < 64 { DISTINCT_IN_32 } else { DISTINCT_IN_64 };
    if distinct < least { Err(KeyError::Repetitive(distinct)) } else { Ok(()) }
}

pub(crate) fn is_placeholder(bytes: &[u8]) -> bool {
    let counts_up = bytes.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1));
    let counts_down = bytes.windows(2).all(|pair| pair[1] == pair[0].wrapping_sub(1));
    let holds =
        |word: &&str| bytes.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()));
    counts_up || counts_down || PLACEHOLDERS.iter().any(holds)
}

fn is_text(bytes: &[u8]) -> bool {
    str::from_utf8(bytes)
        .is_ok_and(|text| !text.contains(|char: char| char.is_control() && !char.is_whitespace()))
}

fn distinct(bytes: &[u8]) -> usize {
    let mut seen = [false; 256];
    for byte in bytes {
        seen[usize::from(*byte)] = true;
    }
    seen.iter().filter(|seen| **seen).count()
}
