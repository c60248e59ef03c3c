//! The modules of a crate.

use std::collections::BTreeMap;

use syn::Item;
use syn::visit::Visit as _;

use crate::names::{Names, attributes, is_test, text};

/// The text of each file below `src`, by its path there.
pub(crate) type Sources = BTreeMap<String, String>;

/// The modules of a library or program, the root first.
pub(crate) struct Tree {
    pub(crate) modules: Vec<Module>,
}

/// A module, with a file of its own or inside another module's.
pub(crate) struct Module {
    pub(crate) file: String,
    pub(crate) parent: usize,
    pub(crate) children: BTreeMap<String, usize>,
    /// The file that defines each item.
    pub(crate) items: BTreeMap<String, String>,
    /// Imports and paths in the module, apart from its children.
    pub(crate) names: Names,
}

impl Tree {
    /// Parses the root file and the modules that it declares.
    pub(crate) fn parse(sources: &Sources, root: &str) -> Self {
        let mut tree = Self { modules: Vec::new() };
        let dir = root.rsplit_once('/').map_or(String::new(), |(dir, _)| format!("{dir}/"));
        tree.add_file(sources, root, &dir, 0);
        tree
    }

    fn add_file(&mut self, sources: &Sources, file: &str, dir: &str, parent: usize) -> usize {
        let parsed = syn::parse_file(&sources[file]).unwrap_or_else(|error| panic!("{file}: {error}"));
        self.add(sources, file, dir, parent, &parsed.items)
    }

    fn add(&mut self, sources: &Sources, file: &str, dir: &str, parent: usize, items: &[Item]) -> usize {
        let id = self.modules.len();
        let module = Module {
            file: file.to_owned(),
            parent,
            children: BTreeMap::new(),
            items: BTreeMap::new(),
            names: Names::default(),
        };
        self.modules.push(module);
        for item in items.iter().filter(|item| !is_test(attributes(item))) {
            if let Item::Mod(child) = item {
                let name = text(&child.ident);
                let dir_of_child = format!("{dir}{name}/");
                let child = if let Some((_, items)) = &child.content {
                    self.add(sources, file, &dir_of_child, id, items)
                } else {
                    let files = [format!("{dir}{name}.rs"), format!("{dir_of_child}mod.rs")];
                    let found = files.iter().find(|file| sources.contains_key(*file));
                    let found = found.unwrap_or_else(|| panic!("{file}: `mod {name}` has no file"));
                    self.add_file(sources, found, &dir_of_child, id)
                };
                self.modules[id].children.insert(name, child);
                continue;
            }
            if let Some(name) = name(item) {
                // Exported macros are items of the root.
                let module = if is_exported(item) { 0 } else { id };
                self.modules[module].items.insert(name, file.to_owned());
            }
            self.modules[id].names.visit_item(item);
        }
        id
    }
}

fn name(item: &Item) -> Option<String> {
    Some(text(match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::TraitAlias(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    }))
}

fn is_exported(item: &Item) -> bool {
    attributes(item).iter().any(|attribute| attribute.path().is_ident("macro_export"))
}
