//! Patches of session data, and values while patches are in flight.

mod attributes;
mod views;
mod writes;

use std::marker::PhantomData;
use std::sync::Arc;

use session_core::{Patch, Record};

use super::{Cleared, Contents, Guard, Handover, Lock, UnreadableField, Unwritable};
use crate::clock::Clock;
use crate::databag::Databag;

/// The data of a session with one databag.
struct Data<T>(Arc<Lock<Contents>>, PhantomData<fn() -> T>);

impl<T> Clone for Data<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0), PhantomData)
    }
}

impl<T: Databag> Data<T> {
    fn new(record: Option<Record>) -> Self {
        Self::on(record, Clock::system())
    }

    fn on(record: Option<Record>, clock: impl Into<Clock>) -> Self {
        let mut contents = Contents::new(record, clock.into(), None);
        contents.open::<T>().unwrap();
        Self(Arc::new(Lock::new(contents)), PhantomData)
    }

    fn from_bag(bag: T) -> Self {
        let mut contents = Contents::new(None, Clock::system(), None);
        contents.open_with(bag);
        Self(Arc::new(Lock::new(contents)), PhantomData)
    }

    fn contents(&self) -> Guard<'_> {
        Guard::new(self.0.lock())
    }

    fn read<R>(&self, reader: impl FnOnce(&T) -> R) -> R {
        self.contents().read(0, reader)
    }

    fn get<R>(&self, index: usize, reader: impl FnOnce(&T) -> R) -> R {
        self.contents().get(0, index, reader)
    }

    fn set<R>(&self, index: usize, writer: impl FnOnce(&mut T) -> R) -> R {
        self.contents().set(0, index, writer)
    }

    fn update<R>(&self, index: usize, writer: impl FnOnce(&mut T) -> R) -> R {
        self.contents().update(0, index, writer)
    }

    fn take<R>(&self, index: usize, writer: impl FnOnce(&mut T) -> R) -> R {
        self.contents().take(0, index, writer)
    }

    fn add<R>(&self, index: usize, by: i64, reader: impl FnOnce(&T) -> R) -> R {
        self.contents().add(0, index, by, reader)
    }

    fn take_flash<R>(&self, index: usize, taker: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.contents().take_flash(0, index, taker)
    }

    fn keep_flash(&self, index: usize) {
        self.contents().keep_flash::<T>(0, index);
    }

    fn unstored<R>(&self, user: impl FnOnce(&mut T) -> R) -> R {
        self.contents().unstored(0, user)
    }

    fn clear(&self) {
        self.contents().clear(Cleared::All);
    }

    fn clear_unkept(&self) {
        self.contents().clear(Cleared::Unkept);
    }

    fn replace(&self, record: Option<Record>) {
        self.contents().replace(record);
    }

    fn record(&self) -> Option<Record> {
        self.contents().record().cloned()
    }

    fn is_written(&self) -> bool {
        self.contents().is_written()
    }

    fn patch(&self, creating: bool) -> Result<Patch, Unwritable> {
        self.contents().patch(creating)
    }

    fn written(&self, record: Record) {
        self.contents().written(record);
    }

    fn handover(&self, patch: &Patch) -> Handover {
        self.contents().handover(patch)
    }

    fn departure(&self) -> Result<Patch, Unwritable> {
        self.contents().departure()
    }

    fn departs(&self) -> bool {
        self.contents().departs()
    }

    fn take_ignored(&self) -> Vec<UnreadableField> {
        std::mem::take(&mut self.contents().base.unreadable)
    }
}
