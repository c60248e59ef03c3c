//! Data to which nothing was written.

use super::Data;
use crate::databag::Databag;
use session_core::Meta;

/// What there is to know of data to which nothing was [written](Data::is_written).
#[derive(Clone, Copy, Debug)]
pub struct Unwritten {
    /// Whether anybody [used](Data::is_accessed) the data.
    pub accessed: bool,
    /// What the record says of its session; `None` where there is none.
    pub meta: Option<Meta>,
}

impl<T: Databag> Data<T> {
    /// Data to which nothing was written, at one look; `None` where something was.
    pub fn unwritten(&self) -> Option<Unwritten> {
        let tracked = self.0.lock();
        (!tracked.is_written()).then(|| Unwritten { accessed: tracked.accessed, meta: tracked.meta() })
    }
}
