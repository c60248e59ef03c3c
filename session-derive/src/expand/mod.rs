//! What is emitted. Nothing here can fail.

mod accessors;
mod databag;
mod debug;
mod default;
mod field_types;
mod generics;
mod labels;
mod sentence;
mod wipe;
mod with;

use proc_macro2::TokenStream;
use quote::quote;

use crate::bag::Bag;

pub(crate) use accessors::stub as accessors_stub;
pub(crate) use databag::principal;
pub(crate) use labels::{Labels, labels};

pub(crate) fn bag(bag: &Bag<'_>) -> TokenStream {
    let field_types = field_types::assertion(bag);
    let default = default::implementation(bag);
    let databag = databag::implementation(bag);
    let with = with::implementations(bag);
    let debug = debug::implementation(bag);
    let accessors = accessors::accessors(bag);
    let (labels, cloned) = (labels(bag).definition, labels::clone(bag));
    scope(&quote!(#field_types #default #databag #with #debug #accessors #labels #cloned))
}

/// A scope of its own for everything generated, so that no name leaks.
pub(crate) fn scope(items: &TokenStream) -> TokenStream {
    // What the user's struct may do without a warning, code made from it may do as well; unused accessors are no fault.
    quote! {
        #[allow(dead_code, deprecated, non_camel_case_types, non_snake_case)]
        #[allow(private_bounds, private_interfaces, trivial_bounds, unreachable_pub)]
        const _: () = { #items };
    }
}
