//! What to do about a call that the chain refused, by the name of its error.

/// Said when an error has no entry.
const UNKNOWN: &str = "the chain gives no more detail; node and client may be of different versions";
/// For everything that needs more money on the signer's account.
const FUNDS: &str =
    "the account has too little for the deposit, the amount and the fee; pay into it, or use another one";

/// Names as `Pallet::Error`; `Token`, `Arithmetic`, `Transactional` and `Dispatch` stand for the runtime's own.
const ADVICE: &[(&str, &str)] = &[
    (
        "AgeGate::InvalidName",
        "a gate's name is text without control characters, neither empty nor too long; choose another one",
    ),
    (
        "AgeGate::InvalidPolicy",
        "the policy cannot be met: look at its ages, slots, flags and dates, and let an anchor be one block old at least",
    ),
    (
        "AgeGate::UnknownTrustList",
        "the chain has no such trust list; create it first, or name another one (ofage list show)",
    ),
    (
        "AgeGate::InvalidAdmissionDays",
        "an admission lasts at least a day, and at most what the chain allows; choose another --admission-days",
    ),
    ("AgeGate::TooManyGates", "all numbers of gates are used up on this chain"),
    (
        "AgeGate::UnknownGate",
        "the chain has no such gate; ofage gate show lists those that it has",
    ),
    ("AgeGate::GateClosed", "the gate takes no more admissions and no more money"),
    (
        "AgeGate::NothingExpired",
        "the gate has no expired admissions to prune; try again another day",
    ),
    (
        "AgeGate::NullifierTaken",
        "another admission by this holder's slot came first; use another slot, or wait until that one ends",
    ),
    (
        "AgeGate::AccountTaken",
        "another admission of this account came first; it is in already",
    ),
    (
        "AgeGate::RenewalTooEarly",
        "the admission was renewed already; renew in the second half of it",
    ),
    ("AgeGate::RequestOutdated", "the proof does not hold any more; prove again"),
    ("AgeGate::NotOwner", "only the gate's owner can do this; use the owner's key"),
    (
        "AgeGate::GateOpen",
        "the gate still takes admissions; close it first (ofage gate close)",
    ),
    (
        "AgeGate::AdmissionsOnRecord",
        "the gate has admissions on record; prune them once they have ended (ofage gate prune)",
    ),
    ("AgeGate::AlreadyDisabled", "the circuit is disabled already"),
    ("AgeGate::NotDisabled", "the circuit is not disabled, so there is nothing to enable"),
    (
        "AgeRegistry::InvalidMetadata",
        "an issuer's metadata is text without control characters, neither empty nor too long; write it anew",
    ),
    (
        "AgeRegistry::InvalidName",
        "a trust list's name is text without control characters, neither empty nor too long; choose another one",
    ),
    (
        "AgeRegistry::AccountTaken",
        "the account controls or attests for an issuer already (ofage issuer status); use another account",
    ),
    (
        "AgeRegistry::TooManyIssuers",
        "all numbers of issuers are used up on this chain",
    ),
    (
        "AgeRegistry::NotNamed",
        "the issuer did not name this account as its attester, or it agreed already; ask the issuer's controller",
    ),
    (
        "AgeRegistry::NotController",
        "the account does not control an issuer; use the issuer's controlling key",
    ),
    (
        "AgeRegistry::NotAttester",
        "the account does not attest for an issuer; use its attesting key, and agree to it first (ofage issuer accept)",
    ),
    (
        "AgeRegistry::NotAnIssuer",
        "the account neither controls nor attests for an issuer; use another key, or register first",
    ),
    (
        "AgeRegistry::IssuerNotActive",
        "the issuer is suspended or retired, so it does nothing new",
    ),
    ("AgeRegistry::EmptyBatch", "the batch holds no attestations; send at least one"),
    (
        "AgeRegistry::EmptyLeaf",
        "an attestation is the constant of empty leaves, which is nobody's; make it anew",
    ),
    (
        "AgeRegistry::ShardNotOpen",
        "this is not the issuer's open shard any more; run the command again, it asks the chain which one is",
    ),
    (
        "AgeRegistry::ShardStillOpen",
        "the issuer has an open shard; run the command again, it asks the chain which one, or seal it (ofage issuer seal)",
    ),
    (
        "AgeRegistry::WrongStart",
        "the shard ends at another place, so somebody else attests with the same key, or the batch is in already; run \
         the command again, it asks the chain",
    ),
    (
        "AgeRegistry::ShardFull",
        "the shard has no room for the whole batch; run the command again, it asks the chain how much fits",
    ),
    (
        "AgeRegistry::DuplicateShard",
        "the batch is in already, as the issuer's last shard",
    ),
    ("AgeRegistry::CapFull", "the chain has no room for another shard"),
    (
        "AgeRegistry::TooManyDirtyShards",
        "the block changed as many shards as it can; try again in some seconds",
    ),
    (
        "AgeRegistry::TooManyDirtyLists",
        "the block changed as many trust lists as it can; try again in some seconds",
    ),
    ("AgeRegistry::NoOpenShard", "the issuer has no open shard, so there is none to seal"),
    (
        "AgeRegistry::UnknownShard",
        "the chain has no such shard; ofage issuer status lists those of each issuer",
    ),
    (
        "AgeRegistry::NotOwnShard",
        "the shard belongs to another issuer; ofage issuer status lists those of each issuer",
    ),
    (
        "AgeRegistry::UnknownPosition",
        "the shard has no attestation at that position; a position counts from 0",
    ),
    (
        "AgeRegistry::StaleWitness",
        "the shard changed while the call was made, or the attestation is not there; run the command again, which reads \
         the shard anew",
    ),
    (
        "AgeRegistry::MalformedMultiproof",
        "the proof of the attestations has another form than the chain takes; update this software",
    ),
    (
        "AgeRegistry::TooManyShards",
        "the range has more shards than the call names; run the command again, it counts them",
    ),
    (
        "AgeRegistry::NothingToChange",
        "all shards of the range are so already",
    ),
    (
        "AgeRegistry::RestoreWindowOver",
        "a shard of the range was revoked too long ago to be restored; attest its people anew, or take a shorter range",
    ),
    (
        "AgeRegistry::RestoredLately",
        "a shard of the range was restored not long ago, and is restored once in that time; wait, or take a shorter range",
    ),
    (
        "AgeRegistry::AttesterUnchanged",
        "the account is the issuer's attester already; name another one",
    ),
    (
        "AgeRegistry::NotRetired",
        "the issuer is not retired; retire it first (ofage issuer retire)",
    ),
    (
        "AgeRegistry::IssuerSuspended",
        "the issuer is suspended; only governance can end that (ofage council propose reinstate)",
    ),
    ("AgeRegistry::NotSuspended", "the issuer is not suspended, so there is nothing to end"),
    (
        "AgeRegistry::TooEarly",
        "the issuer retired too short a time ago; its deposit comes back a month after it retired",
    ),
    (
        "AgeRegistry::NoDeposit",
        "nothing is left of the issuer's deposit: it was withdrawn, or slashed",
    ),
    (
        "AgeRegistry::CuratorUnchanged",
        "the account keeps the list already; name another one",
    ),
    (
        "AgeRegistry::NotOffered",
        "the list was not offered to this account; ask its curator (ofage list hand-over)",
    ),
    (
        "AgeRegistry::TooManyTrustLists",
        "all numbers of trust lists are used up on this chain",
    ),
    (
        "AgeRegistry::UnknownTrustList",
        "the chain has no such trust list; ofage list show lists those that it has",
    ),
    (
        "AgeRegistry::UnknownIssuer",
        "the chain has no such issuer; ofage issuer status lists those that it has",
    ),
    (
        "AgeRegistry::NotCurator",
        "only the list's curator can do this; use the curator's key",
    ),
    ("AgeRegistry::ListFrozen", "the trust list is frozen and does not change"),
    (
        "AgeRegistry::AlreadyConsented",
        "the issuer consents to the list already; its curator can add it now",
    ),
    (
        "AgeRegistry::TooManyLists",
        "the issuer consents to as many lists as it can; take another consent back first (ofage issuer consent --withdraw)",
    ),
    (
        "AgeRegistry::NotConsented",
        "the issuer does not consent to the list; its controller has to, first (ofage issuer consent)",
    ),
    ("AgeRegistry::AlreadyListed", "the issuer is on the list already"),
    ("AgeRegistry::NotListed", "the issuer is not on the list"),
    ("AgeRegistry::ListFull", "the list has no room for another issuer"),
    (
        "Council::NotMember",
        "the account is not a member of the council; ofage council members lists them",
    ),
    (
        "Council::DuplicateProposal",
        "the same motion is open already; vote for it (ofage council status)",
    ),
    (
        "Council::ProposalMissing",
        "the motion is not open any more (ofage council status)",
    ),
    (
        "Council::WrongIndex",
        "the motion has another number, so it is a later one with the same call; look at it again (ofage council status)",
    ),
    (
        "Council::DuplicateVote",
        "the member has voted so already",
    ),
    (
        "Council::TooEarly",
        "the motion is not decided yet; it takes more votes, or the end of its time (ofage council status)",
    ),
    (
        "Council::TooManyProposals",
        "as many motions are open as can be; close some first (ofage council status)",
    ),
    (
        "Council::WrongProposalWeight",
        "the call takes more of a block than a motion may; propose less at once",
    ),
    (
        "Council::WrongProposalLength",
        "the motion's call is longer than was said; run the command again",
    ),
    (
        "Whitelist::CallAlreadyWhitelisted",
        "the call is on the whitelist already; carry the motion that dispatches it",
    ),
    (
        "Whitelist::CallIsNotWhitelisted",
        "the call is not on the whitelist; carry the motion that puts it there first",
    ),
    (
        "Whitelist::AlreadyDeferred",
        "the call waits for the whitelist already; carry the motion that puts it there",
    ),
    (
        "ValidatorSet::EmptySet",
        "a chain without validators stops; leave at least one",
    ),
    (
        "ValidatorSet::DuplicateValidator",
        "a validator is named twice; name each once",
    ),
    (
        "ValidatorSet::KeysMissing",
        "a validator has no session keys; it has to set them first (Session.set_keys)",
    ),
    (
        "System::NothingAuthorized",
        "no upgrade is authorized; the council has to authorize one first (ofage council propose authorize-upgrade)",
    ),
    (
        "System::Unauthorized",
        "this is not the runtime that the council authorized; give the very file that the motion was made from",
    ),
    ("Token::FundsUnavailable", FUNDS),
    ("Token::NotExpendable", FUNDS),
    ("Token::OnlyProvider", FUNDS),
    ("Token::CannotCreateHold", FUNDS),
    (
        "Token::BelowMinimum",
        "the amount is below what an account must hold; pay more at once",
    ),
    ("Token::Frozen", "the account's money is frozen; use another account"),
    ("Balances::InsufficientBalance", FUNDS),
    ("Balances::Expendability", FUNDS),
    ("Balances::LiquidityRestrictions", FUNDS),
    (
        "Balances::ExistentialDeposit",
        "the amount is below what an account must hold; pay more at once",
    ),
    (
        "Balances::TooManyHolds",
        "the account has deposits of too many kinds; use another account",
    ),
    // Balances subtract before they look.
    ("Arithmetic::Underflow", FUNDS),
    ("Arithmetic::Overflow", "the amount is too large; give a smaller one"),
    (
        "System::CallFiltered",
        "the chain does not take such calls; governance may have switched them off",
    ),
    (
        "Dispatch::BadOrigin",
        "the key may not do that; use the owner's, the controller's or the curator's key",
    ),
    (
        "Dispatch::Exhausted",
        "the block had no room for it; try again, or send less at once",
    ),
];

/// What to do about a dispatch error, by its name.
pub fn advice(error: &str) -> &'static str {
    let found = ADVICE.iter().find(|(name, _)| *name == error);
    found.map_or(UNKNOWN, |(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeSet, fs, path::Path};

    /// The errors in the source of a pallet: a client must not depend on a pallet.
    fn errors_of(pallet: &str, folder: &str) -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../pallets")
            .join(folder)
            .join("src");
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let text = files
            .filter(|path| path.is_file())
            .map(|path| fs::read_to_string(path).unwrap())
            .find(|text| text.contains("#[pallet::error]"))
            .unwrap();
        let body = text.split_once("#[pallet::error]").unwrap().1;
        let body = body.split_once("pub enum Error<T> {").unwrap().1;
        let body = body.split_once("\n    }").unwrap().0;
        body.lines()
            .map(str::trim)
            .filter(|line| !line.starts_with("//") && !line.starts_with('#'))
            .filter_map(|line| line.strip_suffix(','))
            .map(|name| format!("{pallet}::{name}"))
            .collect()
    }

    #[test]
    fn every_error_of_our_pallets_comes_with_advice_and_no_other_is_listed() {
        let mut ours = errors_of("AgeGate", "age-gate");
        ours.extend(errors_of("AgeRegistry", "age-registry"));
        assert!(ours.len() > 15, "{ours:?}");
        let listed: BTreeSet<String> = ADVICE
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .filter(|name| name.starts_with("Age"))
            .collect();
        assert_eq!(listed, ours);
    }

    #[test]
    fn an_unknown_error_gets_an_answer_too() {
        assert_eq!(advice("Other::Thing"), UNKNOWN);
        assert_eq!(advice("Token::FundsUnavailable"), FUNDS);
    }
}
