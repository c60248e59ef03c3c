//! The labels type: the fields included in lists of sessions.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt as _;

use super::generics;
use crate::model::{Field, Model};

/// The definition of the struct, and the type, which is `()` without such fields.
pub(crate) struct Labels {
    pub(crate) definition: TokenStream,
    pub(crate) ty: TokenStream,
}

pub(crate) fn labels(model: &Model<'_>) -> Labels {
    let fields = fields(model);
    if fields.is_empty() {
        return Labels { definition: quote!(), ty: quote!(()) };
    }
    let (private, vis, name) = (model.private(), model.vis, ident(model.ident));
    let (params, arguments, plain) = model.generics.split_for_impl();
    let title = name.to_string();
    let declared = fields.iter().map(|field| {
        let (docs, ident, ty) = (&field.docs, field.ident, field.ty);
        quote!(#(#docs)* pub #ident: #ty,)
    });
    let owner = owner(model).map(|owner| {
        let databag = model.ident;
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

/// Generates `impl Clone` for the struct.
pub(super) fn clone(model: &Model<'_>) -> Option<TokenStream> {
    let (private, name) = (model.private(), ident(model.ident));
    let (params, arguments, _) = model.generics.split_for_impl();
    let bounds = generics::for_databag(model);
    let cloned = cloned(model)?;
    Some(quote! {
        #[automatically_derived]
        impl #params #private::Clone for #name #arguments #bounds {
            fn clone(&self) -> Self {
                #cloned
            }
        }
    })
}

/// Generates `Databag::labels`.
pub(super) fn method(model: &Model<'_>) -> TokenStream {
    let cloned = cloned(model);
    quote!(fn labels(&self) -> Self::Labels { #cloned })
}

/// Generates the struct's value from clones of the databag's fields.
fn cloned(model: &Model<'_>) -> Option<TokenStream> {
    let (private, name) = (model.private(), ident(model.ident));
    let fields = fields(model);
    let values = fields.iter().map(|field| {
        let (ident, ty) = (field.ident, field.ty);
        quote!(#ident: <#ty as #private::Clone>::clone(&self.#ident),)
    });
    let owner = owner(model).map(|owner| quote!(#owner: #private::PhantomData,));
    (!fields.is_empty()).then(|| quote!(#name { #(#values)* #owner }))
}

/// Returns the fields, each once, since the compiler itself reports a field given twice.
fn fields<'a, 'b>(model: &'b Model<'a>) -> Vec<&'b Field<'a>> {
    let mut taken = HashSet::new();
    model.labels().filter(|field| taken.insert(field.name())).collect()
}

fn ident(databag: &Ident) -> Ident {
    format_ident!("__{}Labels", databag.unraw())
}

/// Returns the name of the marker field that uses all generic parameters.
fn owner(model: &Model<'_>) -> Option<Ident> {
    let mut name = "__databag".to_owned();
    while model.labels().any(|field| field.name() == name) {
        name.push('_');
    }
    (!model.generics.params.is_empty()).then(|| format_ident!("{name}"))
}
