//! Sealed values and keyed digests.

use session_core::HandleId;
use session_core::seal::{SealKey, SealKeyError, SealRing};

/// A random key, as often as it is needed.
fn key() -> impl Fn() -> SealKey {
    let bytes = [(); 4].map(|()| *HandleId::random().unwrap().as_bytes()).concat();
    move || SealKey::from_bytes(bytes.as_slice().try_into().unwrap()).unwrap()
}

const PLACE: [&[u8]; 2] = [b"session", b"name"];

#[test]
fn a_value_opens_at_its_place_alone() {
    let ring = SealRing::new("test/v1", key()(), []);
    let sealed = ring.seal(PLACE, b"ada");
    assert_eq!(sealed.len(), 3 + 21);
    assert_eq!(ring.open(PLACE, &sealed).as_deref(), Some(b"ada".as_slice()));
    assert_eq!(ring.open([b"session", b"role"], &sealed), None);
    assert_eq!(ring.open([b"sessio", b"nname"], &sealed), None);
    assert_eq!(ring.open([b"session"], &sealed), None);
    assert_eq!(ring.open([], &sealed), None);
}

#[test]
fn a_value_that_was_changed_does_not_open() {
    let ring = SealRing::new("test/v1", key()(), []);
    let sealed = ring.seal(PLACE, b"ada");
    for at in 0..sealed.len() {
        for bit in 0..8 {
            let mut changed = sealed.clone();
            changed[at] ^= 1 << bit;
            assert_eq!(ring.open(PLACE, &changed), None, "byte {at}");
        }
        assert_eq!(ring.open(PLACE, &sealed[..at]), None, "{at} bytes");
    }
    assert_eq!(ring.open(PLACE, &[sealed.as_slice(), &[0]].concat()), None);
}

#[test]
fn any_value_opens_to_itself_and_the_same_one_is_sealed_to_the_same_bytes() {
    let ring = SealRing::new("test/v1", key()(), []);
    for length in [0, 1, 15, 16, 17, 1 << 20] {
        let value = vec![7; length];
        let sealed = ring.seal(PLACE, &value);
        assert_eq!(ring.open(PLACE, &sealed), Some(value.clone()));
        assert_eq!(ring.seal(PLACE, &value), sealed);
    }
}

#[test]
fn the_first_key_seals_and_all_keys_open() {
    let (old, new) = (key(), key());
    let [before, both, after] = [
        SealRing::new("test/v1", old(), []),
        SealRing::new("test/v1", new(), [old()]),
        SealRing::new("test/v1", new(), []),
    ];
    assert_eq!([before.len(), both.len()], [1, 2]);
    let sealed = before.seal(PLACE, b"ada");
    assert!(both.open(PLACE, &sealed).is_some() && after.open(PLACE, &sealed).is_none());
    let sealed = both.seal(PLACE, b"ada");
    assert!(after.open(PLACE, &sealed).is_some() && before.open(PLACE, &sealed).is_none());
    assert_eq!(both.digest(b"ada"), after.digest(b"ada"));
    let digests: Vec<_> = both.digests(b"ada").collect();
    assert_eq!(digests, [after.digest(b"ada"), before.digest(b"ada")]);
    assert_ne!(digests[0], digests[1]);
}

#[test]
fn rings_with_another_purpose_open_nothing_and_compute_other_digests() {
    let key = key();
    let [one, other] = ["test/v1", "test/v2"].map(|purpose| SealRing::new(purpose, key(), []));
    assert_eq!(other.open(PLACE, &one.seal(PLACE, b"ada")), None);
    assert_ne!(one.digest(b"ada"), other.digest(b"ada"));
}

#[test]
fn a_key_that_is_malformed_weak_or_published_is_refused_and_none_is_shown() {
    let refused = |text: &str| text.parse::<SealKey>().unwrap_err();
    assert_eq!(refused("secret"), SealKeyError::Malformed);
    assert_eq!(refused(&"0".repeat(128)), SealKeyError::Weak);
    let published = "37a0f2c96b15d84e7c03a9be5f61248d90ecb7423d581f6aa4c7e9300d8b52f6\
                     e41976cd02b38af55870dc1e69b4932f0ea5d186472bfc983d60c5f7139ae824";
    assert_eq!(refused(published), SealKeyError::Weak);

    let key = key();
    assert_eq!(format!("{:?}", key()), "SealKey(***)");
    assert!(format!("{:?}", SealRing::new("test/v1", key(), [key()])).contains("SealKey(***)"));
}
