//! What blocks are: their limits, their digests, who is paid for them.

use super::chain::{begin_with, block_of, blocks, dev, general, signed, GENESIS};
use crate::{
    configs::{
        registry::{MAX_ADMISSIONS_PER_BLOCK, MAX_BATCH, MAX_LONGEVITY},
        system::{RuntimeBlockLength, RuntimeBlockWeights},
    },
    constants::{currency::UNIT, time::EPOCH_SLOTS},
    presets::account,
    AgeRegistry, Balances, Executive, Runtime, RuntimeCall, System,
};
use codec::{DecodeAll, Encode};
use frame_support::{
    dispatch::{DispatchClass, GetDispatchInfo},
    traits::fungible::Inspect,
};
use ofage_primitives::{
    chain::{RootDigest, ENGINE_ID},
    tree::SHARD_CAPACITY,
    Attestation, Element, RegistryRoot,
};
use pallet_age_registry::ShardChoice;
use sp_runtime::DigestItem;

fn attest(count: u32) -> RuntimeCall {
    let leaves: Vec<_> = (1..=u64::from(count))
        .map(|number| Attestation::from_element(Element::from_u64(number)))
        .collect();
    RuntimeCall::AgeRegistry(pallet_age_registry::Call::attest {
        shard: ShardChoice::Next,
        start: 0,
        leaves: leaves.try_into().unwrap(),
    })
}

fn transfer(value: u128) -> RuntimeCall {
    RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
        dest: account("Bob").into(),
        value,
    })
}

fn register() -> RuntimeCall {
    RuntimeCall::AgeRegistry(pallet_age_registry::Call::register {
        metadata: b"a bank".to_vec().try_into().unwrap(),
        attester: account("Issuer1"),
    })
}

/// The registry roots in a header's digest.
fn roots(header: &crate::Header) -> Vec<RootDigest> {
    header
        .digest
        .logs
        .iter()
        .filter_map(|item| match item {
            DigestItem::Consensus(ENGINE_ID, bytes) => Some(RootDigest::decode_all(&mut &bytes[..]).unwrap()),
            _ => None,
        })
        .collect()
}

#[test]
fn every_header_has_the_registry_root_exactly_once() {
    dev().execute_with(|| {
        let (first, _) = block_of(vec![signed("Issuer1", 0, register())]);
        let (second, results) = block_of(vec![signed("Issuer1", 1, attest(3))]);
        assert_eq!(results, [Ok(())]);
        let (third, _) = block_of(Vec::new());
        let root = RootDigest::V1(AgeRegistry::registry_root());
        assert_eq!(roots(&second), [root]);
        assert_eq!(roots(&third), [root]);
        assert_eq!(roots(&first).len(), 1);
        assert_ne!(roots(&first), [root]);
    });
}

#[test]
fn a_header_in_which_an_epoch_begins_has_it_once_too() {
    dev().execute_with(|| {
        for _ in 0..2 * EPOCH_SLOTS {
            let (header, _) = block_of(Vec::new());
            assert_eq!(roots(&header).len(), 1);
        }
    });
}

#[test]
fn an_author_cannot_put_another_root_beside_it() {
    dev().execute_with(|| {
        blocks(1);
        let forged = RootDigest::V1(RegistryRoot::from_element(Element::from_u64(1)));
        let item = DigestItem::Consensus(ENGINE_ID, forged.encode());
        begin_with(2, GENESIS, vec![item]);
        let header = Executive::finalize_block();
        assert_eq!(roots(&header), [RootDigest::V1(AgeRegistry::registry_root())]);
    });
}

#[test]
fn the_author_is_paid() {
    dev().execute_with(|| {
        let before = Balances::balance(&account("Alice"));
        let spender = Balances::balance(&account("Dave"));
        let (_, results) = block_of(vec![signed("Dave", 0, transfer(UNIT))]);
        assert_eq!(results, [Ok(())]);
        let fee = spender - UNIT - Balances::balance(&account("Dave"));
        assert!(fee > 0);
        assert_eq!(Balances::balance(&account("Alice")), before + fee);
    });
}

#[test]
fn a_block_in_which_a_session_begins_takes_calls_too() {
    dev().execute_with(|| {
        for nonce in 0..2 * EPOCH_SLOTS {
            let (_, results) = block_of(vec![signed("Dave", nonce, transfer(UNIT))]);
            assert_eq!(results, [Ok(())], "block {}", System::block_number());
        }
        assert!(pallet_session::CurrentIndex::<Runtime>::get() > 0);
    });
}

#[test]
fn a_full_batch_of_attestations_fits() {
    let call = attest(SHARD_CAPACITY);
    let limits = RuntimeBlockWeights::get();
    let largest = limits.get(DispatchClass::Normal).max_extrinsic.unwrap();
    assert!(call.get_dispatch_info().call_weight.all_lte(largest));
    let longest = *RuntimeBlockLength::get().max.get(DispatchClass::Normal) as usize;
    // Several of them, for several issuers.
    assert!(16 * call.encoded_size() < longest);
}

#[test]
fn a_full_batch_of_attestations_is_included() {
    dev().execute_with(|| {
        let (_, results) = block_of(vec![
            signed("Issuer1", 0, register()),
            signed("Issuer1", 1, attest(SHARD_CAPACITY)),
        ]);
        assert_eq!(results, [Ok(()), Ok(())]);
        blocks(1);
    });
}

#[test]
fn the_limits_of_gates_are_those_that_clients_use() {
    // Wallets prove for a hundred blocks; the rest follows from the book.
    const { assert!(MAX_LONGEVITY >= 100) };
    const { assert!(MAX_ADMISSIONS_PER_BLOCK >= 1_000) };
    const { assert!(MAX_ADMISSIONS_PER_BLOCK.is_multiple_of(MAX_BATCH)) };
}

#[test]
fn sponsors_pay_what_signers_would() {
    dev().execute_with(|| {
        blocks(1);
        let fee = crate::AgeGate::admission_fee(1);
        // A hundred units, as the demonstration pays in, go a long way.
        assert!(fee > 0 && 1_000 * fee < 100 * UNIT, "{fee}");
        let request = pallet_age_gate::Request::<Runtime> {
            gate: ofage_primitives::GateId(0),
            account: account("Eve"),
            anchor: ofage_primitives::Anchor {
                block: 0,
                registry_root: AgeRegistry::registry_root(),
                trust_list_root: ofage_primitives::TrustListRoot::from_element(Element::ZERO),
            },
            valid_on: ofage_primitives::Day::MIN,
            expires_at: 0,
            nullifier: ofage_primitives::Nullifier::from_element(Element::ZERO),
            issuer_tags: vec![ofage_primitives::IssuerTag::from_element(Element::ZERO)]
                .try_into()
                .unwrap(),
            proof: vec![0; ofage_primitives::presentation::PROOF_LENGTH_V1 as usize]
                .try_into()
                .unwrap(),
        };
        let whole = general(pallet_age_gate::Call::admit {
            request: Box::new(request),
        });
        let length = whole.encoded_size() as u32;
        let info = whole.get_dispatch_info();
        let signer = crate::TransactionPayment::compute_fee(length, &info, 0);
        // A sponsor does not pay for the extensions and the frame around the request: little, as signers go.
        assert!(fee <= signer && fee > signer * 9 / 10, "{fee} against {signer}");
    });
}
