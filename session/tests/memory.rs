//! Memory use of decoding, measured by the allocator in a separate process.

use std::any::type_name;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use peak_alloc::PeakAlloc;
use serde::de::DeserializeOwned;
use session::__private_0_1_0::decode;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// A type of 264 bytes whose `None` is encoded in one byte.
type Sparse = Option<[u64; 32]>;

/// Decodes, and fails if the peak exceeds a few megabytes and a multiple of the input.
#[track_caller]
fn bounded<T: DeserializeOwned>(bytes: &[u8]) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    drop(decode::<T>(bytes, None));
    let peak = MEMORY.peak_usage() - before;
    // A collection that grows by doubling holds its old and its new allocation at once.
    let most = (4 << 20) + 48 * bytes.len();
    assert!(peak <= most, "{}: {peak} bytes, at most {most} expected", type_name::<T>());
}

/// Returns an array of these elements in each self-describing codec.
fn arrays(length: usize, named: &[u8], json: &str) -> [Vec<u8>; 2] {
    let count = u32::try_from(length).unwrap();
    let named = [&[4, 0xdd], &count.to_be_bytes()[..], &named.repeat(length)].concat();
    let json = [b"\x02[", vec![json; length].join(",").as_bytes(), b"]"].concat();
    [named, json]
}

macro_rules! arrays_of {
    ($($type:ty: $named:expr, $json:expr;)*) => { $(
        for length in [60_000, 500_000] {
            for bytes in arrays(length, $named, $json) {
                bounded::<$type>(&bytes);
            }
        }
    )* };
}

#[test]
fn decoding_takes_a_bounded_multiple_of_the_bytes() {
    arrays_of! {
        Vec<Sparse>: &[0xc0], "null";
        Box<[Sparse]>: &[0xc0], "null";
        Vec<(Sparse, u8)>: &[0x92, 0xc0, 1], "[null,1]";
        Vec<Box<Sparse>>: &[0xc0], "null";
        Vec<Vec<Sparse>>: &[0x91, 0xc0], "[null]";
        Vec<BTreeSet<Sparse>>: &[0x91, 0xc0], "[null]";
        Vec<HashSet<Sparse>>: &[0x91, 0xc0], "[null]";
        Vec<BTreeMap<String, Sparse>>: &[0x81, 0xa0, 0xc0], "{\"\":null}";
        Vec<HashMap<String, Sparse>>: &[0x81, 0xa0, 0xc0], "{\"\":null}";
        Vec<String>: &[0xa0], "\"\"";
        Vec<Vec<u8>>: &[0x90], "[]";
        Vec<HashMap<u8, u8>>: &[0x80], "{}";
        Vec<()>: &[0xc0], "null";
        HashSet<u32>: &[0xce, 1, 2, 3, 4], "16909060";
    }
    // 4 MiB of `null`.
    let [named, _] = arrays(4 << 20, &[], "");
    let null = [&named[..], &[0xc0].repeat((4 << 20) - 6)].concat();
    bounded::<Vec<Sparse>>(&null);
    // A map with as many entries as fit.
    let entries: Vec<u8> =
        (0..300_000_u32).flat_map(|key| [&[0xce], &key.to_be_bytes()[..], &[0xc0]].concat()).collect();
    let map = [&[4, 0xdf], &300_000_u32.to_be_bytes()[..], &entries].concat();
    bounded::<BTreeMap<u32, Sparse>>(&map);
    bounded::<HashMap<u32, Sparse>>(&map);
}
