//! A shard that tests make up.

use std::ops::Range;

use ofage_primitives::{
    chain::ShardInfo, tree::Frontier, Attestation, Element, IssuerIndex, NativeHasher, ShardIndex,
};

/// An attestation for each number.
pub(crate) fn leaves(range: Range<u64>) -> Vec<Attestation> {
    range
        .map(|n| Attestation::from_element(Element::from_u64(n)))
        .collect()
}

/// Shard 5 of issuer 0 with these attestations, open.
pub(crate) fn shard_of(leaves: &[Attestation]) -> ShardInfo {
    ShardInfo {
        index: ShardIndex(5),
        issuer: IssuerIndex(0),
        root: Frontier::default().append::<NativeHasher>(leaves).unwrap(),
        len: leaves.len() as u16,
        sealed: false,
        revoked: false,
        opened_at: 1,
        changed_at: 9,
        revoked_at: None,
        previous: None,
    }
}
