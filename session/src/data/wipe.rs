//! Zeroisation of secrets on drop, if their type supports it.

use zeroize::Zeroize;

/// A secret about to be dropped.
///
/// Generated code calls `(&mut Wiper(…)).wipe()` on a concrete type (autoref specialisation): the method of [`Wipe`]
/// takes precedence if the type implements `Zeroize`, otherwise that of [`WipeNothing`] applies, one reference further.
pub struct Wiper<'a, T>(pub &'a mut T);

/// Overwrites.
pub trait Wipe {
    /// Overwrites the secret.
    fn wipe(&mut self);
}

impl<T: Zeroize> Wipe for Wiper<'_, T> {
    fn wipe(&mut self) {
        self.0.zeroize();
    }
}

/// Fallback for types that cannot be overwritten.
pub trait WipeNothing {
    /// Does nothing.
    fn wipe(&mut self);
}

impl<T> WipeNothing for &mut Wiper<'_, T> {
    fn wipe(&mut self) {}
}
