//! The check of the workspace itself.

use std::fs;
use std::path::Path;

use crate::cycles::describe;
use crate::imports::imports;
use crate::tree::Sources;

#[test]
fn no_source_file_imports_in_a_cycle() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = String::new();
    for entry in fs::read_dir(workspace).unwrap() {
        let dir = entry.unwrap().path();
        let name = dir.file_name().unwrap().to_str().unwrap();
        if !dir.join("Cargo.toml").is_file() || !dir.join("src").is_dir() {
            continue;
        }
        let mut sources = Sources::new();
        read(&dir.join("src"), "", &mut sources);
        let cycles = describe(&imports(&sources));
        if !cycles.is_empty() {
            found.extend([name, ":\n", &cycles]);
        }
    }
    assert!(found.is_empty(), "source files must not import from each other in a cycle\n{found}");
}

fn read(dir: &Path, prefix: &str, sources: &mut Sources) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            read(&path, &format!("{name}/"), sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}
