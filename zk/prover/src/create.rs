//! Running halo2's prover, the same for every circuit.

use crate::{Proof, ProveError};
use getrandom::SysRng;
use halo2_proofs::{
    plonk::{create_proof, Circuit, ProvingKey},
    poly::commitment::Params,
    transcript::{Blake2bWrite, Challenge255},
};
use ofage_primitives::Fp;
use pasta_curves::EqAffine;
use rand_core::{TryRng, UnwrapErr};

/// One proof of some instances with one column of public inputs each, of exactly `length` bytes.
///
/// The caller has checked the statements: halo2 would return a proof that does not verify without a word.
///
/// # Errors
/// [`ProveError::Randomness`], and [`ProveError::ProofSystem`] when the proof is none of that length.
pub(crate) fn create<C: Circuit<Fp>, const N: usize>(
    params: &Params<EqAffine>,
    key: &ProvingKey<EqAffine>,
    circuits: &[C],
    public: &[[Fp; N]],
    length: usize,
) -> Result<Proof, ProveError> {
    // Asked once where failure is an error; halo2 takes only generators that cannot fail.
    SysRng.try_next_u64().map_err(|_| ProveError::Randomness)?;
    let columns: Vec<[&[Fp]; 1]> = public.iter().map(|fields| [&fields[..]]).collect();
    let instances: Vec<&[&[Fp]]> = columns.iter().map(|columns| &columns[..]).collect();
    let mut transcript = Blake2bWrite::<_, EqAffine, Challenge255<_>>::init(Vec::with_capacity(length));
    create_proof(
        params,
        key,
        circuits,
        &instances,
        UnwrapErr(SysRng),
        &mut transcript,
    )
    .map_err(|_| ProveError::ProofSystem)?;
    let bytes = transcript.finalize();
    if bytes.len() == length {
        Ok(Proof(bytes))
    } else {
        Err(ProveError::ProofSystem)
    }
}
