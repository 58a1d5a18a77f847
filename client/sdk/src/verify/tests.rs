use super::*;
use ofage_primitives::{
    policy::AgeBand, CircuitId, DesignatedVerifier, Element, GateId, GenesisHash, RegistryRoot, Scope,
    TrustListId, TrustListRoot,
};

const GENESIS: GenesisHash = GenesisHash([7; 32]);

/// What an honest wallet sends to the gate, but for the proof.
pub(super) fn presentation() -> Presentation {
    let valid_on: Day = "2026-11-24".parse().unwrap();
    Presentation {
        version: ofage_primitives::presentation::VERSION,
        circuit: CircuitId::V1,
        context: Context::Gate(GateId(3)),
        policy: Policy::new(AgeBand::over(18), TrustListId(0)),
        anchor: Anchor {
            block: 90,
            registry_root: RegistryRoot::from_element(Element::from_u64(1)),
            trust_list_root: TrustListRoot::from_element(Element::from_u64(2)),
        },
        binding: Binding::ChainAccount([1; 32]),
        nonce: [0; 32],
        expires_at: 150,
        valid_on,
        until: gate_until(valid_on, 30).unwrap(),
        designated_verifier: DesignatedVerifier::public(),
        nullifier: Nullifier::from_element(Element::from_u64(3)),
        issuer_tags: vec![tag(4)],
        proof: vec![1, 2, 3],
    }
}

fn tag(n: u64) -> IssuerTag {
    IssuerTag::from_element(Element::from_u64(n))
}

#[test]
fn several_issuers_are_more_than_one_proof_for_one_of_them() {
    // A proof of one issuer is no proof of two, whatever the tags.
    let mut changed = presentation();
    changed.policy.issuers = 2;
    changed.issuer_tags = vec![tag(4), tag(5)];
    changed.proof = vec![0; ofage_primitives::presentation::PROOF_LENGTH_V1 as usize];
    let inputs = changed.public_inputs(&GENESIS).unwrap();
    let refused = Verifier::new().check_proof(&changed, &inputs);
    assert!(matches!(refused, Err(Refusal::Proof(_))));
}

#[test]
fn two_contexts_have_two_scopes() {
    let gate = Context::Gate(GateId(0)).scope(&GENESIS);
    let other: Scope = Context::Gate(GateId(1)).scope(&GENESIS);
    assert_ne!(gate, other);
    assert_ne!(gate, Context::Gate(GateId(0)).scope(&GenesisHash([8; 32])));
}
