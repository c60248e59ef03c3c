//! Encoding of counters, and their integer types.

use serde::de::DeserializeOwned;
use session_core::value::{counter, read_counter};

use super::error::CodecError;
use super::value::decode;

/// An integer type of a counter. Stores add in `i64`, so the values of wider types saturate there.
pub trait Count: Copy + DeserializeOwned {
    /// The minimum.
    const MIN: i64;
    /// The maximum, or that of `i64` if it is less.
    const MAX: i64;

    /// Converts from `i64`, saturating at the limits of the type.
    fn from_number(number: i64) -> Self;

    /// Converts to `i64`, saturating at its limits.
    fn to_number(self) -> i64;

    /// Whether `i64` has the value.
    fn is_exact(self) -> bool;
}

macro_rules! count {
    ($($integer:ident)*) => { $(
        #[allow(clippy::cast_possible_wrap, reason = "constants that are compared before the cast")]
        impl Count for $integer {
            const MIN: i64 = <$integer>::MIN as i64;
            const MAX: i64 =
                if <$integer>::MAX as i128 > i64::MAX as i128 { i64::MAX } else { <$integer>::MAX as i64 };

            fn from_number(number: i64) -> Self {
                Self::try_from(number).unwrap_or(if number < 0 { Self::MIN } else { Self::MAX })
            }

            fn to_number(self) -> i64 {
                i64::try_from(self).unwrap_or(i64::MAX)
            }

            fn is_exact(self) -> bool {
                i64::try_from(self).is_ok()
            }
        }
    )* };
}

count! { u8 u16 u32 u64 usize i8 i16 i32 i64 isize }

/// Encodes a counter's value and appends it to `out`.
pub fn encode_counter<N: Count>(value: N, out: &mut Vec<u8>) {
    out.extend(counter(value.to_number()));
}

/// Decodes a counter's value, or a number that was stored before the field became a counter.
///
/// # Errors
///
/// When the bytes are not a number of this type.
pub fn decode_counter<N: Count>(value: &[u8]) -> Result<N, CodecError> {
    let Some(number) = read_counter(value) else {
        let plain: N = decode(value, None)?;
        return if plain.is_exact() { Ok(plain) } else { Err(CodecError::Malformed) };
    };
    if (N::MIN..=N::MAX).contains(&number) { Ok(N::from_number(number)) } else { Err(CodecError::Malformed) }
}
