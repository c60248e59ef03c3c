//! The web framework that serves the tests' requests.

use std::sync::LazyLock;

/// The environment variable that chooses it: `axum` or `actix`.
pub(crate) const VARIABLE: &str = "SESSION_TEST_FRAMEWORK";

/// The lines that a test prints for each request that it makes, and for each that it sends to actix-web.
pub(crate) const SENT: &str = "sent a request";
pub(crate) const SERVED_BY_ACTIX: &str = "served by actix-web";

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framework {
    Axum,
    Actix,
}

impl Framework {
    /// The framework of this process: axum unless the variable says otherwise.
    pub(crate) fn chosen() -> Self {
        static CHOSEN: LazyLock<Framework> = LazyLock::new(|| match std::env::var(VARIABLE).as_deref() {
            Err(_) | Ok("axum") => Framework::Axum,
            Ok("actix") => Framework::Actix,
            Ok(other) => panic!("{VARIABLE} is `axum` or `actix`, not `{other}`"),
        });
        *CHOSEN
    }
}
