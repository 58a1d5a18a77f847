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
