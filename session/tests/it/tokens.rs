//! Tokens in the client's cookie.

use std::collections::HashSet;

use session::{Error, MemoryStore, SessionManager, Store, StoreError, Token};
use session_core::TokenSource;

use crate::support::{Bag, Browser, Session, Site, SpyStore, T0, Verb};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#[test]
fn a_million_tokens_are_all_different_and_vary_in_every_bit() {
    let mut seen = HashSet::new();
    let mut characters = vec![HashSet::new(); 43];
    for count in 0..1_000_000 {
        let token = Token::random().unwrap();
        let text: [u8; 43] = token.expose().as_bytes().try_into().unwrap();
        if count < 10_000 {
            for (character, found) in text.iter().zip(&mut characters) {
                assert!(ALPHABET.contains(character));
                found.insert(*character);
            }
        }
        assert!(seen.insert(text));
    }
    let (last, others) = characters.split_last().unwrap();
    assert!(others.iter().all(|found| found.len() == 64), "six bits in each");
    assert_eq!(last.len(), 16, "and four in the last: 256 in all");
}

#[test]
fn a_token_has_one_spelling() {
    let token = Token::random().unwrap();
    let text = token.expose();
    assert_eq!(Token::from(text).store_key(), token.store_key());
    let last = ALPHABET.iter().position(|character| text.ends_with(char::from(*character))).unwrap();
    for other in &ALPHABET[last + 1..last + 4] {
        let other = format!("{}{}", &text[..42], char::from(*other));
        assert_eq!(Token::from(other).store_key(), None, "the bits beyond the 256th are zero");
    }
    for other in [format!("{text}="), format!(" {text}"), format!("{text}A"), text[..42].to_owned()] {
        assert_eq!(Token::from(other).store_key(), None);
    }
}

#[tokio::test]
async fn without_randomness_there_is_no_session() {
    let broken = TokenSource::from_fn(|| Err(StoreError::Random("no entropy".into())));
    let store = MemoryStore::builder().token_source(broken).build();
    let manager = SessionManager::<Bag>::new(store.clone());
    assert!(matches!(manager.create().await, Err(Error::Save(StoreError::Random(_)))));

    let site = Site::on(SpyStore::over(store), |builder| builder);
    let reply =
        site.visit(&mut Browser::new(), |session: Session| async move { session.data.set_name("ada") }).await;
    assert_eq!(reply.status, 500);
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Create]);
    assert_eq!(
        site.errors.take(),
        [
            "the session could not be saved; nothing was written: the operating system gave no randomness, let the process have `getrandom` or `/dev/urandom`: no entropy"
        ]
    );
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn a_store_holds_nothing_that_opens_a_session() {
    let (manager, site) = Site::managed(|builder| builder);
    let browser = site.visitor("ada").await;
    let session = manager.get(browser.token()).await.unwrap();
    let token = session.token().unwrap();
    assert_eq!(token.expose(), browser.token());

    let records = site.store.inner.list(None, 10, T0).await.unwrap().records;
    assert_eq!(records.len(), 1);
    let bytes = records[0].as_bytes();
    assert!(!bytes.windows(43).any(|run| run == token.expose().as_bytes()));
    let dumped = [
        token.store_key().unwrap().to_string(),
        session.id().unwrap().to_string(),
        Token::from_bytes(token.store_key().unwrap().as_bytes()).expose().to_owned(),
    ];
    for key in dumped {
        assert_ne!(key, token.expose());
        assert_eq!(site.name_of(&Browser::with_cookie("__Host-session", &key)).await, "nobody");
        assert!(manager.find(key.as_str()).await.unwrap().is_none());
    }
    assert_eq!(site.store.len(), 1);
}

#[tokio::test]
async fn a_token_opens_one_session_in_the_store_that_gave_it_out_and_in_no_other() {
    let (manager, site) = Site::managed(|builder| builder);
    let (other_manager, other_site) = Site::managed(|builder| builder);
    let token = manager.create().await.unwrap().token().unwrap();
    assert!(other_manager.find(&token).await.unwrap().is_none());
    assert_eq!(other_site.calls(), [Verb::Load]);
    assert_eq!(other_site.store.len(), 0);
    assert_eq!(manager.find(&token).await.unwrap().as_ref().and_then(Session::token), Some(token));
    assert_eq!(site.store.len(), 1);
}
