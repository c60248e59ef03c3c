//! `session`: lists and ends the sessions in a store, for administrators.

#![forbid(unsafe_code)]

mod arguments;
mod commands;
mod condition;
mod failure;
mod output;
mod store;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::Arguments;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match commands::run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let chain = std::iter::successors(Some(&*failure), |error| error.source());
            let messages: Vec<_> = chain.map(ToString::to_string).collect();
            eprintln!("session: {}", messages.join(": "));
            ExitCode::FAILURE
        }
    }
}
