//! The data of one session: its record, and a view of it for each databag that was opened.

use std::borrow::Cow;
use std::mem;

use session_core::value::is_kept;
use session_core::{Change, Field, Meta, Patch, Record, entry};
use smallvec::SmallVec;

use super::any_view::{AnyView, Unwritable};
use super::base::{Base, holds};
use super::cleared::Cleared;
use super::unreadable::OnUnreadable;
use crate::clock::Clock;

/// Use of the data, when nothing was written to it.
#[cfg(feature = "http")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unwritten {
    /// Whether the data was used.
    pub(crate) accessed: bool,
    /// The meta of the session; `None` where nothing is stored.
    pub(crate) meta: Option<Meta>,
}

/// The data of one session, shared by all handles of one request.
pub(crate) struct Contents {
    pub(super) base: Base,
    pub(super) views: SmallVec<[Box<dyn AnyView>; 1]>,
    /// Whether a view has a field that is bound to the client.
    pub(super) binds: bool,
}

impl Contents {
    /// The data of a record, or of a session that has none yet.
    pub(crate) fn new(record: Option<Record>, clock: Clock, on_unreadable: Option<OnUnreadable>) -> Self {
        Self { base: Base::new(record, clock, on_unreadable), views: SmallVec::new(), binds: false }
    }

    pub(super) fn catch_up(&mut self) {
        if self.base.applied.is_some() {
            self.base.catch_up();
        }
    }

    /// Drops the values of many fields; those of the record too, with the next patch. Fields that are not cleared stay as
    /// they are, changes included.
    pub(crate) fn clear(&mut self, cleared: Cleared) {
        self.base.accessed = true;
        for view in &mut self.views {
            view.clear(cleared);
        }
        self.base.cleared.add(cleared);
        self.judge_principal();
    }

    /// Replaces the data by that of another record, without changes to write.
    pub(crate) fn replace(&mut self, record: Option<Record>) {
        let base = &mut self.base;
        self.base = Base {
            accessed: base.accessed,
            unreadable: mem::take(&mut base.unreadable),
            ..Base::new(record, base.clock.clone(), base.on_unreadable.take())
        };
        for view in &mut self.views {
            view.reset();
        }
    }

    /// The record as it was last read or written.
    pub(crate) fn record(&self) -> Option<&Record> {
        self.base.record.as_ref()
    }

    /// The session's meta; `None` while nothing is stored.
    pub(crate) fn meta(&self) -> Option<Meta> {
        self.base.meta()
    }

    /// Sets the meta that the store returned. Does nothing without a record.
    pub(crate) fn set_meta(&mut self, meta: Meta) {
        self.base.record = self.base.record.as_ref().map(|record| record.with_meta(meta));
    }

    /// Whether the data was used.
    pub(crate) fn is_accessed(&self) -> bool {
        self.base.accessed
    }

    /// Whether some view declares a field that is bound to the client.
    pub(crate) fn binds(&self) -> bool {
        self.binds
    }

    /// Whether some view declares a read-only field.
    pub(crate) fn has_readonly(&self) -> bool {
        self.fields().any(|field| field.readonly)
    }

    /// The use of data to which nothing was written; `None` where something was.
    #[cfg(feature = "http")]
    pub(crate) fn unwritten(&self) -> Option<Unwritten> {
        (!self.is_written()).then(|| Unwritten { accessed: self.base.accessed, meta: self.meta() })
    }

    /// Whether something was written that the record does not have yet. The patch determines whether it differs from the
    /// record.
    pub(crate) fn is_written(&self) -> bool {
        self.base.cleared.total() != Cleared::Nothing || self.views.iter().any(|view| view.is_written())
    }

    /// Whether fields differ from the record, or cannot be encoded for the comparison.
    pub(crate) fn has_changes(&mut self) -> bool {
        if !self.is_written() {
            return false;
        }
        self.catch_up();
        self.patch(false).as_ref().map_or(true, Patch::changes_fields)
    }

    /// The changes of all views: for each field written to, the change if it differs from the record.
    ///
    /// With `creating` also the read-only fields, which can only be written then. Until [`applied`](Contents::applied) or
    /// [`written`](Contents::written) is called the same fields are part of every further patch, whatever they hold by then.
    /// One patch is in flight at a time.
    ///
    /// # Errors
    ///
    /// The name of a field whose value cannot be encoded, and why.
    pub(crate) fn patch(&mut self, creating: bool) -> Result<Patch, Unwritable> {
        self.base.in_flight = true;
        let starts_over = self.base.starts_over();
        if !creating && !starts_over && !self.is_written() {
            return Ok(Patch::new());
        }
        let mut patch = self.cleared_patch();
        for view in &mut self.views {
            if creating || starts_over {
                view.start();
            }
            view.refresh(&mut self.base);
            view.add_changes(&self.base, creating, &mut patch)?;
        }
        let changes = patch.changes_fields();
        for view in &mut self.views {
            if changes {
                view.add_set_defaults(&mut patch);
            }
            view.sent();
        }
        self.base.drop_expired(&fields(&self.views), &mut patch);
        self.base.cleared.send(patch.drops_fields());
        Ok(patch)
    }

    /// A patch that drops the cleared fields, if the store may hold any of them.
    pub(super) fn cleared_patch(&self) -> Patch {
        let base = &self.base;
        let may_hold = || {
            base.cleared.is_under_way()
                || base.record.iter().any(|record| !record.fields().is_empty())
                || self.views.iter().any(|view| view.is_sent())
        };
        match base.cleared() {
            // Other requests may have written meanwhile, so fields are dropped even if the record does not have them.
            Cleared::Unkept if base.record.is_some() => {
                let kept: Vec<_> = self.fields().filter(|field| field.keep).collect();
                let mut names: Vec<Cow<'static, str>> =
                    kept.iter().flat_map(|field| field.names()).map(Cow::Borrowed).collect();
                let mut removed = Vec::new();
                for (name, value) in base.record.iter().flat_map(Record::fields) {
                    let Some(field) = self.fields().find(|field| holds(field, name)) else { continue };
                    match (field.keep, is_kept(value)) {
                        // It was not declared `keep` when it was written.
                        (true, false) if entry::split(name).is_some() => names.push(name.to_owned().into()),
                        // It was declared `keep` when it was written.
                        (false, true) => removed.push(name.to_owned()),
                        _ => {}
                    }
                }
                let mut patch = Patch::new().keep_only(names);
                for name in removed {
                    patch.insert(name, Change::Remove);
                }
                patch
            }
            Cleared::All if may_hold() => Patch::new().drop_all(),
            Cleared::Nothing | Cleared::Unkept | Cleared::All => Patch::new(),
        }
    }

    /// Marks the last patch as applied, with this record as the result.
    pub(crate) fn written(&mut self, record: Record) {
        if self.settle() {
            self.base.record = Some(record);
            self.after_write();
        }
    }

    /// Marks the last patch as applied. The record is updated when it is next read.
    pub(crate) fn applied(&mut self, patch: Patch) {
        if self.settle() {
            self.base.applied = Some(patch);
            self.after_write();
        }
    }

    /// Whether there was a patch of unknown outcome.
    fn settle(&mut self) -> bool {
        mem::take(&mut self.base.in_flight)
    }

    fn after_write(&mut self) {
        self.base.cleared.applied();
        for view in &mut self.views {
            view.applied();
        }
        if self.base.departed {
            self.base.catch_up();
            self.judge_principal();
        }
    }

    /// Whether items were pushed to the flash field of this name.
    pub(crate) fn pushes_to(&self, name: &str) -> bool {
        self.views.iter().any(|view| view.pushes_to(name))
    }

    /// Reloads a flash field that items were pushed to, which another request changed meanwhile.
    pub(crate) fn rejoin(&mut self, name: &str, record: &Record) {
        for view in &mut self.views {
            view.rejoin(&mut self.base, name, record);
        }
    }

    fn fields(&self) -> impl Iterator<Item = &'static Field> + Clone + '_ {
        fields(&self.views)
    }
}

/// The fields of all views.
fn fields(views: &[Box<dyn AnyView>]) -> impl Iterator<Item = &'static Field> + Clone + '_ {
    views.iter().flat_map(|view| view.fields())
}
