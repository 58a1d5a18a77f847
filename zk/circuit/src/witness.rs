//! What only the prover knows.

use crate::layout::Path;
use ff::Field;
use ofage_primitives::{
    attributes::{Parts, ASSURANCE_BITS},
    calendar::DAY_BITS,
    hashes, poseidon,
    tree::{CapPath, MerklePath, ShardPath, Tree, TrustPath},
    Attributes, Element, Ext, Fp, HolderSecret, IssuerId, PublicInputs, ShardRoot, VerifierSecret,
};
use zeroize::Zeroize;

/// The private inputs of the statement. No `Debug`; secrets are wiped when dropped.
#[derive(Clone)]
pub struct Witness {
    /// The holder's secret.
    pub secret: HolderSecret,
    /// What the issuer attested.
    pub attributes: Attributes,
    /// The commitment to the attestation's salt.
    pub ext: Ext,
    /// Who attested.
    pub issuer_id: IssuerId,
    /// From the attestation to the shard root.
    pub shard_path: ShardPath,
    /// From the cap leaf to the registry root.
    pub cap_path: CapPath,
    /// From the issuer id to the trust list's root.
    pub trust_path: TrustPath,
    /// Which of the slots of the scope; below `slots`.
    pub slot: u8,
    /// The secret of the designated verifier, when it makes the proof itself. Such a proof needs no attestation.
    pub designated: Option<VerifierSecret>,
}

/// Number of fields that attributes pack.
pub(crate) const FIELDS: usize = 7;
/// First bit of each field, in the order of [`Attribute`]'s numbers.
pub(crate) const SHIFTS: [u32; FIELDS] = [
    0,
    DAY_BITS,
    2 * DAY_BITS,
    3 * DAY_BITS,
    4 * DAY_BITS,
    5 * DAY_BITS,
    5 * DAY_BITS + ASSURANCE_BITS,
];

/// Names a field of the attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attribute {
    EarliestBirth,
    LatestBirth,
    CheckedOn,
    EnrolledOn,
    ExpiresOn,
    Assurance,
    Flags,
}

/// Every private value of the circuit that is not a hash, as a plain element and without any promise.
///
/// The statement is written on this form, so that tests can hand it what the types of [`Witness`] exclude.
#[derive(Clone)]
pub(crate) struct Raw {
    pub(crate) secret: Fp,
    pub(crate) issuer_id: Fp,
    /// By [`Attribute`].
    pub(crate) attributes: [Fp; FIELDS],
    pub(crate) packed: Fp,
    pub(crate) ext: Fp,
    /// Children of each node above the leaf, left and right, lowest first; by [`Path`].
    pub(crate) paths: [Vec<[Fp; 2]>; 3],
    pub(crate) slot: Fp,
    /// One when a designated verifier proves, else zero.
    pub(crate) is_designated: Fp,
    pub(crate) verifier_secret: Fp,
    pub(crate) valid_on: Fp,
    pub(crate) scope: Fp,
    pub(crate) signal: Fp,
}

impl Raw {
    pub(crate) fn new(inputs: &PublicInputs, witness: &Witness) -> Self {
        let identity = hashes::identity_commitment(&witness.secret, witness.issuer_id);
        let attestation = hashes::attestation(identity, &witness.attributes, &witness.ext);
        let (shard_root, shard) = children(Tree::Shard, attestation.element(), &witness.shard_path);
        let cap_leaf = hashes::cap_leaf(ShardRoot::from_element(shard_root), witness.issuer_id);
        let (_, cap) = children(Tree::Cap, cap_leaf.element(), &witness.cap_path);
        let (_, trust) = children(Tree::Trust, witness.issuer_id.element(), &witness.trust_path);
        Self {
            secret: witness.secret.expose_field(),
            issuer_id: witness.issuer_id.into(),
            attributes: fields(witness.attributes.parts()),
            packed: witness.attributes.pack().into(),
            ext: witness.ext.expose_field(),
            paths: [shard, cap, trust],
            slot: Fp::from(u64::from(witness.slot)),
            is_designated: Fp::from(u64::from(witness.designated.is_some())),
            verifier_secret: witness
                .designated
                .as_ref()
                .map_or(Fp::ZERO, VerifierSecret::expose_field),
            valid_on: Fp::from(u64::from(inputs.bounds.valid_on.number())),
            scope: inputs.scope.into(),
            signal: inputs.signal.into(),
        }
    }

    pub(crate) fn attribute(&self, attribute: Attribute) -> Fp {
        self.attributes[attribute as usize]
    }

    pub(crate) fn path(&self, path: Path) -> &[[Fp; 2]] {
        &self.paths[path as usize]
    }
}

impl Raw {
    pub(crate) fn wipe(&mut self) {
        let singles = [
            &mut self.secret,
            &mut self.issuer_id,
            &mut self.packed,
            &mut self.ext,
            &mut self.slot,
            &mut self.is_designated,
            &mut self.verifier_secret,
        ];
        singles
            .into_iter()
            .chain(&mut self.attributes)
            .for_each(Zeroize::zeroize);
        self.paths
            .iter_mut()
            .flatten()
            .flatten()
            .for_each(Zeroize::zeroize);
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.wipe();
    }
}

fn fields(parts: &Parts) -> [Fp; FIELDS] {
    let day = |day: ofage_primitives::Day| Fp::from(u64::from(day.number()));
    [
        day(parts.earliest_birth),
        day(parts.latest_birth),
        day(parts.checked_on),
        day(parts.enrolled_on),
        day(parts.expires_on),
        Fp::from(u64::from(parts.assurance.level())),
        Fp::from(u64::from(parts.flags.0)),
    ]
}

/// The root that a path leads to, and the two children at each level.
fn children<const DEPTH: usize>(
    tree: Tree,
    leaf: Element,
    path: &MerklePath<DEPTH>,
) -> (Element, Vec<[Fp; 2]>) {
    let mut node: Fp = leaf.into();
    let children = path
        .siblings()
        .iter()
        .enumerate()
        .map(|(level, sibling)| {
            let sibling = Fp::from(*sibling);
            let is_right = (path.index() >> level) & 1 == 1;
            let [left, right] = if is_right {
                [sibling, node]
            } else {
                [node, sibling]
            };
            node = poseidon::hash(tree.domain(), left, right);
            [left, right]
        })
        .collect();
    (node.into(), children)
}
