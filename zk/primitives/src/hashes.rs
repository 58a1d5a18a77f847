//! The hashes of the statement, typed. Symbols are those of the specification.

use crate::{
    element::hash_to_field, poseidon, Attestation, Attributes, CapLeaf, DesignatedVerifier, Domain, Element,
    Ext, Fp, GenesisHash, HolderSecret, IdentityCommitment, IssuerId, IssuerIndex, IssuerTag, Nullifier,
    Scope, ShardRoot, VerifierSecret,
};
use ff::Field;

/// `H_Identity(secret, issuer_id)`.
pub fn identity_commitment(secret: &HolderSecret, issuer: IssuerId) -> IdentityCommitment {
    let hash = poseidon::hash(Domain::Identity, secret.expose_field(), issuer.into());
    IdentityCommitment::from_element(hash.into())
}

/// `H_Attestation(identity, H_Attributes(attributes, ext))`.
pub fn attestation(identity: IdentityCommitment, attributes: &Attributes, ext: &Ext) -> Attestation {
    let inner = poseidon::hash(Domain::Attributes, attributes.pack().into(), ext.expose_field());
    Attestation::from_element(poseidon::hash(Domain::Attestation, identity.into(), inner).into())
}

/// `H_CapLeaf(shard_root, issuer_id)`.
pub fn cap_leaf(root: ShardRoot, issuer: IssuerId) -> CapLeaf {
    CapLeaf::from_element(poseidon::hash_elements(
        Domain::CapLeaf,
        root.element(),
        issuer.element(),
    ))
}

/// The two inputs of [`cap_leaf`], for hashing a layer of them.
pub fn cap_leaf_inputs(root: ShardRoot, issuer: IssuerId) -> [Element; 2] {
    [root.element(), issuer.element()]
}

/// `H_IssuerId(hash_to_field(genesis), index)`: names an issuer of one chain, whatever its keys.
pub fn issuer_id(genesis: &GenesisHash, index: IssuerIndex) -> IssuerId {
    let chain: Fp = hash_to_field(b"ofage/genesis/v1", &[&genesis.0]).into();
    IssuerId::from_element(poseidon::hash(Domain::IssuerId, chain, Fp::from(u64::from(index.0))).into())
}

/// The nullifier and the issuer tag of a holder in a scope and slot.
///
/// `app = H_App(secret, scope)`, `key = H_Slot(app, slot)`, nullifier `H_Nullifier(key, 0)`, tag
/// `H_IssuerTag(key, issuer_id)`.
pub fn nullifier_and_tag(
    secret: &HolderSecret,
    scope: Scope,
    slot: u8,
    issuer: IssuerId,
) -> (Nullifier, IssuerTag) {
    let app = poseidon::hash(Domain::App, secret.expose_field(), scope.into());
    let key = poseidon::hash(Domain::Slot, app, Fp::from(u64::from(slot)));
    let nullifier = poseidon::hash(Domain::Nullifier, key, Fp::ZERO);
    let tag = poseidon::hash(Domain::IssuerTag, key, issuer.into());
    (
        Nullifier::from_element(nullifier.into()),
        IssuerTag::from_element(tag.into()),
    )
}

/// `H_DesignatedVerifier(w, 0)`: the public key of a designated verifier.
pub fn designated_key(secret: &VerifierSecret) -> DesignatedVerifier {
    let hash = poseidon::hash(Domain::DesignatedVerifier, secret.expose_field(), Fp::ZERO);
    DesignatedVerifier::from_element(hash.into())
}
