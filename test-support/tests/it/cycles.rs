//! Cycles in the imports of a crate.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::imports::Imports;

/// Returns the sets of files that import from each other, directly or through others.
pub(crate) fn cycles(imports: &Imports) -> Vec<BTreeSet<&str>> {
    let mut cycles: Vec<BTreeSet<&str>> = Vec::new();
    for file in imports.keys() {
        if cycles.iter().any(|cycle| cycle.contains(file.as_str())) {
            continue;
        }
        let mut cycle = reachable(imports, file);
        cycle.retain(|other| reachable(imports, other).contains(file.as_str()));
        if !cycle.is_empty() {
            cycles.push(cycle);
        }
    }
    cycles
}

/// Returns the files that a file imports from, directly or through others. It is included only if it is part of a cycle.
fn reachable<'a>(imports: &'a Imports, file: &str) -> BTreeSet<&'a str> {
    let (mut reached, mut open) = (BTreeSet::new(), vec![file]);
    while let Some(file) = open.pop() {
        for target in imports.get(file).into_iter().flatten().map(|(target, _)| target.as_str()) {
            if reached.insert(target) {
                open.push(target);
            }
        }
    }
    reached
}

/// Formats each cycle with the imported names.
pub(crate) fn describe(imports: &Imports) -> String {
    let mut text = String::new();
    for cycle in cycles(imports) {
        writeln!(text, "  {} files import from each other:", cycle.len()).unwrap();
        for file in &cycle {
            for (target, names) in imports[*file].iter().filter(|(target, _)| cycle.contains(target.as_str()))
            {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                writeln!(text, "    {file} -> {target}: {}", names.join(", ")).unwrap();
            }
        }
    }
    text
}
