//! Import graph of a crate: which names each file imports from which other file.

use std::collections::{BTreeMap, BTreeSet};

use crate::resolve::Target;
use crate::tree::{Sources, Tree};

/// For each file, the files that it imports from, with the names.
pub(crate) type Imports = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// Returns the imports of the library and the programs below a `src` folder.
pub(crate) fn imports(sources: &Sources) -> Imports {
    let mut imports = Imports::new();
    for root in sources.keys().filter(|file| is_root(file)) {
        let tree = Tree::parse(sources, root);
        for (id, module) in tree.modules.iter().enumerate() {
            let paths = module.names.imports.iter().map(|import| &import.path).chain(&module.names.paths);
            for path in paths {
                if let Target::Item { file, name } = tree.resolve(id, path)
                    && file != module.file
                {
                    imports.entry(module.file.clone()).or_default().entry(file).or_default().insert(name);
                }
            }
        }
    }
    imports
}

fn is_root(file: &str) -> bool {
    let segments: Vec<&str> = file.split('/').collect();
    matches!(segments[..], ["lib.rs" | "main.rs"] | ["bin", _] | ["bin", _, "main.rs"])
}
