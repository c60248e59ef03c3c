//! A databag that is not the tests' own.

use session::{CodecError, Databag};
use session_core::{Data, Field};

#[derive(Default)]
pub(crate) struct Other;

impl Databag for Other {
    type Accessors = ();

    const FIELDS: &'static [Field] = &[];

    fn encode(&self, _: usize, _: &mut Vec<u8>) -> Result<bool, CodecError> {
        Ok(false)
    }

    fn decode(&mut self, _: usize, _: &[u8]) -> Result<(), CodecError> {
        Ok(())
    }

    fn accessors(_: Data<Self>) {}
}
