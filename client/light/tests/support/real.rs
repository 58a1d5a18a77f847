//! The bundles of a real chain, taken apart and put together otherwise with the keys of its validators, which are those of
//! development.

#![allow(dead_code)] // each of those that include this file takes a part

use codec::{Compact, Decode, Encode};
use ed25519_zebra::{SigningKey, VerificationKeyBytes};
use ofage_light::{
    Bundle, Checkpoint, Expected, Freshness, LightVerifier, Proven, Refusal, MAX_CHECKPOINT_AGE,
};
use ofage_primitives::Presentation;

/// Read when a test runs, so that the tests build where the files are to be made. Other crates beside this one use it, too.
pub(crate) fn file(name: &str) -> Vec<u8> {
    let path = format!("{}/../light/tests/real/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(crate) fn now() -> u64 {
    let now: serde_json::Value = serde_json::from_slice(&file("now.json")).unwrap();
    now["now"].as_u64().unwrap()
}

pub(crate) fn checkpoint() -> Checkpoint {
    Checkpoint::from_json(&file("checkpoint.json")).unwrap()
}

pub(crate) fn before() -> Bundle {
    Bundle::from_bytes(&file("before.ofab")).unwrap()
}

pub(crate) fn after() -> Bundle {
    Bundle::from_bytes(&file("after.ofab")).unwrap()
}

pub(crate) fn verifier() -> LightVerifier {
    LightVerifier::new(checkpoint(), Freshness::default(), now(), MAX_CHECKPOINT_AGE).unwrap()
}

/// What the app asked, which the presentation in the file answers.
pub(crate) fn expected(presentation: &Presentation) -> Expected {
    Expected::answer(
        checkpoint().genesis(),
        presentation.context.clone(),
        presentation.policy.clone(),
        presentation.binding.clone(),
        presentation.nonce,
        presentation.expires_at,
    )
}

pub(crate) fn decide(verifier: &mut LightVerifier, bundle: &Bundle) -> Result<Proven, Refusal> {
    verifier.verify(bundle, &expected(&bundle.presentation), now())
}

pub(crate) fn refusal(change: impl FnOnce(&mut Bundle)) -> Refusal {
    let mut bundle = after();
    change(&mut bundle);
    decide(&mut verifier(), &bundle).unwrap_err()
}

/// Number and hash of a header.
pub(crate) fn block(header: &[u8]) -> (u32, [u8; 32]) {
    let hash = blake2b_simd::Params::new().hash_length(32).hash(header);
    let number = Compact::<u32>::decode(&mut &header[32..]).unwrap().0;
    (number, hash.as_bytes().try_into().unwrap())
}

/// The development key `//NAME`, derived from the well-known phrase as the SDK does.
pub(crate) fn key(name: &str) -> SigningKey {
    const ROOT: &str = "fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e";
    let root: [u8; 32] = hex::decode(ROOT).unwrap().try_into().unwrap();
    let mut junction = [0; 32];
    let name = name.encode();
    junction[..name.len()].copy_from_slice(&name);
    let input = ("Ed25519HDKD", root, junction).encode();
    let seed = blake2b_simd::Params::new().hash_length(32).hash(&input);
    SigningKey::from(<[u8; 32]>::try_from(seed.as_bytes()).unwrap())
}

pub(crate) fn public(name: &str) -> [u8; 32] {
    VerificationKeyBytes::from(&key(name)).into()
}

/// A vote of one validator.
#[derive(Clone, Encode, Decode)]
pub(crate) struct Vote {
    pub(crate) hash: [u8; 32],
    pub(crate) number: u32,
    pub(crate) signature: [u8; 64],
    pub(crate) authority: [u8; 32],
}

/// A justification, taken apart.
#[derive(Clone, Encode, Decode)]
pub(crate) struct Votes {
    pub(crate) round: u64,
    pub(crate) hash: [u8; 32],
    pub(crate) number: u32,
    pub(crate) votes: Vec<Vote>,
}

impl Votes {
    /// The real one; here, every validator voted for the block itself, so no headers follow.
    pub(crate) fn of(justification: &[u8]) -> Self {
        let mut rest = justification;
        let votes = Self::decode(&mut rest).unwrap();
        assert_eq!(rest, [0]);
        votes
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.bytes_with(&[])
    }

    /// With headers that lead from votes to the block.
    pub(crate) fn bytes_with(&self, headers: &[Vec<u8>]) -> Vec<u8> {
        let count = Compact(u32::try_from(headers.len()).unwrap()).encode();
        [self.encode(), count, headers.concat()].concat()
    }

    /// Votes of some validators for a header, as the set with this number.
    pub(crate) fn cast(header: &[u8], set: u64, names: &[&str]) -> Self {
        let ((number, hash), round) = (block(header), 9u64);
        let message = (1u8, hash, number, round, set).encode();
        let votes = names.iter().map(|name| Vote {
            hash,
            number,
            signature: key(name).sign(&message).into(),
            authority: public(name),
        });
        Self {
            round,
            hash,
            number,
            votes: votes.collect(),
        }
    }
}

/// The header, with another state root: a block of a fork at the same height.
pub(crate) fn fork(header: &[u8]) -> Vec<u8> {
    let mut header = header.to_vec();
    let behind_number = 32 + Compact(block(&header).0).encoded_size();
    header[behind_number] ^= 1;
    header
}

/// A header of the block after another one, otherwise the same.
pub(crate) fn child(parent: &[u8]) -> Vec<u8> {
    let (number, hash) = block(parent);
    let behind_number = 32 + Compact(number).encoded_size();
    [&hash, &Compact(number + 1).encode()[..], &parent[behind_number..]].concat()
}
