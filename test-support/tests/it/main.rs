//! No source file of the workspace imports from another in a circle.

mod circles;
mod imports;
mod names;
mod resolve;
mod small_trees;
mod tree;
mod workspace;
