//! The runtime's WebAssembly form. Without it (`SKIP_WASM_BUILD`), there is nothing to test here.

use super::chain::{configuration, local};
use codec::{Decode, DecodeAll, Encode};
use ofage_primitives::{
    chain::{AdmissionInfo, GateInfo, IssuerInfo, ShardInfo, TrustListInfo},
    tree::Tree,
    Anchor, Element, GateId, GenesisHash, IssuerIndex, Nullifier, RegistryRoot, ShardIndex, TrustListId,
};
use sc_executor::{error::Error, HostFunctions, WasmExecutor};
use sp_core::traits::{CallContext, CodeExecutor, RuntimeCode, WrappedRuntimeCode};
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_io::SubstrateHostFunctions;
use sp_version::RuntimeVersion;
use std::sync::LazyLock;

/// Calls the runtime with the host functions that `executor` has.
fn call<H: HostFunctions>(
    executor: &WasmExecutor<H>,
    state: &mut sp_io::TestExternalities,
    function: &str,
    arguments: &[u8],
) -> Option<Result<Vec<u8>, Error>> {
    let wasm = crate::WASM_BINARY?;
    let code = WrappedRuntimeCode(wasm.into());
    let code = RuntimeCode {
        code_fetcher: &code,
        heap_pages: None,
        hash: sp_io::hashing::blake2_256(wasm).to_vec(),
    };
    Some(
        executor
            .call(
                &mut state.ext(),
                &code,
                function,
                arguments,
                CallContext::Offchain,
            )
            .0,
    )
}

/// Calls the runtime as a light client does, or any tool that knows nothing of this project: a host function that is
/// missing is fatal once it is called.
fn ask<R: Decode>(state: &mut sp_io::TestExternalities, function: &str, arguments: impl Encode) -> Option<R> {
    // One for all calls: it compiles the runtime once.
    static TOOL: LazyLock<WasmExecutor<SubstrateHostFunctions>> = LazyLock::new(|| {
        WasmExecutor::builder()
            .with_allow_missing_host_functions(true)
            .build()
    });
    let answer = call(&TOOL, state, function, &arguments.encode())?;
    let answer = answer.unwrap_or_else(|error| panic!("{function}: {error}"));
    Some(R::decode_all(&mut &answer[..]).unwrap_or_else(|error| panic!("{function}: {error}")))
}

#[test]
fn it_needs_no_host_functions_but_the_sdks_and_ours() {
    type Ours = (SubstrateHostFunctions, ofage_zk_host::HostFunctions);
    if let Some(answer) = call(
        &WasmExecutor::<Ours>::builder().build(),
        &mut local(),
        "Core_version",
        &[],
    ) {
        let version = RuntimeVersion::decode(&mut &answer.unwrap()[..]).unwrap();
        assert_eq!(version, crate::VERSION);
    }
}

#[test]
fn it_cannot_be_run_without_ours_by_mistake() {
    let executor = WasmExecutor::<SubstrateHostFunctions>::builder().build();
    if let Some(answer) = call(&executor, &mut local(), "Core_version", &[]) {
        assert!(answer.is_err());
    }
}

#[test]
fn metadata_and_presets_do_without_our_host_functions() {
    let mut empty = sp_io::TestExternalities::default();
    for version in [14u32, 15, 16] {
        let metadata: Option<Option<Vec<u8>>> = ask(&mut empty, "Metadata_metadata_at_version", version);
        assert_ne!(metadata, Some(None));
    }
    for preset in [DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET] {
        let id = Some(PresetId::from(preset));
        let found: Option<Option<Vec<u8>>> = ask(&mut empty, "GenesisBuilder_get_preset", id);
        assert_ne!(found, Some(None));
        let mut fresh = sp_io::TestExternalities::default();
        let built: Option<Result<(), String>> =
            ask(&mut fresh, "GenesisBuilder_build_state", configuration(preset));
        assert_ne!(built.map(|result| result.is_ok()), Some(false));
    }
}

#[test]
fn the_registry_answers_without_our_host_functions() {
    let chain = &mut local();
    assert_eq!(
        ask::<u32>(chain, "AgeRegistryApi_next_shard", ()).unwrap_or_default(),
        0
    );
    let root = RegistryRoot::from_element(Tree::Cap.empty_root());
    assert_eq!(
        ask(chain, "AgeRegistryApi_registry_root", ()).unwrap_or(root),
        root
    );
    ask::<GenesisHash>(chain, "AgeRegistryApi_genesis", ());
    ask::<Option<Anchor>>(chain, "AgeRegistryApi_anchor", TrustListId(0));
    ask::<Option<IssuerInfo>>(chain, "AgeRegistryApi_issuer", IssuerIndex(0));
    ask::<Option<IssuerIndex>>(chain, "AgeRegistryApi_issuer_of", [0u8; 32]);
    ask::<Option<ShardInfo>>(chain, "AgeRegistryApi_shard", ShardIndex(0));
    ask::<Vec<ShardInfo>>(chain, "AgeRegistryApi_shards", (0u32, 10u32));
    ask::<Option<TrustListInfo>>(chain, "AgeRegistryApi_trust_list", TrustListId(0));
    ask::<Option<GateInfo>>(chain, "AgeRegistryApi_gate", GateId(0));
    ask::<Option<AdmissionInfo>>(chain, "AgeRegistryApi_admission", (GateId(0), [0u8; 32]));
    let nullifier = Nullifier::from_element(Element::ZERO);
    ask::<Option<AdmissionInfo>>(
        chain,
        "AgeRegistryApi_nullifier_admission",
        (GateId(0), nullifier),
    );
    let ids = ask::<(u32, u32, u32)>(chain, "AgeRegistryApi_next_ids", ());
    assert_eq!(ids.unwrap_or_default(), (0, 0, 0));
}
