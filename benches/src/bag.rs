//! What every session holds: about 600 bytes as JSON, 500 in binary.

use std::collections::BTreeMap;

/// Whose session it is.
pub const USER_ID: u64 = 7_341_062;
/// The user's name.
pub const NAME: &str = "Ada Lovelace";
/// What the user may do.
pub const ROLES: [&str; 3] = ["administrator", "editor", "viewer"];

/// The roles, owned.
pub fn roles() -> Vec<String> {
    ROLES.map(str::to_owned).to_vec()
}

/// 64 characters that do not compress.
pub fn token() -> String {
    let mut state = 1_u64;
    let digit = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from_digit(u32::from(state.to_be_bytes()[0] & 15), 16)
    };
    (0..64).filter_map(digit).collect()
}

/// Ten settings.
pub fn preferences() -> BTreeMap<String, String> {
    (0..10).map(|number| (format!("preference_{number}"), format!("what they chose for {number}"))).collect()
}

/// What a request that reads every field answers: a number that depends on each.
pub fn size(
    user_id: u64,
    name: &str,
    roles: &[String],
    counter: u64,
    token: &str,
    preferences: &BTreeMap<String, String>,
) -> usize {
    let preferences: usize = preferences.iter().map(|(name, value)| name.len() + value.len()).sum();
    let roles: usize = roles.iter().map(String::len).sum();
    name.len() + roles + token.len() + preferences + usize::from(user_id > counter)
}
