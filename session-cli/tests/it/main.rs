//! The program `session` on each store that it reads.

mod support;

use session::HandleId;

use support::{Store, stores};

#[tokio::test]
async fn a_list_shows_who_is_signed_in_and_neither_tokens_nor_other_values() {
    for store in stores().await {
        let (ada, _) = (store.sign_in("ada", 7).await, store.sign_in("bob", 8).await);
        let listed = store.run(&["list"]).succeeds();
        assert_eq!(listed.lines().count(), 2, "{}: {listed}", store.name);
        let line = listed.lines().find(|line| line.starts_with(&ada.id.to_string())).unwrap();
        assert!(line.contains("tenant=7") && line.contains("user=\"ada\""), "{line}");
        for hidden in ["bob", "secret", ada.token.expose()] {
            assert!(!line.contains(hidden), "{}: {line}", store.name);
        }
        let own = store.run(&["list", "user=bob"]).succeeds();
        assert_eq!(own.lines().count(), 1, "{own}");
        assert_eq!(store.run(&["list", "--limit", "1"]).succeeds().lines().count(), 1);
    }
}

#[tokio::test]
async fn json_is_one_object_a_line() {
    for store in stores().await {
        let ada = store.sign_in("ada", 7).await;
        let listed = store.run(&["list", "--json"]).succeeds();
        let row: serde_json::Value = serde_json::from_str(listed.trim()).unwrap();
        assert_eq!(row["id"], ada.id.to_string());
        assert_eq!(row["indexed"], serde_json::json!({ "tenant": 7, "user": "ada" }));
        assert_eq!(row["created"].as_str().unwrap().len(), "2026-01-01T00:00:00Z".len());
        assert_eq!(store.run(&["count", "--json"]).succeeds(), "{\"live\":1}\n");
    }
}

#[tokio::test]
async fn one_session_is_shown_with_names_and_sizes_and_without_values() {
    for store in stores().await {
        let ada = store.sign_in("ada", 7).await;
        let id = ada.id.to_string();
        let shown = store.run(&["show", &id]).succeeds();
        assert!(shown.contains("code") && shown.contains(" bytes"), "{shown}");
        assert!(!shown.contains("secret") && !shown.contains(ada.token.expose()), "{shown}");
        let json: serde_json::Value =
            serde_json::from_str(&store.run(&["show", &id, "--json"]).succeeds()).unwrap();
        assert!(json["bytes"]["code"].as_u64().unwrap() > 6);
    }
}

#[tokio::test]
async fn a_session_is_ended_by_its_handle_id_and_no_other() {
    for store in stores().await {
        let (ada, bob) = (store.sign_in("ada", 7).await, store.sign_in("bob", 7).await);
        assert_eq!(store.run(&["end", &ada.id.to_string()]).succeeds(), "1 ended\n");
        assert!(!store.is_live(&ada).await && store.is_live(&bob).await, "{}", store.name);
        let again = store.run(&["end", &ada.id.to_string()]).fails();
        assert_eq!(again, "session: there is no live session of this handle id\n");
        let unknown = HandleId::random().unwrap().to_string();
        store.run(&["show", &unknown]).fails();
    }
}

#[tokio::test]
async fn all_sessions_of_one_principal_are_ended_and_those_of_others_stay() {
    for store in stores().await {
        let (ada, again) = (store.sign_in("ada", 7).await, store.sign_in("ada", 8).await);
        let bob = store.sign_in("bob", 7).await;
        assert_eq!(store.run(&["end-all", "user=ada"]).succeeds(), "2 ended\n", "{}", store.name);
        assert!(!store.is_live(&ada).await && !store.is_live(&again).await);
        assert!(store.is_live(&bob).await, "{}", store.name);
        assert_eq!(store.run(&["end-all", "user=ada"]).succeeds(), "0 ended\n");
    }
}

#[tokio::test]
async fn numbers_are_found_as_numbers_and_fields_without_an_index_are_not_found() {
    for store in stores().await {
        let ada = store.sign_in("ada", 7).await;
        assert_eq!(store.run(&["end-all", "tenant=70"]).succeeds(), "0 ended\n");
        assert_eq!(store.run(&["end-all", "code=secret"]).succeeds(), "0 ended\n");
        assert!(store.is_live(&ada).await);
        assert_eq!(store.run(&["end-all", "tenant=7"]).succeeds(), "1 ended\n");
        assert!(!store.is_live(&ada).await);
    }
}

#[tokio::test]
async fn everyone_is_signed_out_only_on_request() {
    for store in stores().await {
        let (ada, bob) = (store.sign_in("ada", 7).await, store.sign_in("bob", 8).await);
        store.run(&["end-all"]).fails();
        assert!(store.is_live(&ada).await && store.is_live(&bob).await);
        assert_eq!(store.run(&["end-all", "--everyone"]).succeeds(), "2 ended\n");
        assert_eq!(store.run(&["count"]).succeeds(), "0 live\n");
    }
}

#[tokio::test]
async fn a_sweep_removes_expired_sessions_and_no_live_one() {
    for store in stores().await {
        store.sign_in("ada", 7).await;
        store.run(&["sweep"]).succeeds();
        assert_eq!(store.run(&["count"]).succeeds(), "1 live\n");
    }
}

#[tokio::test]
async fn sealed_values_are_read_with_their_key_only() {
    let (old, new) = (support::random_key(), support::random_key());
    let keys = format!("{new},{old}");
    for store in Store::sealed(&old).await {
        let ada = store.sign_in("ada", 7).await;
        let listed = store.run_with(&["list"], &[("SESSION_SEAL_KEYS", &keys)]).succeeds();
        assert!(listed.contains(&ada.id.to_string()) && listed.contains("user=\"ada\""), "{listed}");
        assert_eq!(store.run_with(&["list"], &[("SESSION_SEAL_KEYS", &new)]).succeeds(), "");
        assert_eq!(store.run(&["list"]).succeeds(), "");
        let refused = store.run_with(&["list"], &[("SESSION_SEAL_KEYS", "1234")]).fails();
        assert!(refused.starts_with("session: SESSION_SEAL_KEYS: not a key") && !refused.contains("1234"));
        assert!(store.is_live(&ada).await, "{}", store.name);
    }
}

#[test]
fn a_wrong_url_is_explained_without_its_password() {
    for (url, message) in [
        ("redis://:hunter2@127.0.0.1:1", "session: "),
        ("postgres://app:hunter2@127.0.0.1:1/app", "session: cannot reach the database: "),
        ("mysql://app:hunter2@127.0.0.1:1/app", "session: cannot reach the database: "),
        ("sqlite:/nowhere/hunter2/sessions.db", "session: "),
        ("ftp://app:hunter2@127.0.0.1", "session: not the URL of a store: write `redis://…`"),
        ("hunter2", "session: not the URL of a store: write `redis://…`"),
    ] {
        let message_printed = support::run(url, &["count"], &[]).fails();
        assert!(message_printed.starts_with(message), "{url}: {message_printed}");
        assert!(!message_printed.contains("hunter2"), "{message_printed}");
    }
}

#[test]
fn a_handle_id_may_begin_with_a_hyphen() {
    let store = Store::redis();
    for id in ["-hAAAAAAAAAAAAAAAAAAAA", "-VAAAAAAAAAAAAAAAAAAAA", "--AAAAAAAAAAAAAAAAAAAA"] {
        for command in ["show", "end"] {
            let printed = store.run(&[command, id]).fails();
            assert_eq!(printed, "session: there is no live session of this handle id\n", "{id}");
        }
        store.run(&["show", "--json", id]).fails();
    }
}

#[test]
fn help_shows_no_url_of_the_environment() {
    let help = support::run("redis://:hunter2@127.0.0.1:1", &["--help"], &[]).succeeds();
    assert!(help.contains("SESSION_STORE") && !help.contains("hunter2"), "{help}");
}

#[tokio::test]
async fn a_condition_without_a_value_is_refused() {
    let store = Store::redis();
    let refused = store.run(&["end-all", "ada"]).fails();
    assert!(refused.contains("write the name of a field, `=` and its value"), "{refused}");
}
