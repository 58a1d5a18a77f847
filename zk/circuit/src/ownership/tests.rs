//! The ownership circuit against its statement, with pins and a stored proof. `OFAGE_REGENERATE=1` rewrites both.

use super::{keys, *};
use crate::{keys::hash_hex, rounds::PARTIAL};
use ff::Field;
use halo2_proofs::{
    dev::{CircuitCost, MockProver},
    plonk::{create_proof, verify_proof, SingleVerifier},
    transcript::{Blake2bRead, Blake2bWrite, Challenge255},
};
use ofage_primitives::{hash_to_field, poseidon};
use pasta_curves::{vesta, EqAffine};
use proptest::prelude::*;
use rand_core::UnwrapErr;
use std::{fs, path::PathBuf};

fn element(name: &[u8]) -> Fp {
    hash_to_field(b"ownership test", &[name]).into()
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn regenerates() -> bool {
    std::env::var_os("OFAGE_REGENERATE").is_some()
}

fn holds(circuit: &OwnershipCircuit, public: [Fp; instance::COUNT]) -> bool {
    MockProver::run(keys::K, circuit, vec![public.to_vec()])
        .unwrap()
        .verify()
        .is_ok()
}

/// A circuit that holds, and its public inputs.
fn good() -> (OwnershipCircuit, [Fp; instance::COUNT]) {
    let [secret, issuer, signal] = [b"secret", b"issuer", b"signal"].map(|name| element(name));
    let circuit = OwnershipCircuit::from_fields(secret, issuer, signal);
    (circuit, [issuer, identity(secret, issuer), signal])
}

fn prove(circuit: OwnershipCircuit, public: &[Fp]) -> Vec<u8> {
    let mut transcript = Blake2bWrite::<_, EqAffine, Challenge255<_>>::init(Vec::new());
    let rng = UnwrapErr(getrandom::SysRng);
    create_proof(
        keys::params(),
        keys::proving_key(),
        &[circuit],
        &[&[public]],
        rng,
        &mut transcript,
    )
    .unwrap();
    transcript.finalize()
}

fn verifies(public: &[Fp], proof: &[u8]) -> bool {
    let mut transcript = Blake2bRead::<_, EqAffine, Challenge255<_>>::init(proof);
    let strategy = SingleVerifier::new(keys::params());
    verify_proof(
        keys::params(),
        keys::verifying_key(),
        strategy,
        &[&[public]],
        &mut transcript,
    )
    .is_ok()
}

#[test]
fn the_mirror_and_the_circuit_take_an_owner_and_nobody_else() {
    let bytes = |n: u8| HolderSecret::from_uniform(&[n; 64]);
    let issuer_id = IssuerId::from_element(element(b"issuer").into());
    let inputs = OwnershipInputs {
        issuer_id,
        identity: hashes::identity_commitment(&bytes(1), issuer_id),
        signal: Signal::from_element(element(b"signal").into()),
    };
    for (n, is_owner) in [(1, true), (2, false)] {
        assert_eq!(check(&inputs, &bytes(n)).is_ok(), is_owner);
        let circuit = OwnershipCircuit::new(&inputs, &bytes(n));
        assert_eq!(holds(&circuit, inputs.to_fields()), is_owner);
    }
}

#[test]
fn every_public_input_is_bound() {
    let (circuit, public) = good();
    assert!(holds(&circuit, public));
    for row in 0..instance::COUNT {
        let mut changed = public;
        changed[row] += Fp::ONE;
        assert!(!holds(&circuit, changed), "public input {row}");
    }
    // Nor may two of them change places.
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        let mut changed = public;
        changed.swap(a, b);
        assert!(!holds(&circuit, changed), "public inputs {a} and {b}");
    }
}

#[test]
fn another_issuers_commitment_of_the_same_secret_is_another() {
    let (circuit, public) = good();
    let mut changed = public;
    changed[instance::IDENTITY] = identity(element(b"secret"), element(b"other issuer"));
    assert!(!holds(&circuit, changed));
    changed[instance::ISSUER_ID] = element(b"other issuer");
    assert!(!holds(&circuit, changed), "the witness is for the first issuer");
}

/// One thing that a cheating prover exchanges, and nothing that follows from it.
type Cheat = Box<dyn Fn(&mut Values)>;

/// Every cell that is written, by its value.
fn cheats() -> Vec<(String, Cheat)> {
    let mut all: Vec<(String, Cheat)> = vec![
        ("secret".into(), Box::new(|v| v.hash.inputs[0] += Fp::ONE)),
        ("issuer id".into(), Box::new(|v| v.hash.inputs[1] += Fp::ONE)),
        ("output".into(), Box::new(|v| v.hash.trace.output += Fp::ONE)),
        ("signal".into(), Box::new(|v| v.signal += Fp::ONE)),
    ];
    for state in 0..3 {
        for word in 0..3 {
            all.push((
                format!("first {state} {word}"),
                Box::new(move |v| v.hash.trace.first[state][word] += Fp::ONE),
            ));
            all.push((
                format!("second {state} {word}"),
                Box::new(move |v| v.hash.trace.second[state][word] += Fp::ONE),
            ));
        }
    }
    for round in 0..=PARTIAL {
        // Words 1 and 2 stand in the first column of a row only.
        let words = if round % (EXTRA + 1) == 0 || round == PARTIAL {
            3
        } else {
            1
        };
        for word in 0..words {
            all.push((
                format!("partial {round} {word}"),
                Box::new(move |v| v.hash.trace.partial[round][word] += Fp::ONE),
            ));
        }
    }
    all
}

#[test]
fn every_written_cell_is_constrained() {
    let cheats = cheats();
    assert!(cheats.len() > 80, "{} cells", cheats.len());
    for (name, cheat) in cheats {
        let (mut circuit, public) = good();
        cheat(circuit.values.as_mut().unwrap());
        assert!(!holds(&circuit, public), "{name} is not constrained");
    }
}

#[test]
fn a_hash_with_another_tag_is_no_identity() {
    for domain in Domain::ALL {
        let [secret, issuer, signal] = [b"secret", b"issuer", b"signal"].map(|name| element(name));
        let mut circuit = OwnershipCircuit::from_fields(secret, issuer, signal);
        let values = circuit.values.as_mut().unwrap();
        values.hash = HashValues::boxed(Fp::ZERO, [secret, issuer], domain.capacity());
        let output = poseidon::hash(domain, secret, issuer);
        assert_eq!(
            holds(&circuit, [issuer, output, signal]),
            domain == Domain::Identity,
            "{domain:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn owners_prove_whatever_their_secret_is(seed: u64) {
        let [secret, issuer, signal] = [0u8, 1, 2].map(|n| element(&[&seed.to_le_bytes()[..], &[n]].concat()));
        let circuit = OwnershipCircuit::from_fields(secret, issuer, signal);
        prop_assert!(holds(&circuit, [issuer, identity(secret, issuer), signal]));
    }
}

#[test]
fn parameters_keys_and_costs_are_pinned() {
    let mut params = Vec::new();
    keys::params().write(&mut params).unwrap();
    let cost = format!(
        "{:?}",
        CircuitCost::<vesta::Point, _>::measure(keys::K, &OwnershipCircuit::empty())
    );
    let (circuit, public) = good();
    let proof = prove(circuit, &public);
    let pins = format!(
        "params {}\nverifying-key {}\nproof-length {}\ncost {}\n",
        hash_hex(&params),
        hash_hex(format!("{:?}", keys::verifying_key().pinned()).as_bytes()),
        proof.len(),
        cost.split(", _marker").next().unwrap(),
    );
    let path = file("pins/ownership-v1.txt");
    if regenerates() {
        fs::write(&path, &pins).unwrap();
    }
    assert_eq!(
        fs::read_to_string(path).unwrap(),
        pins,
        "that needs a new circuit version"
    );
    assert_eq!(proof.len(), keys::PROOF_LENGTH);
    let key = keys::proving_key().get_vk().pinned();
    assert_eq!(
        hash_hex(format!("{key:?}").as_bytes()),
        hash_hex(format!("{:?}", keys::verifying_key().pinned()).as_bytes())
    );
}

#[test]
fn the_stored_proof_verifies_and_is_bound_to_its_inputs() {
    let path = file("fixtures/ownership-v1.proof");
    let (circuit, public) = good();
    if regenerates() {
        fs::write(&path, prove(circuit, &public)).unwrap();
    }
    let proof = fs::read(path).unwrap();
    assert_eq!(proof.len(), keys::PROOF_LENGTH);
    assert!(verifies(&public, &proof));
    for row in 0..instance::COUNT {
        let mut changed = public;
        changed[row] += Fp::ONE;
        assert!(!verifies(&changed, &proof), "public input {row}");
    }
    for at in 0..proof.len() {
        let mut changed = proof.clone();
        changed[at] ^= 1;
        assert!(!verifies(&public, &changed), "byte {at}");
    }
}

#[test]
fn a_proof_of_a_false_statement_does_not_verify() {
    let (circuit, mut public) = good();
    public[instance::IDENTITY] = identity(element(b"another secret"), element(b"issuer"));
    assert!(!verifies(&public, &prove(circuit, &public)));
}

#[test]
fn the_debug_form_says_nothing_of_the_witness() {
    assert_eq!(format!("{:?}", good().0), "OwnershipCircuit");
}
