//! A policy from a file or from options.

use std::path::PathBuf;

use clap::Args;
use ofage_primitives::{policy::AgeBand, Assurance, Flags, Policy, TrustListId};
use ofage_sdk::issuer::intake;

use crate::{failure::Failure, files};

/// What is asked of a proof.
#[derive(Args)]
pub(crate) struct PolicyArgs {
    /// Policy file instead of the options below.
    #[arg(long, value_name = "FILE", conflicts_with_all = POLICY_OPTIONS, required_unless_present = "list")]
    policy: Option<PathBuf>,
    /// Trust list whose issuers count.
    #[arg(long, value_name = "LIST")]
    list: Option<u32>,
    /// Lowest age, inclusive.
    #[arg(long, value_name = "AGE")]
    over: Option<u8>,
    /// Age to be below.
    #[arg(long, value_name = "AGE")]
    under: Option<u8>,
    /// Accounts that one holder may verify.
    #[arg(long, value_name = "N")]
    slots: Option<u8>,
    /// Different issuers that must have attested it.
    #[arg(long, value_name = "N")]
    issuers: Option<u8>,
    /// Weakest assurance: self-declared, estimated, inferred, verified or verified-in-person.
    #[arg(long, value_name = "LEVEL", value_parser = assurance)]
    min_assurance: Option<Assurance>,
    /// Flag that must be set.
    #[arg(long, value_name = "FLAGS", value_parser = flags)]
    require: Option<Flags>,
    /// Flags that must be clear, joined by +.
    #[arg(long, value_name = "FLAGS", value_parser = flags)]
    forbid: Option<Flags>,
    /// Oldest evidence, in days.
    #[arg(long, value_name = "DAYS")]
    checked_within: Option<u16>,
    /// Shortest time since enrolment, in days.
    #[arg(long, value_name = "DAYS")]
    enrolled_for: Option<u16>,
    /// Oldest anchor, in blocks.
    #[arg(long, value_name = "BLOCKS")]
    oldest_anchor: Option<u32>,
}

const POLICY_OPTIONS: [&str; 11] = [
    "list",
    "over",
    "under",
    "slots",
    "issuers",
    "min_assurance",
    "require",
    "forbid",
    "checked_within",
    "enrolled_for",
    "oldest_anchor",
];

impl PolicyArgs {
    pub(crate) fn policy(&self) -> Result<Policy, Failure> {
        let policy = match (&self.policy, self.list) {
            (Some(path), _) => {
                let bytes = files::read(path)?;
                // A policy is public, so the message may repeat it.
                serde_json::from_slice(&bytes)
                    .map_err(|error| Failure::input(format!("{} is no policy: {error}", path.display())))?
            }
            (None, Some(list)) => self.options(TrustListId(list)),
            (None, None) => {
                return Err(Failure::usage(
                    "give a policy with --policy, or with --list and an age",
                ))
            }
        };
        policy.validate().map_err(|error| match self.policy {
            Some(_) => Failure::input(error.to_string()),
            None => Failure::usage(error.to_string()),
        })?;
        Ok(policy)
    }

    fn options(&self, list: TrustListId) -> Policy {
        let mut policy = Policy::new(
            AgeBand {
                at_least: self.over,
                below: self.under,
            },
            list,
        );
        policy.slots = self.slots.unwrap_or(policy.slots);
        policy.issuers = self.issuers.unwrap_or(policy.issuers);
        policy.min_assurance = self.min_assurance.unwrap_or(policy.min_assurance);
        policy.flags_required = self.require.unwrap_or_default();
        policy.flags_forbidden = self.forbid.unwrap_or_default();
        policy.checked_within = self.checked_within;
        policy.enrolled_for = self.enrolled_for;
        policy.oldest_anchor = self.oldest_anchor.unwrap_or(policy.oldest_anchor);
        policy
    }
}

/// What a policy asks, in words: the age, and by how many issuers if by several.
pub(crate) fn in_words(policy: &Policy) -> String {
    vouched(policy.age, policy.issuers)
}

/// An age, and by how many issuers if by several.
pub(crate) fn vouched(age: AgeBand, issuers: u8) -> String {
    match issuers {
        1 => age.to_string(),
        several => format!("{age}, by {several} issuers"),
    }
}

/// Reads an assurance level.
pub(crate) fn assurance(text: &str) -> Result<Assurance, String> {
    intake::assurance(text)
        .ok_or_else(|| "give self-declared, estimated, inferred, verified or verified-in-person".into())
}

/// Reads flags.
pub(crate) fn flags(text: &str) -> Result<Flags, String> {
    let names: Vec<_> = Flags::NAMED.iter().map(|(name, _)| *name).collect();
    intake::flags(text).ok_or_else(|| format!("give names of {}, joined by +", names.join(", ")))
}
