//! What a proof of a circuit looks like: its exact length, and where points and scalars stand in it.
//!
//! halo2 reads what it needs from a proof and stops, so it takes trailing bytes, and it finds a number that is out
//! of range only when it gets there, after square roots and hashes. Here length and encoding are checked first.
//!
//! The shape is not written down by hand. halo2's own verifier is run once against a transcript that invents its
//! answers and records what was asked for; which pieces it asks for depends on the verifying key and the number of
//! instances alone.

use crate::VerifyError;
use ff::{Field, PrimeField};
use group::CurveAffine;
use halo2_proofs::{
    plonk::{verify_proof, Error, VerificationStrategy, VerifyingKey},
    poly::commitment::{Guard, Params, MSM},
    transcript::{Challenge255, EncodedChallenge, Transcript, TranscriptRead},
};
use ofage_primitives::Fp;
use pasta_curves::{EqAffine, Fq};
use std::io;

/// Bytes of a compressed point and of a scalar.
pub(crate) const PIECE: usize = 32;

/// The bit of a compressed point's last byte that holds the sign of y.
const SIGN: u8 = 0x80;

/// One of the pieces that a proof is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    /// A compressed point of Vesta: x below the modulus of [`Fq`], and the sign of y in the top bit.
    Point,
    /// An element of [`Fp`].
    Scalar,
}

/// The pieces of every proof of one circuit and one number of instances, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pieces: Vec<Piece>,
    point_modulus: [u8; PIECE],
    scalar_modulus: [u8; PIECE],
}

impl Shape {
    /// Reads the shape off a verifying key, for proofs of as many instances as are given; what they are does not matter.
    pub(crate) fn of(
        params: &Params<EqAffine>,
        vk: &VerifyingKey<EqAffine>,
        instances: &[&[&[Fp]]],
    ) -> Result<Self, Error> {
        let mut recorder = Recorder {
            pieces: Vec::new(),
            challenges: 0,
        };
        verify_proof(params, vk, Discard(MSM::new(params)), instances, &mut recorder)?;
        Ok(Self {
            pieces: recorder.pieces,
            point_modulus: modulus(-Fq::ONE),
            scalar_modulus: modulus(-Fp::ONE),
        })
    }

    /// Bytes of every proof.
    pub(crate) fn len(&self) -> usize {
        self.pieces.len() * PIECE
    }

    /// Checks length and encoding, without any arithmetic.
    ///
    /// That a point's x has a y on the curve needs a square root; halo2 checks it when it reads the point.
    pub(crate) fn check(&self, proof: &[u8]) -> Result<(), VerifyError> {
        if proof.len() != self.len() {
            return Err(VerifyError::Length {
                expected: self.len(),
                found: proof.len(),
            });
        }
        for (number, (piece, bytes)) in self.pieces.iter().zip(proof.chunks_exact(PIECE)).enumerate() {
            let mut repr = [0; PIECE];
            repr.copy_from_slice(bytes);
            let good = match piece {
                Piece::Scalar => is_below(&repr, &self.scalar_modulus),
                Piece::Point => {
                    repr[PIECE - 1] &= !SIGN;
                    // x = 0 encodes the point at infinity, whichever sign goes with it.
                    repr != [0; PIECE] && is_below(&repr, &self.point_modulus)
                }
            };
            if !good {
                return Err(VerifyError::NonCanonical {
                    offset: number * PIECE,
                });
            }
        }
        Ok(())
    }
}

/// Whether a little-endian number is below another.
fn is_below(number: &[u8; PIECE], bound: &[u8; PIECE]) -> bool {
    // Lexicographic order of the reversed bytes is the numeric order.
    number.iter().rev().lt(bound.iter().rev())
}

/// The modulus of a field, from its largest element. The largest element of an odd prime field is even.
fn modulus<F: PrimeField<Repr = [u8; PIECE]>>(largest: F) -> [u8; PIECE] {
    let mut bytes = largest.to_repr();
    bytes[0] |= 1;
    bytes
}

/// Runs the verifier's part of the protocol and forgets what would have to be checked.
struct Discard<'p>(MSM<'p, EqAffine>);

impl<'p> VerificationStrategy<'p, EqAffine> for Discard<'p> {
    type Output = ();

    fn process<E: EncodedChallenge<EqAffine>>(
        self,
        read: impl FnOnce(MSM<'p, EqAffine>) -> Result<Guard<'p, EqAffine, E>, Error>,
    ) -> Result<(), Error> {
        read(self.0).map(drop)
    }
}

/// A transcript that answers anything and records what it was asked for.
struct Recorder {
    pieces: Vec<Piece>,
    challenges: u64,
}

impl Transcript<EqAffine, Challenge255<EqAffine>> for Recorder {
    fn squeeze_challenge(&mut self) -> Challenge255<EqAffine> {
        // Hashed, since small numbers are points of the evaluation domain, where the verifier divides by zero.
        self.challenges += 1;
        let hash = blake2b_simd::Params::new()
            .hash_length(64)
            .personal(b"Ofage-shape-v1--")
            .hash(&self.challenges.to_le_bytes());
        Challenge255::new(hash.as_array())
    }

    fn common_point(&mut self, _: EqAffine) -> io::Result<()> {
        Ok(())
    }

    fn common_scalar(&mut self, _: Fp) -> io::Result<()> {
        Ok(())
    }
}

impl TranscriptRead<EqAffine, Challenge255<EqAffine>> for Recorder {
    fn read_point(&mut self) -> io::Result<EqAffine> {
        self.pieces.push(Piece::Point);
        Ok(EqAffine::generator())
    }

    fn read_scalar(&mut self) -> io::Result<Fp> {
        self.pieces.push(Piece::Scalar);
        Ok(Fp::ONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moduli_are_those_of_the_curves() {
        assert_eq!(format!("0x{}", reversed_hex(modulus(-Fp::ONE))), Fp::MODULUS);
        assert_eq!(format!("0x{}", reversed_hex(modulus(-Fq::ONE))), Fq::MODULUS);
    }

    #[test]
    fn below_is_numeric_order() {
        let bound = modulus(-Fp::ONE);
        let mut above = bound;
        above[0] += 1;
        assert!(is_below(&(-Fp::ONE).to_repr(), &bound));
        assert!(is_below(&[0; PIECE], &bound));
        assert!(!is_below(&bound, &bound));
        assert!(!is_below(&above, &bound));
        assert!(!is_below(&[0xff; PIECE], &bound));
    }

    fn reversed_hex(mut bytes: [u8; PIECE]) -> String {
        bytes.reverse();
        hex::encode(bytes)
    }
}
