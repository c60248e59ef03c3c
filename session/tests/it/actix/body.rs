//! Bodies of requests.

use actix_web::test::{TestRequest, call_and_read_body, init_service};
use actix_web::{App, web};

use super::sessions;
use crate::support::{Session, Site};

#[tokio::test]
async fn a_token_in_the_body_is_ignored() {
    let site = Site::new();
    let token = site.visitor("ada").await.token().to_owned();
    let echo = async |session: Session, body: String| format!("{} {body}", session.data.name());
    let app = init_service(App::new().route("/", web::post().to(echo)).wrap(sessions(&site))).await;
    let body = format!("__Host-session={token}");
    let request = TestRequest::post().insert_header(("content-type", "application/x-www-form-urlencoded"));
    let echoed = call_and_read_body(&app, request.set_payload(body.clone()).to_request()).await;
    assert_eq!(echoed, format!("nobody {body}"), "and the body is whole");
    assert_eq!(site.calls(), []);
}
