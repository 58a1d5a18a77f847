//! Checks age proofs, one by one and in batches.
//!
//! Of the three parts of a decision this is the last: the caller has recomputed the public inputs from policy, anchor
//! and binding, and found them good; here is decided whether a proof proves the statement for them. In this order:
//!
//! 1. the circuit is known,
//! 2. the proof has exactly the length of that circuit's proofs for as many issuers, and every number in it is
//!    canonically encoded,
//! 3. the number of public inputs is right, and the issuers differ, which their types see to,
//! 4. the proof holds.
//!
//! halo2 alone takes a proof with bytes behind it, and inputs with zeros behind them; both are the way to a second
//! proof of the same thing, and so refused before halo2 sees them.
//!
//! A *joint proof* is one proof of the statement for each of several issuers. [`JointInputs`] are its public inputs: the
//! type has one nullifier, and so one secret, and different issuer tags in one order. That two issuers attested, and not
//! one twice, is in the type alone: a proof with an issuer twice would hold. Hence nothing here takes instances by
//! themselves.
//!
//! Nothing here panics on any input, uses randomness, or, unless asked to, starts a thread.

mod batch;
mod checker;
mod error;
mod ownership;
mod shape;

pub use error::{BadProof, BatchError, VerifyError};
pub use ownership::verify_ownership;

use batch::{Batch, Item};
use checker::Checker;
use codec::{DecodeAll, MaxEncodedLen};
use ofage_circuit::keys;
use ofage_primitives::{policy::MAX_ISSUERS, CircuitId, Fp, JointInputs, PublicInputs};
use std::sync::OnceLock;

/// What checks proofs about ages.
type AgeChecker = Checker<'static, { PublicInputs::COUNT }>;
/// A proof about an age.
type AgeItem<'p> = Item<'p, { PublicInputs::COUNT }>;
/// Many of them.
type AgeBatch<'b, 'p> = Batch<'b, 'static, 'p, { PublicInputs::COUNT }>;

/// What checks the proofs of circuit version 1, made once for the process.
static V1: OnceLock<AgeChecker> = OnceLock::new();

/// Verifies proofs of every circuit version that this software knows.
///
/// Cheap to make and to copy. The first one of a process builds the verifying key, which takes some dozens of
/// milliseconds; make one at start to have it done.
#[derive(Clone, Copy, Debug)]
pub struct Verifier {
    v1: &'static AgeChecker,
}

impl Verifier {
    /// A verifier, with the keys that the process has or now builds.
    pub fn new() -> Self {
        let v1 = V1.get_or_init(|| {
            Checker::new(
                CircuitId::V1,
                keys::params(),
                keys::verifying_key(),
                MAX_ISSUERS.into(),
            )
            .expect("parameters, key and number of inputs come from one circuit; qed")
        });
        Self { v1 }
    }

    /// Bytes of every proof of a circuit for one issuer.
    ///
    /// # Errors
    /// [`VerifyError::UnknownCircuit`].
    pub fn proof_length(&self, circuit: CircuitId) -> Result<usize, VerifyError> {
        self.joint_proof_length(circuit, 1)
    }

    /// Bytes of every proof of a circuit for so many issuers.
    ///
    /// # Errors
    /// [`VerifyError::UnknownCircuit`], and [`VerifyError::Inputs`] for none or more than
    /// [`MAX_ISSUERS`] issuers.
    pub fn joint_proof_length(&self, circuit: CircuitId, issuers: usize) -> Result<usize, VerifyError> {
        self.checker(circuit)?.proof_length(issuers)
    }

    /// Checks that `proof` proves the statement of `circuit` for `inputs`.
    ///
    /// # Errors
    /// The first check that failed.
    pub fn verify(&self, circuit: CircuitId, inputs: &PublicInputs, proof: &[u8]) -> Result<(), VerifyError> {
        self.checker(circuit)?.verify(&[inputs.to_fields()], proof)
    }

    /// Checks that `proof` proves the statement of `circuit` for each of the issuers of `inputs`.
    ///
    /// For one issuer it is [`verify`](Self::verify).
    ///
    /// # Errors
    /// The first check that failed.
    pub fn verify_joint(
        &self,
        circuit: CircuitId,
        inputs: &JointInputs,
        proof: &[u8],
    ) -> Result<(), VerifyError> {
        self.checker(circuit)?.verify(&fields(inputs), proof)
    }

    /// Checks many proofs of one circuit, in the calling thread and far faster than one by one.
    ///
    /// The answer is a function of the arguments: there is no randomness in it. Proofs that are bad spoil no others, but
    /// have to be searched for: a batch of bad ones only takes about a quarter longer than checking them singly.
    ///
    /// # Errors
    /// [`BatchError::Empty`], or [`BatchError::Bad`] with every bad proof and its reason.
    pub fn verify_batch(
        &self,
        circuit: CircuitId,
        proofs: &[(PublicInputs, &[u8])],
    ) -> Result<(), BatchError> {
        let items = proofs.iter().map(single_item).collect();
        self.check_batch(circuit, items, |batch| batch.verify())
    }

    /// As [`verify_batch`](Self::verify_batch), on up to `threads` threads.
    ///
    /// [`std::thread::available_parallelism`] is a good number of them. Not for host functions of a node.
    ///
    /// # Errors
    /// As [`verify_batch`](Self::verify_batch).
    #[cfg(not(target_family = "wasm"))]
    pub fn verify_batch_parallel(
        &self,
        circuit: CircuitId,
        proofs: &[(PublicInputs, &[u8])],
        threads: std::num::NonZeroUsize,
    ) -> Result<(), BatchError> {
        let items = proofs.iter().map(single_item).collect();
        self.check_batch(circuit, items, |batch| batch.verify_parallel(threads))
    }

    /// As [`verify_batch`](Self::verify_batch), for proofs of any number of issuers each, in any mixture.
    ///
    /// # Errors
    /// As [`verify_batch`](Self::verify_batch).
    pub fn verify_joint_batch(
        &self,
        circuit: CircuitId,
        proofs: &[(JointInputs, &[u8])],
    ) -> Result<(), BatchError> {
        let items = proofs.iter().map(joint_item).collect();
        self.check_batch(circuit, items, |batch| batch.verify())
    }

    /// As [`verify_joint_batch`](Self::verify_joint_batch), on up to `threads` threads.
    ///
    /// [`std::thread::available_parallelism`] is a good number of them. Not for host functions of a node.
    ///
    /// # Errors
    /// As [`verify_batch`](Self::verify_batch).
    #[cfg(not(target_family = "wasm"))]
    pub fn verify_joint_batch_parallel(
        &self,
        circuit: CircuitId,
        proofs: &[(JointInputs, &[u8])],
        threads: std::num::NonZeroUsize,
    ) -> Result<(), BatchError> {
        let items = proofs.iter().map(joint_item).collect();
        self.check_batch(circuit, items, |batch| batch.verify_parallel(threads))
    }

    /// What checks the proofs of a circuit.
    fn checker(&self, circuit: CircuitId) -> Result<&'static AgeChecker, VerifyError> {
        match circuit {
            CircuitId::V1 => Ok(self.v1),
            unknown => Err(VerifyError::UnknownCircuit(unknown)),
        }
    }

    /// Checks a batch; of an unknown circuit, all proofs are bad.
    fn check_batch(
        &self,
        circuit: CircuitId,
        items: Vec<AgeItem<'_>>,
        check: impl FnOnce(&AgeBatch<'_, '_>) -> Result<(), BatchError>,
    ) -> Result<(), BatchError> {
        if items.is_empty() {
            return Err(BatchError::Empty);
        }
        let checker = self.checker(circuit).map_err(|reason| {
            BatchError::Bad((0..items.len()).map(|index| BadProof { index, reason }).collect())
        })?;
        check(&Batch::new(checker, &items)?)
    }
}

/// The field elements of each statement.
fn fields(inputs: &JointInputs) -> Vec<[Fp; PublicInputs::COUNT]> {
    inputs.instances().map(|instance| instance.to_fields()).collect()
}

/// A proof for one issuer as field elements and bytes.
fn single_item<'p>((inputs, proof): &(PublicInputs, &'p [u8])) -> AgeItem<'p> {
    AgeItem {
        instances: vec![inputs.to_fields()],
        proof,
    }
}

/// A proof as field elements and bytes.
fn joint_item<'p>((inputs, proof): &(JointInputs, &'p [u8])) -> AgeItem<'p> {
    AgeItem {
        instances: fields(inputs),
        proof,
    }
}

impl Default for Verifier {
    fn default() -> Self {
        Self::new()
    }
}

/// Decodes public inputs that came as SCALE bytes: exactly one set, canonical, with nothing behind it.
///
/// # Errors
/// [`VerifyError::Inputs`].
pub fn decode_inputs(mut bytes: &[u8]) -> Result<PublicInputs, VerifyError> {
    // Every field has a fixed size, so there is but one length.
    if bytes.len() != PublicInputs::max_encoded_len() {
        return Err(VerifyError::Inputs);
    }
    PublicInputs::decode_all(&mut bytes).map_err(|_| VerifyError::Inputs)
}

/// Decodes the public inputs of a joint proof that came as SCALE bytes: exactly one set, canonical, with nothing behind it.
///
/// # Errors
/// [`VerifyError::Inputs`].
pub fn decode_joint_inputs(mut bytes: &[u8]) -> Result<JointInputs, VerifyError> {
    if bytes.len() > JointInputs::max_encoded_len() {
        return Err(VerifyError::Inputs);
    }
    JointInputs::decode_all(&mut bytes).map_err(|_| VerifyError::Inputs)
}

#[cfg(test)]
mod toy;
