//! The light client is a [`TestNode`] that answers in SCALE; another one serves leaves, and may lie.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
};

use codec::{Decode, DecodeAll, Encode};
use futures::executor::block_on;
use ofage_primitives::LeafIndex;

use super::*;
use crate::retrieval::{
    retrieve,
    tests::{Lie, TestNode, GENESIS},
    RetrievalError, Retrieved, Standing, Wanted,
};

const HEAD: u32 = 300;
const COVER: [u32; 3] = [4, 9, 17];

/// Proves what a node would only tell.
struct Computed {
    node: TestNode,
    is_forked: AtomicBool,
}

impl Computed {
    fn new() -> Self {
        Self {
            node: TestNode::uniform(HEAD, 30),
            is_forked: AtomicBool::new(false),
        }
    }
}

fn arguments<A: Decode>(mut bytes: &[u8]) -> A {
    A::decode_all(&mut bytes).unwrap()
}

impl RuntimeCalls for Computed {
    async fn runtime_call(&self, at: BlockPoint, method: &str, bytes: &[u8]) -> Result<Vec<u8>, ChainError> {
        let node = &self.node;
        Ok(match method {
            "AgeRegistryApi_cap_row" => {
                let (level, from, count) = arguments(bytes);
                node.cap_row(at, level, from, count).await?.encode()
            }
            "AgeRegistryApi_shard" => node.shard(at, arguments(bytes)).await?.encode(),
            "AgeRegistryApi_shards" => {
                let (from, count) = arguments(bytes);
                node.shards(at, from, count).await?.encode()
            }
            "AgeRegistryApi_next_ids" => (6u32, node.list_count(at).await?, 0u32).encode(),
            "AgeRegistryApi_trust_list" => node.trust_list(at, arguments(bytes)).await?.encode(),
            "AgeRegistryApi_anchor_status" => {
                let (list, anchor) = arguments(bytes);
                node.anchor_status(at, list, anchor).await?.encode()
            }
            other => panic!("nobody asks for {other}"),
        })
    }
}

impl LightClient for Computed {
    fn genesis(&self) -> GenesisHash {
        GENESIS
    }

    async fn newest(&self) -> Result<BlockPoint, ChainError> {
        self.node.finalized().await
    }

    async fn final_block(&self, number: u32) -> Result<BlockPoint, ChainError> {
        self.node.block(number).await
    }

    async fn final_root(&self, number: u32) -> Result<(BlockPoint, RegistryRoot), ChainError> {
        let mut block = self.node.point(number);
        let root = self.node.header_root(block).await?;
        if self.is_forked.load(Ordering::Relaxed) {
            block.hash = H256([9; 32]);
        }
        Ok((block, root))
    }
}

type TestSource = LightSource<Computed, TestNode>;

fn source(lie: Option<Lie>) -> TestSource {
    let mut leaves = TestNode::uniform(HEAD, 30);
    leaves.lie = lie;
    LightSource::new(Arc::new(Computed::new()), leaves).unwrap_or_else(|error| panic!("{error}"))
}

fn wanted(node: &TestNode, shard: u32) -> Wanted {
    let held = &node.shards[&shard];
    Wanted {
        issuer: held.issuer,
        shard: ShardIndex(shard),
        leaf: LeafIndex(3),
        attestation: held.leaves[3],
    }
}

fn run<S: Source>(source: &S, wanted: &[Wanted]) -> Result<Retrieved, RetrievalError> {
    let shards: BTreeSet<ShardIndex> = COVER.map(ShardIndex).into();
    block_on(async {
        let at = source.finalized().await?;
        retrieve(source, at, &shards, &BTreeSet::new(), wanted, &mut |_, _| ()).await
    })
}

#[test]
fn finds_what_a_trusted_node_would_give() {
    let source = source(None);
    let place = wanted(&source.light.node, 9);
    let by_light = run(&source, &[place]).unwrap_or_else(|error| panic!("{error}"));
    let by_node = run(&source.light.node, &[place]).unwrap_or_else(|error| panic!("{error}"));
    assert!(matches!(by_light.standings[0], Standing::Good(_)));
    assert!(by_light.standings == by_node.standings);
    assert!(by_light.root == by_node.root && by_light.lists == by_node.lists);
    assert!(!by_light.lists.is_empty());
}

#[test]
fn asks_for_the_same_as_of_a_trusted_node_whatever_is_wanted() {
    let alone = TestNode::uniform(HEAD, 30);
    run(&alone, &[wanted(&alone, 9)]).unwrap_or_else(|error| panic!("{error}"));
    let (leaves, proved): (Vec<_>, Vec<_>) = alone
        .asked()
        .into_iter()
        .partition(|request| request.contains(" leaves "));
    for shard in COVER {
        let source = source(None);
        run(&source, &[wanted(&source.light.node, shard)]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(source.light.node.asked(), proved);
        assert_eq!(
            source.leaves.asked(),
            leaves,
            "the node sees shards, and nothing else"
        );
    }
}

#[test]
fn an_anchor_is_asked_about_in_the_runtimes_encoding() {
    let source = source(None);
    let at = source.light.node.point(HEAD);
    let list = TrustListId(0);
    let retrieved = run(&source, &[]).unwrap_or_else(|error| panic!("{error}"));
    let anchor = Anchor {
        block: HEAD,
        registry_root: retrieved.root,
        trust_list_root: retrieved.lists[&list].root,
    };
    assert_eq!(block_on(source.anchor_status(at, list, anchor)).unwrap(), Ok(()));
    source.light.node.ended.lock().unwrap().insert(list);
    assert!(block_on(source.anchor_status(at, list, anchor)).unwrap().is_err());
}

mod rejects {
    use super::*;

    #[test]
    fn leaves_that_do_not_give_the_proved_root() {
        let shard = ShardIndex(COVER[1]);
        for lie in [
            Lie::Leaf(shard),
            Lie::ShortShard(shard),
            Lie::OtherShard(shard),
            Lie::FewerShards,
        ] {
            let source = source(Some(lie));
            // Also when the spoilt shard is only a decoy.
            for real in COVER {
                let outcome = run(&source, &[wanted(&source.light.node, real)]);
                assert!(matches!(
                    outcome.err(),
                    Some(RetrievalError::Chain(ChainError::Inconsistent(_)))
                ));
            }
        }
    }

    #[test]
    fn a_node_of_another_chain_for_leaves() {
        struct Elsewhere(Computed);
        impl RuntimeCalls for Elsewhere {
            async fn runtime_call(&self, at: BlockPoint, m: &str, a: &[u8]) -> Result<Vec<u8>, ChainError> {
                self.0.runtime_call(at, m, a).await
            }
        }
        impl LightClient for Elsewhere {
            fn genesis(&self) -> GenesisHash {
                GenesisHash([8; 32])
            }
            async fn newest(&self) -> Result<BlockPoint, ChainError> {
                self.0.newest().await
            }
            async fn final_block(&self, number: u32) -> Result<BlockPoint, ChainError> {
                self.0.final_block(number).await
            }
            async fn final_root(&self, number: u32) -> Result<(BlockPoint, RegistryRoot), ChainError> {
                self.0.final_root(number).await
            }
        }
        let light = Arc::new(Elsewhere(Computed::new()));
        let refused = LightSource::new(light, TestNode::uniform(HEAD, 3)).err();
        let Some(ChainError::LeavesNode(inner)) = refused else {
            panic!("a node of another chain was taken");
        };
        assert!(matches!(*inner, ChainError::OtherChain { .. }));
    }

    #[test]
    fn a_block_that_is_not_the_final_one_of_its_number() {
        let source = source(None);
        source.light.is_forked.store(true, Ordering::Relaxed);
        assert!(matches!(
            run(&source, &[]).err(),
            Some(RetrievalError::Chain(ChainError::Inconsistent(
                "a block that is not final"
            )))
        ));
    }
}
