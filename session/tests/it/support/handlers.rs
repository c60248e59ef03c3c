//! The handlers that many tests need.

use super::Session;

/// Asks for its session and leaves it alone.
pub(crate) async fn idle(_: Session) {}

pub(crate) async fn read(session: Session) -> String {
    session.data.name()
}

/// Gives the session its first, and each time another, content.
pub(crate) async fn write(session: Session) {
    session.data.update_visits(|visits| *visits += 1);
}

pub(crate) async fn renew(session: Session) {
    session.renew();
}

pub(crate) async fn destroy(session: Session) {
    session.destroy();
}
