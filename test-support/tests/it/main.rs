//! Checks of the whole workspace: that no source files of a crate import from each other in a cycle, that what documents
//! name exists, and that the readme's way to depend on the library works.

mod cycles;
mod documents;
mod imports;
mod names;
mod readme;
mod resolve;
mod small_trees;
mod tree;
mod workspace;
