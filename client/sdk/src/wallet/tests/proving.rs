//! Proofs of one and of several issuers, from a node in memory to a verifier.

use super::*;
use crate::{
    account::Account,
    credential::tests::credential_at,
    retrieval::tests::TestNode,
    verify::{check_claims, Expected, Moment},
};
use futures::executor::block_on;
use ofage_primitives::{CircuitId, Presentation, TrustListId};
use ofage_prover::Prover;
use ofage_verifier::Verifier;

const ACCOUNT: Account = Account([1; 32]);

/// A wallet with credentials of some issuers, and a chain that holds them.
fn scene(place: &Place, issuers: &[u32]) -> (Wallet, TestNode) {
    let mut wallet = place.create();
    let mut node = TestNode::uniform(310, 12);
    for (n, issuer) in issuers.iter().enumerate() {
        // Shard n is of issuer n % 6.
        let at = (*issuer, n as u16);
        let mine = credential_at(&wallet.content.secret, attributes("1990-05-06"), *issuer, at);
        node.shards.get_mut(issuer).unwrap().leaves[n] = mine.attestation;
        wallet.import(mine).unwrap();
    }
    node.build();
    (wallet, node)
}

fn gate_of(issuers: u8) -> GateInfo {
    let mut gate = gate(AgeBand::over(18), 1);
    gate.policy.issuers = issuers;
    gate
}

fn prove(
    wallet: &mut Wallet,
    node: &TestNode,
    gate: &GateInfo,
    consent: Consent,
) -> Result<Proved, ProveError> {
    let ask = Ask::gate(GENESIS, gate, ACCOUNT, 400, today()).unwrap();
    let planned = wallet.plan(&ask, SlotChoice::Auto, consent)?;
    block_on(wallet.prepare_for(&ask, node, When::EpochOver, &mut |_, _| ()))?;
    wallet.prove(&ask, planned, consent, &Prover::new())
}

fn verify(presentation: &Presentation, gate: &GateInfo) -> bool {
    let moment = Moment {
        now: 1_795_000_000,
        today: today(),
        finalized: 310,
    };
    let inputs = check_claims(presentation, &Expected::gate(GENESIS, gate, ACCOUNT.0), moment).unwrap();
    Verifier::new()
        .verify_joint(CircuitId::V1, &inputs, &presentation.proof)
        .is_ok()
}

#[test]
fn several_issuers_vouch_in_one_proof() {
    let place = Place::new();
    // Two credentials of one issuer count once.
    let (mut wallet, node) = scene(&place, &[2, 2, 0, 4]);
    for issuers in [1, 2, 3] {
        let gate = gate_of(issuers);
        let consent = Consent {
            narrowing: true,
            ..Consent::default()
        };
        let proved = prove(&mut wallet, &node, &gate, consent).unwrap();
        let presentation = proved.presentation;
        assert_eq!(presentation.issuer_tags.len(), usize::from(issuers));
        assert!(presentation.issuer_tags.is_sorted());
        assert!(verify(&presentation, &gate));
        // What was sent is what is read.
        assert!(Presentation::from_bytes(&presentation.to_bytes()) == Ok(presentation));
    }
    let history = wallet.histories().next().unwrap();
    let told: Vec<u8> = history.disclosed.iter().map(|d| d.issuers).collect();
    assert_eq!(told, [1, 2, 3]);
}

#[test]
fn a_proof_of_two_issuers_is_none_of_other_two() {
    let place = Place::new();
    let (mut wallet, node) = scene(&place, &[2, 0]);
    let gate = gate_of(2);
    let proved = prove(&mut wallet, &node, &gate, Consent::default()).unwrap();
    let mut presentation = proved.presentation;
    let last = presentation.issuer_tags[1];
    presentation.issuer_tags[1] =
        ofage_primitives::IssuerTag::from_element(ofage_primitives::Element::from_u64(u64::MAX));
    presentation.issuer_tags.sort();
    assert!(!verify(&presentation, &gate));
    assert!(!presentation.issuer_tags.contains(&last));
}

#[test]
fn too_few_issuers_prove_nothing() {
    let place = Place::new();
    let (mut wallet, node) = scene(&place, &[2, 2]);
    let refused = prove(&mut wallet, &node, &gate_of(2), Consent::default());
    assert!(matches!(refused, Err(ProveError::NoCredential(why)) if why.contains("too few")));
    assert!(wallet.histories().next().is_none(), "nothing was disclosed");
}

#[test]
fn a_list_needs_more_issuers_than_a_proof_names() {
    let place = Place::new();
    let (mut wallet, mut node) = scene(&place, &[2, 0]);
    node.lists = vec![vec![Some(IssuerIndex(0)), None, Some(IssuerIndex(2))]];
    let refused = prove(&mut wallet, &node, &gate_of(2), Consent::default());
    let Err(ProveError::FewIssuers {
        found: 2,
        needed: 3,
        consent: min_issuers,
    }) = refused
    else {
        panic!("two of two were named");
    };
    let consent = Consent {
        min_issuers,
        ..Consent::default()
    };
    assert!(prove(&mut wallet, &node, &gate_of(2), consent).is_ok());
}

#[test]
fn more_issuers_than_before_need_consent() {
    let place = Place::new();
    let (mut wallet, node) = scene(&place, &[2, 0]);
    prove(&mut wallet, &node, &gate_of(1), Consent::default()).unwrap();
    let refused = prove(&mut wallet, &node, &gate_of(2), Consent::default());
    assert!(matches!(refused, Err(ProveError::Narrowing(_))));
}

#[test]
fn an_unknown_list_proves_nothing() {
    let place = Place::new();
    let (mut wallet, node) = scene(&place, &[2]);
    let mut gate = gate_of(1);
    gate.policy.trust_list = TrustListId(9);
    let refused = prove(&mut wallet, &node, &gate, Consent::default());
    assert!(matches!(
        refused,
        Err(ProveError::Retrieval(crate::retrieval::RetrievalError::NoList(
            TrustListId(9)
        )))
    ));
}

#[test]
fn a_wallet_that_fetched_nothing_says_so() {
    let place = Place::new();
    let (mut wallet, _) = scene(&place, &[2]);
    let ask = Ask::gate(GENESIS, &gate_of(1), ACCOUNT, 400, today()).unwrap();
    let planned = wallet.plan(&ask, SlotChoice::Auto, Consent::default()).unwrap();
    let refused = wallet.prove(&ask, planned, Consent::default(), &Prover::new());
    assert!(matches!(refused, Err(ProveError::NotPrepared)));
}
