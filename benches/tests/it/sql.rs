use benches::route::Route;
use benches::sql;
use test_support::PostgresServer;

/// Calls `test` with the name of each library, on each database.
async fn for_each(test: impl AsyncFn(&str, &str)) {
    let (server, dir) = (PostgresServer::start(), tempfile::TempDir::new().unwrap());
    let file = format!("sqlite:{}?mode=rwc", dir.path().join("sessions.db").display());
    for url in [server.url("postgres"), file] {
        for library in ["bare", "session", "tower-sessions"] {
            test(library, &url).await;
        }
    }
}

#[tokio::test]
async fn every_write_to_a_session_in_an_sql_database_adds_one() {
    for_each(async |library, url| {
        let app = sql::app(library, url).await.unwrap();
        let cookie = app.request(Route::New, None).await.unwrap().cookie().expect(library);
        for expected in ["2", "3"] {
            let written = app.request(Route::Write, Some(&cookie)).await.unwrap();
            assert_eq!(written.text(), expected, "{library} {url}");
            let read = app.request(Route::Read, Some(&cookie)).await.unwrap();
            assert_eq!(read.text(), expected, "{library} {url}");
        }
    })
    .await;
}

#[test]
fn the_traffic_of_every_operation_is_counted() {
    let table = sql::traffic().unwrap().to_string();
    for row in ["session-postgres | load | 1 | 1 |", "session-postgres | update | 1 | 1 |"] {
        assert!(table.contains(row), "{table}");
    }
    assert_eq!(table.lines().count(), 12, "{table}");
}

#[test]
fn sessions_are_swept_while_requests_run() {
    let table = sql::many_sessions(1_000).unwrap().to_string();
    assert!(
        table.contains("| session-postgres | 1 000 |") && table.contains("| session-sqlite | 1 000 |"),
        "{table}"
    );
}
