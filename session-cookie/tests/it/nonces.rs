//! Freshness and randomness of nonces.

use std::collections::HashSet;
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use session_core::HandleId;

use crate::support::{sealed, stateless};

const THREADS: usize = 4;
/// Tokens that each thread seals. A million take minutes in an unoptimised build, so fewer show that each has a fresh
/// nonce of random bits, and a million draws from the same source that these do not repeat.
const SEALS: usize = 4000;

/// Nonces of one session that several threads seal concurrently.
fn nonces() -> Vec<u128> {
    let store = stateless();
    let seal = || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let nonce = |_| {
            let text = runtime.block_on(sealed(&store)).expose().to_owned();
            let bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
            u128::from_le_bytes(bytes[5..21].try_into().unwrap())
        };
        (0..SEALS).map(nonce).collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(seal)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// Whether each bit is set in half of the numbers, within eight standard deviations.
fn all_bits_look_random(numbers: &(impl Iterator<Item = u128> + Clone)) -> bool {
    let count = numbers.clone().count();
    let spread = 4 * count.isqrt();
    (0..u128::BITS).all(|bit| {
        let set = numbers.clone().filter(|number| number >> bit & 1 == 1).count();
        (count / 2 - spread..=count / 2 + spread).contains(&set)
    })
}

#[test]
fn all_bits_of_each_nonce_are_fresh() {
    let nonces = nonces();
    let distinct: HashSet<_> = nonces.iter().collect();
    assert_eq!(distinct.len(), THREADS * SEALS);
    assert!(all_bits_look_random(&nonces.iter().copied()), "not all bits are random");
    let steps = nonces.windows(2).map(|pair| pair[0] ^ pair[1]);
    assert!(all_bits_look_random(&steps), "a nonce reveals bits of the next one");
    let differences = nonces.windows(2).map(|pair| pair[1].wrapping_sub(pair[0]));
    assert!(all_bits_look_random(&differences), "nonces are counted");
}

/// Handle ids have the same source as nonces: 16 random bytes of the operating system.
#[test]
fn a_million_draws_like_those_of_nonces_do_not_repeat() {
    let draw = || (0..250_000).map(|_| *HandleId::random().unwrap().as_bytes()).collect::<Vec<_>>();
    let drawn: HashSet<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(draw)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(drawn.len(), 1_000_000);
}
