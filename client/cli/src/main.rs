//! The `ofage` command: parse, call the SDK, print.
//!
//! Results go to stdout, talk and progress to stderr, and the exit code says how it ended (see [`failure`]).

mod args;
mod commands;
mod failure;
mod faults;
mod files;
mod interrupt;
mod light_args;
mod output;
mod policy_args;
mod qr;
mod talk;

use std::process::ExitCode;

use clap::Parser;

use crate::{args::Cli, failure::INTERNAL, output::Output};

fn main() -> ExitCode {
    // A panic is a fault of this program; its exit code must not look like an answer.
    let outcome = std::panic::catch_unwind(|| {
        let cli = Cli::parse();
        let output = Output::new(&cli.global);
        let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return output.fail(&failure::Failure::internal(format!("cannot start: {error}"))),
        };
        match runtime.block_on(commands::run(cli, &output)) {
            Ok(status) => status.code(),
            Err(failure) => output.fail(&failure),
        }
    });
    ExitCode::from(outcome.unwrap_or(INTERNAL))
}

#[cfg(test)]
mod tests;
