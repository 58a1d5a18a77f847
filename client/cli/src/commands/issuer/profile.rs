//! `ofage issuer profile`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use ofage_primitives::{chain::IssuerInfo, IssuerIndex};
use ofage_sdk::{
    account::Account,
    chain::{Call, Chain},
    clock, document,
    http::{ask, Message},
    issuance::messages::{IssuerUrl, Label},
    issuer::{
        intake::assurance_name,
        profile::{Jurisdiction, Method, Pointer, Profile, ProfileRefused, SignedProfile},
    },
};
use serde_json::json;

use crate::{
    args::{Global, KeyArgs},
    failure::{Failure, Kind, Status},
    files,
    output::Output,
    policy_args::{assurance, flags},
};

/// Longest profile that is fetched: many times what one has.
const MAX_PROFILE: usize = 64 << 10;
/// The status of an answer that is what was asked for.
const OK: u16 = 200;

/// Commands about what an issuer says of itself.
#[derive(Subcommand)]
pub(crate) enum ProfileCommand {
    /// Write a profile that is to be signed.
    New(Box<New>),
    /// Sign a profile with the controlling key.
    Sign(Sign),
    /// Have the chain name the signed profile: its address and hash.
    Publish(Publish),
    /// Check a signed profile against what the chain says of the issuer: yes or no, and why.
    Check(Check),
}

/// Writes a profile.
#[derive(Args)]
#[command(after_help = "\
A method is ASSURANCE:FLAGS:DESCRIPTION. Levels: self-declared, estimated, inferred, verified, verified-in-person. Flags,
joined by +: document, bank, telco, school, registry, estimate, guardian-consent, bridged.

Example:
  ofage issuer profile new --issuer 0 --name 'First Bank' --jurisdiction EE --contact age@first-bank.example \
--method 'verified:document+bank:Passport or identity card, checked at account opening' \
--url https://first-bank.example/.well-known/ofage-issuer.json --out profile.json")]
pub(crate) struct New {
    /// The issuer.
    #[arg(long, value_name = "ISSUER")]
    issuer: u32,
    /// What it is called.
    #[arg(long, value_name = "TEXT", value_parser = label)]
    name: Label,
    /// Its country by ISO 3166, such as EE, or a part of one, such as US-CA.
    #[arg(long, value_name = "CODE", value_parser = jurisdiction)]
    jurisdiction: Jurisdiction,
    /// How people reach it.
    #[arg(long, value_name = "TEXT", value_parser = label)]
    contact: Label,
    /// A way in which it comes to know ages; can be given several times.
    #[arg(long, value_name = "METHOD", required = true, value_parser = method)]
    method: Vec<Method>,
    /// Where the signed profile will be: https://HOST/.well-known/ofage-issuer.json.
    #[arg(long, value_name = "URL", value_parser = url)]
    url: IssuerUrl,
    /// Its issuance service, if it runs one.
    #[arg(long, value_name = "URL", value_parser = url)]
    service: Option<IssuerUrl>,
    /// Where to.
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
}

/// Signs a profile.
#[derive(Args)]
#[command(
    after_help = "Example:\n  ofage issuer profile sign --profile profile.json --out ofage-issuer.json --key-file controller.key"
)]
pub(crate) struct Sign {
    /// What ofage issuer profile new wrote.
    #[arg(long, value_name = "FILE")]
    profile: PathBuf,
    /// Where to.
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
    #[command(flatten)]
    key: KeyArgs,
}

/// Publishes a profile.
#[derive(Args)]
#[command(after_help = "\
The issuer's metadata on the chain become its name, the address of the profile and the profile's hash. When they are so
already, nothing is sent. Put the signed file at its address as well: nobody else does.

Example:
  ofage issuer profile publish --file ofage-issuer.json --key-file controller.key")]
pub(crate) struct Publish {
    /// The signed profile.
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    key: KeyArgs,
}

/// Checks a profile.
#[derive(Args)]
#[command(after_help = "\
Without --file, the profile is fetched from the address that the chain names. Exit code 0: the controller of the issuer
signed it, and the chain names it. Exit code 1: not so. Whether what it says is true, nobody can check but people.

Example:
  ofage issuer profile check --issuer 0
  ofage issuer profile check --issuer 0 --file ofage-issuer.json")]
pub(crate) struct Check {
    /// The issuer.
    #[arg(long, value_name = "ISSUER")]
    issuer: u32,
    /// The signed profile, instead of what its address has.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

fn label(text: &str) -> Result<Label, String> {
    text.parse()
        .map_err(|_| "give one line of at most 300 characters, without signs that steer a terminal".into())
}

fn jurisdiction(text: &str) -> Result<Jurisdiction, String> {
    text.parse::<Jurisdiction>().map_err(|error| error.to_string())
}

fn url(text: &str) -> Result<IssuerUrl, String> {
    text.parse::<IssuerUrl>().map_err(|error| error.to_string())
}

fn method(text: &str) -> Result<Method, String> {
    let mut parts = text.splitn(3, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(level), Some(evidence), Some(description)) => Ok(Method {
            assurance: assurance(level)?,
            flags: flags(evidence)?,
            description: label(description)?,
        }),
        _ => Err(
            "give ASSURANCE:FLAGS:DESCRIPTION, such as 'verified:document:Passport checked in a branch'"
                .into(),
        ),
    }
}

impl ProfileCommand {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        match self {
            Self::New(command) => command.run(global, output).await,
            Self::Sign(command) => command.run(global, output).await,
            Self::Publish(command) => command.run(global, output).await,
            Self::Check(command) => command.run(global, output).await,
        }
    }
}

async fn issuer(chain: &Chain, issuer: IssuerIndex) -> Result<IssuerInfo, Failure> {
    let info = chain.at(chain.finalized().await?).issuer(issuer).await?;
    info.ok_or_else(|| Failure::input(format!("the chain has no issuer {issuer}")))
}

fn read_signed(path: &std::path::Path) -> Result<SignedProfile, Failure> {
    Ok(SignedProfile::from_json(&files::read(path)?)?)
}

impl New {
    async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let chain = global.connect().await?;
        let index = issuer(&chain, IssuerIndex(self.issuer)).await?.index;
        let mut profile = Profile::new(
            (chain.genesis(), index),
            (self.name, self.jurisdiction, self.contact),
            self.method,
            self.url,
            clock::today()?,
        )
        .map_err(|error| Failure::usage(error.to_string()))?;
        profile.service = self.service;
        let mut text = serde_json::to_vec_pretty(&profile)?;
        text.push(b'\n');
        files::deliver(&self.out, &text, "profile", output)?;
        Ok(Status::Yes)
    }
}

impl Sign {
    async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let profile: Profile = document::read("issuer profile", &files::read(&self.profile)?)?;
        let chain = global.connect().await?;
        let info = issuer(&chain, profile.issuer).await?;
        let signer = self.key.signer()?;
        let signed = profile.sign(&signer);
        // Now, and not when somebody else looks at it.
        signed.check_signature(chain.genesis(), &info).map_err(|error| {
            let kind = if Account(info.controller) == signer.account() {
                Kind::Input
            } else {
                Kind::Wallet
            };
            Failure::new(kind, error.to_string())
        })?;
        let mut text = serde_json::to_vec_pretty(&signed)?;
        text.push(b'\n');
        files::deliver(&self.out, &text, "signed_profile", output)?;
        if !files::is_dash(&self.out) {
            output.talk.say(&format!("put it at {}", signed.claimed().url()));
        }
        Ok(Status::Yes)
    }
}

impl Publish {
    async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let signed = read_signed(&self.file)?;
        let chain = global.connect().await?;
        let info = issuer(&chain, signed.claimed().issuer).await?;
        signed
            .check_signature(chain.genesis(), &info)
            .map_err(|error| Failure::input(error.to_string()))?;
        let pointer = signed.claimed().pointer();
        let (issuer, address) = (info.index, signed.claimed().url());
        if Pointer::read(&info.metadata).as_ref() == Some(&pointer) {
            let result = json!({ "issuer": issuer, "profile": address, "metadata": pointer, "block": null });
            output.result(&result, || {
                format!("the chain names the profile of issuer {issuer} already: {address}")
            })?;
            return Ok(Status::Yes);
        }
        let signer = self.key.signer()?;
        let call = Call::update_metadata(pointer.metadata().as_bytes());
        let landed = {
            let _bar = output.talk.spinner("waiting until it is final");
            chain.submit(&signer, &call).await?
        };
        let block = landed.block.number;
        let result = json!({ "issuer": issuer, "profile": address, "metadata": pointer, "block": block });
        output.result(&result, || {
            format!("the chain names the profile of issuer {issuer}: {address}")
        })?;
        Ok(Status::Yes)
    }
}

impl Check {
    async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let chain = global.connect().await?;
        let info = issuer(&chain, IssuerIndex(self.issuer)).await?;
        let signed = match &self.file {
            Some(path) => read_signed(path)?,
            None => {
                let Some(pointer) = Pointer::read(&info.metadata) else {
                    return refuse(&ProfileRefused::NoPointer, output);
                };
                let _bar = output.talk.spinner("fetching the profile");
                fetch(&pointer.profile).await?
            }
        };
        match signed.check(chain.genesis(), &info) {
            Ok(checked) => {
                let profile = checked.get();
                output.result(&json!({ "valid": true, "profile": profile }), || {
                    describe(profile)
                })?;
                Ok(Status::Yes)
            }
            Err(refused) => refuse(&refused, output),
        }
    }
}

fn refuse(refused: &ProfileRefused, output: &Output) -> Result<Status, Failure> {
    let message = refused.to_string();
    output.result(&json!({ "valid": false, "message": message }), || {
        format!("no: {message}")
    })?;
    Ok(Status::No)
}

/// Gets what is at an address that anybody may have put on the chain.
async fn fetch(url: &IssuerUrl) -> Result<SignedProfile, Failure> {
    let answer = ask(&url.endpoint(""), Message::Get, None, MAX_PROFILE).await?;
    if answer.status != OK {
        return Err(Failure::input(format!(
            "nothing is at {url} (status {}); the issuer has to put its profile there",
            answer.status
        )));
    }
    Ok(SignedProfile::from_json(&answer.body)?)
}

fn describe(profile: &Profile) -> String {
    let mut lines = vec![
        format!("yes: issuer {} says, and the chain names it:", profile.issuer),
        format!(
            "  {} ({}), {}",
            profile.name, profile.jurisdiction, profile.contact
        ),
        format!("  at {}, of {}", profile.url(), profile.issued_on),
    ];
    for method in profile.methods() {
        let level = assurance_name(method.assurance);
        lines.push(format!("  {level} ({}): {}", method.flags, method.description));
    }
    if let Some(service) = &profile.service {
        lines.push(format!("  issues at {service}"));
    }
    lines.join("\n")
}
