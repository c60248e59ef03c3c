//! Handlers shared by many tests.

use super::Session;

/// Extracts its session without using it.
pub(crate) async fn idle(_: Session) {}

pub(crate) async fn read(session: Session) -> String {
    session.data.name()
}

/// Sets a different value in the session on each call.
pub(crate) async fn write(session: Session) {
    session.data.update_visits(|visits| *visits += 1);
}

pub(crate) async fn renew(session: Session) {
    session.renew();
}

pub(crate) async fn destroy(session: Session) {
    session.destroy();
}
