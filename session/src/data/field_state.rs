//! State of one field of a view.

/// The last change of a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Write {
    /// The field holds a value.
    #[default]
    Set,
    /// The field is to be removed from the record.
    Clear,
    /// A flash was taken: the value that was taken is to be removed from the record, no other.
    Take,
}

/// Progress of the last change of a field towards the record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Progress {
    /// There was none, or the record has it.
    #[default]
    Settled,
    /// Changed since the last patch.
    Unsent,
    /// In a patch of unknown outcome, and unchanged since.
    Sent,
    /// In a patch of unknown outcome, and changed again since.
    Resent,
}

/// State of one field of a view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FieldState {
    /// Whether the bag holds the field's current value; otherwise it holds the default.
    pub(super) is_loaded: bool,
    progress: Progress,
    last: Write,
    /// Whether this request set the value regardless of the record's.
    pub(super) is_own: bool,
}

impl FieldState {
    /// A field with its current value, unchanged.
    pub(super) const LOADED: Self =
        Self { is_loaded: true, progress: Progress::Settled, last: Write::Set, is_own: false };

    pub(super) fn write(&mut self, write: Write) {
        self.is_loaded = true;
        self.last = write;
        self.change();
    }

    /// Marks the value as changed in part.
    pub(super) fn change(&mut self) {
        self.progress = if self.is_in_doubt() { Progress::Resent } else { Progress::Unsent };
    }

    /// Discards the value and later changes. A patch of unknown outcome may still have changed the record.
    pub(super) fn clear(&mut self) {
        let progress = if self.is_in_doubt() { Progress::Sent } else { Progress::Settled };
        *self = Self { progress, ..Self::default() };
    }

    /// The state once a patch was made, with or without a change of this field.
    pub(super) fn after_patch(self, is_in_patch: bool) -> Self {
        Self { progress: if is_in_patch { Progress::Sent } else { Progress::Settled }, ..self }
    }

    /// Marks the patch as applied. A stored value belongs to the session's principal.
    pub(super) fn applied(&mut self) {
        self.is_own &= self.is_changed();
        self.mark_unsent();
    }

    /// Marks the field as part of no patch of unknown outcome.
    pub(super) fn mark_unsent(&mut self) {
        self.progress = if self.is_changed() { Progress::Unsent } else { Progress::Settled };
    }

    pub(super) fn is_written(self) -> bool {
        self.progress != Progress::Settled
    }

    /// Whether it was changed since the last patch.
    pub(super) fn is_changed(self) -> bool {
        matches!(self.progress, Progress::Unsent | Progress::Resent)
    }

    /// Whether a patch of unknown outcome may have changed the field in the store.
    pub(super) fn is_in_doubt(self) -> bool {
        matches!(self.progress, Progress::Sent | Progress::Resent)
    }

    /// Whether the last change was a removal.
    pub(super) fn is_cleared(self) -> bool {
        self.last != Write::Set
    }

    /// Whether the last change was taking a flash.
    pub(super) fn is_taken(self) -> bool {
        self.last == Write::Take
    }
}
