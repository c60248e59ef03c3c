//! Base64url without padding; decoding accepts only the canonical form.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::NO_PAD;

#[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon")))]
type Engine = base64::engine::Simd;
#[cfg(not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon"))))]
type Engine = base64::engine::GeneralPurpose;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    #[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon")))]
    return Engine::url_safe(NO_PAD);
    #[cfg(not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon"))))]
    return Engine::new(&base64::alphabet::URL_SAFE, NO_PAD);
});

pub(crate) fn encode(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}

pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    ENGINE.decode(text).ok()
}

/// Decodes the first eight characters.
pub(crate) fn decode_start(text: &str) -> Option<[u8; 6]> {
    let mut start = [0; 6];
    let length = ENGINE.decode_slice(text.get(..8)?, &mut start).ok()?;
    (length == start.len()).then_some(start)
}
