//! Writing a session's pending cookie into response headers.

use std::borrow::Cow;

use http::HeaderMap;

use super::presented::Presented;
use super::request_info::RequestInfo;
use super::set_cookie::age;
use super::transport::Outgoing;
use crate::events::Event;
use crate::shared::Shared;
use crate::state::PendingCookie;

impl Shared {
    /// Writes the pending `Set-Cookie` or its deletion, and `Vary`.
    pub(super) fn send(&self, pending: PendingCookie, headers: &mut HeaderMap) {
        let transport = &self.engine.transport;
        match pending {
            PendingCookie::None => transport.vary(headers),
            PendingCookie::Deletion => {
                transport.write(&self.presented(), &Outgoing::Deletion, headers);
                #[cfg(feature = "adopt")]
                self.remove_old_cookie(headers);
                transport.clear_site_data(false, headers);
            }
            PendingCookie::Age | PendingCookie::Token | PendingCookie::Replacement => {
                let token = self.state().backing.token().cloned();
                let (Some(token), Some(meta)) = (token, self.contents_without_record().meta()) else {
                    return;
                };
                let outgoing = Outgoing::Token(token, age(&meta, &self.engine.clock));
                transport.write(&self.presented(), &outgoing, headers);
                #[cfg(feature = "adopt")]
                self.remove_old_cookie(headers);
                if pending == PendingCookie::Replacement {
                    transport.clear_site_data(true, headers);
                }
                self.notify(Event::Client);
            }
        }
    }

    /// The tokens that the request presented; empty without a request.
    pub(super) fn presented(&self) -> Cow<'_, Presented> {
        let transport = &self.engine.transport;
        let unknown = || transport.read(&RequestInfo::of_headers(&HeaderMap::new()));
        self.presented.as_ref().map_or_else(|| Cow::Owned(unknown()), Cow::Borrowed)
    }
}
