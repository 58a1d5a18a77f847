//! Headers that enough authorities signed, whatever they hold.

use crate::{
    chain::{change, consensus, hash, header, header_with, just_enough, justify, our_digest},
    follower, number_of, AUTHORITIES, SET,
};
use ofage_light::Handoff;

/// Headers as the chain makes them, with and without a change of authorities.
pub fn seeds() -> Vec<Vec<u8>> {
    vec![
        header(120, &[]),
        header(120, &[change(1, &[5, 6, 7], 1, 0)]),
        header(120, &[change(2, &[5], 1, 0)]),
        header_with([1; 32], 1 << 30, &[our_digest(7), consensus(*b"BABE", vec![3])]),
    ]
}

/// Signs the bytes, and takes them as a final header and as a handoff.
///
/// # Panics
/// When the header is not the one that was signed, or the follower goes another way than forward by one set.
pub fn check(bytes: &[u8]) {
    // What is no header at all is refused before its signatures are looked at.
    let number = number_of(bytes).unwrap_or(0);
    let justification = justify(bytes, number, SET, just_enough(&AUTHORITIES));
    let mut follower = follower();
    let before = follower.clone();
    let finalized = follower.finalized(bytes, &justification);
    if let Ok(header) = &finalized {
        assert_eq!((header.number(), header.hash()), (number, hash(bytes)));
    }
    let handoff = Handoff {
        header: bytes.to_vec(),
        justification,
    };
    match follower.advance(&handoff) {
        Ok(_) => {
            assert!(finalized.is_ok(), "a header hands over that is not final");
            assert_eq!((follower.set().id(), follower.since()), (SET + 1, number));
        }
        Err(_) => assert_eq!(follower, before),
    }
}
