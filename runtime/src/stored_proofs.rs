//! Requests for admission with real proofs, for tests and benchmarks: proving takes long, and chance.
//!
//! They come from a file, which a test of the runtime writes when `OFAGE_REGENERATE=1` is set: needed when the circuit
//! changes. Holders ask a gate "18+" for one account each, against the same anchor: 32 with one issuer each, 16 with
//! as many issuers as can be, and one for each number between.

use alloc::vec::Vec;
use codec::{Decode, DecodeAll, Encode};
use ofage_primitives::{chain::AdmitRequest, Anchor, Day, GenesisHash, Policy};

/// Requests of one issuer in the file.
pub const REQUESTS: u32 = 32;

/// Requests of as many issuers as can be.
pub const JOINT_REQUESTS: u32 = 16;

/// Requests, and the chain on which they hold.
#[derive(Encode, Decode)]
pub struct StoredProofs {
    /// Names the chain.
    pub genesis: GenesisHash,
    /// What the gate asks, whose number is 0; but for the number of issuers, which is 1 here.
    pub policy: Policy,
    /// Length of its admissions, in days.
    pub admission_days: u16,
    /// A moment of the day of the requests, in milliseconds of Unix time.
    pub moment: u64,
    /// The requests by the number of their issuers, from 1 on; no two of one number share nullifier or account.
    pub requests: Vec<Vec<AdmitRequest>>,
}

impl StoredProofs {
    /// Reads the file.
    pub fn read() -> Self {
        const BYTES: &[u8] = include_bytes!("../fixtures/admissions.scale");
        let stored = Self::decode_all(&mut &BYTES[..]).expect(
            "a test writes the file, and another reads it: run the tests with OFAGE_REGENERATE=1; qed",
        );
        let counts: Vec<u32> = stored.requests.iter().map(|some| some.len() as u32).collect();
        assert_eq!(
            counts,
            [REQUESTS, 1, 1, JOINT_REQUESTS],
            "the file has all requests"
        );
        stored
    }

    /// What they were proved against.
    pub fn anchor(&self) -> Anchor {
        self.requests[0][0].anchor
    }

    /// The day for which they were proved.
    pub fn valid_on(&self) -> Day {
        self.requests[0][0].valid_on
    }
}
