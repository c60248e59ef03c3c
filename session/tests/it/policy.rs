//! The limits of an authentication assurance level.

use std::time::Duration;

use session::{
    Builder, ConfigError, Databag, ManualClock, MemoryStore, Meta, Policy, SameSite, Secure, Session,
    SessionLayer, SessionManager, Timestamp,
};

use crate::support::{T0, seconds};

const DAY: u64 = 24 * 60 * 60;
const HOUR: u64 = 60 * 60;

#[derive(Databag)]
struct UserSession {
    #[databag(principal)]
    user_id: Option<u64>,
}

type Managed = Builder<SessionManager<UserSession>>;

fn builder() -> Builder<SessionLayer> {
    SessionLayer::builder(MemoryStore::new())
}

async fn started(configure: impl FnOnce(Managed) -> Managed) -> (Session<UserSession>, ManualClock) {
    let clock = ManualClock::starting_at(T0);
    let builder = configure(SessionManager::builder(MemoryStore::new()).clock(&clock));
    let session = builder.build().unwrap().create().await.unwrap();
    session.data.set_user_id(7);
    session.save().await.unwrap();
    (session, clock)
}

/// Idle timeout and lifetime of a session, in seconds.
fn durations(session: &Session<UserSession>) -> (u64, u64) {
    let meta = session.meta().unwrap();
    (meta.idle_timeout.as_secs(), meta.lifetime_deadline.since(meta.authenticated_at.unwrap()).as_secs())
}

#[tokio::test]
async fn a_policy_sets_the_figures_of_its_level() {
    for (policy, expected) in [
        (Policy::Aal1, (HOUR, 30 * DAY)),
        (Policy::Aal2, (HOUR, 24 * HOUR)),
        (Policy::Aal3, (15 * 60, 12 * HOUR)),
    ] {
        assert_eq!(durations(&started(|builder| builder.policy(policy)).await.0), expected, "{policy}");
    }
}

#[tokio::test]
async fn settings_may_be_stricter_in_any_order() {
    let first =
        |builder: Managed| builder.idle_timeout(seconds(60)).lifetime(seconds(600)).policy(Policy::Aal3);
    let last =
        |builder: Managed| builder.policy(Policy::Aal3).idle_timeout(seconds(60)).lifetime(seconds(600));
    assert_eq!(durations(&started(first).await.0), (60, 600));
    assert_eq!(durations(&started(last).await.0), (60, 600));
    let long = |builder: Managed| builder.policy(Policy::Aal1).idle_timeout(seconds(30 * DAY));
    assert_eq!(durations(&started(long).await.0), (30 * DAY, 30 * DAY), "AAL1 limits the lifetime only");
}

#[test]
fn a_setting_that_is_looser_is_refused() {
    type Refused = (&'static str, fn(Builder<SessionLayer>) -> Builder<SessionLayer>);
    let refusals: [Refused; 7] = [
        ("idle_timeout", |builder| builder.idle_timeout(Duration::from_millis(3_600_001))),
        ("idle_timeout", |builder| builder.timeout(Duration::MAX)),
        ("anonymous_idle_timeout", |builder| builder.anonymous_idle_timeout(seconds(2 * HOUR))),
        ("lifetime", |builder| builder.lifetime(seconds(25 * HOUR))),
        ("secure", Builder::plain_http),
        ("secure", |builder| builder.secure(Secure::Auto)),
        ("http_only", |builder| builder.http_only(false)),
    ];
    for (setting, configure) in refusals {
        let refused = configure(builder()).policy(Policy::Aal2).build().unwrap_err();
        assert_eq!(refused, ConfigError::LooserThanPolicy { setting, policy: Policy::Aal2 });
        assert!(configure(builder()).build().is_ok(), "without a policy `{setting}` is free");
    }
    let refused = builder().policy(Policy::Aal2).lifetime(Duration::MAX).build().unwrap_err();
    assert_eq!(
        refused.to_string(),
        "`lifetime` is looser than NIST SP 800-63B-4 allows at AAL2; leave it unset, or choose another policy or none"
    );
}

#[test]
fn the_limits_themselves_and_settings_of_no_concern_are_accepted() {
    let at_limits = builder().policy(Policy::Aal2).idle_timeout(seconds(HOUR)).lifetime(seconds(DAY));
    assert!(at_limits.same_site(SameSite::Strict).persistent(true).build().is_ok());
    assert!(builder().policy(Policy::Aal3).header("x-session").plain_http().build().is_ok());
}

#[tokio::test]
async fn deadlines_that_a_request_sets_are_shortened_to_the_limits() {
    let acts: [fn(&Session<UserSession>); 5] = [
        |session| session.remember_for(seconds(30 * DAY)),
        |session| {
            session.set_idle_timeout(Duration::MAX);
            session.set_lifetime(Duration::MAX);
        },
        |session| {
            session.set_idle_timeout(seconds(2 * HOUR));
            session.set_end(Timestamp::NEVER);
        },
        |session| {
            session.authenticated();
            session.remember_for(seconds(30 * DAY));
        },
        |session| {
            session.data.set_user_id(8);
            session.remember_for(seconds(30 * DAY));
        },
    ];
    for act in acts {
        let (session, clock) = started(|builder| builder.policy(Policy::Aal2)).await;
        clock.advance(seconds(600));
        act(&session);
        let shown = session.meta();
        session.save().await.unwrap();
        assert_eq!(durations(&session), (HOUR, 24 * HOUR));
        let limits = |meta: Meta| (meta.idle_timeout, meta.lifetime_deadline, meta.remember);
        assert_eq!(shown.map(limits), session.meta().map(limits));
        let idle_deadline = session.meta().unwrap().idle_deadline;
        assert_eq!(idle_deadline.since(T0).as_secs(), 600 + HOUR);
    }
}

#[tokio::test]
async fn deadlines_within_the_limits_are_as_the_request_set_them() {
    let (session, _) = started(|builder| builder.policy(Policy::Aal2)).await;
    session.remember_for(seconds(600));
    session.save().await.unwrap();
    assert_eq!(durations(&session), (600, 600));
    assert!(session.meta().unwrap().remember);
}

#[tokio::test]
async fn authenticating_again_begins_the_limit_anew_and_use_alone_does_not() {
    let (session, clock) = started(|builder| builder.policy(Policy::Aal3)).await;
    for _ in 0..47 {
        clock.advance(seconds(14 * 60));
        session.save().await.unwrap();
        session.data.set_user_id(7);
        assert!(session.is_valid());
        session.reload().await.unwrap();
        session.set_idle_timeout(seconds(15 * 60));
        session.renew();
        session.save().await.unwrap();
    }
    session.authenticated();
    session.save().await.unwrap();
    assert_eq!(durations(&session), (15 * 60, 12 * HOUR));
    let end = session.meta().unwrap().lifetime_deadline;
    assert_eq!(end.since(T0).as_secs(), 47 * 14 * 60 + 12 * HOUR);
}
