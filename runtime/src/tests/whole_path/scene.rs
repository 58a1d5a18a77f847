//! A chain with issuers, holders and a gate, and the holders' requests with their proofs.

use super::super::chain::{block_of, blocks, check_invariants, dev, signed, GENESIS, START};
use crate::{
    constants::currency::UNIT,
    presets::account,
    stored_proofs::{StoredProofs, JOINT_REQUESTS, REQUESTS},
    AccountId, AgeRegistry, Header, Runtime, RuntimeCall, System,
};
use codec::{DecodeAll, Encode};
use frame_support::dispatch::DispatchResult;
use ofage_primitives::{
    attributes::Parts,
    chain::AdmitRequest,
    hashes,
    policy::MAX_ISSUERS,
    secrets::HolderSalt,
    tree::{DenseTree, Tree},
    AgeBand, Assurance, Attestation, Attributes, Binding, Day, DesignatedVerifier, Ext, Flags, GateId,
    GenesisHash, HolderSecret, IssuerId, IssuerIndex, IssuerTag, JointInputs, Policy, PublicInputs, Scope,
    ShardRoot, SignalInput, TrustListId,
};
use ofage_prover::{Prover, Witness};
use pallet_age_gate::Refusal;
use pallet_age_registry::ShardChoice;
use sp_runtime::{
    traits::Dispatchable,
    transaction_validity::{InvalidTransaction, TransactionValidityError},
};
use std::path::Path;

/// Block whose roots the holders prove against.
pub(super) const ANCHOR: u32 = 12;
/// Last block for the requests.
pub(super) const EXPIRES_AT: u32 = ANCHOR + 100;
pub(super) const ADMISSION_DAYS: u16 = 30;
/// The issuers, by the keys of their controllers. Each attests all holders, in a shard of its own number.
pub(super) const ISSUERS: [&str; MAX_ISSUERS as usize] = ["Issuer1", "Issuer2", "Issuer3", "Dave"];
/// The first of them.
pub(super) const ISSUER: IssuerIndex = IssuerIndex(0);
pub(super) const LIST: TrustListId = TrustListId(0);
pub(super) const GATE: GateId = GateId(0);

pub(super) fn genesis() -> GenesisHash {
    GenesisHash(GENESIS.0)
}

pub(super) fn today() -> Day {
    Day::from_unix_seconds(START / 1_000).unwrap()
}

pub(super) fn policy(issuers: u8) -> Policy {
    let mut policy = Policy::new(AgeBand::over(18), LIST);
    policy.min_assurance = Assurance::Verified;
    policy.slots = 2;
    policy.issuers = issuers;
    policy
}

/// One of the holders. Its secret is known to everybody who reads this.
pub(super) struct Holder {
    pub(super) number: u32,
}

impl Holder {
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
        let day = |text: &str| text.parse().unwrap();
        Attributes::new(Parts {
            earliest_birth: day("1990-06-01"),
            latest_birth: day("1990-06-01"),
            checked_on: day("2026-05-01"),
            enrolled_on: day("2026-05-01"),
            expires_on: day("2028-05-01"),
            assurance: Assurance::Verified,
            flags: Flags::DOCUMENT,
        })
        .unwrap()
    }

    /// What issuer number `issuer` attests.
    pub(super) fn attestation(&self, issuer: u32) -> Attestation {
        let identity = hashes::identity_commitment(&self.secret(), issuer_id(issuer));
        hashes::attestation(identity, &self.attributes(), &self.ext())
    }

    /// The account that is to be admitted.
    pub(super) fn account(&self) -> AccountId {
        let mut bytes = [3; 32];
        bytes[..4].copy_from_slice(&self.number.to_le_bytes());
        bytes.into()
    }
}

pub(super) fn holders() -> Vec<Holder> {
    (0..REQUESTS).map(|number| Holder { number }).collect()
}

fn issuer_id(issuer: u32) -> IssuerId {
    hashes::issuer_id(&genesis(), IssuerIndex(issuer))
}

/// The attestations of issuer number `issuer`, in their order.
pub(super) fn attestations(issuer: u32) -> Vec<Attestation> {
    holders()
        .iter()
        .map(|holder| holder.attestation(issuer))
        .collect()
}

/// The shard of issuer number `issuer`.
pub(super) fn shard(issuer: u32) -> DenseTree {
    let leaves = attestations(issuer).iter().map(|leaf| leaf.element()).collect();
    DenseTree::new(Tree::Shard, leaves).unwrap()
}

/// Every call of the block succeeds.
pub(super) fn all_done((_, results): (Header, Vec<DispatchResult>)) {
    assert!(results.iter().all(Result::is_ok), "{results:?}");
}

/// A chain on which the holders are attested and a gate is open, at the end of the anchor's block.
pub(super) fn scene(then: impl FnOnce()) {
    dev().execute_with(|| {
        let registry = RuntimeCall::AgeRegistry;
        let gate = RuntimeCall::AgeGate;
        let register = |key: &str| pallet_age_registry::Call::register {
            metadata: b"a bank".to_vec().try_into().unwrap(),
            attester: account(key),
        };
        let mut first: Vec<_> = ISSUERS
            .iter()
            .map(|key| signed(key, 0, registry(register(key))))
            .collect();
        let create = pallet_age_registry::Call::create_trust_list {
            name: b"papers".to_vec().try_into().unwrap(),
        };
        first.push(signed("Curator", 0, registry(create)));
        all_done(block_of(first));

        let mut second = Vec::new();
        for (issuer, key) in (0..).zip(ISSUERS) {
            let attest = pallet_age_registry::Call::attest {
                shard: ShardChoice::Next,
                start: 0,
                leaves: attestations(issuer).try_into().unwrap(),
            };
            second.push(signed(key, 1, registry(attest)));
            second.push(signed(
                key,
                2,
                registry(pallet_age_registry::Call::consent { list: LIST }),
            ));
            let add = pallet_age_registry::Call::add_member {
                list: LIST,
                issuer: IssuerIndex(issuer),
            };
            second.push(signed("Curator", issuer + 1, registry(add)));
        }
        let create = pallet_age_gate::Call::create_gate {
            name: b"adults".to_vec().try_into().unwrap(),
            policy: policy(1),
            admission_days: ADMISSION_DAYS,
        };
        let fund = pallet_age_gate::Call::fund {
            gate: GATE,
            amount: 100 * UNIT,
        };
        second.push(signed("App", 0, gate(create)));
        second.push(signed("Sponsor", 0, gate(fund)));
        all_done(block_of(second));
        blocks(ANCHOR - System::block_number());
        then();
        check_invariants();
    });
}

/// Has the gate ask for `issuers` issuers.
pub(super) fn ask_for(issuers: u8) {
    let update = pallet_age_gate::Call::<Runtime>::update_gate {
        gate: GATE,
        policy: policy(issuers),
        admission_days: ADMISSION_DAYS,
    };
    RuntimeCall::from(update)
        .dispatch(crate::RuntimeOrigin::signed(account("App")))
        .expect("the owner may");
}

/// A request without its proof, and statement and witnesses for the proof, for a gate with this policy.
pub(super) fn claim(
    holder: &Holder,
    gate: GateId,
    policy: &Policy,
) -> (AdmitRequest, JointInputs, Vec<Witness>) {
    let issuers = 0..ISSUERS.len() as u32;
    let cap_leaves = issuers.clone().map(|issuer| {
        let root = ShardRoot::from_element(shard(issuer).root());
        hashes::cap_leaf(root, issuer_id(issuer)).element()
    });
    let cap = DenseTree::new(Tree::Cap, cap_leaves.collect()).unwrap();
    let members = issuers.map(|issuer| issuer_id(issuer).element()).collect();
    let trust = DenseTree::new(Tree::Trust, members).unwrap();
    let anchor = AgeRegistry::anchor(LIST).unwrap();
    assert_eq!(
        anchor.registry_root.element(),
        cap.root(),
        "the chain's root is the one that wallets compute"
    );
    assert_eq!(anchor.trust_list_root.element(), trust.root());

    let (scope, slot) = (Scope::gate(&genesis(), gate), 0);
    let account: [u8; 32] = holder.account().into();
    let signal = SignalInput {
        circuit: Prover::CIRCUIT,
        genesis: &genesis(),
        policy,
        anchor: &anchor,
        binding: &Binding::ChainAccount(account),
        nonce: &[0; 32],
        expires_at: EXPIRES_AT.into(),
    };
    let until = today().checked_add(ADMISSION_DAYS.into()).unwrap();
    let mut nullifier = None;
    let mut vouchers: Vec<(IssuerTag, Witness)> = (0..u32::from(policy.issuers))
        .map(|issuer| {
            let issuer_id = issuer_id(issuer);
            let (pseudonym, tag) = hashes::nullifier_and_tag(&holder.secret(), scope, slot, issuer_id);
            assert_eq!(
                *nullifier.get_or_insert(pseudonym),
                pseudonym,
                "one secret, one pseudonym"
            );
            let witness = Witness {
                secret: holder.secret(),
                attributes: holder.attributes(),
                ext: holder.ext(),
                issuer_id,
                shard_path: shard(issuer).path(holder.number).unwrap(),
                cap_path: cap.path(issuer).unwrap(),
                trust_path: trust.path(issuer).unwrap(),
                slot,
                designated: None,
            };
            (tag, witness)
        })
        .collect();
    vouchers.sort_by_key(|(tag, _)| *tag);
    let (tags, witnesses): (Vec<IssuerTag>, Vec<Witness>) = vouchers.into_iter().unzip();
    let nullifier = nullifier.expect("a policy asks for an issuer at least");
    let inputs = PublicInputs {
        registry_root: anchor.registry_root,
        trust_list_root: anchor.trust_list_root,
        bounds: policy.bounds(today(), until).unwrap(),
        scope,
        nullifier,
        issuer_tag: tags[0],
        designated_verifier: DesignatedVerifier::public(),
        signal: signal.signal(),
    };
    let request = AdmitRequest {
        gate,
        account,
        anchor,
        valid_on: today(),
        expires_at: EXPIRES_AT,
        nullifier,
        issuer_tags: tags.clone(),
        proof: Vec::new(),
    };
    (request, JointInputs::new(inputs, &tags[1..]).unwrap(), witnesses)
}

/// The claim, proved.
pub(super) fn prove(holder: &Holder, gate: GateId, policy: &Policy) -> AdmitRequest {
    let (mut request, inputs, witnesses) = claim(holder, gate, policy);
    request.proof = Prover::new()
        .prove_joint(&inputs, &witnesses)
        .unwrap()
        .into_bytes();
    request
}

/// How many requests of `issuers` issuers are stored.
pub(super) fn how_many(issuers: u8) -> usize {
    match issuers {
        1 => REQUESTS as usize,
        MAX_ISSUERS => JOINT_REQUESTS as usize,
        _ => 1,
    }
}

/// The stored requests; made anew when that is asked for.
pub(super) fn stored() -> StoredProofs {
    static MADE: std::sync::OnceLock<Option<Vec<u8>>> = std::sync::OnceLock::new();
    let made = MADE.get_or_init(|| {
        if std::env::var_os("OFAGE_REGENERATE").is_none_or(|value| value != "1") {
            return None;
        }
        let mut requests = Vec::new();
        scene(|| {
            for issuers in 1..=MAX_ISSUERS {
                let some = holders().into_iter().take(how_many(issuers));
                requests.push(
                    some.map(|holder| prove(&holder, GATE, &policy(issuers)))
                        .collect(),
                );
            }
        });
        let stored = StoredProofs {
            genesis: genesis(),
            policy: policy(1),
            admission_days: ADMISSION_DAYS,
            moment: START,
            requests,
        };
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/admissions.scale");
        std::fs::write(file, stored.encode()).unwrap();
        Some(stored.encode())
    });
    match made {
        Some(bytes) => StoredProofs::decode_all(&mut &bytes[..]).unwrap(),
        None => StoredProofs::read(),
    }
}

pub(super) fn bounded(request: AdmitRequest) -> pallet_age_gate::Request<Runtime> {
    pallet_age_gate::Request {
        gate: request.gate,
        account: request.account.into(),
        anchor: request.anchor,
        valid_on: request.valid_on,
        expires_at: request.expires_at,
        nullifier: request.nullifier,
        issuer_tags: request.issuer_tags.try_into().unwrap(),
        proof: request.proof.try_into().unwrap(),
    }
}

pub(super) fn request(position: usize) -> pallet_age_gate::Request<Runtime> {
    joint_request(1, position)
}

/// A stored request of so many issuers.
pub(super) fn joint_request(issuers: u8, position: usize) -> pallet_age_gate::Request<Runtime> {
    bounded(stored().requests[usize::from(issuers) - 1].swap_remove(position))
}

pub(super) fn admit(request: pallet_age_gate::Request<Runtime>) -> RuntimeCall {
    RuntimeCall::AgeGate(pallet_age_gate::Call::admit {
        request: Box::new(request),
    })
}

pub(super) fn admit_batch(positions: core::ops::Range<usize>) -> RuntimeCall {
    let requests: Vec<_> = positions.map(request).collect();
    RuntimeCall::AgeGate(pallet_age_gate::Call::admit_batch {
        requests: requests.try_into().unwrap(),
    })
}

pub(super) fn refused(refusal: Refusal) -> TransactionValidityError {
    InvalidTransaction::Custom(refusal.code()).into()
}
