//! How long a proof outlives what it was made from.

use super::{super::chain::blocks, *};
use crate::RuntimeOrigin;
use ofage_primitives::{
    hashes,
    tree::{DenseTree, MerklePath, Tree, SHARD_DEPTH},
    IssuerIndex, Policy, ShardIndex, ShardRoot,
};
use ofage_prover::Prover;
use sp_runtime::{traits::Dispatchable, transaction_validity::TransactionValidityError};

const SHARD: ShardIndex = ShardIndex(0);
/// Oldest anchor of the strict gate, in blocks.
const STRICT: u32 = 2;
const STRICT_GATE: GateId = GateId(1);

type RegistryCall = pallet_age_registry::Call<Runtime>;

/// The issuer revokes the attestation of the holder at `position`.
fn revoke(position: u32) -> RegistryCall {
    let path: MerklePath<SHARD_DEPTH> = shard(0).path(position).unwrap();
    RegistryCall::revoke {
        shard: SHARD,
        position: position as u16,
        leaf: attestations(0)[position as usize],
        siblings: Box::new(*path.siblings()),
    }
}

/// What the pool says of the stored request of holder 0, at the next block.
fn first_request() -> Result<(), TransactionValidityError> {
    validate(general(admit(request(0)))).map(|_| ())
}

fn as_root(call: impl Into<RuntimeCall>) {
    call.into()
        .dispatch(RuntimeOrigin::root())
        .expect("governance may do this");
}

#[test]
fn a_revoked_holder_is_taken_inside_the_window_and_refused_after_it() {
    scene(|| {
        let before = AgeRegistry::registry_root();
        let (_, results) = block_of(vec![signed("Issuer1", 3, revoke(0))]);
        assert_eq!(results, [Ok(())]);
        assert_ne!(AgeRegistry::registry_root(), before);
        assert_eq!(first_request(), Ok(()), "inside the window");

        // The root was superseded by the block after the anchor; the last block of its window, and the one after it. A
        // request that lives longer needs another proof, but roots are looked at before proofs.
        System::set_block_number(ANCHOR + 1 + ROOT_WINDOW - 1);
        let mut late = request(0);
        late.expires_at = System::block_number() + 50;
        assert_eq!(
            validate(general(admit(late.clone()))),
            Err(refused(Refusal::Proof))
        );
        System::set_block_number(ANCHOR + 1 + ROOT_WINDOW);
        assert_eq!(
            validate(general(admit(late))),
            Err(refused(Refusal::RegistryRoot))
        );
    });
}

#[test]
fn a_policy_that_asks_for_younger_roots_refuses_sooner() {
    let strict = Policy {
        oldest_anchor: STRICT,
        ..policy(1)
    };
    scene(|| {
        let create = pallet_age_gate::Call::create_gate {
            name: b"strict".to_vec().try_into().unwrap(),
            policy: strict.clone(),
            admission_days: ADMISSION_DAYS,
        };
        let fund = pallet_age_gate::Call::fund {
            gate: STRICT_GATE,
            amount: UNIT,
        };
        block_of(vec![signed("App", 1, create), signed("App", 2, fund)]);
        let request = bounded(prove(&holders()[0], STRICT_GATE, &strict));
        let anchor = request.anchor.block;
        let ask = || validate(general(admit(request.clone()))).map(|_| ());
        let (_, results) = block_of(vec![signed("Issuer1", 3, revoke(0))]);
        assert_eq!(results, [Ok(())]);
        // Which block asks is the one after the last.
        while System::block_number() < anchor + STRICT {
            assert_eq!(ask(), Ok(()), "block {}", System::block_number());
            blocks(1);
        }
        blocks(1);
        assert_eq!(ask(), Err(refused(Refusal::AnchorTooOld)));
    });
}

#[test]
fn a_mass_revocation_ends_older_proofs_at_once() {
    scene(|| {
        let all = RegistryCall::revoke_shards {
            from: SHARD,
            to: SHARD,
            count: 1,
        };
        assert_eq!(first_request(), Ok(()));
        let (_, results) = block_of(vec![signed("Issuer1", 3, all)]);
        assert_eq!(results, [Ok(())]);
        assert_eq!(first_request(), Err(refused(Refusal::TrustListRoot)));
    });
}

#[test]
fn a_suspension_ends_older_proofs_at_once_and_for_good() {
    scene(|| {
        blocks(1);
        as_root(RegistryCall::suspend { issuer: ISSUER });
        blocks(1);
        assert_eq!(first_request(), Err(refused(Refusal::TrustListRoot)));
        as_root(RegistryCall::reinstate { issuer: ISSUER });
        blocks(1);
        assert_eq!(
            first_request(),
            Err(refused(Refusal::TrustListRoot)),
            "the holder proves again, against a newer block"
        );
        let again = AgeRegistry::anchor(LIST).unwrap();
        let stored = request(0).anchor;
        assert_eq!(
            (again.registry_root, again.trust_list_root),
            (stored.registry_root, stored.trust_list_root),
            "with the same roots as before"
        );
    });
}

#[test]
fn a_disabled_circuit_admits_nobody_until_it_is_enabled() {
    scene(|| {
        let circuit = Prover::CIRCUIT;
        as_root(pallet_age_gate::Call::<Runtime>::disable_circuit { circuit });
        assert_eq!(first_request(), Err(refused(Refusal::CircuitDisabled)));
        begin(ANCHOR + 1, GENESIS);
        assert_eq!(
            apply(general(admit(request(0)))),
            Err(refused(Refusal::CircuitDisabled))
        );
        as_root(pallet_age_gate::Call::<Runtime>::enable_circuit { circuit });
        assert_eq!(apply(general(admit(request(0)))), Ok(Ok(())));
        Executive::finalize_block();
    });
}

#[test]
fn proofs_made_after_a_revocation_are_for_the_others() {
    scene(|| {
        let (_, results) = block_of(vec![signed("Issuer1", 3, revoke(0))]);
        assert_eq!(results, [Ok(())]);
        // The others' paths are to the new root, with the empty leaf in place of the revoked one.
        let mut first = shard(0);
        first.set(0, Tree::empty_leaf()).unwrap();
        let leaves = (0..ISSUERS.len() as u32).map(|issuer| {
            let tree = if issuer == 0 { first.clone() } else { shard(issuer) };
            let id = hashes::issuer_id(&genesis(), IssuerIndex(issuer));
            hashes::cap_leaf(ShardRoot::from_element(tree.root()), id).element()
        });
        let cap = DenseTree::new(Tree::Cap, leaves.collect()).unwrap();
        assert_eq!(AgeRegistry::registry_root().element(), cap.root());
    });
}
