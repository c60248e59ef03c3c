//! Known-answer tests of AES-SIV with the features that this crate enables.

use aes_siv::KeyInit;
use aes_siv::siv::{Aes128Siv, Aes256Siv};

use crate::support::{counting, unhex};

fn seal(key: &[u8], headers: &[&[u8]], message: &[u8]) -> Vec<u8> {
    match key.len() {
        32 => Aes128Siv::new(key.try_into().unwrap()).encrypt(headers, message).unwrap(),
        _ => Aes256Siv::new(key.try_into().unwrap()).encrypt(headers, message).unwrap(),
    }
}

fn open(key: &[u8], headers: &[&[u8]], sealed: &[u8]) -> Option<Vec<u8>> {
    match key.len() {
        32 => Aes128Siv::new(key.try_into().unwrap()).decrypt(headers, sealed).ok(),
        _ => Aes256Siv::new(key.try_into().unwrap()).decrypt(headers, sealed).ok(),
    }
}

#[test]
fn the_deterministic_example_of_rfc_5297_holds() {
    let key = unhex("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
    let header = unhex("101112131415161718191a1b1c1d1e1f2021222324252627");
    let sealed = seal(&key, &[&header], &unhex("112233445566778899aabbccddee"));
    assert_eq!(sealed, unhex("85632d07c6e8f37f950acd320a2ecc93 40c02b9690c4dc04daef7f6afe5c"));
}

#[test]
fn the_nonce_based_example_of_rfc_5297_holds() {
    let key = unhex("7f7e7d7c7b7a79787776757473727170404142434445464748494a4b4c4d4e4f");
    let first = unhex("00112233445566778899aabbccddeeffdeaddadadeaddadaffeeddccbbaa99887766554433221100");
    let (second, nonce) = (unhex("102030405060708090a0"), unhex("09f911029d74e35bd84156c5635688c0"));
    let sealed = seal(&key, &[&first, &second, &nonce], b"this is some plaintext to encrypt using SIV-AES");
    let expected = "7bdb6e3b432667eb06f4d14bff2fbd0fcb900f2fddbe404326601965c889bf17
                    dba77ceb094fa663b7a3f748ba8af829ea64ad544a272e9c485b62a3fd5c0d";
    assert_eq!(sealed, unhex(expected));
}

#[test]
fn every_wycheproof_case_has_its_expected_result() {
    let (mut key, mut valid, mut invalid) = (Vec::new(), 0, 0);
    for line in include_str!("wycheproof.txt").lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["key", bytes] => key = unhex(bytes),
            [result, associated, message, sealed] => {
                let (associated, message, sealed) = (unhex(associated), unhex(message), unhex(sealed));
                let opened = open(&key, &[&associated], &sealed);
                if result == "valid" {
                    assert_eq!(seal(&key, &[&associated], &message), sealed, "{line}");
                    assert_eq!(opened, Some(message), "{line}");
                    valid += 1;
                } else {
                    assert_eq!(opened, None, "{line}");
                    invalid += 1;
                }
            }
            _ => panic!("not a case: {line}"),
        }
    }
    assert_eq!((valid, invalid), (79, 216));
}

#[test]
fn aes_256_siv_binds_purpose_name_and_nonce() {
    let (key, nonce) = (counting::<64>(), counting::<16>());
    let headers: [&[u8]; 3] = [b"session-cookie/v1", b"__Host-id", &nonce];
    let check = |headers: &[&[u8]], message: &[u8], expected: &str| {
        assert_eq!(seal(&key, headers, message), unhex(expected));
        assert_eq!(open(&key, headers, &unhex(expected)).as_deref(), Some(message));
    };
    check(&headers, b"", "598a19c9ce9000867c345394f7c64529");
    check(&headers, b"hello", "734240f21c15830c34d5795570af3b660a1bb39dbc");
    check(&headers, b"0123456789abcdef", "789be05f2a18dce6f9f8290759d47c1ad114581a8ec500f17979df3f20841ca8");
    check(&[b"", &nonce], b"hello", "a926e85a1f2d0c2c5ae09a7212ab9aec853d05675b");
}
