//! Statements that hold, for tests and benches.

use crate::Witness;
use ofage_primitives::{
    attributes::Parts,
    hash_to_field, hashes, poseidon,
    secrets::HolderSalt,
    tree::{MerklePath, Tree},
    Assurance, Attributes, Bounds, Day, DesignatedVerifier, Element, Ext, Flags, HolderSecret, IssuerId,
    IssuerTag, JointInputs, Nullifier, PublicInputs, RegistryRoot, Scope, ShardRoot, Signal, TrustListRoot,
    VerifierSecret,
};

/// A statement that holds: an adult whom a registry office verified, with paths through random trees.
///
/// Every seed gives another one.
pub fn sample(seed: u64) -> (PublicInputs, Witness) {
    let element = |name: &str| hash_to_field(b"sample", &[&seed.to_le_bytes(), name.as_bytes()]);
    let uniform = |name: &str| uniform(seed, name);
    let index = |name: &str, depth: usize| {
        let bytes = element(name).to_bytes();
        u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) & ((1 << depth) - 1)
    };
    let attributes = Attributes::new(Parts {
        earliest_birth: day("1990-02-28"),
        latest_birth: day("1990-03-01"),
        checked_on: day("2026-05-01"),
        enrolled_on: day("2024-01-01"),
        expires_on: day("2028-05-01"),
        assurance: Assurance::Verified,
        flags: Flags::DOCUMENT.union(Flags::REGISTRY),
    });
    let witness = Witness {
        secret: HolderSecret::from_uniform(&uniform("secret")),
        attributes: attributes.expect("the parts fit together; qed"),
        ext: Ext::commit(&HolderSalt::from_uniform(&uniform("salt"))),
        issuer_id: IssuerId::from_element(element("issuer")),
        shard_path: path(index("shard", Tree::Shard.depth()), |level| {
            element(&format!("shard {level}"))
        }),
        cap_path: path(index("cap", Tree::Cap.depth()), |level| {
            element(&format!("cap {level}"))
        }),
        trust_path: path(index("trust", Tree::Trust.depth()), |level| {
            element(&format!("trust {level}"))
        }),
        slot: 1,
        designated: None,
    };
    let inputs = PublicInputs {
        registry_root: RegistryRoot::from_element(Element::ZERO),
        trust_list_root: TrustListRoot::from_element(Element::ZERO),
        bounds: Bounds {
            born_on_or_before: day("2008-11-25"),
            born_on_or_after: day("1901-01-01"),
            checked_on_or_after: day("2025-11-25"),
            enrolled_on_or_before: day("2026-08-25"),
            valid_on: day("2026-11-25"),
            min_assurance: Assurance::Inferred,
            flags_required: Flags::DOCUMENT,
            flags_forbidden: Flags::ESTIMATE.union(Flags::BRIDGED),
            slots: 3,
        },
        scope: Scope::from_element(element("scope")),
        nullifier: Nullifier::from_element(Element::ZERO),
        issuer_tag: IssuerTag::from_element(Element::ZERO),
        designated_verifier: DesignatedVerifier::public(),
        signal: Signal::from_element(element("signal")),
    };
    (settle(inputs, &witness), witness)
}

/// The same inputs with the roots, nullifier and issuer tag that follow from the witness.
pub fn settle(mut inputs: PublicInputs, witness: &Witness) -> PublicInputs {
    let identity = hashes::identity_commitment(&witness.secret, witness.issuer_id);
    let attestation = hashes::attestation(identity, &witness.attributes, &witness.ext);
    let shard_root = ShardRoot::from_element(witness.shard_path.root(Tree::Shard, attestation.element()));
    let cap_leaf = hashes::cap_leaf(shard_root, witness.issuer_id);
    inputs.registry_root = RegistryRoot::from_element(witness.cap_path.root(Tree::Cap, cap_leaf.element()));
    inputs.trust_list_root =
        TrustListRoot::from_element(witness.trust_path.root(Tree::Trust, witness.issuer_id.element()));
    (inputs.nullifier, inputs.issuer_tag) =
        hashes::nullifier_and_tag(&witness.secret, inputs.scope, witness.slot, witness.issuer_id);
    inputs
}

/// Most issuers of [`joint`].
const LOW_LEAVES: usize = 4;

/// Statements that hold, of one holder and as many issuers, up to four: inputs of a joint proof with their witnesses.
///
/// The holder and the policy are those of [`sample`] with the same seed.
pub fn joint(seed: u64, issuers: usize) -> (JointInputs, Vec<Witness>) {
    let statements = under_one_root(seed, vec![sample(seed).1.secret; issuers]);
    let further: Vec<IssuerTag> = statements[1..]
        .iter()
        .map(|(inputs, _)| inputs.issuer_tag)
        .collect();
    let joint = JointInputs::new(statements[0].0, &further).expect("the issuers differ, and are sorted; qed");
    (
        joint,
        statements.into_iter().map(|(_, witness)| witness).collect(),
    )
}

/// Statements that hold, of two holders whom two issuers attested, under the same roots and in ascending order of the
/// tags: no joint proof can be of them.
pub fn strangers(seed: u64) -> [(PublicInputs, Witness); 2] {
    let secrets = [seed, seed ^ 1].map(|seed| sample(seed).1.secret);
    let mut statements = under_one_root(seed, secrets.to_vec()).into_iter();
    std::array::from_fn(|_| statements.next().expect("as many statements as secrets; qed"))
}

/// Statements that hold, with an issuer for each of up to four secrets, ascending by issuer tag.
///
/// They differ in issuer, secret, salt, and what follows from these: nullifiers and tags.
fn under_one_root(seed: u64, secrets: Vec<HolderSecret>) -> Vec<(PublicInputs, Witness)> {
    let element = |name: String| hash_to_field(b"joint sample", &[&seed.to_le_bytes(), name.as_bytes()]);
    let (inputs, first) = sample(seed);
    let mut witnesses: Vec<Witness> = secrets
        .into_iter()
        .enumerate()
        .map(|(issuer, secret)| Witness {
            secret,
            issuer_id: IssuerId::from_element(element(format!("issuer {issuer}"))),
            ext: Ext::commit(&HolderSalt::from_uniform(&uniform(
                seed,
                &format!("salt {issuer}"),
            ))),
            ..first.clone()
        })
        .collect();
    witnesses.sort_by_key(|witness| settle(inputs, witness).issuer_tag);
    let leaves = |leaf: &dyn Fn(&Witness) -> Element, name: &str| {
        std::array::from_fn(|at| match witnesses.get(at) {
            Some(witness) => leaf(witness),
            None => element(format!("{name} {at}")),
        })
    };
    let cap_leaves = leaves(&cap_leaf, "other shard");
    let trust_leaves = leaves(&|witness| witness.issuer_id.element(), "other issuer");
    witnesses
        .into_iter()
        .enumerate()
        .map(|(at, mut witness)| {
            witness.cap_path = low_path(Tree::Cap, &cap_leaves, at, &first.cap_path);
            witness.trust_path = low_path(Tree::Trust, &trust_leaves, at, &first.trust_path);
            (settle(inputs, &witness), witness)
        })
        .collect()
}

/// The cap leaf of the shard that a witness is in.
fn cap_leaf(witness: &Witness) -> Element {
    let identity = hashes::identity_commitment(&witness.secret, witness.issuer_id);
    let attestation = hashes::attestation(identity, &witness.attributes, &witness.ext);
    let root = witness.shard_path.root(Tree::Shard, attestation.element());
    hashes::cap_leaf(ShardRoot::from_element(root), witness.issuer_id).element()
}

/// The path of one of a tree's first leaves, going on as another path does above them.
fn low_path<const DEPTH: usize>(
    tree: Tree,
    leaves: &[Element; LOW_LEAVES],
    at: usize,
    above: &MerklePath<DEPTH>,
) -> MerklePath<DEPTH> {
    let pairs = [[leaves[0], leaves[1]], [leaves[2], leaves[3]]];
    let [left, right] = pairs.map(|[left, right]| poseidon::hash_elements(tree.domain(), left, right));
    let mut siblings = *above.siblings();
    siblings[0] = leaves[at ^ 1];
    siblings[1] = if at < 2 { right } else { left };
    let index = above.index() / LOW_LEAVES as u32 * LOW_LEAVES as u32 + at as u32;
    MerklePath::new(index, siblings).expect("a leaf beside another one of the tree; qed")
}

/// A statement that its designated verifier simulates: the inputs of `sample` with random roots, nullifier and issuer
/// tag, which nobody's attestation fits.
pub fn simulated(seed: u64) -> (PublicInputs, Witness) {
    let element = |name: &str| hash_to_field(b"simulated", &[&seed.to_le_bytes(), name.as_bytes()]);
    let (mut inputs, mut witness) = sample(seed);
    let secret = VerifierSecret::from_uniform(&uniform(seed, "verifier"));
    inputs.designated_verifier = hashes::designated_key(&secret);
    inputs.registry_root = RegistryRoot::from_element(element("registry root"));
    inputs.trust_list_root = TrustListRoot::from_element(element("trust list root"));
    inputs.nullifier = Nullifier::from_element(element("nullifier"));
    inputs.issuer_tag = IssuerTag::from_element(element("issuer tag"));
    witness.designated = Some(secret);
    (inputs, witness)
}

fn uniform(seed: u64, name: &str) -> [u8; 64] {
    let hash = blake2b_simd::Params::new()
        .hash_length(64)
        .key(&seed.to_le_bytes())
        .hash(name.as_bytes());
    *hash.as_array()
}

fn day(text: &str) -> Day {
    text.parse().expect("the sample's days are dates; qed")
}

fn path<const DEPTH: usize>(index: u32, sibling: impl Fn(usize) -> Element) -> MerklePath<DEPTH> {
    MerklePath::new(index, std::array::from_fn(sibling)).expect("the index is masked to the depth; qed")
}
