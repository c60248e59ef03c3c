//! Splitting of tokens into chunks and joining them.

use proptest::prelude::*;
use session_cookie::{COOKIE_LIMIT, CookieStore, MAX_CHUNKS, join, split, stale_chunks};
use session_core::{Store, StoreError, Token};

use crate::support::{APP, T0, key, record_of};

const NAME: &str = "__Host-session";

type Cookies = Vec<(String, String)>;

fn token(length: usize) -> Token {
    format!("A{}", "abcdefghij".repeat(length))[..length].into()
}

fn chunks(length: usize) -> Cookies {
    split(NAME, &token(length)).unwrap()
}

fn joined(cookies: &Cookies) -> Option<Token> {
    join(NAME, cookies.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

#[test]
fn a_token_that_fits_is_one_cookie_and_unchanged() {
    let longest = COOKIE_LIMIT - NAME.len();
    assert_eq!(chunks(longest), [(NAME.into(), token(longest).expose().into())]);
    assert_eq!(chunks(longest + 1).len(), 2);
}

#[test]
fn each_chunk_is_within_the_limit_and_needs_no_quoting() {
    for (name, value) in chunks(100_000) {
        assert!(name.len() + value.len() <= COOKIE_LIMIT, "{name}");
        assert!(value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte)));
    }
}

#[test]
fn chunks_are_joined_in_any_order() {
    let mut cookies = chunks(10_000);
    assert_eq!(cookies.len(), 3);
    for rotations in 1..=3 {
        cookies.rotate_left(1);
        assert_eq!(joined(&cookies), Some(token(10_000)), "rotated {rotations} times");
    }
    cookies.reverse();
    assert_eq!(joined(&cookies), Some(token(10_000)));
}

#[test]
fn a_token_with_a_missing_chunk_is_not_joined() {
    for missing in 0..3 {
        let mut cookies = chunks(10_000);
        cookies.remove(missing);
        assert_eq!(joined(&cookies), None, "without chunk {missing}");
    }
}

#[test]
fn a_chunk_of_another_set_is_not_accepted() {
    let foreign = split(NAME, &"B".repeat(10_000).into()).unwrap();
    for swapped in 0..3 {
        let mut cookies = chunks(10_000);
        cookies[swapped].clone_from(&foreign[swapped]);
        assert_eq!(joined(&cookies), None, "chunk {swapped} is foreign");
    }
    let relabelled = |(ours, theirs): (&(String, String), &(String, String))| {
        (ours.0.clone(), format!("{}{}", &ours.1[..10], &theirs.1[10..]))
    };
    let mut cookies = chunks(10_000);
    cookies[1] = relabelled((&cookies[1], &foreign[1]));
    assert_eq!(joined(&cookies), None, "a foreign chunk under our header");
}

#[test]
fn chunks_of_an_earlier_response_are_ignored() {
    let old = chunks(14_000);
    let mut cookies = chunks(9_000);
    cookies.splice(0..0, old[1..].iter().cloned());
    assert_eq!(joined(&cookies), Some(token(9_000)));

    let mut cookies = chunks(100);
    cookies.extend(old[1..].iter().cloned());
    assert_eq!(joined(&cookies), Some(token(100)), "a whole token beside old chunks");
}

#[test]
fn a_smaller_session_deletes_its_stale_chunks() {
    let sent: Cookies = chunks(14_000);
    let names = || {
        sent.iter().map(|(name, _)| name.as_str()).chain(["theme", "__Host-session.x", "__Host-session.01"])
    };
    assert_eq!(stale_chunks(NAME, names(), 2), ["__Host-session.2", "__Host-session.3"]);
    assert_eq!(stale_chunks(NAME, names(), 4), [""; 0]);
    assert_eq!(
        stale_chunks(NAME, names(), 0),
        [NAME, "__Host-session.1", "__Host-session.2", "__Host-session.3"]
    );
}

#[test]
fn an_invalid_count_or_index_is_refused() {
    let bogus =
        [("._AAAAAAAAx", "1"), (".AAAAAAAAAx", "0"), (".BAAAAAAAAx", "1"), (".", "1"), (".\u{fc}", "1")];
    for (value, index) in bogus {
        let cookies = vec![(NAME.into(), value.into()), (format!("{NAME}.{index}"), value.into())];
        assert_eq!(joined(&cookies), None, "{value}");
    }
    let mut cookies = chunks(10_000);
    let name = format!("{NAME}.18446744073709551616");
    cookies.push((name, cookies[1].1.clone()));
    assert_eq!(joined(&cookies), Some(token(10_000)));
}

#[test]
fn more_than_the_maximum_number_of_chunks_is_too_large() {
    assert_eq!(chunks(4000 * MAX_CHUNKS).len(), MAX_CHUNKS);
    assert!(matches!(split(NAME, &token(4100 * MAX_CHUNKS)), Err(StoreError::TooLarge { .. })));
}

#[tokio::test]
async fn a_chunked_store_seals_what_its_cookies_can_carry() {
    let store = CookieStore::builder(key(1), APP).chunked(3).stateless().unwrap();
    let token = store.create(&record_of(8000), T0).await.unwrap();
    let cookies = split(NAME, &token).unwrap();
    assert_eq!(cookies.len(), 3);
    assert_eq!(store.load(&joined(&cookies).unwrap(), T0).await.unwrap(), Some(record_of(8000)));
    let refused = store.create(&record_of(9500), T0).await;
    assert!(matches!(refused, Err(StoreError::TooLarge { .. })), "{refused:?}");
}

proptest! {
    #[test]
    fn a_split_token_is_joined_again(length in 1_usize..120_000, seed: u64) {
        let mut cookies = chunks(length);
        let rotations = usize::try_from(seed % 97).unwrap() % cookies.len();
        cookies.rotate_left(rotations);
        prop_assert_eq!(joined(&cookies), Some(token(length)));
    }

    #[test]
    fn arbitrary_cookies_do_not_panic(cookies in prop::collection::vec(("__Host-session(\\.[0-9]{0,3})?", "\\.?.{0,30}"), 0..40)) {
        joined(&cookies);
    }
}
