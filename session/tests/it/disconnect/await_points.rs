//! The future of a response, and its body, dropped at each of their await points.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use super::{Session, WRITES, When, Write, sessions};
use crate::support::Verb;

/// Polls a future this often, and then drops it.
async fn polled<F: Future>(future: F, times: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut polls = 0..times;
    poll_fn(|cx| {
        if polls.next().is_none() {
            return Poll::Ready(None);
        }
        cx.waker().wake_by_ref();
        future.as_mut().poll(cx).map(Some)
    })
    .await
}

/// Sends the request once for each of its await points and drops it there. Returns the sessions that were left each time, and
/// the errors that were reported.
async fn drop_everywhere(write: &Write, when: When) -> (Vec<Vec<String>>, Vec<String>) {
    let (mut left, mut errors) = (Vec::new(), Vec::new());
    loop {
        let (site, browser) = write.site().await;
        let act = write.act;
        let handler = move |session: Session| when.handle(session, act);
        let reply = polled(site.visit_as(&browser, handler), left.len()).await;
        left.push(sessions(&site, &browser).await);
        errors.extend(site.errors.take());
        if let Some(reply) = reply {
            assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "written"));
            return (left, errors);
        }
    }
}

#[tokio::test]
async fn a_request_that_is_dropped_at_any_await_point_leaves_its_whole_write_or_nothing() {
    for write in WRITES {
        for when in [When::Response, When::Save] {
            let (mut left, errors) = drop_everywhere(&write, when).await;
            // One before and one after each call: that which writes, and for a client with a cookie that which loads.
            assert!(left.len() > if write.verb == Verb::Create { 2 } else { 4 }, "{} polls", left.len());
            left.dedup();
            assert_eq!(left, [write.before, write.after], "{:?} in {when:?}", write.verb);
            assert_eq!(errors, [""; 0], "a client that goes away is no error");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_dropped_at_any_await_point_leaves_what_it_saves_or_nothing() {
    for write in WRITES.iter().filter(|write| matches!(write.verb, Verb::Update | Verb::Destroy)) {
        let (mut left, _) = drop_everywhere(write, When::Body).await;
        assert!(left.len() > 4, "{} polls", left.len());
        left.dedup();
        assert_eq!(left, [write.before, write.after], "{:?}", write.verb);
    }
}
