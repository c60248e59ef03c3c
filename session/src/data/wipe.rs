//! Zeroising secrets on drop, where their type allows.

use zeroize::Zeroize;

/// A secret about to be dropped.
///
/// Generated code calls `(&mut Wiper(…)).wipe()` on a concrete type: the method of [`Wipe`] comes first where the type
/// implements `Zeroize`, that of [`WipeNothing`] is found one reference further where it does not.
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

/// Leaves alone what cannot be overwritten.
pub trait WipeNothing {
    /// Does nothing.
    fn wipe(&mut self);
}

impl<T> WipeNothing for &mut Wiper<'_, T> {
    fn wipe(&mut self) {}
}
