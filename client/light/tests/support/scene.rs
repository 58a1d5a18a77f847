//! All that a verifier without network is given, made here: checkpoint, bundle, question.
#![allow(dead_code)] // each of those that include this file takes a part

use codec::Encode;
use ofage_light::{AnchorClaim, Bundle, Checkpoint, Expected, Freshness, LightVerifier, MAX_CHECKPOINT_AGE};
use ofage_primitives::{
    binding::{ShortBytes, ShortText},
    chain::{RootSpan, SLOT_MILLIS},
    policy::AgeBand,
    presentation::{PROOF_LENGTH_V1, VERSION},
    storage::{self, ListState, TrustListEntry},
    Anchor, Binding, CircuitId, Context, Day, DesignatedVerifier, Element, GenesisHash, IssuerTag, Nullifier,
    Policy, Presentation, TrustListId, TrustListRoot,
};

use super::{
    chain::{handoff, hash, header_of, just_enough, justify, our_digest, root, set, slot},
    trie::State,
};

pub(crate) const GENESIS: GenesisHash = GenesisHash([7; 32]);
pub(crate) const LIST: TrustListId = TrustListId(4);
/// Block at which the checkpoint lies, and the number of its set.
pub(crate) const START: u32 = 100;
pub(crate) const FIRST_SET: u64 = 3;
/// Block of the anchor, and of the state that is proved.
pub(crate) const ANCHOR: u32 = 1_000;
pub(crate) const PROVED: u32 = 1_010;
const NONCE: [u8; 32] = [9; 32];

/// A chain of so many validators, seen from outside.
pub(crate) struct Scene {
    pub(crate) checkpoint: Checkpoint,
    pub(crate) bundle: Bundle,
    pub(crate) expected: Expected,
    pub(crate) now: u64,
    pub(crate) state: State,
    validators: u8,
}

impl Scene {
    /// A bundle with some handoffs, each by `validators`, of whom as few sign as are enough, in a state with so many other
    /// entries. Its presentation answers what is asked, with a proof that proves nothing: making one takes seconds.
    pub(crate) fn new(validators: u8, handoffs: u32, entries: u32) -> Self {
        Self::of(presentation(), validators, handoffs, entries)
    }

    /// The same with a presentation that was made elsewhere.
    pub(crate) fn of(presentation: Presentation, validators: u8, handoffs: u32, entries: u32) -> Self {
        let seeds: Vec<u8> = (1..=validators).collect();
        let first = START + 1;
        let handoffs = (first..first + handoffs)
            .zip(FIRST_SET..)
            .map(|(number, id)| handoff(number, id, just_enough(&seeds), &seeds))
            .collect();
        let mut scene = Self {
            checkpoint: Checkpoint::new(
                GENESIS,
                START,
                [5; 32],
                set(FIRST_SET, &seeds),
                Some(seconds(START)),
            )
            .unwrap(),
            state: state(&presentation.anchor, entries),
            bundle: Bundle {
                genesis: GENESIS,
                first_set: FIRST_SET,
                handoffs,
                header: Vec::new(),
                justification: Vec::new(),
                proof: Vec::new(),
                presentation,
            },
            expected: expected(),
            now: now(),
            validators,
        };
        scene.seal(PROVED, &[]);
        scene
    }

    /// Makes the bundle's header anew, at a height and with further items, and proves the state as it is now.
    pub(crate) fn seal(&mut self, number: u32, more: &[Vec<u8>]) {
        let seeds: Vec<u8> = (1..=self.validators).collect();
        let set = FIRST_SET + self.bundle.handoffs.len() as u64;
        let items = [&[our_digest(number)], more].concat();
        let header = header_of([1; 32], number, self.state.root(), &items);
        let keys = AnchorClaim::of(&self.bundle.presentation).keys();
        self.bundle.justification = justify(&header, number, set, just_enough(&seeds));
        self.bundle.header = header;
        self.bundle.proof = self.state.proof(&keys);
    }

    /// A verifier that starts from the checkpoint.
    pub(crate) fn verifier(&self) -> LightVerifier {
        self.verifier_with(Freshness::default())
    }

    /// The same, with its own idea of what is old.
    pub(crate) fn verifier_with(&self, freshness: Freshness) -> LightVerifier {
        LightVerifier::new(self.checkpoint.clone(), freshness, self.now, MAX_CHECKPOINT_AGE).unwrap()
    }
}

/// Unix second of a block.
pub(crate) fn seconds(block: u32) -> u64 {
    slot(block) * SLOT_MILLIS / 1_000
}

/// Some seconds after the block whose state is proved.
fn now() -> u64 {
    seconds(PROVED) + 20
}

fn origin() -> Context {
    Context::Origin(ShortText::new("https://room.example".into()).unwrap())
}

fn policy() -> Policy {
    Policy::new(AgeBand::over(18), LIST)
}

fn binding() -> Binding {
    Binding::App {
        account: ShortText::new("@a:example".into()).unwrap(),
        identity_key: ShortBytes::new(vec![8; 32]).unwrap(),
    }
}

fn expected() -> Expected {
    Expected::answer(GENESIS, origin(), policy(), binding(), NONCE, now() + 60)
}

pub(crate) fn presentation() -> Presentation {
    let valid_on = Day::from_unix_seconds(now()).unwrap();
    Presentation {
        version: VERSION,
        circuit: CircuitId::V1,
        context: origin(),
        policy: policy(),
        anchor: Anchor {
            block: ANCHOR,
            registry_root: root(ANCHOR),
            trust_list_root: TrustListRoot::from_element(Element::from_u64(2)),
        },
        binding: binding(),
        nonce: NONCE,
        expires_at: now() + 60,
        valid_on,
        until: valid_on,
        designated_verifier: DesignatedVerifier::public(),
        nullifier: Nullifier::from_element(Element::from_u64(3)),
        issuer_tags: vec![IssuerTag::from_element(Element::from_u64(4))],
        proof: vec![0; PROOF_LENGTH_V1 as usize],
    }
}

/// The trust list, for which anchors count from a block on.
pub(crate) fn list(anchor: &Anchor, valid_from: u32) -> TrustListEntry {
    TrustListEntry {
        curator: [1; 32],
        name: b"everybody".to_vec(),
        status: ListState::Open,
        root: anchor.trust_list_root,
        recorded_root: Some(anchor.trust_list_root),
        valid_from,
        positions: 1,
        vacant: None,
        deposit: 0,
        offered_to: None,
    }
}

/// A state in which an anchor counts, with so many other entries, some of them with long values.
pub(crate) fn state(anchor: &Anchor, entries: u32) -> State {
    let current = |superseded_at| {
        vec![RootSpan {
            from: ANCHOR - 1,
            superseded_at,
        }]
        .encode()
    };
    let others = (0..entries).map(|n| {
        let key = hash(&n.encode());
        (key.to_vec(), vec![n as u8; (n % 64) as usize])
    });
    let wanted = [
        (storage::registry_version(), storage::REGISTRY_VERSION.encode()),
        (storage::gate_version(), storage::GATE_VERSION.encode()),
        (
            storage::root_history(anchor.registry_root),
            current(Some(ANCHOR + 1)),
        ),
        (
            storage::list_root_history(LIST, anchor.trust_list_root),
            current(None),
        ),
        (storage::trust_list(LIST), list(anchor, 1).encode()),
    ];
    State(others.chain(wanted).collect())
}
