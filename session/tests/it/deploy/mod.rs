//! One version of an application writes, the next reads.

mod codecs;
mod integers;
mod limits;
mod principals;
mod shapes;
mod warnings;

use session::{Databag, SessionManager};

use crate::support::{Log, SpyStore};

/// What the next version of the application shows, and the warnings that it gave.
pub(crate) type Read<T> = (T, Vec<String>);

/// A manager over a store that another may share, and its warnings.
pub(crate) fn version<T: Databag>(store: &SpyStore) -> (SessionManager<T>, Log) {
    let warnings = Log::default();
    let log = warnings.clone();
    let manager = SessionManager::builder(store.clone())
        .on_warning(move |warning| log.push_error(warning))
        .build()
        .unwrap();
    (manager, warnings)
}

/// Stores a session by one version of an application and reads it by the next.
pub(crate) async fn deploy<Old: Databag, New: Databag, R>(
    write: impl FnOnce(&Old::Accessors),
    read: impl FnOnce(&New::Accessors) -> R,
) -> Read<R> {
    let store = SpyStore::default();
    let (old, _) = version::<Old>(&store);
    let session = old.create().await.unwrap();
    write(&session.data);
    session.save().await.unwrap();
    let token = session.token().unwrap();
    let (new, warnings) = version::<New>(&store);
    let shown = read(&new.get(&token).await.unwrap().data);
    (shown, warnings.take())
}

macro_rules! bags {
    ($($module:ident $(($($codec:tt)*))?;)*) => { $(
        /// A databag of one field, of any type.
        pub(crate) mod $module {
            use serde::{Serialize, de::DeserializeOwned};
            use session::Databag;

            #[derive(Databag)]
            pub(crate) struct Bag<T> {
                $(#[databag($($codec)*)])?
                value: T,
            }

            /// Writes a value of one type and reads it as another.
            pub(crate) async fn read_as<New, Old>(old: Old) -> crate::deploy::Read<New>
            where
                Old: Clone + Default + Serialize + DeserializeOwned + Send + 'static,
                New: Clone + Default + Serialize + DeserializeOwned + Send + 'static,
            {
                crate::deploy::deploy::<Bag<Old>, Bag<New>, _>(|data| data.set_value(old), |data| data.value()).await
            }
        }
    )* };
}

use bags;

bags! { named; json(codec = "json"); }
