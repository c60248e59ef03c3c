//! A database as the revocation list of cookie stores.

use std::path::Path;

use session_cookie::{CookieStore, Key};
use session_core::{HandleId, Patch, Store as _, Timestamp, WriteOutcome};

use super::database::{Files, pool, store};
use crate::support::{MINUTE, indexed, now, of_user, record};

/// A random key.
fn key_bytes() -> [u8; 64] {
    let mut bytes = [0; 64];
    for part in bytes.chunks_mut(16) {
        part.copy_from_slice(HandleId::random().unwrap().as_bytes());
    }
    bytes
}

/// A node of an application with a list in this file.
async fn node(key: [u8; 64], file: &Path) -> CookieStore {
    let list = store(pool(file).await).await;
    CookieStore::builder(Key::from_bytes(key).unwrap(), "shop").revocable(list).unwrap()
}

#[tokio::test]
async fn a_sign_out_everywhere_counts_on_other_nodes_and_after_a_restart() {
    let (files, key) = (Files::new(), key_bytes());
    let file = files.next();
    let [one, other] = [node(key, &file).await, node(key, &file).await];
    let phone = one.create(&of_user("ada"), now()).await.unwrap();
    let laptop = other.create(&of_user("ada"), now()).await.unwrap();
    let bob = other.create(&of_user("bob"), now()).await.unwrap();
    let anonymous = one.create(&record(), now()).await.unwrap();
    let is_live =
        async |node: &CookieStore, token, now: Timestamp| node.load(token, now).await.unwrap().is_some();
    for token in [&phone, &laptop, &bob, &anonymous] {
        assert!(is_live(&one, token, now()).await && is_live(&other, token, now()).await);
    }

    one.destroy_by("user", &indexed("ada"), None, now()).await.unwrap();
    let restarted = node(key, &file).await;
    for node in [&one, &other, &restarted] {
        assert!(!is_live(node, &phone, now()).await && !is_live(node, &laptop, now()).await);
        assert!(is_live(node, &bob, now()).await && is_live(node, &anonymous, now()).await);
    }
    let written = restarted.update(&phone, &Patch::new().set("name", *b"eve"), now()).await.unwrap();
    assert_eq!(written, WriteOutcome::Gone);
    let again = restarted.create(&of_user("ada"), now().after(MINUTE)).await.unwrap();
    assert!(is_live(&one, &again, now().after(MINUTE)).await);
}

#[tokio::test]
async fn an_ended_session_is_refused_as_long_as_it_would_have_lived_whatever_is_swept() {
    let (files, key) = (Files::new(), key_bytes());
    let file = files.next();
    let [one, other] = [node(key, &file).await, node(key, &file).await];
    let list = store(pool(&file).await).await;
    let token = one.create(&record(), now()).await.unwrap();
    let WriteOutcome::NewToken(renewed) = other.renew(&token, &Patch::new(), now()).await.unwrap() else {
        panic!("not renewed");
    };
    assert_eq!(one.load(&token, now()).await.unwrap(), None);
    assert!(one.load(&renewed, now()).await.unwrap().is_some());
    one.destroy(&renewed).await.unwrap();
    for minutes in [0, 29] {
        let later = now().after(minutes * MINUTE);
        list.sweep(later).await.unwrap();
        list.clear().await.unwrap();
        assert_eq!(other.load(&renewed, later).await.unwrap(), None);
    }
}
