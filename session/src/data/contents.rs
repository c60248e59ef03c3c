//! The data of one session: its record, and a view of it for each databag that was opened.

use std::any::Any;
use std::mem;

use session_core::value::{is_indexed, is_kept, is_principal};
use session_core::{Change, Field, Meta, Patch, Record};
use smallvec::SmallVec;

use super::base::{Base, stored};
use super::cleared::Cleared;
use super::unreadable::OnUnreadable;
use crate::clock::Clock;
use crate::codec::CodecError;
use crate::codec::header;

/// The name of a field that cannot be encoded, and why.
pub(crate) type Unwritable = (&'static str, CodecError);

/// A record shown as one databag.
///
/// Its changes are gathered here, and become part of the one patch of all views.
pub(super) trait AnyView: Any + Send {
    /// The path of the databag's type.
    fn databag(&self) -> &'static str;
    fn fields(&self) -> &'static [Field];
    /// The place of the field that says whose session it is.
    fn principal(&self) -> Option<usize>;
    /// Whether a change has not reached the record yet.
    fn is_written(&self) -> bool;
    /// Whether a patch of unknown outcome has a change of it.
    fn is_sent(&self) -> bool;
    /// Makes the bag, if there is none yet.
    fn start(&mut self);
    /// Brings the bag up to date with the clock and the record.
    fn refresh(&mut self, base: &mut Base);
    /// Adds the changes to a patch; [`sent`](AnyView::sent) follows when all views have.
    fn add_changes(&mut self, base: &Base, creating: bool, patch: &mut Patch) -> Result<(), Unwritable>;
    /// Adds the defaults that were set over nothing, to a patch that changes something.
    fn add_set_defaults(&mut self, patch: &mut Patch);
    /// Notes that the patch was made.
    fn sent(&mut self);
    /// Notes that the patch was applied.
    fn applied(&mut self);
    /// Adds the read-only fields of a session that starts over.
    fn add_constructed(&mut self, base: &Base, patch: &mut Patch) -> Result<(), Unwritable>;
    /// Forgets the values of the fields that are cleared.
    fn clear(&mut self, cleared: Cleared);
    /// Forgets everything.
    fn reset(&mut self);
    /// The principal that the record names.
    fn stored_principal(&self, base: &Base) -> Principal;
    /// The principal that the databag names.
    fn present_principal(&mut self, base: &mut Base) -> Principal;
    /// Shows the fields as they are for another principal than before.
    fn hand_over(&mut self, base: &Base);
    /// Puts the principal back to the record's, without a change to write.
    fn restore_principal(&mut self, base: &Base);
}

/// The principal that a session names.
#[derive(PartialEq, Eq)]
pub(super) enum Principal {
    /// The field holds its default, or a `None`.
    None,
    /// The encoded principal.
    Known(Vec<u8>),
    /// It cannot be read or written.
    Unknown,
}

/// Whose session it is after a patch, compared with the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handover {
    /// Unchanged: of the same principal, or anonymous still.
    None,
    /// The same principal's, though the stored value reads differently.
    Respelt,
    /// From anonymous to a principal.
    SignedIn,
    /// To another principal, or to anonymous: every field that is not `keep` is dropped, except for what this request set.
    Left,
}

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
}

impl Contents {
    /// The data of a record, or of a session that has none yet.
    pub(crate) fn new(record: Option<Record>, clock: Clock, on_unreadable: Option<OnUnreadable>) -> Self {
        Self { base: Base::new(record, clock, on_unreadable), views: SmallVec::new() }
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

    /// Becomes the data of another record, without any change to write.
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

    /// Takes over the meta that the store answered. Without a record it does nothing.
    pub(crate) fn set_meta(&mut self, meta: Meta) {
        self.base.record = self.base.record.as_ref().map(|record| record.with_meta(meta));
    }

    /// Whether the data was used.
    pub(crate) fn is_accessed(&self) -> bool {
        self.base.accessed
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

    /// Whether something was written that the record does not have yet. Whether it differs from the record only the patch
    /// can tell.
    pub(crate) fn is_written(&self) -> bool {
        self.base.cleared.total() != Cleared::Nothing || self.views.iter().any(|view| view.is_written())
    }

    /// Whether fields differ from the record, or cannot be encoded to see.
    pub(crate) fn has_changes(&mut self) -> bool {
        self.is_written() && self.patch(false).as_ref().map_or(true, Patch::changes_fields)
    }

    /// The changes of all views: for each field written to, the change if it differs from the record.
    ///
    /// With `creating` also the read-only fields, which have no later chance. Until [`applied`](Contents::applied) or
    /// [`written`](Contents::written) is called the same fields are part of every further patch, whatever they hold by then.
    /// One patch is under way at a time.
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
    fn cleared_patch(&self) -> Patch {
        let base = &self.base;
        let may_hold = || {
            base.cleared.is_under_way()
                || base.record.iter().any(|record| !record.fields().is_empty())
                || self.views.iter().any(|view| view.is_sent())
        };
        match base.cleared() {
            // Others may have written meanwhile, so it drops also where the record has nothing to be dropped.
            Cleared::Unkept if base.record.is_some() => {
                let (kept, unkept): (Vec<_>, Vec<_>) = self.fields().partition(|field| field.keep);
                let mut patch = Patch::new().keep_only(kept.into_iter().flat_map(Field::names));
                for name in unkept.into_iter().flat_map(Field::names) {
                    // It was declared `keep` when it was written.
                    if base.record.as_ref().and_then(|record| record.get(name)).is_some_and(is_kept) {
                        patch.insert(name, Change::Remove);
                    }
                }
                patch
            }
            Cleared::All if may_hold() => Patch::new().drop_all(),
            Cleared::Nothing | Cleared::Unkept | Cleared::All => Patch::new(),
        }
    }

    /// Notes that the last patch was applied, and made this of the record.
    pub(crate) fn written(&mut self, record: Record) {
        if self.settle() {
            self.base.record = Some(record);
            self.after_write();
        }
    }

    /// Notes that the last patch was applied, with this content. The record follows when it is next looked at.
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

    fn fields(&self) -> impl Iterator<Item = &'static Field> + Clone + '_ {
        fields(&self.views)
    }

    /// The view that names the principal.
    fn principal_view(&self) -> Option<usize> {
        self.views.iter().position(|view| view.principal().is_some())
    }

    /// Compares the present principal with the record's, after either changed.
    pub(super) fn judge_principal(&mut self) {
        let before = mem::take(&mut self.base.departed);
        let departed = match self.principal_view() {
            None => self.base.clears_principal(),
            Some(view) => {
                let view = &mut self.views[view];
                match view.stored_principal(&self.base) {
                    Principal::None => false,
                    Principal::Unknown => true,
                    stored @ Principal::Known(_) => view.present_principal(&mut self.base) != stored,
                }
            }
        };
        self.base.departed = departed;
        if departed != before {
            for view in &mut self.views {
                view.hand_over(&self.base);
            }
        }
    }

    /// Whose session it is after this patch, compared with the record.
    pub(crate) fn handover(&mut self, patch: &Patch) -> Handover {
        if self.base.departed {
            return Handover::Left;
        }
        let Some(view) = self.principal_view() else { return Handover::None };
        let Self { base, views } = self;
        let view = &mut views[view];
        let Some(field) = view.principal().map(|index| &view.fields()[index]) else { return Handover::None };
        if !patch.drops_fields() && field.names().all(|name| patch.change(name).is_none()) {
            return Handover::None;
        }
        let Some(before) = &base.record else { return Handover::None };
        let Ok(after) = before.apply(patch) else { return Handover::None };
        let remains = stored(&after, field);
        if header::same(stored(before, field), remains) {
            return Handover::None;
        }
        match view.stored_principal(base) {
            Principal::None if view.present_principal(base) != Principal::None => Handover::SignedIn,
            // Signing in again is not saved where the request failed, and the drop before it is.
            Principal::Known(_) | Principal::Unknown if remains.is_none() => Handover::Left,
            _ => Handover::Respelt,
        }
    }

    /// The changes to write although the request failed: the departure of a principal and the fields dropped then, and
    /// whatever else was cleared. It signs nobody in.
    ///
    /// # Errors
    ///
    /// The name of a read-only field whose initial value cannot be encoded, and why.
    pub(crate) fn departure(&mut self) -> Result<Patch, Unwritable> {
        let mut patch = self.cleared_patch();
        if !patch.drops_fields() {
            return Ok(patch);
        }
        for view in &mut self.views {
            // Read-only fields have no later chance.
            view.add_constructed(&self.base, &mut patch)?;
        }
        if let (true, Some(record)) = (self.base.departed, &self.base.record) {
            let opened = self.views.iter().filter_map(|view| Some(&view.fields()[view.principal()?]));
            let names: Vec<_> = opened.flat_map(Field::names).collect();
            for (name, value) in record.fields() {
                let is_principal = is_principal(value) || names.contains(&name);
                if is_principal && patch.keeps(name, value) {
                    patch.insert(name.to_owned(), Change::Remove);
                }
            }
        }
        Ok(patch)
    }

    /// Whether [`departure`](Contents::departure) has something to write.
    pub(crate) fn departs(&self) -> bool {
        self.base.record.is_some() && self.base.cleared() != Cleared::Nothing
    }

    /// The name and value of the principal in a record of this session.
    pub(crate) fn principal_in<'a>(&self, record: &'a Record) -> Option<(&'a str, &'a [u8])> {
        let opened = self.views.iter().find_map(|view| Some(&view.fields()[view.principal()?]));
        let is_declared = |name: &str| opened.is_some_and(|field| field.names().any(|own| own == name));
        record.fields().find(|(name, value)| is_principal(value) || is_indexed(value) && is_declared(name))
    }

    /// Puts the principal back to the record's, without a change to write: the last patch gave the session to a principal,
    /// and the store refused it.
    pub(crate) fn restore_principal(&mut self) {
        for view in &mut self.views {
            view.restore_principal(&self.base);
        }
        self.judge_principal();
    }
}

/// The fields of all views.
fn fields(views: &[Box<dyn AnyView>]) -> impl Iterator<Item = &'static Field> + Clone + '_ {
    views.iter().flat_map(|view| view.fields())
}
