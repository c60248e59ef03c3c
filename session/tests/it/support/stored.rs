//! What a site's store holds, put there and looked at.

use session::{Record, Store};

use super::{Browser, Session, Site, Verb};

impl<S: Store> Site<S> {
    /// A browser with a session that holds what `fill` put into it, and a store that has counted nothing yet.
    pub(crate) async fn started(&self, fill: fn(&Session)) -> Browser {
        let mut browser = Browser::new();
        self.visit(&mut browser, move |session: Session| async move { fill(&session) }).await;
        assert_eq!(self.calls(), [Verb::Create]);
        browser
    }

    /// What the store holds under the token in the browser's jar, looked up behind the counter's back.
    pub(crate) async fn stored(&self, browser: &Browser) -> Option<Record> {
        self.store.inner.load(&browser.token().into(), self.clock.now()).await.unwrap()
    }

    /// How many sessions live, counted behind the counter's back.
    pub(crate) async fn live(&self) -> u64 {
        self.store.inner.count(self.clock.now()).await.unwrap()
    }

    /// What a request sees: the name, `a`, `b` and `c`. Its store calls do not count.
    pub(crate) async fn seen(&self, browser: &Browser) -> String {
        let handler = |session: Session| async move {
            session.data.read(|bag| format!("{} {} {} {}", bag.name, bag.a, bag.b, bag.c))
        };
        let reply = self.visit_as(browser, handler).await;
        self.calls();
        reply.body
    }
}
