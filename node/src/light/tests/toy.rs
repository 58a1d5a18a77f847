//! A chain whose bytes say what they are.

use crate::light::chain::{BlockHash, Chain, Final, Justified, ReadError, Sets};
use ofage_primitives::{Anchor, Element, GenesisHash, RegistryRoot, TrustListRoot};
use std::{
    collections::BTreeSet,
    sync::{
        mpsc::{channel, Receiver, Sender},
        Mutex, PoisonError,
    },
};

/// Five sets, of which four ended with these blocks.
pub(super) const ENDS: [u32; 4] = [100, 200, 300, 400];
/// Newest block that can be proved, but for those who say otherwise: of the last set.
pub(super) const NEWEST: u32 = 450;

pub(super) struct Toy {
    pub(super) newest: Option<u32>,
    /// How many sets ended before its memory begins.
    pub(super) forgotten: usize,
    /// Blocks that have no justification.
    pub(super) unjustified: BTreeSet<u32>,
    /// Ends whose changes were never learned.
    pub(super) unknown: BTreeSet<u32>,
    pub(super) has_state: bool,
    pub(super) panics: bool,
    /// Bytes of a justification.
    pub(super) justification: usize,
    /// Whoever reads the newest block waits here while somebody holds the key.
    door: Mutex<Option<Receiver<()>>>,
}

impl Toy {
    pub(super) fn new() -> Self {
        Self {
            newest: Some(NEWEST),
            forgotten: 0,
            unjustified: BTreeSet::new(),
            unknown: BTreeSet::new(),
            has_state: true,
            panics: false,
            justification: 3,
            door: Mutex::new(None),
        }
    }

    /// Has the newest block be read only after what this gives is dropped.
    pub(super) fn shut(&self) -> Sender<()> {
        let (key, door) = channel();
        *self.door.lock().unwrap() = Some(door);
        key
    }
}

pub(super) fn hash(number: u32) -> BlockHash {
    let mut hash = [0x11; 32];
    hash[..4].copy_from_slice(&number.to_be_bytes());
    hash
}

/// Whom the set with a number consists of.
pub(super) fn keys(set: u64) -> [[u8; 32]; 2] {
    [[set as u8; 32], [set as u8 + 0x80; 32]]
}

/// An anchor of a block.
pub(super) fn anchor(block: u32) -> Anchor {
    Anchor {
        block,
        registry_root: RegistryRoot::from_element(Element::from_u64(5)),
        trust_list_root: TrustListRoot::from_element(Element::from_u64(6)),
    }
}

impl Toy {
    fn bytes(&self, number: u32) -> Final {
        Final {
            header: [b"header", &number.to_be_bytes()[..]].concat(),
            justification: vec![0xaa; self.justification],
        }
    }
}

impl Chain for Toy {
    fn genesis(&self) -> GenesisHash {
        GenesisHash([7; 32])
    }

    fn finalized(&self) -> u32 {
        NEWEST + 1
    }

    fn newest(&self) -> Result<Option<Justified>, ReadError> {
        if let Some(door) = &*self.door.lock().unwrap_or_else(PoisonError::into_inner) {
            // An error says that nobody holds the key any more.
            let _ = door.recv();
        }
        assert!(!self.panics, "as it was told to");
        Ok(self.newest.map(|number| Justified {
            number,
            hash: hash(number),
            bytes: self.bytes(number),
        }))
    }

    fn sets(&self) -> Result<Sets, ReadError> {
        let known = (0..).zip(ENDS).skip(self.forgotten);
        Ok(Sets {
            current: ENDS.len() as u64,
            past: known.filter(|(_, last)| !self.unknown.contains(last)).collect(),
        })
    }

    fn handoff(&self, number: u32) -> Result<Option<Final>, ReadError> {
        assert!(ENDS.contains(&number), "block {number} hands over to nobody");
        Ok((!self.unjustified.contains(&number)).then(|| self.bytes(number)))
    }

    fn prove(&self, block: BlockHash, keys: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, ReadError> {
        if !self.has_state {
            return Err(ReadError::NoState);
        }
        Ok([vec![block.to_vec()], keys.to_vec()].concat())
    }

    fn signers(&self, _: &Justified, set: u64) -> Result<Vec<[u8; 32]>, ReadError> {
        if !self.has_state {
            return Err(ReadError::NoState);
        }
        Ok(keys(set).to_vec())
    }
}
