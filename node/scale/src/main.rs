//! Measures what the chain sustains: attestations, their traces in the state, admissions, full blocks, floods.
//!
//! Some parts go through real nodes, with everything that a node does; others run the wasm runtime and the client of a
//! node in this process, where single steps can be timed. `scripts/bench` runs it on a build of the node.
//!
//! | module | what |
//! |---|---|
//! | [`live`] | real nodes |
//! | [`local`] | blocks in this process |
//! | [`scene`], [`proofs`] | a gate, and requests with real proofs |
//! | [`attesting`], [`transactions`] | issuers, and signing |
//! | [`report`] | tables |

mod attesting;
mod limits;
mod live;
mod local;
mod proofs;
mod report;
mod scene;
mod transactions;

use std::{
    fs,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{ensure, Context, Result};
use clap::{Parser, Subcommand, ValueEnum};
use ofage_runtime::constants::time::SLOT_MILLIS;
use tempfile::TempDir;

use crate::{
    live::attest::Filled,
    proofs::Proofs,
    report::{Report, Table},
};

/// Measure what the chain sustains, and print it as Markdown.
///
/// Real nodes are $OFAGE_NODE_BIN, or ofage-node beside this program. Nothing else should run meanwhile.
#[derive(Debug, Parser)]
#[command(
    name = "ofage-scale",
    version,
    after_help = "Example: ofage-scale measure attest state --json"
)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure these parts, all of them if none is named.
    Measure {
        /// What to measure.
        parts: Vec<Part>,
        /// Print JSON instead of Markdown.
        #[arg(long)]
        json: bool,
        /// Write the JSON to this file, too.
        #[arg(long)]
        out: Option<PathBuf>,
        /// Folder that keeps proofs for the next time.
        #[arg(long)]
        proofs: Option<PathBuf>,
        /// The runtime that blocks in this process run, instead of the one built into this program.
        #[arg(long)]
        runtime: Option<PathBuf>,
    },
    /// Import blocks that another process of this program made.
    #[command(hide = true)]
    ImportBlocks {
        file: PathBuf,
        #[arg(long)]
        runtime: PathBuf,
        #[arg(long)]
        warm: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Attestations a second through the real node.
    Attest,
    /// What a million attestations leave in the state and on disk.
    State,
    /// Where the time of a batch of attestations goes.
    Profile,
    /// What the registry root costs a block as shards grow.
    Cap,
    /// Import of full blocks.
    Import,
    /// Admissions a block through the real node.
    Admit,
    /// A node that is flooded with admissions that it refuses.
    Flood,
}

#[tokio::main]
async fn main() -> Result<()> {
    match Args::parse().command {
        Command::Measure {
            parts,
            json,
            out,
            proofs,
            runtime,
        } => {
            let parts = if parts.is_empty() {
                Part::value_variants().to_vec()
            } else {
                parts
            };
            let mut bench = Bench::new(proofs.as_deref(), runtime.as_deref())?;
            let (mut report, mut failed) = (Report::new(), false);
            for part in parts {
                match bench.measure(part).await {
                    Ok(tables) => report.add(tables),
                    // What follows can still be measured.
                    Err(error) => {
                        eprintln!("{part:?} was not measured: {error:#}");
                        failed = true;
                    }
                }
            }
            let text = format!("{:#}", report.to_json());
            if let Some(file) = out {
                fs::write(&file, &text).with_context(|| format!("cannot write {}", file.display()))?;
            }
            println!("{}", if json { text } else { report.to_markdown() });
            ensure!(!failed, "not everything was measured");
            Ok(())
        }
        Command::ImportBlocks { file, runtime, warm } => {
            local::import::import_blocks(&read(&runtime)?, &file, warm).await
        }
    }
}

/// What the parts share.
struct Bench {
    proofs: Proofs,
    /// The file of the runtime, and what is in it.
    runtime: PathBuf,
    wasm: Vec<u8>,
    /// Slot in which this program began.
    now: u64,
    /// The chain with a million attestations, once there is one.
    filled: Option<Filled>,
    /// Keeps what was not given.
    _scratch: TempDir,
}

impl Bench {
    fn new(proofs: Option<&Path>, runtime: Option<&Path>) -> Result<Self> {
        let scratch = TempDir::with_prefix("ofage-scale-")?;
        let proofs = proofs.map_or_else(|| scratch.path().join("proofs"), Path::to_owned);
        let runtime = match runtime {
            Some(file) => file.to_owned(),
            None => {
                let file = scratch.path().join("runtime.wasm");
                let wasm = ofage_runtime::WASM_BINARY.context(
                    "this program has no runtime inside: build it without SKIP_WASM_BUILD, or take --runtime",
                )?;
                fs::write(&file, wasm)?;
                file
            }
        };
        Ok(Self {
            proofs: Proofs::open(&proofs)?,
            wasm: read(&runtime)?,
            runtime,
            now: SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() as u64 / SLOT_MILLIS,
            filled: None,
            _scratch: scratch,
        })
    }

    async fn measure(&mut self, part: Part) -> Result<Vec<Table>> {
        match part {
            Part::Attest => live::attest::tables(self.filled().await?),
            Part::State => live::state::measure(self.filled().await?).await,
            Part::Profile => local::profile::measure(&self.wasm, self.now).await,
            Part::Cap => local::cap::measure(&self.wasm, self.now).await,
            Part::Import => local::import::measure(&self.runtime, &self.wasm, self.now, &self.proofs).await,
            Part::Admit => live::admit::measure(&self.proofs).await,
            Part::Flood => live::flood::measure(&self.proofs).await,
        }
    }

    async fn filled(&mut self) -> Result<&mut Filled> {
        let filled = match self.filled.take() {
            Some(filled) => filled,
            None => live::attest::fill().await?,
        };
        Ok(self.filled.insert(filled))
    }
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}
