//! Fields set to their default, stored along with other changes.

use session::Databag;

use super::backend::{Backend, backends};

mod old {
    #[derive(session::Databag)]
    pub(super) struct Old {
        user_id: Option<u64>,
        count: u64,
        name: String,
        flag: bool,
        #[databag(default = "light")]
        theme: String,
    }

    #[derive(session::Databag)]
    pub(super) struct ById {
        #[databag(principal)]
        user: u64,
        visits: u64,
    }
}

use old::{ById, Old};

#[derive(Databag)]
struct New {
    user_id: Option<u64>,
    count: Option<u64>,
    name: Option<String>,
    flag: Option<bool>,
    #[databag(default = "dark")]
    theme: String,
}

#[derive(Databag)]
struct ByOptionalId {
    #[databag(principal)]
    user: Option<u64>,
    visits: u64,
}

type OldFields = <Old as Databag>::Accessors;
type NewFields = <New as Databag>::Accessors;

/// How a session gets its values: all at once, by a later change, or by a change back to an earlier value.
const WAYS: [&str; 3] = ["created", "changed", "changed back"];

/// Returns what the next version shows of a value that was set together with the user's id, and its warnings.
async fn shown<R>(
    backend: &Backend,
    way: &str,
    set: fn(&OldFields),
    another: fn(&OldFields),
    read: fn(&NewFields) -> R,
) -> (R, Vec<String>) {
    let with_user = |data: &OldFields| {
        data.set_user_id(7);
        set(data);
    };
    let token = match way {
        "created" => {
            let (manager, _) = backend.version::<Old>();
            let session = manager.create_with(Old::default()).await.unwrap();
            with_user(&session.data);
            session.save().await.unwrap();
            session.token().unwrap()
        }
        "changed" => {
            let token = backend.write::<Old>(|_| ()).await;
            backend.change::<Old>(&token, with_user).await
        }
        _ => {
            let token = backend.write::<Old>(another).await;
            backend.change::<Old>(&token, with_user).await
        }
    };
    backend.read::<New, R>(&token, read).await
}

/// Checks that the next version shows what was set, or its default with a warning that names the field.
macro_rules! explicit {
    ($name:literal, $set:expr, $another:expr, $read:expr, $expected:expr, default $default:expr) => {{
        let mut wrong = Vec::new();
        for backend in &backends() {
            for way in WAYS {
                let (shown, warnings) = shown(backend, way, $set, $another, $read).await;
                let warns = warnings.len() == 1 && warnings[0].contains(concat!("`", $name, "`"));
                let is_right = shown == $expected && warnings.is_empty() || shown == $default && warns;
                if !is_right {
                    wrong.push(format!("{way} on {}: {shown:?} with {warnings:?}", backend.name));
                }
            }
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }};
}

#[tokio::test]
async fn a_zero_that_was_set_is_some_zero() {
    explicit!("count", |data| data.set_count(0), |data| data.set_count(5), NewFields::count, Some(0), default None);
}

#[tokio::test]
async fn an_empty_text_that_was_set_is_some_text() {
    explicit!("name", |data| data.set_name(""), |data| data.set_name("ada"), NewFields::name, Some(String::new()), default None);
}

#[tokio::test]
async fn a_false_that_was_set_is_some_false() {
    explicit!("flag", |data| data.set_flag(false), |data| data.set_flag(true), NewFields::flag, Some(false), default None);
}

#[tokio::test]
async fn a_default_that_was_set_outlives_a_new_default() {
    explicit!("theme", |data| data.set_theme("light"), |data| data.set_theme("dim"), NewFields::theme, "light", default "dark");
}

// A default that means "anonymous" must not become the id of a user.
#[tokio::test]
async fn a_principal_that_was_set_to_its_default_stays_none() {
    for backend in &backends() {
        let write = |data: &<ById as Databag>::Accessors| {
            data.set_user(0);
            data.set_visits(1);
        };
        let token = backend.write::<ById>(write).await;
        let (shown, _) =
            backend.read::<ByOptionalId, _>(&token, <ByOptionalId as Databag>::Accessors::user).await;
        assert_eq!(shown, None, "on {}", backend.name);
    }
}
