//! `ofage dev`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use ofage_primitives::{Assurance, Flags, GenesisHash, IssuerIndex};
use ofage_sdk::{
    clock,
    request::AttestationRequest,
    sample::{Person, Sample},
};

use crate::{
    args::Global,
    failure::{Failure, Status},
    files,
    output::Output,
    policy_args::{assurance, flags},
};

/// Commands for demonstrations.
#[derive(Subcommand)]
pub(crate) enum Dev {
    /// Write a CSV of made-up people with real commitments, whose secrets are thrown away.
    SampleCsv(SampleCsv),
}

/// Makes people up.
#[derive(Args)]
#[command(
    after_help = "Example:\n  ofage dev sample-csv --issuer 0 --count 1000 --bad 12 --holder ann.json:34 --out people.csv"
)]
pub(crate) struct SampleCsv {
    /// The issuer that will attest them.
    #[arg(long, value_name = "ISSUER")]
    issuer: u32,
    /// How many good rows.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    count: u32,
    /// How many bad rows among them, of all kinds in turn.
    #[arg(long, value_name = "N", default_value_t = 0)]
    bad: u32,
    /// Also a person who exists: the request of a wallet, and an age in whole years.
    #[arg(long, value_name = "REQUEST:AGE", value_parser = holder)]
    holder: Vec<(PathBuf, u8)>,
    /// Flags of all.
    #[arg(long, value_name = "FLAGS", default_value = "bank", value_parser = flags)]
    flags: Flags,
    /// Assurance of all.
    #[arg(long, value_name = "LEVEL", default_value = "verified", value_parser = assurance)]
    assurance: Assurance,
    /// The chain, instead of asking the node.
    #[arg(long, value_name = "HASH", value_parser = genesis)]
    genesis: Option<GenesisHash>,
    /// Where to.
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
}

fn holder(text: &str) -> Result<(PathBuf, u8), String> {
    let wrong = "give a request file and an age, such as ann.json:34";
    let (path, age) = text.rsplit_once(':').ok_or(wrong)?;
    let age = age.parse().ok().filter(|age| *age <= 100).ok_or(wrong)?;
    Ok((path.into(), age))
}

fn genesis(text: &str) -> Result<GenesisHash, String> {
    let mut bytes = [0; 32];
    let digits = text.strip_prefix("0x").unwrap_or(text);
    hex::decode_to_slice(digits, &mut bytes).map_err(|_| "give 64 hexadecimal digits")?;
    Ok(GenesisHash(bytes))
}

impl Dev {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        match self {
            Self::SampleCsv(command) => command.run(global, output).await,
        }
    }
}

impl SampleCsv {
    async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let genesis = match self.genesis {
            Some(genesis) => genesis,
            None => global.connect().await?.genesis(),
        };
        let issuer = IssuerIndex(self.issuer);
        let people = self
            .holder
            .iter()
            .map(|(path, age)| person(path, *age, genesis, issuer));
        let sample = Sample {
            genesis,
            issuer,
            count: self.count,
            bad: self.bad,
            people: people.collect::<Result<_, _>>()?,
            assurance: self.assurance,
            flags: self.flags,
            today: clock::today()?,
        };
        let mut text = Vec::new();
        sample.write(&mut text)?;
        files::deliver(&self.out, &text, "csv", output)?;
        Ok(Status::Yes)
    }
}

fn person(path: &Path, age: u8, genesis: GenesisHash, issuer: IssuerIndex) -> Result<Person, Failure> {
    let request = AttestationRequest::from_json(&files::read(path)?)?;
    if (request.genesis, request.issuer) != (genesis, issuer) {
        return Err(Failure::input(format!(
            "{} is a request to another issuer or chain",
            path.display()
        )));
    }
    let reference = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    Ok(Person {
        reference,
        identity: request.identity,
        age,
    })
}
