//! One token over several cookies.

use proptest::prelude::*;
use session_cookie::{COOKIE_LIMIT, CookieStore, MAX_CHUNKS, join, leftovers, split};
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
fn what_fits_is_one_cookie_with_the_token_as_it_is() {
    let longest = COOKIE_LIMIT - NAME.len();
    assert_eq!(chunks(longest), [(NAME.into(), token(longest).expose().into())]);
    assert_eq!(chunks(longest + 1).len(), 2);
}

#[test]
fn each_piece_is_within_the_limit_and_needs_no_quoting() {
    for (name, value) in chunks(100_000) {
        assert!(name.len() + value.len() <= COOKIE_LIMIT, "{name}");
        assert!(value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte)));
    }
}

#[test]
fn ten_kilobytes_come_together_in_any_order() {
    let mut cookies = chunks(10_000);
    assert_eq!(cookies.len(), 3);
    for turn in 0..3 {
        cookies.rotate_left(1);
        assert_eq!(joined(&cookies), Some(token(10_000)), "turned {turn} times");
    }
    cookies.reverse();
    assert_eq!(joined(&cookies), Some(token(10_000)));
}

#[test]
fn a_missing_piece_leaves_nothing() {
    for missing in 0..3 {
        let mut cookies = chunks(10_000);
        cookies.remove(missing);
        assert_eq!(joined(&cookies), None, "without chunk {missing}");
    }
}

#[test]
fn a_piece_of_another_set_is_not_accepted() {
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
    assert_eq!(joined(&cookies), None, "a foreign chunk under our label");
}

#[test]
fn what_an_earlier_response_left_behind_does_no_harm() {
    let old = chunks(14_000);
    let mut cookies = chunks(9_000);
    cookies.splice(0..0, old[1..].iter().cloned());
    assert_eq!(joined(&cookies), Some(token(9_000)));

    let mut cookies = chunks(100);
    cookies.extend(old[1..].iter().cloned());
    assert_eq!(joined(&cookies), Some(token(100)), "a whole token beside old chunks");
}

#[test]
fn a_smaller_session_deletes_the_pieces_it_no_longer_needs() {
    let sent: Cookies = chunks(14_000);
    let names = || {
        sent.iter().map(|(name, _)| name.as_str()).chain(["theme", "__Host-session.x", "__Host-session.01"])
    };
    assert_eq!(leftovers(NAME, names(), 2), ["__Host-session.2", "__Host-session.3"]);
    assert_eq!(leftovers(NAME, names(), 4), [""; 0]);
    assert_eq!(
        leftovers(NAME, names(), 0),
        [NAME, "__Host-session.1", "__Host-session.2", "__Host-session.3"]
    );
}

#[test]
fn a_claimed_count_or_index_is_not_believed() {
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
fn more_than_the_most_pieces_is_too_large() {
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
    fn what_is_split_is_joined(length in 1_usize..120_000, seed: u64) {
        let mut cookies = chunks(length);
        let turn = usize::try_from(seed % 97).unwrap() % cookies.len();
        cookies.rotate_left(turn);
        prop_assert_eq!(joined(&cookies), Some(token(length)));
    }

    #[test]
    fn no_cookies_make_it_panic(cookies in prop::collection::vec(("__Host-session(\\.[0-9]{0,3})?", "\\.?.{0,30}"), 0..40)) {
        joined(&cookies);
    }
}
