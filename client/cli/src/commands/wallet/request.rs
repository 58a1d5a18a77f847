//! `ofage wallet request`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use ofage_primitives::IssuerIndex;

use super::issuance;
use crate::{
    args::{seconds, Global, WalletArgs},
    failure::{Failure, Status},
    files,
    output::Output,
};

/// Asks an issuer for an attestation: by a file, or at its service.
#[derive(Args)]
#[command(
    group = ArgGroup::new("way").required(true).args(["issuer", "offer", "resume"]),
    after_help = "\
With --issuer, writes a file with the wallet's commitment towards that issuer; with --reference, the issuer's name for you,
the file also proves that the commitment is yours. With --offer, redeems an offer that the issuer gave to you as a
QR code or link, proves the same to its service, waits until the attestation is final, and takes the credential. What was
interrupted, or is not ready, goes on with --resume.

Example:
  ofage wallet request --wallet ann.age --issuer 0 --out ann.json
  ofage wallet request --wallet ann.age --issuer 0 --reference customer-000017 --out ann.json
  ofage wallet request --wallet ann.age --offer 'openid-credential-offer://?credential_offer=...'
  ofage wallet request --wallet ann.age --resume"
)]
pub(crate) struct Request {
    #[command(flatten)]
    wallet: WalletArgs,
    /// The issuer, for a request in a file.
    #[arg(long, value_name = "ISSUER")]
    issuer: Option<u32>,
    /// The issuer's name for you: the request proves that the commitment is yours, and is for that name alone.
    #[arg(long, value_name = "TEXT", requires = "issuer")]
    reference: Option<String>,
    /// Where the file goes.
    #[arg(long, value_name = "FILE", default_value = "-", requires = "issuer")]
    out: PathBuf,
    /// The link of an offer, or - for a line on stdin.
    #[arg(long, value_name = "LINK")]
    offer: Option<String>,
    /// File with the transaction code that the issuer sent otherwise; asked for when absent and needed.
    #[arg(long, value_name = "FILE", requires = "offer")]
    tx_code_file: Option<PathBuf>,
    /// Take the offer without asking.
    #[arg(long, requires = "offer")]
    yes: bool,
    /// Go on with what services owe to the wallet.
    #[arg(long)]
    resume: bool,
    /// Longest wait for an attestation to become final, such as 30s or 10m.
    #[arg(long, value_name = "TIME", value_parser = seconds, default_value = "10m")]
    wait: u64,
}

impl Request {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        if let Some(issuer) = self.issuer {
            return self.write(IssuerIndex(issuer), global, output).await;
        }
        let chain = global.connect().await?;
        let desk = issuance::Desk {
            chain: &chain,
            output,
            wait: self.wait,
        };
        match self.offer {
            None => desk.resume(self.wallet.open(output)?).await,
            Some(link) => {
                let taking = issuance::Taking {
                    link,
                    tx_code_file: self.tx_code_file,
                    yes: self.yes,
                };
                desk.take(taking, || self.wallet.open(output)).await
            }
        }
    }

    async fn write(&self, issuer: IssuerIndex, global: &Global, output: &Output) -> Result<Status, Failure> {
        let chain = global.connect().await?;
        let known = chain.at(chain.finalized().await?).issuer(issuer).await?;
        known.ok_or_else(|| Failure::input(format!("the chain has no issuer {issuer}")))?;
        let wallet = self.wallet.open(output)?;
        let request = match &self.reference {
            Some(reference) => wallet.request_for(chain.genesis(), issuer, reference)?,
            None => wallet.request(chain.genesis(), issuer),
        };
        let mut text = serde_json::to_vec_pretty(&request)?;
        text.push(b'\n');
        files::deliver(&self.out, &text, "request", output)?;
        Ok(Status::Yes)
    }
}
