//! Parses `#[databag(…)]` into attributes; the checks come later.

use std::time::Duration;

use proc_macro2::{Ident, Span, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::discouraged::Speculative as _;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Error, Expr, LitInt, LitStr, Meta, Path, Result, Token};

use crate::duration;
use crate::errors::Errors;
use crate::keywords::{Keyword, Target};
use crate::model::{Bind, Codec};

/// One attribute of a `#[databag(…)]`.
pub(crate) struct Attr {
    pub(crate) keyword: Keyword,
    /// The span of the keyword.
    pub(crate) span: Span,
    pub(crate) kind: AttrKind,
}

/// The kind of an attribute, with its value.
pub(crate) enum AttrKind {
    Crate(Path),
    Namespace(LitStr),
    Default(Option<Expr>),
    Rename(LitStr),
    Alias(LitStr),
    Skip,
    Readonly,
    Principal,
    Index,
    Label,
    Flash,
    Counter,
    Cas,
    Entries,
    Ttl(Duration),
    Secret,
    Keep,
    Required,
    Bind(Bind),
    With(Path),
    Codec(Codec),
    Version(u32),
}

/// Parses the `#[databag(…)]` attributes of a struct or field.
pub(crate) fn attrs(attributes: &[Attribute], target: Target, errors: &mut Errors) -> Vec<Attr> {
    let mut attrs = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("databag")) {
        if !matches!(attribute.meta, Meta::List(_)) {
            let message = "write `#[databag(…)]`, with attributes in parentheses";
            errors.push(Error::new_spanned(&attribute.meta, message));
            continue;
        }
        let parsed = attribute.parse_args_with(|input: ParseStream<'_>| {
            list(input, target, &mut attrs, errors);
            Ok(())
        });
        if let Err(error) = parsed {
            errors.push(error);
        }
    }
    attrs
}

/// Parses a list, resuming after the next comma on an error.
fn list(input: ParseStream<'_>, target: Target, attrs: &mut Vec<Attr>, errors: &mut Errors) {
    while !input.is_empty() {
        // An error inside parentheses would be reported twice if it were parsed from `input` itself.
        let ahead = input.fork();
        match attr(&ahead, target) {
            Ok(attr) => {
                input.advance_to(&ahead);
                attrs.push(attr);
            }
            Err(error) => errors.push(error),
        }
        while !input.is_empty() && input.parse::<Token![,]>().is_err() {
            if input.parse::<TokenTree>().is_err() {
                return;
            }
        }
    }
}

fn attr(input: ParseStream<'_>, target: Target) -> Result<Attr> {
    let name =
        input.call(Ident::parse_any).map_err(|error| Error::new(error.span(), Keyword::choices(target)))?;
    let span = name.span();
    let keyword = Keyword::of(&name.to_string(), target).map_err(|message| Error::new(span, message))?;
    let kind = kind(input, keyword, span)?;
    if !at_end(input) {
        let message = if has_value(&kind) {
            format!("write a comma after the value of `{keyword}`")
        } else if input.peek(Ident::peek_any) {
            format!("write a comma after `{keyword}`")
        } else {
            format!("`{keyword}` takes no value, write `{keyword}` alone")
        };
        return Err(input.error(message));
    }
    Ok(Attr { keyword, span, kind })
}

/// Parses the value of an attribute.
fn kind(input: ParseStream<'_>, keyword: Keyword, span: Span) -> Result<AttrKind> {
    const CODEC: &str = "\"json\"` or `codec = \"bincode\", version = 1";
    const BIND: &str = "\"user-agent\"` or `bind = \"network\"";
    const TTL: &str = "\"10m\"` or `ttl = \"1h30m\"`: a time above zero in units in the order `d h m s ms";
    let value = Value { input, keyword, span };
    Ok(match keyword {
        Keyword::Crate => AttrKind::Crate(value.parse("path::to::session", path)?),
        Keyword::Namespace => AttrKind::Namespace(value.parse("\"csrf\"", text)?),
        Keyword::Default if at_end(input) => AttrKind::Default(None),
        Keyword::Default => AttrKind::Default(Some(value.parse("expression", Expr::parse)?)),
        Keyword::Rename => AttrKind::Rename(value.parse("\"name\"", text)?),
        Keyword::Alias => AttrKind::Alias(value.parse("\"old_name\"", text)?),
        Keyword::Skip => AttrKind::Skip,
        Keyword::Readonly => AttrKind::Readonly,
        Keyword::Principal => AttrKind::Principal,
        Keyword::Index => AttrKind::Index,
        Keyword::Label => AttrKind::Label,
        Keyword::Flash => AttrKind::Flash,
        Keyword::Counter => AttrKind::Counter,
        Keyword::Cas => AttrKind::Cas,
        Keyword::Entries => AttrKind::Entries,
        Keyword::Ttl => AttrKind::Ttl(value.parse(TTL, duration::parse)?),
        Keyword::Secret => AttrKind::Secret,
        Keyword::Keep => AttrKind::Keep,
        Keyword::Required => AttrKind::Required,
        Keyword::Bind => AttrKind::Bind(value.parse(BIND, bind)?),
        Keyword::With => AttrKind::With(value.parse("\"module\"", path)?),
        Keyword::Codec => AttrKind::Codec(value.parse(CODEC, codec)?),
        Keyword::Version => AttrKind::Version(value.parse("2", version)?),
    })
}

fn has_value(kind: &AttrKind) -> bool {
    match kind {
        AttrKind::Crate(_)
        | AttrKind::Namespace(_)
        | AttrKind::Default(_)
        | AttrKind::Rename(_)
        | AttrKind::Alias(_)
        | AttrKind::Ttl(_)
        | AttrKind::Bind(_)
        | AttrKind::With(_)
        | AttrKind::Codec(_)
        | AttrKind::Version(_) => true,
        AttrKind::Skip
        | AttrKind::Readonly
        | AttrKind::Principal
        | AttrKind::Index
        | AttrKind::Label
        | AttrKind::Flash
        | AttrKind::Counter
        | AttrKind::Cas
        | AttrKind::Entries
        | AttrKind::Secret
        | AttrKind::Keep
        | AttrKind::Required => false,
    }
}

fn at_end(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(Token![,])
}

/// The value of an attribute, yet to be parsed.
struct Value<'a> {
    input: ParseStream<'a>,
    keyword: Keyword,
    span: Span,
}

impl Value<'_> {
    /// Parses `= value`. On an error the message shows `example`.
    fn parse<T>(self, example: &str, parse: fn(ParseStream<'_>) -> Result<T>) -> Result<T> {
        let Self { input, keyword, span } = self;
        let advice = format!("write `{keyword} = {example}`");
        let missing = |advice: &str| Error::new(span, format!("`{keyword}` needs a value, {advice}"));
        if !input.peek(Token![=]) {
            return Err(missing(&advice));
        }
        input.parse::<Token![=]>()?;
        if at_end(input) {
            return Err(missing(&advice));
        }
        parse(input).map_err(|error| Error::new(error.span(), advice))
    }
}

fn text(input: ParseStream<'_>) -> Result<LitStr> {
    input.parse()
}

fn path(input: ParseStream<'_>) -> Result<Path> {
    if input.peek(LitStr) {
        input.parse::<LitStr>()?.parse_with(Path::parse_mod_style)
    } else {
        input.call(Path::parse_mod_style)
    }
}

fn bind(input: ParseStream<'_>) -> Result<Bind> {
    let name: LitStr = input.parse()?;
    match name.value().as_str() {
        "user-agent" => Ok(Bind::UserAgent),
        "network" => Ok(Bind::Network),
        _ => Err(Error::new(name.span(), "")),
    }
}

fn codec(input: ParseStream<'_>) -> Result<Codec> {
    let name: LitStr = input.parse()?;
    match name.value().as_str() {
        "bincode" => Ok(Codec::Bincode(name.span())),
        "json" => Ok(Codec::Json),
        _ => Err(Error::new(name.span(), "")),
    }
}

fn version(input: ParseStream<'_>) -> Result<u32> {
    input.parse::<LitInt>()?.base10_parse()
}
