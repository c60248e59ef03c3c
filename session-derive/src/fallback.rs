//! Output for a databag with errors: stubs that keep the rest of the program free of further errors.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{WhereClause, parse_quote};

use crate::expand::{Labels, accessors_stub, labels, principal, scope};
use crate::model::Model;

pub(crate) fn stub(model: &Model<'_>) -> TokenStream {
    let (private, ident, vis) = (model.private(), model.ident, model.vis);
    let (params, arguments, plain) = model.generics.split_for_impl();
    let methods = accessors_stub(model);
    let bounds = bounds(model);
    let principal = principal(model);
    let has_principal = model.principal().map(|_| {
        quote! {
            impl #params #private::HasPrincipal for #ident #arguments #bounds {
                fn principal(&self) -> #private::Option<Self::Principal> { loop {} }
            }
        }
    });
    let Labels { definition, ty } = labels(model);
    scope(&quote! {
        impl #params #private::Default for #ident #arguments #plain {
            fn default() -> Self { loop {} }
        }

        impl #params #private::Databag for #ident #arguments #bounds {
            type Accessors = __Accessors #arguments;
            type Principal = #principal;
            type Labels = #ty;
            const FIELDS: &'static [#private::Field] = &[];
            fn encode(&self, _: #private::usize, _: &mut #private::Vec<#private::u8>)
                -> #private::Result<#private::bool, #private::CodecError> { loop {} }
            fn decode(&mut self, _: #private::usize, _: &[#private::u8])
                -> #private::Result<(), #private::CodecError> { loop {} }
            fn labels(&self) -> Self::Labels { loop {} }
            fn accessors(_: #private::Data<Self>) -> Self::Accessors { loop {} }
        }

        #has_principal

        #definition

        #vis struct __Accessors #params (#private::Data<#ident #arguments>) #plain;

        impl #params __Accessors #arguments #plain { #methods }

        impl #params #private::Clone for __Accessors #arguments #plain {
            fn clone(&self) -> Self { loop {} }
        }
    })
}

/// Returns the `where` clause that `Databag` requires of a generic struct.
fn bounds(model: &Model<'_>) -> Option<WhereClause> {
    let mut generics = model.generics.clone();
    if !generics.params.is_empty() {
        let private = model.private();
        generics.make_where_clause().predicates.push(parse_quote!(Self: #private::Send + 'static));
    }
    generics.where_clause
}
