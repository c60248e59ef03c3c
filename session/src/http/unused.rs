//! Sessions that no handler asked for, loaded because the settings want it.

use crate::codec::CodecError;
use crate::data::Data;
use crate::databag::{Databag, NoPrincipal};
use session_core::{BoxFuture, Field};

use super::Slot;

/// [`open_unused`] for some databag.
pub(crate) type OpenUnused = for<'a> fn(&'a Slot) -> BoxFuture<'a, ()>;

/// Loads the session of a slot, if it was not yet. A failure was reported and changes nothing for the response.
pub(crate) fn open_unused<T: Databag>(slot: &Slot) -> BoxFuture<'_, ()> {
    Box::pin(async move { drop(slot.session::<T>().await) })
}

/// The databag of a session that no handler asked for, in a layer that was not made for one.
#[derive(Default)]
pub(crate) struct Unused;

impl Databag for Unused {
    type Accessors = ();
    type Principal = NoPrincipal;
    type Labels = ();

    const FIELDS: &'static [Field] = &[];

    fn encode(&self, _: usize, _: &mut Vec<u8>) -> Result<bool, CodecError> {
        Ok(false)
    }

    fn decode(&mut self, _: usize, _: &[u8]) -> Result<(), CodecError> {
        Ok(())
    }

    fn labels(&self) {}

    fn accessors(_: Data<Self>) {}
}
