//! Justifications of one header: any bytes, and votes that are really signed.

use crate::{
    chain::{hash, header, header_with, just_enough, justify, justify_votes, our_digest},
    follower, AUTHORITIES, SET,
};
use std::collections::BTreeSet;

/// The block at hand.
const NUMBER: u32 = 120;
/// First byte of inputs that say who votes for what; others are justifications.
const VOTES: u8 = 0xff;
/// Most votes that are signed for an input: signing is what takes the time.
const MAX_VOTES: usize = 8;

/// Justifications with just enough votes, with votes for a child, with too few, and orders for votes.
pub fn seeds() -> Vec<Vec<u8>> {
    let block = header(NUMBER, &[]);
    let child = child(&block);
    let votes = [
        (1, &block[..], NUMBER),
        (2, &block[..], NUMBER),
        (3, &child[..], NUMBER + 1),
    ];
    vec![
        justify(&block, NUMBER, SET, just_enough(&AUTHORITIES)),
        justify(&block, NUMBER, SET, &AUTHORITIES),
        justify(&block, NUMBER, SET, &[1]),
        justify_votes((&block, NUMBER), SET, &votes, std::slice::from_ref(&child)),
        vec![VOTES, 0, 1, 2],
        vec![VOTES, 0, 1, 0x42],
        vec![VOTES, 0, 1, 0x82, 0xc3, 3, 3, 4],
        vec![VOTES, 0x60, 1, 0x7e, 0x49],
    ]
}

/// Takes the bytes as a justification, or as an order to make one.
///
/// # Panics
/// When they make the block final without more than two thirds of the authorities, or do not though all is well.
pub fn check(bytes: &[u8]) {
    let block = header(NUMBER, &[]);
    match bytes.split_first() {
        Some((&VOTES, orders)) => votes(&block, orders),
        _ => {
            let _ = follower().finalized(&block, bytes);
        }
    }
}

/// Each order is a byte: the lower half of it names the voter, who may be a stranger; the upper two bits say for what.
fn votes(block: &[u8], orders: &[u8]) {
    let (child, fork) = (child(block), header_with([9; 32], NUMBER, &[our_digest(NUMBER)]));
    let votes: Vec<_> = orders
        .iter()
        .take(MAX_VOTES)
        .map(|order| {
            let voter = 1 + (order & 0x0f) % 6;
            match order >> 6 {
                1 => (voter, &child[..], NUMBER + 1),
                2 => (voter, &fork[..], NUMBER),
                // The right block, at another height.
                3 => (voter, block, NUMBER + 1),
                _ => (voter, block, NUMBER),
            }
        })
        .collect();
    let for_child = votes.iter().filter(|vote| vote.1 == child).count();
    let between = if for_child > 0 {
        vec![child.clone()]
    } else {
        vec![]
    };
    let justification = justify_votes((block, NUMBER), SET, &votes, &between);
    let is_final = follower().finalized(block, &justification).is_ok();

    let voters: BTreeSet<u8> = votes.iter().map(|vote| vote.0).collect();
    let is_good = votes.iter().all(|vote| {
        AUTHORITIES.contains(&vote.0)
            && [(block, NUMBER), (&child[..], NUMBER + 1)].contains(&(vote.1, vote.2))
    });
    let once = voters.len() == votes.len();
    let enough = just_enough(&AUTHORITIES).len();
    // With enough votes for the child, the child is what the votes finalize, and what their justification has to name.
    let is_highest = for_child < enough;
    assert_eq!(
        is_final,
        is_good && once && voters.len() >= enough && is_highest,
        "{orders:?}"
    );
}

fn child(block: &[u8]) -> Vec<u8> {
    header_with(hash(block), NUMBER + 1, &[our_digest(NUMBER + 1)])
}
