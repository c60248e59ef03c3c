//! Sessions in full-stack frameworks on axum. The guide's page `full_stack` shows each file.

pub mod dioxus;
pub mod leptos;
pub mod loco;
