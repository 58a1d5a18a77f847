//! The registered tags of every Poseidon hash.

use crate::Fp;
use ff::PrimeField;

/// High half of every capacity value: ASCII `ofage/v1`, read as a big-endian number.
const FAMILY: u64 = 0x6f66_6167_652f_7631;

/// What a hash is for. Each goes into the sponge's capacity element and costs no permutation.
///
/// A tag is never reused or edited; a new meaning takes a new number. A test pins the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Domain {
    /// `H(secret, issuer_id)`, the identity commitment.
    Identity = 1,
    /// `H(attributes, ext)`, the inner half of an attestation.
    Attributes = 2,
    /// `H(identity, H(attributes, ext))`, the attestation.
    Attestation = 3,
    /// Inner node of a shard.
    ShardNode = 4,
    /// `H(shard_root, issuer_id)`, a leaf of the cap.
    CapLeaf = 5,
    /// Inner node of the cap.
    CapNode = 6,
    /// Inner node of a trust list.
    TrustNode = 7,
    /// `H(secret, scope)`.
    App = 8,
    /// `H(app, slot)`.
    Slot = 9,
    /// `H(key, 0)`, the nullifier.
    Nullifier = 10,
    /// `H(key, issuer_id)`, the issuer tag.
    IssuerTag = 11,
    /// `H(w, 0)`, a designated verifier's public key.
    DesignatedVerifier = 12,
    /// `H(genesis, index)`, an issuer id.
    IssuerId = 13,
    /// `H(salt, 0)`, the commitment to an attestation's salt.
    Ext = 14,
}

impl Domain {
    /// Every domain, in order of its number.
    pub const ALL: [Self; 14] = [
        Self::Identity,
        Self::Attributes,
        Self::Attestation,
        Self::ShardNode,
        Self::CapLeaf,
        Self::CapNode,
        Self::TrustNode,
        Self::App,
        Self::Slot,
        Self::Nullifier,
        Self::IssuerTag,
        Self::DesignatedVerifier,
        Self::IssuerId,
        Self::Ext,
    ];

    /// The initial capacity element of the sponge: `FAMILY * 2^64 + number`.
    pub fn capacity(self) -> Fp {
        Fp::from_u128((u128::from(FAMILY) << 64) | u128::from(self as u8))
    }
}

impl TryFrom<u8> for Domain {
    type Error = u8;

    fn try_from(number: u8) -> Result<Self, u8> {
        Self::ALL.into_iter().find(|d| *d as u8 == number).ok_or(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeSet, format, string::String, vec::Vec};

    #[test]
    fn the_list_is_pinned() {
        let list: Vec<String> = Domain::ALL
            .iter()
            .map(|d| format!("{}={d:?}", *d as u8))
            .collect();
        assert_eq!(
            list.join(" "),
            "1=Identity 2=Attributes 3=Attestation 4=ShardNode 5=CapLeaf 6=CapNode 7=TrustNode 8=App 9=Slot \
             10=Nullifier 11=IssuerTag 12=DesignatedVerifier 13=IssuerId 14=Ext"
        );
    }

    #[test]
    fn every_capacity_differs_from_the_others_and_from_stock_poseidon() {
        let mut seen: BTreeSet<[u8; 32]> = Domain::ALL.iter().map(|d| d.capacity().to_repr()).collect();
        // `ConstantLength<L>` of halo2_poseidon uses `L * 2^64`.
        for length in 1..=16u128 {
            seen.insert(Fp::from_u128(length << 64).to_repr());
        }
        assert_eq!(seen.len(), Domain::ALL.len() + 16);
    }

    #[test]
    fn numbers_decode_to_their_domain_only() {
        for number in 0..=u8::MAX {
            match Domain::try_from(number) {
                Ok(domain) => assert_eq!(domain as u8, number),
                Err(refused) => assert!(refused == 0 || refused > 14),
            }
        }
    }
}
