//! Removal of the other library's cookie.

use http::HeaderMap;
use http::header::SET_COOKIE;

use crate::http::presented::Presented;
use crate::shared::Shared;

impl Shared {
    /// Removes the cookie of the old session that this one continues, unless the new cookie takes its place.
    pub(in crate::http) fn remove_old_cookie(&self, headers: &mut HeaderMap) {
        let is_adopted = |presented: &&Presented| presented.old().is_some_and(|old| old.is_adopted);
        let Some(presented) = self.presented.as_ref().filter(is_adopted) else { return };
        let Some(adoption) = &self.engine.adoption else { return };
        let old = adoption.old.cookie();
        let takes_its_place = self.engine.transport.cookie(presented).is_some_and(|(name, attributes)| {
            old.is_replaced_by(name, &attributes.path, attributes.domain.as_deref())
        });
        if !takes_its_place && let Some(removal) = old.removal() {
            headers.append(SET_COOKIE, removal);
        }
    }
}
