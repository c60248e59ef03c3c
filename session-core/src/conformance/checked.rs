//! The result of a check: it passed, or it was skipped. A violation is a panic.

/// The reason why a check was skipped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Skipped(pub(super) &'static str);

/// The result of a check that may be skipped.
pub(super) type Checked = Result<(), Skipped>;

/// What a check returns: nothing, or [`Checked`].
pub(super) trait Outcome {
    fn into_checked(self) -> Checked;
}

impl Outcome for () {
    fn into_checked(self) -> Checked {
        Ok(self)
    }
}

impl Outcome for Checked {
    fn into_checked(self) -> Checked {
        self
    }
}
