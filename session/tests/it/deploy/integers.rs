//! Numbers read by a type of another width or sign.

use super::{json, named};

macro_rules! reads_as {
    ($($old:expr => $new:ty: $expected:expr, $warns:expr;)*) => { $(
        for (shown, warnings) in [named::read_as::<$new, _>($old).await, json::read_as::<$new, _>($old).await] {
            let case = stringify!($old => $new);
            assert_eq!(shown, $expected, "{case}");
            assert_eq!(warnings.len(), usize::from($warns), "{case}: {warnings:?}");
            assert!(warnings.iter().all(|warning| warning.contains("`value`")), "{case}: {warnings:?}");
        }
    )* };
}

#[tokio::test]
async fn a_number_is_the_same_in_another_type_or_the_default() {
    reads_as! {
        84_u64 => i64: 84, false;
        84_u64 => Option<i64>: Some(84), false;
        1_u64 => i64: 1, false;
        5_i32 => u32: 5, false;
        200_u8 => u128: 200, false;
        u64::MAX => i128: i128::from(u64::MAX), false;
        -1_i64 => i8: -1, false;
        300_u16 => u8: 0, true;
        -1_i64 => u64: 0, true;
        1_u64 << 63 => i64: 0, true;
        -1_i128 => u128: 0, true;
        i128::MIN => u128: 0, true;
        u128::MAX => i128: 0, true;
        u128::MAX => u64: 0, true;
    }
}

#[tokio::test]
#[expect(clippy::float_cmp, reason = "floats are stored exactly")]
async fn a_float_is_the_same_in_another_type_or_the_default() {
    reads_as! {
        1.5_f64 => f32: 1.5, false;
        0.1_f32 => f64: f64::from(0.1_f32), false;
        0.1_f32 => f32: 0.1, false;
        0.1_f64 => f32: 0.0, true;
        1e300_f64 => f32: 0.0, true;
        3.0_f64 => u8: 0, true;
        3_u8 => f64: 3.0, false;
        (1_u64 << 53) + 1 => f64: 0.0, true;
        i64::MAX => f64: 0.0, true;
        1_u128 << 64 => f64: 0.0, true;
        16_777_217_u32 => f32: 0.0, true;
    }
}

#[tokio::test]
async fn nothing_but_a_number_is_a_number() {
    reads_as! {
        true => u8: 0, true;
        '1' => u8: 0, true;
        "1".to_owned() => u64: 0, true;
        vec![()] => Vec<u64>: Vec::<u64>::new(), true;
        1_u8 => bool: false, true;
        vec![0_u64] => Vec<Option<u64>>: [Some(0)], false;
        97_u32 => char: '\0', true;
        5_u64 => String: "", true;
        u128::MAX => String: "", true;
    }
}
