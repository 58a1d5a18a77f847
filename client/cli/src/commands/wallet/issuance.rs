//! Getting an attestation from an issuer's service.

use std::{
    io::{self, BufRead, IsTerminal},
    path::PathBuf,
    time::{Duration, Instant},
};

use ofage_primitives::{chain::IssuerStatus, IssuerIndex};
use ofage_sdk::{
    chain::Chain,
    credential::CredentialError,
    issuance::messages::{NotificationEvent, TxCode, TxCodeHint},
    wallet::{
        issuance::{Collected, IssuanceError, Offered},
        ImportError, Wallet,
    },
};
use serde_json::json;

use crate::{
    args::ask,
    failure::{Failure, Kind, Status},
    files,
    output::Output,
    talk::plain,
};

/// Shortest pause between two questions, whatever the service says.
const SHORTEST: u64 = 1;
/// Longest pause, since a service may want any.
const LONGEST: u64 = 60;

/// How an offer is to be taken.
pub(super) struct Taking {
    pub(super) link: String,
    pub(super) tx_code_file: Option<PathBuf>,
    pub(super) yes: bool,
}

/// What all of it needs.
pub(super) struct Desk<'a> {
    pub(super) chain: &'a Chain,
    pub(super) output: &'a Output,
    /// Longest wait for a credential, in seconds.
    pub(super) wait: u64,
}

impl Desk<'_> {
    /// Takes an offer. The wallet is opened once its owner has agreed.
    pub(super) async fn take(
        &self,
        taking: Taking,
        open: impl FnOnce() -> Result<Wallet, Failure>,
    ) -> Result<Status, Failure> {
        let link = match taking.link.as_str() {
            "-" => first_line()?,
            _ => taking.link,
        };
        let offered = Offered::look_at(&link).await?;
        self.introduce(&offered).await?;
        if !taking.yes && !agreed()? {
            self.output.talk.say("the offer was not taken; it is still good");
            return Ok(Status::No);
        }
        let tx_code = match (offered.tx_code(), taking.tx_code_file) {
            (None, _) => None,
            (Some(_), Some(path)) => Some(tx_code(files::read_text(&path)?.trim())?),
            (Some(hint), None) => Some(tx_code(ask(&question(hint))?.trim())?),
        };
        let mut wallet = open()?;
        let (_, issuer) = offered.issuer();
        wallet.redeem(offered, tx_code).await?;
        let last = wallet.owed().len().saturating_sub(1);
        let took = self.collect(&mut wallet, last).await?;
        self.tell(if took { vec![issuer] } else { Vec::new() }, &wallet)
    }

    /// Goes on with all that is owed.
    pub(super) async fn resume(&self, mut wallet: Wallet) -> Result<Status, Failure> {
        if wallet.owed().is_empty() {
            return Err(Failure::input(
                "no service owes anything to this wallet; take an offer with --offer",
            ));
        }
        let mut taken = Vec::new();
        let mut place = 0;
        while let Some(owed) = wallet.owed().get(place) {
            let issuer = owed.issuer;
            if self.collect(&mut wallet, place).await? {
                taken.push(issuer);
            } else {
                place += 1;
            }
        }
        self.tell(taken, &wallet)
    }

    fn tell(&self, taken: Vec<IssuerIndex>, wallet: &Wallet) -> Result<Status, Failure> {
        let owed = wallet.owed();
        self.output.result(&json!({ "taken": taken, "owed": owed }), || {
            let mut lines: Vec<String> = taken
                .iter()
                .map(|issuer| format!("took a credential of issuer {issuer}"))
                .collect();
            lines.extend(owed.iter().map(|owed| {
                format!(
                    "issuer {} ({}) has it not ready yet; ask again: ofage wallet request --resume",
                    owed.issuer, owed.service
                )
            }));
            lines.join("\n")
        })?;
        Ok(if owed.is_empty() { Status::Yes } else { Status::No })
    }

    /// Holds what the service says against the chain, and says who it is.
    async fn introduce(&self, offered: &Offered) -> Result<(), Failure> {
        let (genesis, issuer) = offered.issuer();
        if genesis != self.chain.genesis() {
            return Err(Failure::input(
                "the offer is for another chain than that of the node; name a node of that chain (--url)",
            ));
        }
        let api = self.chain.at(self.chain.finalized().await?);
        let info = api.issuer(issuer).await?.ok_or_else(|| {
            Failure::input(format!(
                "the service says that it is issuer {issuer}, and the chain has none; do not go on with it"
            ))
        })?;
        if info.status != IssuerStatus::Active {
            return Err(Failure::input(format!(
                "issuer {issuer} is suspended or retired, and cannot attest"
            )));
        }
        let metadata = plain(&String::from_utf8_lossy(&info.metadata));
        let talk = &self.output.talk;
        talk.say(&format!("offer of {}", offered.service()));
        if let Some(name) = offered.name() {
            talk.say(&format!("  calls itself   {}", plain(&name.to_string())));
        }
        talk.say(&format!(
            "  says it is     issuer {issuer}, which the chain describes so: {metadata}"
        ));
        talk.say("  it learns      a commitment that is made for it alone, and nothing of your secret");
        Ok(())
    }

    /// Asks until the credential is there and on the chain; tells whether it is, or time is over.
    async fn collect(&self, wallet: &mut Wallet, place: usize) -> Result<bool, Failure> {
        let _bar = self.output.talk.spinner("waiting until the attestation is final");
        let end = Instant::now() + Duration::from_secs(self.wait);
        let (credential, notification) = loop {
            let pause = match wallet.collect(place).await {
                Ok(Collected::Credential(credential, notification)) => break (credential, notification),
                Ok(Collected::NotYet { interval }) => u64::from(interval),
                Err(IssuanceError::Later {
                    retry_after: Some(seconds),
                    ..
                }) => seconds,
                Err(error) => return Err(error.into()),
            };
            let pause = Duration::from_secs(pause.clamp(SHORTEST, LONGEST));
            if Instant::now() + pause > end {
                return Ok(false);
            }
            tokio::time::sleep(pause).await;
        };
        let imported = wallet
            .import_checked(*credential, self.chain, &mut |_, _| {})
            .await;
        let event =
            match imported {
                // A run before this one may have been stopped between the two.
                Ok(()) | Err(ImportError::Credential(CredentialError::Known)) => {
                    NotificationEvent::CredentialAccepted
                }
                // The service says that it is final, and the node does not know it yet: later.
                Err(ImportError::Credential(CredentialError::NotOnChain)) => return Err(Failure::new(
                    Kind::Chain,
                    "the chain does not hold the attestation yet; ask again: ofage wallet request --resume",
                )),
                Err(error) => return Err(error.into()),
            };
        wallet.settle(place, notification, event).await?;
        Ok(true)
    }
}

fn first_line() -> Result<String, Failure> {
    let mut line = String::new();
    io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| Failure::input(format!("cannot read the offer: {error}")))?;
    Ok(line)
}

fn agreed() -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::usage(
            "nobody can be asked whether to take the offer; add --yes if it is wanted",
        ));
    }
    eprint!("Take it? [y/N] ");
    Ok(matches!(first_line()?.trim(), "y" | "Y" | "yes"))
}

fn tx_code(text: &str) -> Result<TxCode, Failure> {
    text.parse().map_err(|_| {
        Failure::input("that is no transaction code: it is empty, too long, or has control characters")
    })
}

fn question(hint: &TxCodeHint) -> String {
    match &hint.description {
        Some(text) => format!("Transaction code ({}): ", plain(&text.to_string())),
        None => "Transaction code: ".into(),
    }
}
