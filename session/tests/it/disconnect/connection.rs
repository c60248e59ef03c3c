//! Connections that the client closes during a request.

use super::store::Side;
use super::{Session, WRITES, When, sessions};
use crate::support::tcp::{in_actix, listen, request};
use crate::support::{Handler as _, Verb};

#[tokio::test]
async fn a_connection_that_is_closed_before_or_after_a_write_leaves_all_of_it_or_nothing() {
    for write in WRITES {
        for side in [Side::Before, Side::After] {
            let (site, browser) = write.site().await;
            let handler = move |session: Session| When::Response.handle(session, write.act);
            let server = listen(&site.layer, handler).await;
            let mut stopped = site.store.inner.stop(write.verb, side);
            let client = request(server.address, "/", &browser, &[]);
            stopped.reached().await;
            drop(client);
            stopped.dropped().await;
            let left = if side == Side::Before { write.before } else { write.after };
            assert_eq!(sessions(&site, &browser).await, left, "{:?}", write.verb);
            assert_eq!(site.errors.take(), [""; 0]);
        }
    }
}

#[tokio::test]
async fn actix_web_completes_the_write_of_a_client_that_has_closed_its_connection_unless_configured_otherwise()
 {
    let write = WRITES.into_iter().find(|write| write.verb == Verb::Update).unwrap();
    let (site, browser) = write.site().await;
    let handler = move |session: Session| When::Response.handle(session, write.act);
    let server = in_actix(&site.layer, handler.into_any(), true);
    let mut stopped = site.store.inner.stop(write.verb, Side::Before);
    let client = request(server.address, "/", &browser, &[]);
    stopped.reached().await;
    drop(client);
    let mut written = site.store.inner.stop(write.verb, Side::After);
    stopped.resume();
    written.reached().await;
    assert_eq!(sessions(&site, &browser).await, write.after);
}
