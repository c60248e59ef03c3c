//! Direct access to the stored sessions of a site.

use session::{Record, Store};

use super::{Browser, Session, Site, Verb};

impl<S: Store> Site<S> {
    /// Returns a browser with a session filled by `fill`, and resets the counts of the store.
    pub(crate) async fn started(&self, fill: fn(&Session)) -> Browser {
        let mut browser = Browser::new();
        self.visit(&mut browser, move |session: Session| async move { fill(&session) }).await;
        assert_eq!(self.calls(), [Verb::Create]);
        browser
    }

    /// Returns the record of the session in the browser's jar, without counting the call.
    pub(crate) async fn stored(&self, browser: &Browser) -> Option<Record> {
        self.store.inner.load(&browser.token().into(), self.clock.now()).await.unwrap()
    }

    /// Returns the number of live sessions, without counting the call.
    pub(crate) async fn live(&self) -> u64 {
        self.store.inner.count(self.clock.now()).await.unwrap()
    }

    /// Returns what a request reads: the name, `a`, `b` and `c`. Its store calls do not count.
    pub(crate) async fn seen(&self, browser: &Browser) -> String {
        let handler = |session: Session| async move {
            session.data.read(|bag| format!("{} {} {} {}", bag.name, bag.a, bag.b, bag.c))
        };
        let reply = self.visit_as(browser, handler).await;
        self.calls();
        reply.body
    }
}
