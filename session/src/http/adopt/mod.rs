//! Sessions of another library, continued as sessions of this one.

mod adoption;
mod builder;
mod load;
mod old_ids;
mod remove_cookie;

pub(crate) use adoption::Adoption;
pub(super) use load::Adopted;
pub(super) use old_ids::OldIds;
