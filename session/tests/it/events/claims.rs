//! Events of claims that another request won.

use session::SessionEvent;

use super::{Person, Session, on_each_server};

#[tokio::test]
async fn of_two_claims_of_a_one_time_code_the_lost_one_is_reported() {
    on_each_server!(|builder| builder, |_, site, events| {
        let (mut browser, id) = site.signed_in("ada").await;
        site.visit(&mut browser, |session: Session| async move { session.data.set_code("1234") }).await;
        let (one, two) = (site.open_as::<Person>(&browser).await, site.open_as::<Person>(&browser).await);
        events.take();
        assert_eq!(one.session.data.claim_code().await.unwrap().as_deref(), Some("1234"));
        assert_eq!(events.take(), []);
        assert_eq!(two.session.data.claim_code().await.unwrap(), None);
        assert_eq!(events.take(), [SessionEvent::ClaimLost { id, field: "code" }]);
        one.respond(200).await;
        two.respond(200).await;
        assert_eq!(events.take(), []);
    });
}
