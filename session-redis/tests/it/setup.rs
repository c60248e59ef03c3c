//! Addresses, settings, and their errors.

use session_core::{Store, StoreError, Token, TokenSource};
use session_redis::{ConfigError, RedisStore, Server, UnsupportedVersion};
use test_support::RedisServer;

use crate::support::{builder, fake_server, now, record};

#[tokio::test]
async fn url_socket_and_client_lead_to_the_same_sessions() {
    let server = RedisServer::start();
    let socket = format!("redis+unix://{}", server.socket().display());
    let client = redis::Client::open(server.url()).unwrap();
    let token = RedisStore::new(server.url()).unwrap().create(&record(), now()).await.unwrap();
    for server in [Server::url(socket), Server::client(client)] {
        let store = builder(server).build().unwrap();
        assert!(store.load(&token, now()).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn stores_with_different_prefixes_or_databases_do_not_see_each_other() {
    let server = RedisServer::start();
    server.call(&["SET", "session:{ab}-not-a-session", "kept"]);
    let stores = [
        builder(server.url()).build().unwrap(),
        builder(server.url()).prefix("session:inner").build().unwrap(),
        builder(server.url()).prefix("s*").build().unwrap(),
        builder(Server::url(server.url()).database(1)).build().unwrap(),
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
    let store = builder(server.url()).token_source(source).build().unwrap();
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

#[tokio::test]
async fn a_server_that_is_too_old_is_refused_by_name() {
    for old in ["6.2.14", "6.0.0", "5.0.7"] {
        let store = RedisStore::new(fake_server(old, "%0\r\n").await).unwrap();
        for _ in 0..2 {
            let error = store.load(&Token::random().unwrap(), now()).await.unwrap_err();
            let StoreError::Unavailable(cause) = error else { panic!("{error:?}") };
            assert!(cause.to_string().contains(old) && cause.to_string().contains("7.0"), "{cause}");
            assert_eq!(cause.downcast_ref::<UnsupportedVersion>().unwrap().found, old);
        }
        assert!(store.ping().await.is_err());
    }
    for new in ["7.0.0", "7.2.4", "8.1.1", "255.255.255"] {
        let store = RedisStore::new(fake_server(new, "%0\r\n").await).unwrap();
        assert_eq!(store.load(&Token::random().unwrap(), now()).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_server_that_knows_no_greeting_is_too_old() {
    let unknown = "-ERR unknown command `HELLO`, with args beginning with: `3`, \r\n";
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let store = RedisStore::new(format!("redis://{}", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        while let Ok((mut client, _)) = listener.accept().await {
            let _ = client.read(&mut [0; 1000]).await;
            client.write_all(unknown.as_bytes()).await.unwrap();
        }
    });
    let error = store.ping().await.unwrap_err();
    let StoreError::Unavailable(cause) = error else { panic!("{error:?}") };
    assert!(cause.is::<UnsupportedVersion>(), "{cause}");
}

#[cfg(not(feature = "tls"))]
#[test]
fn a_url_that_asks_for_tls_names_the_feature_to_turn_on() {
    for url in ["rediss://127.0.0.1:6379", "rediss://user:password@127.0.0.1"] {
        let refused = RedisStore::new(url).unwrap_err();
        assert_eq!(refused, ConfigError::Tls);
        assert!(refused.to_string().contains("feature `tls`") && !refused.to_string().contains("password"));
        assert_eq!(RedisStore::new(Server::sentinel("mymaster", [url])).unwrap_err(), ConfigError::Tls);
        assert_eq!(RedisStore::new(Server::cluster([url])).unwrap_err(), ConfigError::Tls);
    }
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn a_certificate_is_checked() {
    let server = RedisServer::with_tls();
    let ca = std::fs::read(server.certificate()).unwrap();
    let certificates = redis::TlsCertificates { client_tls: None, root_cert: Some(ca) };
    let client = redis::Client::build_with_tls(server.tls_url(), certificates).unwrap();
    let trusting = builder(Server::client(client)).build().unwrap();
    let token = trusting.create(&record(), now()).await.unwrap();
    assert!(trusting.load(&token, now()).await.unwrap().is_some());

    let wary = builder(server.tls_url()).build().unwrap();
    assert!(matches!(wary.load(&token, now()).await, Err(StoreError::Unavailable(_))));
}
