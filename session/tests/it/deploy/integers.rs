//! Numbers read as a type of another width or sign.

use super::backend::{Backend, backends};
use super::{json, named, shows};

#[tokio::test]
async fn a_number_is_the_same_in_another_type_or_the_default() {
    shows! {
        84_u64 => i64: 84;
        84_u64 => Option<i64>: Some(84);
        1_u64 => i64: 1;
        5_i32 => u32: 5;
        200_u8 => u128: 200;
        u64::MAX => i128: i128::from(u64::MAX);
        -1_i64 => i8: -1;
        300_u16 => u8;
        -1_i64 => u64;
        1_u64 << 63 => i64;
        -1_i128 => u128;
        i128::MIN => u128;
        u128::MAX => i128;
        u128::MAX => u64;
    }
}

#[tokio::test]
async fn a_float_is_the_same_in_another_type_or_the_default() {
    shows! {
        1.5_f64 => f32: 1.5;
        0.1_f32 => f64: f64::from(0.1_f32);
        0.1_f32 => f32: 0.1;
        0.1_f64 => f32;
        1e300_f64 => f32;
        5e-324_f64 => f32;
        f64::from(f32::from_bits(1)) => f32: f32::from_bits(1);
        3.0_f64 => u8;
        -1.0_f32 => i8;
        18_446_744_073_709_551_616.0_f64 => u64;
        3_u8 => f64: 3.0;
        i64::MIN => f64: -9_223_372_036_854_775_808.0;
        i64::MIN => f32: -9_223_372_036_854_775_808.0;
        (1_u64 << 53) + 1 => f64;
        i64::MAX => f64;
        1_u128 << 64 => f64;
        16_777_217_u32 => f32;
        1.5_f64 => Option<f64>: Some(1.5);
        vec![1.5_f64, 0.1] => Vec<f32>;
        vec![1.5_f64] => Vec<f32>: vec![1.5];
    }
}

#[tokio::test]
async fn a_float_is_stored_to_the_last_bit() {
    shows! {
        0.1_f64 + 0.2 => f64: 0.1 + 0.2;
        f64::MAX => f64: f64::MAX;
        f64::MIN_POSITIVE => f64: f64::MIN_POSITIVE;
        5e-324_f64 => f64: 5e-324;
        2.225_073_858_507_201e-308_f64 => f64: 2.225_073_858_507_201e-308;
        1e23_f64 => f64: 1e23;
        9_007_199_254_740_993.0_f64 => f64: 9_007_199_254_740_992.0;
        f32::MAX => f64: f64::from(f32::MAX);
        f32::from_bits(1) => f32: f32::from_bits(1);
    }
    shows! { by named;
        f64::INFINITY => f32: f32::INFINITY;
        f32::NEG_INFINITY => f64: f64::NEG_INFINITY;
        f64::INFINITY => i64;
        f64::NAN => u8;
    }
    let (zero, warnings) = named::read_as::<f32, _>(-0.0_f64).await;
    assert_eq!((zero.to_bits(), warnings), ((-0.0_f32).to_bits(), vec![]));
    let (zero, warnings) = json::read_as::<f32, _>(-0.0_f64).await;
    assert_eq!((zero.to_bits(), warnings), ((-0.0_f32).to_bits(), vec![]));
}

#[tokio::test]
async fn nothing_but_a_number_is_a_number() {
    shows! {
        true => u8;
        '1' => u8;
        "1".to_owned() => u64;
        vec![()] => Vec<u64>;
        1_u8 => bool;
        vec![0_u64] => Vec<Option<u64>>: vec![Some(0)];
        97_u32 => char;
        97_u8 => char;
        'a' => u32;
        5_u64 => String;
        u128::MAX => String;
        1.5_f64 => String;
        "1.5".to_owned() => f64;
        "NaN".to_owned() => f64;
        true => f64;
        true => String;
        "true".to_owned() => bool;
        "0".to_owned() => u128;
        (5_u8,) => u8;
        5_u8 => (u8,);
        vec![5_u8] => u8;
        5_u8 => Vec<u8>;
    }
}

macro_rules! numbers {
    (in $module:ident $codec:tt; $($field:ident: $number:literal;)*) => {
        pub(super) mod $module {
            use super::{Databag, Integer, Backend, Token};

            #[derive(Databag)]
            pub(crate) struct Numbers<T> { $( #[databag $codec] $field: T, )* }

            pub(crate) async fn write<T: Integer>(backend: &Backend) -> Token {
                let numbers = Numbers::<T> { $($field: $number.parse().unwrap_or_default()),* };
                let session = backend.version().0.create_with(numbers).await.unwrap();
                session.token().unwrap()
            }

            pub(crate) async fn read<T: Integer>(backend: &Backend, token: &Token) -> crate::deploy::Read<Vec<String>> {
                let read = |numbers: &Numbers<T>| vec![$(numbers.$field.to_string()),*];
                backend.read::<Numbers<T>, _>(token, |data| data.read(read)).await
            }
        }
    };
    ($($field:ident: $number:literal;)*) => {
        /// Numbers at the limits of all integer types; a version stores those that its type can represent.
        const NUMBERS: &[(&str, &str)] = &[$((stringify!($field), $number),)*];

        /// One databag for each codec.
        mod bags {
            use std::fmt::Display;
            use std::str::FromStr;

            use session::{Databag, Token};

            use super::Backend;
            use crate::deploy::Value;

            pub(super) trait Integer: Value + Display + FromStr {}

            impl<T: Value + Display + FromStr> Integer for T {}

            numbers! { in named (label); $($field: $number;)* }
            numbers! { in json (codec = "json"); $($field: $number;)* }
            #[cfg(feature = "bincode")]
            numbers! { in first (codec = "bincode", version = 1); $($field: $number;)* }
            #[cfg(feature = "bincode")]
            numbers! { in second (codec = "bincode", version = 2); $($field: $number;)* }
        }
    };
}

numbers! {
    zero: "0"; one: "1"; minus_one: "-1"; some: "84"; minus_some: "-84";
    i8_max: "127"; above_i8: "128"; i8_min: "-128"; below_i8: "-129"; u8_max: "255"; above_u8: "256";
    i16_max: "32767"; i16_min: "-32768"; u16_max: "65535"; above_u16: "65536";
    i32_max: "2147483647"; i32_min: "-2147483648"; u32_max: "4294967295"; above_u32: "4294967296";
    i64_max: "9223372036854775807"; above_i64: "9223372036854775808";
    i64_min: "-9223372036854775808"; below_i64: "-9223372036854775809";
    u64_max: "18446744073709551615"; above_u64: "18446744073709551616";
    i128_max: "170141183460469231731687303715884105727"; i128_min: "-170141183460469231731687303715884105728";
    u128_max: "340282366920938463463374607431768211455";
}

/// Whether a type can represent a number.
fn has<T: bags::Integer>(number: &str) -> bool {
    number.parse::<T>().is_ok()
}

macro_rules! each_integer {
    ($then:ident!($($argument:tt)*)) => {
        $then! { $($argument)* u8 i16 u64 i64 u128 i128 }
    };
}

/// Writes the numbers that each type can represent and reads them as each type.
macro_rules! check_numbers {
    ($backend:ident, $codec:ident; $($type:ident)*) => { $({
        let (backend, old) = ($backend, stringify!($type));
        let token = bags::$codec::write::<$type>(backend).await;
        each_integer! { check_numbers!(backend, old, token, has::<$type>, $codec;;) }
    })* };
    ($backend:ident, $old:ident, $token:ident, $stored:expr, $codec:ident;; $($type:ident)*) => { $(
        let (shown, warnings) = bags::$codec::read::<$type>($backend, &$token).await;
        let case = format!("{} => {} on {}", $old, stringify!($type), $backend.name);
        check(&case, $stored, has::<$type>, shown, &warnings);
    )* };
}

/// Checks that the stored numbers are read if the type can represent them, and that there is a warning for each other
/// one.
fn check(
    case: &str,
    stored: impl Fn(&str) -> bool,
    is_shown: impl Fn(&str) -> bool,
    shown: Vec<String>,
    warnings: &[String],
) {
    // Zero is the default of the fields.
    let stored: Vec<_> = NUMBERS.iter().filter(|(_, number)| *number != "0" && stored(number)).collect();
    for ((field, number), shown) in NUMBERS.iter().zip(shown) {
        let is_same = stored.iter().any(|(stored, number)| stored == field && is_shown(number));
        assert_eq!(shown, if is_same { number } else { "0" }, "{case}: {field}");
    }
    let lost: Vec<_> = stored.iter().filter(|(_, number)| !is_shown(number)).collect();
    assert_eq!(warnings.len(), lost.len(), "{case}: {warnings:?}");
    for (field, _) in lost {
        let is_reported = warnings.iter().any(|warning| warning.contains(&format!("`{field}`")));
        assert!(is_reported, "{case}: {field} in {warnings:?}");
    }
}

#[tokio::test]
async fn a_number_of_each_type_is_the_same_in_each_other_that_has_it() {
    for backend in &backends() {
        each_integer! { check_numbers!(backend, named;) }
        each_integer! { check_numbers!(backend, json;) }
    }
}

#[cfg(feature = "bincode")]
#[tokio::test]
async fn no_number_of_another_version_is_read_in_bincode() {
    for backend in &backends() {
        let token = bags::first::write::<u64>(backend).await;
        let (shown, warnings) = bags::second::read::<i64>(backend, &token).await;
        check("u64 => i64", has::<u64>, |_| false, shown, &warnings);
        let token = bags::second::write::<i64>(backend).await;
        let (shown, warnings) = bags::first::read::<u64>(backend, &token).await;
        check("i64 => u64", has::<i64>, |_| false, shown, &warnings);
    }
}
