//! Resolves a path to the file that defines the item.

use crate::names::Path;
use crate::tree::Tree;

/// The target of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Module(usize),
    Item {
        file: String,
        name: String,
    },
    /// An item of another crate, a local variable or a generic parameter.
    External,
}

/// The namespace that a name is looked up in. A function and a module may have the same name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Namespace {
    Modules,
    Items,
}

/// Lookups in progress, so that imports of each other end.
type Pending = Vec<(usize, String)>;

impl Tree {
    /// Resolves a path that occurs in a module, through modules and re-exports.
    pub(crate) fn resolve(&self, module: usize, path: &Path) -> Target {
        self.walk(module, path, Namespace::Items, &mut Pending::new())
    }

    fn walk(&self, module: usize, path: &[String], last: Namespace, pending: &mut Pending) -> Target {
        let mut current = module;
        for (at, segment) in path.iter().enumerate() {
            let namespace = if at + 1 == path.len() { last } else { Namespace::Modules };
            current = match segment.as_str() {
                "crate" => 0,
                "self" => current,
                "super" => self.modules[current].parent,
                name => match self.lookup(current, name, namespace, pending) {
                    Some(Target::Module(module)) => module,
                    Some(target) => return target,
                    None if at == 0 || self.imports_all_of_another_crate(current) => {
                        return Target::External;
                    }
                    // A macro defines it.
                    None => {
                        return Target::Item {
                            file: self.modules[current].file.clone(),
                            name: name.to_owned(),
                        };
                    }
                },
            };
        }
        Target::Module(current)
    }

    fn lookup(&self, at: usize, name: &str, namespace: Namespace, pending: &mut Pending) -> Option<Target> {
        let module = &self.modules[at];
        let child = module.children.get(name).map(|child| Target::Module(*child));
        let item = module.items.get(name).cloned();
        let item = item.map(|file| Target::Item { file, name: name.to_owned() });
        let imported = || self.lookup_imports(at, name, namespace, pending);
        match namespace {
            Namespace::Modules => child.or(item).or_else(imported),
            Namespace::Items => item.or_else(imported).or(child),
        }
    }

    fn lookup_imports(
        &self,
        at: usize,
        name: &str,
        namespace: Namespace,
        pending: &mut Pending,
    ) -> Option<Target> {
        let key = (at, name.to_owned());
        if pending.contains(&key) {
            return None;
        }
        pending.push(key);
        let imports = &self.modules[at].names.imports;
        let named = imports.iter().filter(|import| import.name.as_deref() == Some(name));
        let mut found = named.map(|import| self.walk(at, &import.path, namespace, pending)).next();
        for glob in imports.iter().filter(|import| import.name.is_none()) {
            if found.is_none()
                && let Target::Module(module) = self.walk(at, &glob.path, Namespace::Modules, pending)
            {
                found = self.lookup(module, name, namespace, pending);
            }
        }
        pending.pop();
        found
    }

    fn imports_all_of_another_crate(&self, module: usize) -> bool {
        let mut globs = self.modules[module].names.imports.iter().filter(|import| import.name.is_none());
        globs.any(|glob| {
            self.walk(module, &glob.path, Namespace::Modules, &mut Pending::new()) == Target::External
        })
    }
}
