//! Base64url without padding, the one canonical spelling only.

use base64_simd::{AsOut as _, URL_SAFE_NO_PAD};

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode_to_vec(text).ok()
}

/// The first six bytes.
pub(crate) fn decode_start(text: &str) -> Option<[u8; 6]> {
    let mut start = [0; 6];
    URL_SAFE_NO_PAD.decode(text.as_bytes().get(..8)?, start.as_mut_slice().as_out()).ok()?;
    Some(start)
}
