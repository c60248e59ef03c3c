//! Data as it is at one moment.

use super::Data;
use crate::{Databag, Meta};

/// What there is to know of data before anything is done with it.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// Whether anybody [used](Data::is_accessed) the data.
    pub accessed: bool,
    /// Whether something was [written](Data::is_written) to it.
    pub written: bool,
    /// Whether fields could not be read, which [`take_ignored`](Data::take_ignored) tells.
    pub ignored: bool,
    /// What the record says of its session; `None` where there is none.
    pub meta: Option<Meta>,
}

impl<T: Databag> Data<T> {
    /// The data at this moment, at one look.
    pub fn seen(&self) -> Seen {
        let tracked = self.tracked();
        Seen {
            accessed: tracked.accessed,
            written: tracked.is_written(),
            ignored: !tracked.ignored.is_empty(),
            meta: tracked.record.as_ref().map(crate::Record::meta),
        }
    }
}
