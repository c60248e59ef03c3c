//! Generates code from the model, without errors.

mod accessors;
mod arguments;
mod databag;
mod debug;
mod default;
mod entries;
mod field_types;
mod generics;
mod labels;
mod method_docs;
mod type_idents;
mod wipe;
mod with;

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::Model;

pub(crate) use accessors::stub as accessors_stub;
pub(crate) use databag::principal;
pub(crate) use labels::{Labels, labels};

/// Generates the output of the derive.
pub(crate) fn expand(model: &Model<'_>) -> TokenStream {
    let field_types = field_types::assertion(model);
    let default = default::implementation(model);
    let databag = databag::implementation(model);
    let has_principal = databag::has_principal(model);
    let with = with::implementations(model);
    let debug = debug::implementation(model);
    let accessors = accessors::accessors(model);
    let (labels, cloned) = (labels(model).definition, labels::clone(model));
    scope(&quote!(#field_types #default #databag #has_principal #with #debug #accessors #labels #cloned))
}

/// Wraps items in an anonymous constant, so that no name leaks.
pub(crate) fn scope(items: &TokenStream) -> TokenStream {
    // Generated code must not trigger lints that the user's struct allows, nor warn about unused accessors.
    quote! {
        #[allow(dead_code, deprecated, non_camel_case_types, non_snake_case)]
        #[allow(private_bounds, private_interfaces, trivial_bounds, unreachable_pub)]
        const _: () = { #items };
    }
}
