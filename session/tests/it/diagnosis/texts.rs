//! Texts of errors, which say what to do.

use std::sync::Arc;

use session::{CodecError, ConfigError, Error, Policy, SessionRejection, StoreError, Warning};

fn store_errors() -> Vec<(StoreError, &'static str)> {
    vec![
        (StoreError::Unavailable("connection refused".into()), "check that it runs"),
        (StoreError::Timeout, "allow it more time"),
        (StoreError::Corrupt("unexpected end".into()), "check what else writes"),
        (StoreError::TooLarge { actual: 2, limit: 1 }, "keep less in it"),
        (StoreError::Random("no entropy".into()), "let the process have"),
        (StoreError::NoFreeToken, "check the source of randomness"),
        (StoreError::Unsupported("count"), "use a store on the server"),
    ]
}

fn config_errors() -> Vec<(ConfigError, &'static str)> {
    vec![
        (ConfigError::NoIdleTimeout, "give at least"),
        (ConfigError::NoLifetime, "give at least"),
        (ConfigError::LooserThanPolicy { setting: "lifetime", policy: Policy::Aal2 }, "leave it unset"),
        (ConfigError::CookieName("a b".into()), "use ASCII letters"),
        (ConfigError::HeaderName("a b".into()), "use ASCII letters"),
        (ConfigError::Path("a".into()), "starts with `/`"),
        (ConfigError::Domain("a b".into()), "write a host name"),
        (ConfigError::SameSiteNoneInsecure, "needs Secure::Always"),
        (ConfigError::PartitionedInsecure, "needs Secure::Always"),
        (ConfigError::HostPrefix, "use another name"),
        (ConfigError::SecurePrefix, "use another name"),
        (ConfigError::Unserved { store: "cookie", field: "visits" }, "use a store on the server"),
        (ConfigError::SharedField { field: "cart", databags: ("A", "B") }, "namespace"),
        (ConfigError::TwoPrincipals { databags: ("A", "B") }, "mark the other `index`"),
        (ConfigError::NoSessions, "give at least one"),
        (ConfigError::NoPrincipal, "mark a field `principal`"),
        (ConfigError::LimitUnsupported { store: "cookie" }, "use a store on the server"),
        (ConfigError::AlreadyConfigured, "set once"),
    ]
}

fn errors() -> Vec<(Error, &'static str)> {
    let mut errors = vec![
        (Error::Field { name: "theme", source: CodecError::TooLarge }, "bytes"),
        (Error::Gone, "continue without it"),
        (Error::NotFound, "create one"),
        (Error::Conflict { field: "seat".into() }, "try again"),
        (Error::TooManySessions, "end one of them"),
        (Error::NotIndexed, "set exactly one"),
        (Error::Detached, "find the session by its token"),
        (Error::Unclaimable { store: "cookie" }, "use a store on the server"),
        (Error::HeadersSent, "before the response"),
        (Error::Unsaved, "call `save().await`"),
        (Error::Rejected(SessionRejection::MissingLayer), "add `.layer("),
        (
            Error::Rejected(SessionRejection::Unavailable(Arc::new(Error::Load(StoreError::Timeout)))),
            "try again later",
        ),
    ];
    for family in [Error::Load, Error::Save, Error::Touch, Error::Destroy, Error::Manage] {
        errors.extend(store_errors().into_iter().map(|(error, advice)| (family(error), advice)));
    }
    errors.extend(config_errors().into_iter().map(|(error, advice)| (Error::Cookie(error), advice)));
    let unserved = |error| Error::Rejected(SessionRejection::Databag(error));
    errors.extend(config_errors().into_iter().map(|(error, advice)| (unserved(error), advice)));
    errors
}

#[test]
fn every_error_says_with_its_causes_what_to_do() {
    for (error, advice) in errors() {
        let report = error.report().to_string();
        assert!(report.contains(advice), "{report}");
        let text = error.to_string();
        assert!(report.starts_with(&text) && !text.ends_with('.') && !text.contains('\n'), "{text}");
    }
    let plain = Warning::PlainHttp.report().to_string();
    assert!(plain.contains("call `plain_http()`"), "{plain}");
    let memory = Warning::MemoryInProduction.report().to_string();
    assert!(memory.contains("use another"), "{memory}");
}

#[test]
fn no_error_repeats_its_cause() {
    for (error, _) in errors() {
        let mut cause = std::error::Error::source(&error);
        let mut text = error.to_string();
        while let Some(error) = cause {
            assert!(!text.contains(&error.to_string()), "{text}: {error}");
            text = error.to_string();
            cause = error.source();
        }
    }
}

#[test]
fn an_error_on_saving_says_whether_the_session_may_be_saved_all_the_same() {
    for (cause, _) in store_errors() {
        let unknown = matches!(cause, StoreError::Unavailable(_) | StoreError::Timeout);
        let text = Error::Save(cause).to_string();
        assert_eq!(text.contains("only the answer was lost"), unknown, "{text}");
        assert_eq!(text.contains("nothing was written"), !unknown, "{text}");
    }
}
