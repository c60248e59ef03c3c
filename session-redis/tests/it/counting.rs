//! Counters, up to the limits of their types.

use session_core::{Change, Patch, Record, Store, WriteOutcome};
use session_redis::RedisStore;
use test_support::RedisServer;

use crate::support::{now, record, store};

/// Numbers of all lengths, around the limits of exact doubles and of integer types.
fn numbers() -> Vec<i64> {
    let mut numbers = vec![0];
    for bits in [1, 7, 8, 15, 16, 31, 32, 52, 53, 54, 62, 63] {
        let power = 1_i128 << bits;
        numbers.extend([power - 1, power, power + 1].into_iter().flat_map(|n| [n, -n]).filter_map(narrowed));
    }
    for digits in [14, 15, 16, 18] {
        let power = 10_i64.pow(digits);
        numbers.extend([power - 1, power, power + 1].into_iter().flat_map(|n| [n, -n]));
    }
    let mut seed = 7_u64;
    for shift in 0..16 {
        seed = seed.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        numbers.push(seed.cast_signed() >> (4 * shift));
    }
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn narrowed(number: i128) -> Option<i64> {
    number.try_into().ok()
}

/// Limits of each integer type, and others of each size, also swapped.
fn limits() -> Vec<(i64, i64)> {
    let mut limits = vec![
        (i8::MIN.into(), i8::MAX.into()),
        (0, u8::MAX.into()),
        (i16::MIN.into(), i16::MAX.into()),
        (0, u16::MAX.into()),
        (i32::MIN.into(), i32::MAX.into()),
        (0, u32::MAX.into()),
        (i64::MIN, i64::MAX),
        (0, i64::MAX),
        (5, -5),
        (i64::MAX, i64::MIN),
        (i64::MIN, i64::MIN),
        (i64::MAX, i64::MAX),
    ];
    for bits in [53, 56, 60] {
        let power = 1_i64 << bits;
        limits.extend([
            (power + 1, i64::MAX),
            (i64::MIN, -power - 1),
            (power - 1, power + 1),
            (0, power + 1),
        ]);
        limits.extend([(-power - 1, -power + 1), (power + 3, power + 1)]);
    }
    limits
}

/// Value of a field, number to add, and limits.
type Case = (Option<Vec<u8>>, i64, (i64, i64));

/// Adds to each of these fields, and compares with `Record::apply`.
async fn adds_up(store: &RedisStore, cases: &[Case]) {
    for cases in cases.chunks(600) {
        let names: Vec<_> = (0..cases.len()).map(|number| format!("c{number}")).collect();
        let fields =
            names.iter().zip(cases).filter_map(|(name, (value, ..))| Some((&**name, value.as_deref()?)));
        let before = Record::new(&record().meta(), fields);
        let mut patch = Patch::new();
        for (name, (_, by, (min, max))) in names.iter().zip(cases) {
            patch = patch.with(name.clone(), Change::Add { by: *by, min: *min, max: *max, keep: false });
        }
        let token = store.create(&before, now()).await.unwrap();
        assert_eq!(store.update(&token, &patch, now()).await.unwrap(), WriteOutcome::Done);
        let (after, expected) =
            (store.load(&token, now()).await.unwrap().unwrap(), before.apply(&patch).unwrap());
        for (name, case) in names.iter().zip(cases) {
            let shown =
                |record: &Record| record.get(name).map(|value| String::from_utf8_lossy(value).into_owned());
            assert_eq!(shown(&after), shown(&expected), "{case:?}");
        }
        assert_eq!(after, expected);
        store.destroy(&token).await.unwrap();
    }
}

#[tokio::test]
async fn a_counter_is_exact_over_all_integers_and_limits() {
    let server = RedisServer::start();
    let numbers = numbers();
    let mut cases = Vec::new();
    for (turn, value) in numbers.iter().enumerate() {
        // Each pair of numbers, with some of the limits.
        for (by, limits) in numbers.iter().zip(limits().into_iter().cycle().skip(turn)) {
            cases.push((Some(format!("\u{3}{value}").into_bytes()), *by, limits));
        }
    }
    adds_up(&store(server.url()), &cases).await;
}

#[tokio::test]
async fn what_is_no_counter_counts_as_zero_and_other_spellings_as_their_number() {
    let server = RedisServer::start();
    let spellings = [
        "",
        "\u{3}",
        "\u{3}x",
        "\u{3}+5",
        "\u{3}-0",
        "\u{3}+",
        "\u{3}007",
        "\u{3}-0007",
        "\u{3}1.5",
        "\u{3}1e3",
        "\u{3} 1",
        "\u{3}9223372036854775807",
        "\u{3}9223372036854775808",
        "\u{3}-9223372036854775808",
        "\u{3}-9223372036854775809",
        "\u{3}00009223372036854775807",
        "\u{3}99999999999999999999999999",
        "\u{3}5\0",
        "\u{4}5",
        "\u{3}000",
        "\u{3}--5",
    ];
    let values = spellings.map(|text| Some(text.as_bytes().to_vec())).into_iter().chain([None]);
    let mut cases = Vec::new();
    for value in values {
        for by in [0, 1, -1, i64::MAX, i64::MIN, 1 << 53, 999_999_999_999_999] {
            for limits in [(i64::MIN, i64::MAX), (0, 255), ((1 << 53) + 1, i64::MAX)] {
                cases.push((value.clone(), by, limits));
            }
        }
    }
    adds_up(&store(server.url()), &cases).await;
}
