//! Paths and imports that occur in a piece of code.

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::visit::{self, Visit};
use syn::{Attribute, Ident, ImplItem, Item, UseTree};

/// The segments of a path.
pub(crate) type Path = Vec<String>;

/// A leaf of a `use` item.
pub(crate) struct Import {
    /// The name that it introduces, or `None` for a glob.
    pub(crate) name: Option<String>,
    pub(crate) path: Path,
}

/// Paths and imports found so far.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) imports: Vec<Import>,
    pub(crate) paths: Vec<Path>,
}

impl Names {
    fn import(&mut self, mut path: Path, tree: &UseTree) {
        match tree {
            UseTree::Path(tree) => {
                path.push(text(&tree.ident));
                self.import(path, &tree.tree);
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(path.clone(), tree)),
            UseTree::Glob(_) => self.imports.push(Import { name: None, path }),
            UseTree::Name(name) => self.leaf(path, &name.ident, None),
            UseTree::Rename(rename) => self.leaf(path, &rename.ident, Some(&rename.rename)),
        }
    }

    fn leaf(&mut self, mut path: Path, ident: &Ident, rename: Option<&Ident>) {
        // `a::{self}` is `a`.
        if path.is_empty() || ident != "self" {
            path.push(text(ident));
        }
        let name = rename.map_or_else(|| path.last().cloned(), |rename| Some(text(rename)));
        self.imports.push(Import { name, path });
    }

    /// Finds paths in the arguments of a macro, which are tokens only.
    fn tokens(&mut self, tokens: TokenStream) {
        let (mut path, mut colons) = (Path::new(), 0);
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if colons == 2 => path.push(text(&ident)),
                TokenTree::Ident(ident) => self.paths.push(std::mem::replace(&mut path, vec![text(&ident)])),
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    colons += 1;
                    // After the colon of `field: ::path`, or at `::path`: a segment that no module has.
                    if colons == 3 || colons == 2 && path.is_empty() {
                        self.paths.push(std::mem::replace(&mut path, vec![String::new()]));
                        colons = 2;
                    }
                    continue;
                }
                other => {
                    self.paths.push(std::mem::take(&mut path));
                    if let TokenTree::Group(group) = other {
                        self.tokens(group.stream());
                    }
                }
            }
            colons = 0;
        }
        self.paths.push(path);
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let attributes = match item {
            ImplItem::Const(item) => &item.attrs,
            ImplItem::Fn(item) => &item.attrs,
            ImplItem::Type(item) => &item.attrs,
            ImplItem::Macro(item) => &item.attrs,
            _ => return,
        };
        if !is_test(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if item.leading_colon.is_none() {
            self.import(Path::new(), &item.tree);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            self.paths.push(path.segments.iter().map(|segment| text(&segment.ident)).collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.visit_path(&mac.path);
        self.tokens(mac.tokens.clone());
    }

    // Neither doc comments nor derives.
    fn visit_attribute(&mut self, _: &'ast Attribute) {}
}

/// Returns whether code is compiled for tests only.
pub(crate) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args::<Ident>().is_ok_and(|cfg| cfg == "test")
    })
}

pub(crate) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Returns the text of an identifier without `r#`.
pub(crate) fn text(ident: &Ident) -> String {
    ident.unraw().to_string()
}
