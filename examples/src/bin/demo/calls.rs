//! What the request in progress does to the store.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use session::store::{Change, Patch, WriteOutcome};
use session::{HandleId, Record};
use session_core::entry;

tokio::task_local! {
    static CURRENT: Arc<Mutex<Calls>>;
}

/// The calls of the store during one request. It contains names of fields, and neither values nor tokens.
#[derive(Clone, Default)]
pub(crate) struct Calls {
    /// The session that was loaded or created.
    pub(crate) session: Option<HandleId>,
    pub(crate) plan: Plan,
    pub(crate) fields: Vec<Written>,
    pub(crate) bytes_read: usize,
    pub(crate) bytes_written: usize,
    pub(crate) count: u32,
    /// The time that the calls took.
    pub(crate) time: Duration,
}

/// How a request ended for its session.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Plan {
    #[default]
    Nothing,
    Create,
    Touch,
    Update,
    Renew,
    Destroy,
    /// A write found that the session had ended.
    Gone,
}

impl Plan {
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Nothing => "nothing to write",
            Self::Create => "create the session",
            Self::Touch => "extend the idle deadline",
            Self::Update => "update the fields that changed",
            Self::Renew => "renew: a new token, the old one ends",
            Self::Destroy => "destroy the session",
            Self::Gone => "nothing: the session had ended",
        }
    }
}

/// A field that was written.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) name: String,
    pub(crate) change: String,
}

impl Written {
    fn new(name: &str, change: impl Into<String>) -> Self {
        Self { name: field_name(name), change: change.into() }
    }
}

/// Returns the name of a stored field as an application writes it: `cart["tea"]` for an entry of a map.
pub(crate) fn field_name(stored: &str) -> String {
    match entry::split(stored) {
        Some((map, key)) => format!("{map}[{key}]"),
        None => stored.to_owned(),
    }
}

impl Calls {
    pub(crate) fn loaded(&mut self, record: Option<&Record>) {
        if let Some(record) = record {
            self.session = Some(record.meta().id);
            self.bytes_read += record.as_bytes().len();
        }
    }

    pub(crate) fn created(&mut self, record: &Record) {
        self.plan = Plan::Create;
        self.session = Some(record.meta().id);
        self.bytes_written += record.as_bytes().len();
        self.fields.extend(record.fields().map(|(name, _)| Written::new(name, "set")));
    }

    pub(crate) fn wrote(&mut self, plan: Plan, patch: &Patch, outcome: &WriteOutcome) {
        match outcome {
            WriteOutcome::Gone => return self.plan = Plan::Gone,
            WriteOutcome::Conflict(_) | WriteOutcome::LimitReached => return,
            WriteOutcome::Done | WriteOutcome::NewToken(_) => self.plan = plan,
        }
        if let Some((id, _)) = patch.identity() {
            self.session = Some(id);
        }
        for (name, change) in patch.changes() {
            let written = Written::new(name, describe(change));
            self.bytes_written += name.len() + bytes(change);
            if !self.fields.contains(&written) {
                self.fields.push(written);
            }
        }
    }
}

fn describe(change: &Change) -> String {
    match change {
        Change::Set(_) => "set".to_owned(),
        Change::Remove | Change::RemoveIf { .. } => "removed".to_owned(),
        Change::Add { by, .. } => format!("{by:+}"),
        Change::CompareAndSet { .. } => "compared and set".to_owned(),
    }
}

/// Returns the number of bytes of the new value; of a counter those of the number to add.
fn bytes(change: &Change) -> usize {
    match change {
        Change::Set(value) | Change::CompareAndSet { value: Some(value), .. } => value.len(),
        Change::Add { by, .. } => by.to_string().len(),
        Change::Remove | Change::RemoveIf { .. } | Change::CompareAndSet { value: None, .. } => 0,
    }
}

/// Changes the calls of the request in progress; does nothing outside of a request.
pub(crate) fn record(change: impl FnOnce(&mut Calls)) {
    // An error means that no request is in progress.
    let _ = CURRENT.try_with(|calls| change(&mut calls.lock().unwrap_or_else(PoisonError::into_inner)));
}

/// Awaits the response of a request and returns it with the request's calls.
pub(crate) async fn during<R>(response: impl Future<Output = R>) -> (R, Calls) {
    let calls = Arc::<Mutex<Calls>>::default();
    let response = CURRENT.scope(Arc::clone(&calls), response).await;
    let calls = calls.lock().unwrap_or_else(PoisonError::into_inner).clone();
    (response, calls)
}
