//! What the server knows of the client: its address, and whether the connection is encrypted.

use actix_service::IntoServiceFactory as _;
use actix_web::dev::{AppConfig, Service as _, ServiceFactory as _};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, HttpMessage as _, web};
use session::{ClientAddr, ClientChange, Connection, Databag, Secure};

use super::{sessions, write};
use crate::support::Site;

#[derive(Databag)]
struct Device {
    #[databag(principal)]
    user: Option<String>,
    #[databag(bind = "network")]
    network: Option<String>,
}

async fn sign_in(session: session::Session<Device>) -> String {
    session.data.set_user("ada");
    session.save().await.unwrap();
    session.data.network().unwrap_or_else(|| "unknown".to_owned())
}

#[tokio::test]
async fn the_address_is_that_of_the_connection_unless_the_extensions_have_another() {
    let site = Site::with(|builder| builder.on_client_change(ClientChange::Report));
    let app = App::new().route("/", web::get().to(sign_in)).wrap(sessions(&site));
    let app = init_service(app).await;
    let request = TestRequest::with_uri("/").peer_addr("203.0.113.7:50123".parse().unwrap());
    let response = actix_web::test::call_and_read_body(&app, request.to_request()).await;
    assert_eq!(response, "203.0.113.0/24");

    let request = TestRequest::with_uri("/").peer_addr("203.0.113.7:50123".parse().unwrap()).to_request();
    request.extensions_mut().insert(ClientAddr("192.0.2.1".parse().unwrap()));
    assert_eq!(actix_web::test::call_and_read_body(&app, request).await, "192.0.2.0/24");

    let request = TestRequest::with_uri("/").to_request();
    assert_eq!(actix_web::test::call_and_read_body(&app, request).await, "unknown");
}

/// Whether a server with or without TLS sends a cookie with the attribute `Secure` on a connection about which the
/// extensions have this.
async fn is_secure(tls: bool, known: Option<Connection>) -> bool {
    let site = Site::with(|builder| builder.secure(Secure::Auto));
    let app = App::new().route("/", web::get().to(write)).wrap(sessions(&site));
    let address = "127.0.0.1:443".parse().unwrap();
    let config = AppConfig::__priv_test_new(tls, "example.com".to_owned(), address);
    let app = app.into_factory().new_service(config).await.unwrap();
    let request = TestRequest::with_uri("/").to_request();
    if let Some(connection) = known {
        request.extensions_mut().insert(connection);
    }
    let response = app.call(request).await.unwrap();
    response.headers().get("set-cookie").unwrap().to_str().unwrap().contains("Secure")
}

#[tokio::test]
async fn a_server_with_tls_knows_its_connections_and_one_without_may_be_behind_a_proxy() {
    assert!(is_secure(true, None).await);
    assert!(is_secure(false, None).await, "nothing is known");
    assert!(!is_secure(true, Some(Connection::Plain)).await);
    assert!(!is_secure(false, Some(Connection::Plain)).await);
}
