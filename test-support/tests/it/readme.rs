//! The readme's commands to depend on the library, run in an empty directory.

use std::fs;
use std::path::Path;
use std::process::Command;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

#[test]
fn an_application_made_by_the_commands_of_the_readme_builds_with_a_path_and_with_a_git_repository() {
    let dir = tempfile::tempdir().unwrap();
    let readme = fs::read_to_string(format!("{ROOT}/README.md")).unwrap();
    let section = &readme[readme.find("## Use it").unwrap()..];
    let mut commands = blocks(section, "sh");
    let program = blocks(&readme, "rust,no_run").next().unwrap();

    check_out(&dir.path().join("session"));
    run(dir.path(), commands.next().unwrap());
    let shop = dir.path().join("shop");
    fs::write(shop.join("src/main.rs"), program).unwrap();
    // The versions that the rest of the suite is tested with.
    fs::copy(format!("{ROOT}/Cargo.lock"), shop.join("Cargo.lock")).unwrap();
    run(&shop, "cargo check --quiet");

    run(&shop, "cargo remove --quiet session");
    run(&shop, commands.next().unwrap());
    run(&shop, "cargo check --quiet");
    let manifest = fs::read_to_string(shop.join("Cargo.toml")).unwrap();
    assert!(manifest.contains("git = "), "the second block names a git repository: {manifest}");
}

/// Makes a git repository with the files of the workspace, committed or not.
fn check_out(to: &Path) {
    fs::create_dir(to).unwrap();
    run(Path::new(ROOT), &format!("tar -c --exclude=target --exclude=.git . | tar -x -C {}", to.display()));
    run(
        to,
        "git init --quiet && git add . && git -c user.name=test -c user.email=test@test.invalid commit --quiet -m files",
    );
}

fn run(dir: &Path, script: &str) {
    let mut shell = Command::new("sh");
    // The target directory is shared by both ways, which have most dependencies in common.
    shell
        .args(["-ec", script])
        .current_dir(dir)
        .env("CARGO_TARGET_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/readme"));
    let output = shell.output().unwrap();
    assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// Returns the blocks of code in a language.
fn blocks<'text>(markdown: &'text str, language: &str) -> impl Iterator<Item = &'text str> {
    let start = format!("```{language}\n");
    markdown.split("\n```\n").filter_map(move |text| Some(&text[text.find(&start)? + start.len()..]))
}
