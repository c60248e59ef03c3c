//! Protection against cross-site request forgery.

use actix_web::test::init_service;
use actix_web::{App, web};
use session::csrf::{CsrfLayer, CsrfRefusal};

use super::{send, sessions, write};
use crate::support::on_actix::call;
use crate::support::{Browser, Site};

#[tokio::test]
async fn a_refused_request_reaches_neither_the_handler_nor_the_store() {
    let site = Site::new();
    let browser = site.visitor("ada").await.sending("sec-fetch-site", "cross-site");
    let app = App::new().default_service(web::to(write)).wrap(CsrfLayer::new()).wrap(sessions(&site));
    let app = init_service(app).await;
    assert_eq!(send(&app, &browser).await.status, 200, "a request with a safe method passes");
    site.calls();

    let mut request = browser.request();
    *request.method_mut() = http::Method::POST;
    let response = call(&app, request).await;
    assert_eq!(response.status(), CsrfRefusal::CrossOrigin.status());
    assert!(!response.headers().contains_key("set-cookie"));
    assert_eq!(site.calls(), []);

    let mut request = Browser::new().sending("sec-fetch-site", "same-origin").request();
    *request.method_mut() = http::Method::POST;
    assert_eq!(call(&app, request).await.status(), 200);
}
