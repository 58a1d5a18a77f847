//! A node that tells the truth, and nodes that lie.

use std::{
    future,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

use ofage_light::{AuthoritySet, ProofError};

use super::*;
use scene::{Scene, FIRST_SET, GENESIS, PROVED};

#[path = "../../../light/tests/support/chain.rs"]
mod chain;
mod real;
#[path = "../../../light/tests/support/scene.rs"]
mod scene;
#[path = "../../../light/tests/support/trie.rs"]
mod trie;

const VALIDATORS: u8 = 3;
const SEEDS: [u8; VALIDATORS as usize] = [1, 2, 3];

/// A node, with whatever it says instead of the truth.
struct Node {
    genesis: GenesisHash,
    parts: BundleParts,
    head: Authorities,
    /// Gives the handoffs from a set on.
    pages: Box<dyn Fn(u64, u32) -> Handoffs + Sync>,
    /// Pages that were asked for.
    asked: AtomicU32,
}

impl Node {
    fn honest(scene: &Scene) -> Self {
        Self::that_gave(scene.bundle.clone(), FIRST_SET)
    }

    /// As it was when it gave a bundle, whose handoffs begin with this set's.
    fn that_gave(bundle: Bundle, first_set: u64) -> Self {
        let set = first_set + bundle.handoffs.len() as u64;
        Self {
            genesis: bundle.genesis,
            parts: BundleParts {
                set,
                header: bundle.header.clone(),
                justification: bundle.justification.clone(),
                proof: bundle.proof,
            },
            head: Authorities {
                set,
                header: bundle.header,
                justification: bundle.justification,
            },
            pages: pages(bundle.handoffs, first_set),
            asked: AtomicU32::new(0),
        }
    }

    fn asked(&self) -> u32 {
        self.asked.load(Relaxed)
    }
}

/// Pages of handoffs that begin with a set's.
fn pages(all: Vec<Handoff>, first_set: u64) -> Box<dyn Fn(u64, u32) -> Handoffs + Sync> {
    Box::new(move |first, limit| Handoffs {
        first,
        handoffs: all
            .iter()
            .skip((first - first_set) as usize)
            .take(limit as usize)
            .cloned()
            .collect(),
    })
}

impl Parts for Node {
    fn genesis(&self) -> GenesisHash {
        self.genesis
    }

    async fn bundle_parts(&self, _: AnchorClaim) -> Result<BundleParts, LightError> {
        Ok(self.parts.clone())
    }

    async fn handoffs(&self, first: u64, limit: u32) -> Result<Handoffs, LightError> {
        self.asked.fetch_add(1, Relaxed);
        Ok((self.pages)(first, limit))
    }

    async fn authorities(&self) -> Result<Authorities, LightError> {
        Ok(self.head.clone())
    }
}

async fn fetch(node: &Node, scene: &Scene) -> Result<Bundle, LightError> {
    bundle(node, &scene.bundle.presentation, &scene.checkpoint, scene.now).await
}

#[tokio::test]
async fn what_an_honest_node_says_becomes_a_bundle_and_a_newer_checkpoint() {
    for handoffs in [0, 1, 64, 65, 130] {
        let scene = Scene::new(VALIDATORS, handoffs, 20);
        let node = Node::honest(&scene);
        assert_eq!(fetch(&node, &scene).await.unwrap(), scene.bundle);
        assert_eq!(node.asked(), handoffs.div_ceil(HANDOFFS_AT_ONCE));
        let newest = advance(&node, &scene.checkpoint).await.unwrap();
        assert_eq!(newest.number(), PROVED);
        assert_eq!(newest.set().id(), FIRST_SET + u64::from(handoffs));
        // From there, nothing is newer.
        assert_eq!(advance(&node, &newest).await.unwrap(), newest);
    }
}

#[tokio::test]
async fn a_node_may_give_few_handoffs_at_a_time() {
    let scene = Scene::new(VALIDATORS, 5, 20);
    let mut node = Node::honest(&scene);
    let all = pages(scene.bundle.handoffs.clone(), FIRST_SET);
    node.pages = Box::new(move |first, _| all(first, 2));
    assert_eq!(fetch(&node, &scene).await.unwrap(), scene.bundle);
    assert_eq!(node.asked(), 3);
}

#[tokio::test]
async fn a_newest_block_that_hands_over_makes_a_checkpoint_that_goes_on() {
    let scene = Scene::new(VALIDATORS, 2, 20);
    let mut node = Node::honest(&scene);
    let last = scene.bundle.handoffs[1].clone();
    node.head = Authorities {
        set: FIRST_SET + 1,
        header: last.header,
        justification: last.justification,
    };
    let there = advance(&node, &scene.checkpoint).await.unwrap();
    assert_eq!(there.set().id(), FIRST_SET + 2);
    // The node still says that an older set signed its newest block.
    assert_eq!(advance(&node, &there).await.unwrap(), there);
    node.head = Node::honest(&scene).head;
    assert_eq!(advance(&node, &there).await.unwrap().number(), PROVED);
}

mod refuses {
    use super::*;

    #[tokio::test]
    async fn another_chain() {
        let scene = Scene::new(VALIDATORS, 1, 20);
        let mut node = Node::honest(&scene);
        node.genesis = GenesisHash([8; 32]);
        let other = |error| matches!(error, LightError::Chain(ChainError::OtherChain { .. }));
        assert!(other(fetch(&node, &scene).await.unwrap_err()));
        assert!(other(advance(&node, &scene.checkpoint).await.unwrap_err()));
    }

    #[tokio::test]
    async fn to_wait_for_ever() {
        let never = future::pending::<Result<(), LightError>>();
        let late = within(Duration::ZERO, never).await.unwrap_err();
        assert!(matches!(late, LightError::Late(0)));
    }

    #[tokio::test]
    async fn handoffs_that_are_kept_back() {
        let scene = Scene::new(VALIDATORS, 70, 20);
        let mut node = Node::honest(&scene);
        // The second page is empty.
        let all = pages(scene.bundle.handoffs[..64].to_vec(), FIRST_SET);
        node.pages = Box::new(all);
        assert!(matches!(fetch(&node, &scene).await, Err(LightError::Stuck)));
        assert_eq!(node.asked(), 2);
    }

    #[tokio::test]
    async fn handoffs_of_other_sets_than_those_asked_for() {
        let scene = Scene::new(VALIDATORS, 3, 20);
        let mut node = Node::honest(&scene);
        let all = pages(scene.bundle.handoffs.clone(), FIRST_SET);
        node.pages = Box::new(move |first, limit| Handoffs {
            first: first + 1,
            ..all(first, limit)
        });
        assert!(matches!(fetch(&node, &scene).await, Err(LightError::Stuck)));

        let mut skipped = scene.bundle.handoffs.clone();
        skipped.remove(0);
        node.pages = pages(skipped, FIRST_SET);
        assert!(matches!(fetch(&node, &scene).await, Err(LightError::Handoff(_))));
    }

    #[tokio::test]
    async fn more_handoffs_than_a_page_holds() {
        let scene = Scene::new(VALIDATORS, 65, 20);
        let mut node = Node::honest(&scene);
        let all = pages(scene.bundle.handoffs.clone(), FIRST_SET);
        node.pages = Box::new(move |first, _| all(first, 65));
        assert!(matches!(fetch(&node, &scene).await, Err(LightError::Stuck)));
    }

    #[tokio::test]
    async fn made_up_handoffs_at_the_first_of_them() {
        let scene = Scene::new(VALIDATORS, 200, 20);
        let mut node = Node::honest(&scene);
        // Each follows from the one before, but for the first: its signers are strangers.
        let strangers = [11, 12, 13];
        node.pages = Box::new(move |first, limit| Handoffs {
            first,
            handoffs: (first..first + u64::from(limit))
                .map(|set| chain::handoff(200 + set as u32, set, &strangers, &strangers))
                .collect(),
        });
        for error in [
            fetch(&node, &scene).await.unwrap_err(),
            advance(&node, &scene.checkpoint).await.unwrap_err(),
        ] {
            assert!(matches!(error, LightError::Handoff(FinalityError::Signature)));
        }
        assert_eq!(node.asked(), 2, "one page each");
    }

    #[tokio::test]
    async fn to_go_on_for_ever_even_with_those_who_sign_whatever_is_wanted() {
        let scene = Scene::new(VALIDATORS, 0, 20);
        let mut node = Node::honest(&scene);
        node.head.set = u64::MAX;
        node.parts.set = u64::MAX;
        node.pages = Box::new(|first, _| Handoffs {
            first,
            handoffs: vec![chain::handoff(200 + first as u32, first, &SEEDS, &SEEDS)],
        });
        // A bundle of so many is not begun.
        let far = fetch(&node, &scene).await;
        assert!(matches!(far, Err(LightError::FarBehind(MAX_HANDOFFS))));
        assert_eq!(node.asked(), 0);
        let far = advance(&node, &scene.checkpoint).await;
        assert!(matches!(far, Err(LightError::FarBehind(MAX_ADVANCE))));
    }

    #[tokio::test]
    async fn a_node_that_knows_less_than_the_checkpoint() {
        let scene = Scene::new(VALIDATORS, 2, 20);
        let mut node = Node::honest(&scene);
        node.parts.set = FIRST_SET - 1;
        node.head.set = FIRST_SET - 1;
        assert!(matches!(fetch(&node, &scene).await, Err(LightError::NodeBehind)));
        let behind = advance(&node, &scene.checkpoint).await;
        assert!(matches!(behind, Err(LightError::NodeBehind)));
    }

    #[tokio::test]
    async fn a_block_that_another_set_signed() {
        let scene = Scene::new(VALIDATORS, 2, 20);
        let mut node = Node::honest(&scene);
        node.parts.set -= 1;
        node.head.set -= 1;
        let not_final = |error| matches!(error, LightError::Refused(Refusal::NotFinal(_)));
        assert!(not_final(fetch(&node, &scene).await.unwrap_err()));
        assert!(not_final(advance(&node, &scene.checkpoint).await.unwrap_err()));
    }

    #[tokio::test]
    async fn a_block_that_is_cut_off_or_altered() {
        let scene = Scene::new(VALIDATORS, 1, 20);
        for part in 0..2 {
            let mut node = Node::honest(&scene);
            let bytes = [&mut node.parts.header, &mut node.parts.justification];
            let [header, justification] = bytes;
            let altered = if part == 0 { header } else { justification };
            altered.pop();
            let refused = fetch(&node, &scene).await.unwrap_err();
            assert!(
                matches!(refused, LightError::Refused(Refusal::NotFinal(_))),
                "{refused}"
            );
        }
    }

    #[tokio::test]
    async fn an_old_block_and_one_of_the_future() {
        let scene = Scene::new(VALIDATORS, 1, 20);
        let node = Node::honest(&scene);
        let at = |now| bundle(&node, &scene.bundle.presentation, &scene.checkpoint, now);
        let late = at(scene.now + MAX_STATE_AGE).await;
        assert!(matches!(late, Err(LightError::Refused(Refusal::Stale { .. }))));
        let early = at(scene.now - 600).await;
        assert!(matches!(early, Err(LightError::Refused(Refusal::FromFuture))));
    }

    #[tokio::test]
    async fn a_proof_of_another_state_and_one_that_is_cut_off() {
        let scene = Scene::new(VALIDATORS, 1, 20);
        let mut node = Node::honest(&scene);
        let keys = AnchorClaim::of(&scene.bundle.presentation).keys();
        node.parts.proof = Scene::new(VALIDATORS, 1, 30).state.proof(&keys);
        let refused = fetch(&node, &scene).await.unwrap_err();
        let other = LightError::Refused(Refusal::State(ProofError::OtherState));
        assert_eq!(refused.to_string(), other.to_string());

        node.parts.proof = scene.state.proof(&keys[..2]);
        let refused = fetch(&node, &scene).await.unwrap_err();
        let missing = LightError::Refused(Refusal::State(ProofError::Missing));
        assert_eq!(refused.to_string(), missing.to_string());
    }

    #[tokio::test]
    async fn a_chain_that_goes_on_from_other_authorities_than_the_checkpoints() {
        let scene = Scene::new(VALIDATORS, 1, 20);
        let node = Node::honest(&scene);
        let set: AuthoritySet = chain::set(FIRST_SET, &[4, 5, 6]);
        let of_others = Checkpoint::new(GENESIS, 100, [5; 32], set, Some(1)).unwrap();
        let refused = advance(&node, &of_others).await.unwrap_err();
        assert!(matches!(refused, LightError::Handoff(_)));
    }

    #[tokio::test]
    async fn made_up_authorities_also_at_the_newest_block() {
        let scene = Scene::new(VALIDATORS, 2, 20);
        let mut node = Node::honest(&scene);
        let newest = advance(&node, &scene.checkpoint).await.unwrap();
        let set = chain::set(newest.set().id(), &[4, 5, 6]);
        let (number, hash) = (newest.number(), newest.hash());
        let made_up = Checkpoint::new(GENESIS, number, hash, set, newest.time()).unwrap();
        // As long as nothing is newer, nobody can tell: also not of the true one.
        for checkpoint in [&newest, &made_up] {
            let open = newer(&node, checkpoint, Duration::ZERO).await;
            assert!(matches!(open, Err(LightError::NotYet(_))));
        }
        let header = chain::header(number + 1, &[]);
        node.head.justification = chain::justify(&header, number + 1, node.head.set, &SEEDS);
        node.head.header = header;
        let later = newer(&node, &newest, Duration::ZERO).await.unwrap();
        assert_eq!(later.number(), number + 1);
        let refused = newer(&node, &made_up, Duration::ZERO).await.unwrap_err();
        assert!(matches!(refused, LightError::Refused(Refusal::NotFinal(_))));
    }
}
