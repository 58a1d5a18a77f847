//! The Ofage node: a BABE and GRANDPA full node that verifies age proofs natively.

#![allow(
    clippy::result_large_err,
    reason = "the SDK's errors are large, and a start fails once"
)]

mod chain_spec;
mod check_state;
mod cli;
mod command;
mod leaf_index;
mod light;
mod rpc;
mod service;

use std::process::ExitCode;

fn main() -> ExitCode {
    match command::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
