//! Bounds of generated code, as traits with custom compile errors.

/// A type that a databag's field can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the type of a databag's field",
    label = "a field's type is `Clone + Send + 'static`",
    note = "sessions move between threads: write `Arc` in place of `Rc`, `Mutex` in place of `RefCell` behind it, and owned \
            data in place of references"
)]
pub trait FieldType: Clone + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Clone + Send + 'static> FieldType for T {}

/// Asserts that a type can be a field's.
pub struct Asserted<T: FieldType>(core::marker::PhantomData<T>);

/// An argument for the setter of a field of type `T` or `Option<T>`: any type that converts into `T`.
#[diagnostic::on_unimplemented(
    message = "a field takes a `{T}`, or what converts into one, not `{Self}`",
    label = "does not convert into `{T}`",
    note = "the setter of an `Option` field takes the value without `Some`; in place of `set_x(None)` write `clear_x()`"
)]
pub trait IntoField<T> {
    /// Converts to the field's type.
    fn into_field(self) -> T;
}

#[diagnostic::do_not_recommend]
impl<T, V: Into<T>> IntoField<T> for V {
    fn into_field(self) -> T {
        self.into()
    }
}

/// The bound on the getter of a flash field; no type implements it, so that a call is a compile error.
#[diagnostic::on_unimplemented(
    message = "a flash field has no getter, since it is read once",
    label = "write `take_…()` here",
    note = "`take_x()` returns, once, what an earlier request set as `x`; `claim_x().await` gives it to exactly one request"
)]
pub trait ReadAgain {}

/// The collections that a flash field of type `C` may have, to push items to.
#[diagnostic::on_unimplemented(
    message = "nothing can be pushed to a flash field of type `{C}`",
    label = "`{C}` is not a collection of messages",
    note = "items are pushed to a field whose type is `IntoIterator`, `Extend` and `Default`, such as `Vec<String>`; a field for one \
            value has `set_x(value)`"
)]
pub trait Push<C> {
    /// The type of the items.
    type Item;

    /// Removes all items.
    fn clear(collection: &mut C);

    /// Adds an item.
    fn push(collection: &mut C, item: Self::Item);

    /// Adds clones of the items of another collection.
    fn append(collection: &mut C, more: &C);
}

#[diagnostic::do_not_recommend]
impl<A, C> Push<C> for &A
where
    C: IntoIterator + Extend<C::Item> + Default + Clone,
{
    type Item = C::Item;

    fn clear(collection: &mut C) {
        *collection = C::default();
    }

    fn push(collection: &mut C, item: C::Item) {
        collection.extend(std::iter::once(item));
    }

    fn append(collection: &mut C, more: &C) {
        collection.extend(more.clone());
    }
}

/// Emits the `Debug` implementation of a databag with secret fields. The compiler's error names this macro when the
/// databag derives `Debug` too.
#[doc(hidden)]
#[macro_export]
macro_rules! secret_implements_Debug_so_remove_Debug_from_the_derives {
    ({ $($header:tt)* } { $($body:tt)* }) => {
        #[automatically_derived]
        impl $($header)* { $($body)* }
    };
}
