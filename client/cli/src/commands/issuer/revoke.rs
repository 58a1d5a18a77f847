//! `ofage issuer revoke`.

use std::path::PathBuf;

use clap::Args;
use ofage_primitives::{LeafIndex, ShardIndex};
use ofage_sdk::issuer::{
    mirror::Mirror,
    register::{Register, RegisterError},
    revoke::{Done, Revoker},
    targets::{self, Target},
};
use serde_json::json;

use crate::{
    args::{Global, KeyArgs},
    failure::{Failure, Status},
    files,
    output::Output,
};

/// Revokes attestations.
#[derive(Args)]
#[command(after_help = "\
The file is CSV: its first line names a column reference, as that of the people who were attested does, or the columns
shard and position. Attestations of one shard go in one call. The same command again goes on where it was interrupted:
what is revoked already is passed over. To give somebody a new attestation in place of the old one, see
ofage issuer attest --reissue.

Example:
  ofage issuer revoke --register issuer.register --reference customer-000017 --dev-key Issuer1
  ofage issuer revoke --register issuer.register --csv leavers.csv --key-file attester.key
  ofage issuer revoke --mirror leaves --position 3:17 --key-file issuer.key")]
pub(crate) struct Revoke {
    /// Reference of an attestation; can be given several times.
    #[arg(long, value_name = "TEXT", requires = "register", required_unless_present_any = ["position", "csv"])]
    reference: Vec<String>,
    /// Place of an attestation; can be given several times.
    #[arg(long, value_name = "SHARD:POSITION", value_parser = position)]
    position: Vec<(ShardIndex, LeafIndex)>,
    /// File with references or places, a line each.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// The issuer's record; it knows the places of references, and notes what is revoked.
    #[arg(long, value_name = "FILE", required_unless_present = "mirror")]
    register: Option<PathBuf>,
    /// Directory for the leaves of the issuer's shards; REGISTER.mirror when absent. It can be deleted at any time.
    #[arg(long, value_name = "DIR")]
    mirror: Option<PathBuf>,
    #[command(flatten)]
    key: KeyArgs,
}

fn position(text: &str) -> Result<(ShardIndex, LeafIndex), String> {
    let wrong = "give a shard and a position in it, such as 3:17";
    let (shard, position) = text.split_once(':').ok_or(wrong)?;
    let shard = shard.parse().map_err(|_| wrong)?;
    let position = position.parse().map_err(|_| wrong)?;
    Ok((ShardIndex(shard), LeafIndex(position)))
}

impl Revoke {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let signer = self.key.signer()?;
        let mirror = match (&self.mirror, &self.register) {
            (Some(directory), _) => Mirror::new(directory),
            (None, Some(register)) => Mirror::beside(register),
            (None, None) => return Err(Failure::usage("name a --register, or a directory with --mirror")),
        };
        let mut targets: Vec<Target> = match &self.csv {
            Some(path) => targets::read(files::open(path)?)?,
            None => Vec::new(),
        };
        targets.extend(
            self.reference
                .into_iter()
                .map(|text| Target::Reference(text, None)),
        );
        targets.extend(
            self.position
                .into_iter()
                .map(|(shard, leaf)| Target::Place(shard, leaf)),
        );
        let chain = global.connect().await?;
        let revoker = Revoker::new(&chain, &signer, mirror).await?;
        let issuer = revoker.issuer();
        let register = match &self.register {
            Some(path) => Some(Register::open(path, chain.genesis(), issuer)?),
            None => None,
        };
        if let Some(register) = &register {
            if register.pending()?.is_some() {
                return Err(RegisterError::Pending.into());
            }
        }
        let wanted = targets::places(targets, register.as_ref())?;
        let total: usize = wanted.values().map(|positions| positions.len()).sum();
        let mut shards = Vec::new();
        {
            let bar = output.talk.bar(total as u64, "revoking");
            let mut done = |done: Done| {
                bar.advance((done.revoked + done.already) as u64);
                shards.push(done);
            };
            revoker.revoke(&wanted, register.as_ref(), &mut done).await?;
        }
        let revoked: usize = shards.iter().map(|done| done.revoked).sum();
        let already: usize = shards.iter().map(|done| done.already).sum();
        let result = json!({ "issuer": issuer, "revoked": revoked, "already": already, "shards": shards });
        output.result(&result, || {
            format!("issuer {issuer}: {revoked} attestations revoked, {already} revoked before")
        })?;
        Ok(Status::Yes)
    }
}
