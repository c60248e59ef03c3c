//! Protection against cross-site request forgery.

mod origin;
mod pages;
mod token;
