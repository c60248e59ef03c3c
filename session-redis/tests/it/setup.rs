//! Ways to say where sessions are kept.

use session_core::{Store, StoreError, Token, TokenSource};
use session_redis::{ConfigError, RedisStore, Server};
use test_support::RedisServer;

use crate::support::{now, record};

#[tokio::test]
async fn url_socket_and_client_lead_to_the_same_sessions() {
    let server = RedisServer::start();
    let socket = format!("redis+unix://{}", server.socket().display());
    let client = redis::Client::open(server.url()).unwrap();
    let token = RedisStore::new(server.url()).unwrap().create(&record(), now()).await.unwrap();
    for server in [Server::url(socket), Server::client(client)] {
        let store = RedisStore::new(server).unwrap();
        assert!(store.load(&token, now()).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn stores_with_different_prefixes_or_databases_do_not_see_each_other() {
    let server = RedisServer::start();
    server.call(&["SET", "session:{ab}-not-a-session", "kept"]);
    let stores = [
        RedisStore::new(server.url()).unwrap(),
        RedisStore::builder(server.url()).prefix("session:inner").build().unwrap(),
        RedisStore::builder(server.url()).prefix("s*").build().unwrap(),
        RedisStore::new(Server::url(server.url()).database(1)).unwrap(),
    ];
    let mut tokens = Vec::new();
    for store in &stores {
        tokens.push(store.create(&record(), now()).await.unwrap());
    }
    for (index, store) in stores.iter().enumerate() {
        assert_eq!(store.count(now()).await.unwrap(), 1);
        for (other, token) in tokens.iter().enumerate() {
            assert_eq!(store.load(token, now()).await.unwrap().is_some(), index == other);
        }
    }
    assert_eq!(stores[2].clear().await.unwrap(), 1);
    for store in [&stores[0], &stores[1], &stores[3]] {
        assert_eq!(store.count(now()).await.unwrap(), 1);
    }
    assert_eq!(server.call(&["GET", "session:{ab}-not-a-session"]).text(), "kept");
}

#[tokio::test]
async fn a_taken_token_is_minted_anew_and_its_session_untouched() {
    let server = RedisServer::start();
    let source = TokenSource::from_fn(|| Ok(Token::from_bytes(&[7; 32])));
    let store = RedisStore::builder(server.url()).token_source(source).build().unwrap();
    let first = record();
    let token = store.create(&first, now()).await.unwrap();
    assert!(matches!(store.create(&record(), now()).await, Err(StoreError::NoFreeToken)));
    assert!(matches!(
        store.renew(&token, &crate::support::count_one(), now()).await,
        Err(StoreError::NoFreeToken)
    ));
    assert_eq!(store.load(&token, now()).await.unwrap(), Some(first));
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let refused = |store: Result<RedisStore, ConfigError>| store.unwrap_err();
    assert!(matches!(refused(RedisStore::new("localhost")), ConfigError::Url(_)));
    assert_eq!(refused(RedisStore::new(Server::cluster([""; 0]))), ConfigError::NoServer);
    for prefix in ["", "a{b", "a b", "ä"] {
        let store = RedisStore::builder("redis://127.0.0.1").prefix(prefix).build();
        assert_eq!(refused(store), ConfigError::Prefix);
    }
    let hasty = RedisStore::builder("redis://127.0.0.1").response_timeout(std::time::Duration::ZERO);
    assert_eq!(refused(hasty.build()), ConfigError::Timeout);
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn a_certificate_is_checked() {
    let server = RedisServer::with_tls();
    let ca = std::fs::read(server.certificate()).unwrap();
    let certificates = redis::TlsCertificates { client_tls: None, root_cert: Some(ca) };
    let client = redis::Client::build_with_tls(server.tls_url(), certificates).unwrap();
    let trusting = RedisStore::new(Server::client(client)).unwrap();
    let token = trusting.create(&record(), now()).await.unwrap();
    assert!(trusting.load(&token, now()).await.unwrap().is_some());

    let wary = RedisStore::new(server.tls_url()).unwrap();
    assert!(matches!(wary.load(&token, now()).await, Err(StoreError::Unavailable(_))));
}
