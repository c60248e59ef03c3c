//! `load`: what is not a live session is `None`, and reading changes nothing.

use super::Promise;
use super::trial::{self, Trial, is_done, worked};
use crate::{Store, Token, WriteOutcome};

pub(super) async fn run_stateless<S: Store>(trial: &impl AsyncFn() -> Trial<S>) {
    what_was_created_is_loaded(trial().await).await;
    an_unknown_token_is_none(trial().await).await;
    a_malformed_token_is_none(trial().await).await;
    a_tampered_token_is_none(trial().await).await;
    reading_changes_nothing(trial().await).await;
    a_ping_is_answered_and_changes_nothing(trial().await).await;
}

async fn what_was_created_is_loaded<S: Store>(trial: Trial<S>) {
    let promise = Promise("a record is loaded as it was created");
    let record = trial.record();
    let token = trial.create(&record).await;
    trial::equal(&promise, &trial.live(&token).await, &record);
}

async fn an_unknown_token_is_none<S: Store>(trial: Trial<S>) {
    let token = Token::from_bytes(&[7; 32]);
    Promise("an unknown token is `None`").equal(trial.load(&token).await, None);
    Promise("without a live record a write is `Gone`").equal(
        trial.writes_at(&token, trial.now).await,
        [WriteOutcome::Gone, WriteOutcome::Gone, WriteOutcome::Gone],
    );
    Promise("a write to an unknown token creates nothing").equal(trial.load(&token).await, None);
    Promise("a write to an unknown token creates nothing").equal(trial.count().await.unwrap_or(0), 0);
    trial.destroy(&token).await;
}

async fn a_malformed_token_is_none<S: Store>(trial: Trial<S>) {
    let long = "A".repeat(10_000);
    let almost = "A".repeat(42);
    // 43 characters whose last one has bits beyond the 32 bytes.
    let not_canonical = format!("{almost}B");
    let texts = ["", " ", "null", "*", "?", "../..", "{a}:b", "a\0b", "a\r\nb", "ключ🔑", "="];
    for text in texts.into_iter().chain([&*long, &*almost, &*not_canonical]) {
        let token = Token::from(text);
        Promise("a malformed token is `None`").equal(trial.load(&token).await, None);
        Promise("a write to a malformed token is `Gone`").equal(
            trial.writes_at(&token, trial.now).await,
            [WriteOutcome::Gone, WriteOutcome::Gone, WriteOutcome::Gone],
        );
        trial.destroy(&token).await;
    }
}

async fn a_tampered_token_is_none<S: Store>(trial: Trial<S>) {
    let promise = Promise("a tampered token is `None`");
    let token = trial.create(&trial.record()).await;
    let text = token.expose();
    for at in 0..text.len() {
        let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
        let tampered = Token::from([&text[..at], other, &text[at + 1..]].concat());
        promise.equal(trial.load(&tampered).await, None);
    }
    promise.equal(trial.load(&Token::from(&text[1..])).await, None);
    promise.equal(trial.load(&Token::from([text, "A"].concat())).await, None);
    Promise("a tampered token does not harm the session").holds(trial.load(&token).await.is_some(), "None");
}

async fn reading_changes_nothing<S: Store>(trial: Trial<S>) {
    let promise = Promise("reading changes nothing");
    let record = trial.record();
    let token = trial.create(&record).await;
    let deadline = record.meta().deadline();
    promise.equal(trial.load_at(&token, deadline).await, None);
    trial::equal(&promise, &trial.live(&token).await, &record);
    trial::equal(&promise, &trial.live(&token).await, &record);
    let written = trial.touch(&token, deadline).await;
    promise.holds(is_done(&written), written);
}

async fn a_ping_is_answered_and_changes_nothing<S: Store>(trial: Trial<S>) {
    let promise = Promise("a ping changes nothing");
    worked("answer a ping", trial.store.ping().await);
    promise.equal(trial.count().await.unwrap_or(0), 0);
    let record = trial.record();
    let token = trial.create(&record).await;
    worked("answer a ping", trial.store.ping().await);
    trial::equal(&promise, &trial.live(&token).await, &record);
}
