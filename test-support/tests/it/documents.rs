//! Checks that what documents name exists in the source.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns the paths of the files below a folder that have this extension.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
    found
}

/// Returns the paths, without the extension, and names of tests in a text: code such as `session/tests/it/gone.rs::a_name`.
fn tests_named_in(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split('`').filter_map(|code| code.split_once(".rs::")).filter(|(path, _)| path.contains('/'))
}

#[test]
fn each_test_that_a_document_names_exists() {
    let mut documents = files(&root().join("session/src/docs"), "md");
    documents.extend(
        ["SECURITY.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "README.md"].map(|file| root().join(file)),
    );
    let mut named = 0;
    let mut missing = Vec::new();
    for document in documents {
        for (path, name) in tests_named_in(&fs::read_to_string(&document).unwrap()) {
            named += 1;
            let source = fs::read_to_string(root().join(format!("{path}.rs"))).unwrap_or_default();
            if !source.contains(&format!("fn {name}(")) {
                missing.push(format!("{}: {path}.rs::{name}", document.display()));
            }
        }
    }
    assert!(missing.is_empty(), "these tests do not exist:\n{}", missing.join("\n"));
    assert!(named > 0, "the page on security names tests");
}

/// Returns the anchor that rustdoc gives a heading.
fn anchor(heading: &str) -> String {
    let lower = heading.trim().to_lowercase();
    let kept = lower.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Returns the page of the guide, or of the crate of a store, that a link such as `crate::guide::stores` leads to.
fn page(link: &str) -> Option<PathBuf> {
    let name = link.rsplit("::").next()?;
    let places = [
        format!("session/src/docs/{name}.md"),
        format!("session/src/docs/attributes/{name}.md"),
        format!("{}/README.md", name.replace('_', "-")),
    ];
    places.map(|place| root().join(place)).into_iter().find(|path| path.is_file())
}

#[test]
fn each_heading_that_a_page_links_to_exists() {
    let mut missing = Vec::new();
    for path in files(&root().join("session/src/docs"), "md") {
        let text = fs::read_to_string(&path).unwrap();
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next()?.split_once('#'));
        for (link, heading) in targets.filter(|(link, _)| !link.contains("://")) {
            let page = if link.is_empty() { Some(path.clone()) } else { page(link) };
            let target = page.map(|page| fs::read_to_string(page).unwrap()).unwrap_or_default();
            let mut headings = target.lines().filter_map(|line| line.strip_prefix("# "));
            if !headings.any(|own| anchor(own) == heading) {
                missing.push(format!("{}: {link}#{heading}", path.display()));
            }
        }
    }
    assert!(missing.is_empty(), "these headings do not exist:\n{}", missing.join("\n"));
}

/// The builders of sessions and stores: the starts of their implementations.
const BUILDERS: [&str; 6] = [
    "impl<Target: Build> Builder<Target> {",
    "impl<T: Databag> Builder<SessionManager<T>> {",
    "impl MemoryStoreBuilder {",
    "impl RedisStoreBuilder {",
    "impl CookieStoreBuilder {",
    "impl SqlStore {",
];

/// Returns the names of the public methods in a source file that take and configure a builder.
fn settings_in(source: &str) -> impl Iterator<Item = &str> {
    source.lines().filter_map(|line| {
        let (name, arguments) = line.strip_prefix("    pub fn ")?.split_once('(')?;
        let takes_builder = arguments.starts_with("mut self") || arguments.starts_with("self");
        (takes_builder && name != "build").then_some(name)
    })
}

#[test]
fn each_setting_of_a_builder_is_in_the_guide() {
    let page = fs::read_to_string(root().join("session/src/docs/settings.md")).unwrap();
    let crates = ["session", "session-cookie", "session-redis", "session-sql"];
    let sources = crates.map(|name| files(&root().join(name).join("src"), "rs")).concat();
    let sources: Vec<_> = sources.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let mut missing = Vec::new();
    for builder in BUILDERS {
        let settings: Vec<_> = sources
            .iter()
            .filter(|source| source.contains(builder))
            .flat_map(|source| settings_in(source))
            .collect();
        assert!(!settings.is_empty(), "there are settings in `{builder}`");
        missing.extend(settings.into_iter().filter(|name| !page.contains(&format!("`{name}`"))));
    }
    assert!(missing.is_empty(), "session/src/docs/settings.md lacks {}", missing.join(", "));
}

/// Returns the names of the variants of an enum.
fn variants<'source>(source: &'source str, name: &str) -> impl Iterator<Item = &'source str> {
    let start = source.find(&format!("pub enum {name} {{")).unwrap();
    let body = source[start..].split("\n}").next().unwrap();
    body.lines().filter_map(|line| {
        let line =
            line.strip_prefix("    ").filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))?;
        line.split(|c: char| !c.is_ascii_alphanumeric()).next()
    })
}

#[test]
fn each_error_is_in_the_guide() {
    const ENUMS: [(&str, &str); 5] = [
        ("session/src/error.rs", "Error"),
        ("session/src/error.rs", "SessionRejection"),
        ("session/src/access_rejection.rs", "AccessRejection"),
        ("session/src/warning.rs", "Warning"),
        ("session-core/src/error.rs", "StoreError"),
    ];
    let page = fs::read_to_string(root().join("session/src/docs/errors.md")).unwrap();
    let mut missing = Vec::new();
    for (file, name) in ENUMS {
        let source = fs::read_to_string(root().join(file)).unwrap();
        let unnamed = variants(&source, name).filter(|variant| !page.contains(&format!("{name}::{variant}")));
        missing.extend(unnamed.map(|variant| format!("{name}::{variant}")));
    }
    assert!(missing.is_empty(), "session/src/docs/errors.md lacks {}", missing.join(", "));
}

#[test]
fn the_page_on_full_stack_frameworks_shows_the_programs_that_are_compiled() {
    let page = fs::read_to_string(root().join("session/src/docs/full_stack.md")).unwrap();
    let shown: Vec<_> = page.split("```").skip(1).step_by(2).collect();
    let programs = ["leptos", "dioxus", "loco"].map(|framework| {
        let path = root().join(format!("examples/full_stack/src/{framework}.rs"));
        format!("ignore\n{}", fs::read_to_string(path).unwrap())
    });
    assert_eq!(shown, programs);
}
