//! `impl Debug` for a databag with secrets.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;

use super::generics;
use crate::model::Model;

pub(super) fn implementation(model: &Model<'_>) -> Option<TokenStream> {
    let secret = model.fields.iter().find_map(|field| field.secret)?;
    // A struct that derives `Debug` as well gets its error at `secret`. The `impl` comes from a macro, because the error shows
    // the macro's name, which gives the advice.
    let span = secret.resolved_at(Span::call_site());
    let (private, mut ident) = (model.private(), model.ident.clone());
    ident.set_span(span);
    let (params, arguments, _) = model.generics.split_for_impl();
    let bounds = generics::for_debug(model);
    let title = ident.unraw().to_string();
    let fields = model.fields.iter().map(|field| {
        let (name, ident) = (field.name(), field.ident);
        let span = field.ty.span().resolved_at(Span::call_site());
        let shown =
            if field.is_secret() { quote!(&#private::Redacted) } else { quote_spanned!(span=> &self.#ident) };
        quote!(.field(#name, #shown))
    });
    let body = quote! {
        fn fmt(&self, f: &mut #private::fmt::Formatter<'_>) -> #private::fmt::Result {
            f.debug_struct(#title) #(#fields)* .finish()
        }
    };
    let at_secret = model.private_at(span);
    Some(quote_spanned! {span=>
        #at_secret::secret_implements_Debug_so_remove_Debug_from_the_derives! {
            { #params #private::fmt::Debug for #ident #arguments #bounds } { #body }
        }
    })
}
