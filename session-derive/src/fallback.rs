//! What is emitted for a databag with mistakes: as much as it takes that nothing else seems wrong.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{WhereClause, parse_quote};

use crate::bag::Bag;
use crate::expand::{Labels, accessors_stub, labels, principal, scope};

pub(crate) fn stub(bag: &Bag<'_>) -> TokenStream {
    let (private, ident, vis) = (bag.private(), bag.ident, bag.vis);
    let (params, arguments, plain) = bag.generics.split_for_impl();
    let methods = accessors_stub(bag);
    let bounds = bounds(bag);
    let principal = principal(bag);
    let Labels { definition, ty } = labels(bag);
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

        #definition

        #vis struct __Accessors #params (#private::Data<#ident #arguments>) #plain;

        impl #params __Accessors #arguments #plain { #methods }

        impl #params #private::Clone for __Accessors #arguments #plain {
            fn clone(&self) -> Self { loop {} }
        }
    })
}

/// What `Databag` asks of a struct that depends on parameters.
fn bounds(bag: &Bag<'_>) -> Option<WhereClause> {
    let mut generics = bag.generics.clone();
    if !generics.params.is_empty() {
        let private = bag.private();
        generics.make_where_clause().predicates.push(parse_quote!(Self: #private::Send + 'static));
    }
    generics.where_clause
}
