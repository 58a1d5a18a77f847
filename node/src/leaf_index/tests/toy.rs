//! A registry that keeps everything and hashes everything, and a chain of its blocks.

use crate::leaf_index::{
    block::{Account, Action, Block, BlockHash, Call, Outcome, Range},
    chain::Chain,
    model::ReadError,
    resolve::{Bounds, State, StateIssuer, StateShard},
};
use ofage_primitives::{
    chain::ShardChoice,
    hashes,
    tree::{DenseTree, Tree, SHARD_CAPACITY},
    Attestation, Element, GenesisHash, IssuerIndex, RegistryRoot, ShardIndex, ShardRoot,
};
use std::sync::{Arc, Mutex, MutexGuard};

pub(crate) const GENESIS: GenesisHash = GenesisHash([7; 32]);
pub(crate) const BOUNDS: Bounds = Bounds {
    dirty: 64,
    revoked: 8,
    work: 1 << 18,
};

/// The empty leaf.
pub(crate) fn empty() -> Attestation {
    Attestation::from_element(Tree::empty_leaf())
}

/// Leaves that are no others.
pub(crate) fn leaves(range: std::ops::Range<u64>) -> Vec<Attestation> {
    range
        .map(|n| Attestation::from_element(Element::from_u64(n + 1)))
        .collect()
}

pub(crate) fn account(number: u8) -> Account {
    [number; 32]
}

#[derive(Clone)]
struct ToyShard {
    issuer: usize,
    depositor: Account,
    leaves: Vec<Attestation>,
    is_open: bool,
    is_revoked: bool,
    opened_at: u32,
    changed_at: u32,
}

impl ToyShard {
    fn tree(&self) -> DenseTree {
        DenseTree::new(
            Tree::Shard,
            self.leaves.iter().map(|leaf| leaf.element()).collect(),
        )
        .unwrap()
    }
}

#[derive(Clone)]
struct ToyIssuer {
    controller: Account,
    attester: Account,
    is_suspended: bool,
    is_poor: bool,
}

/// All there is at the end of a block.
#[derive(Clone, Default)]
struct Now {
    issuers: Vec<ToyIssuer>,
    shards: Vec<ToyShard>,
}

#[derive(Clone)]
struct ToyBlock {
    block: Block,
    outcomes: Vec<Outcome>,
    after: Now,
    state: Arc<ToyState>,
}

#[derive(Default)]
struct Inner {
    now: Now,
    calls: Vec<Call>,
    outcomes: Vec<Outcome>,
    blocks: Vec<ToyBlock>,
    finalized: u32,
    events_are_gone: bool,
    missing: Option<u32>,
    next_leaf: u64,
    next_account: u8,
}

/// A registry and its chain.
#[derive(Default)]
pub(crate) struct Toy(Mutex<Inner>);

impl Toy {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }

    /// An account that nobody has.
    pub(crate) fn stranger(&self) -> Account {
        let mut inner = self.inner();
        inner.next_account += 1;
        account(inner.next_account)
    }

    /// Another issuer, with its controller and attester.
    pub(crate) fn register(&self) -> (usize, Account, Account) {
        let (controller, attester) = (self.stranger(), self.stranger());
        let mut inner = self.inner();
        inner.now.issuers.push(ToyIssuer {
            controller,
            attester,
            is_suspended: false,
            is_poor: false,
        });
        (inner.now.issuers.len() - 1, controller, attester)
    }

    pub(crate) fn attester(&self, issuer: usize) -> Account {
        self.inner().now.issuers[issuer].attester
    }

    pub(crate) fn controller(&self, issuer: usize) -> Account {
        self.inner().now.issuers[issuer].controller
    }

    pub(crate) fn issuers(&self) -> usize {
        self.inner().now.issuers.len()
    }

    pub(crate) fn shards(&self) -> u32 {
        self.inner().now.shards.len() as u32
    }

    pub(crate) fn issuer_of(&self, shard: u32) -> usize {
        self.inner().now.shards[shard as usize].issuer
    }

    pub(crate) fn is_revoked(&self, shard: u32) -> bool {
        self.inner().now.shards[shard as usize].is_revoked
    }

    pub(crate) fn len(&self, shard: u32) -> u16 {
        self.inner().now.shards[shard as usize].leaves.len() as u16
    }

    pub(crate) fn leaf(&self, shard: u32, position: u16) -> Attestation {
        self.inner().now.shards[shard as usize].leaves[usize::from(position)]
    }

    /// The open shard of an issuer.
    pub(crate) fn open_shard(&self, issuer: usize) -> Option<u32> {
        let inner = self.inner();
        let (index, shard) = inner
            .now
            .shards
            .iter()
            .enumerate()
            .rfind(|(_, shard)| shard.issuer == issuer)?;
        shard.is_open.then_some(index as u32)
    }

    /// What no call tells: governance, or money.
    pub(crate) fn set_suspended(&self, issuer: usize, is: bool) {
        self.inner().now.issuers[issuer].is_suspended = is;
    }

    pub(crate) fn is_suspended(&self, issuer: usize) -> bool {
        self.inner().now.issuers[issuer].is_suspended
    }

    pub(crate) fn set_poor(&self, issuer: usize, is: bool) {
        self.inner().now.issuers[issuer].is_poor = is;
    }

    /// Seals the open shard, as several calls do.
    pub(crate) fn seal(&self, issuer: usize) {
        if let Some(shard) = self.open_shard(issuer) {
            self.inner().now.shards[shard as usize].is_open = false;
        }
    }

    /// Gives an issuer another attester.
    pub(crate) fn rotate(&self, issuer: usize) -> Account {
        self.seal(issuer);
        let attester = self.stranger();
        self.inner().now.issuers[issuer].attester = attester;
        attester
    }

    /// Sends a call, and gives whether it succeeded.
    pub(crate) fn send(&self, signer: Account, action: Action) -> bool {
        let mut inner = self.inner();
        let block = inner.blocks.len() as u32 + 1;
        let outcome = inner.now.apply(block, signer, &action);
        let extrinsic = inner.calls.len() as u32 + 1;
        inner.calls.push(Call {
            extrinsic,
            signer,
            action,
        });
        inner.outcomes.push(outcome);
        outcome != Outcome::Failed
    }

    /// Attests `count` new leaves at the right place: to the open shard, or in a new one.
    pub(crate) fn attest(&self, issuer: usize, count: u64) -> bool {
        let signer = self.attester(issuer);
        match self.open_shard(issuer) {
            Some(shard) => self.attest_at(
                signer,
                ShardChoice::Open(ShardIndex(shard)),
                self.len(shard),
                count,
            ),
            None => self.attest_at(signer, ShardChoice::Next, 0, count),
        }
    }

    /// Attests `count` new leaves wherever one likes.
    pub(crate) fn attest_at(&self, signer: Account, shard: ShardChoice, start: u16, count: u64) -> bool {
        let first = {
            let mut inner = self.inner();
            inner.next_leaf += count;
            inner.next_leaf - count
        };
        let leaves = leaves(first..first + count);
        self.send(signer, Action::Attest { shard, start, leaves })
    }

    /// A revocation of leaves of a shard as it is now.
    pub(crate) fn revocation(&self, shard: u32, positions: &[u16]) -> Action {
        let inner = self.inner();
        let shard_now = &inner.now.shards[shard as usize];
        let places: Vec<u32> = positions.iter().map(|position| u32::from(*position)).collect();
        let proof = shard_now.tree().multiproof(&places).unwrap();
        Action::Revoke {
            shard: ShardIndex(shard),
            leaves: positions
                .iter()
                .map(|position| (*position, shard_now.leaves[usize::from(*position)]))
                .collect(),
            siblings: proof.siblings().to_vec(),
        }
    }

    /// Revokes leaves of a shard, by the controller of its issuer.
    pub(crate) fn revoke(&self, shard: u32, positions: &[u16]) -> bool {
        let signer = self.controller(self.issuer_of(shard));
        self.send(signer, self.revocation(shard, positions))
    }

    /// Ends the block.
    pub(crate) fn end_block(&self) {
        let mut inner = self.inner();
        let number = inner.blocks.len() as u32 + 1;
        let block = Block {
            number,
            hash: hash(number),
            root: inner.now.root(),
            calls: std::mem::take(&mut inner.calls),
        };
        let outcomes = std::mem::take(&mut inner.outcomes);
        let after = inner.now.clone();
        let state = Arc::new(ToyState::of(&after));
        inner.blocks.push(ToyBlock {
            block,
            outcomes,
            after,
            state,
        });
        inner.finalized = number;
    }

    /// Has nodes forget events of all blocks.
    pub(crate) fn forget_events(&self) {
        self.inner().events_are_gone = true;
    }

    /// Has the node not have the body of a block.
    pub(crate) fn set_missing(&self, block: Option<u32>) {
        self.inner().missing = block;
    }

    /// Has fewer blocks be final.
    pub(crate) fn set_finalized(&self, block: u32) {
        self.inner().finalized = block;
    }

    /// Changes a block behind everybody's back.
    pub(crate) fn forge(&self, number: u32, with: impl FnOnce(&mut Block)) {
        with(&mut self.inner().blocks[number as usize - 1].block);
    }

    /// Changes the root of a shard in the state of a block.
    pub(crate) fn forge_state(&self, number: u32, shard: u32) {
        let state = &mut self.inner().blocks[number as usize - 1].state;
        let empty = ShardRoot::from_element(Tree::Shard.empty_root());
        Arc::make_mut(state).shards[shard as usize].root = empty;
    }

    /// The leaves of a shard at the end of a block; `None` when it was not there.
    pub(crate) fn leaves_at(&self, shard: u32, block: u32) -> Option<Vec<[u8; 32]>> {
        let inner = self.inner();
        let after = &inner.blocks.get(block.checked_sub(1)? as usize)?.after;
        let shard = after.shards.get(shard as usize)?;
        Some(shard.leaves.iter().map(|leaf| leaf.to_bytes()).collect())
    }

    /// The newest block, and what became of its calls.
    pub(crate) fn last_block(&self) -> (Block, Vec<Outcome>) {
        let inner = self.inner();
        let last = inner.blocks.last().unwrap();
        (last.block.clone(), last.outcomes.clone())
    }
}

fn hash(number: u32) -> BlockHash {
    if number == 0 {
        return GENESIS.0;
    }
    let mut hash = [1; 32];
    hash[..4].copy_from_slice(&number.to_le_bytes());
    hash
}

impl Now {
    fn root(&self) -> RegistryRoot {
        let leaves = self
            .shards
            .iter()
            .map(|shard| {
                let issuer = IssuerIndex(shard.issuer as u32);
                let root = ShardRoot::from_element(shard.tree().root());
                if shard.is_revoked {
                    Tree::empty_leaf()
                } else {
                    hashes::cap_leaf(root, hashes::issuer_id(&GENESIS, issuer)).element()
                }
            })
            .collect();
        RegistryRoot::from_element(DenseTree::new(Tree::Cap, leaves).unwrap().root())
    }

    /// The chain's rules, one after the other.
    fn apply(&mut self, block: u32, signer: Account, action: &Action) -> Outcome {
        match action {
            Action::Attest { shard, start, leaves } => self.attest(block, signer, *shard, *start, leaves),
            Action::Revoke {
                shard,
                leaves,
                siblings,
            } => {
                let serves = |issuer: &ToyIssuer| issuer.controller == signer || issuer.attester == signer;
                let Some(found) = self.shards.get_mut(shard.0 as usize) else {
                    return Outcome::Failed;
                };
                let tree = found.tree();
                let is_there = |(position, leaf): &(u16, Attestation)| {
                    found.leaves.get(usize::from(*position)) == Some(leaf) && *leaf != empty()
                };
                let places: Vec<u32> = leaves.iter().map(|(position, _)| u32::from(*position)).collect();
                let fits = tree
                    .multiproof(&places)
                    .is_some_and(|proof| proof.siblings() == siblings);
                let may = serves(&self.issuers[found.issuer]);
                if !may || !fits || !leaves.iter().all(is_there) {
                    return Outcome::Failed;
                }
                for (position, _) in leaves {
                    found.leaves[usize::from(*position)] = empty();
                }
                found.changed_at = block;
                Outcome::Done
            }
            Action::RevokeShards(range) => self.mark(signer, *range, true),
            Action::RestoreShards(range) => self.mark(signer, *range, false),
        }
    }

    fn attest(
        &mut self,
        block: u32,
        signer: Account,
        choice: ShardChoice,
        start: u16,
        leaves: &[Attestation],
    ) -> Outcome {
        let Some(issuer) = self.issuers.iter().position(|issuer| issuer.attester == signer) else {
            return Outcome::Failed;
        };
        let last = self.shards.iter().rposition(|shard| shard.issuer == issuer);
        let open = last.filter(|last| self.shards[*last].is_open);
        let record = &self.issuers[issuer];
        if record.is_suspended || leaves.is_empty() || leaves.contains(&empty()) {
            return Outcome::Failed;
        }
        let index = match (choice, open) {
            (ShardChoice::Open(named), Some(open)) if named.0 as usize == open => open,
            (ShardChoice::Next, None) if !record.is_poor && start == 0 => {
                if leaves.len() > SHARD_CAPACITY as usize {
                    return Outcome::Failed;
                }
                self.shards.push(ToyShard {
                    issuer,
                    depositor: signer,
                    leaves: Vec::new(),
                    is_open: true,
                    is_revoked: false,
                    opened_at: block,
                    changed_at: block,
                });
                self.shards.len() - 1
            }
            _ => return Outcome::Failed,
        };
        let shard = &mut self.shards[index];
        let total = shard.leaves.len() + leaves.len();
        if usize::from(start) != shard.leaves.len() || total > SHARD_CAPACITY as usize {
            return Outcome::Failed;
        }
        shard.leaves.extend_from_slice(leaves);
        shard.changed_at = block;
        shard.is_open = total < SHARD_CAPACITY as usize;
        Outcome::Attested(IssuerIndex(issuer as u32), ShardIndex(index as u32))
    }

    fn mark(&mut self, signer: Account, range: Range, revoked: bool) -> Outcome {
        let Some(last) = self.shards.get(range.to.0 as usize) else {
            return Outcome::Failed;
        };
        let issuer = last.issuer;
        let all: Vec<usize> = (range.from.0..=range.to.0)
            .map(|index| index as usize)
            .filter(|index| self.shards[*index].issuer == issuer)
            .collect();
        let is_bounded = all.len() <= range.count as usize && range.count <= BOUNDS.revoked;
        if self.issuers[issuer].controller != signer || !is_bounded {
            return Outcome::Failed;
        }
        let mut changed = false;
        for index in all {
            let shard = &mut self.shards[index];
            changed |= shard.is_revoked != revoked;
            shard.is_revoked = revoked;
            shard.is_open &= !revoked;
        }
        if changed {
            Outcome::Done
        } else {
            Outcome::Failed
        }
    }
}

/// A state of the toy.
#[derive(Clone, Default)]
pub(crate) struct ToyState {
    shards: Vec<StateShard>,
    issuers: Vec<StateIssuer>,
}

impl ToyState {
    fn of(now: &Now) -> Self {
        let shard = |shard: &ToyShard| StateShard {
            issuer: IssuerIndex(shard.issuer as u32),
            depositor: shard.depositor,
            root: ShardRoot::from_element(shard.tree().root()),
            len: shard.leaves.len() as u16,
            revoked: shard.is_revoked,
            opened_at: shard.opened_at,
            changed_at: shard.changed_at,
        };
        let issuer = |issuer: &ToyIssuer| StateIssuer {
            controller: issuer.controller,
            attester: issuer.attester,
        };
        Self {
            shards: now.shards.iter().map(shard).collect(),
            issuers: now.issuers.iter().map(issuer).collect(),
        }
    }
}

impl State for Arc<ToyState> {
    fn shard(&self, index: ShardIndex) -> Result<Option<StateShard>, ReadError> {
        Ok(self.shards.get(index.0 as usize).copied())
    }

    fn issuer(&self, index: IssuerIndex) -> Result<Option<StateIssuer>, ReadError> {
        Ok(self.issuers.get(index.0 as usize).copied())
    }
}

impl Chain for Toy {
    type State<'a> = Arc<ToyState>;

    fn genesis(&self) -> GenesisHash {
        GENESIS
    }

    fn finalized(&self) -> (u32, BlockHash) {
        let finalized = self.inner().finalized;
        (finalized, hash(finalized))
    }

    fn hash(&self, number: u32) -> Result<Option<BlockHash>, ReadError> {
        Ok((number as usize <= self.inner().blocks.len()).then(|| hash(number)))
    }

    fn block(&self, number: u32) -> Result<Option<Block>, ReadError> {
        let inner = self.inner();
        if inner.missing == Some(number) {
            return Ok(None);
        }
        let found = inner.blocks.get(number as usize - 1);
        Ok(found.map(|found| found.block.clone()))
    }

    fn outcomes(&self, block: &Block) -> Option<Vec<Outcome>> {
        let inner = self.inner();
        let found = inner.blocks.get(block.number as usize - 1)?;
        (!inner.events_are_gone).then(|| found.outcomes.clone())
    }

    fn state(&self, at: BlockHash) -> Arc<ToyState> {
        let inner = self.inner();
        let found = inner.blocks.iter().find(|found| found.block.hash == at);
        found.map(|found| found.state.clone()).unwrap_or_default()
    }

    fn bounds(&self) -> Bounds {
        BOUNDS
    }
}
