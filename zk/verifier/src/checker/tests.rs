//! Proofs of the toy circuit, damaged in every way.

use super::*;
use crate::toy;
use ff::PrimeField;
use group::GroupEncoding;
use halo2_proofs::{plonk::SingleVerifier, poly::commitment::Params};
use pasta_curves::Fq;
use proptest::prelude::*;
use std::sync::OnceLock;

mod joint;

/// Bytes of a point or scalar.
const PIECE: usize = 32;

/// A good proof, made once.
fn good() -> ([Fp; toy::INPUTS], Vec<u8>) {
    static GOOD: OnceLock<([Fp; toy::INPUTS], Vec<u8>)> = OnceLock::new();
    GOOD.get_or_init(|| toy::prove(6, 7)).clone()
}

/// What halo2 says of a proof when nothing is checked before.
fn halo2_alone(checker: &Checker<'_, { toy::INPUTS }>, instance: &[Fp], proof: &[u8]) -> bool {
    let strategy = SingleVerifier::new(checker.params);
    let mut transcript = Blake2bRead::<_, EqAffine, Challenge255<EqAffine>>::init(proof);
    verify_proof(
        checker.params,
        checker.vk,
        strategy,
        &[&[instance]],
        &mut transcript,
    )
    .is_ok()
}

#[test]
fn a_good_proof_is_accepted() {
    let (instance, proof) = good();
    assert_eq!(toy::checker().verify(&[instance], &proof), Ok(()));
}

#[test]
fn the_length_is_that_of_real_proofs() {
    let (_, proof) = good();
    assert_eq!(toy::checker().proof_length(1), Ok(proof.len()));
}

#[test]
fn a_checker_for_more_inputs_than_rows_is_not_made() {
    let (params, checker) = (Params::new(4), toy::checker());
    assert!(Checker::<64>::new(CircuitId(0), &params, checker.vk, 1).is_err());
}

#[test]
fn halo2_takes_inputs_with_zeros_behind_them_which_the_type_here_rules_out() {
    let checker = toy::checker();
    let (instance, proof) = good();
    assert!(halo2_alone(
        &checker,
        &[instance[0], instance[1], Fp::ZERO],
        &proof
    ));
}

mod refuses {
    use super::*;

    /// Every bit of the first and last byte of each piece, where sign and highest bits are, and one bit of all others.
    #[test]
    fn a_flipped_bit_in_every_byte() {
        let checker = toy::checker();
        let (instance, mut proof) = good();
        for position in 0..proof.len() {
            let bits = if matches!(position % PIECE, 0 | 31) {
                0..8
            } else {
                position % 8..position % 8 + 1
            };
            for bit in bits {
                proof[position] ^= 1 << bit;
                let offset = position / PIECE * PIECE;
                match checker.verify(&[instance], &proof) {
                    Err(VerifyError::Refused) => {}
                    found => assert_eq!(
                        found,
                        Err(VerifyError::NonCanonical { offset }),
                        "bit {bit} of {position}"
                    ),
                }
                proof[position] ^= 1 << bit;
            }
        }
    }

    #[test]
    fn bytes_behind_the_proof_which_halo2_takes() {
        let checker = toy::checker();
        let (instance, mut proof) = good();
        let expected = proof.len();
        for padding in [1, 31, 32, 64, 4096] {
            proof.resize(expected + padding, 0);
            assert!(halo2_alone(&checker, &instance, &proof));
            let found = expected + padding;
            assert_eq!(
                checker.verify(&[instance], &proof),
                Err(VerifyError::Length { expected, found })
            );
        }
    }

    #[test]
    fn every_shortened_proof() {
        let checker = toy::checker();
        let (instance, proof) = good();
        for found in 0..proof.len() {
            let expected = proof.len();
            assert_eq!(
                checker.verify(&[instance], &proof[..found]),
                Err(VerifyError::Length { expected, found })
            );
        }
    }

    #[test]
    fn points_that_are_infinity_or_beyond_the_modulus_before_any_arithmetic() {
        let checker = toy::checker();
        let (instance, proof) = good();
        let mut modulus = (-Fq::ONE).to_repr();
        modulus[0] += 1;
        let mut signed_modulus = modulus;
        signed_modulus[31] |= 0x80;
        let mut signed_infinity = [0; PIECE];
        signed_infinity[31] = 0x80;
        for hostile in [
            [0; PIECE],
            signed_infinity,
            modulus,
            signed_modulus,
            [0xff; PIECE],
        ] {
            let mut damaged = proof.clone();
            damaged[..PIECE].copy_from_slice(&hostile);
            assert_eq!(
                checker.verify(&[instance], &damaged),
                Err(VerifyError::NonCanonical { offset: 0 })
            );
        }
    }

    #[test]
    fn points_that_are_not_on_the_curve() {
        let checker = toy::checker();
        let (instance, mut proof) = good();
        let off_curve = (1..)
            .map(|x| Fq::from(x).to_repr())
            .find(|x| bool::from(EqAffine::from_bytes(x).is_none()))
            .unwrap();
        proof[..PIECE].copy_from_slice(&off_curve);
        assert_eq!(checker.verify(&[instance], &proof), Err(VerifyError::Refused));
    }

    #[test]
    fn scalars_beyond_the_modulus() {
        let checker = toy::checker();
        let (instance, mut proof) = good();
        let mut modulus = (-Fp::ONE).to_repr();
        modulus[0] += 1;
        // The last piece of every proof is a scalar.
        let offset = proof.len() - PIECE;
        proof[offset..].copy_from_slice(&modulus);
        assert_eq!(
            checker.verify(&[instance], &proof),
            Err(VerifyError::NonCanonical { offset })
        );
    }

    #[test]
    fn proofs_of_one_repeated_byte() {
        let checker = toy::checker();
        let (instance, proof) = good();
        for byte in 0..=u8::MAX {
            assert!(checker.verify(&[instance], &vec![byte; proof.len()]).is_err());
        }
    }

    #[test]
    fn other_inputs() {
        let checker = toy::checker();
        let (instance, proof) = good();
        for position in 0..toy::INPUTS {
            for other in [instance[position] + Fp::ONE, -instance[position], Fp::ZERO] {
                let mut changed = instance;
                changed[position] = other;
                assert_eq!(checker.verify(&[changed], &proof), Err(VerifyError::Refused));
            }
        }
    }

    #[test]
    fn two_good_proofs_spliced_at_any_piece() {
        let checker = toy::checker();
        let ((instance, first), (_, second)) = (good(), toy::prove(6, 7));
        for cut in (PIECE..first.len()).step_by(PIECE) {
            let spliced = [&first[..cut], &second[cut..]].concat();
            assert_eq!(checker.verify(&[instance], &spliced), Err(VerifyError::Refused));
        }
    }

    #[test]
    fn pieces_in_another_order() {
        let checker = toy::checker();
        let (instance, proof) = good();
        for piece in 1..proof.len() / PIECE {
            let mut swapped = proof.clone();
            swapped[(piece - 1) * PIECE..(piece + 1) * PIECE].rotate_left(PIECE);
            assert!(swapped == proof || checker.verify(&[instance], &swapped).is_err());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn random_bytes_of_any_length_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..3000)) {
        let (instance, _) = good();
        prop_assert!(toy::checker().verify(&[instance], &bytes).is_err());
    }

    #[test]
    fn canonical_garbage_of_the_right_length_is_refused(seed in any::<[u8; 32]>()) {
        let checker = toy::checker();
        let (instance, _) = good();
        // With the top two bits clear, every piece is below both moduli; half of the points are on the curve.
        let proof: Vec<u8> = (0..checker.proof_length(1).unwrap() / PIECE)
            .flat_map(|piece| {
                let mut bytes = *blake2b_simd::Params::new()
                    .hash_length(64)
                    .to_state()
                    .update(&seed)
                    .update(&piece.to_le_bytes())
                    .finalize()
                    .as_array();
                bytes[31] &= 0x3f;
                bytes[..PIECE].to_vec()
            })
            .collect();
        prop_assert_eq!(checker.verify(&[instance], &proof), Err(VerifyError::Refused));
    }

    #[test]
    fn a_rewritten_piece_is_refused(piece in any::<prop::sample::Index>(), bytes in any::<[u8; 32]>()) {
        let checker = toy::checker();
        let (instance, mut proof) = good();
        let offset = piece.index(proof.len() / PIECE) * PIECE;
        proof[offset..offset + PIECE].copy_from_slice(&bytes);
        let found = checker.verify(&[instance], &proof);
        prop_assert!(matches!(found, Err(VerifyError::Refused | VerifyError::NonCanonical { .. })), "{found:?}");
    }
}
