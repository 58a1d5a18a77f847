//! The pins and the stored proof. `OFAGE_REGENERATE=1` rewrites them, and nothing else does.

use super::*;
use crate::{sample, statement};
use codec::{DecodeAll, Encode};
use halo2_proofs::{
    dev::CircuitCost,
    plonk::{create_proof, verify_proof, Error, SingleVerifier},
    transcript::{Blake2bRead, Blake2bWrite, Challenge255},
};
use ofage_primitives::{
    policy::MAX_ISSUERS,
    presentation::{proof_length_v1, PROOF_LENGTH_V1},
    Fp, JointInputs, PublicInputs,
};
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

fn verify(public: &[Fp; PublicInputs::COUNT], proof: &[u8]) -> Result<(), Error> {
    verify_all(&[*public], proof)
}

fn verify_all(instances: &[[Fp; PublicInputs::COUNT]], proof: &[u8]) -> Result<(), Error> {
    // Built here, since the statics read the files that are being written when pins are regenerated.
    static BUILT: LazyLock<(Params<EqAffine>, VerifyingKey<EqAffine>)> = LazyLock::new(|| {
        let params = Params::<EqAffine>::new(K);
        let key = keygen_vk(&params, &CircuitV1::empty()).unwrap();
        (params, key)
    });
    let (params, key) = &*BUILT;
    let columns: Vec<[&[Fp]; 1]> = instances.iter().map(|fields| [&fields[..]]).collect();
    let columns: Vec<&[&[Fp]]> = columns.iter().map(|columns| &columns[..]).collect();
    let mut transcript = Blake2bRead::<_, EqAffine, Challenge255<_>>::init(proof);
    verify_proof(
        params,
        key,
        SingleVerifier::new(params),
        &columns,
        &mut transcript,
    )
}

fn prove(inputs: &PublicInputs, witness: &crate::Witness) -> Vec<u8> {
    prove_all(&[(*inputs, witness)])
}

fn prove_all(statements: &[(PublicInputs, &crate::Witness)]) -> Vec<u8> {
    let params = Params::<EqAffine>::new(K);
    let key = keygen_vk(&params, &CircuitV1::empty()).unwrap();
    let key = keygen_pk(&params, key, &CircuitV1::empty()).unwrap();
    let mut transcript = Blake2bWrite::<_, EqAffine, Challenge255<_>>::init(Vec::new());
    let circuits: Vec<CircuitV1> = statements
        .iter()
        .map(|(inputs, witness)| CircuitV1::new(inputs, witness))
        .collect();
    let public: Vec<_> = statements.iter().map(|(inputs, _)| inputs.to_fields()).collect();
    let columns: Vec<[&[Fp]; 1]> = public.iter().map(|fields| [&fields[..]]).collect();
    let columns: Vec<&[&[Fp]]> = columns.iter().map(|columns| &columns[..]).collect();
    let rng = UnwrapErr(getrandom::SysRng);
    create_proof(&params, &key, &circuits, &columns, rng, &mut transcript).unwrap();
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

/// One proof for each number of issuers, which every version of the host functions must go on taking.
#[test]
fn the_stored_joint_proofs_of_version_1_verify() {
    for issuers in 2..=MAX_ISSUERS {
        let (proof_file, inputs_file) = (
            format!("fixtures/v1-joint-{issuers}.proof"),
            format!("fixtures/v1-joint-{issuers}.inputs"),
        );
        if std::env::var_os("OFAGE_REGENERATE").is_some() {
            let (inputs, witnesses) = sample::joint(0, issuers.into());
            let statements: Vec<_> = inputs.instances().zip(&witnesses).collect();
            for (inputs, witness) in &statements {
                assert_eq!(statement::check(inputs, witness), Ok(()));
            }
            fs::write(file(&inputs_file), inputs.encode()).unwrap();
            fs::write(file(&proof_file), prove_all(&statements)).unwrap();
        }
        let inputs = JointInputs::decode_all(&mut &fs::read(file(&inputs_file)).unwrap()[..]).unwrap();
        let proof = fs::read(file(&proof_file)).unwrap();
        assert_eq!(inputs.count(), usize::from(issuers));
        assert_eq!(proof.len(), proof_length_v1(issuers) as usize);
        let instances: Vec<_> = inputs.instances().map(|inputs| inputs.to_fields()).collect();
        verify_all(&instances, &proof).unwrap();
        for instance in 0..instances.len() {
            for row in 0..PublicInputs::COUNT {
                let mut changed = instances.clone();
                changed[instance][row] += Fp::from(1);
                assert!(
                    verify_all(&changed, &proof).is_err(),
                    "public input {row} of instance {instance} is not bound"
                );
            }
        }
    }
}
