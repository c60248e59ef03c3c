//! `load`: it returns live sessions only, and changes nothing.

use super::fixture::{self, Fixture, expect_ok, is_done};
use super::{Harness, Requirement, Suite, check};
use crate::{Refusal, Store, Token, WriteOutcome};

const NOT_AUTHENTIC: Requirement = Requirement("a token that is not authentic is never expired or revoked");

pub(super) async fn run_stateless<H: Harness>(suite: &Suite<'_, H>) {
    check! {
        suite;
        "a record is loaded as it was created"
            => a_created_record_is_loaded,
        "an unknown token is `None`"
            => an_unknown_token_is_none,
        "a malformed token is `None`"
            => a_malformed_token_is_none,
        "a tampered token is `None`"
            => a_tampered_token_is_none,
        "reading changes nothing"
            => reading_changes_nothing,
        "the token of an expired session is expired, or unknown"
            => an_expired_token_is_refused_as_expired_if_that_is_known,
        "a ping changes nothing"
            => a_ping_is_answered_and_changes_nothing,
    }
}

async fn a_created_record_is_loaded<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let record = fixture.record();
    let token = fixture.create(&record).await;
    fixture::assert_same_record(&requirement, &fixture.load_live(&token).await, &record);
}

async fn an_unknown_token_is_none<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let token = Token::from_bytes(&[7; 32]);
    requirement.equal(fixture.load(&token).await, None);
    assert_refused_as_not_authentic(&fixture, &token).await;
    Requirement("without a live record a write is `Gone`").equal(
        fixture.write_outcomes_at(&token, fixture.now).await,
        [WriteOutcome::Gone, WriteOutcome::Gone, WriteOutcome::Gone],
    );
    Requirement("a write to an unknown token creates nothing").equal(fixture.load(&token).await, None);
    Requirement("a write to an unknown token creates nothing").equal(fixture.count().await.unwrap_or(0), 0);
    fixture.destroy(&token).await;
}

async fn a_malformed_token_is_none<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let long = "A".repeat(10_000);
    let almost = "A".repeat(42);
    // 43 characters of which the last has bits beyond the 32 bytes.
    let not_canonical = format!("{almost}B");
    let texts = ["", " ", "null", "*", "?", "../..", "{a}:b", "a\0b", "a\r\nb", "ключ🔑", "="];
    for text in texts.into_iter().chain([&*long, &*almost, &*not_canonical]) {
        let token = Token::from(text);
        requirement.equal(fixture.load(&token).await, None);
        assert_refused_as_not_authentic(&fixture, &token).await;
        Requirement("a write to a malformed token is `Gone`").equal(
            fixture.write_outcomes_at(&token, fixture.now).await,
            [WriteOutcome::Gone, WriteOutcome::Gone, WriteOutcome::Gone],
        );
        fixture.destroy(&token).await;
    }
}

async fn a_tampered_token_is_none<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let token = fixture.create(&fixture.record()).await;
    let text = token.expose();
    for at in 0..text.len() {
        let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
        let tampered = Token::from([&text[..at], other, &text[at + 1..]].concat());
        requirement.equal(fixture.load(&tampered).await, None);
        assert_refused_as_not_authentic(&fixture, &tampered).await;
    }
    requirement.equal(fixture.load(&Token::from(&text[1..])).await, None);
    requirement.equal(fixture.load(&Token::from([text, "A"].concat())).await, None);
    Requirement("loading a tampered token does not affect the session")
        .holds(fixture.load(&token).await.is_some(), "None");
}

async fn assert_refused_as_not_authentic<S: Store>(fixture: &Fixture<S>, token: &Token) {
    let refusal = fixture.refusal_at(token, fixture.now).await;
    let is_possible = matches!(refusal, Refusal::Unknown | Refusal::Malformed | Refusal::Tampered);
    NOT_AUTHENTIC.holds(is_possible, refusal);
}

async fn an_expired_token_is_refused_as_expired_if_that_is_known<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) {
    let record = fixture.record();
    let token = fixture.create(&record).await;
    let refusal = fixture.refusal_at(&token, record.meta().deadline()).await;
    requirement.holds(matches!(refusal, Refusal::Expired | Refusal::Unknown), refusal);
    Requirement("asking for the reason changes nothing")
        .holds(fixture.load(&token).await.is_some(), "the session is gone");
}

async fn reading_changes_nothing<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let record = fixture.record();
    let token = fixture.create(&record).await;
    let deadline = record.meta().deadline();
    requirement.equal(fixture.load_at(&token, deadline).await, None);
    fixture::assert_same_record(&requirement, &fixture.load_live(&token).await, &record);
    fixture::assert_same_record(&requirement, &fixture.load_live(&token).await, &record);
    let written = fixture.touch(&token, deadline).await;
    requirement.holds(is_done(&written), written);
}

async fn a_ping_is_answered_and_changes_nothing<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    expect_ok("answer a ping", fixture.store.ping().await);
    requirement.equal(fixture.count().await.unwrap_or(0), 0);
    let record = fixture.record();
    let token = fixture.create(&record).await;
    expect_ok("answer a ping", fixture.store.ping().await);
    fixture::assert_same_record(&requirement, &fixture.load_live(&token).await, &record);
}
