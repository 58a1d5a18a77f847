//! Handoffs as strangers send them: a header and a justification behind it.

use crate::{chain::handoff, follower, AUTHORITIES, SET};
use codec::{Decode, Encode};
use ofage_light::{AuthoritySet, Follower, Handoff};

/// One handoff, and two.
pub fn seeds() -> Vec<Vec<u8>> {
    let first = pair(handoff(110, SET, &AUTHORITIES, &[2, 3, 4, 5]));
    let second = pair(handoff(130, SET + 1, &[3, 4, 5], &[6]));
    let seeds = vec![vec![first.clone()].encode(), vec![first, second].encode()];
    assert_eq!([follow(&seeds[0]), follow(&seeds[1])], [1, 2], "seeds are good");
    seeds
}

/// Follows the handoffs.
///
/// # Panics
/// When a refused one leaves a trace, or one that is taken does not go forward by one set.
pub fn check(bytes: &[u8]) {
    follow(bytes);
}

/// How many are taken.
fn follow(bytes: &[u8]) -> usize {
    let handoffs = Vec::<(Vec<u8>, Vec<u8>)>::decode(&mut &bytes[..]).unwrap_or_default();
    let mut follower = follower();
    let mut taken = 0;
    for (header, justification) in handoffs {
        let before = follower.clone();
        match follower.advance(&Handoff {
            header,
            justification,
        }) {
            Ok(_) => {
                forward(&before, &follower);
                taken += 1;
            }
            Err(_) => assert_eq!(follower, before),
        }
    }
    taken
}

fn forward(before: &Follower, after: &Follower) {
    assert_eq!(after.set().id(), before.set().id() + 1);
    assert!(after.since() > before.since());
    let keys = after.set().keys().to_vec();
    assert!(AuthoritySet::new(after.set().id(), keys).is_ok());
}

fn pair(handoff: Handoff) -> (Vec<u8>, Vec<u8>) {
    (handoff.header, handoff.justification)
}
