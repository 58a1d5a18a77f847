//! Many proofs for little more than the price of reading them.
//!
//! Each proof comes down to an equation `MSM = 0` over the same generators. The equations are multiplied by scalars
//! that nobody could foresee and added up; if the sum is zero, each one of them is, but for a chance of about one in
//! the order of the group (the small exponents test of Bellare, Garay and Rabin, EUROCRYPT 1998, here with exponents
//! of full length).
//!
//! The scalars are not random: they are a hash of *all* proofs and *all* inputs of the batch, and of the position, so
//! that everybody comes to the same answer, and whoever changes one bit of one proof changes every scalar.
//!
//! A sum that is not zero is bisected with the same scalars: the sum of a group is the sum of its halves.

use crate::{checker::Checker, BadProof, BatchError, VerifyError};
use ff::{FromUniformBytes, PrimeField};
use halo2_proofs::poly::commitment::MSM;
use ofage_primitives::{CircuitId, Fp};
use pasta_curves::EqAffine;

/// Most proofs whose equations are added up, and kept in memory (30 to 40 KB each) in case the sum is not zero.
///
/// A larger batch is several sums. By then one more evaluation weighs some hundredths of the rest.
pub(crate) const GROUP: usize = 128;

/// A group of as many, or what is left of one in which as many bad ones were found, is checked one by one.
///
/// Bisecting finds few bad ones fast, but would take far longer than that if all are bad, as an attacker has it.
const FEW: usize = 8;

/// A proof with the public inputs of its instances.
#[derive(Clone, Debug)]
pub(crate) struct Item<'p, const N: usize> {
    pub(crate) instances: Vec<[Fp; N]>,
    pub(crate) proof: &'p [u8],
}

/// A batch and its scalars.
#[derive(Debug)]
pub(crate) struct Batch<'b, 'k, 'p, const N: usize> {
    checker: &'b Checker<'k, N>,
    items: &'b [Item<'p, N>],
    scalars: Scalars,
}

/// The scaled equation of the proof at a position.
struct Reduced<'k> {
    index: usize,
    msm: MSM<'k, EqAffine>,
}

impl<'b, 'k, 'p, const N: usize> Batch<'b, 'k, 'p, N> {
    /// Takes at least one proof.
    ///
    /// # Errors
    /// [`BatchError::Empty`].
    pub(crate) fn new(checker: &'b Checker<'k, N>, items: &'b [Item<'p, N>]) -> Result<Self, BatchError> {
        if items.is_empty() {
            return Err(BatchError::Empty);
        }
        Ok(Self {
            checker,
            items,
            scalars: Scalars::of(checker.circuit(), items),
        })
    }

    /// Checks all proofs in the calling thread.
    pub(crate) fn verify(&self) -> Result<(), BatchError> {
        conclude(
            (0..self.items.len())
                .step_by(GROUP)
                .flat_map(|first| self.check_group(first, GROUP))
                .collect(),
        )
    }

    /// Checks all proofs on up to `threads` threads, one of which is the calling one.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn verify_parallel(&self, threads: std::num::NonZeroUsize) -> Result<(), BatchError> {
        use std::{
            panic,
            sync::atomic::{AtomicUsize, Ordering},
            thread,
        };

        let size = self.items.len().div_ceil(threads.get()).min(GROUP);
        let groups = self.items.len().div_ceil(size);
        let next = AtomicUsize::new(0);
        let work = || {
            let mut bad = Vec::new();
            loop {
                let group = next.fetch_add(1, Ordering::Relaxed);
                if group >= groups {
                    return bad;
                }
                bad.extend(self.check_group(group * size, size));
            }
        };
        let mut bad = thread::scope(|scope| {
            // Where the system gives no more threads, those that there are do the work.
            let workers: Vec<_> = (1..threads.get().min(groups))
                .map_while(|_| thread::Builder::new().spawn_scoped(scope, work).ok())
                .collect();
            let mut bad = work();
            for worker in workers {
                bad.extend(worker.join().unwrap_or_else(|cause| panic::resume_unwind(cause)));
            }
            bad
        });
        bad.sort_unstable_by_key(|bad| bad.index);
        conclude(bad)
    }

    /// The bad ones of up to `size` proofs from position `first` on, in order.
    fn check_group(&self, first: usize, size: usize) -> Vec<BadProof> {
        let mut bad = Vec::new();
        let mut reduced = Vec::with_capacity(size.min(self.items.len()));
        for (index, item) in self.items.iter().enumerate().skip(first).take(size) {
            match self.checker.reduce(&item.instances, item.proof) {
                Ok(mut msm) => {
                    msm.scale(self.scalars.at(index));
                    reduced.push(Reduced { index, msm });
                }
                Err(reason) => bad.push(BadProof { index, reason }),
            }
        }
        let mut refused = Vec::new();
        self.search(&reduced, false, &mut refused);
        bad.extend(refused.into_iter().map(|index| BadProof {
            index,
            reason: VerifyError::Refused,
        }));
        bad.sort_unstable_by_key(|bad| bad.index);
        bad
    }

    /// Finds the equations of `group` that do not hold; `faulty` says that there is one for certain.
    fn search(&self, group: &[Reduced<'k>], mut faulty: bool, refused: &mut Vec<usize>) {
        if group.is_empty() {
            return;
        }
        let stop_bisecting = group.len() > 1 && refused.len() >= FEW;
        if !faulty && !stop_bisecting {
            if self.holds(group) {
                return;
            }
            faulty = true;
        }
        if let [one] = group {
            refused.push(one.index);
            return;
        }
        let part = if stop_bisecting || group.len() <= FEW {
            1
        } else {
            group.len() / 2
        };
        let before = refused.len();
        let mut rest = group;
        while rest.len() > part {
            let (head, tail) = rest.split_at(part);
            self.search(head, false, refused);
            rest = tail;
        }
        // The last part of a faulty group is faulty if no part before it was.
        self.search(rest, faulty && refused.len() == before, refused);
    }

    /// Whether the sum of the group's equations is zero.
    fn holds(&self, group: &[Reduced<'k>]) -> bool {
        let mut sum = self.checker.empty_msm();
        for one in group {
            sum.add_msm(&one.msm);
        }
        sum.eval()
    }
}

/// The answer, from the bad proofs in order.
fn conclude(bad: Vec<BadProof>) -> Result<(), BatchError> {
    if bad.is_empty() {
        Ok(())
    } else {
        Err(BatchError::Bad(bad))
    }
}

/// The scalars of a batch.
#[derive(Debug)]
struct Scalars {
    seed: blake2b_simd::Hash,
}

impl Scalars {
    /// Hashes everything that the batch says. All lengths are fixed or written down, so no two batches hash alike.
    fn of<const N: usize>(circuit: CircuitId, items: &[Item<'_, N>]) -> Self {
        let mut state = blake2b_simd::Params::new()
            .hash_length(64)
            .personal(b"Ofage-batch-v2--")
            .to_state();
        state.update(&circuit.0.to_le_bytes());
        state.update(&(items.len() as u64).to_le_bytes());
        for item in items {
            state.update(&(item.instances.len() as u64).to_le_bytes());
            for element in item.instances.iter().flatten() {
                state.update(&element.to_repr());
            }
            state.update(&(item.proof.len() as u64).to_le_bytes());
            state.update(item.proof);
        }
        Self {
            seed: state.finalize(),
        }
    }

    /// The scalar of the proof at a position.
    fn at(&self, index: usize) -> Fp {
        let hash = blake2b_simd::Params::new()
            .hash_length(64)
            .personal(b"Ofage-bscalar-v1")
            .to_state()
            .update(self.seed.as_bytes())
            .update(&(index as u64).to_le_bytes())
            .finalize();
        Fp::from_uniform_bytes(hash.as_array())
    }
}

#[cfg(test)]
mod tests;
