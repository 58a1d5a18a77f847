//! `ofage challenge`.

use std::path::PathBuf;

use clap::Args;
use ofage_primitives::{
    binding::{ShortBytes, ShortText},
    Binding,
};
use ofage_sdk::{
    clock,
    request::{is_origin, Challenge, MAX_CHALLENGE_MINUTES},
};

use crate::{
    args::Global,
    failure::{Failure, Status},
    files,
    output::Output,
    policy_args::PolicyArgs,
};

/// Makes a challenge.
#[derive(Args)]
#[command(
    after_help = "Example:\n  ofage challenge --origin https://chat.example --account '@ann:chat.example' --list 0 --over 18 --out challenge.json"
)]
pub(crate) struct ChallengeCommand {
    /// The app's origin: scheme, host and port. Pseudonyms of a holder differ between origins.
    #[arg(long, value_name = "ORIGIN", value_parser = origin)]
    origin: ShortText,
    /// The account, as the app writes it.
    #[arg(long, value_name = "NAME", value_parser = name)]
    account: ShortText,
    /// The account's identity key, in hexadecimal.
    #[arg(long, value_name = "HEX", value_parser = key, default_value = "")]
    identity_key: ShortBytes,
    #[command(flatten)]
    policy: PolicyArgs,
    /// How long an answer is taken.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_CHALLENGE_MINUTES)))]
    minutes: u32,
    /// Where to.
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
}

fn origin(text: &str) -> Result<ShortText, String> {
    if !is_origin(text) {
        return Err(
            "give a scheme, a host in lower case, and a port if needed, such as https://chat.example".into(),
        );
    }
    name(text)
}

fn name(text: &str) -> Result<ShortText, String> {
    if text.is_empty() {
        return Err("it must not be empty".into());
    }
    ShortText::new(text.to_owned()).map_err(|_| "at most 255 bytes are allowed".into())
}

fn key(text: &str) -> Result<ShortBytes, String> {
    let bytes =
        hex::decode(text.strip_prefix("0x").unwrap_or(text)).map_err(|_| "give hexadecimal digits")?;
    ShortBytes::new(bytes).map_err(|_| "at most 255 bytes are allowed".into())
}

impl ChallengeCommand {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let policy = self.policy.policy()?;
        let chain = global.connect().await?;
        let binding = Binding::App {
            account: self.account,
            identity_key: self.identity_key,
        };
        let expires_at = clock::now() + u64::from(self.minutes) * 60;
        let challenge = Challenge::new(chain.genesis(), self.origin, policy, binding, expires_at)
            .map_err(|error| Failure::internal(error.to_string()))?;
        let mut text = serde_json::to_vec_pretty(&challenge)?;
        text.push(b'\n');
        files::deliver(&self.out, &text, "challenge", output)?;
        Ok(Status::Yes)
    }
}
