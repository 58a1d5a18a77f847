//! From attestation to admission, with real trees, real proofs and the real verifier.
//!
//! The proofs are stored, since the chain of the tests is the same each time. `OFAGE_REGENERATE=1` makes new ones.

use super::chain::{
    apply, begin, block_of, blocks, check_invariants, dev, general, signed, validate, GENESIS, START,
};
use crate::{
    configs::registry::{MAX_ADMISSIONS_PER_BLOCK, ROOT_WINDOW},
    constants::currency::UNIT,
    extensions,
    presets::account,
    stored_proofs::{StoredProofs, REQUESTS},
    AccountId, AgeGate, AgeRegistry, Executive, Header, Runtime, RuntimeCall, RuntimeEvent, System,
    UncheckedExtrinsic,
};
use codec::{DecodeAll, Encode};
use ofage_primitives::{
    attributes::Parts,
    chain::AdmitRequest,
    hashes,
    secrets::HolderSalt,
    tree::{DenseTree, Tree},
    AgeBand, Assurance, Attestation, Attributes, Binding, Day, DesignatedVerifier, Ext, Flags, GateId,
    GenesisHash, HolderSecret, IssuerIndex, Policy, PublicInputs, Scope, SignalInput, TrustListId,
};
use ofage_prover::{Prover, Witness};
use pallet_age_gate::Refusal;
use pallet_age_registry::ShardChoice;
use sp_runtime::{
    generic::Era,
    transaction_validity::{InvalidTransaction, TransactionValidityError},
};
use std::path::Path;

/// Block whose roots the holders prove against.
const ANCHOR: u32 = 12;
/// Last block for the requests.
const EXPIRES_AT: u32 = ANCHOR + 100;
const ADMISSION_DAYS: u16 = 30;
const ISSUER: IssuerIndex = IssuerIndex(0);
const LIST: TrustListId = TrustListId(0);
const GATE: GateId = GateId(0);

fn genesis() -> GenesisHash {
    GenesisHash(GENESIS.0)
}

fn today() -> Day {
    Day::from_unix_seconds(START / 1_000).unwrap()
}

fn policy() -> Policy {
    let mut policy = Policy::new(AgeBand::over(18), LIST);
    policy.min_assurance = Assurance::Verified;
    policy.slots = 2;
    policy
}

/// One of the holders. Its secret is known to everybody who reads this.
struct Holder {
    number: u32,
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

    fn attestation(&self) -> Attestation {
        let issuer = hashes::issuer_id(&genesis(), ISSUER);
        let identity = hashes::identity_commitment(&self.secret(), issuer);
        hashes::attestation(identity, &self.attributes(), &self.ext())
    }

    /// The account that is to be admitted.
    fn account(&self) -> AccountId {
        let mut bytes = [3; 32];
        bytes[..4].copy_from_slice(&self.number.to_le_bytes());
        bytes.into()
    }
}

fn holders() -> Vec<Holder> {
    (0..REQUESTS).map(|number| Holder { number }).collect()
}

/// A chain on which the holders are attested and a gate is open, at the end of the anchor's block.
fn scene(then: impl FnOnce()) {
    dev().execute_with(|| {
        let registry = RuntimeCall::AgeRegistry;
        let gate = RuntimeCall::AgeGate;
        let leaves: Vec<Attestation> = holders().iter().map(Holder::attestation).collect();
        let all_done = |(_, results): (Header, Vec<frame_support::dispatch::DispatchResult>)| {
            assert!(results.iter().all(Result::is_ok), "{results:?}");
        };
        all_done(block_of(vec![
            signed(
                "Issuer1",
                0,
                registry(pallet_age_registry::Call::register {
                    metadata: b"a bank".to_vec().try_into().unwrap(),
                    attester: account("Issuer1"),
                }),
            ),
            signed(
                "Curator",
                0,
                registry(pallet_age_registry::Call::create_trust_list {
                    name: b"papers".to_vec().try_into().unwrap(),
                }),
            ),
        ]));
        all_done(block_of(vec![
            signed(
                "Issuer1",
                1,
                registry(pallet_age_registry::Call::attest {
                    shard: ShardChoice::Next,
                    start: 0,
                    leaves: leaves.try_into().unwrap(),
                }),
            ),
            signed(
                "Issuer1",
                2,
                registry(pallet_age_registry::Call::consent { list: LIST }),
            ),
            signed(
                "Curator",
                1,
                registry(pallet_age_registry::Call::add_member {
                    list: LIST,
                    issuer: ISSUER,
                }),
            ),
            signed(
                "App",
                0,
                gate(pallet_age_gate::Call::create_gate {
                    name: b"adults".to_vec().try_into().unwrap(),
                    policy: policy(),
                    admission_days: ADMISSION_DAYS,
                }),
            ),
            signed(
                "Sponsor",
                0,
                gate(pallet_age_gate::Call::fund {
                    gate: GATE,
                    amount: 100 * UNIT,
                }),
            ),
        ]));
        blocks(ANCHOR - System::block_number());
        then();
        check_invariants();
    });
}

/// Statement and witness of a holder, from what is public and what it alone knows.
fn statement(holder: &Holder) -> (AdmitRequest, PublicInputs, Witness) {
    let issuer_id = hashes::issuer_id(&genesis(), ISSUER);
    let leaves = holders()
        .iter()
        .map(|holder| holder.attestation().element())
        .collect();
    let shard = DenseTree::new(Tree::Shard, leaves).unwrap();
    let shard_root = ofage_primitives::ShardRoot::from_element(shard.root());
    let cap = DenseTree::new(Tree::Cap, vec![hashes::cap_leaf(shard_root, issuer_id).element()]).unwrap();
    let trust = DenseTree::new(Tree::Trust, vec![issuer_id.element()]).unwrap();
    let anchor = AgeRegistry::anchor(LIST).unwrap();
    assert_eq!(
        anchor.registry_root.element(),
        cap.root(),
        "the chain's root is the one that wallets compute"
    );
    assert_eq!(anchor.trust_list_root.element(), trust.root());

    let (scope, slot) = (Scope::gate(&genesis(), GATE), 0);
    let (nullifier, issuer_tag) = hashes::nullifier_and_tag(&holder.secret(), scope, slot, issuer_id);
    let account: [u8; 32] = holder.account().into();
    let signal = SignalInput {
        circuit: Prover::CIRCUIT,
        genesis: &genesis(),
        policy: &policy(),
        anchor: &anchor,
        binding: &Binding::ChainAccount(account),
        nonce: &[0; 32],
        expires_at: EXPIRES_AT.into(),
    };
    let until = today().checked_add(ADMISSION_DAYS.into()).unwrap();
    let inputs = PublicInputs {
        registry_root: anchor.registry_root,
        trust_list_root: anchor.trust_list_root,
        bounds: policy().bounds(today(), until).unwrap(),
        scope,
        nullifier,
        issuer_tag,
        designated_verifier: DesignatedVerifier::public(),
        signal: signal.signal(),
    };
    let witness = Witness {
        secret: holder.secret(),
        attributes: holder.attributes(),
        ext: holder.ext(),
        issuer_id,
        shard_path: shard.path(holder.number).unwrap(),
        cap_path: cap.path(0).unwrap(),
        trust_path: trust.path(0).unwrap(),
        slot,
        designated: None,
    };
    let request = AdmitRequest {
        gate: GATE,
        account,
        anchor,
        valid_on: today(),
        expires_at: EXPIRES_AT,
        nullifier,
        issuer_tag,
        proof: Vec::new(),
    };
    (request, inputs, witness)
}

/// The stored requests; made anew when that is asked for.
fn stored() -> StoredProofs {
    static MADE: std::sync::OnceLock<Option<Vec<u8>>> = std::sync::OnceLock::new();
    let made = MADE.get_or_init(|| {
        if std::env::var_os("OFAGE_REGENERATE").is_none_or(|value| value != "1") {
            return None;
        }
        let mut requests = Vec::new();
        scene(|| {
            let prover = Prover::new();
            for holder in holders() {
                let (mut request, inputs, witness) = statement(&holder);
                request.proof = prover.prove(&inputs, &witness).unwrap().into_bytes();
                requests.push(request);
            }
        });
        let stored = StoredProofs {
            genesis: genesis(),
            policy: policy(),
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

fn bounded(request: AdmitRequest) -> pallet_age_gate::Request<Runtime> {
    pallet_age_gate::Request {
        gate: request.gate,
        account: request.account.into(),
        anchor: request.anchor,
        valid_on: request.valid_on,
        expires_at: request.expires_at,
        nullifier: request.nullifier,
        issuer_tag: request.issuer_tag,
        proof: request.proof.try_into().unwrap(),
    }
}

fn request(position: usize) -> pallet_age_gate::Request<Runtime> {
    bounded(stored().requests.swap_remove(position))
}

fn admit(request: pallet_age_gate::Request<Runtime>) -> RuntimeCall {
    RuntimeCall::AgeGate(pallet_age_gate::Call::admit {
        request: Box::new(request),
    })
}

fn admit_batch(positions: core::ops::Range<usize>) -> RuntimeCall {
    let requests: Vec<_> = positions.map(request).collect();
    RuntimeCall::AgeGate(pallet_age_gate::Call::admit_batch {
        requests: requests.try_into().unwrap(),
    })
}

fn refused(refusal: Refusal) -> TransactionValidityError {
    InvalidTransaction::Custom(refusal.code()).into()
}

#[test]
fn the_stored_requests_are_those_of_this_chain() {
    scene(|| {
        let stored = stored();
        assert_eq!(stored.genesis, genesis());
        assert_eq!(stored.policy, policy());
        assert_eq!(stored.admission_days, ADMISSION_DAYS);
        assert_eq!(stored.moment, START);
        assert_eq!(stored.valid_on(), today());
        assert_eq!(
            Some(stored.anchor()),
            AgeRegistry::anchor(LIST),
            "run with OFAGE_REGENERATE=1"
        );
        for (holder, stored) in holders().iter().zip(stored.requests) {
            let (mut request, ..) = statement(holder);
            request.proof = stored.proof.clone();
            assert_eq!(stored, request, "run with OFAGE_REGENERATE=1");
        }
    });
}

#[test]
fn a_holder_is_admitted_without_account_signature_or_fee() {
    scene(|| {
        let request = request(0);
        let account = request.account.clone();
        assert_eq!(
            System::account(&account),
            Default::default(),
            "the account is not even there"
        );
        let sponsor = AgeGate::sponsor_balance(GATE);
        let valid = validate(general(admit(request.clone()))).expect("run with OFAGE_REGENERATE=1");
        assert_eq!(valid.provides, [("AgeGate", (GATE, request.nullifier)).encode()]);
        assert_eq!(valid.longevity, u64::from(EXPIRES_AT - ANCHOR));
        assert!(valid.propagate);

        let (_, results) = block_of(vec![general(admit(request.clone()))]);
        assert_eq!(results, [Ok(())]);
        let admission = AgeGate::current_admission(GATE, &account).unwrap();
        assert_eq!(admission.nullifier, request.nullifier);
        assert_eq!(
            sponsor - AgeGate::sponsor_balance(GATE),
            AgeGate::admission_fee() + admission.deposit
        );
        assert_eq!(System::account(&account), Default::default());
        // And once is enough.
        assert_eq!(
            validate(general(admit(request))),
            Err(refused(Refusal::RenewalTooEarly))
        );
    });
}

#[test]
fn holders_are_admitted_in_batches() {
    scene(|| {
        let whole = 0..REQUESTS as usize;
        assert!(validate(general(admit_batch(whole.clone()))).is_ok());
        let (_, results) = block_of(vec![general(admit_batch(whole))]);
        assert_eq!(results, [Ok(())]);
        for holder in holders() {
            assert!(AgeGate::current_admission(GATE, &holder.account()).is_some());
        }
    });
}

#[test]
fn many_single_admissions_share_a_block_with_a_batch() {
    scene(|| {
        let mut transactions: Vec<_> = (0..8).map(|position| general(admit(request(position)))).collect();
        transactions.push(general(admit_batch(8..24)));
        let (_, results) = block_of(transactions);
        assert_eq!(results, vec![Ok(()); 9]);
        let admitted = System::events()
            .into_iter()
            .filter(|record| {
                matches!(
                    record.event,
                    RuntimeEvent::AgeGate(pallet_age_gate::Event::Admitted { .. })
                )
            })
            .count();
        assert_eq!(admitted, 24);
    });
}

#[test]
fn a_tip_that_nobody_pays_buys_no_place_in_the_pool() {
    scene(|| {
        // Nobody signs the extensions of a general transaction: whoever passes a request on can change them.
        let mut wrapped = extensions::plain(Era::Immortal, 7);
        wrapped.8 = pallet_transaction_payment::ChargeTransactionPayment::from(1_000 * UNIT);
        let other = UncheckedExtrinsic::new_transaction(admit(request(0)), wrapped);
        let usual = general(admit(request(0)));
        assert_ne!(other.encode(), usual.encode());
        // Tags, priority and longevity are the same: the pool keeps the one that came first.
        assert_eq!(validate(other).unwrap(), validate(usual).unwrap());
    });
}

#[test]
fn a_block_that_has_its_share_of_admissions_leaves_others_in_the_pool() {
    scene(|| {
        begin(ANCHOR + 1, GENESIS);
        pallet_age_gate::AdmittedInBlock::<Runtime>::put(MAX_ADMISSIONS_PER_BLOCK);
        let exhausted = InvalidTransaction::ExhaustsResources;
        assert_eq!(apply(general(admit(request(0)))), Err(exhausted.into()));
        pallet_age_gate::AdmittedInBlock::<Runtime>::put(MAX_ADMISSIONS_PER_BLOCK - 1);
        assert_eq!(apply(general(admit(request(0)))), Ok(Ok(())));
        assert_eq!(apply(general(admit(request(1)))), Err(exhausted.into()));
        Executive::finalize_block();
        assert!(validate(general(admit(request(1)))).is_ok());
    });
}

#[test]
fn the_weight_of_the_proof_is_paid_for() {
    scene(|| {
        let before = frame_system::BlockWeight::<Runtime>::get().total();
        begin(ANCHOR + 1, GENESIS);
        let started = frame_system::BlockWeight::<Runtime>::get().total();
        apply(general(admit(request(0)))).unwrap().unwrap();
        let used = frame_system::BlockWeight::<Runtime>::get().total() - started;
        use pallet_age_gate::WeightInfo;
        type Weights = <Runtime as pallet_age_gate::Config>::WeightInfo;
        assert!(
            Weights::admit()
                .saturating_add(Weights::authorize_admit())
                .all_lte(used),
            "{used:?}, {before:?}"
        );
        Executive::finalize_block();
    });
}

mod refuses {
    use super::*;

    fn proof_refused(change: impl FnOnce(&mut pallet_age_gate::Request<Runtime>)) {
        scene(|| {
            let mut request = request(0);
            change(&mut request);
            assert_eq!(validate(general(admit(request))), Err(refused(Refusal::Proof)));
        });
    }

    #[test]
    fn a_proof_for_another_account() {
        proof_refused(|request| request.account = account("Eve"));
    }

    #[test]
    fn a_proof_for_another_last_block() {
        proof_refused(|request| request.expires_at += 1);
    }

    #[test]
    fn a_proof_under_another_pseudonym() {
        proof_refused(|request| request.nullifier = super::request(1).nullifier);
    }

    #[test]
    fn a_proof_with_another_issuer_tag() {
        proof_refused(|request| request.issuer_tag = super::request(1).issuer_tag);
    }

    #[test]
    fn a_proof_with_a_flipped_bit() {
        proof_refused(|request| {
            let mut proof = request.proof.to_vec();
            proof[1_000] ^= 1;
            request.proof = proof.try_into().unwrap();
        });
    }

    #[test]
    fn a_proof_for_another_gate() {
        scene(|| {
            let create = pallet_age_gate::Call::create_gate {
                name: b"others".to_vec().try_into().unwrap(),
                policy: policy(),
                admission_days: ADMISSION_DAYS,
            };
            let fund = pallet_age_gate::Call::fund {
                gate: GateId(1),
                amount: UNIT,
            };
            block_of(vec![signed("App", 1, create), signed("App", 2, fund)]);
            let mut request = request(0);
            request.gate = GateId(1);
            assert_eq!(validate(general(admit(request))), Err(refused(Refusal::Proof)));
        });
    }

    #[test]
    fn a_batch_with_a_bad_proof_and_names_it() {
        scene(|| {
            let mut requests: Vec<_> = (0..4).map(super::request).collect();
            requests[2].account = account("Eve");
            let batch = RuntimeCall::AgeGate(pallet_age_gate::Call::admit_batch {
                requests: requests.try_into().unwrap(),
            });
            let code = pallet_age_gate::refusal::BATCH_CODE + 2;
            assert_eq!(
                validate(general(batch)),
                Err(InvalidTransaction::Custom(code).into())
            );
        });
    }

    #[test]
    fn a_root_that_expired() {
        scene(|| {
            // Another attestation supersedes the root; the window after that is skipped.
            let more = pallet_age_registry::Call::attest {
                shard: ShardChoice::Open(ofage_primitives::ShardIndex(0)),
                start: REQUESTS as u16,
                leaves: vec![Holder { number: REQUESTS }.attestation()]
                    .try_into()
                    .unwrap(),
            };
            let (_, results) = block_of(vec![signed("Issuer1", 3, more)]);
            assert_eq!(results, [Ok(())]);
            assert!(validate(general(admit(request(0)))).is_ok(), "inside the window");
            System::set_block_number(ANCHOR + ROOT_WINDOW + 1);
            let mut request = request(0);
            request.expires_at = System::block_number() + 50;
            let answer = validate(general(admit(request)));
            assert_eq!(answer, Err(refused(Refusal::RegistryRoot)));
        });
    }
}
