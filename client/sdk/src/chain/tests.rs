use super::*;
use codec::Encode;
use ofage_primitives::{chain::ENGINE_ID, Element};
use subxt::config::substrate::Digest;

fn header(logs: Vec<DigestItem>) -> Header {
    Header {
        parent_hash: H256::zero(),
        number: 1,
        state_root: H256::zero(),
        extrinsics_root: H256::zero(),
        digest: Digest { logs },
    }
}

fn item(root: u64) -> DigestItem {
    let root = RegistryRoot::from_element(Element::from_u64(root));
    DigestItem::Consensus(ENGINE_ID, RootDigest::V1(root).encode())
}

#[test]
fn a_header_holds_exactly_one_registry_root() {
    let other = DigestItem::Consensus(*b"BABE", vec![1, 2, 3]);
    let root = RegistryRoot::from_element(Element::from_u64(5));
    assert_eq!(root_digest(&header(vec![other.clone(), item(5)])), Some(root));
    assert_eq!(root_digest(&header(vec![other])), None);
    assert_eq!(root_digest(&header(vec![item(5), item(5)])), None, "twice");
    let DigestItem::Consensus(engine, mut bytes) = item(5) else {
        unreachable!()
    };
    bytes.push(0);
    assert_eq!(
        root_digest(&header(vec![DigestItem::Consensus(engine, bytes)])),
        None,
        "trailing bytes"
    );
    assert_eq!(
        root_digest(&header(vec![DigestItem::Consensus(ENGINE_ID, vec![2; 33])])),
        None,
        "another version"
    );
}

#[test]
fn an_unencrypted_connection_stays_on_this_machine() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let error = runtime
        .block_on(Chain::connect("ws://node.example:9944"))
        .err()
        .unwrap();
    assert!(matches!(error, ChainError::InsecureUrl(_)));
    let error = runtime
        .block_on(Chain::connect("ws://127.0.0.1:1"))
        .err()
        .unwrap();
    assert!(matches!(error, ChainError::Connect { .. }));
    let error = runtime.block_on(Chain::connect("not a url")).err().unwrap();
    assert!(matches!(error, ChainError::Connect { .. }));
}
