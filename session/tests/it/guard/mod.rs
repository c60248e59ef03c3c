//! The way back after signing in.

mod return_to;
