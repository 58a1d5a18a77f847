//! Retrieval from a node in memory, which remembers what it was asked and can lie.

use super::{cap::CUT, *};
use ofage_primitives::{
    chain::{AnchorError, ShardInfo, TrustListInfo},
    poseidon,
    tree::Frontier,
    Anchor, NativeHasher, ShardRoot,
};
use std::sync::Mutex;
use subxt::config::substrate::H256;

pub(crate) const GENESIS: GenesisHash = GenesisHash([7; 32]);

/// A shard of the node.
#[derive(Clone)]
pub(crate) struct TestShard {
    pub(crate) issuer: IssuerIndex,
    pub(crate) leaves: Vec<Attestation>,
    pub(crate) revoked: bool,
}

/// What the node does wrong.
#[derive(Clone, Copy)]
pub(crate) enum Lie {
    /// Another leaf at a place of a shard.
    Leaf(ShardIndex),
    /// The last leaf of a shard is left out.
    ShortShard(ShardIndex),
    /// Leaves of the next shard instead of a shard's.
    OtherShard(ShardIndex),
    /// Another issuer for a shard.
    Issuer(ShardIndex),
    /// Leaves of one shard fewer than asked for.
    FewerShards,
    /// The last node of a row of the cap is left out.
    ShortRow(u8),
    /// Rows of the cap of another block: their first node has changed since.
    OtherBlock(u8),
    /// A member less on each list.
    Members,
    /// Shards are left out of the list of shards.
    FewerInfos,
}

/// A chain with the same state at every block.
pub(crate) struct TestNode {
    pub(crate) head: u32,
    total: u32,
    pub(crate) shards: BTreeMap<u32, TestShard>,
    pub(crate) lists: Vec<Vec<Option<IssuerIndex>>>,
    /// Last changes of shards, where they are not block 1.
    pub(crate) changed: BTreeMap<u32, u32>,
    /// Lists whose older anchors have ended.
    pub(crate) ended: Mutex<BTreeSet<TrustListId>>,
    rows: Vec<Vec<Element>>,
    pub(crate) lie: Option<Lie>,
    log: Mutex<Vec<String>>,
    wire: Mutex<u64>,
}

pub(crate) fn element(n: u64) -> Element {
    Element::from_u64(n)
}

/// Leaves that nobody looks for.
pub(crate) fn crowd(count: u64, salt: u64) -> Vec<Attestation> {
    (0..count)
        .map(|n| Attestation::from_element(element(salt * 100_000 + n + 1)))
        .collect()
}

impl TestNode {
    /// A node with `total` shards, those that are not given being of anybody.
    pub(crate) fn new(head: u32, total: u32, shards: BTreeMap<u32, TestShard>) -> Self {
        let mut node = Self {
            head,
            total,
            shards,
            lists: vec![(0..6).map(|n| Some(IssuerIndex(n))).collect()],
            changed: BTreeMap::new(),
            ended: Mutex::default(),
            rows: Vec::new(),
            lie: None,
            log: Mutex::default(),
            wire: Mutex::default(),
        };
        node.build();
        node
    }

    /// Ten leaves in each of `total` shards, of six issuers in turn.
    pub(crate) fn uniform(head: u32, total: u32) -> Self {
        let shard = |n: u32| TestShard {
            issuer: IssuerIndex(n % 6),
            leaves: crowd(10, u64::from(n)),
            revoked: false,
        };
        Self::new(head, total, (0..total).map(|n| (n, shard(n))).collect())
    }

    /// Hashes the cap after a change.
    pub(crate) fn build(&mut self) {
        let leaf = |n: u32| match self.shards.get(&n) {
            Some(shard) if shard.revoked => Tree::empty_leaf(),
            Some(shard) => hashes::cap_leaf(root(shard), hashes::issuer_id(&GENESIS, shard.issuer)).element(),
            None => element(u64::from(n) + 1),
        };
        let mut rows = vec![(0..self.total).map(leaf).collect::<Vec<_>>()];
        for level in 0..Tree::Cap.depth() {
            let empty = Tree::Cap.empty_node(level);
            let pairs: Vec<_> = rows[level]
                .chunks(2)
                .map(|pair| [pair[0], pair.get(1).copied().unwrap_or(empty)])
                .collect();
            rows.push(poseidon::hash_layer(Tree::Cap.domain(), &pairs));
        }
        self.rows = rows;
    }

    pub(crate) fn point(&self, number: u32) -> BlockPoint {
        BlockPoint {
            number,
            hash: H256::from_low_u64_be(u64::from(number)),
        }
    }

    /// What was asked since the last time, but for the newest block.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.log.lock().unwrap())
    }

    fn root(&self) -> RegistryRoot {
        let top = &self.rows[Tree::Cap.depth()];
        RegistryRoot::from_element(top.first().copied().unwrap_or(Tree::Cap.empty_root()))
    }

    fn info(&self, n: u32) -> ShardInfo {
        let shard = self.shards.get(&n);
        let index = ShardIndex(n);
        ShardInfo {
            index,
            issuer: match self.lie {
                Some(Lie::Issuer(wrong)) if wrong == index => IssuerIndex(77),
                _ => shard.map_or(IssuerIndex(n % 6), |shard| shard.issuer),
            },
            root: shard.map_or(ShardRoot::from_element(element(u64::from(n) + 1)), root),
            len: shard.map_or(4096, |shard| shard.leaves.len() as u16),
            sealed: false,
            revoked: shard.is_some_and(|shard| shard.revoked),
            revoked_at: None,
            previous: n.checked_sub(6).map(ShardIndex),
            opened_at: 1,
            changed_at: self.changed.get(&n).copied().unwrap_or(1),
        }
    }

    fn note(&self, at: BlockPoint, request: String, answer: &impl Serialize) {
        self.log.lock().unwrap().push(format!("{} {request}", at.number));
        let travels = serde_json::json!({ "jsonrpc": "2.0", "id": 1, "result": answer });
        *self.wire.lock().unwrap() += travels.to_string().len() as u64;
    }

    fn note_call(&self, at: BlockPoint, request: String, answer: &impl codec::Encode) {
        self.note(at, request, &format!("0x{}", hex::encode(answer.encode())));
    }
}

fn root(shard: &TestShard) -> ShardRoot {
    let mut frontier = Frontier::default();
    frontier.append::<NativeHasher>(&shard.leaves).unwrap()
}

impl Source for TestNode {
    fn genesis(&self) -> GenesisHash {
        GENESIS
    }

    async fn finalized(&self) -> Result<BlockPoint, ChainError> {
        Ok(self.point(self.head))
    }

    async fn block(&self, number: u32) -> Result<BlockPoint, ChainError> {
        Ok(self.point(number))
    }

    async fn header_root(&self, _: BlockPoint) -> Result<RegistryRoot, ChainError> {
        Ok(self.root())
    }

    async fn cap_row(
        &self,
        at: BlockPoint,
        level: u8,
        from: u32,
        count: u32,
    ) -> Result<Vec<Element>, ChainError> {
        let row = self.rows[usize::from(level)].iter();
        let mut row: Vec<Element> = row.skip(from as usize).take(count as usize).copied().collect();
        match self.lie {
            Some(Lie::ShortRow(wrong)) if wrong == level => drop(row.pop()),
            Some(Lie::OtherBlock(wrong)) if wrong == level => row[0] = element(5),
            _ => {}
        }
        self.note_call(at, format!("cap_row {level} {from} {count}"), &row);
        Ok(row)
    }

    async fn shard(&self, at: BlockPoint, index: ShardIndex) -> Result<Option<ShardInfo>, ChainError> {
        let info = self.shards.get(&index.0).map(|_| self.info(index.0));
        self.note_call(at, format!("shard {index}"), &info);
        Ok(info)
    }

    async fn shards(&self, at: BlockPoint, from: u32, count: u32) -> Result<Vec<ShardInfo>, ChainError> {
        let end = from.saturating_add(count.min(1024)).min(self.total);
        let mut infos: Vec<ShardInfo> = (from..end).map(|n| self.info(n)).collect();
        if matches!(self.lie, Some(Lie::FewerInfos)) {
            infos.remove(infos.len() / 2);
        }
        self.note_call(at, format!("shards {from} {count}"), &infos);
        Ok(infos)
    }

    async fn leaves(
        &self,
        at: BlockPoint,
        shards: &[ShardIndex],
        _: &mut (dyn FnMut(u32, u32) + Send),
    ) -> Result<Vec<Vec<Attestation>>, LeavesError> {
        let leaves = |index: &ShardIndex| {
            let honest = self.shards[&index.0].leaves.clone();
            match self.lie {
                Some(Lie::Leaf(wrong)) if wrong == *index => [crowd(1, 999), honest[1..].to_vec()].concat(),
                Some(Lie::ShortShard(wrong)) if wrong == *index => honest[..honest.len() - 1].to_vec(),
                Some(Lie::OtherShard(wrong)) if wrong == *index => {
                    let other = self.shards.iter().find(|(n, _)| **n != index.0);
                    other.unwrap().1.leaves.clone()
                }
                _ => honest,
            }
        };
        let mut all: Vec<Vec<Attestation>> = shards.iter().map(leaves).collect();
        let pairs: Vec<(ShardIndex, &[Attestation])> = shards
            .iter()
            .copied()
            .zip(all.iter().map(Vec::as_slice))
            .collect();
        let numbers: Vec<u32> = shards.iter().map(|shard| shard.0).collect();
        self.note(
            at,
            format!("leaves {numbers:?}"),
            &crate::chain::Leaves::answer(at, &pairs),
        );
        if matches!(self.lie, Some(Lie::FewerShards)) {
            all.pop();
        }
        Ok(all)
    }

    async fn list_count(&self, _: BlockPoint) -> Result<u32, ChainError> {
        Ok(self.lists.len() as u32)
    }

    async fn trust_list(
        &self,
        at: BlockPoint,
        list: TrustListId,
    ) -> Result<Option<TrustListInfo>, ChainError> {
        let Some(members) = self.lists.get(list.0 as usize) else {
            return Ok(None);
        };
        let root = TrustListRoot::from_element(trust_tree(&GENESIS, members).unwrap().root());
        let mut members = members.clone();
        if matches!(self.lie, Some(Lie::Members)) {
            members[0] = None;
        }
        let info = TrustListInfo {
            id: list,
            curator: [0; 32],
            name: Vec::new(),
            root,
            members,
            frozen: false,
            valid_from: 0,
            offered_to: None,
        };
        self.note_call(at, format!("list {list}"), &info);
        Ok(Some(info))
    }

    async fn anchor_status(
        &self,
        at: BlockPoint,
        list: TrustListId,
        anchor: Anchor,
    ) -> Result<Result<(), AnchorError>, ChainError> {
        self.note(at, format!("status {list} {}", anchor.block), &"0x0000");
        Ok(if self.ended.lock().unwrap().contains(&list) {
            Err(AnchorError::TrustListRoot)
        } else {
            Ok(())
        })
    }
}

fn set(shards: &[u32]) -> BTreeSet<ShardIndex> {
    shards.iter().copied().map(ShardIndex).collect()
}

/// The place of a leaf of the node.
fn wanted(node: &TestNode, shard: u32, leaf: u16) -> Wanted {
    let held = &node.shards[&shard];
    Wanted {
        issuer: held.issuer,
        shard: ShardIndex(shard),
        leaf: LeafIndex(leaf),
        attestation: held
            .leaves
            .get(usize::from(leaf))
            .copied()
            .unwrap_or_else(|| crowd(1, 5)[0]),
    }
}

fn run(node: &TestNode, shards: &[u32], wanted: &[Wanted]) -> Result<Retrieved, RetrievalError> {
    let at = node.point(node.head);
    futures::executor::block_on(retrieve(
        node,
        at,
        &set(shards),
        &BTreeSet::new(),
        wanted,
        &mut |_, _| (),
    ))
}

#[test]
fn paths_lead_from_the_leaf_to_the_root_in_the_header() {
    // Three windows, the last of them not full.
    let shards = [3, 1023, 1024, 2499].map(|n: u32| {
        let shard = TestShard {
            issuer: IssuerIndex(n % 6),
            leaves: crowd(10, u64::from(n)),
            revoked: false,
        };
        (n, shard)
    });
    let node = TestNode::new(300, 2500, shards.into_iter().collect());
    let oracle = DenseTree::new(Tree::Cap, node.rows[0].clone()).unwrap();
    assert_eq!(oracle.root(), node.root().element());
    for shard in [3, 1023, 1024, 2499] {
        let place = wanted(&node, shard, 7);
        let retrieved = run(&node, &[3, 1023, 1024, 2499], &[place]).unwrap();
        let Standing::Good(paths) = &retrieved.standings[0] else {
            panic!("not found");
        };
        let Paths { shard: path, cap } = &**paths;
        assert!(oracle.path(shard).as_ref() == Some(cap));
        let shard_root = ShardRoot::from_element(path.root(Tree::Shard, place.attestation.element()));
        let cap_leaf = hashes::cap_leaf(shard_root, hashes::issuer_id(&GENESIS, place.issuer));
        assert_eq!(cap.root(Tree::Cap, cap_leaf.element()), retrieved.root.element());
    }
}

#[test]
fn requests_are_the_same_for_every_leaf_of_every_shard_of_a_set() {
    let node = TestNode::uniform(300, 30);
    let cover = [4, 9, 17, 22];
    let mut seen: BTreeSet<Vec<String>> = BTreeSet::new();
    for shard in cover {
        for leaf in [0, 1, 9, 4095] {
            run(&node, &cover, &[wanted(&node, shard, leaf)]).unwrap();
            seen.insert(node.asked());
        }
    }
    run(&node, &cover, &[]).unwrap();
    seen.insert(node.asked());
    assert_eq!(seen.len(), 1, "{seen:?}");
    let asked = seen.into_iter().next().unwrap();
    assert!(asked.contains(&"300 leaves [4, 9, 17, 22]".to_owned()));
    assert!(asked.contains(&"300 cap_row 10 0 1024".to_owned()));
    assert!(asked.contains(&"300 cap_row 0 0 1024".to_owned()));
}

#[test]
fn many_shards_are_asked_for_in_several_requests_in_order() {
    let node = TestNode::uniform(300, 20);
    let all: Vec<u32> = (0..20).collect();
    let retrieved = run(&node, &all, &[wanted(&node, 18, 2)]).unwrap();
    assert!(matches!(retrieved.standings[0], Standing::Good(_)));
    let asked = node.asked();
    let leaves: Vec<_> = asked
        .iter()
        .filter(|request| request.contains("leaves"))
        .collect();
    assert_eq!(
        leaves,
        [
            "300 leaves [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]",
            "300 leaves [16, 17, 18, 19]"
        ]
    );
}

#[test]
fn all_lists_are_asked_for_while_they_are_few() {
    let mut node = TestNode::uniform(300, 5);
    let list = node.lists[0].clone();
    node.lists = vec![list.clone(); ALL_LISTS as usize];
    assert_eq!(run(&node, &[1], &[]).unwrap().lists.len(), ALL_LISTS as usize);
    node.lists.push(list);
    assert!(run(&node, &[1], &[]).unwrap().lists.is_empty());
}

mod standings {
    use super::*;

    fn standing(node: &TestNode, place: Wanted) -> Standing {
        let mut retrieved = run(node, &[1, 2, 3], &[place]).unwrap();
        retrieved.standings.remove(0)
    }

    #[test]
    fn an_attestation_stays_good_when_others_come_and_go() {
        let mut node = TestNode::uniform(300, 5);
        let place = wanted(&node, 2, 4);
        let Standing::Good(before) = standing(&node, place) else {
            panic!("not good");
        };
        let shard = node.shards.get_mut(&2).unwrap();
        shard.leaves.extend(crowd(20, 50));
        shard.leaves[5] = Attestation::from_element(Tree::empty_leaf());
        node.build();
        let Standing::Good(after) = standing(&node, place) else {
            panic!("not good any more");
        };
        assert!(
            before.shard.siblings() != after.shard.siblings(),
            "the witness is not fresh"
        );
    }

    #[test]
    fn a_revoked_attestation_is_known_for_one() {
        let mut node = TestNode::uniform(300, 5);
        let place = wanted(&node, 2, 4);
        node.shards.get_mut(&2).unwrap().leaves[4] = Attestation::from_element(Tree::empty_leaf());
        node.build();
        assert!(standing(&node, place) == Standing::Revoked);
        // The last leaf, too, behind which nothing is.
        let last = wanted(&node, 3, 9);
        node.shards.get_mut(&3).unwrap().leaves[9] = Attestation::from_element(Tree::empty_leaf());
        node.build();
        assert!(standing(&node, last) == Standing::Revoked);
    }

    #[test]
    fn a_revoked_shard_is_known_for_one_and_good_again_when_restored() {
        let mut node = TestNode::uniform(300, 5);
        let place = wanted(&node, 2, 4);
        node.shards.get_mut(&2).unwrap().revoked = true;
        node.build();
        assert!(standing(&node, place) == Standing::ShardRevoked);
        node.shards.get_mut(&2).unwrap().revoked = false;
        node.build();
        assert!(matches!(standing(&node, place), Standing::Good(_)));
    }

    #[test]
    fn what_is_elsewhere_or_of_another_issuer_is_missing() {
        let node = TestNode::uniform(300, 5);
        let place = wanted(&node, 2, 4);
        for wrong in [
            Wanted {
                leaf: LeafIndex(5),
                ..place
            },
            Wanted {
                leaf: LeafIndex(10),
                ..place
            },
            Wanted {
                leaf: LeafIndex(4095),
                ..place
            },
            Wanted {
                leaf: LeafIndex(u16::MAX),
                ..place
            },
            Wanted {
                shard: ShardIndex(3),
                ..place
            },
            Wanted {
                shard: ShardIndex(4),
                ..place
            },
            Wanted {
                issuer: IssuerIndex(4),
                ..place
            },
        ] {
            assert!(standing(&node, wrong) == Standing::Missing);
        }
    }
}

mod refuses {
    use super::*;

    fn refusal(lie: Lie) -> String {
        let mut node = TestNode::uniform(300, 30);
        node.lie = Some(lie);
        let place = wanted(&node, 4, 3);
        match run(&node, &[4, 9, 17], &[place]) {
            Err(error @ RetrievalError::Chain(ChainError::Inconsistent(_))) => error.to_string(),
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("believed"),
        }
    }

    #[test]
    fn leaves_that_are_not_the_shards_in_the_same_words_for_real_ones_and_decoys() {
        for lie in [
            (|shard| Lie::Leaf(shard)) as fn(ShardIndex) -> Lie,
            Lie::ShortShard,
            Lie::OtherShard,
            Lie::Issuer,
        ] {
            let said = [4, 9, 17].map(|shard| refusal(lie(ShardIndex(shard))));
            assert!(said[0] == said[1] && said[1] == said[2], "{said:?}");
        }
    }

    #[test]
    fn fewer_shards_than_were_asked_for() {
        refusal(Lie::FewerShards);
    }

    #[test]
    fn rows_of_the_cap_that_are_short_or_of_another_block() {
        for level in [0, CUT as u8] {
            refusal(Lie::ShortRow(level));
            refusal(Lie::OtherBlock(level));
        }
    }

    #[test]
    fn members_that_do_not_give_the_lists_root() {
        refusal(Lie::Members);
    }
}

mod counting_shards {
    use super::*;

    fn count(node: &TestNode) -> u32 {
        futures::executor::block_on(Cap::count_shards(node, node.point(node.head))).unwrap()
    }

    #[test]
    fn goes_by_the_registry_root() {
        for total in [0, 1, 1023, 1024, 1025, 2500] {
            assert_eq!(count(&TestNode::new(300, total, BTreeMap::new())), total);
        }
    }

    #[test]
    fn refuses_a_smaller_number() {
        for lie in [Lie::ShortRow(0), Lie::ShortRow(CUT as u8)] {
            let mut node = TestNode::new(300, 2500, BTreeMap::new());
            node.lie = Some(lie);
            let counted = futures::executor::block_on(Cap::count_shards(&node, node.point(300)));
            assert!(counted.is_err());
        }
    }
}

mod drawing;
