//! Tells random bytes from what people write instead of them.

use crate::published;

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

/// Why bytes may not be a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// There are none.
    Empty,
    /// So few.
    Short(usize),
    /// They are readable text, perhaps filled up with zeros.
    Text,
    /// They are a placeholder, a simple sequence, or contain a key that was published.
    Placeholder,
    /// The second half repeats the first.
    EqualHalves,
    /// Another part repeats or mirrors what is before it.
    Repeated,
    /// So few of them differ.
    Repetitive(usize),
}

/// Checks a secret of at least 32 random bytes.
///
/// # Errors
///
/// When the bytes are too few, were hardly drawn at random, or are known to others.
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
    if is_sequence(bytes) || published::contains(bytes) { Err(Weakness::Placeholder) } else { Ok(()) }
}

/// Whether it contains what templates show in place of a secret, or counts up or down.
pub fn is_placeholder(bytes: &[u8]) -> bool {
    let counts_up = bytes.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1));
    let counts_down = bytes.windows(2).all(|pair| pair[1] == pair[0].wrapping_sub(1));
    let holds =
        |word: &&str| bytes.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()));
    counts_up || counts_down || PLACEHOLDERS.iter().any(holds)
}

/// Whether a text that decodes as base64 consists of words instead: nearly all letters in one case. Of 43 random digits
/// of base64 that holds once in 10⁸ times.
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

/// Whether it repeats what it begins with, or its second half mirrors the first.
fn is_repeated(bytes: &[u8]) -> bool {
    let half = bytes.len() / 2;
    let mirrored = bytes.iter().take(half).eq(bytes.iter().rev().take(half));
    mirrored || (1..=half).any(|period| bytes[period..] == bytes[..bytes.len() - period])
}

/// Whether each byte follows from the one before by one multiplication, one addition and a mask that is laid over all.
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
