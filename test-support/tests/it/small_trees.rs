//! Tests of the check on small crates with and without cycles.

use crate::cycles::{cycles, describe};
use crate::imports::imports;
use crate::tree::Sources;

fn sources(files: &[(&str, &str)]) -> Sources {
    files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect()
}

/// Returns the cycles of a crate, each as its files in order.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let imports = imports(&sources(files));
    cycles(&imports).into_iter().map(|cycle| cycle.into_iter().collect::<Vec<_>>().join(" ")).collect()
}

const NONE: [&str; 0] = [];

#[test]
fn two_files_that_import_from_each_other_are_a_cycle() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "use crate::b::B; pub struct A(B);"),
        ("b.rs", "pub struct B; impl B { fn a(_: super::a::A) {} }"),
    ];
    assert_eq!(found(&files), ["a.rs b.rs"]);
    let description = "  2 files import from each other:\n    a.rs -> b.rs: B\n    b.rs -> a.rs: A\n";
    assert_eq!(describe(&imports(&sources(&files))), description);
}

#[test]
fn three_files_that_import_in_turn_are_a_cycle() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        ("a.rs", "use crate::b::b; pub fn a() { b() }"),
        ("b.rs", "use crate::c; pub fn b() { c::c() }"),
        ("c/mod.rs", "pub fn c() { let _ = crate::a::a; }"),
        ("d.rs", "use crate::{a::a, b::b, c::c};"),
    ];
    assert_eq!(found(&files), ["a.rs b.rs c/mod.rs"]);
}

#[test]
fn two_cycles_are_distinguished() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        ("a.rs", "use super::b::B; pub struct A;"),
        ("b.rs", "use super::a::A; pub struct B;"),
        ("c.rs", "use super::{d::D, a::A}; pub struct C;"),
        ("d.rs", "use super::c::C; pub struct D;"),
    ];
    assert_eq!(found(&files), ["a.rs b.rs", "c.rs d.rs"]);
}

#[test]
fn a_cycle_through_a_re_export_is_found() {
    let files = [
        ("lib.rs", "mod a; mod b; pub use b::{B as Renamed, *};"),
        ("a.rs", "use crate::Renamed; pub struct A;"),
        ("b/mod.rs", "mod c; pub use self::c::B;"),
        ("b/c.rs", "use crate::a::A; pub struct B;"),
    ];
    assert_eq!(found(&files), ["a.rs b/c.rs"]);
}

#[test]
fn a_cycle_through_a_glob_is_found() {
    let files = [
        ("lib.rs", "mod a; mod b; mod prelude;"),
        ("prelude.rs", "pub use crate::a::*;"),
        ("a.rs", "use crate::b::B; pub struct A;"),
        ("b.rs", "use crate::prelude::*; pub struct B(A);"),
    ];
    assert_eq!(found(&files), ["a.rs b.rs"]);
}

#[test]
fn a_parent_that_defines_what_its_child_imports_is_in_a_cycle_and_one_that_re_exports_it_is_not() {
    let child = ("a.rs", "use crate::Shared; pub struct A(Shared);");
    let defining = [("lib.rs", "mod a; pub use a::A; pub struct Shared;"), child];
    assert_eq!(found(&defining), ["a.rs lib.rs"]);
    let re_exporting =
        [("lib.rs", "mod a; mod b; pub use a::A; pub use b::Shared;"), child, ("b.rs", "pub struct Shared;")];
    assert_eq!(found(&re_exporting), NONE);
}

#[test]
fn modules_of_one_file_are_no_cycle_and_their_imports_count_for_the_file() {
    let files = [
        ("lib.rs", "mod a { pub mod inner { pub struct I(super::A); } pub struct A; use inner::I; } mod b;"),
        ("b.rs", "use crate::a::inner::I; mod inner { use super::B; } pub struct B;"),
    ];
    assert_eq!(found(&files), NONE);
    let files = [
        ("lib.rs", "pub mod a { use crate::b::B; pub struct A; } mod b;"),
        ("b.rs", "use crate::a::A; pub struct B;"),
    ];
    assert_eq!(found(&files), ["b.rs lib.rs"]);
}

#[test]
fn paths_in_macros_count() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "use crate::b::B; pub fn a() {} macro_rules! m { () => { $crate::b::b() } }"),
        ("b.rs", "pub struct B; pub fn b() { assert!(true, \"{}\", [B, crate::a::a()]) }"),
    ];
    assert_eq!(found(&files), ["a.rs b.rs"]);
    let of_another_crate = ("b.rs", "pub struct B; pub fn b() { x!(y: ::a::a, ::a::a, b::a, a) }");
    assert_eq!(found(&[files[0], files[1], of_another_crate]), NONE);
}

#[test]
fn macro_generated_items_are_in_the_file_of_their_module() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "make! { A } use crate::b::B;"),
        ("b.rs", "use crate::a::A; pub struct B;"),
    ];
    assert_eq!(found(&files), ["a.rs b.rs"]);
}

#[test]
fn an_exported_macro_is_defined_in_its_file() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "use crate::b::B; #[macro_export] macro_rules! made { () => {} }"),
        ("b.rs", "pub struct B; crate::made!();"),
    ];
    assert_eq!(found(&files), ["a.rs b.rs"]);
}

#[test]
fn a_function_and_a_module_of_one_name_are_distinguished() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c; pub use a::a;"),
        ("a.rs", "use crate::c::C; pub fn a() {} pub struct A;"),
        ("b.rs", "use crate::a; fn b() { a(); a::a(); }"),
        ("c.rs", "pub struct C; fn c() { use crate::a; let _ = a::A; }"),
    ];
    assert_eq!(found(&files), ["a.rs c.rs"]);
}

#[test]
fn tests_docs_attributes_and_other_crates_do_not_count() {
    let files = [
        ("lib.rs", "mod a; mod b; mod serde;"),
        ("a.rs", "use crate::b::B; pub struct A;"),
        (
            "b.rs",
            "//! See [`A`](crate::a::A).
            #[derive(crate::a::A)]
            pub(in crate::a) struct B;
            use ::serde::A as _;
            use other::{a::A, serde};
            fn b() { serde::serialize(); ::serde::S::new(); }
            #[cfg(test)]
            use crate::a::A;
            impl B { #[cfg(test)] fn a(_: crate::a::A) {} }
            #[cfg(test)]
            mod tests { use super::*; use crate::a::A; }",
        ),
        ("serde.rs", "use crate::b::B; pub struct S;"),
    ];
    assert_eq!(found(&files), NONE);
}

#[test]
fn cyclic_imports_without_a_definition_terminate() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "pub use crate::b::*; pub use crate::b::X; fn f() { X; Y; crate::b::Z; }"),
        ("b.rs", "pub use crate::a::*; pub use crate::a::X; fn f() { X; Y }"),
    ];
    found(&files);
}

#[test]
fn each_program_is_a_crate_of_its_own() {
    let files = [
        ("lib.rs", "pub mod a;"),
        ("a.rs", "pub struct A;"),
        ("bin/one.rs", "mod a; mod b; use a::A;"),
        ("bin/a.rs", "use crate::b::B; pub struct A;"),
        ("bin/b.rs", "pub struct B(crate::a::A);"),
        ("bin/two/main.rs", "mod a; use a::A; pub struct Two;"),
        ("bin/two/a.rs", "pub struct A;"),
    ];
    // `bin/a.rs` is a program too, without a module `b`.
    assert_eq!(found(&files), ["bin/a.rs bin/b.rs"]);
}
