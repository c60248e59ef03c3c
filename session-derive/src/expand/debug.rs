//! `impl Debug` for a databag with secrets.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;

use super::generics;
use crate::bag::Bag;

pub(super) fn implementation(bag: &Bag<'_>) -> Option<TokenStream> {
    let secret = bag.fields.iter().find_map(|field| field.secret)?;
    // A struct that derives `Debug` as well is told that it conflicts with the word that asked for this one. The `impl` comes
    // from a macro, because the compiler's message names the macro, which says what to do.
    let span = secret.resolved_at(Span::call_site());
    let (private, mut ident) = (bag.private(), bag.ident.clone());
    ident.set_span(span);
    let (params, arguments, _) = bag.generics.split_for_impl();
    let bounds = generics::for_debug(bag);
    let title = ident.unraw().to_string();
    let fields = bag.fields.iter().map(|field| {
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
    let at_secret = bag.private_at(span);
    Some(quote_spanned! {span=>
        #at_secret::secret_implements_Debug_so_remove_Debug_from_the_derives! {
            { #params #private::fmt::Debug for #ident #arguments #bounds } { #body }
        }
    })
}
