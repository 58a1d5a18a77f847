//! Issuers that attest made-up people, as fast as they are asked to.

use ofage_primitives::{hash_to_field, Attestation, ShardIndex};
use ofage_runtime::{AccountId, RuntimeCall};
use pallet_age_registry::{Call, ShardChoice};

use crate::{scene::bounded, transactions::Signer};

/// Attestations in a full batch, which fills a shard.
pub(crate) const FULL: usize = ofage_primitives::tree::SHARD_CAPACITY as usize;

/// An issuer whose one key does everything.
pub(crate) struct Issuer {
    signer: Signer,
    /// Made-up people so far.
    people: u64,
}

impl Issuer {
    /// One that has not registered yet.
    pub(crate) fn new(signer: Signer) -> Self {
        Self { signer, people: 0 }
    }

    /// Its account.
    pub(crate) fn account(&self) -> AccountId {
        self.signer.account()
    }

    /// The nonce of its next transaction.
    pub(crate) fn nonce(&self) -> u32 {
        self.signer.nonce()
    }

    /// Registers.
    pub(crate) fn register(&mut self) -> Vec<u8> {
        let attester = self.account();
        self.sign(Call::register {
            metadata: bounded(b"an issuer".to_vec()),
            attester,
        })
    }

    /// Attests to a new shard.
    pub(crate) fn attest_next(&mut self, count: usize) -> Vec<u8> {
        self.attest(ShardChoice::Next, 0, count)
    }

    /// Attests to its open shard, of which it knows the length.
    pub(crate) fn attest_open(&mut self, shard: ShardIndex, start: u16, count: usize) -> Vec<u8> {
        self.attest(ShardChoice::Open(shard), start, count)
    }

    /// Closes its open shard.
    pub(crate) fn seal(&mut self) -> Vec<u8> {
        self.sign(Call::seal_shard {})
    }

    fn attest(&mut self, shard: ShardChoice, start: u16, count: usize) -> Vec<u8> {
        let leaves: Vec<Attestation> = (0..count).map(|_| self.somebody()).collect();
        self.sign(Call::attest {
            shard,
            start,
            leaves: bounded(leaves),
        })
    }

    /// An attestation, as random as real ones are: nothing of it can be compressed.
    fn somebody(&mut self) -> Attestation {
        self.people += 1;
        let account = self.account();
        Attestation::from_element(hash_to_field(
            b"a made-up attestation",
            &[account.as_ref(), &self.people.to_le_bytes()],
        ))
    }

    fn sign(&mut self, call: Call<ofage_runtime::Runtime>) -> Vec<u8> {
        self.signer.sign(RuntimeCall::AgeRegistry(call))
    }
}
