//! What a store keeps at rest, if the harness can dump it.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::fixture::{Fixture, token_after};
use super::indexing::{PLAIN, indexed};
use super::limited_user::LimitedUser;
use super::limiting::session_limits;
use super::{Checked, Harness, Requirement, Skipped, Suite, check};
use crate::{Evict, Patch, Record, Store, Token};

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    check! {
        suite;
        "a store keeps `Token::store_key`, never the token"
            => async |fixture, requirement| no_token_is_kept(suite.harness, fixture, requirement).await,
    }
}

async fn no_token_is_kept<H: Harness>(
    harness: &H,
    fixture: Fixture<H::Store>,
    requirement: Requirement,
) -> Checked {
    let tokens = tokens_of_every_kind(&fixture).await;
    let dump = harness.dump(&fixture.store).await.ok_or(Skipped("the harness does not dump the store"))?;
    Requirement("a dump contains what is stored").holds(!dump.is_empty(), "an empty dump");
    let dump = searchable(&dump);
    for token in &tokens {
        for (encoding, bytes) in encodings(token) {
            requirement.holds(!dump.contains(&searchable(&bytes)), format_args!("a token, {encoding}"));
        }
    }
    Ok(())
}

/// Returns bytes as text without case, one character each. Text is searched fast in a debug build too.
fn searchable(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(byte.to_ascii_lowercase())).collect()
}

/// Returns the tokens of sessions that were created, written, renewed and destroyed.
async fn tokens_of_every_kind<S: Store>(fixture: &Fixture<S>) -> Vec<Token> {
    let value = indexed("ada");
    let mut tokens = Vec::new();
    for _ in 0..3 {
        let record = Record::new(&fixture.meta(), [("name", PLAIN), ("user", &value)]);
        tokens.push(fixture.create(&record).await);
    }
    let patch = Patch::new().set("name", *b"bob").set("user", indexed("bob"));
    tokens.push(token_after(&tokens[0], fixture.update(&tokens[0], &patch).await));
    tokens.push(token_after(&tokens[1], fixture.renew(&tokens[1], &patch).await));
    fixture.destroy(&tokens[2]).await;
    if session_limits(fixture).is_ok() {
        let ada = LimitedUser::new(1, Evict::Oldest);
        tokens.push(ada.create_allowed(fixture).await.0);
        tokens.push(ada.create_allowed(fixture).await.0);
    }
    tokens
}

/// Returns a token as it may be stored, in the usual encodings.
fn encodings(token: &Token) -> Vec<(&'static str, Vec<u8>)> {
    let text = token.expose();
    let mut encodings = vec![("as it is sent", text.as_bytes().to_vec())];
    if let Ok(bytes) = URL_SAFE_NO_PAD.decode(text) {
        let hex = bytes.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        encodings.push(("hexadecimal", hex.into_bytes()));
        encodings.push(("in base64", STANDARD.encode(&bytes).trim_end_matches('=').as_bytes().to_vec()));
        encodings.push(("its bytes", bytes));
    }
    encodings
}
