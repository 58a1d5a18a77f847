//! A chain of signed headers made here.
#![allow(dead_code)] // each of those that include this file takes a part

use codec::{Compact, Encode};
use ed25519_zebra::{SigningKey, VerificationKeyBytes};
use ofage_light::{AuthoritySet, Handoff};
use ofage_primitives::{
    chain::{RootDigest, ENGINE_ID},
    Element, RegistryRoot,
};

pub(crate) const ROUND: u64 = 7;
/// State root of headers whose state nobody looks at.
pub(crate) const NO_STATE: [u8; 32] = [2; 32];

pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from([seed; 32])
}

pub(crate) fn public(seed: u8) -> [u8; 32] {
    VerificationKeyBytes::from(&key(seed)).into()
}

pub(crate) fn set(id: u64, seeds: &[u8]) -> AuthoritySet {
    AuthoritySet::new(id, seeds.iter().copied().map(public).collect()).unwrap()
}

pub(crate) fn hash(bytes: &[u8]) -> [u8; 32] {
    let hash = blake2b_simd::Params::new().hash_length(32).hash(bytes);
    hash.as_bytes().try_into().unwrap()
}

pub(crate) fn root(number: u32) -> RegistryRoot {
    RegistryRoot::from_element(Element::from_u64(u64::from(number)))
}

/// Slot of a block.
pub(crate) fn slot(number: u32) -> u64 {
    1_000 + u64::from(number)
}

pub(crate) fn consensus(engine: [u8; 4], data: Vec<u8>) -> Vec<u8> {
    (4u8, engine, data).encode()
}

pub(crate) fn our_digest(number: u32) -> Vec<u8> {
    consensus(ENGINE_ID, RootDigest::V1(root(number)).encode())
}

/// Announces a set, with a weight for each and a delay.
pub(crate) fn change(kind: u8, seeds: &[u8], weight: u64, delay: u32) -> Vec<u8> {
    let authorities: Vec<([u8; 32], u64)> = seeds.iter().map(|seed| (public(*seed), weight)).collect();
    let mut data = vec![kind];
    if kind == 2 {
        data.extend(0u32.encode());
    }
    data.extend((authorities, delay).encode());
    consensus(*b"FRNK", data)
}

/// A header with a state, a slot and further items.
pub(crate) fn header_of(parent: [u8; 32], number: u32, state_root: [u8; 32], items: &[Vec<u8>]) -> Vec<u8> {
    let slot = (6u8, *b"BABE", (2u8, 0u32, slot(number)).encode()).encode();
    let mut bytes = (parent, Compact(number), state_root, [3u8; 32]).encode();
    bytes.extend(Compact(1 + items.len() as u32).encode());
    bytes.extend(slot);
    bytes.extend(items.concat());
    bytes
}

/// A header with a slot and further items.
pub(crate) fn header_with(parent: [u8; 32], number: u32, items: &[Vec<u8>]) -> Vec<u8> {
    header_of(parent, number, NO_STATE, items)
}

pub(crate) fn header(number: u32, more: &[Vec<u8>]) -> Vec<u8> {
    header_with([1; 32], number, &[&[our_digest(number)], more].concat())
}

/// What an authority signs when it votes for a block.
pub(crate) fn vote(block: &[u8], number: u32, set_id: u64) -> Vec<u8> {
    (1u8, hash(block), number, ROUND, set_id).encode()
}

/// The votes of some authorities for blocks, for a block that they say is final.
pub(crate) fn justify_votes(
    target: (&[u8], u32),
    set_id: u64,
    votes: &[(u8, &[u8], u32)],
    between: &[Vec<u8>],
) -> Vec<u8> {
    let mut bytes = (ROUND, hash(target.0), target.1, Compact(votes.len() as u32)).encode();
    for (seed, block, number) in votes {
        let signature: [u8; 64] = key(*seed).sign(&vote(block, *number, set_id)).into();
        bytes.extend((hash(block), number, signature, public(*seed)).encode());
    }
    bytes.extend(Compact(between.len() as u32).encode());
    bytes.extend(between.concat());
    bytes
}

pub(crate) fn justify(block: &[u8], number: u32, set_id: u64, seeds: &[u8]) -> Vec<u8> {
    let votes: Vec<_> = seeds.iter().map(|seed| (*seed, block, number)).collect();
    justify_votes((block, number), set_id, &votes, &[])
}

/// A handoff by the set `id` of `old` at block `number`, to `new`.
pub(crate) fn handoff(number: u32, id: u64, old: &[u8], new: &[u8]) -> Handoff {
    let header = header(number, &[change(1, new, 1, 0)]);
    let justification = justify(&header, number, id, old);
    Handoff {
        header,
        justification,
    }
}

/// As few of some authorities as make a block final.
pub(crate) fn just_enough(seeds: &[u8]) -> &[u8] {
    &seeds[..seeds.len() * 2 / 3 + 1]
}
