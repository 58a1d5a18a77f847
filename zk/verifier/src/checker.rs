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

/// What it takes to check proofs of one circuit, which has `N` public inputs in one column, of up to a number of
/// instances each.
///
/// The number of inputs is part of the type: halo2 itself takes a shorter column, or one with zeros behind it.
#[derive(Debug)]
pub(crate) struct Checker<'k, const N: usize> {
    circuit: CircuitId,
    params: &'k Params<EqAffine>,
    vk: &'k VerifyingKey<EqAffine>,
    /// Of proofs of one instance, of two, and so on.
    shapes: Vec<Shape>,
}

impl<'k, const N: usize> Checker<'k, N> {
    /// Joins parameters and key, and reads off what proofs of up to `most` instances look like.
    ///
    /// # Errors
    /// Those of halo2, when parameters, key and `N` do not belong together.
    pub(crate) fn new(
        circuit: CircuitId,
        params: &'k Params<EqAffine>,
        vk: &'k VerifyingKey<EqAffine>,
        most: usize,
    ) -> Result<Self, Error> {
        let column: &[Fp] = &[Fp::ZERO; N];
        let instances = vec![[column]; most];
        let instances: Vec<&[&[Fp]]> = instances.iter().map(|columns| &columns[..]).collect();
        let shapes = (1..=most)
            .map(|count| Shape::of(params, vk, &instances[..count]))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            circuit,
            params,
            vk,
            shapes,
        })
    }

    /// Whose proofs.
    pub(crate) fn circuit(&self) -> CircuitId {
        self.circuit
    }

    /// Bytes of every proof of so many instances.
    ///
    /// # Errors
    /// [`VerifyError::Inputs`] when there are no proofs of so many.
    pub(crate) fn proof_length(&self, instances: usize) -> Result<usize, VerifyError> {
        self.shape(instances).map(Shape::len)
    }

    /// What every proof of so many instances looks like.
    fn shape(&self, instances: usize) -> Result<&Shape, VerifyError> {
        instances
            .checked_sub(1)
            .and_then(|further| self.shapes.get(further))
            .ok_or(VerifyError::Inputs)
    }

    /// A sum of nothing.
    pub(crate) fn empty_msm(&self) -> MSM<'k, EqAffine> {
        MSM::new(self.params)
    }

    /// Checks everything but the last equation, and returns that: the proof holds if it evaluates to zero.
    ///
    /// The transcript begins with all instances in their order, so that a proof is one of these in this order only.
    pub(crate) fn reduce(
        &self,
        instances: &[[Fp; N]],
        proof: &[u8],
    ) -> Result<MSM<'k, EqAffine>, VerifyError> {
        self.shape(instances.len())?.check(proof)?;
        let columns: Vec<[&[Fp]; 1]> = instances.iter().map(|column| [&column[..]]).collect();
        let columns: Vec<&[&[Fp]]> = columns.iter().map(|columns| &columns[..]).collect();
        let mut transcript = Blake2bRead::<_, EqAffine, Challenge255<EqAffine>>::init(proof);
        verify_proof(
            self.params,
            self.vk,
            Defer(self.empty_msm()),
            &columns,
            &mut transcript,
        )
        // A point that is not on the curve, or an instance whose commitment is the identity.
        .map_err(|_| VerifyError::Refused)
    }

    /// Checks one proof.
    pub(crate) fn verify(&self, instances: &[[Fp; N]], proof: &[u8]) -> Result<(), VerifyError> {
        if self.reduce(instances, proof)?.eval() {
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
