//! Session data used by all benchmarks: about 600 bytes as JSON, 500 in binary.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use session::Databag;

/// The data of a session. Libraries that store values by key hold it under the key `visitor`.
#[derive(Clone, Databag, Serialize, Deserialize)]
pub struct Visitor {
    /// The id of the user.
    pub user_id: u64,
    /// The name of the user.
    pub name: String,
    /// The roles of the user.
    pub roles: Vec<String>,
    /// The counter that the routes read and increment.
    pub counter: u64,
    /// 64 pseudo-random hexadecimal digits.
    pub token: String,
    /// Ten preferences.
    pub preferences: BTreeMap<String, String>,
}

/// The data of a new session. Built once, so that creating a session costs only a clone of it.
pub static NEW_VISITOR: LazyLock<Visitor> = LazyLock::new(|| Visitor {
    user_id: 7_341_062,
    name: "Ada Lovelace".to_owned(),
    roles: ["administrator", "editor", "viewer"].map(str::to_owned).to_vec(),
    counter: 1,
    token: token(),
    preferences: (0..10)
        .map(|number| (format!("preference_{number}"), format!("what they chose for {number}")))
        .collect(),
});

impl Visitor {
    /// A number that depends on every field; the response of `/read_all`.
    pub fn size(&self) -> usize {
        let preferences: usize = self.preferences.iter().map(|(name, value)| name.len() + value.len()).sum();
        let roles: usize = self.roles.iter().map(String::len).sum();
        let user = usize::from(self.user_id > self.counter);
        self.name.len() + roles + self.token.len() + preferences + user
    }
}

fn token() -> String {
    let mut state = 1_u64;
    let digit = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from_digit(u32::from(state.to_be_bytes()[0] & 15), 16)
    };
    (0..64).filter_map(digit).collect()
}
