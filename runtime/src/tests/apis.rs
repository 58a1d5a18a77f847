//! What nodes and clients ask, natively.

use super::chain::{block_of, blocks, dev, signed, GENESIS};
use crate::{
    apis::runtime_decl_for_age_registry_api::AgeRegistryApi, presets::account, AgeRegistry, Block, Runtime,
    System, VERSION,
};
use codec::Decode;
use ofage_primitives::{
    chain::IssuerStatus, AgeBand, Attestation, Element, GateId, GenesisHash, IssuerIndex, Nullifier, Policy,
    ShardIndex, TrustListId,
};
use pallet_age_registry::ShardChoice;
use sp_api::runtime_decl_for_metadata::Metadata;

pub(super) fn scene() {
    let list = pallet_age_registry::Call::create_trust_list {
        name: b"papers".to_vec().try_into().unwrap(),
    };
    let register = pallet_age_registry::Call::register {
        metadata: b"a bank".to_vec().try_into().unwrap(),
        attester: account("Issuer1"),
    };
    let attest = pallet_age_registry::Call::attest {
        shard: ShardChoice::Next,
        start: 0,
        leaves: vec![Attestation::from_element(Element::from_u64(1))]
            .try_into()
            .unwrap(),
    };
    let consent = pallet_age_registry::Call::consent { list: TrustListId(0) };
    let add = pallet_age_registry::Call::add_member {
        list: TrustListId(0),
        issuer: IssuerIndex(0),
    };
    let gate = pallet_age_gate::Call::create_gate {
        name: b"adults".to_vec().try_into().unwrap(),
        policy: Policy::new(AgeBand::over(18), TrustListId(0)),
        admission_days: 30,
    };
    let (_, results) = block_of(vec![
        signed("Curator", 0, list),
        signed("Issuer1", 0, register),
        signed("Issuer1", 1, attest),
        signed("Issuer1", 2, consent),
        signed("Curator", 1, add),
        signed("App", 0, gate),
    ]);
    assert!(results.iter().all(Result::is_ok), "{results:?}");
}

#[test]
fn the_registry_answers() {
    dev().execute_with(|| {
        scene();
        type Api = Runtime;
        assert_eq!(<Api as AgeRegistryApi<Block>>::genesis(), GenesisHash(GENESIS.0));
        assert_eq!(
            <Api as AgeRegistryApi<Block>>::registry_root(),
            AgeRegistry::registry_root()
        );
        assert_eq!(<Api as AgeRegistryApi<Block>>::next_ids(), (1, 1, 1));
        assert_eq!(<Api as AgeRegistryApi<Block>>::next_shard(), 1);

        let issuer = <Api as AgeRegistryApi<Block>>::issuer(IssuerIndex(0)).unwrap();
        assert_eq!(issuer.status, IssuerStatus::Active);
        assert_eq!(issuer.open_shard, Some(ShardIndex(0)));
        assert_eq!(issuer.lists, 1);
        let of = |name| <Api as AgeRegistryApi<Block>>::issuer_of(account(name).into());
        assert_eq!(of("Issuer1"), Some(IssuerIndex(0)));
        assert_eq!(of("Issuer2"), None);

        let shard = <Api as AgeRegistryApi<Block>>::shard(ShardIndex(0)).unwrap();
        assert_eq!(
            <Api as AgeRegistryApi<Block>>::shards(0, 10),
            std::slice::from_ref(&shard)
        );
        assert_eq!(<Api as AgeRegistryApi<Block>>::shards(0, 0), []);
        assert_eq!(<Api as AgeRegistryApi<Block>>::shards(u32::MAX, u32::MAX), []);
        assert_eq!((shard.len, shard.opened_at), (1, 1));

        let list = <Api as AgeRegistryApi<Block>>::trust_list(TrustListId(0)).unwrap();
        assert_eq!(list.members, [Some(IssuerIndex(0))]);
        let anchor = <Api as AgeRegistryApi<Block>>::anchor(TrustListId(0)).unwrap();
        assert_eq!(anchor.block, System::block_number());
        assert_eq!(anchor.registry_root, AgeRegistry::registry_root());
        assert_eq!(anchor.trust_list_root, list.root);
        assert_eq!(<Api as AgeRegistryApi<Block>>::anchor(TrustListId(1)), None);

        let gate = <Api as AgeRegistryApi<Block>>::gate(GateId(0)).unwrap();
        assert_eq!(
            (gate.owner, gate.sponsor_balance, gate.closed),
            (account("App").into(), 0, false)
        );
        assert_eq!(<Api as AgeRegistryApi<Block>>::gate(GateId(1)), None);
        assert_eq!(
            <Api as AgeRegistryApi<Block>>::admission(GateId(0), account("Eve").into()),
            None
        );
        let nullifier = Nullifier::from_element(Element::from_u64(1));
        assert_eq!(
            <Api as AgeRegistryApi<Block>>::nullifier_admission(GateId(0), nullifier),
            None
        );
    });
}

#[test]
fn the_name_of_the_chain_outlives_the_systems_memory_of_block_0() {
    dev().execute_with(|| {
        blocks(1);
        frame_system::BlockHash::<Runtime>::remove(0);
        assert_eq!(
            <Runtime as AgeRegistryApi<Block>>::genesis(),
            GenesisHash(GENESIS.0)
        );
    });
}

#[test]
fn metadata_is_there_in_three_versions() {
    assert_eq!(<Runtime as Metadata<Block>>::metadata_versions(), [14, 15, 16]);
    for version in [14u32, 15, 16] {
        let opaque = <Runtime as Metadata<Block>>::metadata_at_version(version).unwrap();
        let (magic, found) = <([u8; 4], u8)>::decode(&mut &opaque[..]).unwrap();
        assert_eq!((&magic, u32::from(found)), (b"meta", version));
    }
    assert!(<Runtime as Metadata<Block>>::metadata_at_version(13).is_none());
}

#[test]
fn the_version_names_the_apis() {
    let id = <dyn crate::apis::AgeRegistryApi<Block> as sp_api::RuntimeApiInfo>::ID;
    assert!(VERSION
        .apis
        .iter()
        .any(|(api, version)| *api == id && *version == 1));
    assert_eq!(VERSION.spec_name.as_ref(), "ofage");
}
