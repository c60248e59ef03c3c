//! Integers of every type decoded as every other type.

use std::fmt::Debug;

use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use session::__private_0_1_0::{decode, encode};
use session::Codec;

/// A number of any integer type: whether it is negative, and its absolute value.
type Number = (bool, u128);

trait Integer: Copy + Debug + PartialEq + Serialize + DeserializeOwned + 'static {
    fn number(self) -> Number;
    fn of(number: Number) -> Option<Self>;
}

macro_rules! integers {
    ($($type:ident)*) => {
        $(impl Integer for $type {
            fn number(self) -> Number {
                #[allow(unused_comparisons, reason = "half of the types are unsigned")]
                let negative = self < 0;
                (negative, if negative { i128::try_from(self).unwrap().unsigned_abs() } else { u128::try_from(self).unwrap() })
            }

            fn of((negative, far): Number) -> Option<Self> {
                if negative {
                    Self::try_from(0_i128.checked_sub_unsigned(far)?).ok()
                } else {
                    Self::try_from(far).ok()
                }
            }
        })*

        /// Encodes a number as every type that can represent it, and decodes it as every type.
        fn as_each_type(number: Number) {
            $(as_every_other::<$type>(number);)*
        }

        fn as_every_other<Old: Integer>(number: Number) {
            let Some(old) = Old::of(number) else { return };
            for codec in [Codec::MessagePack, Codec::Json] {
                let mut bytes = Vec::new();
                encode(&old, codec, None, &mut bytes).unwrap();
                $(same_or_none::<$type>(&bytes, number);)*
                exact_or_none(&bytes, number);
            }
        }
    };
}

integers! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

#[track_caller]
fn same_or_none<New: Integer>(bytes: &[u8], number: Number) {
    assert_eq!(
        decode::<New>(bytes, None).ok().map(New::number),
        New::of(number).map(|_| number),
        "{bytes:?}"
    );
}

/// A number that is decoded as a float is exact.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the result is compared")]
fn exact_or_none(bytes: &[u8], number: Number) {
    let floats = [decode::<f64>(bytes, None).ok(), decode::<f32>(bytes, None).ok().map(f64::from)];
    for float in floats.into_iter().flatten() {
        assert_eq!((float < 0.0, float.abs() as u128), number);
    }
    for other in [decode::<bool>(bytes, None).is_err(), decode::<String>(bytes, None).is_err()] {
        assert!(other, "{bytes:?}");
    }
}

#[test]
fn the_limits_of_every_type_are_the_same_number_in_every_other_or_not_read() {
    for bits in 0..=128 {
        let power = 1_u128.checked_shl(bits).unwrap_or(0);
        for far in [power.wrapping_sub(1), power, power.wrapping_add(1)] {
            as_each_type((false, far));
            if far > 0 {
                as_each_type((true, far));
            }
        }
    }
}

proptest! {
    #[test]
    fn any_number_is_the_same_in_every_other_type_or_not_read(negative: bool, far: u128, shift in 0_u32..128) {
        let far = far >> shift;
        as_each_type((negative && far > 0, far));
    }

    #[test]
    fn any_float_is_the_same_in_the_other_type_or_not_read(wide: f64, narrow: f32) {
        for codec in [Codec::MessagePack, Codec::Json] {
            let mut bytes = Vec::new();
            if encode(&wide, codec, None, &mut bytes).is_ok() {
                let read = decode::<f32>(&bytes, None).ok();
                prop_assert!(read.is_none_or(|read| f64::from(read).to_bits() == wide.to_bits() || wide.is_nan()));
                prop_assert!(decode::<u64>(&bytes, None).is_err() && decode::<i128>(&bytes, None).is_err());
            }
            bytes.clear();
            if encode(&narrow, codec, None, &mut bytes).is_ok() {
                let read = decode::<f64>(&bytes, None).unwrap();
                prop_assert!(read.to_bits() == f64::from(narrow).to_bits() || narrow.is_nan());
            }
        }
    }
}
