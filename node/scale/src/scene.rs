//! A chain with a gate, and people who ask to be admitted: the same each time, so that proofs can be kept.
//!
//! One issuer attests a few people in one shard and is on one trust list; one gate gives each of them 250 accounts.

use codec::{Decode, Encode};
use ofage_primitives::{
    attributes::Parts,
    chain::AdmitRequest,
    hash_to_field, hashes,
    secrets::HolderSalt,
    tree::{DenseTree, Tree},
    AgeBand, Anchor, Assurance, Attestation, Attributes, Binding, Day, DesignatedVerifier, Ext, Flags,
    GateId, GenesisHash, HolderSecret, IssuerIndex, Policy, PublicInputs, RegistryRoot, Scope, ShardRoot,
    SignalInput, TrustListId, TrustListRoot,
};
use ofage_prover::{Prover, Witness};
use ofage_runtime::{constants::currency::UNIT, Balance, Hash, Runtime, RuntimeCall};
use pallet_age_registry::ShardChoice;

use crate::transactions::{general, Signer};

/// Accounts that the gate gives to a person.
const SLOTS: u8 = 250;
/// People: with as many accounts as [`SLOTS`], they make all requests.
const PEOPLE: u32 = 5;
/// Requests that can be made.
pub(crate) const REQUESTS: u32 = PEOPLE * SLOTS as u32;
/// Requests in a full batch.
pub(crate) const BATCH: usize = ofage_runtime::configs::registry::MAX_BATCH as usize;

const ISSUER: IssuerIndex = IssuerIndex(0);
const LIST: TrustListId = TrustListId(0);
const GATE: GateId = GateId(0);
const ADMISSION_DAYS: u16 = 30;
/// More than all requests cost.
const SPONSORED: Balance = 100_000 * UNIT;
/// Blocks after the anchor in which requests count, a little less than the chain allows.
const LASTS: u32 = ofage_runtime::configs::registry::MAX_LONGEVITY - 10;

/// Transactions that can go into one block, and whose order does not matter.
pub(crate) type Stage = Vec<Vec<u8>>;

/// The calls that set the chain up, one stage after the other.
pub(crate) fn setup(genesis: Hash) -> Vec<Stage> {
    let [mut issuer, mut curator, mut app] =
        ["Issuer1", "Curator", "App"].map(|name| Signer::dev(name, genesis));
    let (registry, gate) = (RuntimeCall::AgeRegistry, RuntimeCall::AgeGate);
    let text = |text: &str| text.as_bytes().to_vec();
    let leaves: Vec<Attestation> = people(&GenesisHash(genesis.0))
        .map(|person| person.attestation())
        .collect();
    let attester = issuer.account();
    vec![
        vec![
            issuer.sign(registry(pallet_age_registry::Call::register {
                metadata: bounded(text("an issuer")),
                attester,
            })),
            curator.sign(registry(pallet_age_registry::Call::create_trust_list {
                name: bounded(text("a list")),
            })),
        ],
        vec![
            issuer.sign(registry(pallet_age_registry::Call::attest {
                shard: ShardChoice::Next,
                start: 0,
                leaves: bounded(leaves),
            })),
            issuer.sign(registry(pallet_age_registry::Call::consent { list: LIST })),
            app.sign(gate(pallet_age_gate::Call::create_gate {
                name: bounded(text("a gate")),
                policy: policy(),
                admission_days: ADMISSION_DAYS,
            })),
        ],
        vec![
            curator.sign(registry(pallet_age_registry::Call::add_member {
                list: LIST,
                issuer: ISSUER,
            })),
            app.sign(gate(pallet_age_gate::Call::fund {
                gate: GATE,
                amount: SPONSORED,
            })),
        ],
    ]
}

/// What a call bounds; everything here is far below any bound.
pub(crate) fn bounded<T, B: TryFrom<Vec<T>>>(items: Vec<T>) -> B {
    B::try_from(items)
        .ok()
        .expect("this program makes calls within their bounds; qed")
}

fn policy() -> Policy {
    let mut policy = Policy::new(AgeBand::over(18), LIST);
    policy.slots = SLOTS;
    policy.oldest_anchor = LASTS;
    policy
}

/// Somebody with a secret that everybody who reads this knows.
struct Person {
    number: u32,
    genesis: GenesisHash,
}

fn people(genesis: &GenesisHash) -> impl Iterator<Item = Person> + '_ {
    (0..PEOPLE).map(|number| Person {
        number,
        genesis: *genesis,
    })
}

impl Person {
    fn uniform(&self, what: u8) -> [u8; 64] {
        let mut bytes = [what; 64];
        bytes[..4].copy_from_slice(&self.number.to_le_bytes());
        bytes
    }

    fn secret(&self) -> HolderSecret {
        HolderSecret::from_uniform(&self.uniform(1))
    }

    fn ext(&self) -> Ext {
        Ext::commit(&HolderSalt::from_uniform(&self.uniform(2)))
    }

    fn attributes(&self) -> Attributes {
        let day = |year| Day::from_ymd(year, 6, 1).expect("every June has a first day; qed");
        Attributes::new(Parts {
            earliest_birth: day(1980),
            latest_birth: day(1980),
            checked_on: day(2025),
            enrolled_on: day(2025),
            expires_on: day(2099),
            assurance: Assurance::Verified,
            flags: Flags::DOCUMENT,
        })
        .expect("a birth before a check before an end; qed")
    }

    fn attestation(&self) -> Attestation {
        let identity = hashes::identity_commitment(&self.secret(), hashes::issuer_id(&self.genesis, ISSUER));
        hashes::attestation(identity, &self.attributes(), &self.ext())
    }
}

/// The registry as its only issuer knows it, which makes the statements.
pub(crate) struct Statements {
    genesis: GenesisHash,
    shard: DenseTree,
    cap: DenseTree,
    trust: DenseTree,
    anchor: Anchor,
    valid_on: Day,
}

impl Statements {
    /// Statements against the roots at the end of block `anchor`, for a day.
    pub(crate) fn new(genesis: Hash, anchor: u32, valid_on: Day) -> Self {
        const ROOM: &str = "a few leaves have room in a tree; qed";
        let genesis = GenesisHash(genesis.0);
        let issuer = hashes::issuer_id(&genesis, ISSUER);
        let leaves = people(&genesis)
            .map(|person| person.attestation().element())
            .collect();
        let shard = DenseTree::new(Tree::Shard, leaves).expect(ROOM);
        let leaf = hashes::cap_leaf(ShardRoot::from_element(shard.root()), issuer);
        let cap = DenseTree::new(Tree::Cap, vec![leaf.element()]).expect(ROOM);
        let trust = DenseTree::new(Tree::Trust, vec![issuer.element()]).expect(ROOM);
        let anchor = Anchor {
            block: anchor,
            registry_root: RegistryRoot::from_element(cap.root()),
            trust_list_root: TrustListRoot::from_element(trust.root()),
        };
        Self {
            genesis,
            shard,
            cap,
            trust,
            anchor,
            valid_on,
        }
    }

    /// What they are proved against.
    pub(crate) fn anchor(&self) -> Anchor {
        self.anchor
    }

    /// The trust list that the gate asks for.
    pub(crate) fn list(&self) -> TrustListId {
        LIST
    }

    /// Last block for the requests.
    fn expires_at(&self) -> u32 {
        self.anchor.block + LASTS
    }

    /// Statement and witness of a request, of [`REQUESTS`]; the proof is still to be made.
    pub(crate) fn statement(&self, number: u32) -> (AdmitRequest, PublicInputs, Witness) {
        const THERE: &str = "the leaf is in the tree; qed";
        let person = Person {
            number: number % PEOPLE,
            genesis: self.genesis,
        };
        let slot =
            u8::try_from(number / PEOPLE).expect("a request has a number below the number of requests; qed");
        let issuer_id = hashes::issuer_id(&self.genesis, ISSUER);
        let scope = Scope::gate(&self.genesis, GATE);
        let (nullifier, issuer_tag) = hashes::nullifier_and_tag(&person.secret(), scope, slot, issuer_id);
        let account = hash_to_field(b"an account that is admitted", &[&number.to_le_bytes()]).to_bytes();
        let policy = policy();
        let signal = SignalInput {
            circuit: Prover::CIRCUIT,
            genesis: &self.genesis,
            policy: &policy,
            anchor: &self.anchor,
            binding: &Binding::ChainAccount(account),
            nonce: &[0; 32],
            expires_at: self.expires_at().into(),
        };
        let until = self.valid_on.checked_add(ADMISSION_DAYS.into());
        let bounds = policy.bounds(self.valid_on, until.expect("the calendar goes on for long; qed"));
        let inputs = PublicInputs {
            registry_root: self.anchor.registry_root,
            trust_list_root: self.anchor.trust_list_root,
            bounds: bounds.expect("the policy is one that people can meet; qed"),
            scope,
            nullifier,
            issuer_tag,
            designated_verifier: DesignatedVerifier::public(),
            signal: signal.signal(),
        };
        let witness = Witness {
            secret: person.secret(),
            attributes: person.attributes(),
            ext: person.ext(),
            issuer_id,
            shard_path: self.shard.path(person.number).expect(THERE),
            cap_path: self.cap.path(0).expect(THERE),
            trust_path: self.trust.path(0).expect(THERE),
            slot,
            designated: None,
        };
        let request = AdmitRequest {
            gate: GATE,
            account,
            anchor: self.anchor,
            valid_on: self.valid_on,
            expires_at: self.expires_at(),
            nullifier,
            issuer_tags: vec![issuer_tag],
            proof: Vec::new(),
        };
        (request, inputs, witness)
    }
}

/// A request as a transaction of its own.
pub(crate) fn admit(request: &AdmitRequest) -> Vec<u8> {
    general(RuntimeCall::AgeGate(pallet_age_gate::Call::admit {
        request: Box::new(as_argument(request)),
    }))
}

/// Requests as one batch.
pub(crate) fn admit_batch(requests: &[AdmitRequest]) -> Vec<u8> {
    general(RuntimeCall::AgeGate(pallet_age_gate::Call::admit_batch {
        requests: bounded(requests.iter().map(as_argument).collect()),
    }))
}

/// The runtime's bounded form, which has the same encoding.
fn as_argument(request: &AdmitRequest) -> pallet_age_gate::Request<Runtime> {
    pallet_age_gate::Request::decode(&mut &request.encode()[..])
        .expect("a request is within the bounds of one; qed")
}
