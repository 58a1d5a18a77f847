//! What prover and verifier agree on.

use crate::{
    Assurance, Day, DesignatedVerifier, Flags, Fp, IssuerTag, Nullifier, RegistryRoot, Scope, Signal,
    TrustListRoot,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A block with the roots current at it. The two roots are never mixed from different blocks.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct Anchor {
    /// Number of the finalized block.
    pub block: u32,
    /// Registry root at the end of that block.
    pub registry_root: RegistryRoot,
    /// Root of the policy's trust list at the end of that block.
    pub trust_list_root: TrustListRoot,
}

/// A policy on a day: plain numbers to compare with.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Bounds {
    /// `latest_birth <=` this; [`Day::MAX`] asks nothing.
    pub born_on_or_before: Day,
    /// `earliest_birth >=` this; [`Day::MIN`] asks nothing.
    pub born_on_or_after: Day,
    /// `checked_on >=` this.
    pub checked_on_or_after: Day,
    /// `enrolled_on <=` this.
    pub enrolled_on_or_before: Day,
    /// `checked_on <=` this `<= expires_on`.
    pub valid_on: Day,
    /// `assurance >=` this level.
    pub min_assurance: Assurance,
    /// All set.
    pub flags_required: Flags,
    /// All clear.
    pub flags_forbidden: Flags,
    /// `slot <` this.
    pub slots: u8,
}

/// The public inputs of the statement.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct PublicInputs {
    /// Root that the attestation is under.
    pub registry_root: RegistryRoot,
    /// Root that the issuer is under.
    pub trust_list_root: TrustListRoot,
    /// What is asked of the attributes.
    pub bounds: Bounds,
    /// Context of the nullifier.
    pub scope: Scope,
    /// The holder's pseudonym there.
    pub nullifier: Nullifier,
    /// Tag of the issuer there.
    pub issuer_tag: IssuerTag,
    /// Whom the proof convinces.
    pub designated_verifier: DesignatedVerifier,
    /// What the proof is tied to.
    pub signal: Signal,
}

impl PublicInputs {
    /// Number of field elements.
    pub const COUNT: usize = 16;

    /// The field elements, in the order of the statement.
    pub fn to_fields(&self) -> [Fp; Self::COUNT] {
        let day = |d: Day| Fp::from(u64::from(d.number()));
        let small = |n: u16| Fp::from(u64::from(n));
        let b = &self.bounds;
        [
            self.registry_root.into(),
            self.trust_list_root.into(),
            day(b.born_on_or_before),
            day(b.born_on_or_after),
            day(b.checked_on_or_after),
            day(b.enrolled_on_or_before),
            day(b.valid_on),
            small(b.min_assurance.level()),
            small(b.flags_required.0),
            small(b.flags_forbidden.0),
            self.scope.into(),
            small(u16::from(b.slots)),
            self.nullifier.into(),
            self.issuer_tag.into(),
            self.designated_verifier.into(),
            self.signal.into(),
        ]
    }
}
