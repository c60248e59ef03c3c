use std::sync::LazyLock;

use benches::app::App;
use benches::route::Route;
use benches::session_data::NEW_VISITOR;
use benches::variants::{VARIANTS, Variant, with_prefix};
use http::HeaderValue;
use test_support::RedisServer;
use tokio::task::LocalSet;

static REDIS: LazyLock<RedisServer> = LazyLock::new(RedisServer::start);

/// Runs `test` on each variant in sequence.
async fn for_each<F: Future<Output = ()>>(
    variants: &[&'static Variant],
    test: impl Fn(&'static str, App) -> F,
) {
    let redis = REDIS.url();
    let tasks = LocalSet::new();
    tasks
        .run_until(async {
            for variant in variants {
                test(variant.name, variant.app(&redis).await.unwrap()).await;
            }
        })
        .await;
}

fn with_sessions() -> Vec<&'static Variant> {
    VARIANTS.iter().filter(|variant| variant.has_sessions()).collect()
}

async fn text(app: &App, route: Route, cookie: &HeaderValue) -> String {
    app.request(route, Some(cookie)).await.unwrap().text()
}

#[tokio::test]
async fn a_new_session_counts_from_one_and_every_write_adds_one() {
    for_each(&with_sessions(), async |name, app| {
        let mut cookie = app.request(Route::New, None).await.unwrap().cookie().expect(name);
        assert_eq!(text(&app, Route::Read, &cookie).await, "1", "{name}");
        for expected in ["2", "3"] {
            let written = app.request(Route::Write, Some(&cookie)).await.unwrap();
            assert_eq!(written.text(), expected, "{name}");
            cookie = written.cookie().unwrap_or(cookie);
            assert_eq!(text(&app, Route::Read, &cookie).await, expected, "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_session_has_every_field() {
    let size = NEW_VISITOR.size().to_string();
    for_each(&with_sessions(), async |name, app| {
        let cookie = app.request(Route::New, None).await.unwrap().cookie().expect(name);
        assert_eq!(text(&app, Route::ReadAll, &cookie).await, size, "{name}");
    })
    .await;
}

#[tokio::test]
async fn two_visitors_have_two_sessions() {
    for_each(&with_sessions(), async |name, app| {
        let one = app.request(Route::New, None).await.unwrap().cookie().expect(name);
        let other = app.request(Route::New, None).await.unwrap().cookie().expect(name);
        assert_ne!(one, other, "{name}");
        app.request(Route::Write, Some(&one)).await.unwrap();
        assert_eq!(text(&app, Route::Read, &other).await, "1", "{name}");
    })
    .await;
}

/// `axum_session` creates a session for every visitor.
#[tokio::test]
async fn an_unused_session_sets_no_cookie_except_in_axum_session() {
    for_each(&with_prefix(&[]), async |name, app| {
        let cookie = app.request(Route::Anon, None).await.unwrap().cookie();
        assert_eq!(cookie.is_some(), name.starts_with("axum_session"), "{name}");
    })
    .await;
}
