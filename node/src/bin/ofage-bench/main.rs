//! Measures the weights of the runtime's pallets and writes them to `runtime/src/weights`.
//!
//! The SDK's benchmark tools carry a fixed list of host functions, so they cannot run a runtime that
//! verifies age proofs. This one runs the wasm runtime (built with `runtime-benchmarks`) in the same
//! executor as the node, `age_zk` included, over the SDK's tracking state.
//!
//! ```text
//! cargo run --release -p ofage-node --features runtime-benchmarks --bin ofage-bench -- \
//!     --pallet pallet_age_registry --output runtime/src/weights
//! ```

mod run;
mod write;

use clap::Parser;
use std::{path::PathBuf, process::ExitCode};

/// Measure the weights of pallets and write them as Rust files.
///
/// Example: ofage-bench --pallet pallet_age_gate --steps 20 --repeat 10 --output runtime/src/weights
#[derive(Debug, Parser)]
#[command(name = "ofage-bench", version)]
struct Args {
    /// Pallet to measure, as the runtime names it for benchmarks; repeat for several, none for all.
    #[arg(long)]
    pallet: Vec<String>,
    /// How many values of each component are tried.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(2..))]
    steps: u32,
    /// How often each value is timed.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// Folder that receives one file a pallet; without it nothing is written.
    #[arg(long)]
    output: Option<PathBuf>,
    /// Only list what would be measured.
    #[arg(long)]
    list: bool,
    /// Print the results as JSON to standard output.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    match execute(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn execute(args: &Args) -> Result<(), String> {
    let bench = run::Bench::new()?;
    let selected = bench
        .list()?
        .into_iter()
        .filter(|b| args.pallet.is_empty() || args.pallet.contains(&b.pallet));
    let selected: Vec<_> = selected.collect();
    if selected.is_empty() {
        return Err("no benchmark has that pallet name; run with --list to see the names".into());
    }
    if args.list {
        for b in &selected {
            println!("{}::{}", b.pallet, b.name);
        }
        return Ok(());
    }
    let mut measured = Vec::new();
    for (done, b) in selected.iter().enumerate() {
        eprintln!("[{}/{}] {}::{}", done + 1, selected.len(), b.pallet, b.name);
        measured.push(bench.measure(b, args.steps, args.repeat)?);
    }
    if args.json {
        let rows: Vec<_> = measured.iter().map(run::Measured::to_json).collect();
        println!("{}", serde_json::Value::Array(rows));
    }
    if let Some(folder) = &args.output {
        for path in write::files(&measured, folder, args.steps, args.repeat)? {
            eprintln!("wrote {}", path.display());
        }
    }
    Ok(())
}
