//! Acceptance of keys, and the errors for refused ones.

use session_cookie::{Key, KeyError, KeyRing};

use hkdf::Hkdf;
use sha2::Sha256;

use crate::support::{counting, hex, key, key_bytes, unhex};

fn refusal(bytes: &[u8]) -> KeyError {
    Key::derive(bytes, "").unwrap_err()
}

#[test]
fn generated_keys_differ_and_are_accepted_again() {
    let ids: Vec<_> = (0..100).map(|_| Key::generate().unwrap().id().to_string()).collect();
    let different: std::collections::HashSet<_> = ids.iter().collect();
    assert_eq!(different.len(), ids.len());
}

#[test]
fn random_secrets_pass() {
    for seed in 0..300 {
        let bytes = key_bytes(seed);
        assert!(Key::from_bytes(bytes).is_ok(), "{bytes:?}");
        assert!(Key::derive(&bytes[..32], "").is_ok(), "{bytes:?}");
    }
}

#[test]
fn a_key_is_read_from_hex_and_from_every_base64() {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
    let bytes = key_bytes(1);
    let spellings = [
        hex(&bytes),
        hex(&bytes).to_uppercase(),
        STANDARD.encode(bytes),
        STANDARD_NO_PAD.encode(bytes),
        URL_SAFE.encode(bytes),
        format!(" {}\n", URL_SAFE_NO_PAD.encode(bytes)),
    ];
    for text in spellings {
        assert_eq!(text.parse::<Key>().unwrap().id(), key(1).id(), "{text}");
    }
}

#[test]
fn other_lengths_from_32_bytes_on_are_derived_from() {
    let bytes = key_bytes(1);
    let parsed: Key = hex(&bytes[..32]).parse().unwrap();
    assert_eq!(parsed.id(), Key::derive(&bytes[..32], "").unwrap().id());
}

#[test]
fn a_context_makes_an_independent_key() {
    let secret = &key_bytes(1)[..32];
    assert_ne!(Key::derive(secret, "a").unwrap().id(), Key::derive(secret, "b").unwrap().id());
}

#[test]
fn derivation_and_key_ids_stay_as_they_are() {
    let expand = |salt: &[u8], secret: &[u8], info: &[u8], out: &mut [u8]| {
        Hkdf::<Sha256>::new(Some(salt), secret).expand(info, out).unwrap();
    };
    let (secret, mut derived, mut id) = (&key_bytes(1)[..32], [0; 64], [0; 4]);
    expand(b"session-cookie/v1 key", secret, b"shop", &mut derived);
    expand(b"session-cookie/v1 key id", &derived, b"", &mut id);
    assert_eq!(Key::derive(secret, "shop").unwrap().id().as_bytes(), &id);
    assert_eq!(Key::from_bytes(derived).unwrap().id().as_bytes(), &id);
}

#[test]
fn weak_secrets_are_refused() {
    assert!(matches!(refusal(b""), KeyError::Empty));
    assert!(matches!(refusal(&key_bytes(1)[..31]), KeyError::Short(31)));
    assert!(matches!(refusal(b"correct horse battery staple, and then some"), KeyError::Text));
    assert!(matches!(refusal("gr\u{fc}ne W\u{e4}lder rauschen leise im Wind".as_bytes()), KeyError::Text));
    assert!(matches!(refusal(hex(&key_bytes(1)).as_bytes()), KeyError::Text), "hex that was not decoded");
    assert!(matches!(refusal(&[0; 32]), KeyError::EqualHalves));
    let thirteen: Vec<u8> = (0..32_u8).map(|index| index * 7 % 13 + 200).collect();
    assert!(matches!(refusal(&thirteen), KeyError::Repetitive(13)));
    let thirty_one = counting::<64>().map(|index| index % 31 + 200);
    assert!(matches!(Key::from_bytes(thirty_one), Err(KeyError::Repetitive(31))));
    let mut halves = key_bytes(1);
    halves.copy_within(..32, 32);
    assert!(matches!(Key::from_bytes(halves), Err(KeyError::EqualHalves)));
    let thrice = [&key_bytes(1)[..16]; 3].concat();
    assert!(matches!(refusal(&thrice), KeyError::Repeated));
    let mut mirrored = key_bytes(1);
    for index in 0..32 {
        mirrored[63 - index] = mirrored[index];
    }
    assert!(Key::from_bytes(mirrored).is_err());
}

#[test]
fn a_passphrase_in_the_place_of_a_key_is_refused() {
    let mut padded = [0; 64];
    let phrase = b"five wizards jump quickly over boxing frogs, 1984 times a DAY!";
    padded[..phrase.len()].copy_from_slice(phrase);
    assert!(matches!(Key::from_bytes(padded), Err(KeyError::Text)));
    for text in [
        "correcthorsebatterystapleandsomethingelseofwords",
        "CORRECTHORSEBATTERYSTAPLEANDSOMETHINGELSEOFWORDS",
        "correct/horse/battery/staple/and/one/number/of/4",
        "CorrecthorseBatterystapleAndsomethingElseofwords",
    ] {
        assert!(matches!(text.parse::<Key>(), Err(KeyError::Text)), "{text}");
    }
}

#[test]
fn a_simple_sequence_is_refused() {
    let sequence = |next: fn(u8) -> u8| {
        let mut byte = 7;
        std::array::from_fn(|_| {
            byte = next(byte);
            byte
        })
    };
    let rules: [fn(u8) -> u8; 4] = [
        |byte| byte.wrapping_add(101),
        |byte| byte.wrapping_sub(3),
        |byte| byte.wrapping_mul(5).wrapping_add(17),
        |byte| (byte ^ 0xa5).wrapping_add(101) ^ 0xa5,
    ];
    for next in rules {
        let bytes: [u8; 64] = sequence(next);
        assert!(matches!(Key::from_bytes(bytes), Err(KeyError::Placeholder)), "{bytes:?}");
        assert!(Key::derive(&bytes[..32], "").is_err(), "{bytes:?}");
    }
}

/// Keys that occur in the documentation or the tests of this project, or once did.
#[test]
fn every_key_that_was_ever_printed_is_refused_whole_and_in_parts() {
    let generated = |seed: u64| {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state.to_be_bytes()[0]
        };
        hex(&std::array::from_fn::<u8, 64, _>(|_| next()))
    };
    let printed = [
        "6fb0c91e2a774d85f3a15e08bb9d46c27e19d4a35c80f76b913eea42d80c5f17\
         0d5ae8f1947cb32668e1c05d9f7a134be2b8d63720cf814a5596fd0ae73b18c4",
        "c81d24f69ab05e7731f8d20c4be6975a08f3416d9e52b7c0a1846bfd3712e95c\
         5be09a471dc6f82330a7d51e846cb90f72f1e83a5d046b98c7af2315de60874b",
        "37a0f2c96b15d84e7c03a9be5f61248d90ecb7423d581f6aa4c7e9300d8b52f6\
         e41976cd02b38af55870dc1e69b4932f0ea5d186472bfc983d60c5f7139ae824",
    ];
    let vectors = include_str!("wycheproof.txt").lines().filter_map(|line| line.strip_prefix("key "));
    let all = printed.into_iter().chain(vectors).map(str::to_owned).chain((0..2000).map(generated));
    for text in all {
        let bytes = unhex(&text);
        assert!(text.parse::<Key>().is_err(), "{text}");
        for half in bytes.chunks(32) {
            assert!(Key::derive(half, "shop").is_err(), "{text}");
            let grown = [&key_bytes(1)[..16], half].concat();
            assert!(matches!(Key::derive(&grown, "shop"), Err(KeyError::Placeholder)), "{text}");
        }
    }
}

#[test]
fn published_keys_are_refused() {
    assert!(matches!(Key::from_bytes(counting()), Err(KeyError::Placeholder)));
    let superset = b"\x02\x01thisismyscretkey\x01\x02\\e\\y\\y\\h and more";
    assert!(matches!(refusal(superset), KeyError::Placeholder));
    assert!(matches!(refusal(b"CHANGE_ME"), KeyError::Placeholder));
    for text in
        ["changeme", "keyboard cat", "your-secret-key", "Y2hhbmdlbWUtY2hhbmdlbWUtY2hhbmdlbWUtY2hhbmdlbWU="]
    {
        assert!(matches!(text.parse::<Key>(), Err(KeyError::Placeholder)), "{text}");
    }
}

#[test]
fn errors_say_how_to_make_a_key() {
    let message = |text: &str| text.parse::<Key>().unwrap_err().to_string();
    assert!(message("not a key at all!").contains("openssl rand -hex 64"));
    assert!(message("").contains("openssl rand -hex 64"));
    let missing = Key::from_env("SESSION_COOKIE_TEST_NO_SUCH_VARIABLE").unwrap_err().to_string();
    assert!(missing.contains("SESSION_COOKIE_TEST_NO_SUCH_VARIABLE` is not set"), "{missing}");
    assert!(KeyRing::from_env("SESSION_COOKIE_TEST_NO_SUCH_VARIABLE").is_err());
}

#[test]
fn a_ring_is_read_sealing_key_first_and_holds_each_key_once() {
    let text = format!("{}, {}", hex(&key_bytes(1)), hex(&key_bytes(2)));
    let ring: KeyRing = text.parse().unwrap();
    assert_eq!(ring.ids().collect::<Vec<_>>(), [key(1).id(), key(2).id()]);
    assert!(
        matches!(KeyRing::new(key(1), [key(2), key(1)]), Err(KeyError::Duplicate(id)) if id == key(1).id())
    );
}

#[test]
fn debug_shows_ids_only() {
    let ring = KeyRing::new(key(1), [key(2)]).unwrap();
    assert_eq!(format!("{:?}", key(1)), format!("Key({})", key(1).id()));
    assert_eq!(format!("{ring:?}"), format!("KeyRing([KeyId({}), KeyId({})])", key(1).id(), key(2).id()));
}

#[cfg(feature = "passphrase")]
mod passphrase {
    use super::{Key, KeyError};

    const WORDS: &str = "orbit walnut stencil mellow quarry tide";

    #[test]
    fn a_passphrase_gives_the_same_key_for_the_same_salt_only() {
        let id = |salt: &[u8; 16]| Key::from_passphrase(WORDS, salt).unwrap().id();
        assert_eq!(id(&[1; 16]), id(&[1; 16]));
        assert_ne!(id(&[1; 16]), id(&[2; 16]));
    }

    #[test]
    fn short_passphrases_and_salts_are_refused() {
        assert!(matches!(Key::from_passphrase("hunter2", &[1; 16]), Err(KeyError::ShortPassphrase(7))));
        assert!(matches!(Key::from_passphrase(WORDS, &[1; 15]), Err(KeyError::ShortSalt(15))));
        let placeholder = Key::from_passphrase("please changeme later", &[1; 16]);
        assert!(matches!(placeholder, Err(KeyError::Placeholder)));
    }
}
