//! `#[derive(Databag)]`.

mod attributes;
mod combined;
mod compile_errors;
mod concurrent;
mod defaults;
mod evolution;
mod hostile;
mod namespaces;
mod secrets;
mod tracking;
mod values;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::HeaderMap;
use session::store::Patch;
use session::{
    Databag, HandleId, ManualClock, Meta, Record, Session, SessionManager, Store, Timestamp, Warning,
};
use tokio::runtime;

use crate::support::SpyStore;

/// Returns a record of these fields that does not expire.
fn record<'a>(fields: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Record {
    let meta = Meta {
        id: HandleId::from([7; 16]),
        created_at: Timestamp::from_millis(0),
        authenticated_at: None,
        idle_deadline: Timestamp::NEVER,
        idle_timeout: Duration::MAX,
        lifetime_deadline: Timestamp::NEVER,
        remember: false,
    };
    Record::new(&meta, fields)
}

/// A session in a separate store, for tests that need no runtime.
struct Opened<T: Databag> {
    session: Session<T>,
    store: SpyStore,
    clock: ManualClock,
    unreadable: Arc<Mutex<Vec<&'static str>>>,
}

/// Opens the session of a record, or one that is not stored yet.
fn open<T: Databag>(record: Option<Record>) -> (T::Accessors, Opened<T>) {
    let (store, clock) = (SpyStore::default(), ManualClock::starting_at(Timestamp::from_millis(0)));
    let unreadable = Arc::<Mutex<Vec<_>>>::default();
    let warnings = Arc::clone(&unreadable);
    let manager = SessionManager::<T>::builder(store.clone())
        .clock(&clock)
        .idle_timeout(Duration::MAX)
        .lifetime(Duration::MAX)
        .on_error(|_| {})
        .on_warning(move |warning| {
            if let Warning::Field(field) = warning {
                warnings.lock().unwrap().push(field.name);
            }
        })
        .build()
        .unwrap();
    let session = now(async {
        match record {
            Some(record) => {
                let token = store.create(&record, clock.now()).await.unwrap();
                manager.get(&token).await.unwrap()
            }
            None => manager.load_from(&HeaderMap::new()).await.unwrap(),
        }
    });
    (session.data.clone(), Opened { session, store, clock, unreadable })
}

impl<T: Databag> Opened<T> {
    /// Saves, and returns the patch that was sent to the store.
    fn patch(&self) -> Patch {
        self.store.take_patches();
        self.store.take_calls();
        now(self.session.save()).unwrap();
        if let Some(patch) = self.store.take_patches().pop() {
            return patch;
        }
        let created = self.store.take_calls().contains(&crate::support::Verb::Create);
        let fields = self.stored().filter(|_| created);
        fields
            .iter()
            .flat_map(Record::fields)
            .fold(Patch::new(), |patch, (name, value)| patch.set(name.to_owned(), value))
    }

    /// The names of the fields that could not be read since the last call.
    fn unreadable(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.unreadable.lock().unwrap())
    }

    fn stored(&self) -> Option<Record> {
        let token = self.session.token()?;
        now(self.store.load(&token, self.clock.now())).unwrap()
    }
}

/// Returns the record after the changes of the session.
fn saved<T: Databag>(opened: &Opened<T>) -> Record {
    if opened.session.id().is_none() {
        opened.session.renew();
    }
    now(opened.session.save()).unwrap();
    opened.stored().unwrap()
}

fn now<R>(future: impl Future<Output = R>) -> R {
    runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}
