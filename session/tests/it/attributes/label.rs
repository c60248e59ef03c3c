//! The attribute `label`: fields in lists of sessions.

use session::{Databag, MemoryStore, SessionManager};

#[derive(Databag)]
struct Labelled {
    #[databag(principal)]
    user: Option<u64>,
    #[databag(index)]
    tenant: String,
    #[databag(index, secret)]
    card: Option<String>,
    /// The name of the browser.
    #[databag(label, rename = "dev", alias = "agent", codec = "json")]
    device: String,
    #[databag(label, counter, keep)]
    visits: u32,
    #[databag(label, default = "nowhere")]
    r#where: String,
    #[databag(label, cas)]
    step: Option<u8>,
    cart: Vec<String>,
}

type Labels = <Labelled as Databag>::Labels;

/// The labels can be named, and hold these fields and no others.
fn shown(labels: Labels) -> (Option<u64>, String, String, u32, String, Option<u8>) {
    let Labels { user, tenant, device, visits, r#where, step } = labels;
    (user, tenant, device, visits, r#where, step)
}

async fn listed(fill: impl FnOnce(&<Labelled as Databag>::Accessors)) -> Labels {
    let manager = SessionManager::<Labelled>::new(MemoryStore::new());
    let session = manager.create().await.unwrap();
    session.data.set_user(7);
    fill(&session.data);
    session.save().await.unwrap();
    manager.sessions_of(&7).await.unwrap().remove(0).labels
}

#[tokio::test]
async fn a_list_shows_what_is_marked_and_what_sessions_are_found_by_and_no_secret() {
    let fill = |data: &<Labelled as Databag>::Accessors| {
        data.set_tenant("acme");
        data.set_card("4111");
        data.set_device("phone");
        data.add_visits(3);
        data.set_step(2);
        data.set_cart(["apple".to_owned()]);
    };
    let labels = listed(fill).await;
    let text = |text: &str| text.to_owned();
    let expected = (Some(7), text("acme"), text("phone"), 3, text("nowhere"), Some(2));
    assert_eq!(format!("{labels:?}"), "__LabelledLabels { .. }", "nothing of it reaches a log");
    assert_eq!(shown(labels.clone()), expected);
}

#[tokio::test]
async fn what_was_never_set_is_listed_with_its_default() {
    let labels = listed(|_| ()).await;
    assert_eq!(shown(labels), (Some(7), String::new(), String::new(), 0, "nowhere".to_owned(), None));
}

#[tokio::test]
async fn the_session_of_the_request_is_the_current_one_of_the_list() {
    let manager = SessionManager::<Labelled>::new(MemoryStore::new());
    let mut sessions = Vec::new();
    for device in ["phone", "desk"] {
        let session = manager.create().await.unwrap();
        session.data.set_user(7);
        session.data.set_device(device);
        session.save().await.unwrap();
        sessions.push(session);
    }
    sessions[0].renew();
    sessions[0].save().await.unwrap();
    for listed in manager.sessions_of(&7).await.unwrap() {
        assert_eq!(listed.is_current(&sessions[0]), listed.labels.device == "phone");
        assert_eq!(listed.is_current(&sessions[1]), listed.labels.device == "desk");
    }
    manager.destroy(&sessions[0]).await.unwrap();
    let listed = manager.sessions_of(&7).await.unwrap();
    assert!(listed.iter().all(|listed| !listed.is_current(&sessions[0])));
}

#[derive(Databag)]
struct Unmarked {
    cart: Vec<String>,
}

#[test]
fn a_databag_without_marked_fields_has_nothing_to_list() {
    let () = Unmarked { cart: vec!["apple".to_owned()] }.labels();
}

#[derive(Databag)]
struct Of<T, U: Default> {
    #[databag(principal)]
    owner: Option<T>,
    #[databag(label)]
    __databag: u8,
    other: U,
}

#[tokio::test]
async fn a_generic_databag_has_a_principal_and_labels_of_its_parameters() {
    let manager = SessionManager::<Of<String, Vec<u8>>>::new(MemoryStore::new());
    let session = manager.create().await.unwrap();
    session.data.set_owner("ada");
    session.data.set_other([1]);
    session.data.set___databag(5);
    session.save().await.unwrap();
    let listed = manager.sessions_of("ada").await.unwrap();
    assert_eq!((listed[0].labels.owner.as_deref(), listed[0].labels.__databag), (Some("ada"), 5));
}
