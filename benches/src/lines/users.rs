//! The accounts of the programs: what every application has, whatever its sessions are. Not counted.

use std::sync::Mutex;

use serde::Deserialize;

/// The form of the sign-in page, sent to its own address.
pub(crate) const FORM: &str =
    "<form method=post><input name=name><input name=password><button>Sign in</button></form>";

#[derive(Clone, Deserialize)]
pub(crate) struct Credentials {
    name: String,
    password: String,
}

impl Credentials {
    /// Returns the id of the user, if the password is right.
    pub(crate) fn verify(&self) -> Option<u64> {
        (self.name == "ada" && self.password == "engine").then_some(1)
    }
}

/// What a page shows to whom.
pub(crate) fn greeting(user: Option<u64>) -> String {
    user.map_or_else(|| "nobody".to_owned(), |user| format!("user {user}"))
}

/// A column of the table of users, for libraries that cannot find the sessions of a user.
static GENERATION: Mutex<u64> = Mutex::new(0);

/// Returns the generation of a user's sessions.
pub(crate) fn generation(_user: u64) -> u64 {
    *GENERATION.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Ends the generation of a user's sessions.
pub(crate) fn next_generation(_user: u64) {
    *GENERATION.lock().unwrap_or_else(std::sync::PoisonError::into_inner) += 1;
}
