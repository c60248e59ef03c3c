//! Tokens that are in use already, if the harness can make a store with a source of tokens.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::fixture::{self, Fixture};
use super::{Checked, Harness, Requirement, Skipped, Suite, check};
use crate::{Patch, Store, StoreError, Token, TokenSource, WriteOutcome};

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    check! {
        suite;
        "`create` and `renew` never overwrite a session whose token is generated again"
            => async |_, requirement| a_token_in_use_is_not_used_again(suite.harness, requirement).await,
        "if every new token is in use, nothing is stored and no session changes"
            => async |_, requirement| nothing_changes_without_a_free_token(suite.harness, requirement).await,
        "without randomness nothing is stored and no session changes"
            => async |_, requirement| nothing_changes_without_randomness(suite.harness, requirement).await,
    }
}

/// Tokens to be generated next. Once they are used up, tokens are random.
#[derive(Clone, Default)]
struct Script(Arc<Mutex<VecDeque<Next>>>);

#[derive(Clone)]
enum Next {
    Token(Token),
    Failure,
}

impl Script {
    fn then(&self, next: &Next, times: usize) {
        let mut queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        queue.clear();
        queue.extend(std::iter::repeat_n(next.clone(), times));
    }

    fn source(&self) -> TokenSource {
        let Self(queue) = self.clone();
        TokenSource::from_fn(move || match queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front() {
            Some(Next::Token(token)) => Ok(token),
            Some(Next::Failure) => Err(StoreError::Random("no randomness".into())),
            None => Token::random(),
        })
    }
}

async fn scripted<H: Harness>(harness: &H) -> Result<(Fixture<H::Store>, Script), Skipped> {
    let script = Script::default();
    let store = harness.make_with_tokens(script.source()).await;
    let store = store.ok_or(Skipped("the harness makes no store with a source of tokens"))?;
    Ok((Fixture::new(store), script))
}

async fn a_token_in_use_is_not_used_again<H: Harness>(harness: &H, requirement: Requirement) -> Checked {
    let (fixture, script) = scripted(harness).await?;
    let (record, other) = (fixture.record(), fixture.record());
    let token = fixture.create(&record).await;
    script.then(&Next::Token(token.clone()), 1);
    let second = fixture.create(&other).await;
    requirement.holds(second != token, "one token for two sessions");
    fixture::assert_same_record(&requirement, &fixture.load_live(&token).await, &record);
    fixture::assert_same_record(&requirement, &fixture.load_live(&second).await, &other);

    script.then(&Next::Token(token.clone()), 1);
    let fresh = fixture::token_after(&second, fixture.renew(&second, &Patch::new()).await);
    requirement.holds(fresh != token, "one token for two sessions");
    fixture::assert_same_record(&requirement, &fixture.load_live(&token).await, &record);
    fixture::assert_same_record(&requirement, &fixture.load_live(&fresh).await, &other);

    script.then(&Next::Token(fresh.clone()), 1);
    let renewed = fixture::token_after(&fresh, fixture.renew(&fresh, &Patch::new()).await);
    Requirement("`renew` generates a new token").holds(renewed != fresh, "the same token");
    requirement.equal(fixture.load(&fresh).await, None);
    fixture::assert_same_record(&requirement, &fixture.load_live(&renewed).await, &other);
    Ok(())
}

/// Asserts that neither `create` nor `renew` succeeds with what the source generates, and that nothing changes.
async fn assert_fails<H: Harness>(
    harness: &H,
    next: impl Fn(&Token) -> Next,
    is_expected: fn(&StoreError) -> bool,
    requirement: Requirement,
) -> Checked {
    let (fixture, script) = scripted(harness).await?;
    let (record, other) = (fixture.record(), fixture.record());
    let (token, second) = (fixture.create(&record).await, fixture.create(&other).await);
    let next = next(&token);
    script.then(&next, 100_000);
    let created = fixture.store.create(&fixture.record(), fixture.now).await.map(drop);
    requirement.holds(created.as_ref().is_err_and(is_expected), created);
    script.then(&next, 100_000);
    let renewed = fixture.store.renew(&second, &Patch::new().set("name", *b"eve"), fixture.now).await;
    requirement.holds(renewed.as_ref().is_err_and(is_expected), &renewed);
    script.then(&next, 0);
    fixture::assert_same_record(&requirement, &fixture.load_live(&token).await, &record);
    fixture::assert_same_record(&requirement, &fixture.load_live(&second).await, &other);
    requirement.equal(fixture.count().await.unwrap_or(2), 2);
    let renewed = fixture.renew(&second, &Patch::new()).await;
    requirement.holds(matches!(renewed, WriteOutcome::NewToken(_)), renewed);
    Ok(())
}

async fn nothing_changes_without_a_free_token<H: Harness>(harness: &H, requirement: Requirement) -> Checked {
    let is_expected = |error: &StoreError| matches!(error, StoreError::NoFreeToken);
    assert_fails(harness, |token| Next::Token(token.clone()), is_expected, requirement).await
}

async fn nothing_changes_without_randomness<H: Harness>(harness: &H, requirement: Requirement) -> Checked {
    let is_expected = |error: &StoreError| matches!(error, StoreError::Random(_));
    assert_fails(harness, |_| Next::Failure, is_expected, requirement).await
}
