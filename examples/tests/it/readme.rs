//! Checks of snippets in the documentation.

use std::fs;
use std::path::{Path, PathBuf};

/// Collects the Markdown and Rust files of the workspace, tests excluded.
fn documents(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_text = path.extension().is_some_and(|extension| extension == "md" || extension == "rs");
        if path.is_dir() && name != "target" && name != "tests" && !name.starts_with('.') {
            documents(&path, found);
        } else if is_text {
            found.push(path);
        }
    }
}

#[test]
fn no_dependency_line_fetches_a_package_of_another_project() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    documents(root, &mut found);
    assert!(found.len() > 100, "the workspace was searched");
    for path in found {
        for line in fs::read_to_string(&path).unwrap().lines() {
            let line = line.trim_start_matches(['/', '!', ' ', '#']);
            let is_ours = line.split_once(" = ").is_some_and(|(name, value)| {
                ["session", "session-core", "session-cookie", "session-redis"].contains(&name)
                    && (value.starts_with('"') || value.starts_with('{'))
            });
            let is_local = line.contains("path = ") || line.contains("git = ");
            assert!(!is_ours || is_local, "{}: {line}", path.display());
        }
    }
}
