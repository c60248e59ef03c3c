//! Detection of weak keys: placeholders, text, repetitions and published keys.

use crate::published_keys;

/// The minimum length of a secret in bytes.
const SHORTEST: usize = 32;
/// The minimum number of distinct bytes among 32, and among 64. Random bytes have fewer with a probability below 10⁻¹⁵.
const DISTINCT_IN_32: usize = 14;
const DISTINCT_IN_64: usize = 32;

/// Lower-case fragments of keys that are defaults of software or examples in documentation.
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

/// The reason why bytes are refused as a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// There are no bytes.
    Empty,
    /// There are only this many bytes.
    Short(usize),
    /// The bytes are readable text, possibly padded with zeros.
    Text,
    /// The bytes are a placeholder or a simple sequence, or contain a published key.
    Placeholder,
    /// The second half repeats the first.
    EqualHalves,
    /// Another part repeats or mirrors an earlier part.
    Repeated,
    /// Only this many bytes are distinct.
    Repetitive(usize),
}

/// Checks a secret of at least 32 random bytes.
///
/// # Errors
///
/// If the bytes are too few, are unlikely to be random, or are published.
pub fn check(bytes: &[u8]) -> Result<(), Weakness> {
    if bytes.is_empty() {
        return Err(Weakness::Empty);
    }
    if is_placeholder(bytes) {
        return Err(Weakness::Placeholder);
    }
    if bytes.len() < SHORTEST {
        return Err(Weakness::Short(bytes.len()));
    }
    let (first, second) = bytes.split_at(bytes.len() / 2);
    if first == second {
        return Err(Weakness::EqualHalves);
    }
    if is_text(bytes) {
        return Err(Weakness::Text);
    }
    let distinct = distinct(bytes);
    let least = if bytes.len() < 64 { DISTINCT_IN_32 } else { DISTINCT_IN_64 };
    if distinct < least {
        return Err(Weakness::Repetitive(distinct));
    }
    if is_repeated(bytes) {
        return Err(Weakness::Repeated);
    }
    if is_sequence(bytes) || published_keys::contains(bytes) { Err(Weakness::Placeholder) } else { Ok(()) }
}

/// Whether the bytes contain a placeholder of a template, or count up or down.
pub fn is_placeholder(bytes: &[u8]) -> bool {
    let counts_up = bytes.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1));
    let counts_down = bytes.windows(2).all(|pair| pair[1] == pair[0].wrapping_sub(1));
    let holds =
        |word: &&str| bytes.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()));
    counts_up || counts_down || PLACEHOLDERS.iter().any(holds)
}

/// Whether a text that decodes as base64 is more likely words: nearly all letters are of one case. This holds for 43
/// random base64 digits with a probability of 10⁻⁸.
pub fn is_words(text: &str) -> bool {
    let share = |is: fn(&u8) -> bool| 6 * text.bytes().filter(is).count() >= 5 * text.len();
    let lacks = |is: fn(&u8) -> bool| !text.bytes().any(|byte| is(&byte));
    share(u8::is_ascii_lowercase)
        || share(u8::is_ascii_uppercase)
        || lacks(u8::is_ascii_lowercase)
        || lacks(u8::is_ascii_uppercase)
}

fn is_text(bytes: &[u8]) -> bool {
    let is_control = |char: char| char.is_control() && !char.is_whitespace() && char != '\0';
    str::from_utf8(bytes).is_ok_and(|text| !text.contains(is_control))
}

/// Whether the bytes are periodic, or the second half mirrors the first.
fn is_repeated(bytes: &[u8]) -> bool {
    let half = bytes.len() / 2;
    let mirrored = bytes.iter().take(half).eq(bytes.iter().rev().take(half));
    mirrored || (1..=half).any(|period| bytes[period..] == bytes[..bytes.len() - period])
}

/// Whether each byte is derived from the previous one by the same multiplication and addition, under a constant XOR
/// mask.
fn is_sequence(bytes: &[u8]) -> bool {
    let follows = |mask: u8, factor: u8| {
        let next = |byte: u8| (byte ^ mask).wrapping_mul(factor);
        let step = (bytes[1] ^ mask).wrapping_sub(next(bytes[0]));
        bytes.windows(2).all(|pair| pair[1] ^ mask == next(pair[0]).wrapping_add(step))
    };
    (0..=u8::MAX).any(|mask| (0..=u8::MAX).any(|factor| follows(mask, factor)))
}

fn distinct(bytes: &[u8]) -> usize {
    let mut seen = [false; 256];
    for byte in bytes {
        seen[usize::from(*byte)] = true;
    }
    seen.iter().filter(|seen| **seen).count()
}
