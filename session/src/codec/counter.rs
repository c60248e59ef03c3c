//! Numbers to which concurrent requests add.

use serde::de::DeserializeOwned;

use super::error::CodecError;
use super::value::decode;
use session_core::value::{counter, read_counter};

/// An integer that can be a counter. Stores add in `i64`, so that is where wider types end.
pub trait Count: Copy + DeserializeOwned {
    /// The least value.
    const MIN: i64;
    /// The greatest value, or that of `i64` where that is less.
    const MAX: i64;

    /// The number, or the nearest that the type has.
    fn from_number(number: i64) -> Self;

    /// The value, or the nearest that `i64` has.
    fn to_number(self) -> i64;

    /// Whether `i64` has the value.
    fn is_exact(self) -> bool;
}

macro_rules! count {
    ($($integer:ident)*) => { $(
        #[allow(clippy::cast_possible_wrap, reason = "constants, compared before they are cut")]
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

/// Appends a counter's value.
pub fn encode_counter<N: Count>(value: N, out: &mut Vec<u8>) {
    out.extend(counter(value.to_number()));
}

/// Reads a counter's value, or what the field held before it became a counter.
///
/// # Errors
///
/// When the bytes are no number of this type.
pub fn decode_counter<N: Count>(value: &[u8]) -> Result<N, CodecError> {
    let Some(number) = read_counter(value) else {
        let plain: N = decode(value, None)?;
        return if plain.is_exact() { Ok(plain) } else { Err(CodecError::Malformed) };
    };
    if (N::MIN..=N::MAX).contains(&number) { Ok(N::from_number(number)) } else { Err(CodecError::Malformed) }
}
