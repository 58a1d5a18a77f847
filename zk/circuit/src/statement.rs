//! The statement, checked natively.
//!
//! This is the circuit's mirror: it accepts exactly what the circuit accepts, and names what is wrong. Provers check it
//! first, because `create_proof` makes an invalid proof of an invalid witness without a word.

use crate::{
    instance,
    layout::Path,
    witness::{Attribute, Raw, Witness, SHIFTS},
};
use ff::{Field, PrimeField};
use ofage_primitives::{
    attributes::{ASSURANCE_BITS, FLAG_BITS},
    calendar::DAY_BITS,
    poseidon, Domain, Fp, PublicInputs,
};

/// The first constraint that does not hold. None says a private value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// `earliest_birth` has more than 20 bits.
    #[error("the earliest birth is out of its range; ask the issuer for a new attestation")]
    EarliestBirthRange,
    /// `latest_birth` has more than 20 bits.
    #[error("the latest birth is out of its range; ask the issuer for a new attestation")]
    LatestBirthRange,
    /// `checked_on` has more than 20 bits.
    #[error("the day of the check is out of its range; ask the issuer for a new attestation")]
    CheckedOnRange,
    /// `enrolled_on` has more than 20 bits.
    #[error("the day of the enrolment is out of its range; ask the issuer for a new attestation")]
    EnrolledOnRange,
    /// `expires_on` has more than 20 bits.
    #[error("the day of expiry is out of its range; ask the issuer for a new attestation")]
    ExpiresOnRange,
    /// `assurance` has more than 10 bits.
    #[error("the assurance is out of its range; ask the issuer for a new attestation")]
    AssuranceRange,
    /// `flags` have more than 16 bits.
    #[error("the set of flags is out of its range; ask the issuer for a new attestation")]
    FlagsRange,
    /// The packed attributes are not those of the fields.
    #[error("the packed attributes are not those of their fields; this is a bug of the wallet")]
    Packing,
    /// `earliest_birth > latest_birth`.
    #[error("the earliest birth lies after the latest; ask the issuer for a new attestation")]
    EmptyInterval,
    /// `latest_birth > checked_on`.
    #[error("the check lies before the latest birth; ask the issuer for a new attestation")]
    CheckedBeforeBirth,
    /// `checked_on > valid_on`.
    #[error("the day of the proof lies before the day of the check; correct the clock, or wait")]
    CheckedAfterValidOn,
    /// `enrolled_on > expires_on`.
    #[error("the attestation expires before its enrolment; ask the issuer for a new one")]
    ExpiresBeforeEnrolment,
    /// `latest_birth > born_on_or_before`.
    #[error("the attestation does not show the age that is asked at least")]
    BornOnOrBefore,
    /// `earliest_birth < born_on_or_after`.
    #[error("the attestation does not show an age below the one that is asked")]
    BornOnOrAfter,
    /// `checked_on < checked_on_or_after`.
    #[error("the check is older than the policy allows; ask the issuer to check again")]
    CheckedOnOrAfter,
    /// `enrolled_on > enrolled_on_or_before`.
    #[error("the enrolment is more recent than the policy allows; wait")]
    EnrolledOnOrBefore,
    /// `expires_on < valid_on`.
    #[error("the attestation has expired; ask the issuer for a new one")]
    Expired,
    /// `assurance < min_assurance`.
    #[error("the assurance is weaker than the policy asks; use an attestation of a stronger method")]
    MinAssurance,
    /// A required flag is clear.
    #[error("the attestation lacks a flag that the policy requires; use another attestation")]
    FlagsRequired,
    /// A forbidden flag is set.
    #[error("the attestation has a flag that the policy forbids; use another attestation")]
    FlagsForbidden,
    /// Public flags of more than 16 bits.
    #[error("the policy's flags are out of range; ask the verifier for a valid policy")]
    PolicyFlags,
    /// The slot is out of range.
    #[error("the slot is out of its range; take a lower one")]
    SlotRange,
    /// `slot >= slots`.
    #[error("the policy has no such slot; take a lower one")]
    Slots,
    /// The attestation is not on the path in the shard.
    #[error("the shard path does not start at the attestation; fetch it again")]
    ShardPath,
    /// The shard is not on the path in the cap.
    #[error("the cap path does not start at the shard; fetch it again")]
    CapPath,
    /// The issuer is not on the path in the trust list.
    #[error("the trust path does not start at the issuer; fetch it again")]
    TrustPath,
    /// The paths do not lead to the registry root.
    #[error("the attestation is not under the registry root; fetch the paths of the same anchor, the leaf may be revoked")]
    RegistryRoot,
    /// The path does not lead to the trust list's root.
    #[error("the issuer is not under the trust list's root; use an issuer of the list, and paths of the same anchor")]
    TrustListRoot,
    /// Not the nullifier of the secret in the scope and slot.
    #[error("the nullifier is not that of the secret in this scope and slot; derive it again")]
    Nullifier,
    /// Not the tag of the issuer.
    #[error("the issuer tag is not that of the issuer in this scope and slot; derive it again")]
    IssuerTag,
    /// The switch that relaxes the statement is neither on nor off.
    #[error("whether the proof is designated must be yes or no; this is a bug of the wallet")]
    DesignatedSwitch,
    /// Not the key of the designated verifier's secret.
    #[error("the secret is not that of the designated verifier; use the key of this session")]
    DesignatedVerifier,
    /// The day differs from the public input.
    #[error("the day of the proof differs from the public input; this is a bug of the wallet")]
    ValidOn,
    /// The scope differs from the public input.
    #[error("the scope differs from the public input; this is a bug of the wallet")]
    Scope,
    /// The signal differs from the public input.
    #[error("the signal differs from the public input; this is a bug of the wallet")]
    Signal,
}

/// Checks the statement.
///
/// # Errors
/// The first [`Violation`].
pub fn check(inputs: &PublicInputs, witness: &Witness) -> Result<(), Violation> {
    check_raw(&inputs.to_fields(), &Raw::new(inputs, witness))
}

/// Checks the statement on plain elements.
pub(crate) fn check_raw(public: &[Fp; PublicInputs::COUNT], raw: &Raw) -> Result<(), Violation> {
    check_attributes(raw)?;
    check_bounds(public, raw)?;
    check_identity(public, raw)
}

/// Ranges, packing and order of the attributes.
fn check_attributes(raw: &Raw) -> Result<(), Violation> {
    use Attribute::{Assurance, CheckedOn, EarliestBirth, EnrolledOn, ExpiresOn, Flags, LatestBirth};
    for (attribute, bits, violation) in [
        (EarliestBirth, DAY_BITS, Violation::EarliestBirthRange),
        (LatestBirth, DAY_BITS, Violation::LatestBirthRange),
        (CheckedOn, DAY_BITS, Violation::CheckedOnRange),
        (EnrolledOn, DAY_BITS, Violation::EnrolledOnRange),
        (ExpiresOn, DAY_BITS, Violation::ExpiresOnRange),
        (Assurance, ASSURANCE_BITS, Violation::AssuranceRange),
        (Flags, FLAG_BITS, Violation::FlagsRange),
    ] {
        require(is_below_power(raw.attribute(attribute), bits), violation)?;
    }
    let packed: Fp = raw
        .attributes
        .iter()
        .zip(SHIFTS)
        .map(|(field, shift)| *field * power_of_two(shift))
        .sum();
    require(packed == raw.packed, Violation::Packing)?;
    let in_order = |a: Attribute, b: Attribute| is_at_most(raw.attribute(a), raw.attribute(b));
    require(in_order(EarliestBirth, LatestBirth), Violation::EmptyInterval)?;
    require(in_order(LatestBirth, CheckedOn), Violation::CheckedBeforeBirth)?;
    require(in_order(EnrolledOn, ExpiresOn), Violation::ExpiresBeforeEnrolment)
}

/// Attributes, slot and day against the public inputs.
fn check_bounds(public: &[Fp; PublicInputs::COUNT], raw: &Raw) -> Result<(), Violation> {
    use Attribute::{Assurance, CheckedOn, EarliestBirth, EnrolledOn, ExpiresOn, Flags, LatestBirth};
    let at_most = |a: Attribute, row: usize| is_at_most(raw.attribute(a), public[row]);
    let at_least = |a: Attribute, row: usize| is_at_most(public[row], raw.attribute(a));
    require(raw.valid_on == public[instance::VALID_ON], Violation::ValidOn)?;
    require(
        at_most(LatestBirth, instance::BORN_ON_OR_BEFORE),
        Violation::BornOnOrBefore,
    )?;
    require(
        at_least(EarliestBirth, instance::BORN_ON_OR_AFTER),
        Violation::BornOnOrAfter,
    )?;
    require(
        at_least(CheckedOn, instance::CHECKED_ON_OR_AFTER),
        Violation::CheckedOnOrAfter,
    )?;
    require(
        at_most(EnrolledOn, instance::ENROLLED_ON_OR_BEFORE),
        Violation::EnrolledOnOrBefore,
    )?;
    require(
        at_most(CheckedOn, instance::VALID_ON),
        Violation::CheckedAfterValidOn,
    )?;
    require(at_least(ExpiresOn, instance::VALID_ON), Violation::Expired)?;
    require(
        at_least(Assurance, instance::MIN_ASSURANCE),
        Violation::MinAssurance,
    )?;
    let [flags, required, forbidden] = [
        raw.attribute(Flags),
        public[instance::FLAGS_REQUIRED],
        public[instance::FLAGS_FORBIDDEN],
    ];
    for public in [required, forbidden] {
        require(is_below_power(public, FLAG_BITS), Violation::PolicyFlags)?;
    }
    let [flags, required, forbidden] = [flags, required, forbidden].map(low_bits);
    require(flags & required == required, Violation::FlagsRequired)?;
    require(flags & forbidden == 0, Violation::FlagsForbidden)?;
    require(is_below_power(raw.slot, DAY_BITS), Violation::SlotRange)?;
    require(
        is_at_most(raw.slot, public[instance::SLOTS] - Fp::ONE),
        Violation::Slots,
    )
}

/// Paths, keys and what a designated verifier may relax.
fn check_identity(public: &[Fp; PublicInputs::COUNT], raw: &Raw) -> Result<(), Violation> {
    let identity = poseidon::hash(Domain::Identity, raw.secret, raw.issuer_id);
    let inner = poseidon::hash(Domain::Attributes, raw.packed, raw.ext);
    let attestation = poseidon::hash(Domain::Attestation, identity, inner);
    let shard_root = climb(raw, Path::Shard, attestation).ok_or(Violation::ShardPath)?;
    let cap_leaf = poseidon::hash(Domain::CapLeaf, shard_root, raw.issuer_id);
    let registry_root = climb(raw, Path::Cap, cap_leaf).ok_or(Violation::CapPath)?;
    let trust_list_root = climb(raw, Path::Trust, raw.issuer_id).ok_or(Violation::TrustPath)?;

    let app = poseidon::hash(Domain::App, raw.secret, raw.scope);
    let key = poseidon::hash(Domain::Slot, app, raw.slot);
    let nullifier = poseidon::hash(Domain::Nullifier, key, Fp::ZERO);
    let issuer_tag = poseidon::hash(Domain::IssuerTag, key, raw.issuer_id);
    let verifier = poseidon::hash(Domain::DesignatedVerifier, raw.verifier_secret, Fp::ZERO);
    require(raw.scope == public[instance::SCOPE], Violation::Scope)?;
    require(raw.signal == public[instance::SIGNAL], Violation::Signal)?;

    let is_relaxed = raw.is_designated == Fp::ONE;
    require(
        is_relaxed || raw.is_designated == Fp::ZERO,
        Violation::DesignatedSwitch,
    )?;
    if is_relaxed {
        return require(
            verifier == public[instance::DESIGNATED_VERIFIER],
            Violation::DesignatedVerifier,
        );
    }
    require(
        registry_root == public[instance::REGISTRY_ROOT],
        Violation::RegistryRoot,
    )?;
    require(
        trust_list_root == public[instance::TRUST_LIST_ROOT],
        Violation::TrustListRoot,
    )?;
    require(nullifier == public[instance::NULLIFIER], Violation::Nullifier)?;
    require(issuer_tag == public[instance::ISSUER_TAG], Violation::IssuerTag)
}

/// The root of a path, if each node is one of the two children at its level.
fn climb(raw: &Raw, path: Path, leaf: Fp) -> Option<Fp> {
    let domain = path.tree().domain();
    raw.path(path).iter().try_fold(leaf, |node, children| {
        children
            .contains(&node)
            .then(|| poseidon::hash(domain, children[0], children[1]))
    })
}

fn require(holds: bool, violation: Violation) -> Result<(), Violation> {
    if holds {
        Ok(())
    } else {
        Err(violation)
    }
}

/// Whether the difference is a number of 20 bits, which is how the circuit compares.
fn is_at_most(a: Fp, b: Fp) -> bool {
    is_below_power(b - a, DAY_BITS)
}

/// Whether an element is below `2^bits`.
fn is_below_power(element: Fp, bits: u32) -> bool {
    element == Fp::from(low_bits(element) & ((1 << bits) - 1))
}

fn low_bits(element: Fp) -> u64 {
    element.to_repr()[..8]
        .iter()
        .rev()
        .fold(0, |n, byte| (n << 8) | u64::from(*byte))
}

fn power_of_two(exponent: u32) -> Fp {
    Fp::from_u128(1 << exponent)
}
