//! From a proof to one multi-scalar multiplication that must be zero.

use crate::{shape::Shape, VerifyError};
use ff::Field;
use halo2_proofs::{
    plonk::{verify_proof, Error, VerificationStrategy, VerifyingKey},
    poly::commitment::{Guard, Params, MSM},
    transcript::{Blake2bRead, Challenge255, EncodedChallenge},
};
use ofage_primitives::{CircuitId, Fp};
use pasta_curves::EqAffine;

/// What it takes to check proofs of one circuit, which has `N` public inputs in one column.
///
/// The number of inputs is part of the type: halo2 itself takes a shorter column, or one with zeros behind it.
#[derive(Debug)]
pub(crate) struct Checker<'k, const N: usize> {
    circuit: CircuitId,
    params: &'k Params<EqAffine>,
    vk: &'k VerifyingKey<EqAffine>,
    shape: Shape,
}

impl<'k, const N: usize> Checker<'k, N> {
    /// Joins parameters and key, and reads off what proofs look like.
    ///
    /// # Errors
    /// Those of halo2, when parameters, key and `N` do not belong together.
    pub(crate) fn new(
        circuit: CircuitId,
        params: &'k Params<EqAffine>,
        vk: &'k VerifyingKey<EqAffine>,
    ) -> Result<Self, Error> {
        let shape = Shape::of(params, vk, &[&[Fp::ZERO; N]])?;
        Ok(Self {
            circuit,
            params,
            vk,
            shape,
        })
    }

    /// Whose proofs.
    pub(crate) fn circuit(&self) -> CircuitId {
        self.circuit
    }

    /// Bytes of every proof.
    pub(crate) fn proof_length(&self) -> usize {
        self.shape.len()
    }

    /// A sum of nothing.
    pub(crate) fn empty_msm(&self) -> MSM<'k, EqAffine> {
        MSM::new(self.params)
    }

    /// Checks everything but the last equation, and returns that: the proof holds if it evaluates to zero.
    pub(crate) fn reduce(&self, instance: &[Fp; N], proof: &[u8]) -> Result<MSM<'k, EqAffine>, VerifyError> {
        self.shape.check(proof)?;
        let mut transcript = Blake2bRead::<_, EqAffine, Challenge255<EqAffine>>::init(proof);
        verify_proof(self.params, self.vk, Defer(self.empty_msm()), &[&[instance]], &mut transcript)
            // A point that is not on the curve, or an instance whose commitment is the identity.
            .map_err(|_| VerifyError::Refused)
    }

    /// Checks one proof.
    pub(crate) fn verify(&self, instance: &[Fp; N], proof: &[u8]) -> Result<(), VerifyError> {
        if self.reduce(instance, proof)?.eval() {
            Ok(())
        } else {
            Err(VerifyError::Refused)
        }
    }
}

/// Hands the last equation over instead of evaluating it.
struct Defer<'k>(MSM<'k, EqAffine>);

impl<'k> VerificationStrategy<'k, EqAffine> for Defer<'k> {
    type Output = MSM<'k, EqAffine>;

    fn process<E: EncodedChallenge<EqAffine>>(
        self,
        read: impl FnOnce(MSM<'k, EqAffine>) -> Result<Guard<'k, EqAffine, E>, Error>,
    ) -> Result<MSM<'k, EqAffine>, Error> {
        read(self.0).map(Guard::use_challenges)
    }
}

#[cfg(test)]
mod tests;
