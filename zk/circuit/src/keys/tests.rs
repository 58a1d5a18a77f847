//! The pins and the stored proof. `OFAGE_REGENERATE=1` rewrites them, and nothing else does.

use super::*;
use crate::{sample, statement};
use codec::{DecodeAll, Encode};
use halo2_proofs::{
    dev::CircuitCost,
    plonk::{create_proof, verify_proof, SingleVerifier},
    transcript::{Blake2bRead, Blake2bWrite, Challenge255},
};
use ofage_primitives::{presentation::PROOF_LENGTH_V1, Fp, PublicInputs};
use pasta_curves::vesta;
use rand_core::UnwrapErr;
use std::{fs, path::PathBuf};

const PARAMS_FILE: &str = "params/k8.bin";
const PINS_FILE: &str = "pins/v1.txt";
const PROOF_FILE: &str = "fixtures/v1.proof";
const INPUTS_FILE: &str = "fixtures/v1.inputs";

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Compares a file with what it must hold, or writes it.
fn pinned(name: &str, expected: &[u8]) {
    if std::env::var_os("OFAGE_REGENERATE").is_some() {
        fs::write(file(name), expected).unwrap();
    }
    assert!(
        fs::read(file(name)).unwrap() == expected,
        "{name} differs: that needs a new circuit version"
    );
}

fn verify(public: &[Fp], proof: &[u8]) -> Result<(), halo2_proofs::plonk::Error> {
    // Built here, since the statics read the files that are being written when pins are regenerated.
    let params = Params::<EqAffine>::new(K);
    let key = keygen_vk(&params, &CircuitV1::empty()).unwrap();
    let mut transcript = Blake2bRead::<_, EqAffine, Challenge255<_>>::init(proof);
    verify_proof(
        &params,
        &key,
        SingleVerifier::new(&params),
        &[&[public]],
        &mut transcript,
    )
}

fn prove(inputs: &PublicInputs, witness: &crate::Witness) -> Vec<u8> {
    let params = Params::<EqAffine>::new(K);
    let key = keygen_vk(&params, &CircuitV1::empty()).unwrap();
    let key = keygen_pk(&params, key, &CircuitV1::empty()).unwrap();
    let mut transcript = Blake2bWrite::<_, EqAffine, Challenge255<_>>::init(Vec::new());
    let circuit = CircuitV1::new(inputs, witness);
    let rng = UnwrapErr(getrandom::SysRng);
    create_proof(
        &params,
        &key,
        &[circuit],
        &[&[&inputs.to_fields()]],
        rng,
        &mut transcript,
    )
    .unwrap();
    transcript.finalize()
}

#[test]
fn parameters_keys_and_costs_are_pinned() {
    let mut bytes = Vec::new();
    let params = Params::<EqAffine>::new(K);
    params.write(&mut bytes).unwrap();
    pinned(PARAMS_FILE, &bytes);

    assert_eq!(K, CircuitV1::k());
    let key = keygen_vk(&params, &CircuitV1::empty()).unwrap();
    let cost = format!(
        "{:?}",
        CircuitCost::<vesta::Point, _>::measure(K, &CircuitV1::empty())
    );
    let cost = cost.split(", _marker").next().unwrap();
    let pins = format!(
        "params {}\nverifying-key {}\nproof-length {}\ncost {cost}\n",
        hash_hex(&bytes),
        hash_hex(format!("{:?}", key.pinned()).as_bytes()),
        prove_any().len(),
    );
    pinned(PINS_FILE, pins.as_bytes());
}

fn prove_any() -> Vec<u8> {
    let (inputs, witness) = sample::sample(0);
    prove(&inputs, &witness)
}

#[test]
fn the_stored_proof_of_version_1_verifies() {
    if std::env::var_os("OFAGE_REGENERATE").is_some() {
        let (inputs, witness) = sample::sample(0);
        assert_eq!(statement::check(&inputs, &witness), Ok(()));
        fs::write(file(INPUTS_FILE), inputs.encode()).unwrap();
        fs::write(file(PROOF_FILE), prove(&inputs, &witness)).unwrap();
    }
    let inputs = PublicInputs::decode_all(&mut &fs::read(file(INPUTS_FILE)).unwrap()[..]).unwrap();
    let proof = fs::read(file(PROOF_FILE)).unwrap();
    assert_eq!(proof.len(), PROOF_LENGTH_V1 as usize);
    verify(&inputs.to_fields(), &proof).unwrap();
    for row in 0..PublicInputs::COUNT {
        let mut changed = inputs.to_fields();
        changed[row] += Fp::from(1);
        assert!(
            verify(&changed, &proof).is_err(),
            "public input {row} is not bound"
        );
    }
}

#[test]
fn the_statics_are_the_pinned_ones() {
    let key = hash_hex(format!("{:?}", proving_key().get_vk().pinned()).as_bytes());
    assert_eq!(pin("verifying-key"), Some(key.as_str()));
}
