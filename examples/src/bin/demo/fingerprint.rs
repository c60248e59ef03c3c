//! A picture and a short text that tell tokens apart and do not reveal them.

use std::fmt;

use maud::{Markup, html};
use session::Token;
use sha2::{Digest as _, Sha256};

/// Separates these hashes from those under which stores keep sessions.
const DOMAIN: &[u8] = b"fingerprint for display\0";
/// The cells of a row and of a column of the picture, which is symmetric.
const SIZE: usize = 5;

/// The first eight bytes of a hash of a token.
pub(crate) struct Fingerprint([u8; 8]);

impl Fingerprint {
    pub(crate) fn of(token: &Token) -> Self {
        let hash = Sha256::new().chain_update(DOMAIN).chain_update(token.expose()).finalize();
        let mut prefix = [0; 8];
        prefix.copy_from_slice(&hash[..8]);
        Self(prefix)
    }

    pub(crate) fn picture(&self) -> Markup {
        let [.., high, low] = self.0;
        let color = format!("hsl({} 52% 48%)", u16::from_be_bytes([high, low]) % 360);
        html! {
            svg.identicon viewBox={ "-0.5 -0.5 " (SIZE + 1) " " (SIZE + 1) } shape-rendering="crispEdges" aria-hidden="true" {
                @for y in 0..SIZE {
                    @for x in 0..SIZE {
                        @if self.is_filled(x.min(SIZE - 1 - x), y) {
                            rect x=(x) y=(y) width="1" height="1" fill=(color) {}
                        }
                    }
                }
            }
        }
    }

    /// Whether a cell in the left half of the picture is filled.
    fn is_filled(&self, x: usize, y: usize) -> bool {
        self.0[y] >> x & 1 == 1
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second, third, fourth, ..] = self.0;
        write!(f, "{first:02x}{second:02x} {third:02x}{fourth:02x}")
    }
}
