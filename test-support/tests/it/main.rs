//! Checks that no source files of a crate import from each other in a cycle.

mod cycles;
mod imports;
mod names;
mod resolve;
mod small_trees;
mod tree;
mod workspace;
