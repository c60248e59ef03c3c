//! What a list shows of a session: a plain struct of its own.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt as _;

use super::generics;
use crate::bag::{Bag, Field};

/// The struct, and its type; a databag without such fields has `()`.
pub(crate) struct Labels {
    pub(crate) definition: TokenStream,
    pub(crate) ty: TokenStream,
}

pub(crate) fn labels(bag: &Bag<'_>) -> Labels {
    let fields = fields(bag);
    if fields.is_empty() {
        return Labels { definition: quote!(), ty: quote!(()) };
    }
    let (private, vis, name) = (bag.private(), bag.vis, ident(bag.ident));
    let (params, arguments, plain) = bag.generics.split_for_impl();
    let title = name.to_string();
    let declared = fields.iter().map(|field| {
        let (docs, ident, ty) = (&field.docs, field.ident, field.ty);
        quote!(#(#docs)* pub #ident: #ty,)
    });
    let owner = owner(bag).map(|owner| {
        let databag = bag.ident;
        quote!(#owner: #private::PhantomData<fn() -> #databag #arguments>,)
    });
    let definition = quote! {
        #vis struct #name #params #plain { #(#declared)* #owner }

        #[automatically_derived]
        impl #params #private::fmt::Debug for #name #arguments #plain {
            fn fmt(&self, f: &mut #private::fmt::Formatter<'_>) -> #private::fmt::Result {
                f.debug_struct(#title).finish_non_exhaustive()
            }
        }
    };
    Labels { definition, ty: quote!(#name #arguments) }
}

/// `impl Clone` for the struct.
pub(super) fn clone(bag: &Bag<'_>) -> Option<TokenStream> {
    let (private, name) = (bag.private(), ident(bag.ident));
    let (params, arguments, _) = bag.generics.split_for_impl();
    let bounds = generics::for_databag(bag);
    let cloned = cloned(bag)?;
    Some(quote! {
        #[automatically_derived]
        impl #params #private::Clone for #name #arguments #bounds {
            fn clone(&self) -> Self {
                #cloned
            }
        }
    })
}

/// `Databag::labels`.
pub(super) fn method(bag: &Bag<'_>) -> TokenStream {
    let cloned = cloned(bag);
    quote!(fn labels(&self) -> Self::Labels { #cloned })
}

/// The struct with clones of the fields that `self` has by the same names.
fn cloned(bag: &Bag<'_>) -> Option<TokenStream> {
    let (private, name) = (bag.private(), ident(bag.ident));
    let fields = fields(bag);
    let values = fields.iter().map(|field| {
        let (ident, ty) = (field.ident, field.ty);
        quote!(#ident: <#ty as #private::Clone>::clone(&self.#ident),)
    });
    let owner = owner(bag).map(|owner| quote!(#owner: #private::PhantomData,));
    (!fields.is_empty()).then(|| quote!(#name { #(#values)* #owner }))
}

/// The fields, each once: one given twice is the compiler's to report.
fn fields<'a, 'b>(bag: &'b Bag<'a>) -> Vec<&'b Field<'a>> {
    let mut taken = HashSet::new();
    bag.labels().filter(|field| taken.insert(field.name())).collect()
}

fn ident(bag: &Ident) -> Ident {
    format_ident!("__{}Labels", bag.unraw())
}

/// The name of the field that uses the parameters which the others may not.
fn owner(bag: &Bag<'_>) -> Option<Ident> {
    let mut name = "__databag".to_owned();
    while bag.labels().any(|field| field.name() == name) {
        name.push('_');
    }
    (!bag.generics.params.is_empty()).then(|| format_ident!("{name}"))
}
